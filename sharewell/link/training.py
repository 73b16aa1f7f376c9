"""Splink at work: it learns the model from the records, quietly.

u is learnt from pairs of random records, m by EM on blocked pairs (Splink's estimators). Where there are
many records a sample is enough, drawn by a hash of the *blocking key*, so that pairs survive whole.
Frequencies are counted over all records, never over what was collapsed.
"""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from ..errors import LinkError, Problem
from . import blocking, guards, model
from .model import Comparison, Rule
from .trained import Model, no_keys
from .weigh import prior_bits, weigh

_STRANGERS = 900
"""Random records whose pairs teach u: four hundred thousand pairs."""
_EM_PAIRS = 200_000
_FEWEST_PAIRS = 50
_FEWEST_RANDOM_PAIRS = 5_000
_CERTAIN_RECALL = 0.7
_DIGITS = 6
# EM may call a disagreement impossible because its sample held none; no slip of the pen is.
_LEAST_M, _LEAST_U = 5e-4, 1e-7
_PRIOR_ROUNDS = 10
_PRIOR_PAIRS = 100_000
_HOPELESS = -20.0


@contextmanager
def quiet() -> Iterator[None]:
    """No log line or warning of Splink's: they can quote settings, and progress is told another way."""
    from splink.internals.exceptions import SplinkException

    logger = logging.getLogger("splink")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except SplinkException:
        raise LinkError(Problem("ENGINE", "Splink stopped", "its text may quote a row")) from None
    finally:
        logger.setLevel(before)


def train(
    con: duckdb.DuckDBPyConnection,
    records: str,
    said: str,
    rules: Sequence[Rule],
    *,
    held: Collection[str],
    threshold: float,
    seed: int,
) -> Model:
    """Learn from `records(rid, source, FIELDS...)`, of which the columns `held` say something.

    `said(rid, FIELDS..., copies)` tells the same once, with how many records say it; `rules` are the
    model's
    blocking rules. The prior is gauged from pairs that are nearly all matches; `settle` makes it sure over
    candidates. Raises LinkError where there is nothing to compare.
    """
    sessions = [rule for rule in model.training(held) if _pairs(con, said, rule) >= _FEWEST_PAIRS]
    conditions = _sample(con, records, said, sessions)
    prior = _prior(con, said, model.certain(held))
    _draw_strangers(con, records, seed)
    trained = _train(con, "lessons", model.comparisons(held), conditions, prior, _possible(con, said))
    shared = frequencies(con, said, trained.settings)
    seen = guards.seen(con, records, held)
    return replace(trained, rules=tuple(rules), threshold=threshold, guards=seen, frequencies=shared)


def train_across(
    con: duckdb.DuckDBPyConnection,
    table: str,
    comparisons: Sequence[Comparison],
    rule: Rule,
    *,
    prior: float,
    threshold: float,
    seed: int,
) -> Model:
    """As `train`, but m is learnt only from pairs of different `side` that agree on `rule`."""
    count = con.execute(
        "SELECT coalesce(sum(ours * theirs), 0) FROM (SELECT sum(side) AS ours, sum(1 - side) AS theirs"
        f" FROM {table} WHERE {_known(rule)} GROUP BY {', '.join(rule.keys)})"
    ).fetchall()[0][0]
    conditions = [f"{_same(rule)} AND l.side <> r.side"] if count >= _FEWEST_PAIRS else []
    _draw_strangers(con, table, seed)
    rows = float(_count(con, table))
    trained = _train(con, table, comparisons, conditions, prior, rows * (rows - 1) / 2)
    return replace(trained, threshold=threshold)


def settle(
    con: duckdb.DuckDBPyConnection, trained: Model, table: str, pairs: str, possible: float
) -> Model:
    """The model with its prior made sure: as many matches as it then finds among candidates `pairs(l, r)`,
    of all `possible` pairs (EM for the prior alone; a sample of candidates where there are many).
    """
    share = 1 + _count(con, pairs) // _PRIOR_PAIRS
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE gauged AS SELECT l, r FROM {pairs} WHERE hash(l, r) % {share} = 0"
    )
    weigh(con, trained, table, "gauged", "weighed", least=_HOPELESS)
    found = con.execute(
        "SELECT weight FROM weighed WHERE apart IS DISTINCT FROM 'relatives' ORDER BY weight"
    ).fetchnumpy()
    con.execute("DROP TABLE gauged; DROP TABLE weighed")
    weight = np.asarray(found["weight"], np.float64)
    start, shift = prior_bits(trained.settings), 0.0
    for _ in range(_PRIOR_ROUNDS):
        matches = share * float(np.sum(1 / (1 + np.exp2(-(weight + shift)))))
        part = min(max(matches, 1) / max(possible, 2), 0.5)
        shift = math.log2(part / (1 - part)) - start
    odds = 2.0 ** (start + shift)
    return trained.with_prior(_significant(odds / (1 + odds)))


def frequencies(
    con: duckdb.DuckDBPyConnection, said: str, settings: Mapping[str, Any]
) -> dict[str, pa.Table]:
    """For each column that the settings adjust by frequency, a table (value, share of the records)."""
    levels = [level for c in settings["comparisons"] for level in c["comparison_levels"]]
    columns = sorted(
        {level["tf_adjustment_column"] for level in levels if level.get("tf_adjustment_column")}
    )
    return {
        name: con.sql(
            f"SELECT {name} AS value, (sum(copies) / sum(sum(copies)) OVER ())::DOUBLE AS share FROM {said}"
            f" WHERE {name} IS NOT NULL GROUP BY {name} ORDER BY {name}"
        ).to_arrow_table()
        for name in columns
    }


def _sample(con: duckdb.DuckDBPyConnection, records: str, said: str, sessions: Sequence[Rule]) -> list[str]:
    """Fill `lessons` with the records to learn m from; answers a blocking condition a session."""
    chosen = []
    for rule in sessions:
        share = 1 + _pairs(con, said, rule) // _EM_PAIRS
        chosen.append(f"coalesce({blocking.key_of(rule)} % {share} = 0, FALSE)")
    flags = "".join(f", {sql} AS session_{at}" for at, sql in enumerate(chosen))
    where = " OR ".join(chosen) or "FALSE"
    con.execute(
        f"CREATE OR REPLACE TABLE lessons AS SELECT *{flags} FROM {records} WHERE {where} ORDER BY rid"
    )
    return [f"{_same(rule)} AND l.session_{at} AND r.session_{at}" for at, rule in enumerate(sessions)]


def _draw_strangers(con: duckdb.DuckDBPyConnection, records: str, seed: int) -> None:
    con.execute(
        f"CREATE OR REPLACE TABLE strangers AS FROM {records} SEMI JOIN (SELECT rid FROM {records}"
        f" ORDER BY hash(rid, {seed}), rid LIMIT {_STRANGERS}) USING (rid) ORDER BY rid"
    )


def _train(
    con: duckdb.DuckDBPyConnection,
    lessons: str,
    comparisons: Sequence[Comparison],
    conditions: Sequence[str],
    prior: float,
    possible: float,
) -> Model:
    few = possible < _FEWEST_RANDOM_PAIRS
    if few:  # how common a name is cannot be told from a handful of records
        comparisons = [comparison.without_frequency() for comparison in comparisons]
    settings = _start(comparisons, prior)
    with quiet():
        if not few:
            linker = _linker(con, "strangers", settings)
            linker.training.estimate_u_using_random_sampling(
                max_pairs=_STRANGERS**2, seed=1, min_count_per_level=None, num_chunks=1
            )
            settings = linker.misc.save_model_to_json()
        if conditions:
            linker = _linker(con, lessons, settings)
            for condition in conditions:
                _learn(linker, condition)
            settings = linker.misc.save_model_to_json()
    return _settled(settings, comparisons, prior)


def _known(rule: Rule) -> str:
    return " AND ".join(f"{column} IS NOT NULL" for column in sorted(rule.needs))


def _same(rule: Rule) -> str:
    return " AND ".join(f"l.{key} = r.{key}" for key in rule.keys)


def _linker(con: duckdb.DuckDBPyConnection, table: str, settings: dict[str, Any]) -> Any:
    from splink import DuckDBAPI, Linker

    return Linker(DuckDBAPI(con).register(table), settings, log_level=None)


def _start(comparisons: Sequence[Comparison], prior: float) -> dict[str, Any]:
    if not comparisons:
        why = Problem(
            "COLUMNS", "no two records share an identity column", fix="link columns that both sides hold"
        )
        raise LinkError(why)
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "rid",
        "probability_two_random_records_match": prior,
        "comparisons": [comparison.as_splink() for comparison in comparisons],
        "blocking_rules_to_generate_predictions": [],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": False,
        "max_iterations": 15,
        "em_convergence": 0.001,
    }


def _learn(linker: Any, condition: str) -> None:
    from splink.internals.exceptions import EMTrainingException

    try:
        linker.training.estimate_parameters_using_expectation_maximisation(
            condition,
            estimate_without_term_frequencies=True,
            max_pairs=2 * _EM_PAIRS,
            record_sample_proportion=1.0,
        )
    except EMTrainingException:
        return  # no pair to learn from: `_settled` falls back and says so


_PARTS = 16
"""Of many records, the keys of one part in sixteen are counted."""
_MANY = 200_000


def _pairs(con: duckdb.DuckDBPyConnection, said: str, rule: Rule) -> int:
    """About how many pairs of records agree on the rule, counted without making them."""
    parts = _PARTS if _count(con, said) > _MANY else 1
    row = con.execute(
        f"SELECT {parts} * coalesce(sum(n * (n - 1) / 2), 0) FROM (SELECT sum(copies) AS n FROM"
        f" (SELECT copies, {blocking.key_of(rule)} AS key FROM {said}) WHERE key % {parts} = 0 GROUP"
        f" BY key)"
    ).fetchall()
    return int(row[0][0])


def _count(con: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(con.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])


def _possible(con: duckdb.DuckDBPyConnection, said: str) -> float:
    row = con.execute(f"SELECT coalesce(sum(copies), 0)::DOUBLE FROM {said}").fetchall()
    return float(row[0][0]) * (float(row[0][0]) - 1) / 2


def _prior(con: duckdb.DuckDBPyConnection, table: str, certain: Sequence[Rule]) -> float:
    """The chance that two random records match: certain pairs, raised for those that such rules miss."""
    found = max((_pairs(con, table, rule) for rule in certain), default=0) / _CERTAIN_RECALL
    return min(max(found, 1) / max(_possible(con, table), 2), 0.5)


def _settled(learnt: dict[str, Any], comparisons: Sequence[Comparison], prior: float) -> Model:
    """Take what was learnt where it is sound, the defaults elsewhere; rounded, so that no last bit can
    decide.

    Unsound is an EM that ran away: 'same' rare among matches, or likelier among strangers. Comparisons
    left with a default of m or u, unsound or never trained, are named in `defaults`.
    """
    fallback = []
    for comparison, got in zip(comparisons, learnt["comparisons"], strict=True):
        levels = [level for level in got["comparison_levels"] if not level.get("is_null_level")]
        m, u = ([level.get(part) for level in levels] for part in ("m_probability", "u_probability"))
        sound = isinstance(m[0], float) and isinstance(u[0], float) and m[0] >= max(0.2, u[0])
        if not sound:
            m, u = [None] * len(levels), [None] * len(levels)
        default_m, default_u = ([getattr(level, part) for level in comparison.levels] for part in "mu")
        if not sound or m == default_m or (u == default_u and not comparison.levels[0].fixed):
            fallback.append(comparison.name)
        for at, level in enumerate(levels):
            level["m_probability"] = _chance(m[at], default_m[at], _LEAST_M)
            level["u_probability"] = _chance(u[at], default_u[at], _LEAST_U)
    learnt["probability_two_random_records_match"] = _significant(prior)
    return Model(learnt, (), 0.5, {}, {}, no_keys(), tuple(fallback))


def _chance(learnt: object, default: float, least: float) -> float:
    return _significant(max(learnt, least) if isinstance(learnt, float) else default)


def _significant(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
