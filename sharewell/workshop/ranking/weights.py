"""If the criteria weighed differently, which example would lead? Asked of every weighting, not of one.

Stochastic multicriteria acceptability analysis (Lahdelma and Salminen 2001, Operations Research 49:444):
weights are drawn evenly from all that are possible (they are at least 0 and sum to 1), and it is told in
which share of them each example comes first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ...errors import DataError, Problem

DRAWS = 20_000


@dataclass(frozen=True)
class Lead:
    """An example, the share of weightings in which it leads (ties shared), the standard error that drawing
    them leaves, and the mean weights of those in which it does."""

    item: str
    share: float
    error: float
    weights: Mapping[str, float]


def leads(scores: Mapping[str, Mapping[str, float]], seed: int = 0, draws: int = DRAWS) -> tuple[Lead, ...]:
    """Who leads how often. scores: example -> criterion -> score, more is better, on one scale.

    DataError CRITERIA where an example lacks a score that another has: none is made up for it.
    """
    items = sorted(scores)
    criteria = sorted({name for held in scores.values() for name in held})
    lacking = [item for item in items if set(scores[item]) != set(criteria)]
    if lacking or not criteria:
        what, why = f"{', '.join(lacking) or 'nothing'} has no score by every criterion", "a gap is no zero"
        raise DataError(Problem("CRITERIA", what, why, "score it, or leave the criterion out"))
    table = np.array([[scores[item][name] for name in criteria] for item in items], float)
    weights = np.random.default_rng(seed).dirichlet(np.ones(len(criteria)), draws)
    worth = weights @ table.T
    led = worth >= worth.max(axis=1, keepdims=True) - 1e-12
    part = led / led.sum(axis=1, keepdims=True)
    found = []
    for i, item in enumerate(items):
        share = float(part[:, i].mean())
        mean = (part[:, i] @ weights / part[:, i].sum()) if share else np.zeros(len(criteria))
        error = float(np.sqrt(share * (1 - share) / draws))
        found.append(Lead(item, share, error, dict(zip(criteria, mean.tolist(), strict=True))))
    return tuple(sorted(found, key=lambda lead: (-lead.share, lead.item)))
