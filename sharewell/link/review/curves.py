"""Precision and recall by threshold as SVG: two lines with intervals, told apart by dash and name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import pyarrow as pa

from .drawing import BRAND, FOR, INK, QUIET, RULE, line, svg, text

_TALL, _TOP, _FOOT, _LEFT, _RIGHT = 300, 16, 30, 48, 84
_LINES = (("precision", BRAND, ""), ("recall", FOR, "6 4"))
_APART = 20
"""Two names of lines stand at least so many pixels from each other."""

Place = Callable[[float], float]


def by_threshold(curve: pa.Table, width: int) -> str:
    """The curve of `estimates.curve`: shares upwards, bits of the threshold along."""
    rows = curve.to_pylist()
    first, last = float(rows[0]["threshold"]), float(rows[-1]["threshold"])
    floor: float = min(0.9, *(row[f"{name}_low"] for row in rows for name, _, _ in _LINES))

    def along(bits: float) -> float:
        return round(_LEFT + (bits - first) / ((last - first) or 1.0) * (width - _LEFT - _RIGHT), 1)

    def up(share: float) -> float:
        return round(_TOP + (1 - share) / (1 - floor) * (_TALL - _TOP - _FOOT), 1)

    parts = _frame(floor, (first, last), width, along, up)
    for name, colour, dashes in _LINES:
        parts += _drawn(rows, name, colour, dashes, along, up)
    parts += _names(rows[-1], width, up)
    told = "Precision and recall by threshold; the table below says the same"
    return svg(width, _TALL, told, parts)


def _frame(floor: float, ends: Sequence[float], width: int, along: Place, up: Place) -> list[str]:
    parts = []
    for share in (floor, (floor + 1) / 2, 1.0):
        parts.append(line(_LEFT, up(share), width - _RIGHT, up(share), RULE))
        parts.append(text(_LEFT - 6, up(share) + 5, f"{share:.0%}", QUIET, "end"))
    for bits, anchor in zip(sorted(set(ends)), ("start", "end"), strict=False):
        parts.append(
            text(along(bits), _TALL - 8, f"{bits:+.1f} bits".replace("-", "\u2212"), QUIET, anchor)
        )
    return parts


def _drawn(
    rows: Sequence[dict[str, Any]], name: str, colour: str, dashes: str, along: Place, up: Place
) -> list[str]:
    parts = [
        line(
            along(row["threshold"]),
            up(row[f"{name}_low"]),
            along(row["threshold"]),
            up(row[f"{name}_high"]),
            colour,
        )
        for row in rows
    ]
    for one, two in pairwise(rows):
        ends = (along(one["threshold"]), up(one[name]), along(two["threshold"]), up(two[name]))
        parts.append(line(*ends, colour, dashes, 3))
    return parts


def _names(row: dict[str, Any], width: int, up: Place) -> list[str]:
    """Each line's name at its end, one above the other where they meet."""
    heights = sorted((up(row[name]), name) for name, _, _ in _LINES)
    (upper, first), (lower, second) = heights
    lower = max(lower, upper + _APART)
    return [
        text(width - _RIGHT + 6, at + 5, name, INK, "start", "700")
        for at, name in ((upper, first), (lower, second))
    ]
