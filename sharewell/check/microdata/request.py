"""What is asked of `anonymise`, checked before any row is looked at: every cause at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite

import pyarrow as pa

from ...errors import GateError, Problem
from .anonymity import Anonymity
from .hierarchy import Generalisation
from .loss import METRICS


@dataclass(frozen=True)
class Request:
    """Rows, what each column is, and how they may be changed. See `anonymise`."""

    table: pa.Table
    name: str
    quasi: tuple[str, ...]
    sensitive: tuple[str, ...]
    other: tuple[str, ...]
    subject: str | None
    hierarchies: Mapping[str, Generalisation]
    wanted: Anonymity
    metric: str
    importance: Mapping[str, float] = field(default_factory=dict)

    @property
    def untouched(self) -> tuple[str, ...]:
        """The columns that leave as they are and are not judged."""
        return self.other if self.subject is None else (*self.other, self.subject)

    @property
    def weights(self) -> list[float]:
        """What each quasi-identifier weighs in the loss; 1 unless said."""
        return [float(self.importance.get(name, 1.0)) for name in self.quasi]

    def check(self) -> None:
        """GateError with every cause."""
        problems = [*self._column_problems(), *self._setting_problems()]
        if not problems:
            problems = [*self._size_problems()]
        if problems:
            raise GateError(Problem(p.code, p.what, p.why, p.fix, self.name) for p in problems)

    def _column_problems(self) -> Iterator[Problem]:
        said = [*self.quasi, *self.sensitive, *self.other, *([self.subject] if self.subject else [])]
        held = self.table.column_names
        for name in sorted({name for name in held if held.count(name) > 1}):
            yield Problem("COLUMNS", f"{name} is there twice", fix="rename one")
        for name in sorted({name for name in said if said.count(name) > 1}):
            yield Problem("COLUMNS", f"{name} is said to be two things", fix="choose one")
        for name in sorted(set(said) - set(held)):
            yield Problem("COLUMNS", f"a column is absent: {name}", fix="leave it out, or add it")
        for name in sorted(set(held) - set(said)):
            yield Problem(
                "COLUMNS",
                f"nothing says what {name} is",
                "a column that nobody judged could single a person out",
                "name it in quasi, sensitive or other, or drop it",
            )
        if not self.quasi:
            yield Problem(
                "COLUMNS", "no quasi-identifier is named", "nothing would be protected", "name one"
            )
        for name in said:
            if (
                name in held
                and held.count(name) == 1
                and pa.types.is_nested(self.table.schema.field(name).type)
            ):
                yield Problem("COLUMNS", f"{name} holds values within values", fix="flatten it")

    def _setting_problems(self) -> Iterator[Problem]:
        for name in self.quasi:
            if name not in self.hierarchies:
                yield Problem(
                    "HIERARCHY",
                    f"{name} has no hierarchy",
                    "how it may be made coarser has to be declared",
                    "give it one; Suppressible() where it has no groups",
                )
        for name in sorted({*self.hierarchies, *self.importance} - set(self.quasi)):
            yield Problem("HIERARCHY", f"{name} is no quasi-identifier of these rows", fix="leave it out")
        for name, weight in self.importance.items():
            if not (isinstance(weight, int | float) and isfinite(weight) and weight >= 0):
                yield Problem("IMPORTANCE", f"the importance of {name} is not 0 or more", fix="use 1")
        if self.metric not in METRICS:
            yield Problem(
                "METRIC", f"no measure of loss is called {self.metric!r}", fix=f"use: {', '.join(METRICS)}"
            )
        if self.wanted.looks_at_values and not self.sensitive:
            yield Problem(
                "ANONYMITY", "l, t or delta is asked for, but no column is sensitive", fix="name one"
            )
        if self.wanted.population is not None:
            yield Problem(
                "POPULATION",
                "rows alone do not say how many of the population share a combination",
                "recoding cannot promise it",
                "measure population uniqueness on what comes out, and ask here for k",
            )

    def _size_problems(self) -> Iterator[Problem]:
        if self.subject is not None:
            codes = self.table.column(self.subject)
            if codes.null_count or len(codes.unique()) < len(codes):
                yield Problem(
                    "SUBJECT",
                    f"{self.subject} is absent in a row, or the same in two",
                    "several rows alike could be one person",
                    "make one row a person before",
                )
        rows, k = self.table.num_rows, self.wanted.smallest
        if 0 < rows < k:
            yield Problem(
                "FEW", f"there are fewer than {k} rows", f"nobody can be one of {k}", "ask for fewer"
            )
        least = self.wanted.l
        for name in self.sensitive if least is not None and rows else ():
            column = self.table.column(name)
            distinct = len(column.unique().drop_null())
            if least is not None and distinct < least:
                yield Problem(
                    "FEW",
                    f"{name} has fewer than {least} distinct values in all",
                    f"no group of rows can have {least}",
                    "ask for a smaller l, or do not call it sensitive",
                )


def check_levels(
    quasi: Sequence[str], heights: Sequence[int], finest: Mapping[str, int], coarsest: Mapping[str, int]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The lowest and the highest node allowed. GateError where a limit is no level of its column."""
    problems = [
        Problem("LEVELS", f"{name} is no quasi-identifier", fix="leave it out")
        for name in sorted({*finest, *coarsest} - set(quasi))
    ]
    low = [finest.get(name, 0) for name in quasi]
    high = [coarsest.get(name, height - 1) for name, height in zip(quasi, heights, strict=True)]
    problems += [
        Problem(
            "LEVELS",
            f"{name} has levels 0 to {height - 1}, not from {first} to {last}",
            fix="set finest and coarsest within them",
        )
        for name, height, first, last in zip(quasi, heights, low, high, strict=True)
        if not 0 <= first <= last < height
    ]
    if problems:
        raise GateError(problems)
    return tuple(low), tuple(high)
