"""The rate ratios of one study: the main analysis, and the same with one choice changed.

Kept apart from the recipe that reports it, so that a simulation can call it for hundreds of seeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ...errors import FitError, Problem
from ...plan.recipe import Params
from .conditional import Conditional, fit_conditional
from .dispersion import fit_dispersed
from .panel import Design, Floats, Months, Panel, collapse, counts_of, design_of, months_of, panel_of
from .study import Happened, Study


@dataclass(frozen=True)
class Ratio:
    """A rate ratio with its 95% limits, p against 1, and degrees of freedom (homes less one)."""

    change: str
    value: float
    low: float
    high: float
    p: float
    freedom: int


@dataclass(frozen=True)
class Side:
    """People in homes changed in one way: how many, how many with an event, and by side of the change
    (before, after) events and person-years. `within`: those with an event who lived through the change."""

    people: int
    with_event: int
    within: int
    events: tuple[float, float]
    years: tuple[float, float]


@dataclass(frozen=True)
class Analysis:
    """One model: its panel and design, the fit, and the kinds that no estimate exists of."""

    study: Study
    panel: Panel
    happened: Floats
    design: Design
    fitted: Conditional
    dropped: tuple[str, ...]

    @cached_property
    def ratios(self) -> tuple[Ratio, ...]:
        """One a change, in the order of the design."""
        errors = np.sqrt(np.diag(self.fitted.covariance))
        return tuple(
            _ratio(name, float(self.fitted.coefficients[i]), float(errors[i]), self.fitted.freedom)
            for i, name in enumerate(self.design.names[: self.design.changes])
        )

    def dispersed(self) -> tuple[Ratio, ...]:
        """The same by the negative binomial model."""
        logs, errors, _ = fit_dispersed(self.study, self.panel, self.design, self.happened, self.fitted)
        names = self.design.names[: self.design.changes]
        return tuple(
            _ratio(name, float(log), float(error), self.fitted.freedom)
            for name, log, error in zip(names, logs, errors, strict=True)
        )


def analyse(
    study: Study,
    params: Params,
    *,
    months: Months | None = None,
    washout: int | None = None,
    happened: Happened | None = None,
    lead: bool = False,
) -> Analysis:
    """The conditional model of `study`, with the settings or with the one changed that is given.

    Raises FitError NO_CHANGE_WITHIN where no kind of change has events on both sides of it.
    """
    panel = panel_of(
        study, months or months_of(study), params["washout_months"] if washout is None else washout, lead
    )
    events = panel.events(happened or study.events, study.months)
    dropped = _untold(panel, events, study)
    if len(dropped) == len(panel.changes):
        raise FitError(
            Problem(
                "NO_CHANGE_WITHIN",
                "nobody with events lived both before and after a change",
                "there is nothing to compare within people",
                "lengthen the follow-up",
            )
        )
    design = design_of(panel, events, params["season"], dropped)
    counts = counts_of(panel, design, events)
    if not params["season"]:
        counts = collapse(counts)
    return Analysis(study, panel, events, design, fit_conditional(counts, design.matrix), dropped)


def only_improved(study: Study) -> Study:
    """Those in homes that were changed at some time: only time not yet improved is then compared."""
    place = np.cumsum(study.improved) - 1
    return replace(
        study,
        **{name: getattr(study, name)[study.improved] for name in ("home", "born", "begin", "end", "sex")},
        improved=study.improved[study.improved],
        events=_of(study.events, study.improved, place),
        placebo=None if study.placebo is None else _of(study.placebo, study.improved, place),
    )


def sides(made: Analysis, kind: int) -> Side:
    """Events and time before and after one kind of change, of everybody in a home that had it."""
    panel, study = made.panel, made.study
    person = panel.months.person[panel.kept]
    after = (panel.state[panel.kept] >> kind & 1).astype(bool)
    theirs = study.change[study.home, kind] < study.months
    rows = theirs[person]
    person, after = person[rows], after[rows]
    events, years = made.happened[panel.kept][rows], panel.months.exposure[panel.kept][rows]
    people = len(study.home)
    any_event = np.bincount(person, events, people) > 0
    both = (np.bincount(person[after], minlength=people) > 0) & (
        np.bincount(person[~after], minlength=people) > 0
    )
    return Side(
        int(theirs.sum()),
        int(any_event.sum()),
        int((any_event & both).sum()),
        (float(events[~after].sum()), float(events[after].sum())),
        (float(years[~after].sum()), float(years[after].sum())),
    )


def holm(p: Sequence[float]) -> NDArray[np.float64]:
    """p values adjusted for all of them being looked at (Holm 1979, Scandinavian J. of Statistics 6)."""
    from statsmodels.stats.multitest import multipletests

    return np.asarray(multipletests(np.asarray(p), method="holm")[1])


def per_thousand(ratio: float, after: float) -> float:
    """Events a thousand person-years more (or, under zero, fewer) than there would have been unchanged."""
    return 1_000 * after * (1 - 1 / ratio)


def _untold(panel: Panel, events: Floats, study: Study) -> tuple[str, ...]:
    """Changes for which the people who lived both before and after had no event on one of the sides."""
    happened = np.zeros(len(study.home), bool)
    happened[panel.months.person[events > 0]] = True
    rows = np.flatnonzero(panel.kept & (happened & study.improved)[panel.months.person])
    person, state, some = panel.months.person[rows], panel.state[rows], events[rows] > 0
    untold = []
    for place, name in enumerate(panel.changes):
        on = (state >> place & 1).astype(bool)
        before, after = np.zeros((2, len(happened)), bool)
        before[person[~on]], after[person[on]] = True, True
        counted = (before & after)[person] & some
        if not ((counted & on).any() and (counted & ~on).any()):
            untold.append(name)
    return tuple(untold)


def _of(happened: Happened, chosen: NDArray[np.bool_], place: NDArray[np.int64]) -> Happened:
    rows = chosen[happened.person]
    return Happened(place[happened.person[rows]], happened.month[rows], happened.number[rows])


def _ratio(change: str, log: float, error: float, freedom: int) -> Ratio:
    from scipy.special import stdtr, stdtrit

    reach = float(stdtrit(freedom, 0.975)) * error
    low, value, high = (float(np.exp(x)) for x in (log - reach, log, log + reach))
    return Ratio(change, value, low, high, 2 * float(stdtr(freedom, -abs(log) / error)), freedom)
