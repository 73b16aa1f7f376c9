"""How alike rows about people must be before they leave: named settings, each with its source.

    isb-1523   5 people alike (the default)
    k-10       10 people alike
    ema-0070   a risk of at most 0.09 a person
    strict     20 people alike, 3 sensitive values among them, distribution within 0.2

k: the least number of rows alike in every quasi-identifier (Sweeney 2002). l: the least number of distinct
values, nulls apart, of each sensitive column among rows alike (Machanavajjhala et al. 2007, distinct
l-diversity). t: the furthest that the distribution of a sensitive column among rows alike may lie from its
distribution over all rows published, as earth mover's distance (Li, Li and Venkatasubramanian 2007): of
ordered values for numbers and dates, of equal steps otherwise. delta: the most that any value which occurs
among rows alike may differ in frequency from all rows published, as the absolute natural logarithm of the
ratio (Brickell and Shmatikov 2008).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from fractions import Fraction
from math import ceil, floor
from typing import Any

from ...errors import DocumentError, Problem
from ...registry import Registry


@dataclass(frozen=True)
class Anonymity:
    """What rows about coded people must satisfy.

    name, source: what it is called, and the document it comes from.
    k, l, t, delta: as the module says; None asks nothing.
    suppress: the largest share of rows that may be left out to get there.
    population: the least number of people of the population who share each row's quasi-identifiers.
    risk: the most that the chance of naming one row may be, one over the number of rows alike.
    """

    name: str
    source: str
    k: int = 5
    l: int | None = None  # noqa: E741 - the field's own name for it
    t: float | None = None
    delta: float | None = None
    suppress: float = 0.05
    population: int | None = None
    risk: float | None = None

    def __post_init__(self) -> None:
        problems = [
            Problem("ANONYMITY", f"{name} of {self.name!r} {fault}", fix=fix)
            for name, (fits, fault, fix) in _LIMITS.items()
            if not fits(getattr(self, name))
        ]
        if problems:
            raise DocumentError(problems)

    @property
    def smallest(self) -> int:
        """The least number of rows alike: k, or what the risk asks for if that is more."""
        return self.k if self.risk is None else max(self.k, ceil(1 / Fraction(str(self.risk))))

    def budget(self, rows: int) -> int:
        """How many of `rows` may be left out; the share is taken exactly as it is written."""
        return floor(Fraction(str(self.suppress)) * rows)

    @property
    def looks_at_values(self) -> bool:
        """Whether anything is asked of sensitive columns."""
        return not (self.l is None and self.t is None and self.delta is None)

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any], where: str = "") -> Anonymity:
        """Local settings as an agreement writes them; DocumentError with every fault at once."""
        names = [field.name for field in fields(cls)]
        problems = [
            Problem(
                "ANONYMITY", f"there is no setting {name!r}", fix=f"use: {', '.join(names)}", where=where
            )
            for name in given
            if name not in names
        ]
        problems += [
            Problem("ANONYMITY", f"settings of anonymity need {name}", fix=fix, where=where)
            for name, fix in _NEEDED.items()
            if name not in given
        ]
        values = {name: value for name, value in given.items() if name in names}
        problems += [
            Problem("ANONYMITY", f"{name} {fault}", fix=fix, where=where)
            for name, (fits, fault, fix) in _LIMITS.items()
            if name in values and not fits(values[name])
        ]
        if problems:
            raise DocumentError(problems)
        return cls(**values)

    def as_mapping(self) -> dict[str, Any]:
        """The settings as JSON can hold them; `from_mapping` reads them back."""
        return asdict(self)


def _is_whole(least: int, optional: bool = False) -> Callable[[Any], bool]:
    def fits(value: Any) -> bool:
        if value is None:
            return optional
        return isinstance(value, int) and not isinstance(value, bool) and value >= least

    return fits


def _is_between(low: float, high: float, optional: bool, ends: bool = False) -> Callable[[Any], bool]:
    def fits(value: Any) -> bool:
        if value is None:
            return optional
        if not isinstance(value, int | float) or isinstance(value, bool):
            return False
        return low <= value < high if ends else low < value <= high

    return fits


_NEEDED = {"name": "give it a name", "source": "say which document it comes from"}
_LIMITS: dict[str, tuple[Callable[[Any], bool], str, str]] = {
    "name": (lambda v: isinstance(v, str) and v != "", "is not a name", "write a word"),
    "source": (lambda v: isinstance(v, str) and v != "", "is not a source", "cite the document"),
    "k": (_is_whole(2), "is not a whole number of at least 2", "for example 5"),
    "l": (_is_whole(2, True), "is not a whole number of at least 2", "for example 2"),
    "t": (_is_between(0, 1, True), "is not between 0 and 1", "for example 0.2"),
    "delta": (_is_between(0, 100, True), "is not between 0 and 100", "for example 1"),
    "suppress": (
        _is_between(0, 1, False, ends=True),
        "is not a share of at least 0 and under 1",
        "for example 0.05",
    ),
    "population": (_is_whole(2, True), "is not a whole number of at least 2", "for example 10"),
    "risk": (_is_between(0, 1, True), "is not between 0 and 1", "for example 0.09"),
}

ANONYMITIES: Registry[Anonymity] = Registry("check", "setting of anonymity", (__name__,))

ISB_1523 = Anonymity(
    name="isb-1523",
    source="Information Standards Board for Health and Social Care, ISB 1523, Anonymisation Standard for"
    " Publishing Health and Social Care Data (2013): k-anonymity, read here with 5 as the safe default",
    k=5,
)
"""Five people alike."""

K_10 = Anonymity(
    name="k-10",
    source="the threshold of 10 of the handbook of Safe Data Access Professionals (2019; 2024), applied to"
    " rows: nobody is one of fewer than ten",
    k=10,
)
"""Ten people alike."""

EMA_0070 = Anonymity(
    name="ema-0070",
    source="European Medicines Agency, external guidance on policy 0070 (2016, revised 2018), and Health"
    " Canada, public release of clinical information (2019): a risk of at most 0.09 a person. One in eleven"
    " is 0.0909 and above it, so that twelve are alike",
    k=5,
    risk=0.09,
)
"""A risk of at most 0.09 a person: at least twelve alike."""

STRICT = Anonymity(
    name="strict",
    source="the strictest of the precedents that El Emam lists for public data (Guide to the"
    " De-Identification of Personal Health Information, 2013): 20 alike; with l = 3, and t = 0.2,"
    " of the order that Li et al. (2007) tried",
    k=20,
    l=3,
    t=0.2,
)
"""For data that anyone may have and that hold something sensitive."""

PRESETS = (ISB_1523, K_10, EMA_0070, STRICT)
for _preset in PRESETS:
    ANONYMITIES.add(_preset.name, _preset)
