"""A profile: how full each field is and how its values lie. The gate checks it before anyone sees it.

No value of an identifier, key or sensitive field is ever listed. A plain or quasi-identifying field of few
values gets a table of how many people have each; a plain number gets quantiles rounded to two figures,
never its least or most.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import duckdb
import pyarrow as pa

from ..plan.finding import Measure, Output, ResultTable
from ..plan.schema import Kind, Type
from .contract import Contract, Property
from .sql import name, rows

FEW = 25
"""The most values of a field whose frequencies are listed."""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
_BANDS = ((1, "0 to 1"), (9, "2 to 9"), (99, "10 to 99"), (999, "100 to 999"), (9_999, "1,000 to 9,999"))
_LISTED = (Type.TEXT, Type.INTEGER, Type.BOOLEAN)


def profile(con: duckdb.DuckDBPyConnection, relation: str, contract: Contract) -> tuple[ResultTable, ...]:
    """Profile the table or view `relation`, in tables for the gate.

    `ASSET.fields` says how full each field is, `ASSET.numbers` how plain numbers lie, `ASSET.FIELD` lists
    the values of one field. Counts are of people where the contract names a field that tells them apart
    (`Contract.person`), else of rows.
    """
    counted = contract.person and contract.key != (contract.person,)
    unit = f"count(DISTINCT {name(contract.person)})" if counted else "count(*)"
    distinct = _distinct(con, relation, contract)
    tables = [_fields(con, relation, contract, unit, distinct)]
    numeric = [p for p in contract.properties if _is_measured(p)]
    if numeric:
        tables.append(_numbers(con, relation, contract, unit, numeric))
    for p in contract.properties:
        # The estimate is within a few percent: twice the limit is surely too many.
        if _is_listed(p) and distinct[p.name] <= 2 * FEW:
            tables += _frequencies(con, relation, contract, unit, p)
    return tuple(tables)


def _is_listed(p: Property) -> bool:
    return p.classification in (Kind.PLAIN, Kind.QUASI) and p.type in _LISTED


def _is_measured(p: Property) -> bool:
    return p.classification is Kind.PLAIN and p.type in (Type.INTEGER, Type.NUMBER)


def _distinct(con: duckdb.DuckDBPyConnection, relation: str, contract: Contract) -> dict[str, int]:
    counted = ", ".join(f"approx_count_distinct({name(p.name)})" for p in contract.properties)
    found = rows(con, f"SELECT {counted} FROM {name(relation)}", "profiling")[0]
    return {p.name: int(count) for p, count in zip(contract.properties, found, strict=True)}


def _fields(
    con: duckdb.DuckDBPyConnection, relation: str, contract: Contract, unit: str, distinct: dict[str, int]
) -> ResultTable:
    counts = _counts(con, relation, unit, [f"{name(p.name)} IS NOT NULL" for p in contract.properties])
    absent = _counts(con, relation, unit, [f"{name(p.name)} IS NULL" for p in contract.properties])
    held = list(contract.properties)
    data = pa.table(
        {
            "field": pa.array([p.name for p in held], pa.string()),
            "type": pa.array([p.type.value for p in held], pa.string()),
            "kind": pa.array([p.classification.value for p in held], pa.string()),
            "values": pa.array([_band(distinct[p.name]) for p in held], pa.string()),
            "present": pa.array(counts, pa.int64()),
            "missing": pa.array(absent, pa.int64()),
        }
    )
    return ResultTable(
        f"{contract.id}.fields",
        f"How full each field of {contract.id} is",
        Output.FREQUENCY,
        data,
        by=("field",),
        counts=("present", "missing"),
        zero_safe=("missing",),
        overlapping=("field",),
        notes=(_noted(contract),),
    )


def _counts(
    con: duckdb.DuckDBPyConnection, relation: str, unit: str, conditions: Iterable[str]
) -> list[int]:
    counted = ", ".join(f"{unit} FILTER ({condition})" for condition in conditions)
    return [int(count) for count in rows(con, f"SELECT {counted} FROM {name(relation)}", "profiling")[0]]


def _numbers(
    con: duckdb.DuckDBPyConnection, relation: str, contract: Contract, unit: str, numeric: list[Property]
) -> ResultTable:
    shares = "[" + ", ".join(map(str, QUANTILES)) + "]"
    listed = ", ".join(f"quantile_cont(CAST({name(p.name)} AS DOUBLE), {shares})" for p in numeric)
    found = rows(con, f"SELECT {listed} FROM {name(relation)}", "profiling")[0]
    columns: dict[str, Any] = {"field": pa.array([p.name for p in numeric], pa.string())}
    for i, share in enumerate(QUANTILES):
        column = [None if values is None else _rounded(values[i]) for values in found]
        columns[f"p{round(100 * share):02d}"] = pa.array(column, pa.float64())
    people = _counts(con, relation, unit, [f"{name(p.name)} IS NOT NULL" for p in numeric])
    columns["people"] = pa.array(people, pa.int64())
    return ResultTable(
        f"{contract.id}.numbers",
        f"How the numbers of {contract.id} lie",
        Output.ESTIMATE,
        pa.table(columns),
        by=("field",),
        counts=("people",),
        measures=tuple(
            Measure(column, "people") for column in columns if column.startswith("p") and len(column) == 3
        ),
        notes=("Quantiles, rounded to two figures.", _noted(contract)),
        overlapping=("field",),
    )


def _frequencies(
    con: duckdb.DuckDBPyConnection, relation: str, contract: Contract, unit: str, p: Property
) -> list[ResultTable]:
    """One table, or none where the field turns out to have more than a few values."""
    value = f"CAST({name(p.name)} AS VARCHAR)"
    grouped = f"SELECT {value} AS v, {unit} AS n FROM {name(relation)} WHERE {name(p.name)} IS NOT NULL"
    found = rows(con, f"{grouped} GROUP BY v ORDER BY v LIMIT {FEW + 1}", "profiling")
    if len(found) > FEW:
        return []
    data = pa.table(
        {
            p.name: pa.array([row[0] for row in found], pa.string()),
            "people": pa.array([row[1] for row in found], pa.int64()),
        }
    )
    table = ResultTable(
        f"{contract.id}.{p.name}",
        f"{p.name} in {contract.id}",
        Output.FREQUENCY,
        data,
        by=(p.name,),
        counts=("people",),
        # A person of several rows may stand under several values.
        overlapping=() if contract.key == (contract.person,) else (p.name,),
        notes=(_noted(contract),),
    )
    return [table]


def _noted(contract: Contract) -> str:
    return f"People are told apart by {contract.person}." if contract.person else "Counts are of rows."


def _band(count: int) -> str:
    return next((band for top, band in _BANDS if count <= top), "10,000 or more")


def _rounded(value: float) -> float:
    """To two significant figures."""
    return 0.0 if value == 0 else round(value, 1 - math.floor(math.log10(abs(value))))
