"""Who is linked wrongly, by group, from what readers settled: what the linker itself knows of people.

Each settled pair is a case of its own: what was held together when it was drawn need not be so now, since
readers put it right, and of the rest of a cluster nothing was read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from .. import group_errors

if TYPE_CHECKING:
    from .session import Look


def errors_by_group(
    labels: pa.Table, look: Look, band: Callable[[dt.date], str], least: int
) -> pa.Table | None:
    """`group_errors.errors_by_group` of `Reviews.labels`, by age (`band` names a birth's), sex and postcode
    district; counts and rates of fewer than `least` pairs are null. None if nothing is settled yet.

    Pairs of records erased since, and those of which the index did not say whether they were joined, tell
    nothing.
    """
    told = pc.and_(
        pc.is_in(labels["verdict"], pa.array(["same", "different"])), labels["joined"].is_valid()
    )
    rows = labels.filter(pc.and_(told, labels["record_l"].is_valid())).to_pylist()
    if not rows:
        return None
    ends = sorted({(row[f"source_{side}"], row[f"record_{side}"]) for row in rows for side in "lr"})
    held = {(row["source"], row["record"]): row for row in look(ends).to_pylist()}
    return _enough(group_errors.errors_by_group(*_cases(rows, held, band)), least)


def _cases(
    rows: Sequence[Mapping[str, Any]],
    held: Mapping[tuple[str, str], Mapping[str, Any]],
    band: Callable[[dt.date], str],
) -> tuple[pa.Table, pa.Table, pa.Table]:
    """Linked, labels and groups, with each side of each pair as a record by itself."""
    linked, labels, groups = [], [], []
    for row in rows:
        pair = row["pair"]
        for side, cluster in (("l", "one"), ("r", "one" if row["joined"] else "other")):
            record = {"source": side, "record": pair}
            linked.append({**record, "cluster": f"{pair} {cluster}"})
            found = held.get((row[f"source_{side}"], row[f"record_{side}"]), {})
            groups += [{**record, "by": by, "group": group} for by, group in _groups(found, band)]
        ends = {"source_l": "l", "record_l": pair, "source_r": "r", "record_r": pair}
        labels.append({**ends, "same": row["verdict"] == "same", "probability": row["chance"]})
    shape = pa.schema([(name, pa.string()) for name in ("source", "record", "by", "group")])
    return pa.Table.from_pylist(linked), pa.Table.from_pylist(labels), pa.Table.from_pylist(groups, shape)


def _groups(held: Mapping[str, Any], band: Callable[[dt.date], str]) -> Iterator[tuple[str, str]]:
    if born := held.get("born"):
        yield "age", band(dt.date(int(born[:4]), int(born[4:6]), int(born[6:8])))
    if sex := held.get("sex"):
        yield "sex", sex
    if postcode := held.get("postcode"):
        yield "postcode district", postcode[:-3]


def _enough(table: pa.Table, least: int) -> pa.Table:
    """Without the counts and rates that rest on too few pairs."""
    for error, of in (("false", "linked"), ("missed", "same")):
        few = pc.less(table[f"pairs_{of}"], least)
        for name in (f"pairs_{of}", error, f"{error}_low", f"{error}_high"):
            kept = pc.if_else(few, pa.scalar(None, table[name].type), table[name])
            table = table.set_column(table.column_names.index(name), name, kept)
    return table
