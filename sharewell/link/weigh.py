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

from .trained import Model

Level = Mapping[str, Any]
_SAME = re.compile(r'^\s*"?(\w+)"?_l\s*=\s*"?(\w+)"?_r\s*$')


def weigh(
    con: duckdb.DuckDBPyConnection,
    model: Model,
    table: str,
    pairs: str,
    into: str,
    *,
    least: float | None = None,
) -> None:
    """Fill `into(l, r, weight, apart)` with the `pairs(l, r)` of rows of `table(rid, FIELDS...)` that weigh
    `least` bits or more (None: the model's threshold).

    `apart` names the guard by which a pair is held apart whatever it weighs (relatives, twins, namesakes),
    else null. Weights are rounded to four places, so that no last bit decides.
    """
    floor = model.least if least is None else least
    held_apart = " ".join(f"WHEN {sql} THEN '{kind}'" for kind, sql in model.guards.items())
    apart = f"CASE {held_apart} END" if held_apart else "CAST(NULL AS VARCHAR)"
    parts = [f"{_weight(c)} {_frequency(c)}" for c in model.settings["comparisons"]]
    total = " ".join([f"CAST({prior_bits(model.settings)} AS DOUBLE)", *parts])
    con.execute(
        f"CREATE OR REPLACE TABLE {into} AS SELECT l, r, weight, {apart} AS apart FROM"
        f" (SELECT *, round({total}, 4) AS weight FROM ({_compared(con, model, table, pairs)}))"
        f" WHERE weight >= {floor}"
    )


def evidence(con: duckdb.DuckDBPyConnection, model: Model, table: str, pairs: str, into: str) -> None:
    """Fill `into(l, r, nth, comparison, level, label, weight, frequency)`: what each pair's weight is
    made of.

    A row a comparison, and the prior as number 0; `level` is Splink's (0 differs, -1 missing), `frequency`
    the bits that a rare or common value adds; the sum of both columns is the pair's weight.
    """
    compared = f"WITH compared AS ({_compared(con, model, table, pairs)})"
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


def _compared(con: duckdb.DuckDBPyConnection, model: Model, table: str, pairs: str) -> str:
    """SQL of the pairs with their levels, the frequencies they need, and both sides' columns."""
    columns = sorted(set(model.columns))
    sides = ", ".join(f"{side}.{name} AS {name}_{end}" for name in columns for side, end in ("al", "br"))
    joins = f"FROM {pairs} p JOIN {table} a ON a.rid = p.l JOIN {table} b ON b.rid = p.r"
    sides = sides.replace("al.", "a.").replace("br.", "b.")
    looked_up, wanted = "", ""
    for name, ends in _lookups(model.settings["comparisons"]).items():
        con.register(f"frequency_{name}", model.frequencies[name])
        for end in ends:
            side = "a" if end == "l" else "b"
            looked_up += f" LEFT JOIN frequency_{name} {name}_{end} ON {name}_{end}.value = {side}.{name}"
            wanted += f", {name}_{end}.share AS tf_{name}_{end}"
    gammas = ", ".join(f"{_levels(c)} AS {gamma_of(c)}" for c in model.settings["comparisons"])
    return f"SELECT *, {gammas} FROM (SELECT p.l, p.r, {sides}{wanted} {joins}{looked_up})"


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


def _lookups(comparisons: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """For each column with frequencies, the sides whose value must be looked up."""
    ends: dict[str, str] = {}
    for level in _with_frequency(comparisons):
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
