"""Before an index is brought up to date: how many pairs that would make, from where, who says too little.

Sources are read as a run reads them, as far as the linker, and nothing is linked; counts pass the gate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..account.events import EventKind
from ..agree.decide import Asked, Request
from ..errors import DocumentError, Problem, Refusal
from ..plan.steps import Link, walk
from ..run.indexes import is_built, opened, settings_of
from ..run.outcome import Outcome, Tell
from ..run.starting import running
from ..run.tending import Tender
from ..run.turn import Turn
from ..run.walk import must_permit
from .linking import only_unit

if TYPE_CHECKING:
    import pyarrow as pa

    from ..link.review import Before
    from ..plan.released import CheckedTable
    from .agreement import LiveAgreement


@dataclass(frozen=True)
class Forecast:
    """Tables of counts that passed the gate, of what a run would do; `withheld` figures did not."""

    tables: tuple[CheckedTable, ...]
    withheld: int
    trained: bool


class _Scout(Tender):
    """A walk as far as the linker, which links nothing; what it found there is in `forecasts`."""

    forecasts: tuple[Forecast, ...] = ()

    def walk(self) -> None:
        """Read, key and send the identities; then count what blocking them would make."""
        kept = [step for step in self.plan.steps if isinstance(step, Link) and step.standing]
        self.do([step for step in walk(kept) if not isinstance(step, Link)])
        self.forecasts = tuple(self._forecast(step) for step in kept)

    def _forecast(self, step: Link) -> Forecast:
        from ..link.review import before

        self.tell("link: the pairs that blocking would make are counted", -1.0)
        tables = {
            name: self.engine.to_arrow(self.values[table])
            for name, table in zip(step.names, step.tables, strict=True)
        }
        trained = None
        if is_built(self.space, self.live.agreement, step.unit):
            with opened(self.space, self.live.name, step.unit, step.shape.place) as index:
                trained = index.model
        return _gated(before(tables, settings=settings_of(step, self.link_secret), trained=trained))


def before(live: LiveAgreement, actor: str, because: str, tell: Tell | None = None) -> Forecast:
    """What bringing the index up to date would do: pairs by blocking rule, and once there is a model, who
    says too little to be linked. Nothing is linked, and what was read is removed.

    Raises Refusal as `update` does, and what reading raises. The account says that it was asked.
    """
    if not because.strip():
        raise DocumentError(Problem("BECAUSE", "it is not said why", "every look is accounted for"))
    unit, request = only_unit(live), Request(Asked.LINK, actor, reason=because)
    turn = Turn.take(live.space.kept / "turns" / live.name)
    if turn is None:
        raise Refusal(live.refuse(request, running(live)).reasons)
    try:
        must_permit(live.decide(request))
        asked = live.space.account.events(agreement=live.name, kind=EventKind.LINK_READ)
        nth = 1 + sum(event.facts.get("asked") == "before" for event in asked)
        outcome = Outcome(f"before-{nth:03d}", live.name)
        scout = _Scout(live, request, outcome, tell or (lambda _text, _done: None), turn)
    except BaseException:
        turn.give_up()
        raise
    try:
        scout.clear()
        scout.enter(
            EventKind.LINK_READ, {"unit": unit, "asked": "before", "because": because, "records": 0}
        )
        scout.go()
    finally:
        scout.close()
    return scout.forecasts[0]


def _gated(found: Before) -> Forecast:
    """The counts of people's records through the gate; counts of pairs only of rules whose records are
    shown, and no totals from which a withheld one could be taken."""
    from ..check import POLICIES, gate
    from ..plan.finding import Finding, Output, ResultTable
    from ..run.publication import QUALITY_POLICY

    def table(
        name: str, title: str, data: pa.Table, by: tuple[str, ...], counts: tuple[str, ...]
    ) -> ResultTable:
        return ResultTable(name, title, Output.FREQUENCY, data.select([*by, *counts]), by, counts)

    counts = ("records", "pairs", "marginal", "common_records")
    tables = [table("rules", "Pairs that each blocking rule makes", found.rules, ("rule",), counts)]
    if found.unlinkable is not None:
        title = "Records that say too little to be linked"
        tables.append(table("unlinkable", title, found.unlinkable, ("source",), ("records", "unlinkable")))
    checked = gate(Finding(tuple(tables)), POLICIES[QUALITY_POLICY])
    withheld = sum(line.cells for line in checked.withheld)
    return Forecast(checked.tables, withheld, found.unlinkable is not None)
