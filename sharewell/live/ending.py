"""An agreement comes to its end: what was held for it is destroyed, and the account can prove it.

The release stays with its recipients. Of the inputs nothing is left that could be read: the agreement's
secret is erased, with it every key that was made of it, and every place's files are removed. What proves it
is the certificate in the account, under a signed checkpoint, together with places that are empty and a
secret that opens no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..account.events import EventKind
from ..agree.entitled import signatories
from ..agree.terms import Role
from .enrolment import refused

if TYPE_CHECKING:
    from ..depersonalise import Certificate
    from .agreement import LiveAgreement

_MAY = (Role.CONTROLLER, Role.JOINT_CONTROLLER, Role.HOST)
"""Whose signatories may carry out the exit: those who decide, and whoever holds the data for them."""


@dataclass(frozen=True)
class Ended:
    """What shows that the inputs are gone. `event`: the certificate's number in the account, None without.

    `files`: how many files places still hold of the agreement. `opens`: whether its secret still can be
    used. `included`: whether the event's proof leads to the account's root.
    """

    event: int | None
    files: int
    opens: bool
    included: bool

    @property
    def holds(self) -> bool:
        """Whether nothing of the inputs is left, and the account says so."""
        return self.event is not None and self.included and not self.files and not self.opens


def destroy(live: LiveAgreement, actor: str) -> Certificate:
    """Carry out `exit: destroy`: at once, for good, and entered in the account.

    Done twice, it gives the first certificate. Refusal ROLE for all but signatories of a controller or the
    host, EXIT where the parties agreed to give back instead, RUNNING while it is being run; SecretError
    where it never ran and holds nothing.
    """
    text = live.agreement.text
    bodies = [name for name, party in text.agree.parties.items() if party.role in _MAY]
    able = sorted({who for name in bodies for who in signatories(live.agreement, name)})
    if actor not in able:
        what = f"{actor} may not end what is held for {live.name}"
        raise refused("ROLE", what, "a controller or the host answers for it", f"ask {' or '.join(able)}")
    if text.account.exit != "destroy":
        what, why = f"{live.name} ends by giving back, not by destroying", "`account: exit: return` says so"
        raise refused("EXIT", what, why, "agree a version with `exit: destroy`")
    return live.destroy(actor)


def ended(live: LiveAgreement) -> Ended:
    """How far the destruction of an agreement's inputs is proven."""
    from ..account import verify_inclusion

    account = live.space.account
    found = list(account.events(agreement=live.name, kind=EventKind.ACCOUNT_KEY_DESTROYED))
    included = bool(found) and verify_inclusion(
        found[0].leaf, account.inclusion(found[0].index), account.root()
    )
    files = sum(1 for _ in (live.space.kept / "places").glob(f"*/{live.name}/**/*.parquet"))
    return Ended(
        found[0].index if found else None, files, live.space.keyring.holds(live.name), bool(included)
    )
