"""How the ratio of a matched cohort moves when a choice is changed, and where nothing must be found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import numpy as np
import pyarrow as pa

from ...errors import FitError
from ...plan.recipe import Params
from .bounds import Sets
from .coarsened import Cells
from .cohort import Cohort
from .effect import DRAWS, Comparison, compare
from .methods import COARSENED, MAHALANOBIS
from .rates import Estimate, rate_ratio, scaled, undiluted

Choice = tuple[str, Estimate, int]
"""A label, the ratio, and how many treated people it rests on."""

WEIGHTED = "Weighted by the chance of it, not matched"
NAIVE = "Before matching"
PLACEBO_OUTCOME, PLACEBO_DATE = "Placebo outcome", "Placebo date"


def sensitivity(made: Comparison, params: Params) -> Iterator[Choice]:
    """The ratio without adjustment, without matching, by weights, by other ties and calipers, as linkage
    errors would have hidden it, and of the placebos."""
    n, everybody, main = len(made.matches.treated), int(made.treated.sum()), made.ratio()
    other = "As matched, not adjusted" if made.adjust else "As matched, adjusted"
    yield other, made.ratio(adjust=not made.adjust), n
    yield NAIVE, rate_ratio(made.everybody()), everybody
    with suppress(FitError):  # where somebody was certain to be treated there are no weights
        yield WEIGHTED, rate_ratio(made.weighted()), everybody
    yield from _ties(made, params)
    for label, changed in _changes(params):
        with suppress(FitError):  # a choice that leaves too little to estimate is no alternative
            found = made.rematched({**params, **changed})
            yield label, made.ratio(found), len(found.treated)
    yield from _linkage(main, n, params)
    yield from placebos(made, params)


def placebos(made: Comparison, params: Params) -> Iterator[Choice]:
    """Ratios that must be one where matching has left no bias.

    Of an outcome that the service cannot change (Lipsitch and others 2010, Epidemiology 21:383), among the
    people as matched. Of events before it was given: matched anew on the history up to the placebo's date,
    and counted from there until the intake.
    """
    if params["placebo_as"] and made.cohort.has("placebo"):
        other = made.with_outcome(made.cohort.other("placebo"))
        with suppress(FitError):
            yield f"{PLACEBO_OUTCOME}: {params['placebo_as']}", other.ratio(), len(made.matches.treated)
    if params["placebo_date"] and made.cohort.has("late"):
        with suppress(FitError):
            earlier = compare(shifted(made, params), params)
            yield (
                f"{PLACEBO_DATE}: counted before it was given",
                earlier.ratio(),
                len(earlier.matches.treated),
            )


def shifted(made: Comparison, params: Params) -> Cohort:
    """The cohort with its history cut at the placebo's date, and what came after it as the outcome."""
    cohort = made.cohort
    early = pa.array(cohort.other("early").astype(np.int64))
    place = cohort.covariates.column_names.index("history")
    years = (params["intake_from"] - params["placebo_date"]).days / 365.25
    return replace(
        cohort,
        outcome=cohort.other("late"),
        years=np.full(len(cohort.treated), years),
        covariates=cohort.covariates.set_column(place, "history", early),
    )


def hidden_sets(made: Comparison) -> Sets | None:
    """The matched sets and who in them had any event, for bounds on hidden bias.

    None where there are no sets of one treated person with others of their own: cells, and replacement.
    """
    found, rows = made.matches, made.rows()
    others = found.matched_controls
    if isinstance(found, Cells) or len(np.unique(others)) < len(others):
        return None
    number = len(found.treated)
    treated = rows.outcome[:number] > 0
    had = np.bincount(found.sets, rows.outcome[number:] > 0, number).astype(np.int64)
    sizes = 1 + (found.controls >= 0).sum(axis=1).astype(np.int64)
    return Sets(sizes, had + treated, treated)


def _ties(made: Comparison, params: Params) -> Iterator[Choice]:
    """The ratio when equally near people are taken at random, several times over.

    People who are alike in every covariate can only be told apart by chance, or by the order of their keys,
    which says nothing: the spread of these is what the tie rule alone decides. In cells nobody is chosen.
    """
    if params["method"] == COARSENED:
        return
    drawn = []
    for draw in range(DRAWS if params["method"] != MAHALANOBIS else DRAWS // 3):
        with suppress(FitError):
            drawn.append(made.ratio(made.rematched({**params, "tie": "random", "seed": draw})))
    drawn.sort(key=lambda found: found.value)
    if drawn:
        n = len(made.matches.treated)
        yield f"Ties at random: lowest of {len(drawn)} draws", drawn[0], n
        yield f"Ties at random: highest of {len(drawn)} draws", drawn[-1], n


def _changes(params: Params) -> Iterator[tuple[str, dict[str, object]]]:
    if params["method"] == COARSENED:
        for bands in (3, 6, 12):
            if bands != params["bands"]:
                yield f"Bands of numbers: {bands}", {"bands": bands}
        return
    for tie in ("first", "last"):
        if tie != params["tie"]:
            yield f"Tie rule: {tie}", {"tie": tie}
    caliper = params["caliper"]
    if caliper is None:
        yield "Caliper: 0.2 standard deviations", {"caliper": 0.2}
    else:
        yield f"Caliper: {caliper / 2:g} standard deviations", {"caliper": caliper / 2}
        yield "No caliper", {"caliper": None}


def _linkage(main: Estimate, n: int, params: Params) -> Iterator[Choice]:
    false, missed = params["false_links"], params["missed_links"]
    if false > 0:
        yield f"If {false:.1%} of the treated were linked wrongly", undiluted(main, false), n
    if missed > 0:
        yield f"If {missed:.1%} more outcomes of the treated were missed", scaled(main, 1 / (1 - missed)), n
        yield f"If {missed:.1%} more outcomes of the others were missed", scaled(main, 1 - missed), n
