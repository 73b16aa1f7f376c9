"""What the index is told with each act and what it answers: plain frozen values, cheap to import."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from ...errors import LinkError, Problem


@dataclass(frozen=True)
class Act:
    """Who changes the index, under which agreement, when (an aware time) and why. LinkError for less."""

    actor: str
    agreement: str
    at: dt.datetime
    reason: str = ""

    def __post_init__(self) -> None:
        problems = []
        if not self.actor.strip() or not self.agreement.strip():
            problems.append(Problem("ACT", "an act names who did it and under which agreement"))
        if self.at.tzinfo is None:
            problems.append(
                Problem("ACT", "an act's time has no time zone", "history could not be put in order")
            )
        if problems:
            raise LinkError(problems)


@dataclass(frozen=True)
class Change:
    """What an act changed.

    `counts`: records new, changed, unchanged, removed and set aside; people created, merged, split, retired
    and frozen; `churn`, the records whose person is now another than before; `touched` and
    `reconsidered`, how far the work reached. `superseded` is pa.Table(old, new): the ids that now forward
    to another, and with a null `new` those that nobody holds any longer.
    """

    counts: Mapping[str, int]
    superseded: pa.Table
    run: int


def silently(stage: str, done: float) -> None:
    """The `settings.Progress` of whoever wants to hear nothing."""
