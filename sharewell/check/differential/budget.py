"""The budget of an asset: what noise may cost in all, over every run and agreement, and what is left.

Epsilons add up (basic composition: Dwork, McSherry, Nissim and Smith 2006), whoever spends them: two
agreements that ask about the same people have together learnt what both paid for. Only parts of a partition
that the asset's contract declares, whose people are disjoint, are spent side by side (parallel composition:
McSherry 2009); any other name of a group counts against everybody.

Nothing is kept here: what was spent is read from the account's facts. Sums are of decimals as written, so
that ten times 0.1 is 1.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from ...errors import DocumentError, GateError, Problem

PERIODS = {"year": 12, "quarter": 3, "month": 1}
"""Months after which a budget begins anew. One without a period never does."""


@dataclass(frozen=True)
class Spent:
    """What one product of one run cost. `at` is ISO 8601 with its zone; `population` whom it was about."""

    asset: str
    population: str
    epsilon: float
    delta: float
    mechanism: str
    agreement: str
    product: str
    run: str
    at: str

    def __post_init__(self) -> None:
        if not (_is_positive(self.epsilon) and self.delta == 0 and _moment(self.at)):
            raise GateError(_damaged())

    def facts(self) -> dict[str, Any]:
        """The same, for the account's event."""
        return asdict(self)

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> Spent:
        """Read back. GateError SPENT: an entry that cannot be read could have spent anything."""
        try:
            return cls(**{part.name: facts[part.name] for part in fields(cls)})
        except (LookupError, TypeError, ValueError):
            raise GateError(_damaged()) from None


@dataclass(frozen=True)
class Budget:
    """The most that noise may cost the people of an asset in one period.

    `population` is everybody in the asset. `partitions` are ways to divide it, each into disjoint parts: a
    population that is spent on is called "PARTITION/PART".
    """

    asset: str
    population: str
    cap: float
    per: str | None = None
    partitions: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        problems = []
        if not _is_positive(self.cap):
            problems.append(("its epsilon is not a number above 0", "for example 3"))
        if self.per is not None and self.per not in PERIODS:
            problems.append((f"it cannot begin anew per {self.per!r}", f"use: {', '.join(PERIODS)}"))
        problems += [
            (f"partition {name!r} names a part twice, or none", "name each of its parts once")
            for name, parts in self.partitions.items()
            if isinstance(parts, str) or not parts or len(set(parts)) != len(parts)
        ]
        if problems:
            raise DocumentError(
                Problem("PRIVACY_BUDGET", what, fix=fix, where=f"asset {self.asset}")
                for what, fix in problems
            )

    @classmethod
    def from_mapping(cls, asset: str, given: Mapping[str, Any]) -> Budget:
        """As an asset's contract writes it: {epsilon: 3, per: year}. DocumentError with every fault."""
        names = ("epsilon", "per", "population", "partitions")
        unknown = [name for name in given if name not in names]
        if unknown or "epsilon" not in given:
            what = f"a budget has no {unknown[0]!r}" if unknown else "a budget needs its epsilon"
            raise DocumentError(
                Problem("PRIVACY_BUDGET", what, fix=f"use: {', '.join(names)}", where=f"asset {asset}")
            )
        everybody = given.get("population", "everybody")
        return cls(asset, everybody, given["epsilon"], given.get("per"), given.get("partitions", {}))

    def period(self, at: datetime) -> tuple[datetime, datetime] | None:
        """Begin and end (exclusive, UTC) of the period that holds this moment; None if there is but one."""
        if self.per is None:
            return None
        length, at = PERIODS[self.per], at.astimezone(UTC)
        first = (at.month - 1) // length * length
        begin = datetime(at.year, first + 1, 1, tzinfo=UTC)
        years, month = divmod(first + length, 12)
        return begin, datetime(at.year + years, month + 1, 1, tzinfo=UTC)

    def part(self, population: str) -> tuple[str, str] | None:
        """The partition and part that a population is; None for everybody and for any undeclared group."""
        partition, _, part = population.partition("/")
        return (partition, part) if part in self.partitions.get(partition, ()) else None


@dataclass(frozen=True)
class Standing:
    """A budget at one moment, for one population: what it spent, by whom, what is left, until when."""

    budget: Budget
    population: str
    spent: Decimal
    by: Mapping[str, Decimal]
    until: datetime | None

    @property
    def left(self) -> Decimal:
        return max(Decimal(0), Decimal(str(self.budget.cap)) - self.spent)


def left(
    budget: Budget, events: Iterable[Mapping[str, Any]], at: datetime, population: str | None = None
) -> Standing:
    """What is left for a population, from the facts of every spending in the account.

    It is what the person who lost most can still lose: all that was spent on everybody or on a group that
    is no declared part, and of each partition the part that cost most (of the population's own, that part).
    GateError SPENT for facts that cannot be read.
    """
    population = population or budget.population
    own = budget.part(population)
    whole, by = Decimal(0), defaultdict[str, Decimal](Decimal)
    parts: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    for spent in _within(budget, events, at):
        cost, part = Decimal(str(spent.epsilon)), budget.part(spent.population)
        if part is None:
            whole += cost
        else:
            parts[part[0]][part[1]] += cost
        if part is None or own is None or part[0] != own[0] or part == own:
            by[spent.agreement] += cost
    for name, held in parts.items():
        whole += held[own[1]] if own and own[0] == name else max(held.values())
    period = budget.period(at)
    return Standing(budget, population, whole, dict(by), period[1] if period else None)


def afford(budget: Budget, events: Iterable[Mapping[str, Any]], wanted: Spent) -> Standing:
    """What stands before `wanted` is spent. GateError PRIVACY_BUDGET where the rest does not suffice.

    Ask before the noise is drawn, and enter the spending before its figures are shown: two runs that both
    asked first would both be told yes.
    """
    standing = left(budget, events, datetime.fromisoformat(wanted.at), wanted.population)
    if wanted.asset != budget.asset:
        raise GateError(
            Problem(
                "PRIVACY_BUDGET", f"{wanted.asset} has no budget here", fix="declare one in its contract"
            )
        )
    if Decimal(str(wanted.epsilon)) > standing.left:
        raise GateError(_exhausted(standing, wanted))
    return standing


def _within(budget: Budget, events: Iterable[Mapping[str, Any]], at: datetime) -> Iterator[Spent]:
    """What was spent on the budget's asset in the period of `at`."""
    period = budget.period(at)
    for facts in events:
        spent = Spent.from_facts(facts)
        if spent.asset != budget.asset:
            continue
        moment = datetime.fromisoformat(spent.at)
        if period is None or period[0] <= moment < period[1]:
            yield spent


def _exhausted(standing: Standing, wanted: Spent) -> Problem:
    spenders = sorted(standing.by.items(), key=lambda pair: (-pair[1], pair[0]))
    who = ", ".join(f"{agreement} {cost}" for agreement, cost in spenders) or "nobody yet"
    smaller = f"ask with an epsilon of at most {standing.left}" if standing.left else ""
    begin = f"wait until {standing.until:%Y-%m-%d}, when it begins anew" if standing.until else ""
    larger = "let the asset's controller declare a larger one"
    return Problem(
        "PRIVACY_BUDGET",
        f"epsilon {wanted.epsilon} is wanted and {standing.left} of {standing.budget.cap} is left for"
        f" {standing.population}",
        f"noise wears off when it is asked for again and again; spent by: {who}",
        ", or ".join(way for way in (smaller, begin, larger) if way),
        f"asset {standing.budget.asset}",
    )


def _damaged() -> Problem:
    return Problem(
        "SPENT",
        "an entry of what was spent cannot be read",
        "what it cost is not known, so nothing more may be spent",
        "verify the account",
    )


def _is_positive(value: Any) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and value > 0
    )


def _moment(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except (ValueError, TypeError):
        return False
