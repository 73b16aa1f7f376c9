"""Between what limits each setting of a policy must lie: (fits, what is wrong, what to write instead)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

Limit = tuple[Callable[[Any], bool], str, str]


def _is_whole(least: int, optional: bool = False) -> Callable[[Any], bool]:
    def fits(value: Any) -> bool:
        if value is None:
            return optional
        return isinstance(value, int) and not isinstance(value, bool) and value >= least

    return fits


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_dominance(value: Any) -> bool:
    if value is None:
        return True
    return (
        isinstance(value, tuple)
        and len(value) == 2
        and value[0] in (1, 2)
        and _is_number(value[1])
        and 0 < value[1] < 1
    )


def _is_bounds(value: Any) -> bool:
    return isinstance(value, Mapping) and all(
        isinstance(name, str)
        and isinstance(pair, tuple)
        and len(pair) == 2
        and all(_is_number(end) and math.isfinite(end) for end in pair)
        and pair[0] < pair[1]
        for name, pair in value.items()
    )


CELL_KEYS = {"10-5": 5}
"""Perturbation tables of the cell key method: name -> the base that its figures are multiples of."""

NEEDED = {
    "name": "give it a name",
    "source": "say which document it comes from",
    "minimum": "say the least number of people a figure may rest on",
}
NOISE_LIMITS: dict[str, Limit] = {
    "epsilon": (
        lambda v: _is_number(v) and 0 < v < math.inf,
        "is not above 0",
        "for example 1.0",
    ),
    "delta": (lambda v: _is_number(v) and 0 <= v < 1, "is not between 0 and 1", "leave it out for 0"),
    "bounds": (
        _is_bounds,
        "does not give each measure its least and greatest contribution",
        "for example bounds: {cost: [0, 5000]}",
    ),
}
LIMITS: dict[str, Limit] = {
    "name": (lambda v: isinstance(v, str) and v != "", "is not a name", "write a word"),
    "source": (lambda v: isinstance(v, str) and v != "", "is not a source", "cite the document"),
    "minimum": (_is_whole(2), "is not a whole number of at least 2", "for example 10"),
    "zero_is_small": (lambda v: isinstance(v, bool), "is neither true nor false", "write true or false"),
    "rounding": (_is_whole(2, True), "is not a whole number of at least 2", "for example 5"),
    "figures": (_is_whole(1, True), "is not a whole number of at least 1", "for example 3"),
    "p_percent": (
        lambda v: v is None or (_is_number(v) and 0 < v <= 100),
        "is not between 0 and 100",
        "for example 10",
    ),
    "dominance": (
        _is_dominance,
        "is not (n, k) with n 1 or 2 and k between 0 and 1",
        "for example [2, 0.9]",
    ),
    "width": (_is_whole(1, True), "is not a whole number of at least 1", "leave it out to use minimum"),
    "share": (lambda v: _is_number(v) and 0 < v < 1, "is not between 0 and 1", "for example 0.1"),
    "degrees_of_freedom": (_is_whole(0), "is not a whole number", "for example 10"),
    "minimum_arm": (
        _is_whole(2, True),
        "is not a whole number of at least 2",
        "leave it out to use minimum",
    ),
    "outputs": (lambda v: isinstance(v, frozenset) and bool(v), "names no kind of output", "leave it out"),
    "rounding_method": (
        lambda v: v in ("nearest", "midpoint", "controlled"),
        "is not a way of rounding",
        "use: nearest, midpoint, controlled",
    ),
    "cell_key": (
        lambda v: v is None or (isinstance(v, str) and v in CELL_KEYS),
        "names no perturbation table",
        f"use: {', '.join(CELL_KEYS)}",
    ),
    "difference": (
        _is_whole(1, True),
        "is not a whole number of at least 1",
        "leave it out to use minimum",
    ),
    "full_cells": (lambda v: isinstance(v, bool), "is neither true nor false", "write true or false"),
    "coalition": (_is_whole(1), "is not a whole number of at least 1", "for example 1"),
    "at_risk": (_is_whole(1, True), "is not a whole number of at least 1", "leave it out to use minimum"),
}
