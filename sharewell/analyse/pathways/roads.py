"""People from a beginning on, and their events: read from one table, every date held against the others.

A date that cannot be right is counted and never used: a person with one is in no outcome group, an event
with one is on no path. What is left is exact about the order of days, and nothing else is assumed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ...errors import FitError, Problem
from ...plan.finding import UNKNOWN

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

YEAR = 365.25
NEVER = 2**40
"""Stands for a day that has not come: nobody lives so long."""


@dataclass(frozen=True)
class Check:
    """One way in which a date of a `record` (beginning, death, event) cannot be right: how many were found,
    of how many that were looked at."""

    record: str
    name: str
    found: int
    of: int


@dataclass(frozen=True)
class People:
    """One row a person. Days count from the beginning: `lived` to death (NEVER), `known` to the last day
    known of. `usable`: no date of theirs is impossible. `by`: the columns that they are told apart by, each
    as codes and names."""

    key: pa.Array
    lived: Ints
    known: Ints
    usable: Bools
    by: tuple[tuple[Ints, tuple[str, ...]], ...]

    @property
    def count(self) -> int:
        return len(self.lived)

    def time(self, horizon: float) -> tuple[Floats, Bools]:
        """Days followed, at most `horizon`, and whether death ended them."""
        end = np.minimum(self.known, horizon).astype(float)
        died = self.lived <= end
        return np.where(died, self.lived, end), died


@dataclass(frozen=True)
class Events:
    """One row an event of a usable person that began at or after the beginning: `person` is a position."""

    person: Ints
    begin: Ints
    stay: Ints
    kind: Ints
    pence: Ints
    kinds: tuple[str, ...]


def read_people(table: pa.Table, by: int) -> tuple[People, list[Check]]:
    """The people of a table with columns lived and known (days, whole), `by_0` ... and perhaps person.

    Raises FitError EMPTY, DUPLICATE or NO_START, all that hold.
    """
    problems = list(_people_faults(table))
    if problems:
        raise FitError(problems)
    died = np.asarray(table["lived"].is_valid().to_numpy())
    lived = _whole(table["lived"], NEVER)
    known = _whole(table["known"], 0)
    backward, late, future = lived < 0, died & (lived > known), known < 0
    checks = [
        Check("death", "Death before the beginning", int(backward.sum()), int(died.sum())),
        Check("death", "Death after the last day known of", int((late & ~future).sum()), int(died.sum())),
        Check("beginning", "Beginning after the last day known of", int(future.sum()), table.num_rows),
    ]
    key = (
        table["person"] if "person" in table.column_names else pa.chunked_array([pa.nulls(table.num_rows)])
    )
    return People(
        key.combine_chunks(),
        lived,
        known,
        ~(backward | late | future),
        tuple(codes(table[f"by_{i}"]) for i in range(by)),
    ), checks


def read_events(table: pa.Table, people: People, before: int) -> tuple[Events, list[Check], int]:
    """Events that a path may hold, the checks, and how many lie before the beginning (history, left out).

    Columns person, begin and stay (days, whole), kind, pence. `before`: an event may lie so many days
    before the beginning and be history; earlier ones are counted as impossible. Rows of people who have an
    impossible date themselves are left out unjudged.
    """
    index = pc.index_in(table["person"], pa.array(people.key))
    person = _whole(index, -1)
    held = (person >= 0) & people.usable[np.maximum(person, 0)]
    table, person = table.filter(pa.array(held)), person[held]
    dated = np.asarray(table["begin"].is_valid().to_numpy())
    begin, stay = _whole(table["begin"], 0), _whole(table["stay"], 0)
    lived, known = people.lived[person], people.known[person]
    reversed_, after = stay < 0, begin > np.minimum(lived, known)
    early = begin < -before
    dead = after & (begin <= known)
    checks = [
        Check("event", "Event that ended before it began", int(reversed_.sum()), len(person)),
        Check("event", "Event after death", int((dead & dated).sum()), len(person)),
        Check("event", "Event after the last day known of", int((after & ~dead).sum()), len(person)),
        Check(
            "event", f"Event more than {before:,} days before the beginning", int(early.sum()), len(person)
        ),
        Check("event", "Event without a day", int((~dated).sum()), len(person)),
    ]
    history = dated & ~early & (begin < 0)
    right = dated & ~reversed_ & ~after & ~early & (begin >= 0)
    kind, kinds = codes(table["kind"])
    found = Events(
        person[right], begin[right], stay[right], kind[right], _whole(table["pence"], 0)[right], kinds
    )
    return found, checks, int(history.sum())


def doubtful(checks: Sequence[Check], doubt: float) -> bool:
    """Whether of one kind of record more than the share `doubt` of the dates cannot be right."""
    return share_wrong(checks) > doubt


def share_wrong(checks: Sequence[Check]) -> float:
    """The dates that cannot be right, as a share of those looked at: of the worst kind of record."""
    worst = 0.0
    for record in {check.record for check in checks}:
        mine = [check for check in checks if check.record == record]
        of = max(check.of for check in mine)
        worst = max(worst, sum(check.found for check in mine) / of if of else 0.0)
    return worst


def codes(column: pa.ChunkedArray) -> tuple[Ints, tuple[str, ...]]:
    """A column as codes into its values as text, in their order; what is missing is UNKNOWN, the last."""
    if pa.types.is_boolean(column.type):
        column = pc.if_else(column, "yes", "no")
    encoded = column.cast(pa.string()).combine_chunks().dictionary_encode()
    names = [str(name) for name in encoded.dictionary.to_pylist()]
    order = sorted(range(len(names)), key=names.__getitem__)
    rank = np.empty(len(names) + 1, np.int64)
    rank[order] = np.arange(len(order))
    rank[-1] = len(names)
    place = _whole(encoded.indices, len(names))
    told = tuple(names[i] for i in order)
    return rank[place], told + ((UNKNOWN,) if column.null_count else ())


def _people_faults(table: pa.Table) -> Iterable[Problem]:
    if table.num_rows == 0:
        yield Problem("EMPTY", "nobody is in the cohort", "there is nothing to follow", "widen it")
        return
    if table["known"].null_count:
        yield Problem(
            "NO_START", "somebody has no day of beginning", "no time can be counted", "leave them out"
        )
    if "person" in table.column_names:
        person = table["person"]
        if person.null_count or pc.count_distinct(person).as_py() < table.num_rows:
            yield Problem(
                "DUPLICATE",
                "a person stands in the cohort twice or without a key",
                "they would count twice",
                "take one row a person (`one_row`)",
            )


def _whole(column: pa.ChunkedArray | pa.Array, missing: int) -> Ints:
    filled = pc.fill_null(column.cast(pa.int64()), missing)
    if isinstance(filled, pa.ChunkedArray):
        filled = filled.combine_chunks()
    return np.asarray(filled.to_numpy(zero_copy_only=False), np.int64)
