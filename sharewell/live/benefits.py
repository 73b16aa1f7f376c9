"""Benefits realised: what was promised is measured, and what was measured is told, missed or met."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ..account.events import JSON, EventKind
from ..agree.conditions import day_of
from ..agree.realised import Observed, came, is_unmeasured
from ..errors import DocumentError, Problem, among
from .signing import check_named

if TYPE_CHECKING:
    from ..agree.weighing import Benefit
    from .agreement import LiveAgreement


@dataclass(frozen=True)
class Realised:
    """A benefit as promised, with the last measure of it (the agreement's own unit), if there is one.

    `run` is the run that measured it; None where somebody entered it by hand. `by_run`: whether a run can.
    `verdict`: whether it came, in words.
    """

    benefit: Benefit
    verdict: str
    by_run: bool
    observed: Observed | None = None
    at: datetime | None = None
    run: str | None = None

    @property
    def value(self) -> float | None:
        return None if self.observed is None else self.observed.value


def measure(live: LiveAgreement, name: str, value: float, as_: str) -> None:
    """Enter what a benefit's measure came to. Nothing is replaced: the last one counts, and all stay.

    DocumentError MEASURE where no benefit has that measure, VALUE where it is no number; Refusal ROLE for
    somebody whom the agreement does not name.
    """
    promised = [benefit.measure for benefit in live.agreement.text.agree.benefits]
    where, faults = live.agreement.at("agree", "benefits"), []
    if name not in promised:
        what, why = (
            f"no benefit of {live.name} is measured as {name!r}",
            "what was not promised is no benefit",
        )
        faults.append(Problem("MEASURE", what, why, among(name, promised), where))
    if not math.isfinite(value):
        faults.append(Problem("VALUE", "the value is no number", fix="write it in figures"))
    if faults:
        raise DocumentError(faults)
    check_named(live, as_)
    facts: dict[str, JSON] = {"measure": name, "value": value}
    live.space.account.append(
        EventKind.ACCOUNT_BENEFIT_MEASURED, at=live.space.now, actor=as_, agreement=live.name, facts=facts
    )


def realised(live: LiveAgreement) -> Iterator[Realised]:
    """Each benefit of the agreement, in its order, with what it last came to and whether that is what was
    promised.
    """
    events = live.space.account.events(agreement=live.name, kind=EventKind.ACCOUNT_BENEFIT_MEASURED)
    last = {str(event.facts["measure"]): event for event in events}
    today = day_of(live.space.now)
    for benefit in live.agreement.text.agree.benefits:
        event = last.get(benefit.measure)
        observed = None if event is None else observation(event.facts)
        told = came(benefit.baseline, benefit.target, benefit.due, observed, today)
        given = benefit.measure.strip() in figures(live)
        if event is None:
            yield Realised(benefit, told, given)
        else:
            yield Realised(benefit, told, given, observed, event.at, event.run)


def observation(facts: Mapping[str, JSON]) -> Observed:
    """What an event says that a measure came to."""
    low, high = (None if facts.get(name) is None else float(str(facts[name])) for name in ("low", "high"))
    return Observed(float(str(facts["value"])), low, high)


def figures(live: LiveAgreement) -> frozenset[str]:
    """Every measure that a run of the agreement gives by itself, as `PRODUCT.figure`."""
    recipes = live.space.shelf.recipes
    return frozenset(
        f"{name}.{figure.name}"
        for name, analysis in live.agreement.text.analyse.items()
        if analysis.recipe in recipes
        for figure in recipes[analysis.recipe].signature.figures
    )


def unmeasured(live: LiveAgreement) -> tuple[str, ...]:
    """The claims whose day is past and that nobody has measured: whoever renews is told of them."""
    today = day_of(live.space.now)
    return tuple(
        held.benefit.claim
        for held in realised(live)
        if is_unmeasured(held.benefit, held.observed is not None, today)
    )
