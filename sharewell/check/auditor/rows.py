"""An independent check of rows that were made alike, from the rows and the certificate alone.

It shares no code with what made them: it counts by plain dictionaries, in fractions where a bound is
close. A suppressed cell counts as a value of its own, which is the stricter reading: whoever takes it for
"unknown" finds at least as many rows alike.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from datetime import time as clock
from decimal import Decimal
from typing import Any

import pyarrow as pa

_SLACK = 1e-9
_TOP = "*"

Key = tuple[Any, ...]


@dataclass(frozen=True)
class RowsVerdict:
    """What was found: how many rows and classes were examined, and every fault in words."""

    rows: int
    classes: int
    faults: tuple[str, ...]

    @property
    def protected(self) -> bool:
        return not self.faults


def audit_rows(data: pa.Table, certificate: Mapping[str, Any]) -> RowsVerdict:
    """Whether published rows keep what their certificate promises. A certificate that lacks something, or
    is of other columns, is a fault, not an error."""
    lacking = [name for name in _NEEDED if name not in certificate]
    if lacking:
        return RowsVerdict(data.num_rows, 0, (f"the certificate does not say: {', '.join(lacking)}",))
    said = [*certificate["quasi"], *certificate["sensitive"], *certificate["other"]]
    subject = certificate["subject"]
    said += [subject] if subject is not None else []
    if sorted(said) != sorted(data.column_names):
        return RowsVerdict(data.num_rows, 0, ("the columns are not those certified",))
    keys = list(zip(*(data.column(name).to_pylist() for name in certificate["quasi"]), strict=True))
    sizes = Counter(keys)
    faults = [*_count_faults(data.num_rows, sizes, certificate), *_cell_faults(data, certificate)]
    if subject is not None and len(set(data.column(subject).to_pylist())) < data.num_rows:
        faults.append(f"{subject} is the same in two rows")
    for name in certificate["sensitive"]:
        values = [_plain(value) for value in data.column(name).to_pylist()]
        faults += _value_faults(name, keys, sizes, values, certificate)
    return RowsVerdict(data.num_rows, len(sizes), tuple(faults))


def _count_faults(rows: int, sizes: Counter[Key], certificate: Mapping[str, Any]) -> Iterator[str]:
    wanted, gone = certificate["wanted"], certificate["suppressed_rows"]
    if rows != certificate["published"]:
        yield "there are more or fewer rows than certified"
    if gone > wanted["suppress"] * (rows + gone) + _SLACK * (rows + 1):
        yield "more rows were left out than the settings allow"
    small = sum(size < wanted["k"] for size in sizes.values())
    if small:
        yield f"{small} combinations are shown by fewer than {wanted['k']} rows"
    if wanted["risk"] is not None:
        risky = sum(wanted["risk"] * size * (1 + _SLACK) < 1 for size in sizes.values())
        if risky:
            yield f"{risky} combinations carry a greater risk than {wanted['risk']}"
    reached = certificate["reached"]["k"]
    if sizes and min(sizes.values()) != reached:
        yield "the fewest rows alike are not as certified"
    if wanted["population"] is not None:
        yield "a promise about the population cannot be checked from rows"


def _cell_faults(data: pa.Table, certificate: Mapping[str, Any]) -> Iterator[str]:
    for name in certificate["quasi"]:
        shown = data.column(name).to_pylist()
        stars = sum(value == _TOP for value in shown)
        if stars < certificate["suppressed_cells"][name]:
            yield f"{name} shows fewer suppressed cells than certified"


def _value_faults(
    name: str,
    keys: Sequence[Key],
    sizes: Counter[Key],
    values: Sequence[Any],
    certificate: Mapping[str, Any],
) -> Iterator[str]:
    wanted = certificate["wanted"]
    inside: dict[Key, Counter[Any]] = defaultdict(Counter)
    for key, value in zip(keys, values, strict=True):
        inside[key][value] += 1
    whole = Counter(values)
    if wanted["l"] is not None:
        poor = sum(sum(value is not None for value in held) < wanted["l"] for held in inside.values())
        if poor:
            yield f"{poor} combinations have fewer than {wanted['l']} values of {name}"
    if wanted["t"] is not None:
        distance = _ordered if all(map(_has_steps, whole)) else _equal
        far = sum(distance(held, whole) > wanted["t"] + _SLACK for held in inside.values())
        if far:
            yield f"{far} combinations lie further than {wanted['t']} from all rows in {name}"
    if wanted["delta"] is not None:
        strange = sum(_ratio(held, whole) >= wanted["delta"] for held in inside.values())
        if strange:
            yield f"{strange} combinations differ from all rows by {wanted['delta']} or more in {name}"


def _plain(value: Any) -> Any:
    """A number that is not one is taken for absent."""
    return None if isinstance(value, float) and math.isnan(value) else value


def _has_steps(value: Any) -> bool:
    """Whether a value has a place among others: a number, a date or a time, or absent."""
    if isinstance(value, bool):
        return False
    return value is None or isinstance(value, int | float | Decimal | date | clock | timedelta)


def _equal(held: Counter[Any], whole: Counter[Any]) -> float:
    people, everybody = held.total(), whole.total()
    return sum(abs(held[value] / people - number / everybody) for value, number in whole.items()) / 2


def _ordered(held: Counter[Any], whole: Counter[Any]) -> float:
    """How much has to be moved how far, in steps of one over the values less one; absent comes first."""
    values = sorted(whole, key=lambda value: (value is not None, 0 if value is None else value))
    people, everybody, carried, moved = held.total(), whole.total(), 0.0, 0.0
    for value in values:
        carried += held[value] / people - whole[value] / everybody
        moved += abs(carried)
    return moved / (len(values) - 1) if len(values) > 1 else 0.0


def _ratio(held: Counter[Any], whole: Counter[Any]) -> float:
    people, everybody = held.total(), whole.total()
    return max(abs(math.log(number / people * everybody / whole[value])) for value, number in held.items())


_NEEDED = (
    "published",
    "suppressed_rows",
    "suppressed_cells",
    "wanted",
    "quasi",
    "sensitive",
    "other",
    "subject",
    "reached",
)
