"""Each system held against the truth: a county is built for a seed, the agreement run, every line measured.

A line of an acceptance is *exact*, a *tolerance* (a correct method holds it in 99 runs of 100) or a *rate*,
judged over many seeds by a binomial test that rejects at p < 0.001.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ..errors import Problem, UnknownName

if TYPE_CHECKING:
    from collections.abc import Callable

    from .line import Line

SYSTEMS = {
    "kent-integrated-dataset": "kent",
    "housing-and-health": "housing",
    "tackling-fuel-poverty": "fuel",
    "predicting-loneliness": "loneliness",
    "tackling-violence": "violence",
    "community-safety": "safety",
    "routes-from-diagnosis": "routes",
    "justice-data-lab": "justice",
    "funding-practices": "funding",
    "residents-index": "residents",
}
"""Agreement to the module that holds its acceptance."""


def prove(system: str, *, seed: int = 1, seeds: int = 0, tell: Callable[[str, float], None]) -> list[Line]:
    """Every line of a system's acceptance, measured at its own size. `seeds` 0 leaves the rates out."""
    if system not in SYSTEMS:
        raise UnknownName(
            Problem("SYSTEM", f"{system!r} has no acceptance yet", fix=f"there are: {', '.join(SYSTEMS)}")
        )
    lines: list[Line] = import_module(f".{SYSTEMS[system]}", __name__).prove(seed, seeds, tell)
    return lines
