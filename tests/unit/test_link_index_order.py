"""Order-free: however records come, go, change and return, the index holds the people of a full rebuild."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from link_example import SECRET, asked, town

from sharewell.link import Settings
from sharewell.link.index import Act, PersonIndex
from sharewell.link.index import edges as edges_module
from sharewell.link.trained import Model

ACT = Act("steward", "index of the town", dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
KEY = b"k" * 32
Row = dict[str, Any]
Held = dict[tuple[str, str], Row]
ASKED = asked(one_per_source=frozenset("ab"))


def rows_of(tables: Mapping[str, pa.Table]) -> Held:
    return {(name, row["record"]): row for name, table in tables.items() for row in table.to_pylist()}


def tables_of(held: Held) -> dict[str, pa.Table]:
    by: dict[str, list[Row]] = {}
    for (source, _), row in held.items():
        by.setdefault(source, []).append(row)
    columns = sorted({name for row in held.values() for name in row})
    return {
        source: pa.table({name: pa.array([row.get(name) for row in rows]) for name in columns})
        for source, rows in by.items()
    }


def noisy(seed: int) -> Held:
    """A street of families: numbers missing, shared, and one key that many hold."""
    rng = random.Random(seed)
    held = rows_of(town(14, seed=seed, nhs_missing=(0.2, 0.3, 0.6)).sources)
    names = sorted(held)
    for _ in range(4):  # a number written into another's record
        held[rng.choice(names)]["nhs_number"] = held[rng.choice(names)]["nhs_number"]
    for at in range(6):  # a record that a source without a promise holds twice
        held["c", f"again{at}"] = held[rng.choice(names)] | {"record": f"again{at}"}
    return held


def partition(index: PersonIndex) -> set[frozenset[tuple[str, str]]]:
    people: dict[str, set[tuple[str, str]]] = {}
    for row in index.people().to_pylist():
        people.setdefault(row["person"], set()).add((row["source"], row["record"]))
    return {frozenset(records) for records in people.values()}


def stored_edges(index: PersonIndex) -> set[tuple[object, ...]]:
    rows = index._store.con.execute(
        "SELECT a.source, a.record, b.source, b.record, weight FROM idx.edges JOIN idx.records a ON"
        " a.rid = l"
        " JOIN idx.records b ON b.rid = r"
    ).fetchall()
    return {(frozenset([row[:2], row[2:4]]), row[4]) for row in rows}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    path = tmp_path_factory.mktemp("model") / "index"
    with PersonIndex.open(path, key=KEY, secret=SECRET) as index:
        index.train(town(250).sources, ASKED, ACT)
        return index.model


def opened(path: Path, model: Model, settings: Settings = ASKED) -> PersonIndex:
    index = PersonIndex.open(path, key=KEY, secret=SECRET, uuids=random.Random(1))
    index.adopt(model, settings, ACT)
    return index


def rebuilt(path: Path, model: Model, held: Held) -> tuple[set[Any], set[Any]]:
    with opened(path, model) as index:
        index.apply(tables_of(held), act=ACT)
        return partition(index), stored_edges(index)


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys crowd at six holders here, so that streets cross the line both ways."""
    monkeypatch.setattr(edges_module, "GROWN", 6)


@pytest.mark.long
@given(st.integers(0, 10**6), st.integers(1, 4))
@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.usefixtures("limit")
def test_any_order_and_any_detour_end_where_a_rebuild_does(
    model: Model, tmp_path_factory: pytest.TempPathFactory, seed: int, batches: int
) -> None:
    folder, rng = tmp_path_factory.mktemp("order"), random.Random(seed)
    held = noisy(seed % 7)
    names = sorted(held)
    rng.shuffle(names)
    with opened(folder / "deltas", model) as index:
        for at in range(batches):
            batch = {name: held[name] for name in names[at::batches]}
            wrong = {
                name: row | {"surname": held[rng.choice(names)]["surname"], "nhs_number": None}
                for name, row in batch.items()
                if rng.random() < 0.15
            }
            stray = {
                (source, f"stray{record}"): row | {"record": f"stray{record}"}
                for (source, record), row in batch.items()
                if rng.random() < 0.1
            }
            if wrong | stray:
                index.apply(tables_of(wrong | stray), act=ACT)
            gone: dict[str, list[str]] = {}
            for source, record in stray:
                gone.setdefault(source, []).append(record)
            index.apply(tables_of(batch), removed=gone, act=ACT)
        assert (partition(index), stored_edges(index)) == rebuilt(folder / "whole", model, held)
        assert index.as_of(ACT.at).equals(index.people())


def test_a_key_that_crowds_and_empties_again_makes_and_unmakes_its_pairs(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edges_module, "GROWN", 4)
    street = {
        ("c", str(at)): {
            "record": str(at),
            "forename": "Ruth",
            "surname": "Kelby",
            "born": "1980-02-03",
            "postcode": "QN1 1AA" if at < 2 else f"QN9 9{'ABDEFGHJ'[at]}A",
        }
        for at in range(7)
    }
    two = {name: street[name] for name in sorted(street)[:2]}
    rest: dict[str, list[str]] = {"c": [record for _, record in sorted(street)[2:]]}
    with opened(tmp_path / "crowd", model) as index:
        index.apply(tables_of(two), act=ACT)
        few = stored_edges(index)
        assert len(few) == 1
        change = index.apply(tables_of(street), act=ACT)
        assert change.counts["touched"] == 7
        assert stored_edges(index) == few  # by their postcode; the key of name and birth date gives none
        change = index.apply({}, removed={"c": rest["c"][2:]}, act=ACT)
        assert len(stored_edges(index)) == 6
        index.apply({}, removed=rest, act=ACT)
        assert stored_edges(index) == few


def test_a_delivery_twice_changes_nothing_and_says_so(model: Model, tmp_path: Path) -> None:
    held = noisy(3)
    with opened(tmp_path / "twice", model) as index:
        index.apply(tables_of(held), act=ACT)
        before = index.people()
        events = index._store.con.execute("SELECT * FROM idx.events ORDER BY seq").fetchall()
        change = index.apply(tables_of(held), act=ACT, whole=True)
        respelt = {name: row | {"surname": row["surname"].upper()} for name, row in held.items()}
        again = index.apply(tables_of(respelt), act=ACT)
        assert change.counts["unchanged"] == again.counts["unchanged"] == len(held)
        assert change.counts["touched"] == again.counts["touched"] == 0
        assert index.people().equals(before)
        assert index._store.con.execute("SELECT * FROM idx.events ORDER BY seq").fetchall() == events


def test_ids_of_people_who_are_not_touched_stay(model: Model, tmp_path: Path) -> None:
    held = noisy(4)
    with opened(tmp_path / "local", model) as index:
        index.apply(tables_of(held), act=ACT)
        before = {(row["source"], row["record"]): row["person"] for row in index.people().to_pylist()}
        first = min(held)
        change = index.apply(tables_of({("c", "new"): held[first] | {"record": "new"}}), act=ACT)
        after = {(row["source"], row["record"]): row["person"] for row in index.people().to_pylist()}
        assert change.counts["reconsidered"] < 20
        assert after.pop(("c", "new")) == before[first]
        assert after == before


def test_somebody_dropped_one_day_and_sent_the_next_is_who_they_were(model: Model, tmp_path: Path) -> None:
    held = noisy(5)
    with opened(tmp_path / "back", model) as index:
        index.apply(tables_of(held), act=ACT)
        before = index.people()
        some = sorted(held)[::3]
        gone: dict[str, list[str]] = {}
        for source, record in some:
            gone.setdefault(source, []).append(record)
        index.apply({}, removed=gone, act=ACT)
        assert index.people().num_rows == len(held) - len(some)
        index.apply(tables_of({name: held[name] for name in some}), act=ACT)
        assert index.people().equals(before)
        assert index.as_of(ACT.at).equals(before)
