"""Splink at work: train the model on the records, score candidate pairs, quietly.

Splink holds and trains the model (u by seeded random sampling, m by EM on blocked pairs, term frequencies
over all records); the pairs that it scores are ours (`blocking`), so that none is scored that could not
matter.
"""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt

from ..errors import LinkError, Problem
from .model import Comparison, Rule

_U_PAIRS = 400_000
_EM_PAIRS = 200_000
_FEWEST_PAIRS = 50
_FEWEST_RANDOM_PAIRS = 5_000
_CERTAIN_RECALL = 0.7
_DIGITS = 6
# EM may call a disagreement impossible because its sample held none; no slip of the pen is.
_LEAST_M, _LEAST_U = 5e-4, 1e-7
_PRIOR_ROUNDS = 10


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


@dataclass
class Trained:
    """A Splink settings dictionary ready to score with, and which comparisons fell back to defaults."""

    settings: dict[str, Any]
    fallback: list[str] = field(default_factory=list)


def train(
    con: duckdb.DuckDBPyConnection,
    table: str,
    comparisons: Sequence[Comparison],
    sessions: Sequence[Rule],
    certain: Sequence[Rule],
    seed: int,
) -> Trained:
    """Learn m and u from `table` (a row a record, key `rid`). Raises LinkError where there is nothing to
    compare.
    """
    enough = [rule for rule in sessions if _pairs(con, table, rule) >= _FEWEST_PAIRS]
    return _train(
        con, table, comparisons, [_same(rule) for rule in enough], _prior(con, table, certain), seed
    )


def train_across(
    con: duckdb.DuckDBPyConnection,
    table: str,
    comparisons: Sequence[Comparison],
    rule: Rule,
    prior: float,
    seed: int,
) -> Trained:
    """As `train`, but m is learnt only from pairs of different `side` that agree on `rule`."""
    enough = _pairs(con, table, rule, "sum(side) * (count(*) - sum(side))") >= _FEWEST_PAIRS
    return _train(
        con, table, comparisons, [f"{_same(rule)} AND l.side <> r.side"] if enough else [], prior, seed
    )


def _train(
    con: duckdb.DuckDBPyConnection,
    table: str,
    comparisons: Sequence[Comparison],
    sessions: Sequence[str],
    prior: float,
    seed: int,
) -> Trained:
    few = _possible(con, table) < _FEWEST_RANDOM_PAIRS
    if few:  # how common a name is cannot be told from a handful of records
        comparisons = [comparison.without_frequency() for comparison in comparisons]
    with quiet():
        linker = _linker(con, table, _start(comparisons, prior))
        if not few:
            linker.training.estimate_u_using_random_sampling(
                max_pairs=_U_PAIRS, seed=seed, min_count_per_level=None, num_chunks=1
            )
        for condition in sessions:
            _learn(linker, condition)
        learnt = linker.misc.save_model_to_json()
    return _settle(learnt, comparisons, prior)


def _same(rule: Rule) -> str:
    return " AND ".join(f"l.{key} = r.{key}" for key in rule.keys)


def score(
    con: duckdb.DuckDBPyConnection,
    table: str,
    pairs: str,
    trained: Trained,
    *,
    possible: float,
    least: float,
    unless: str = "FALSE",
) -> None:
    """Fill table `scored(l, r, weight)` with the candidate `pairs(l, r)` of match weight `least` or more.

    `possible` is how many pairs could have been made: the prior that training gauged from certain pairs
    is settled here by EM over the candidates (the share of matches that the model itself then finds among
    all possible pairs). `unless` is SQL over Splink's levels (gamma_NAME) for pairs that are refused
    whatever their weight.
    """
    with quiet():
        linker = _linker(con, table, {**trained.settings, "retain_matching_columns": True})
        con.execute(
            "CREATE OR REPLACE TABLE candidates AS"
            " SELECT '0' AS match_key, l AS join_key_l, r AS join_key_r"
            f" FROM {pairs}"
        )
        linker.table_management.register_blocked_pairs_for_predict(linker._db_api.register("candidates"))
        found = linker.inference.predict(warning_mode="never").physical_name
    some = f"FROM {found} WHERE match_weight > -20 AND NOT ({unless})"
    weight = np.asarray(
        con.execute(f"SELECT match_weight {some} ORDER BY match_weight").fetchnumpy()["match_weight"]
    )
    shift = _settle_prior(weight, trained.settings["probability_two_random_records_match"], possible)
    con.execute(
        "CREATE OR REPLACE TABLE scored AS"
        f" SELECT rid_l AS l, rid_r AS r, round(match_weight + {shift}, 4) AS weight {some} AND weight"
        f" >= {least}"
    )


def _settle_prior(weight: npt.NDArray[np.float64], prior: float, possible: float) -> float:
    """How many bits to add to weights made under `prior`, so that the matches found are as many as
    presumed.
    """
    start = math.log2(prior / (1 - prior))
    shift = 0.0
    for _ in range(_PRIOR_ROUNDS):
        matches = float(np.sum(1 / (1 + np.exp2(-(weight + shift)))))
        share = min(max(matches, 1) / max(possible, 2), 0.5)
        shift = math.log2(share / (1 - share)) - start
    return round(shift, 4)


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
            max_pairs=_EM_PAIRS,
            record_sample_proportion=1.0,
        )
    except EMTrainingException:
        return  # no pair to learn from: `_settle` falls back and says so


_TWO_OF = "count(*) * (count(*) - 1) / 2"


def _pairs(con: duckdb.DuckDBPyConnection, table: str, rule: Rule, count: str = _TWO_OF) -> int:
    """How many pairs agree on the rule, counted without making them."""
    keys = ", ".join(rule.keys)
    known = " AND ".join(f"{key} IS NOT NULL" for key in rule.keys)
    row = con.execute(
        f"SELECT coalesce(sum(n), 0) FROM (SELECT {count} AS n FROM {table} WHERE {known} GROUP BY {keys})"
    ).fetchall()
    return int(row[0][0])


def _possible(con: duckdb.DuckDBPyConnection, table: str) -> float:
    return float(con.execute(f"SELECT {_TWO_OF} FROM {table}").fetchall()[0][0])


def _prior(con: duckdb.DuckDBPyConnection, table: str, certain: Sequence[Rule]) -> float:
    """The chance that two random records match: certain pairs, raised for those that such rules miss."""
    found = max((_pairs(con, table, rule) for rule in certain), default=0) / _CERTAIN_RECALL
    return min(max(found, 1) / max(_possible(con, table), 2), 0.5)


def _settle(learnt: dict[str, Any], comparisons: Sequence[Comparison], prior: float) -> Trained:
    """Take what was learnt where it is sound, the defaults elsewhere; rounded, so that no last bit can
    decide.

    Unsound is an EM that ran away: 'same' rare among matches, or likelier among strangers. Comparisons
    left with a default of m or u, unsound or never trained, are named in `fallback`.
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
    return Trained(learnt, fallback)


def _chance(learnt: object, default: float, least: float) -> float:
    return _significant(max(learnt, least) if isinstance(learnt, float) else default)


def _significant(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
