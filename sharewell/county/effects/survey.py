"""What is planted about loneliness: log-odds of being often lonely, and what has none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

HEALTH = {"poor": 2.0344, "fair": 1.5819, "good": 0.9842, "very good": 0.0, "excellent": 0.0}


@dataclass(frozen=True)
class Survey:
    """The published model of the ageing survey's fifth wave (Iparraguirre 2016), as log-odds.

    `health` is against excellent, `widowed` against any other marital status, `eyes` of three or more eye
    conditions, `adl_two` and `adl_one` of activities of daily living that are difficult, `age_75` of 75 to
    79. `deprivation` (a quintile) and `rural` are planted nulls; poor health goes with deprivation, so that
    a comparison without health finds an effect that is not there. `respondents` answered; nobody younger
    than 65 was asked.
    """

    respondents: int = 6_773
    constant: float = -2.62
    health: Mapping[str, float] = field(default_factory=lambda: dict(HEALTH))
    household_size: float = -1.0402
    widowed: float = 1.0317
    eyes: float = 0.8551
    pets: float = 0.4284
    adl_two: float = 0.3759
    adl_one: float = 0.3169
    age_75: float = -0.3542
    deprivation: float = 0.0
    rural: float = 0.0
