"""What lets the index be large: things said once, whole components known, a bound on memory, work told."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from link_example import SECRET, asked, town
from test_link_index_order import ACT, ASKED, KEY, Held, noisy, opened, partition, stored_edges, tables_of

from sharewell.link.index import PersonIndex
from sharewell.link.index import edges as edges_module
from sharewell.link.index.store import Store
from sharewell.link.settings import Progress
from sharewell.link.trained import Model


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    path = tmp_path_factory.mktemp("model") / "index"
    with PersonIndex.open(path, key=KEY, secret=SECRET) as index:
        index.train(town(250).sources, ASKED, ACT)
        return index.model


def stored_keys(index: PersonIndex) -> list[Any]:
    return index._store.con.execute(
        "SELECT rule, key, source, record FROM idx.keys JOIN idx.records USING (rid) ORDER BY ALL"
    ).fetchall()


def components(index: PersonIndex) -> set[frozenset[str]]:
    rows = index._store.con.execute(
        "SELECT list(source || ' ' || record) FROM idx.members JOIN idx.records USING (rid)"
        " GROUP BY component"
    ).fetchall()
    return {frozenset(row[0]) for row in rows}


SAID = {"forename": "Ruth", "surname": "Kelby", "born": dt.date(1980, 2, 3), "postcode": "QN1 1AA"}
TORN: Held = {
    (source, "torn"): SAID | {"record": "torn", "nhs_number": number}
    for source, number in {"a": "9434765919", "b": "9434765870", "c": None}.items()
}
"""Two who say the same and have numbers of their own; whose is the third record?"""


def known_otherwise(seed: int) -> Held:
    """A street, some of whom are also known by another's name, or by their own once more."""
    rng = random.Random(seed)
    held = noisy(seed) | TORN
    for name in rng.sample(sorted(held), 12):
        other = held[rng.choice(sorted(held))]
        held[name]["alias"] = f"{other['forename']} {other['surname']}"
    for name in rng.sample(sorted(held), 4):
        held[name]["alias"] = f"{held[name]['forename']} {held[name]['surname']}"
    return held


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.long)])
def test_deltas_leave_what_linking_everything_at_once_does(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(edges_module, "GROWN", 6)
    held = known_otherwise(seed)
    names = random.Random(seed).sample(sorted(held), len(held))
    with opened(tmp_path / "deltas", model) as index:
        for at in range(3):
            index.apply(tables_of({name: held[name] for name in names[at::3]}), act=ACT)
        found = [read(index) for read in (partition, stored_edges, stored_keys, components)]
    with PersonIndex.open(tmp_path / "whole", key=KEY, secret=SECRET) as index:
        index.adopt(model, ASKED, ACT, tables=tables_of(held))
        assert [read(index) for read in (partition, stored_edges, stored_keys, components)] == found
    people, edges, _, linked = found
    assert len(edges) > 20
    assert len(linked) < len(people), "no edge was refused: components are not put to the test"


def test_an_edge_that_was_refused_joins_once_the_other_is_gone(model: Model, tmp_path: Path) -> None:
    torn = {f"{source} torn" for source in "abc"}
    with opened(tmp_path / "torn", model) as index:
        index.apply(tables_of(TORN), act=ACT)
        assert components(index) == {frozenset(torn)}
        assert len(partition(index)) == 3
        index.apply({}, removed={"b": ["torn"]}, act=ACT)
        assert partition(index) == {frozenset({("a", "torn"), ("c", "torn")})}
        index.apply(tables_of(TORN), act=ACT)
        assert len(partition(index)) == 3
        index.apply({}, removed={"c": ["torn"]}, act=ACT)
        assert components(index) == {frozenset({"a torn"}), frozenset({"b torn"})}


def test_what_many_records_say_is_weighed_once(model: Model, tmp_path: Path) -> None:
    same = {("c", f"{at}"): SAID | {"record": f"{at}"} for at in range(30)}
    other = {("c", "other"): SAID | {"record": "other", "forename": "Ruthe"}}
    with opened(tmp_path / "same", model) as index:
        change = index.apply(tables_of(same), act=ACT)
        assert (change.counts["pairs_weighed"], change.counts["edges_made"]) == (1, 30 * 29 // 2)
        change = index.apply(tables_of(other), act=ACT)
        assert (change.counts["pairs_weighed"], change.counts["edges_made"]) == (1, 30)
        assert len(partition(index)) == 1


def test_every_act_tells_its_stages_in_order_to_the_end(tmp_path: Path) -> None:
    sources = town(60).sources
    with PersonIndex.open(tmp_path / "told", key=KEY, secret=SECRET) as index:
        acts: list[Callable[[Progress], Any]] = [
            lambda told: index.train(sources, asked(), ACT, progress=told),
            lambda told: index.adopt(index.model, asked(), ACT, progress=told),
            lambda told: index.apply({"d": sources["a"]}, act=ACT, progress=told),
        ]
        for act in acts:
            told: list[tuple[str, float]] = []
            act(lambda stage, done, told=told: told.append((stage, done)))  # type: ignore[misc]
            shares = [done for _, done in told]
            assert shares == sorted(shares)
            assert (shares[0], told[-1]) == (0.0, ("done", 1.0))
            assert {"weighing pairs", "forming people", "writing the index"} <= {stage for stage, _ in told}


def test_what_does_not_fit_in_memory_is_spilt_where_no_one_can_read_it(tmp_path: Path) -> None:
    needle = "OVERBURY-ON-THE-HILL"
    with Store(tmp_path / "index", KEY, 1) as store, store.working() as con:
        con.execute("SET memory_limit = '40MB'")
        con.execute(
            f"CREATE TABLE large AS SELECT '{needle}' || (random() * 1e9)::BIGINT AS said"
            " FROM range(2000000)"
        )
        files = [path for path in Path(f"{store.path}.spill").iterdir() if path.stat().st_size]
        assert files, "nothing was spilt"
        assert not any(needle.encode() in path.read_bytes() for path in files)
        found = con.execute(f"SELECT count(*) FROM large WHERE starts_with(said, '{needle}')").fetchall()
        assert found == [(2_000_000,)]
    assert not Path(f"{tmp_path / 'index'}.spill").exists()
