"""Which columns at the host say what group a record belongs to, and how each value is told as a group."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

import pyarrow as pa

from ..plan.finding import UNKNOWN
from ..plan.schema import Column, Type

GROUPINGS = ("age", "sex", "ethnicity", "deprivation", "area")
"""What a match rate is told by, wherever a column says it."""

_WORDS = {
    "age": re.compile(r"(^|_)(born|age|dob|birth)(_|$)"),
    "sex": re.compile(r"(^|_)(sex|gender)(_|$)"),
    "ethnicity": re.compile(r"(^|_)ethnic"),
    "deprivation": re.compile(r"(^|_)(deprivation|imd|idaci|idaopi)"),
    "area": re.compile(r"^(ward|area|lsoa|msoa|locality|district|borough)(_|$)"),
}
_AGES = (
    (0, "0-15"),
    (16, "16-24"),
    (25, "25-44"),
    (45, "45-64"),
    (65, "65-74"),
    (75, "75-84"),
    (85, "85+"),
)
_OLDEST = 120


def grouping(column: Column) -> str:
    """What a column groups by, told from its name or, of one computed from one field, that field's; or ''.

    A measured area (`floor_area`) or an age at an event (`first_age`) is none that people are grouped by.
    """
    origins = [origin.rpartition(".")[2] for origin in column.origins]
    names = [column.name, *(origins if len(origins) == 1 else [])]
    for name in names:
        for word in GROUPINGS:
            if _WORDS[word].search(name.replace("-", "_")) and name != "first_age":
                return word if word != "area" or column.type is Type.TEXT else ""
    return ""


def read_groups(counts: pa.Table, word: str, on: date) -> pa.Table:
    """Counts by value (value, records, found) as counts by group (group, records, found), on a day.

    Ages become bands; what is not known is a group of its own.
    """
    values = counts.column(0).to_pylist()
    groups = [_age(value, on) if word == "age" else _plain(value) for value in values]
    named = pa.table(
        {"group": pa.array(groups, pa.string()), "records": counts["records"], "found": counts["found"]}
    )
    summed = named.group_by("group").aggregate([("records", "sum"), ("found", "sum")])
    return summed.rename_columns(["group", "records", "found"]).sort_by("group")


def _plain(value: Any) -> str:
    text = str(value).strip() if value is not None else ""
    return text or UNKNOWN


def _age(value: Any, on: date) -> str:
    """A day of birth, a year of birth or an age, as a band; text is a band already."""
    if isinstance(value, date):
        years = on.year - value.year - ((on.month, on.day) < (value.month, value.day))
    elif isinstance(value, int | float):
        years = int(on.year - value) if value > _OLDEST else int(value)
    else:
        return _plain(value)
    return next((band for least, band in reversed(_AGES) if least <= years <= _OLDEST), UNKNOWN)


def listed(names: Iterable[str]) -> str:
    """Names in a sentence."""
    found = list(names)
    return f"{', '.join(found[:-1])} and {found[-1]}" if len(found) > 1 else "".join(found)
