"""What is planted in the county, with defaults: effects, nulls, rates and thresholds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from .cancer import Cancer
from .consultations import Consultations
from .justice import Justice
from .residents import Residents
from .safety import Safety
from .survey import Survey
from .violence import Violence
from .works import Works

HISTORY = (date(2022, 1, 1), date(2023, 1, 1))
WINDOW = (date(2023, 1, 1), date(2023, 4, 1))
OUTCOME = (date(2023, 4, 1), date(2024, 4, 1))
"""Half-open periods: before, when homes were visited and people referred, and after."""

REFERENCE = date(2023, 4, 1)
"""The day on which ages, practice lists and populations hold."""

QUALIFYING = date(2023, 8, 13)
"""The day on which a bill and an award must both stand for the discount."""

POINTS_OF_CARE = (
    "Social care",
    "Community",
    "A&E",
    "Non-elective",
    "Out of hours",
    "Elective",
    "Outpatient",
    "Mental health",
    "GP",
    "Hospice",
)

TYPE_POINTS = {"detached": 5, "semi-detached": 4, "bungalow": 4, "terraced": 3, "flat": 1}
AGE_POINTS = {
    "before 1900": 6,
    "1900-1929": 5,
    "1930-1964": 4,
    "1965-1982": 3,
    "1983-1999": 2,
    "since 2000": 0,
}


@dataclass(frozen=True)
class Effects:
    """Parameters of everything planted.

    `fire_ratio`, `falls_ratio`: rate ratios of A&E attendance in the outcome year for people living in a
    visited home (1.0: a planted null) and for people referred to the falls service. `attendance_rate`: mean
    yearly A&E rate of visited people. `visited`, `referred`: how many people (None: 2% of all).
    `dispersion`: variance of a gamma frailty with mean 1 on each person's rate (0: Poisson counts).

    Autism: `autism_rate` is the true prevalence below the ages in `autism_ages` (the last is open); a true
    case is recorded with probability `autism_recorded`, or `autism_under_recorded` in the share
    `autism_practices` of practices where under-recording is planted.

    Fuel poverty: a property's cost score is floor area in whole square metres times the sum of its
    `type_points` and `age_points`; core group 2 needs a score over `cost_threshold` and a qualifying
    benefit, or tax credits with an income below `income_limit` pounds.
    """

    fire_ratio: float = 1.0
    falls_ratio: float = 0.80
    attendance_rate: float = 0.25
    visited: int | None = None
    referred: int | None = None
    dispersion: float = 0.0
    autism_ages: tuple[int, ...] = (18, 35, 65, 200)
    autism_rate: tuple[float, ...] = (0.029, 0.021, 0.012, 0.009)
    autism_recorded: float = 0.90
    autism_under_recorded: float = 0.35
    autism_practices: float = 0.15
    type_points: Mapping[str, int] = field(default_factory=lambda: dict(TYPE_POINTS))
    age_points: Mapping[str, int] = field(default_factory=lambda: dict(AGE_POINTS))
    cost_threshold: int = 450
    income_limit: int = 17_000
    qualifying_benefits: tuple[str, ...] = (
        "universal credit",
        "income support",
        "jobseekers allowance",
        "employment and support allowance",
    )
    justice: Justice = field(default_factory=Justice)
    consultations: Consultations = field(default_factory=Consultations)
    cancer: Cancer = field(default_factory=Cancer)
    safety: Safety = field(default_factory=Safety)
    survey: Survey = field(default_factory=Survey)
    violence: Violence = field(default_factory=Violence)
    works: Works = field(default_factory=Works)
    residents: Residents = field(default_factory=Residents)
