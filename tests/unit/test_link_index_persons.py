"""Ids that survive: the rules of who keeps an id, over any two partitions of the same records."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewell.link.index import persons

Old = dict[int, int]
New = dict[int, int]


@contextmanager
def assigned(
    old: Old, new: New, since: dict[int, int], pinned: frozenset[int] = frozenset()
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Records ranked by their own number; new people are numbered from 100."""
    with duckdb.connect() as con:
        people = sorted(set(old.values()))
        tables = {
            "before": (old.keys(), old.values(), [False] * len(old)),
            "ages": (people, [since[p] for p in people], [False] * len(people), [None] * len(people)),
            "after": (new.keys(), new.values(), new.keys(), [1.0] * len(new), [False] * len(new)),
            "pinned": (sorted(pinned),),
        }
        kinds = {
            "before": [("rid", pa.int64()), ("person", pa.int64()), ("back", pa.bool_())],
            "ages": [
                ("person", pa.int64()),
                ("since", pa.int64()),
                ("frozen", pa.bool_()),
                ("retired", pa.int64()),
            ],
            "after": [
                ("rid", pa.int64()),
                ("label", pa.int64()),
                ("rank", pa.int64()),
                ("weight", pa.float64()),
                ("frozen", pa.bool_()),
            ],
            "pinned": [("rid", pa.int64())],
        }
        for name, columns in tables.items():
            schema = pa.schema(kinds[name])
            held = pa.table(
                [pa.array(list(c), f.type) for c, f in zip(columns, schema, strict=True)], schema=schema
            )
            con.register(f"{name}_given", held)
            con.execute(f"CREATE TABLE {name} AS FROM {name}_given")
        persons.assign(con, 100)
        yield con


def became(con: duckdb.DuckDBPyConnection) -> dict[int, int]:
    return dict(con.execute("SELECT rid, person FROM became").fetchall())


def forwarded(con: duckdb.DuckDBPyConnection) -> dict[int, int]:
    return dict(con.execute("SELECT old, new FROM forwarded").fetchall())


def events(con: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return con.execute(
        "SELECT kind, person, other, rid FROM told ORDER BY part, person, other, rid"
    ).fetchall()


def test_on_a_merge_the_older_person_stays_though_it_is_the_smaller() -> None:
    with assigned({1: 7, 2: 8, 3: 8}, {1: 1, 2: 1, 3: 1}, {7: 1, 8: 2}) as con:
        assert set(became(con).values()) == {7}
        assert forwarded(con) == {8: 7}
        assert events(con) == [("merged", 7, 8, None)]


def test_of_people_of_one_age_the_larger_stays_and_then_the_one_first_by_content() -> None:
    with assigned({1: 7, 2: 8, 3: 8}, {1: 1, 2: 1, 3: 1}, {7: 1, 8: 1}) as con:
        assert forwarded(con) == {7: 8}
    with assigned({1: 8, 2: 7}, {1: 1, 2: 1}, {7: 1, 8: 1}) as con:
        assert forwarded(con) == {7: 8}


def test_on_a_split_the_largest_part_keeps_the_id_and_ties_fall_by_content() -> None:
    with assigned({1: 7, 2: 7, 3: 7}, {1: 1, 2: 2, 3: 2}, {7: 1}) as con:
        assert became(con) == {1: 100, 2: 7, 3: 7}
        assert events(con) == [
            ("created", 100, None, None),
            ("split", 7, 100, None),
            ("left", 7, 100, 1),
            ("joined", 100, 7, 1),
        ]
    with assigned({1: 7, 2: 7}, {1: 1, 2: 2}, {7: 1}) as con:
        assert became(con) == {1: 7, 2: 100}


def test_a_pinned_part_keeps_the_id_though_it_is_smaller() -> None:
    with assigned({1: 7, 2: 7, 3: 7}, {1: 1, 2: 2, 3: 2}, {7: 1}, frozenset({1})) as con:
        assert became(con) == {1: 7, 2: 100, 3: 100}


def test_a_person_without_records_is_retired() -> None:
    with assigned({1: 7, 2: 8}, {2: 2}, {7: 1, 8: 1}) as con:
        assert con.execute("FROM retired").fetchall() == [(7,)]
        assert events(con) == [("left", 7, None, 1), ("retired", 7, None, None)]


RECORDS = st.dictionaries(st.integers(0, 8), st.integers(0, 4))
AGES = st.lists(st.integers(1, 3), min_size=5, max_size=5)


@given(RECORDS, RECORDS, AGES)
@settings(max_examples=30, deadline=None)
def test_any_two_partitions_keep_every_rule(old: Old, parts: New, ages: list[int]) -> None:
    new = {rid: min(other for other, p in parts.items() if p == part) for rid, part in parts.items()}
    since = dict(enumerate(ages))
    with assigned(old, new, since) as con:
        now, moved, told = became(con), forwarded(con), events(con)
    assert now.keys() == new.keys()
    # One person a part, and no person in two.
    assert all((now[a] == now[b]) == (new[a] == new[b]) for a in new for b in new)
    held: dict[int, list[int]] = defaultdict(list)
    for rid in sorted(old.keys() & new.keys()):
        held[old[rid]].append(rid)
    for person, rids in held.items():
        heirs = Counter(new[rid] for rid in rids)
        kept = {new[rid] for rid in new if now[rid] == moved.get(person, person)}
        assert len(kept) == 1, "an old person goes on in exactly one part"
        assert heirs[kept.pop()] == max(heirs.values())
    for was, into in moved.items():
        assert since[into] <= since[was]
        assert into not in moved
    # The events alone lead from the one to the other.
    state = dict(old)
    for kind, person, other, rid in told:
        if kind == "merged":
            state = {r: person if p == other else p for r, p in state.items()}
        elif kind == "left":
            assert state.pop(rid) == person
        elif kind == "joined":
            state[rid] = person
    assert state == now
