"""Which scored pairs people read: a stratified sample with known chances, denser where the model is unsure.

A stratum is a bin of weights, a kind of source pair and a blocking rule. Bins meet at the threshold, so
that every stratum is wholly linked or wholly not; beyond the band on either side lies one bin each, read
too, because precision and recall are of all pairs and not only of the doubtful. Within a stratum the pairs
with the least keyed hashes are drawn: a simple random sample without replacement, so that an estimate
weighted by 1 / chance is unbiased (Horvitz and Thompson 1952), and the same whatever the order of rows.
"""

from __future__ import annotations

import hmac
import math
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from ...errors import LinkError, Problem
from ..session import session
from .allocation import neyman

COLUMNS = ("source_l", "record_l", "source_r", "record_r", "rule", "weight")
"""What a table of scored pairs holds; `weight` in bits, prior included. It may also say `joined`: whether
the linkage has both for one person, as a cluster may where the weight alone would not.
"""

SEVERAL = "several"
"""What strata of more than one pair of sources, or rule, are told as."""
_FEW = 20
"""Cells of fewer pairs are read together with the others of their bin."""


@dataclass(frozen=True)
class Design:
    """How to sample. `threshold`, `band` (to either side) and `width` of a bin are in bits of weight.

    `budget` is how many pairs to read; every stratum gets `least` of it where it holds as many and the
    budget bears it, and one at any rate. LinkError if a number makes no sense.
    """

    threshold: float
    budget: int = 400
    band: float = 10.0
    width: float = 2.0
    least: int = 4
    seed: int = 1

    def __post_init__(self) -> None:
        wrong = [
            Problem("REVIEW", what)
            for bad, what in (
                (not math.isfinite(self.threshold), "the threshold is no number"),
                (self.budget < 1, "a review reads at least one pair"),
                (not 0 < self.width <= self.band, "a bin is wider than nothing and fits into the band"),
                (self.least < 1, "a stratum is read at least once"),
            )
            if bad
        ]
        if wrong:
            raise LinkError(wrong)

    @property
    def bins(self) -> int:
        """How many bins the band has on each side of the threshold."""
        return math.ceil(self.band / self.width)

    def edge(self, at: int) -> float:
        """The weight at which bin `at` begins; the first bin has no beginning."""
        return self.threshold + at * self.width if at >= -self.bins else -math.inf


@dataclass(frozen=True)
class Sample:
    """`pairs(pair, source_l, record_l, source_r, record_r, rule, weight, joined, stratum, chance)` and
    `strata(stratum, low, high, sources, rule, linked, population, likely, drawn)`; `pair` is
    an opaque id, `likely` how many matches the model expects.
    """

    pairs: pa.Table
    strata: pa.Table


def draw(pairs: pa.Table, design: Design, key: bytes) -> Sample:
    """Sample scored pairs (a row a pair, `COLUMNS`; left and right may be either way round).

    `key` keys the hashes, so that nobody without it can tell who will be read. LinkError for missing
    columns, weights that are no numbers, and pairs that are there twice.
    """
    _check(pairs)
    secret = hmac.digest(key, b"review sample", "sha256")
    turn = hmac.digest(secret, str(design.seed).encode(), "sha256").hex()
    with session(2) as con:
        joined = ["joined"] if "joined" in pairs.column_names else []
        con.register("given", pairs.select([*COLUMNS, *joined]))
        con.execute(
            "CREATE TABLE told AS SELECT *, source_l || ' + ' || source_r AS sources,"
            f" least(greatest(floor((weight - {design.threshold!r}) / {design.width!r}),"
            f" {-design.bins - 1}), {design.bins})::INTEGER AS bin FROM ({_ordered(*joined)})"
        )
        _check_once(con)
        cells = _cells(con, design)
        least = max(1, min(design.least, design.budget // max(len(cells), 1)))
        sizes, spreads = [cell.population for cell in cells], [cell.spread for cell in cells]
        drawn = neyman(sizes, spreads, design.budget, least)
        con.register("strata", _strata(cells, drawn, design))
        con.register("cells", _members(cells))
        taken = con.execute(_DRAW, [turn]).to_arrow_table()
        strata = con.sql("FROM strata ORDER BY stratum").to_arrow_table()
    names = [
        _name(secret, row)
        for row in taken.select(["source_l", "record_l", "source_r", "record_r"]).to_pylist()
    ]
    return Sample(taken.add_column(0, "pair", pa.array(names, pa.string())), strata)


# A pair is the same pair whichever side came first.
_ORDERED = """
    SELECT {joined} AS joined, CASE WHEN turned THEN source_r ELSE source_l END AS source_l,
        CASE WHEN turned THEN record_r ELSE record_l END AS record_l,
        CASE WHEN turned THEN source_l ELSE source_r END AS source_r,
        CASE WHEN turned THEN record_l ELSE record_r END AS record_r, coalesce(rule, '') AS rule,
        CAST(weight AS DOUBLE) AS weight
    FROM (SELECT *, (source_r, record_r) < (source_l, record_l) AS turned FROM given)
"""


def _ordered(joined: str = "CAST(NULL AS BOOLEAN)") -> str:
    return _ORDERED.format(joined=joined)


# Lengths keep ('ab', 'c') and ('a', 'bc') apart.
_DRAW = """
    SELECT source_l, record_l, source_r, record_r, told.rule, weight, joined, stratum,
        drawn / population AS chance
    FROM told JOIN cells ON told.bin = cells.bin AND told.sources = cells.sources AND told.rule = cells.rule
    JOIN strata USING (stratum)
    QUALIFY row_number() OVER (PARTITION BY stratum ORDER BY sha256(concat_ws(':', ?, length(source_l),
        source_l, length(record_l), record_l, length(source_r), source_r, record_r))) <= drawn
    ORDER BY source_l, record_l, source_r, record_r
"""


@dataclass(frozen=True)
class _Cell:
    bin: int
    sources: str
    rule: str
    population: int
    likely: float
    members: tuple[tuple[int, str, str], ...]

    @property
    def spread(self) -> float:
        """The standard deviation of the truth that the model expects; never taken for certain."""
        chance = min(max(self.likely / self.population, 0.05), 0.95)
        return math.sqrt(chance * (1 - chance))


def _cells(con: duckdb.DuckDBPyConnection, design: Design) -> list[_Cell]:
    """The strata: as fine as the budget bears, and nothing so small that it would be read for itself."""
    found = con.execute(
        "SELECT bin, sources, rule, count(*)::BIGINT,"
        " sum(1 / (1 + pow(2, -greatest(least(weight, 60), -60))))"
        " FROM told GROUP BY ALL ORDER BY bin, sources, rule"
    ).fetchall()
    room = max(design.budget // (2 * design.least), 1)
    for depth in (2, 1, 0):
        grouped: dict[tuple[int, str, str], list[tuple[int, str, str, int, float]]] = {}
        for row in found:
            grouped.setdefault((row[0], *_as_deep(row[1], row[2], depth)), []).append(row)
        cells = _merged([_cell(name, rows) for name, rows in grouped.items()])
        if len(cells) <= room:
            break
    return cells


def _as_deep(sources: str, rule: str, depth: int) -> tuple[str, str]:
    return (sources if depth >= 1 else SEVERAL, rule if depth == 2 else SEVERAL)


def _cell(name: tuple[int, str, str], rows: Sequence[tuple[int, str, str, int, float]]) -> _Cell:
    members = tuple((row[0], row[1], row[2]) for row in rows)
    return _Cell(*name, sum(row[3] for row in rows), sum(row[4] for row in rows), members)


def _merged(cells: Sequence[_Cell]) -> list[_Cell]:
    kept: dict[tuple[int, str, str], _Cell] = {}
    for cell in cells:
        big = cell.population >= _FEW
        name = (cell.bin, cell.sources if big else SEVERAL, cell.rule if big else SEVERAL)
        if name in kept:
            other = kept[name]
            cell = _Cell(
                *name,
                cell.population + other.population,
                cell.likely + other.likely,
                other.members + cell.members,
            )
        kept[name] = _Cell(*name, cell.population, cell.likely, cell.members)
    return [kept[name] for name in sorted(kept)]


def _members(cells: Sequence[_Cell]) -> pa.Table:
    rows = [(at, *member) for at, cell in enumerate(cells) for member in cell.members]
    names = ("stratum", "bin", "sources", "rule")
    kinds = (pa.int64(), pa.int64(), pa.string(), pa.string())
    return pa.table(
        {
            name: pa.array([row[at] for row in rows], kind)
            for at, (name, kind) in enumerate(zip(names, kinds, strict=True))
        }
    )


def _strata(cells: Sequence[_Cell], drawn: Sequence[int], design: Design) -> pa.Table:
    high = [math.inf if cell.bin == design.bins else design.edge(cell.bin + 1) for cell in cells]
    return pa.table(
        {
            "stratum": pa.array(range(len(cells)), pa.int64()),
            "low": pa.array([design.edge(cell.bin) for cell in cells], pa.float64()),
            "high": pa.array(high, pa.float64()),
            "sources": pa.array([cell.sources for cell in cells], pa.string()),
            "rule": pa.array([cell.rule for cell in cells], pa.string()),
            "linked": pa.array([cell.bin >= 0 for cell in cells], pa.bool_()),
            "population": pa.array([cell.population for cell in cells], pa.int64()),
            "likely": pa.array([round(cell.likely, 3) for cell in cells], pa.float64()),
            "drawn": pa.array(drawn, pa.int64()),
        }
    )


def _name(secret: bytes, row: dict[str, str]) -> str:
    text = "".join(f"{len(part)}:{part}" for part in row.values())
    return hmac.digest(secret, b"pair " + text.encode(), "sha256")[:16].hex()


def _check(pairs: pa.Table) -> None:
    missing = sorted(set(COLUMNS) - set(pairs.column_names))
    if missing:
        raise LinkError(Problem("REVIEW", f"the scored pairs lack {', '.join(missing)}"))
    weights = pairs["weight"].to_numpy().astype(np.float64)
    if (bad := int((~np.isfinite(weights)).sum())) > 0:
        raise LinkError(Problem("REVIEW", f"{bad} scored pairs have no weight"))


def _check_once(con: duckdb.DuckDBPyConnection) -> None:
    row = con.execute(
        "SELECT (SELECT count(*) FROM told) - (SELECT count(*) FROM"
        " (SELECT DISTINCT source_l, record_l, source_r, record_r FROM told))"
    ).fetchall()
    if row[0][0]:
        raise LinkError(
            Problem(
                "REVIEW", f"{row[0][0]} pairs are scored twice", "a chance of being read would be wrong"
            )
        )
