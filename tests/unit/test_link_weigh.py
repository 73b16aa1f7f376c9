"""Our weights are Splink's, pair by pair; a model goes to Splink and to disk and comes back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import duckdb
import numpy as np
import pytest
from link_example import town

from sharewell.errors import LinkError
from sharewell.link import blocking, collapse, model, standardise, training
from sharewell.link.settings import IDENTITY
from sharewell.link.trained import Model, of_splink
from sharewell.link.weigh import evidence, weigh

HELD = {"forename", "surname", "given", "born", "sex", "postcode", "number", "street", "uprn"}


@pytest.fixture(scope="module")
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    """A town's records with a column of candidates."""
    with duckdb.connect(config={"threads": 1}) as con:
        loaded = standardise.load(con, town(homes=600).sources, IDENTITY)
        con.execute("ALTER TABLE rows ADD COLUMN side INTEGER DEFAULT 0")
        con.execute("ALTER TABLE rows ADD COLUMN verified BIGINT")
        collapse.units(con, loaded.identities, frozenset())
        blocking.find(con, "said", model.blocks(HELD))
        yield con


@pytest.fixture(scope="module")
def trained(con: duckdb.DuckDBPyConnection) -> Model:
    rules = model.blocks(HELD)
    learnt = training.train(con, "persons", "said", rules, held=HELD, threshold=0.9, seed=1)
    return training.settle(con, learnt, "said", "pairs", collapse.possible(con))


def splinks(con: duckdb.DuckDBPyConnection, trained: Model) -> dict[tuple[int, int], float]:
    """Splink's own weights of the same pairs, under the same frequencies."""
    from splink import DuckDBAPI, Linker

    api = DuckDBAPI(con)
    con.execute(
        "CREATE OR REPLACE TABLE told AS SELECT said.*, f.share AS tf_forename, s.share AS tf_surname"
        " FROM said"
        " LEFT JOIN frequency_forename f ON f.value = forename LEFT JOIN frequency_surname s ON"
        " s.value = surname"
    )
    linker = Linker(api.register("told"), trained.as_splink(), log_level=None)
    con.execute(
        "CREATE OR REPLACE TABLE blocked AS SELECT '0' AS match_key, l AS join_key_l, r AS join_key_r"
        " FROM pairs"
    )
    with training.quiet():
        linker.table_management.register_blocked_pairs_for_predict(api.register("blocked"))
        found = linker.inference.predict(warning_mode="never").physical_name
    rows = con.execute(f"SELECT rid_l, rid_r, match_weight FROM {found}").fetchall()
    return {(left, right): weight for left, right, weight in rows}


def ours(con: duckdb.DuckDBPyConnection, trained: Model) -> dict[tuple[int, int], float]:
    weigh(con, trained, "said", "pairs", "weighed", least=-1000)
    return {(left, right): weight for left, right, weight, _ in con.execute("FROM weighed").fetchall()}


def test_every_pair_weighs_what_splink_says(con: duckdb.DuckDBPyConnection, trained: Model) -> None:
    mine = ours(con, trained)
    theirs = splinks(con, trained)
    assert mine.keys() == theirs.keys()
    assert len(mine) > 2_000
    assert max(abs(mine[pair] - theirs[pair]) for pair in mine) < 1e-3


def test_frequencies_move_weights_and_so_are_compared(
    con: duckdb.DuckDBPyConnection, trained: Model
) -> None:
    """Were they ignored by both, parity would prove little."""
    with_them = ours(con, trained)
    without = ours(
        con, replace(trained, frequencies={n: t.slice(0, 0) for n, t in trained.frequencies.items()})
    )
    assert np.mean([abs(with_them[pair] - without[pair]) > 0.5 for pair in with_them]) > 0.2


def test_the_waterfall_adds_up_to_the_weight(con: duckdb.DuckDBPyConnection, trained: Model) -> None:
    weights = ours(con, trained)
    evidence(con, trained, "said", "pairs", "told_why")
    rows = con.execute("SELECT l, r, sum(weight + frequency) FROM told_why GROUP BY l, r").fetchall()
    assert {(left, right) for left, right, _ in rows} == weights.keys()
    assert all(abs(total - weights[left, right]) < 1e-3 for left, right, total in rows)


def test_the_threshold_keeps_what_weighs_enough(con: duckdb.DuckDBPyConnection, trained: Model) -> None:
    every = ours(con, trained)
    weigh(con, trained, "said", "pairs", "kept")
    kept = {row[:2] for row in con.execute("SELECT l, r FROM kept").fetchall()}
    assert kept == {pair for pair, weight in every.items() if weight >= trained.least}
    assert 0 < len(kept) < len(every)


def test_a_model_survives_disk_to_the_last_bit(con: duckdb.DuckDBPyConnection, trained: Model) -> None:
    again = Model.of_bytes(trained.to_bytes())
    assert again.version == trained.version
    assert ours(con, again) == ours(con, trained)


def test_a_model_goes_to_splink_and_back(con: duckdb.DuckDBPyConnection, trained: Model) -> None:
    settings = json.loads(json.dumps(trained.as_splink()))
    again = of_splink(settings, threshold=0.9, frequencies=trained.frequencies)
    assert again.rules == trained.rules
    assert ours(con, again) == ours(con, trained)


@pytest.mark.parametrize("rule", model.blocks(HELD, {"born"}), ids=lambda rule: " ".join(rule.keys))
def test_every_blocking_rule_goes_to_splink_and_back(rule: model.Rule) -> None:
    assert model.Rule.of_splink(rule.as_splink()) == rule


def test_a_rule_that_is_more_than_equalities_is_refused(trained: Model) -> None:
    settings = trained.as_splink()
    settings["blocking_rules_to_generate_predictions"] = [
        {"blocking_rule": "levenshtein(l.surname, r.surname) < 2", "sql_dialect": "duckdb"}
    ]
    with pytest.raises(LinkError, match="RULE"):
        of_splink(settings, threshold=0.9)


def test_a_model_of_other_fields_is_refused_by_name(trained: Model) -> None:
    text = json.dumps(trained.as_splink()).replace("surname_l", "clan_l").replace("surname_r", "clan_r")
    with pytest.raises(LinkError, match="FIELDS the model compares clan"):
        of_splink(json.loads(text), threshold=0.9)


def test_an_untrained_model_is_refused(trained: Model) -> None:
    settings = trained.as_splink()
    del settings["comparisons"][0]["comparison_levels"][1]["m_probability"]
    with pytest.raises(LinkError, match="UNTRAINED"):
        of_splink(settings, threshold=0.9)


def test_what_is_no_model_is_refused() -> None:
    for content in (b"", b"{}", b"[1]", b"\xff\xfe", b'{"settings": {}}'):
        with pytest.raises(LinkError, match="MODEL"):
            Model.of_bytes(content)


def test_a_model_never_shows_names(trained: Model) -> None:
    shown = repr(trained)
    assert not [name for name in trained.frequencies["surname"]["value"].to_pylist() if name in shown]
