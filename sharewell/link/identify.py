"""people(): which records, over any number of sources, are one person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..errors import LinkError, Problem, UnknownName
from . import cluster, doubts, standardise
from .methods import METHODS, Linker, Partition
from .session import session
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
    with session(settings.threads) as con:
        told("standardising identities", 0.0)
        try:
            clean, doubted = doubts.prepare(con, tables, settings.columns)
            loaded, noticed = doubts.notice(con, standardise.load(con, clean, settings.columns))
            con.execute("ALTER TABLE rows ADD COLUMN side INTEGER DEFAULT 0")
            found = linker(con, loaded, settings, told) if loaded.count else _nobody()
            rows = con.sql("SELECT nth, record FROM rows ORDER BY rid").to_arrow_table()
        except duckdb.Error as error:
            # DuckDB quotes the value it stumbled on, so only the kind of error may go on.
            kind = type(error).__name__
            raise LinkError(
                Problem("ENGINE", f"the linking engine stopped ({kind})", "its text may quote a row")
            ) from None
    told("naming clusters", 0.9)
    sources, nth = sorted(tables), rows["nth"].to_numpy().astype(np.int64)
    named = pa.DictionaryArray.from_arrays(pa.array(nth, pa.int32()), pa.array(sources, pa.string()))
    records = pa.table({"source": named.cast(pa.string()), "record": rows["record"]})
    linked = records.append_column(
        "cluster", cluster.name(settings.secret, "person", records, found.labels)
    )
    counts = _counts(sources, nth, found)
    evidence = {"linker": settings.linker, "records": loaded.count, **found.evidence, **counts}
    evidence["doubts"] = doubts.told([*doubted, *noticed])
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
        if unread := _unread_types(source, held, settings):
            problems += unread
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


def _unread_types(source: str, held: pa.Table, settings: Settings) -> list[Problem]:
    """Columns that occur twice, or hold what is no text, number or date; and ids that were rounded."""
    twice = [name for name, n in Counter(held.column_names).items() if n > 1]
    if twice:
        what = f"source {source} has more than one column {', '.join(twice)}"
        return [Problem("COLUMN", what, "none can tell which is meant", "send each column once")]
    problems = []
    for name in ("record", *(name for name in settings.columns if name in held.column_names)):
        kind = held.schema.field(name).type
        kind = kind.value_type if pa.types.is_dictionary(kind) else kind
        if any(is_odd(kind) for is_odd in _ODD):
            # A nested type names its fields, and who writes lists in a cell may write people as fields.
            said = "nested" if pa.types.is_nested(kind) else str(kind)
            what = f"column {name} of source {source} holds {said} values"
            problems.append(Problem("TYPE", what, fix="send text, whole numbers or dates"))
        elif name == "record" and pa.types.is_floating(kind):
            what = f"the record ids of source {source} are floating-point numbers"
            problems.append(Problem("TYPE", what, "large ids are rounded", "send them as text"))
    return problems


_ODD = (
    pa.types.is_nested,
    pa.types.is_binary,
    pa.types.is_large_binary,
    pa.types.is_fixed_size_binary,
    pa.types.is_binary_view,
    pa.types.is_interval,
    pa.types.is_duration,
    pa.types.is_time,
)


def _nobody() -> Partition:
    kinds = [("l", pa.int64()), ("r", pa.int64()), ("rule", pa.string()), ("weight", pa.float64())]
    return Partition(np.zeros(0, np.int64), pa.schema(kinds).empty_table(), np.zeros(0, np.int64), {})


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


def _counts(sources: Sequence[str], nth: cluster.Ints, found: Partition) -> dict[str, Any]:
    """Records by the first rule that joined them, weights in bins of five bits, and how many of each
    source linked.
    """
    labels = found.labels
    single = np.bincount(labels, minlength=len(labels))[labels] == 1
    reached = np.zeros(len(labels), bool)
    rules = {"single": int(single.sum())}
    kinds = found.pairs["rule"].to_numpy(zero_copy_only=False)
    ends = np.stack([found.pairs["l"].to_numpy(), found.pairs["r"].to_numpy()])
    for rule, joined in (
        ("exact", found.alike),
        ("splink", ends[:, kinds == "splink"].ravel()),
        ("attached", ends[:, kinds == "attached"].ravel()),
    ):
        before = int(reached.sum())
        reached[joined] = True
        rules[rule] = int(reached.sum()) - before
    weights = Counter((5 * (found.pairs["weight"].to_numpy() // 5).astype(int)).tolist())
    return {
        "records_by_rule": rules,
        "weights": {f"{low} to {low + 5}": n for low, n in sorted(weights.items())},
        "clusters": int((labels == np.arange(len(labels))).sum()),
        "sources": _by_source(sources, nth, labels),
    }


def _by_source(
    sources: Sequence[str], nth: cluster.Ints, labels: cluster.Ints
) -> dict[str, dict[str, int]]:
    first, last = np.full(len(labels), len(sources)), np.full(len(labels), -1)
    np.minimum.at(first, labels, nth)
    np.maximum.at(last, labels, nth)
    wide = (first < last)[labels]
    records = np.bincount(nth, minlength=len(sources))
    linked = np.bincount(nth[wide], minlength=len(sources))
    return {
        name: {"records": int(records[at]), "linked_elsewhere": int(linked[at])}
        for at, name in enumerate(sources)
        if records[at]
    }
