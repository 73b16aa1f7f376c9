"""The weight of evidence that two records are one person, by Splink's model, in one pass of our own SQL.

Splink's match weight is the log2 odds of a match: the prior, plus for each comparison log2(m/u) of the
level that a pair falls in, plus what a rare shared value adds (Fellegi and Sunter 1969; Winkler 1988;
Linacre et al. 2022). A test holds ours to Splink's pair by pair. Ours makes no columns that nobody reads,
and looks a frequency up once where both sides hold the same value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from .coded import Coded
from .trained import Model

Level = Mapping[str, Any]
_AT_ONCE = 1_000_000
_BATCH = 122_880
_SAME = re.compile(r'^\s*"?(\w+)"?_l\s*=\s*"?(\w+)"?_r\s*$')


def weigh(
    con: duckdb.DuckDBPyConnection,
    model: Model,
    table: str | pa.Table,
    pairs: str,
    into: str,
    *,
    least: float | None = None,
) -> None:
    """Fill `into(l, r, weight, apart)` with the `pairs(l, r)` of rows of `table(rid, FIELDS...)` that weigh
    `least` bits or more (None: the model's threshold).

    `table` is one of the engine's, or identities as `standardise.load` gives them, whose rows are then
    fetched by their number, a million pairs at a time. `apart` names the guard by which a pair is held
    apart whatever it weighs (relatives, twins, namesakes), else null. Weights are rounded to four
    places, so that no last bit decides.
    """
    con.execute(f"CREATE OR REPLACE TABLE {into} (l BIGINT, r BIGINT, weight DOUBLE, apart VARCHAR)")
    parts = (
        [joined(con, model, table, pairs)] if isinstance(table, str) else gathered(con, model, table, pairs)
    )
    for sides in parts:
        con.execute(f"INSERT INTO {into} SELECT l, r, weight, apart FROM ({weighed(model, sides, least)})")


def weighed(model: Model, sides: str, least: float | None = None) -> str:
    """SQL of `sides` with `weight` and `apart`, as `weigh` gives them.

    `sides` is SQL of rows with the columns of both records (NAME_l, NAME_r) and the frequencies that
    `lookups` names (tf_NAME_l, tf_NAME_r).
    """
    floor = model.least if least is None else least
    held_apart = " ".join(f"WHEN {sql} THEN '{kind}'" for kind, sql in model.guards.items())
    apart = f"CASE {held_apart} END" if held_apart else "CAST(NULL AS VARCHAR)"
    added = [f"{_weight(c)} {_frequency(c)}" for c in model.settings["comparisons"]]
    total = " ".join([f"CAST({prior_bits(model.settings)} AS DOUBLE)", *added])
    return (
        f"SELECT *, {apart} AS apart FROM (SELECT *, round({total}, 4) AS weight FROM"
        f" ({_compared(model, sides)})) WHERE weight >= {floor}"
    )


def evidence(con: duckdb.DuckDBPyConnection, model: Model, table: str, pairs: str, into: str) -> None:
    """Fill `into(l, r, nth, comparison, level, label, weight, frequency)`: what each pair's weight is
    made of.

    A row a comparison, and the prior as number 0; `level` is Splink's (0 differs, -1 missing), `frequency`
    the bits that a rare or common value adds; the sum of both columns is the pair's weight.
    """
    compared = f"WITH compared AS ({_compared(model, joined(con, model, table, pairs))})"
    rows = [
        "SELECT l, r, 0 AS nth, 'prior' AS comparison, 0 AS level, 'before anything is compared' AS label,"
        f" CAST({prior_bits(model.settings)} AS DOUBLE) AS weight, CAST(0 AS DOUBLE) AS frequency FROM"
        f" compared"
    ]
    for nth, comparison in enumerate(model.settings["comparisons"], 1):
        gamma = gamma_of(comparison)
        labels = " ".join(
            f"WHEN {value} THEN '{_quoted(_label(level))}'" for value, level in numbered(comparison)
        )
        rows.append(
            f"SELECT l, r, {nth}, '{_quoted(comparison['output_column_name'])}', {gamma},"
            f" CASE {gamma} {labels} END, CAST(0 {_weight(comparison)} AS DOUBLE),"
            f" CAST(0 {_frequency(comparison)} AS DOUBLE) FROM compared"
        )
    con.execute(
        f"CREATE OR REPLACE TABLE {into} AS {compared} {' UNION ALL '.join(rows)} ORDER BY l, r, nth"
    )


def prior_bits(settings: Mapping[str, Any]) -> float:
    """The log2 odds that two random records match."""
    prior = float(settings["probability_two_random_records_match"])
    return math.log2(prior / (1 - prior))


def numbered(comparison: Mapping[str, Any]) -> list[tuple[int, Level]]:
    """Each level with its number in Splink: -1 for missing, then down to 0 for the last."""
    levels = comparison["comparison_levels"]
    known = sum(1 for level in levels if not level.get("is_null_level"))
    answer = []
    for level in levels:
        if level.get("is_null_level"):
            answer.append((-1, level))
        else:
            known -= 1
            answer.append((known, level))
    return answer


def gamma_of(comparison: Mapping[str, Any]) -> str:
    """The column that holds the level of a comparison."""
    return f"gamma_{comparison['output_column_name']}"


def _compared(model: Model, sides: str) -> str:
    """SQL of both sides' columns with the level of each comparison."""
    gammas = ", ".join(f"{_levels(c)} AS {gamma_of(c)}" for c in model.settings["comparisons"])
    return f"SELECT *, {gammas} FROM ({sides})"


def joined(con: duckdb.DuckDBPyConnection, model: Model, table: str, pairs: str) -> str:
    """SQL of the pairs with both sides' columns, and the frequencies they need as tf_ columns."""
    columns = ", ".join(f"a.{name} AS {name}_l, b.{name} AS {name}_r" for name in sorted(model.columns))
    looked_up, wanted = "", ""
    for name, ends in lookups(model).items():
        con.register(f"frequency_{name}", model.frequencies[name])
        for end, side in zip(ends, "ab", strict=False):
            looked_up += f" LEFT JOIN frequency_{name} {name}_{end} ON {name}_{end}.value = {side}.{name}"
            wanted += f", {name}_{end}.share AS tf_{name}_{end}"
    return (
        f"SELECT p.l, p.r, {columns}{wanted} FROM {pairs} p JOIN {table} a ON a.rid = p.l"
        f" JOIN {table} b ON b.rid = p.r{looked_up}"
    )


def gathered(
    con: duckdb.DuckDBPyConnection, model: Model, identities: pa.Table, pairs: str
) -> Iterator[str]:
    """The same by taking rows by their number, which costs less than a join of wide rows, in parts."""
    ends = lookups(model)
    held = {name: Coded.held(identities[name]) for name in model.columns}
    shares = {name: _shares(held[name], model.frequencies[name]) for name in ends}
    every = con.sql(f"SELECT l::INTEGER AS l, r::INTEGER AS r FROM {pairs}").to_arrow_table()
    for batch in every.combine_chunks().to_batches(max_chunksize=_AT_ONCE):
        rows = {"l": batch["l"].to_numpy(), "r": batch["r"].to_numpy()}
        columns: dict[str, Any] = dict(rows)
        for end, at in rows.items():
            columns |= {f"{name}_{end}": column.take(at).column() for name, column in held.items()}
        for name, of in ends.items():
            for end in of:
                found = shares[name][held[name].codes[rows[end]]]
                columns[f"tf_{name}_{end}"] = pa.array(found, mask=np.isnan(found))
        table = pa.table(columns)
        con.register("both_sides", pa.Table.from_batches(table.to_batches(max_chunksize=_BATCH)))
        yield "FROM both_sides"
    con.unregister("both_sides")


def _shares(column: Coded, frequencies: pa.Table) -> npt.NDArray[np.float64]:
    """The frequency of each of a column's values; the last, for a missing one, is not a number."""
    at = pc.fill_null(pc.index_in(column.values, frequencies["value"].combine_chunks()), len(frequencies))
    return np.append(np.append(frequencies["share"].to_numpy(), np.nan)[at.to_numpy()], np.nan)


def _levels(comparison: Mapping[str, Any]) -> str:
    cases = []
    for value, level in numbered(comparison):
        sql = level["sql_condition"]
        cases.append(f"ELSE {value}" if sql.strip().upper() == "ELSE" else f"WHEN {sql} THEN {value}")
    return f"CASE {' '.join(cases)} END"


def _weight(comparison: Mapping[str, Any]) -> str:
    cases = []
    for value, level in numbered(comparison):
        if value >= 0:
            bits = math.log2(level["m_probability"] / level["u_probability"])
            cases.append(f"WHEN {value} THEN CAST({bits} AS DOUBLE)")
    return f"+ CASE {gamma_of(comparison)} {' '.join(cases)} ELSE 0 END"


def _frequency(comparison: Mapping[str, Any]) -> str:
    cases = []
    for value, level in numbered(comparison):
        name = level.get("tf_adjustment_column")
        if not name:
            continue
        weight, floor = level.get("tf_adjustment_weight", 1.0), level.get("tf_minimum_u_value", 0.0)
        left = f"tf_{name}_l"
        right = left if _is_same(level) else f"tf_{name}_r"
        shares = f"greatest(coalesce({left}, {right}), coalesce({right}, {left}), {floor})"
        base = math.log2(_exact_u(comparison, level))
        cases.append(
            f"WHEN {gamma_of(comparison)} = {value} AND coalesce({left}, {right}) IS NOT NULL"
            f" THEN {weight} * ({base} - log2({shares}))"
        )
    return f"+ CASE {' '.join(cases)} ELSE 0 END" if cases else ""


def _exact_u(comparison: Mapping[str, Any], level: Level) -> float:
    """The u of the level of exact agreement, which a frequency stands in for."""
    if level.get("disable_tf_exact_match_detection"):
        return float(level["u_probability"])
    name = level["tf_adjustment_column"]
    exact = [other for other in comparison["comparison_levels"] if _same_column(other) == name]
    return float((exact[0] if exact else level)["u_probability"])


def _same_column(level: Level) -> str | None:
    found = _SAME.match(str(level["sql_condition"]))
    return found[1] if found and found[1] == found[2] else None


def _is_same(level: Level) -> bool:
    return _same_column(level) == level.get("tf_adjustment_column")


def lookups(model: Model) -> dict[str, str]:
    """For each column with frequencies, the sides whose value must be looked up: 'l', or 'lr' if they may
    differ.
    """
    ends: dict[str, str] = {}
    for level in _with_frequency(model.settings["comparisons"]):
        name = level["tf_adjustment_column"]
        ends[name] = "lr" if not _is_same(level) else ends.get(name, "l")
    return ends


def _with_frequency(comparisons: Sequence[Mapping[str, Any]]) -> Iterator[Level]:
    for comparison in comparisons:
        yield from (level for level in comparison["comparison_levels"] if level.get("tf_adjustment_column"))


def _label(level: Level) -> str:
    return str(level.get("label_for_charts") or level["sql_condition"])


def _quoted(text: str) -> str:
    return text.replace("'", "''")
