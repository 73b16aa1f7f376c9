"""How figures and column names are written for people.

CSV and Parquet keep them exact; only pages use this.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

_CAPITALS = {"smd", "ci", "gp", "nhs", "id", "se", "uprn", "iqr", "gbp"}
_SHORT = {"pc": "per cent", "n": "number", "sd": "standard deviation"}


def heading(column: str) -> str:
    """A column's name as a heading: `smd_before` -> "SMD before", `ci_low` -> "CI low"."""
    words = [_SHORT.get(word, word) for word in column.replace("__", "_").strip("_").split("_")]
    words = [word.upper() if word in _CAPITALS else word for word in words]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def decimals(values: Sequence[Any]) -> int:
    """How many decimals a column of figures needs, so that its cells line up.

    None for whole numbers and for columns that reach 100,000; three where the smallest figure is under
    0.1 and would lose its sense with two; else two, or as many as the figures have.
    """
    figures = [abs(float(v)) for v in values if _is_figure(v) and math.isfinite(v)]
    if not figures or all(isinstance(v, int) for v in values if v is not None):
        return 0
    if max(figures) >= 100_000:
        return 0
    most = 3 if min((f for f in figures if f), default=1) < 0.1 else 2
    # Large figures are often pounds: pence are written as two digits or not at all.
    fewer = (0,) if max(figures) >= 1000 else range(most)
    return next((n for n in fewer if all(round(f, n) == f for f in figures)), most)


def write_figure(value: Any, places: int = 2) -> str:
    """One value as text: 1234.5 -> "1,234.50", a date as "1 September 2026", nothing as a dash."""
    if value is None:
        return "\N{EN DASH}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if _is_figure(value):
        return _write_number(value, places)
    if isinstance(value, dt.date):
        return write_day(value)
    return str(value)


def write_day(day: dt.date) -> str:
    """A day in words: "1 September 2026"."""
    return f"{day.day} {day:%B %Y}"


def _write_number(value: float | Decimal, places: int) -> str:
    if not math.isfinite(value):
        return "\N{EN DASH}"
    text = f"{value:,.{places}f}"
    if not text.strip("-0."):
        return text.removeprefix("-")
    # A true minus: a hyphen is hard to see, and is read aloud as nothing.
    return text.replace("-", "\N{MINUS SIGN}")


def _is_figure(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
