"""How a matched cohort was made, in words that hold no figure of the data."""

from __future__ import annotations

from ...plan.recipe import Params
from .methods import COARSENED, MAHALANOBIS, agreeing


def method_said(params: Params) -> str:
    """The matching, the model, its errors, and what was stated beforehand."""
    parts = [
        f"{_like(params)} Rate ratio from a Poisson model with set weights"
        + (", adjusted for the covariates;" if params["adjust"] else ";")
        + f" errors clustered by {'home' if params['method'] == COARSENED else 'matched set and home'}.",
        f"Missing covariates: {params['missing']}.",
    ]
    if agreeing(params):
        parts.append(f"Matches agree on {', '.join(agreeing(params))}.")
    if params["hypothesis"]:
        parts.append(f"Stated beforehand: {params['hypothesis']}")
    return " ".join(parts)


def _like(params: Params) -> str:
    """How like was found, in a sentence."""
    if params["method"] == COARSENED:
        bands = "by Sturges' rule" if params["bands"] is None else f"into {params['bands']}"
        return f"Coarsened exact matching (Iacus, King and Porro 2012), numbers cut {bands}."
    caliper = (
        "no caliper"
        if params["caliper"] is None
        else f"a caliper of {params['caliper']:g} standard deviations"
    )
    on = f"Logistic propensity score ({params['distance']})"
    if params["method"] == MAHALANOBIS:
        on = f"Mahalanobis distance{' within a propensity caliper' if params['caliper'] else ''}"
    return (
        f"{on} on what was known before; nearest neighbour, {params['ratio']} to 1,"
        f" {'with' if params['replace'] else 'without'} replacement, {caliper}, order {params['order']},"
        f" tie rule {params['tie']}."
    )
