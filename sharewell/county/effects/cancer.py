"""What is planted about people with cancer: how each site ends, and how badly dates are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

GROUPS = (
    "died within a month",
    "died with recurrence",
    "died of other illness",
    "died otherwise",
    "living with recurrence or another cancer",
    "living with other illness",
    "living long in good health",
)
"""Outcome groups: those who died within seven years come first."""

DEADLY = 4
"""How many of GROUPS died within seven years."""

MONTH, LONG = 31, 2556
"""Days: a month, and the seven years from the end of 2016 to the end of 2023."""

SHARES: dict[str, tuple[float, ...]] = {
    "breast": (0.02, 0.10, 0.07, 0.05, 0.17, 0.39, 0.20),
    "colorectal": (0.06, 0.23, 0.12, 0.13, 0.13, 0.19, 0.14),
    "lung": (0.20, 0.34, 0.14, 0.21, 0.03, 0.04, 0.04),
    "prostate": (0.02, 0.11, 0.14, 0.09, 0.17, 0.31, 0.16),
    "brain": (0.16, 0.40, 0.10, 0.22, 0.05, 0.04, 0.03),
    "other": (0.07, 0.21, 0.13, 0.15, 0.13, 0.17, 0.14),
}

SITES: dict[str, float] = {
    "breast": 0.20,
    "colorectal": 0.16,
    "lung": 0.17,
    "prostate": 0.19,
    "brain": 0.03,
    "other": 0.25,
}


@dataclass(frozen=True)
class Cancer:
    """`patients`: how many were first diagnosed in 2016 (None: six for every hundred people of the county,
    because the registry is a nation's). `sites`: the share of each. `shares`: of each site, the share that
    ends in each of GROUPS; one in five with lung cancer dies within a month, one in five with breast cancer
    lives seven years in good health. `dates_wrong`: the share of dates written down wrongly, half of them
    so that they cannot be, half so that they can. `slips`: how many times as often as usual the registers
    are wrong about who somebody is (0: never).
    """

    patients: int | None = None
    sites: Mapping[str, float] = field(default_factory=lambda: dict(SITES))
    shares: Mapping[str, tuple[float, ...]] = field(default_factory=lambda: dict(SHARES))
    dates_wrong: float = 0.004
    slips: float = 1.0
