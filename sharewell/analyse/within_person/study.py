"""The prepared table read whole and checked: who was at risk, which home was changed, what happened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ...errors import FitError, Problem
from ...plan.recipe import Params
from .preparing import CHANGES, COLUMNS, EVENTS, PEOPLE, PLACEBO

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
NEVER = 99_999
YEAR = 365.2425


@dataclass(frozen=True)
class Happened:
    """Events by person (position in the study), month (of the study) and how many."""

    person: Ints
    month: Ints
    number: Ints


@dataclass(frozen=True)
class Study:
    """Arrays by person in order of their key: `home` (position in `change`), `born`, `begin`, `end` (days
    since 1970, half-open time at risk), `sex` (codes; the last is not known), `improved`.

    `change` (homes, kinds): month of the study in which the change was completed, or NEVER; under zero
    before the study. `starts` (months + 1,): first day of each month. `flow`: people at each stage.
    `records`: changes submitted, and those at the home of somebody who was looked at. `notes`: what was
    left out and why, in words.
    """

    home: Ints
    born: Ints
    begin: Ints
    end: Ints
    sex: Ints
    improved: Bools
    kinds: tuple[str, ...]
    change: Ints
    starts: Ints
    events: Happened
    placebo: Happened | None
    flow: tuple[tuple[str, int], ...]
    records: tuple[int, int]
    notes: tuple[str, ...]

    @property
    def months(self) -> int:
        return len(self.starts) - 1


def read_study(table: pa.Table, params: Params) -> Study:
    """The study in a table with the columns of COLUMNS.

    Raises FitError with all of: COLUMN, DUPLICATE, TWO_HOMES, NO_CHANGES, NO_DATE, NEGATIVE; or NOBODY,
    NO_EVENTS, SAME_MONTH, TOO_SMALL.
    """
    absent = sorted(set(COLUMNS) - set(table.column_names))
    if absent:
        raise FitError(Problem("COLUMN", f"the study has no column {', '.join(absent)}"))
    parts = {
        part: table.filter(pc.equal(table["part"], part)) for part in (PEOPLE, CHANGES, EVENTS, PLACEBO)
    }
    problems = [*_people_faults(parts[PEOPLE]), *_change_faults(parts[CHANGES]), *_event_faults(parts)]
    if problems:
        raise FitError(problems)
    study = _assemble(parts, params)
    problems = list(_study_faults(study, params))
    if problems:
        raise FitError(problems)
    return study


def _people_faults(people: pa.Table) -> Iterator[Problem]:
    keys = people.select(["person", "home"])
    if people["person"].null_count:
        yield Problem("DUPLICATE", "somebody has no key", "people could not be told apart")
    persons = pc.count_distinct(people["person"]).as_py()
    if persons == people.num_rows - people["person"].null_count:
        return
    homes = keys.group_by(["person", "home"]).aggregate([]).num_rows
    if homes > persons:
        yield Problem(
            "TWO_HOMES",
            "somebody lives in two homes at once",
            "which changes they lived through is not known",
            "give one home a person (`one_row: person`), the one they lived in",
        )
    if homes < people.num_rows:
        yield Problem(
            "DUPLICATE", "a person stands in the study twice", "they would count twice", "pick one"
        )


def _change_faults(changes: pa.Table) -> Iterator[Problem]:
    at_home = changes.filter(pc.is_valid(changes["home"]))
    if at_home.num_rows == 0:
        yield Problem("NO_CHANGES", "no home was changed", "there is nothing to compare")
    elif at_home["changed"].null_count == at_home.num_rows:
        yield Problem(
            "NO_DATE", "no change has a date", "before and after cannot be told apart", "add the dates"
        )


def _event_faults(parts: dict[str, pa.Table]) -> Iterator[Problem]:
    for part in (EVENTS, PLACEBO):
        if (pc.min(parts[part]["number"]).as_py() or 0) < 0:
            yield Problem("NEGATIVE", f"a number of {part} is below zero", "a count of events cannot be")


def _assemble(parts: dict[str, pa.Table], params: Params) -> Study:
    people = parts[PEOPLE].sort_by("person")
    first, last = params["follow_from"], params["follow_to"]
    starts = _month_starts(first, last)
    kinds, homes, change, doubtful, records = _changes(parts[CHANGES], starts)
    known = _days(people["born"]) != NEVER
    at = _positions(people["home"], homes)
    housed = np.asarray(pc.is_valid(people["home"]).combine_chunks().to_numpy(zero_copy_only=False))
    dated = ~np.isin(at, doubtful)
    born, begin, end = _time_at_risk(people, params)
    backwards = known & (end < begin) & (_days(people["ended"]) < _since(people, born))
    at_risk = end > begin
    improved = (at >= 0) & (change[np.maximum(at, 0)] < len(starts) - 1).any(axis=1) & dated
    stages = {"Old enough by the end": known, "In a home that is known": housed & dated, "At risk": at_risk}
    held = np.ones(len(known), bool)
    flow = []
    for stage, keep in stages.items():
        held &= keep
        flow.append((stage, int(held.sum())))
    held &= improved | _compared(people, improved & held, held, params)
    flow.append(("Looked at", int(held.sum())))
    rows = np.flatnonzero(held)
    place = np.full(len(held), -1)
    place[rows] = np.arange(len(rows))
    whose = people["person"]
    zero = first.year * 12 + first.month - 1
    events, outside = _happened(parts[EVENTS], whose, place, zero, begin[rows], end[rows], starts)
    placebo = None
    if parts[PLACEBO].num_rows:
        placebo, _ = _happened(parts[PLACEBO], whose, place, zero, begin[rows], end[rows], starts)
    home, unique = _home_codes(people["home"], at, rows, change)
    return Study(
        home, born[rows], begin[rows], end[rows], _sexes(people["sex"])[rows], improved[rows], kinds,
        unique, starts, events, placebo, tuple(flow),
        (records, _records_at(parts[CHANGES], people["home"].take(pa.array(rows)))),
        tuple(_notes(known, housed, dated, backwards, outside)),
    )  # fmt: skip


def _month_starts(first: dt.date, last: dt.date) -> Ints:
    months = np.arange(np.datetime64(first, "M"), np.datetime64(last, "M") + 2)
    return months.astype("datetime64[D]").astype(np.int64)


def _changes(changes: pa.Table, starts: Ints) -> tuple[tuple[str, ...], pa.Array, Ints, Ints, int]:
    """Kinds, homes changed, month of each kind in each, homes with an undated change, and records."""
    records = int(pc.sum(changes["number"]).as_py() or 0)
    kept = changes.filter(pc.and_(pc.is_valid(changes["home"]), pc.is_valid(changes["kind"])))
    kinds = tuple(sorted(set(kept["kind"].to_pylist())))
    homes = pc.unique(kept["home"])
    at = pc.index_in(kept["home"], homes).to_numpy()
    kind = pc.index_in(kept["kind"], pa.array(kinds)).to_numpy()
    day = _days(kept["changed"])
    month = np.searchsorted(starts, day, side="right") - 1
    month[day < starts[0]] = -NEVER
    table = np.full((len(homes), len(kinds)), NEVER, np.int64)
    dated = day != NEVER
    np.minimum.at(table, (at[dated], kind[dated]), month[dated])
    return kinds, homes, table, np.unique(at[~dated]), records


def _time_at_risk(people: pa.Table, params: Params) -> tuple[Ints, Ints, Ints]:
    """Birth, and the days at risk: from follow-up, birth, moving in or the age, whichever is last, to death
    or the end."""
    born = _days(people["born"])
    old_enough = born + np.ceil(params["from_age"] * YEAR).astype(np.int64)
    first = (params["follow_from"] - dt.date(1970, 1, 1)).days
    last = (params["follow_to"] - dt.date(1970, 1, 1)).days + 1
    begin = np.maximum.reduce([np.full(len(born), first), old_enough, _since(people, born)])
    return born, begin, np.minimum(_days(people["ended"]), last)


def _since(people: pa.Table, born: Ints) -> Ints:
    since = _days(people["since"])
    return np.maximum(np.where(since == NEVER, born, since), born)


def _compared(people: pa.Table, improved: Bools, held: Bools, params: Params) -> Bools:
    """People of the same regions in homes that were never changed, at most as many as asked.

    Keys are keyed hashes, so their order is as good as a draw by lot, and the same each time.
    """
    region = people["region"].combine_chunks().dictionary_encode(null_encoding="encode").indices.to_numpy()
    there = np.isin(region, np.unique(region[improved]))
    others = np.flatnonzero(held & ~improved & there)[: params["comparison"]]
    chosen = np.zeros(len(held), bool)
    chosen[others] = True
    return chosen


def _happened(
    events: pa.Table, persons: pa.ChunkedArray, place: Ints, zero: int, begin: Ints, end: Ints, starts: Ints
) -> tuple[Happened, int]:
    """Events of those looked at in a month in which they were at risk, and how many fell outside."""
    at = _positions(events["person"], persons.combine_chunks())
    whose = np.where(at >= 0, place[np.maximum(at, 0)], -1)
    month = events["month"].to_numpy().astype(np.int64) - zero
    number = events["number"].to_numpy().astype(np.int64)
    inside = (month >= 0) & (month < len(starts) - 1)
    rows = np.flatnonzero((whose >= 0) & inside)
    whose, month, number = whose[rows], month[rows], number[rows]
    held = (begin[whose] < starts[month + 1]) & (end[whose] > starts[month])
    return Happened(whose[held], month[held], number[held]), int(number[~held].sum())


def _home_codes(homes: pa.ChunkedArray, at: Ints, rows: Ints, change: Ints) -> tuple[Ints, Ints]:
    """Homes of those looked at, changed ones first as in `change`, and `change` with a row for each."""
    codes = homes.combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)
    own = np.where(at[rows] >= 0, at[rows], len(change) + codes[rows])
    unique, code = np.unique(own, return_inverse=True)
    table = np.full((len(unique), change.shape[1]), NEVER, np.int64)
    changed = unique < len(change)
    table[changed] = change[unique[changed].astype(np.int64)]
    return code.astype(np.int64), table


def _records_at(changes: pa.Table, homes: pa.ChunkedArray) -> int:
    found = changes.filter(pc.is_in(changes["home"], pc.unique(homes)))
    return int(pc.sum(found["number"]).as_py() or 0)


def _sexes(column: pa.ChunkedArray) -> Ints:
    codes = pc.index_in(column, pa.array(["F", "M"])).combine_chunks()
    return np.asarray(pc.fill_null(codes, 2).to_numpy()).astype(np.int64)


def _notes(known: Bools, housed: Bools, dated: Bools, backwards: Bools, outside: int) -> Iterator[str]:
    if not known.all():
        yield "People whose birth is not known were left out."
    if not housed.all():
        yield "People whose home is not known were left out: what was done to it is not known either."
    if not dated.all():
        yield "People in homes with a change without a date were left out."
    if backwards.any():
        yield "People whose dates contradict (an end before the beginning) were left out."
    if outside:
        yield "Events outside a person's time at risk (before moving in, after death) were not counted."


def _study_faults(study: Study, params: Params) -> Iterator[Problem]:
    if not len(study.home):
        yield Problem(
            "NOBODY", "nobody was at risk in a home that was changed", "there is nobody to compare"
        )
        return
    if not study.events.number.sum():
        yield Problem(
            "NO_EVENTS", "no event was counted in anybody's time at risk", fix="lengthen the follow-up"
        )
    if int(study.improved.sum()) < params["least"]:
        yield Problem(
            "TOO_SMALL",
            f"fewer than {params['least']} people live in homes that were changed",
            "an estimate would say little and could point at people",
            "wait for a larger cohort",
        )
    months = np.unique(study.change[study.change < study.months])
    if len(months) < 2 and study.improved.all():
        yield Problem(
            "SAME_MONTH",
            "every home was changed in the same month, and nobody lived elsewhere",
            "the change and what else happened in that month cannot be told apart",
            "add homes changed at other times or never",
        )


def _positions(values: pa.ChunkedArray, among: pa.Array) -> Ints:
    """Where each value stands in `among`, -1 where it does not; null stands nowhere."""
    found = pc.index_in(values, value_set=among, skip_nulls=True)
    return np.asarray(pc.fill_null(found, -1).combine_chunks().to_numpy()).astype(np.int64)


def _days(column: pa.ChunkedArray) -> Ints:
    """Days since 1970; NEVER, which is in the year 2243, where there is none."""
    days = pc.fill_null(pc.cast(column, pa.date32()).cast(pa.int32()), NEVER)
    return np.asarray(days.combine_chunks().to_numpy()).astype(np.int64)
