"""Strategies for values: every type, with the edges where engines have been seen to differ."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from hypothesis import strategies as st

from sharewell.plan.expressions import LARGEST_INTEGER
from sharewell.plan.schema import Type

# fmt: off
TEXTS = [
    "", " ", "a", "A", "b", "É", "é", "e\u0301", "\u0301", "it's", 'say "so"', "  two ", "\u00a0x", "ß",
    "İ", "日本", "😀", "a\nb", "\\n", "%", "_", "Zz", "null", "-1", "\u2028", "{}", "?", ":x", "$1",
    "CT1 2EH",
]
INTEGERS = [
    0, 1, -1, 2, -2, 3, -3, 7, 10, 100, 2**31, -(2**31), 2**32, 2**52 + 1,
    LARGEST_INTEGER, -LARGEST_INTEGER,
]
DYADIC = [0.0, -0.0, 0.25, 0.5, -0.5, 1.0, -1.0, 1.5, -2.75, 3.0, 1024.125]
NUMBERS = [
    *DYADIC, 0.1, 0.30000000000000004, 1 / 3, 2.0**53, -(2.0**53), float(LARGEST_INTEGER), 1e300, -1e300,
    1.7976931348623157e308, 5e-324, 2.2250738585072014e-308, 1e-5, 123456789.123456789,
]
DATES = [
    date(1970, 1, 1), date(2000, 2, 29), date(2024, 2, 29), date(2024, 3, 1), date(1, 1, 1),
    date(9999, 12, 31), date(1582, 10, 10), date(1900, 2, 28), date(1969, 12, 31), date(2023, 2, 28),
    date(2024, 12, 30),
]
MOMENTS = [
    datetime(1970, 1, 1), datetime(2024, 2, 29, 12), datetime(1969, 12, 31, 23, 59, 59, 999999),
    datetime(1, 1, 1), datetime(9999, 12, 31, 23, 59, 59, 999999), datetime(2024, 3, 31, 1, 30),
]
# fmt: on

_ANY: dict[Type, Callable[[], st.SearchStrategy[Any]]] = {
    Type.TEXT: lambda: st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=4),
    Type.INTEGER: lambda: st.integers(-LARGEST_INTEGER, LARGEST_INTEGER),
    Type.NUMBER: lambda: st.floats(allow_nan=False, allow_infinity=False),
    Type.BOOLEAN: st.booleans,
    Type.DATE: lambda: st.dates(),
    Type.MOMENT: lambda: st.datetimes().map(lambda moment: moment.replace(fold=0)),
}
_EDGES: dict[Type, list[Any]] = {
    Type.TEXT: TEXTS, Type.INTEGER: INTEGERS, Type.NUMBER: NUMBERS, Type.BOOLEAN: [True, False],
    Type.DATE: DATES, Type.MOMENT: MOMENTS,
}  # fmt: skip
_VALUES = {kind: st.one_of(st.sampled_from(_EDGES[kind]), _ANY[kind]()) for kind in Type}


def values(kind: Type) -> st.SearchStrategy[Any]:
    """Values of a type, half of them edges; never null."""
    return _VALUES[kind]


def common(kind: Type) -> st.SearchStrategy[Any]:
    """Mostly one of a few, so that columns of different tables meet; now and then any value."""
    few = _EDGES[kind][:5]
    return st.one_of(st.sampled_from(few), st.sampled_from(few), values(kind))


def dyadic() -> st.SearchStrategy[float]:
    """Numbers whose sums are exact in any order."""
    return st.sampled_from(DYADIC)
