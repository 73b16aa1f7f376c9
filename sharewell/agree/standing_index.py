"""The standing index of another agreement, as its text declares it: what it holds, and for whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..errors import Problem
from .document import Agreement
from .flow import Unit
from .request import State
from .shelf import Shelf
from .status import Status
from .terms import Onward


@dataclass(frozen=True)
class StandingIndex:
    """One unit of an agreement that others may read, by its text. Whether it is built, the state says."""

    agreement: Agreement
    unit: str
    told: Unit

    def known(self, asset: str) -> tuple[str, str] | None:
        """The source of this index that has an asset's records, and the one that numbers them (mostly the
        same); None where it has no such source.
        """
        described = self.agreement.text.describe
        for name in self.told.of:
            root = described[name].of or name if name in described else name
            if root in described and described[root].asset == asset:
                return name, root
        return None

    def fields(self) -> frozenset[str]:
        """Every field by which it can tell who somebody is."""
        described = self.agreement.text.describe
        return frozenset(
            field for name in self.told.of if name in described for field in described[name].link
        )

    def onward_to(self, consumer: str) -> Onward | None:
        """Where its agreement says that the consumer may read it."""
        onward = self.agreement.text.agree.onward or ()
        return next((o for o in onward if o.what == self.unit and o.to == consumer), None)


def standing_index(shelf: Shelf, told: Unit, unit: str) -> StandingIndex | None:
    """The unit of the agreement that `from:` names; None where there is no such agreement or unit."""
    held = shelf.agreements.get(told.from_) if told.from_ else None
    if held is None or unit not in held.text.link:
        return None
    return StandingIndex(held, unit, held.text.link[unit])


def unreadable(agreement: Agreement, state: State) -> Iterator[Problem]:
    """Each index that it rests on and that cannot be read now; what is not known of is not there."""
    held = {(index.agreement, index.unit): index for index in state.indexes}
    for unit, told in agreement.text.link.items():
        if told.from_ is None:
            continue
        index, where = held.get((told.from_, unit)), agreement.at("link", unit)
        if index is None or index.status != Status.ACTIVE:
            stands = f"is {index.status}" if index else "is not known"
            what, why = f"{told.from_} {stands}", "its index may be read only while it is in force"
            fix = f"sharewell status {told.from_}; or link anew in the next version (`linker:`)"
            yield Problem("INDEX_STOPPED", what, why, fix, where)
        elif not index.built:
            what, why = f"the index of {told.from_} has not been built", "there is nothing to read yet"
            fix = f"sharewell link run {told.from_}, by who may, then ask again"
            yield Problem("INDEX_UNBUILT", what, why, fix, where)
