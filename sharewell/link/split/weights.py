"""Fellegi and Sunter's model over encoded records: levels read from digests, weights learnt by EM.

Random pairs cannot be compared, because their salts differ. So how often strangers agree (u) is counted by
each party on its own records and sent as a small table of rates; how often one person's records agree (m)
is learnt by the linker from the blocks, rule by rule, on the fields that the rule does not itself hold
equal (as Winkler 1988 and Splink do). Expectation and maximisation run over distinct patterns of levels.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from .levels import Comparison, comparisons, sql_of
from .narrow import RULES, parts

Floats = npt.NDArray[np.float64]

_ROUNDS = 40
_FEWEST = 30.0
_LEAST_M, _LEAST_U = 5e-4, 1e-7
_RANDOM_PAIRS = 400_000
_FEWEST_RECORDS = 50
SAMPLE = 20_000
"""So many of a party's records are enough to count how often strangers agree."""


def _suffixed(table: str, held: Collection[str], side: str) -> str:
    return ", ".join(f"{table}.{name} AS {name}_{side}" for name in parts(held))


def strangers(con: duckdb.DuckDBPyConnection, encoded: pa.Table, held: Collection[str]) -> pa.Table:
    """How often a party's own records, paired at random, fall in each level: (comparison, level, n).

    `encoded` is `Encoder.unsalted`. Counts over all of a party's people: no value, no record. A party of
    few sends none, since its counts would be of somebody.
    """
    compared = comparisons(held)
    count = len(encoded)
    seeded = np.random.default_rng(20_260_101)
    size = min(_RANDOM_PAIRS, count * (count - 1) // 2) if count >= _FEWEST_RECORDS else 0
    left, right = seeded.integers(0, max(count, 1), (2, size))
    kept = left != right
    names = list(parts(held))
    sides = [encoded.select(names).take(pa.array(side[kept])) for side in (left, right)]
    wide = pa.table(
        {f"{name}_{mark}": side[name] for mark, side in zip("lr", sides, strict=True) for name in names}
    )
    con.register("random_pairs", wide)
    counts = []
    for each in compared:
        found = con.execute(
            f"SELECT level, count(*) FROM (SELECT {sql_of([each])} FROM random_pairs) t(level)"
            " WHERE level >= 0 GROUP BY level ORDER BY level"
        ).fetchall()
        counts += [(each.name, each.levels[level].name, n) for level, n in found]
    con.unregister("random_pairs")
    columns = list(zip(*counts, strict=True)) or [(), (), ()]
    types = (pa.string(), pa.string(), pa.int64())
    arrays = (pa.array(values, kind) for values, kind in zip(columns, types, strict=True))
    return pa.table(dict(zip(("comparison", "level", "n"), arrays, strict=True)))


def compare(con: duckdb.DuckDBPyConnection, held: Collection[str]) -> None:
    """Fill `compared(l, r, rule, <comparisons>)` from table `encoded(rid, mask, rule, block, ...)`.

    Once for each rule that brings a pair together; never two records of one promised source.
    """
    levels = sql_of(comparisons(held))
    sides = f"{_suffixed('a', held, 'l')}, {_suffixed('b', held, 'r')}"
    con.execute(
        f"CREATE OR REPLACE TABLE compared AS SELECT l, r, rule, {levels} FROM ("
        f" SELECT a.rid AS l, b.rid AS r, a.rule AS rule, {sides} FROM encoded a JOIN encoded b"
        " ON a.rule = b.rule AND a.block = b.block AND a.rid < b.rid AND (a.mask & b.mask) = 0)"
    )


def rates(compared: Sequence[Comparison], told: pa.Table) -> list[Floats]:
    """u of each level from the parties' counts together; the default where they are too few."""
    counts: dict[tuple[str, str], int] = {}
    for row in told.to_pylist():
        at = (row["comparison"], row["level"])
        counts[at] = counts.get(at, 0) + row["n"]
    made = []
    for each in compared:
        seen = np.array([counts.get((each.name, level.name), 0) for level in each.levels], float)
        default = np.array([level.u for level in each.levels])
        # The default stands in as if it had been seen on so many pairs.
        mixed = seen + _FEWEST * default / default.sum()
        made.append(np.maximum(mixed / mixed.sum(), _LEAST_U))
    return made


def learn(
    con: duckdb.DuckDBPyConnection, compared: Sequence[Comparison], u: Sequence[Floats]
) -> tuple[list[Floats], Mapping[str, float]]:
    """m of each level, by EM within each rule; and how many matches each comparison was learnt from."""
    total = [np.zeros(len(each.levels)) for each in compared]
    names = ", ".join(each.name for each in compared)
    for (rule,) in con.execute("SELECT DISTINCT rule FROM compared ORDER BY rule").fetchall():
        found = con.execute(
            f"SELECT {names}, count(*) AS n FROM compared WHERE rule = {rule} GROUP BY ALL ORDER BY ALL"
        ).fetchnumpy()
        free = [at for at, each in enumerate(compared) if not each.of & RULES[rule].needs]
        if not free:
            continue
        levels = [np.asarray(found[compared[at].name]) for at in free]
        seen = _maximise(
            levels, np.asarray(found["n"], float), [compared[at] for at in free], [u[at] for at in free]
        )
        for at, counts in zip(free, seen, strict=True):
            total[at] += counts
    made = []
    for each, counts in zip(compared, total, strict=True):
        default = np.array([level.m for level in each.levels])
        mixed = counts + _FEWEST * default / default.sum()
        made.append(np.maximum(mixed / mixed.sum(), _LEAST_M))
    return made, {
        each.name: float(round(counts.sum(), 1)) for each, counts in zip(compared, total, strict=True)
    }


def _maximise(
    levels: Sequence[Any], n: Floats, compared: Sequence[Comparison], u: Sequence[Floats]
) -> list[Floats]:
    """Expected counts of matches in each level; u stays. The prior is the share of a block that matches."""
    m = [np.array([level.m for level in each.levels]) for each in compared]
    defaults = [_FEWEST * each / each.sum() for each in m]
    prior = 0.5
    counts = m
    for _ in range(_ROUNDS):
        odds = np.full(len(n), prior / (1 - prior))
        for at, of_m, of_u in zip(levels, m, u, strict=True):
            odds *= np.where(at < 0, 1.0, (of_m / of_u)[at])
        match = n * odds / (1 + odds)
        prior = float(np.clip(match.sum() / n.sum(), 1e-4, 1 - 1e-4))
        counts = [
            np.bincount(at[at >= 0], match[at >= 0], minlength=len(of_m))
            for at, of_m in zip(levels, m, strict=True)
        ]
        m = [
            np.maximum((seen + start) / (seen + start).sum(), _LEAST_M)
            for seen, start in zip(counts, defaults, strict=True)
        ]
    return counts


def weigh(
    con: duckdb.DuckDBPyConnection,
    compared: Sequence[Comparison],
    m: Sequence[Floats],
    u: Sequence[Floats],
    possible: float,
) -> None:
    """Fill `scored(l, r, weight)`: bits for each distinct pair, the prior settled over the candidates."""
    terms = []
    for each, of_m, of_u in zip(compared, m, u, strict=True):
        cases = " ".join(
            f"WHEN {at} THEN {math.log2(a / b):.6f}"
            for at, (a, b) in enumerate(zip(of_m, of_u, strict=True))
        )
        terms.append(f"(CASE {each.name} {cases} ELSE 0 END)")
    con.execute(
        "CREATE OR REPLACE TABLE scored AS SELECT l, r, min(rule) AS rule,"
        f" round(max({' + '.join(terms)}), 4) AS weight FROM compared GROUP BY l, r"
    )
    weight = np.asarray(con.execute("SELECT weight FROM scored ORDER BY weight").fetchnumpy()["weight"])
    con.execute(f"UPDATE scored SET weight = round(weight + {_prior(weight, possible)}, 4)")


def _prior(weight: Floats, possible: float) -> float:
    """Bits of prior odds, such that the matches found are as many as presumed."""
    bits = -math.log2(max(possible, 2))
    for _ in range(20):
        matches = float(np.sum(1 / (1 + np.exp2(-np.clip(weight + bits, -60, 60)))))
        share = min(max(matches, 1) / max(possible, 2), 0.5)
        bits = math.log2(share / (1 - share))
    return round(bits, 4)
