"""Why a pair weighs what it weighs, what holds a cluster together, and what a run would do."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

import duckdb
import pyarrow as pa
import pytest
from link_example import asked, town
from link_review_example import pair_up, score, untrained

from sharewell.errors import LinkError
from sharewell.link import standardise, weigh
from sharewell.link.model import Rule
from sharewell.link.review import (
    Step,
    analyse,
    before,
    cluster,
    cluster_page,
    pair_page,
    sides,
    splink_waterfall,
    unlinkables,
    waterfalls,
)
from sharewell.link.review.waterfall import table
from sharewell.link.trained import Model


@dataclass
class World:
    con: duckdb.DuckDBPyConnection
    trained: Model
    pair: tuple[int, int]
    weight: float
    evidence: pa.Table


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """A small town, its trained model, and the pair nearest to its threshold."""
    with duckdb.connect(config={"threads": 2}) as con:
        standardise.load(con, town(homes=120).sources, asked().columns)
        trained = untrained(con)
        pair_up(con, trained)
        score(con, trained)
        near = f"SELECT l, r, weight FROM weights ORDER BY abs(weight - {trained.least}), l, r LIMIT 1"
        left, right, weight = con.execute(near).fetchall()[0]
        con.execute(f"CREATE TABLE one AS SELECT {left}::BIGINT AS l, {right}::BIGINT AS r")
        weigh.evidence(con, trained, "records", "one", "told")
        evidence = con.sql("FROM told").to_arrow_table()
        yield World(con, trained, (left, right), weight, evidence)


def test_steps_start_at_the_prior_and_add_up_to_the_weight(world: World) -> None:
    steps = waterfalls(world.evidence)[world.pair]
    assert steps[0].comparison == "prior"
    for one, two in pairwise(steps):
        assert two.running == pytest.approx(one.running + two.weight)
    assert steps[-1].running == pytest.approx(world.weight, abs=1e-3)
    assert table(steps)["running"].to_pylist()[-1] == steps[-1].running


def test_splinks_own_waterfall_says_the_same_and_no_value_unless_asked(world: World) -> None:
    held = sides(world.con, world.trained.settings, "records", *world.pair).by_comparison
    values = {value for both in held.values() for value in both}
    blind = splink_waterfall(world.con, world.trained, "records", *world.pair)
    rows = blind["data"]["values"]
    assert sum(row["log2_bayes_factor"] for row in rows[:-1]) == pytest.approx(world.weight, abs=1e-3)
    ours = [step.weight for step in waterfalls(world.evidence)[world.pair] if step.weight]
    theirs = [row["log2_bayes_factor"] for row in rows[:-1] if row["log2_bayes_factor"]]
    assert theirs == pytest.approx(ours, abs=1e-3)
    text = json.dumps(blind)
    assert not any(f'"{value}"' in text for value in values if len(value) > 2)
    shown = splink_waterfall(world.con, world.trained, "records", *world.pair, values=True)
    assert held["born"][0] in json.dumps(shown)


def test_a_column_is_shown_once_beside_the_comparison_of_its_name(world: World) -> None:
    shown = sides(world.con, world.trained.settings, "records", *world.pair)
    row = world.con.execute(
        "SELECT forename, surname FROM records WHERE rid = ?", [world.pair[0]]
    ).fetchall()[0]
    assert (shown.by_comparison["forename"][0], shown.by_comparison["surname"][0]) == row
    assert "BORN" not in repr(shown)
    assert "(" in repr(shown)
    assert row[0] not in repr(shown)


def test_what_a_side_does_not_say_adds_nothing_and_is_said() -> None:
    told = pa.table(
        {
            "l": [1, 1, 1],
            "r": [2, 2, 2],
            "nth": [2, 0, 1],
            "comparison": ["home", "prior", "surname"],
            "level": [-1, 0, 3],
            "label": ["missing", "before anything is compared", "same"],
            "weight": [0.0, -10.0, 8.0],
            "frequency": [0.0, 0.0, 2.5],
        }
    )
    steps = waterfalls(told)[(1, 2)]
    assert steps == [
        Step("prior", "before anything is compared", -10.0, -10.0),
        Step("surname", "same", 8.0, -2.0),
        Step("surname", "a rare value to share", 2.5, 0.5),
        Step("home", "a side does not say", 0.0, 0.5, known=False),
    ]


def test_weakest_bridge_holds_two_dense_halves_together() -> None:
    weights = {
        ends: 20.0 + sum(ends) for ends in [*combinations((3, 4, 5), 2), *combinations((7, 8, 9, 11), 2)]
    }
    weights[(5, 7)] = 6.5
    against = [Step("prior", "", -10.0, -10.0), Step("born", "differs", -5.0, -15.0)]
    missing = [
        Step("prior", "", -10.0, -10.0),
        Step("home", "a side does not say", 0.0, -10.0, known=False),
    ]
    found = cluster(weights, {(5, 7): against, (3, 4): missing})
    assert found.members == (3, 4, 5, 7, 8, 9, 11)
    assert found.weakest is not None
    assert (found.weakest.left, found.weakest.right, found.weakest.weight) == (2, 3, 6.5)
    assert (found.weakest.bridge, found.bridges, found.parts) == (True, 1, (4, 3))
    assert found.density == pytest.approx(10 / 21)
    assert found.disputed == {"born": 1}
    assert found.edges[0] == found.weakest


@pytest.mark.parametrize("seed", range(20))
def test_bridges_are_the_links_without_which_it_falls_apart(seed: int) -> None:
    """Against the definition, by brute force on random connected graphs."""
    rng = random.Random(seed)
    count = rng.randrange(2, 9)
    ends = {(rng.randrange(at), at) for at in range(1, count)}
    ends |= {tuple(sorted(rng.sample(range(count), 2))) for _ in range(rng.randrange(count))}  # type: ignore[misc]
    weights = {pair: rng.choice((1.0, 5.0, 9.5, math.inf)) for pair in sorted(ends)}

    def reached(links: set[tuple[int, int]]) -> set[int]:
        known, fresh = set(), {0}
        while fresh:
            known |= fresh
            fresh = {b for link in links for a, b in (link, link[::-1]) if a in known} - known
        return known

    found = cluster(weights, {})
    for edge in found.edges:
        assert edge.bridge == (len(reached(ends - {(edge.left, edge.right)})) < count)
    assert sum(edge.in_tree for edge in found.edges) == count - 1
    assert sum(found.parts) == count
    assert len(found.parts) == 2
    # Nothing stronger than the weakest of the strongest tree crosses between its sides.
    assert found.weakest is not None
    stronger = {pair for pair, weight in weights.items() if weight > found.weakest.weight}
    assert len(reached(stronger)) < count


def test_a_cluster_is_connected_and_one_record_is_one() -> None:
    with pytest.raises(LinkError, match="more than one cluster"):
        cluster({(1, 2): 9.0, (3, 4): 9.0}, {})
    alone = cluster({}, {})
    assert (alone.weakest, alone.density, alone.parts) == (None, 1.0, ())
    assert "Every link" in cluster_page(alone)


def test_analysis_counts_the_pairs_that_a_run_scores(world: World) -> None:
    found = analyse(world.con, "records", world.trained.rules)
    asked_of_every_pair = world.con.execute("SELECT count(*) FROM pairs").fetchall()[0][0]
    assert found.pairs == asked_of_every_pair == found.rules["cumulative"].to_pylist()[-1]
    assert found.rules["marginal"].to_pylist()[0] == found.rules["pairs"].to_pylist()[0]
    assert sum(found.rules["marginal"].to_pylist()) == found.pairs
    count = world.con.execute("SELECT count(*) FROM records").fetchall()[0][0]
    assert found.possible == count * (count - 1) // 2
    assert 0 < found.share < 0.2
    sizes = found.blocks["records"].to_pylist()
    assert sizes == sorted(sizes, reverse=True)


def test_marginal_pairs_are_those_no_earlier_rule_makes_and_common_keys_are_counted_not_named() -> None:
    with duckdb.connect() as con:
        con.execute(
            "CREATE TABLE held AS SELECT n AS rid, 'BABY' AS forename, (n // 2)::VARCHAR AS surname,"
            " CASE WHEN n < 4 THEN '20000101' END AS born FROM range(500) t(n)"
        )
        rules = [Rule((name,), frozenset({name})) for name in ("surname", "forename", "born")]
        found = analyse(con, "held", rules)
    rows = {row["rule"]: row for row in found.rules.to_pylist()}
    assert (rows["surname"]["pairs"], rows["surname"]["records"], rows["surname"]["keys"]) == (
        250,
        500,
        250,
    )
    assert (rows["forename"]["pairs"], rows["forename"]["common_keys"]) == (0, 1)
    assert rows["forename"]["common_records"] == 500
    assert (rows["born"]["pairs"], rows["born"]["marginal"], rows["born"]["cumulative"]) == (6, 4, 254)
    assert found.blocks.to_pylist()[0] == {"rule": "forename", "records": 500, "skipped": True}
    assert "BABY" not in str(found)
    with duckdb.connect() as con:
        con.execute("CREATE TABLE held (rid BIGINT, forename VARCHAR)")
        assert analyse(con, "held", []).pairs == 0


def test_unlinkable_are_those_who_could_not_match_themselves(world: World) -> None:
    rows = [{"record": str(at), "sex": "F", "surname": None, "forename": None} for at in range(3)]
    rows.append({"record": "3", "sex": "F", "surname": "Ravenshaw", "forename": "Ursula"})
    sources = {**town(homes=20).sources, "thin": pa.Table.from_pylist(rows)}
    known = before(sources, settings=asked(), trained=world.trained)
    assert known.unlinkable is not None
    told = {row["source"]: row for row in known.unlinkable.to_pylist()}
    assert (told["thin"]["records"], told["thin"]["unlinkable"]) in ((4, 3), (4, 4))
    assert told["a"]["share"] < 0.02
    strict = replace(world.trained, threshold=1 - 2.0**-50)
    assert before(sources, settings=asked(), trained=strict).unlinkable["share"].to_pylist() == [1.0] * 4  # type: ignore[index]
    untrained = before(sources, settings=asked())
    assert untrained.unlinkable is None
    assert untrained.pairs == known.pairs > 0
    assert unlinkables(world.con, world.trained, "records")["unlinkable"].to_pylist() == [0, 0, 0]
    twice = {"thin": pa.concat_tables([sources["thin"], sources["thin"]])}
    with pytest.raises(LinkError, match="repeats record ids"):
        before(twice, settings=asked())


def test_pages_show_levels_and_bits_and_values_only_to_the_reader(world: World) -> None:
    steps = waterfalls(world.evidence)[world.pair]
    shown = sides(world.con, world.trained.settings, "records", *world.pair)
    values = [value for both in shown.by_comparison.values() for value in both if len(value) > 3]
    blind = pair_page(steps, world.trained.least)
    assert not any(value in blind for value in values)
    assert all(step.outcome in blind for step in steps)
    open_ = pair_page(steps, world.trained.least, shown=shown)
    assert all(value in open_ for value in values)
    assert "do not keep it" in open_
    for page in (blind, open_, cluster_page(cluster({(1, 2): math.inf, (2, 3): 7.0}, {}))):
        assert "<script" not in page
        assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org/2000/svg", "")
    assert "held apart" in pair_page(steps, -99.0, apart="twins")


def test_nothing_written_in_a_value_or_a_label_becomes_markup() -> None:
    evil = Step("<b>x</b>", "<script>alert(1)</script>&", 5.0, 5.0)
    page = pair_page([evil], 1.0, title="<i>t</i>")
    assert "<script" not in page
    assert "<b>" not in page
    assert "<i>" not in page
