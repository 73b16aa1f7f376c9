"""What is planted about crime and disorder: how much of each kind, where it gathers, and what comes
back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

VOLUME = {
    "antisocial behaviour": 0.400,
    "theft": 0.150,
    "criminal damage": 0.098,
    "domestic abuse": 0.080,
    "violence": 0.066,
    "vehicle crime": 0.048,
    "burglary": 0.036,
    "drugs": 0.022,
    "deliberate fire": 0.018,
    "robbery": 0.007,
    "public safety and welfare": 0.060,
    "missing person": 0.015,
}
"""Share of a year's incidents by kind. Volumes and harms each have an order of their own, with gaps: exact
counts are planted, so that the orders are exact too."""

HARM = {
    "antisocial behaviour": 1,
    "theft": 2,
    "criminal damage": 2,
    "vehicle crime": 5,
    "drugs": 5,
    "burglary": 20,
    "deliberate fire": 30,
    "domestic abuse": 60,
    "violence": 120,
    "robbery": 365,
}
"""Days of the starting sentence, in the manner of the Cambridge Crime Harm Index; invented round
figures."""


@dataclass(frozen=True)
class Safety:
    """`rate`: incidents a person and year. `volume`, `harm`: by kind. `change`: the year before has so many
    times this year's incidents of a kind (about as many where it is not named): the progress to be seen.

    `spots` points gather `gathered` of the incidents outdoors each, within about `spread` metres.
    `repeats`: of incidents at home, the share that hits a home hit before within the year. `near`: of
    burglaries, the share that follows another within `near_metres` and `near_days`. `known`: offenders on
    probation and how often the worst of them come to notice.
    """

    rate: float = 0.11
    volume: Mapping[str, float] = field(default_factory=lambda: dict(VOLUME))
    harm: Mapping[str, int] = field(default_factory=lambda: dict(HARM))
    change: Mapping[str, float] = field(default_factory=lambda: {"burglary": 1.30, "vehicle crime": 0.80})
    spots: int = 4
    gathered: float = 0.05
    spread: float = 110.0
    repeats: float = 0.18
    near: float = 0.30
    near_metres: float = 150.0
    near_days: int = 10
    on_probation: float = 0.004
    often: float = 0.15
