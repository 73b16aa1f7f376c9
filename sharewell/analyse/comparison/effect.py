"""One matched comparison from cohort to estimates.

Kept apart from the recipe that reports it, so that a simulation can call it for hundreds of seeds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ...plan.recipe import Params
from .balance import Balance, balance
from .coarsened import Cells
from .cohort import Cohort
from .matching import Matches
from .methods import match_by, matched, with_history
from .propensity import Design, Missing, Propensity, design, score
from .rates import Estimate, Rows, difference, rate_ratio
from .weighting import inverse_weights

__all__ = ["DRAWS", "Comparison", "compare", "match_by"]

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
            self._at(found),
            np.concatenate([np.ones(len(found.treated)), found.weights]),
            np.concatenate([found.treated_sets, found.sets]),
        )

    def everybody(self) -> Rows:
        """All who have common support, unmatched: the naive comparison."""
        return self._rows(np.arange(len(self.treated)), np.ones(len(self.treated)), None)

    def weighted(self) -> Rows:
        """All who have common support, the comparison people weighted to be like the treated.

        Raises FitError CERTAIN (`weighting.inverse_weights`).
        """
        weight = inverse_weights(self.propensity.probability, self.treated)
        return self._rows(np.arange(len(self.treated)), weight, None)

    def of_matched(self, values: Floats) -> Floats:
        """`values`, in the order of `cohort.person`, of the people of `rows`."""
        return values[np.flatnonzero(self.given.kept)[self._at(self.matches)]]

    def rematched(self, params: Params) -> Matches:
        """Matches of the same people by other settings. Raises FitError from the method."""
        return matched(self.cohort, self.given, self.scores, self.treated, params)

    def _at(self, found: Matches) -> Ints:
        return np.concatenate([found.treated, found.matched_controls])

    def _rows(self, at: Ints, weight: Floats, sets: Ints | None) -> Rows:
        people = np.flatnonzero(self.given.kept)[at]
        homes = self.cohort.home[people]
        # Cells are few, large and fixed beforehand: only people and homes are drawn.
        clusters = (homes,) if sets is None or isinstance(self.matches, Cells) else (sets, homes)
        return Rows(
            self.cohort.outcome[people], self.cohort.years[people], self.treated[at], weight, clusters
        )

    def ratio(self, matches: Matches | None = None, adjust: bool | None = None) -> Estimate:
        """The rate ratio in the matched sample, adjusted for the covariates as declared."""
        found = matches or self.matches
        columns = None
        if self.adjust if adjust is None else adjust:
            columns = self.given.matrix[self._at(found)][:, 1:]
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
    found = matched(cohort, given, scores, treated, params)
    return Comparison(cohort, given, propensity, scores, treated, found, params["adjust"])
