"""The nouns of an attack: one attempt with its success and its baseline, and all that were played on a
release.

An attempt counts tries, claims (tries in which the intruder would speak up) and successes. The baseline
is what the same intruder gets without the release: a control group, or guessing. Only what is above it
is the release's doing (Giomi, Boenisch, Wehmeyer, Tasnadi, A Unified Framework for Quantifying Privacy
Risk, PoPETs 2023, whose figures these are).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from .intervals import Interval, difference, exact, of_room, wilson

SCHEMA = 1


class Verdict(StrEnum):
    """Whether attempts stay under the bar. NOT_SHOWN: too few tries to tell, which is not a pass."""

    HELD = "held"
    NOT_SHOWN = "not shown"
    BROKEN = "broken"


@dataclass(frozen=True)
class Bar:
    """What is tolerated. share: success above baseline, as a share of what the baseline leaves. sure: of
    the claims that name a person, the share that may be right before an intruder may believe them.
    """

    share: float = 0.05
    sure: float = 0.5


@dataclass(frozen=True)
class Attempt:
    """One attack. attack: singling out, linkability, inference (the three criteria of WP216, Article 29
    Working Party 2014) or tables. did: what a success did, in the past tense. guess: the expected
    success rate of guessing. control: (successes, tries) of the same attack where the release cannot
    help, and on whom; only: where that was on the same people, the tries that only the attack, and only
    the control, got right. names: whether a success points at one person.
    all_tried: nothing is left to try, so that the rate is no sample's. never: one success is too many.
    """

    attack: str
    how: str
    knowledge: str
    did: str
    tries: int
    claims: int
    successes: int
    guess: float = 0.0
    control: tuple[int, int] | None = None
    control_of: str = ""
    only: tuple[int, int] | None = None
    names: bool = False
    all_tried: bool = False
    never: bool = False

    @property
    def rate(self) -> float:
        return self.successes / self.tries if self.tries else 0.0

    @property
    def interval(self) -> Interval:
        """95% Wilson interval of the rate; the rate itself where all was tried."""
        return (self.rate, self.rate) if self.all_tried else wilson(self.successes, self.tries)

    @property
    def baseline(self) -> float:
        if self.control is None:
            return self.guess
        return self.control[0] / self.control[1] if self.control[1] else 0.0

    @property
    def above(self) -> tuple[float, Interval]:
        """Success above baseline, as a share of what the baseline leaves, with its 95% interval.

        Where attack and control tried the same people only those that one of them got right count.
        """
        if self.only is not None:
            mine, theirs = ((n / self.tries, exact(n, self.tries)) for n in self.only)
            return of_room(difference(mine, theirs), self.baseline)
        around = (self.guess, self.guess)
        if self.control is not None:
            around = exact(*self.control)
        found = self.interval if self.all_tried else exact(self.successes, self.tries)
        return of_room(difference((self.rate, found), (self.baseline, around)), self.baseline)

    @property
    def sure(self) -> Interval:
        """95% interval of the share of claims that are right."""
        return wilson(self.successes, self.claims)

    def judge(self, bar: Bar) -> Verdict:
        """HELD only if the whole interval is under the bar. Without a try nothing was shown."""
        if not self.tries:
            return Verdict.NOT_SHOWN
        if self.never and self.successes:
            return Verdict.BROKEN
        low, high = self.above[1]
        believed = self.names and self.claims > 0 and self.sure[0] > bar.sure
        if low > bar.share or (believed and low > 0):
            return Verdict.BROKEN
        return Verdict.HELD if high <= bar.share else Verdict.NOT_SHOWN

    def sentence(self) -> str:
        """For a reader: what happened, how sure that is, and what would have happened anyway."""
        if not self.tries:
            return f"{self.how}: nothing to try."
        low, high = self.interval
        of = "there are" if self.all_tried else "tries"
        told = f"{self.how}: of {self.tries:,} {of}, {self.successes:,} {self.did}"
        if not self.all_tried:
            told += f" ({_percent(low)} to {_percent(high)})"
        if self.never:
            return f"{told}; none may."
        if self.names and self.claims < self.tries:
            told += f"; the intruder would have claimed {self.claims:,}"
        likened = f"on {self.control_of}" if self.control is not None else "by guessing"
        return f"{told}; {likened} it would be {self.baseline * self.tries:,.3g}."

    def as_mapping(self, bar: Bar) -> dict[str, Any]:
        above, (low, high) = self.above
        return asdict(self) | {
            "control": list(self.control) if self.control else None,
            "only": list(self.only) if self.only else None,
            "rate": self.rate,
            "interval": list(self.interval),
            "baseline": self.baseline,
            "above_baseline": above,
            "above_interval": [low, high],
            "verdict": str(self.judge(bar)),
            "sentence": self.sentence(),
        }


@dataclass(frozen=True)
class Played:
    """All attempts on one release, when they were played, and the day by which to play them again."""

    release: str
    on: date
    replay_by: date
    seed: int
    bar: Bar
    attempts: tuple[Attempt, ...]

    @property
    def verdict(self) -> Verdict:
        """The worst of the attempts; no attempts show nothing."""
        found = {attempt.judge(self.bar) for attempt in self.attempts} or {Verdict.NOT_SHOWN}
        return max(found, key=list(Verdict).index)

    def sentences(self) -> tuple[str, ...]:
        """For the report: a line an attempt, then the verdict and the date."""
        last = (
            f"Verdict: {self.verdict} (at most {_percent(self.bar.share)} above baseline). "
            f"Played on {self.on.isoformat()}; to be played again by {self.replay_by.isoformat()}."
        )
        return (*(attempt.sentence() for attempt in self.attempts), last)

    def as_mapping(self) -> dict[str, Any]:
        """JSON-ready. Holds counts of tries only: no row, no value, nobody."""
        return {
            "schema": SCHEMA,
            "release": self.release,
            "on": self.on.isoformat(),
            "replay_by": self.replay_by.isoformat(),
            "seed": self.seed,
            "bar": asdict(self.bar),
            "verdict": str(self.verdict),
            "attempts": [attempt.as_mapping(self.bar) for attempt in self.attempts],
        }


def add_months(day: date, months: int) -> date:
    """The same day so many months on, or the month's last day if it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def joined(first: Played, *others: Sequence[Attempt]) -> Played:
    """One record of attempts played on the same release at the same time."""
    more = tuple(attempt for group in others for attempt in group)
    return Played(first.release, first.on, first.replay_by, first.seed, first.bar, first.attempts + more)


def _percent(share: float) -> str:
    return f"{100 * share:.1f}%"
