"""One matched comparison from cohort to estimates, and how the estimate moves when a choice is changed.

Kept apart from the recipe that reports it, so that a simulation can call it for hundreds of seeds.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ...errors import FitError
from ...plan.recipe import Params
from .balance import Balance, balance, set_weights
from .cohort import Cohort
from .matching import Matches, match
from .propensity import Design, Missing, Propensity, design, score
from .rates import Estimate, Rows, difference, rate_ratio, scaled, undiluted

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

DRAWS = 10
"""How often ties are broken at random, to show what they decide."""


@dataclass(frozen=True)
class Comparison:
    """A cohort with its design, scores and matches, all about the rows inside common support."""

    cohort: Cohort
    given: Design
    propensity: Propensity
    scores: Floats
    treated: Bools
    matches: Matches
    adjust: bool

    @property
    def balance(self) -> Balance:
        return balance(self.given, self.treated, self.matches)

    def rows(self, matches: Matches | None = None) -> Rows:
        """The matched people, the treated first, with weights and both kinds of cluster."""
        found = matches or self.matches
        return self._rows(
            np.concatenate([found.treated, found.matched_controls]),
            np.concatenate([np.ones(len(found.treated)), set_weights(found)]),
            np.concatenate([np.arange(len(found.treated)), found.sets]),
        )

    def everybody(self) -> Rows:
        """All who have common support, unmatched: the naive comparison."""
        return self._rows(np.arange(len(self.treated)), np.ones(len(self.treated)), None)

    def _rows(self, at: Ints, weight: Floats, sets: Ints | None) -> Rows:
        people = np.flatnonzero(self.given.kept)[at]
        homes = self.cohort.home[people]
        clusters = (homes,) if sets is None else (sets, homes)
        return Rows(
            self.cohort.outcome[people], self.cohort.years[people], self.treated[at], weight, clusters
        )

    def ratio(self, matches: Matches | None = None, adjust: bool | None = None) -> Estimate:
        """The rate ratio in the matched sample, adjusted for the covariates as declared."""
        found = matches or self.matches
        columns = None
        if self.adjust if adjust is None else adjust:
            columns = self.given.matrix[np.concatenate([found.treated, found.matched_controls])][:, 1:]
        return rate_ratio(self.rows(found), columns)

    def difference(self) -> Estimate:
        """The difference in rates in the matched sample."""
        return difference(self.rows())

    def with_outcome(self, outcome: Floats) -> Comparison:
        """The same matches with another outcome, in the order of `cohort.person`: placebo or simulation.

        Matching never looks at the outcome, so a rate over many seeds needs only one matching.
        """
        return replace(self, cohort=replace(self.cohort, outcome=outcome))


def compare(cohort: Cohort, params: Params) -> Comparison:
    """Score and match `cohort` by the settings of the recipe. Raises FitError from each stage."""
    missing: Missing = params["missing"]
    given = design(
        with_history(cohort.covariates), cohort.treated, missing=missing, curves=params["curves"]
    )
    treated = cohort.treated[given.kept]
    propensity = score(given, treated)
    scores = propensity.logit if params["distance"] == "logit" else propensity.probability
    return Comparison(
        cohort,
        given,
        propensity,
        scores,
        treated,
        match_by(scores, treated, cohort.exact[given.kept], params),
        params["adjust"],
    )


def match_by(scores: Floats, treated: Bools, exact: Ints, params: Params) -> Matches:
    """Matches by the settings of the recipe."""
    return match(
        scores,
        treated,
        ratio=params["ratio"],
        caliper=params["caliper"],
        replace=params["replace"],
        order=params["order"],
        tie=params["tie"],
        exact=exact,
        seed=params["seed"],
    )


def with_history(covariates: pa.Table) -> pa.Table:
    """`history`, a count of earlier events, on a log scale: few people hold most of them."""
    if "history" not in covariates.column_names:
        return covariates
    logged = np.log1p(np.asarray(covariates["history"].to_numpy(), np.float64))
    place = covariates.column_names.index("history")
    return covariates.set_column(place, "history (log of one more)", pa.array(logged))


def sensitivity(made: Comparison, params: Params) -> Iterator[tuple[str, Estimate, int]]:
    """The ratio under other choices: a label, the estimate, and how many treated people it rests on.

    Other tie rules and calipers, no adjustment, no matching, and what linkage errors would have hidden.
    """
    n, main = len(made.matches.treated), made.ratio()
    exact = made.cohort.exact[made.given.kept]
    other = "As matched, not adjusted" if made.adjust else "As matched, adjusted"
    yield other, made.ratio(adjust=not made.adjust), n
    yield "Before matching", rate_ratio(made.everybody()), int(made.treated.sum())
    drawn = sorted(_drawn(made, exact, params), key=lambda found: found.value)
    if drawn:
        yield f"Ties at random: lowest of {len(drawn)} draws", drawn[0], n
        yield f"Ties at random: highest of {len(drawn)} draws", drawn[-1], n
    for label, changed in _changes(params):
        found = match_by(made.scores, made.treated, exact, {**params, **changed})
        try:
            yield label, made.ratio(found), len(found.treated)
        except FitError:
            continue  # a choice that leaves too little to estimate is not an alternative
    false, missed = params["false_links"], params["missed_links"]
    if false > 0:
        yield f"If {false:.1%} of the treated were linked wrongly", undiluted(main, false), n
    if missed > 0:
        yield f"If {missed:.1%} more outcomes of the treated were missed", scaled(main, 1 / (1 - missed)), n
        yield f"If {missed:.1%} more outcomes of the others were missed", scaled(main, 1 - missed), n


def _drawn(made: Comparison, exact: Ints, params: Params) -> Iterator[Estimate]:
    """The ratio when equally near people are taken at random, several times over.

    People who are alike in every covariate can only be told apart by chance, or by the order of their keys,
    which says nothing: the spread of these is what the tie rule alone decides.
    """
    for draw in range(DRAWS):
        found = match_by(made.scores, made.treated, exact, {**params, "tie": "random", "seed": draw})
        with suppress(FitError):
            yield made.ratio(found)


def _changes(params: Params) -> Iterator[tuple[str, dict[str, object]]]:
    for tie in ("first", "last"):
        if tie != params["tie"]:
            yield f"Tie rule: {tie}", {"tie": tie}
    caliper = params["caliper"]
    if caliper is None:
        yield "Caliper: 0.2 standard deviations", {"caliper": 0.2}
    else:
        yield f"Caliper: {caliper / 2:g} standard deviations", {"caliper": caliper / 2}
        yield "No caliper", {"caliper": None}
