"""What comes next in an agreement's life, and who is to do it: the line that `status` shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..agree.conditions import day_of, outstanding
from ..agree.entitled import signatories
from ..agree.status import Status
from .benefits import unmeasured

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..agree.life import Life
    from .agreement import LiveAgreement

Told = tuple[str, str]
"""What, and by whom."""


def next_act(live: LiveAgreement) -> Told:
    """The next act and whose it is, in words."""
    _, faults = live.linted
    if faults:
        return f"mend {len(faults)} faults: sharewell lint {live.name}", "whoever writes it"
    life = live.life
    return _NEXT[life.status](live, life)


def _assess(live: LiveAgreement, life: Life) -> Told:
    officers = {party.dpo for party in live.agreement.text.agree.parties.values() if party.dpo}
    return "assess", f"with the advice of {' or '.join(sorted(officers)) or 'a data protection officer'}"


def _after_assessment(live: LiveAgreement, life: Life) -> Told:
    deliberation = live.agreement.text.agree.deliberation
    if deliberation is not None and not life.deliberated:
        return "deliberate", deliberation.event
    return _sign(live, life)


def _sign(live: LiveAgreement, life: Life) -> Told:
    able = [
        " or ".join(signatories(live.agreement, party)) or f"nobody for {party}" for party in life.missing
    ]
    return f"sign ({len(life.signed)} of {len(life.parties)} have)", "; ".join(able)


def _publish(live: LiveAgreement, life: Life) -> Told:
    due = outstanding(live.agreement, life.met, day_of(live.space.now), publishing=True)
    return _conditions(live, due) or ("publish", "anyone whom it names")


def _wait(live: LiveAgreement, life: Life) -> Told:
    due = outstanding(live.agreement, life.met, day_of(live.space.now))
    return _conditions(live, due) or (f"wait: it may be run from {life.runs_from}", "")


def _conditions(live: LiveAgreement, due: list[str]) -> Told | None:
    deliberation = live.agreement.text.agree.deliberation
    if not due or deliberation is None:
        return None
    return f"meet {', '.join(due)}", "; ".join(deliberation.conditions[name].owner for name in due)


def _run(live: LiveAgreement, life: Life) -> Told:
    able = [who for user in live.agreement.text.agree.users if "run" in user.may for who in user.who]
    who = " or ".join(able) or "nobody: amend `users:`"
    if due := unmeasured(live):
        return f"measure what was promised and is due: {'; '.join(due)}", who
    return "run", who


def _resume(live: LiveAgreement, life: Life) -> Told:
    parties = [party for party, _ in life.suspended if party in life.parties]
    able = [" or ".join(signatories(live.agreement, party)) for party in parties]
    return "resume, once the cause is gone", "; ".join(able) or "any signatory"


def _without(live: LiveAgreement, life: Life) -> Told:
    return (
        f"agree a new version without {', '.join(party for party, _ in life.withdrawn)}",
        "the other parties",
    )


def _renew(live: LiveAgreement, life: Life) -> Told:
    due = unmeasured(live)
    first = f"measure what was promised ({'; '.join(due)}), then " if due else ""
    return f"{first}agree the next version, or destroy what is held", "the parties"


_NEXT: dict[Status, Callable[[LiveAgreement, Life], Told]] = {
    Status.DRAFT: _assess,
    Status.ASSESSED: _after_assessment,
    Status.DELIBERATED: _sign,
    Status.SIGNED: _publish,
    Status.PUBLISHED: _wait,
    Status.ACTIVE: _run,
    Status.SUSPENDED: _resume,
    Status.WITHDRAWN: _without,
    Status.EXPIRED: _renew,
}
