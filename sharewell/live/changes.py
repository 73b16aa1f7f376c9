"""Two versions of an agreement in their workspaces: what changed, and what becomes of the signatures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..agree.compare import Change, Direction, compare
from ..plan.fingerprint import Fingerprints, fingerprints

if TYPE_CHECKING:
    from .agreement import LiveAgreement

_BENEATH = "what the text rests on: contracts or recipes changed beneath it, and cannot be put in an order"


@dataclass(frozen=True)
class Changes:
    """Every change, widened first. `same` says that both hashes are: what was signed is what there is."""

    changes: tuple[Change, ...]
    same: bool

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
    return Changes(found, same)


def _hashes(live: LiveAgreement) -> Fingerprints | None:
    plan, _ = live.linted
    return None if plan is None else fingerprints(live.agreement.text, plan)
