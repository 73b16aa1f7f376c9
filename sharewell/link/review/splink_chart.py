"""Splink's own waterfall of a pair, for people who know it: the same settings, as Vega-Lite."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa

from ..session import session
from ..trained import Model
from ..training import quiet


def splink_waterfall(
    con: duckdb.DuckDBPyConnection, model: Model, table: str, left: int, right: int, *, values: bool = False
) -> dict[str, Any]:
    """Splink's waterfall chart of one pair of `table(rid, FIELDS...)`, as its specification.

    It has no value of a person unless `values`, which is for a reader's session only. Frequencies are the
    model's. LinkError if Splink stops.
    """
    held = con.execute(f"SELECT * FROM {table} WHERE rid IN (?, ?)", [left, right]).to_arrow_table()
    # In a connection of its own: Splink leaves tables behind, and would count frequencies in two rows.
    with quiet(), session(1) as alone:
        alone.register("two_records", held)
        linker = _linker(alone, model)
        for name, shares in model.frequencies.items():
            told = pa.table({name: shares["value"], f"tf_{name}": shares["share"]})
            linker.table_management.register_term_frequency_lookup(linker._db_api.register(told), name)
        pair = pa.table(
            {"match_key": ["0"], "join_key_l": [min(left, right)], "join_key_r": [max(left, right)]}
        )
        linker.table_management.register_blocked_pairs_for_predict(linker._db_api.register(pair))
        rows = linker.inference.predict(warning_mode="never").as_record_list()
        chart = linker.visualisations.waterfall_chart(rows, remove_sensitive_data=not values)
        answer: dict[str, Any] = chart.chart_dict
    return answer


def _linker(con: duckdb.DuckDBPyConnection, model: Model) -> Any:
    from splink import DuckDBAPI, Linker

    keep = {"retain_matching_columns": True, "retain_intermediate_calculation_columns": True}
    return Linker(DuckDBAPI(con).register("two_records"), {**model.as_splink(), **keep}, log_level=None)
