"""people(): which records, over any number of sources, are one person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..errors import LinkError, Problem, UnknownName
from . import cluster, standardise
from .methods import METHODS, Linker, Partition
from .settings import Linked, Progress, Settings


def people(
    tables: Mapping[str, pa.Table], *, settings: Settings, progress: Progress | None = None
) -> Linked:
    """Link the records of named sources into people.

    Each table has `record` (text, unique in its source) and any of `settings.IDENTITY`; values may be
    missing or junk. The answer holds every record once. Deterministic: the order of rows and of sources
    changes nothing. Raises LinkError for repeated or missing record ids (all sources at once),
    UnknownName for an unknown linker.
    """
    told = progress or (lambda stage, done: None)
    check_records(tables, settings)
    linker = method(settings.linker)
    with duckdb.connect(config={"threads": settings.threads}) as con:
        con.execute("SET enable_progress_bar = false")
        told("standardising identities", 0.0)
        try:
            count = standardise.load(con, tables, settings.columns)
            con.execute("ALTER TABLE records ADD COLUMN side INTEGER DEFAULT 0")
            found = linker(con, settings, told) if count else _nobody()
            records = con.sql("SELECT source, record FROM records ORDER BY rid").to_arrow_table()
        except duckdb.Error as error:
            # DuckDB quotes the value it stumbled on, so only the kind of error may go on.
            kind = type(error).__name__
            raise LinkError(
                Problem("ENGINE", f"the linking engine stopped ({kind})", "its text may quote a row")
            ) from None
    told("naming clusters", 0.9)
    linked = records.append_column(
        "cluster", cluster.name(settings.secret, "person", records, found.labels)
    )
    evidence = {"linker": settings.linker, "records": count, **found.evidence, **_counts(linked, found)}
    told("done", 1.0)
    return Linked(linked, evidence, _named(records, found.pairs))


def method(name: str) -> Linker:
    """The way to find people that `name` names; UnknownName lists those there are."""
    if name in METHODS:
        return METHODS[name]
    what = f"no way to find people is called {name!r}"
    raise UnknownName(Problem("UNKNOWN", what, fix=f"use one of: {', '.join(METHODS)}"))


def check_records(tables: Mapping[str, pa.Table], settings: Settings) -> None:
    """Raise LinkError with a problem for each source whose record ids repeat or are missing."""
    problems = []
    for source, held in sorted(tables.items()):
        if "record" not in held.column_names:
            problems.append(
                Problem("RECORD", f"source {source} has no column `record`", fix="name its key")
            )
            continue
        ids = held["record"].combine_chunks().cast(pa.string())
        repeated = len(ids) - ids.null_count - len(pc.unique(ids.drop_null()))
        if ids.null_count:
            problems.append(
                Problem("RECORD", f"source {source} has {ids.null_count} rows without a record id")
            )
        if repeated:
            what = f"source {source} repeats record ids in {repeated} of {len(ids)} rows"
            problems.append(
                Problem(
                    "REPEATED", what, "a link could not say which row it means", "send each record once"
                )
            )
    absent = sorted(settings.one_per_source - set(tables))
    if absent:
        problems.append(
            Problem("SOURCE", f"one_per_source names no source of this link: {', '.join(absent)}")
        )
    if problems:
        raise LinkError(problems)


def _nobody() -> Partition:
    kinds = [("l", pa.int64()), ("r", pa.int64()), ("rule", pa.string()), ("weight", pa.float64())]
    return Partition(np.zeros(0, np.int64), pa.schema(kinds).empty_table(), {})


def _named(records: pa.Table, pairs: pa.Table) -> pa.Table:
    left, right = records.take(pairs["l"]), records.take(pairs["r"])
    return pa.table(
        {
            "source_l": left["source"],
            "record_l": left["record"],
            "source_r": right["source"],
            "record_r": right["record"],
            "rule": pairs["rule"],
            "weight": pairs["weight"],
        }
    )


def _counts(linked: pa.Table, found: Partition) -> dict[str, Any]:
    """Records by the first rule that joined them, weights in bins of five bits, and how many of each
    source linked.
    """
    single = np.bincount(found.labels, minlength=len(found.labels))[found.labels] == 1
    rules = {"single": int(single.sum())}
    reached = np.zeros(len(found.labels), bool)
    names = np.array(found.pairs["rule"].to_pylist(), dtype=object)
    for rule in ("exact", "splink", "attached"):
        chosen = found.pairs.filter(pa.array(names == rule)) if len(names) else found.pairs
        ends = np.concatenate([chosen["l"].to_numpy(), chosen["r"].to_numpy()]).astype(np.int64)
        fresh = np.unique(ends[~reached[ends]]) if len(ends) else ends
        reached[fresh] = True
        rules[rule] = len(fresh)
    weights = [5 * int(weight // 5) for weight in found.pairs["weight"].drop_null().to_pylist()]
    return {
        "records_by_rule": rules,
        "weights": {f"{low} to {low + 5}": n for low, n in sorted(Counter(weights).items())},
        "clusters": len(np.unique(found.labels)),
        "sources": _by_source(linked, found.labels),
    }


def _by_source(linked: pa.Table, labels: cluster.Ints) -> dict[str, dict[str, int]]:
    names, at = np.unique(np.array(linked["source"].to_pylist(), dtype=str), return_inverse=True)
    if not len(names):
        return {}
    distinct = np.unique(labels * len(names) + at)
    wide = np.bincount(distinct // len(names), minlength=len(labels))[labels] > 1
    return {
        str(name): {"records": int((at == n).sum()), "linked_elsewhere": int(wide[at == n].sum())}
        for n, name in enumerate(names)
    }
