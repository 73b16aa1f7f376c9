"""Two versions of an agreement in their workspaces: what changed, and what becomes of the signatures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..agree.compare import Change, Direction, compare
from ..agree.registration import registrations
from ..plan.fingerprint import Fingerprints, fingerprints

if TYPE_CHECKING:
    from .agreement import LiveAgreement

_BENEATH = "what the text rests on: contracts or recipes changed beneath it, and cannot be put in an order"


@dataclass(frozen=True)
class Changes:
    """Every change, widened first. `same` says that both hashes are: what was signed is what there is.

    `after_look`: in sentences, what the new text expects otherwise of data that were looked at already.
    """

    changes: tuple[Change, ...]
    same: bool
    after_look: tuple[str, ...] = ()

    @property
    def widened(self) -> bool:
        """Whether anything widened: then every signature is void."""
        return any(change.direction is Direction.WIDER for change in self.changes)

    @property
    def signatures(self) -> str:
        """What becomes of the signatures under the old text."""
        if self.widened:
            return "Something widened: every signature is void, and the publication with it."
        if self.same:
            return "What was signed has not changed: every signature holds."
        if any(change.direction is Direction.NARROWER for change in self.changes):
            return "Nothing widened. The narrower text is another text: it needs new signatures too."
        return "Only wording changed. It is another text all the same: it needs new signatures."


def changes(old: LiveAgreement, new: LiveAgreement) -> Changes:
    """What the new text changes. A change beneath two equal texts is judged wider, and told as one."""
    found = compare(old.agreement, new.agreement)
    before, after = _hashes(old), _hashes(new)
    same = before == after and before is not None
    if not found and not same:
        where = old.agreement.at("agreement"), new.agreement.at("agreement")
        old_flow, new_flow = (h.flow[:12] if h else "does not compile" for h in (before, after))
        found = (Change(Direction.WIDER, _BENEATH, "", old_flow, new_flow, *where),)
    return Changes(found, same, tuple(_after_look(old, new)))


def _after_look(old: LiveAgreement, new: LiveAgreement) -> Iterator[str]:
    """What was registered before the first look and is changed after it."""
    first = new.state().first_run
    before, after = old.linted[0], new.linted[0]
    if first is None or before is None or after is None:
        return
    was = {found.product: found for found in registrations(old.agreement, before)}
    for found in registrations(new.agreement, after, was):
        for part in was[found.product].amended(found) if found.product in was else ():
            yield (
                f"{found.product}: the {part.what} is changed after the first look at the data on {first}."
                f" Before: {part.before or 'nothing'}. After: {part.after or 'nothing'}. The report and the"
                " register will say so."
            )


def _hashes(live: LiveAgreement) -> Fingerprints | None:
    plan, _ = live.linted
    return None if plan is None else fingerprints(live.agreement.text, plan)
