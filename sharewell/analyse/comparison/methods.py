"""Ways of finding people who are alike, by the name an agreement gives: one call for all of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ...plan.recipe import Params
from .coarsened import coarsen, match_cells
from .cohort import Cohort
from .mahalanobis import match_near
from .matching import Matches, match
from .propensity import UNKNOWN, Design

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

PROPENSITY, MAHALANOBIS, COARSENED = "propensity", "mahalanobis", "coarsened"
METHODS = (PROPENSITY, MAHALANOBIS, COARSENED)


def agreeing(params: Params) -> tuple[str, ...]:
    """The columns on which matches must agree: the region among them, where the pool is regional."""
    own = (params["region"],) if params["pool"] == "regional" and params["region"] else ()
    return (*params["exact"], *own)


def matched(cohort: Cohort, given: Design, scores: Floats, treated: Bools, params: Params) -> Matches:
    """Matches by the settings of the recipe, as rows of the design. Raises FitError from each method.

    Without a `method` among the settings it is the propensity score.
    """
    exact, method = cohort.exact[given.kept], params.get("method", PROPENSITY)
    if method == COARSENED:
        covariates = with_history(cohort.covariates).filter(pa.array(given.kept))
        cells = coarsen(covariates, params["bands"])
        return match_cells(cells * (int(exact.max(initial=0)) + 1) + exact, treated)
    if method == MAHALANOBIS:
        return match_near(
            given.matrix[:, _distanced(given)],
            scores,
            treated,
            exact=exact,
            **_settings(params),
        )
    return match_by(scores, treated, exact, params)


def match_by(scores: Floats, treated: Bools, exact: Ints, params: Params) -> Matches:
    """Matches on the score by the settings of the recipe."""
    return match(scores, treated, exact=exact, **_settings(params))


def _settings(params: Params) -> dict[str, Any]:
    """Those that every way to find the nearest takes."""
    return {name: params[name] for name in ("ratio", "caliper", "replace", "order", "tie", "seed")}


def with_history(covariates: pa.Table) -> pa.Table:
    """`history`, a count of earlier events, on a log scale: few people hold most of them."""
    if "history" not in covariates.column_names:
        return covariates
    logged = np.log1p(np.asarray(covariates["history"].to_numpy(), np.float64))
    place = covariates.column_names.index("history")
    return covariates.set_column(place, "history (log of one more)", pa.array(logged))


def _distanced(given: Design) -> list[int]:
    """The columns a distance is measured in: each covariate once, without squares, and what is missing."""
    unknown = [i for i, name in enumerate(given.names) if name.endswith(f": {UNKNOWN}")]
    return sorted({*given.shown, *unknown})
