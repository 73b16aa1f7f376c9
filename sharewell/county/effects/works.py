"""What is planted about the improvement of council homes and how much emergency care their tenants need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

SPAN = (date(2016, 1, 1), date(2024, 4, 1))
"""Half-open: the years over which care and works are held."""

WORKS = (
    "wall insulation",
    "loft insulation",
    "windows and doors",
    "heating",
    "kitchen",
    "bathroom",
    "garden path",
    "electrics",
)

_ADMISSIONS = {
    "electrics": 0.61,
    "windows and doors": 0.80,
    "wall insulation": 0.85,
    "garden path": 0.85,
    "heating": 0.92,
}


@dataclass(frozen=True)
class Works:
    """Rate ratios by kind of work; a kind that is not named is a planted null (1.00).

    `admissions`, `attendances`, `contacts`: of emergency admissions, A&E attendances and urgent contacts
    with general practice, from the month of completion. Planned admissions depend on no work at all.
    `older`: how many people who are 60 or over by the end live in improved homes (None: the share
    `improved` of all council homes). `together`: the share of works done with the home's others.
    `trend`: growth of the log of every rate a year, whoever it is; `season`: its swing over the year.
    `shock`: a home's rate in a year is this much more or less than its own, so that counts are
    overdispersed and people in one home go up and down together.
    """

    admissions: Mapping[str, float] = field(default_factory=lambda: dict(_ADMISSIONS))
    attendances: Mapping[str, float] = field(
        default_factory=lambda: {"electrics": 0.80, "windows and doors": 0.90}
    )
    contacts: Mapping[str, float] = field(default_factory=lambda: {"electrics": 0.90, "heating": 0.92})
    older: int | None = None
    improved: float = 0.7
    together: float = 0.5
    trend: float = 0.03
    season: float = 0.12
    shock: float = 0.35
