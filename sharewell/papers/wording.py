"""Values as a reader writes them: dates, lengths of time, yes and no."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

_SPAN = re.compile(r"P([0-9]+)([DWMY])")
_UNITS = {"D": "day", "W": "week", "M": "month", "Y": "year"}


def written(value: Any) -> str:
    """A plain value in words: `P90D` as 90 days, a date as 1 April 2024, true as yes."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, date):
        return day(value)
    if isinstance(value, float):
        return f"{value:g}" if abs(value) < 1e15 else repr(value)
    if isinstance(value, int):
        return f"{value:,}" if abs(value) >= 10_000 else str(value)
    text = str(value)
    if span := _SPAN.fullmatch(text):
        number, unit = int(span[1]), _UNITS[span[2]]
        return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
    return text


def day(value: date) -> str:
    """A date as `1 April 2024`."""
    return f"{value.day} {value:%B} {value.year}"


def label(key: str) -> str:
    """A key of the schema as words."""
    return key.replace("_", " ").replace("-", " ")
