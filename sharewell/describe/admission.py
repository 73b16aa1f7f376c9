"""Let an asset in: rows that keep its contract are admitted, all others quarantined with a reason.

Nothing is dropped: rows read = rows admitted + rows quarantined, and that is checked each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from ..errors import DataError, EngineError, Problem
from .contract import Contract
from .judge import conditions, judged
from .readers import READERS, Progress, Reason
from .source import Source, open_source
from .sql import literal, name, number, rows, run


@dataclass(frozen=True)
class Admitted:
    """What became of an asset's rows. `admitted` and `quarantined` name tables of the connection.

    The quarantine has `_line` (in the source; for Parquet the row), `_reason`, `_field` (empty where the
    row as such is at fault), `_original` (the row as it stood, where it was not split), and the fields as
    text. `reasons` counts rows by (reason, field). `digest` is the SHA-256 of the source's bytes.
    """

    asset: str
    admitted: str
    quarantined: str
    read: int
    rows: int
    reasons: Mapping[tuple[Reason, str], int]
    digest: str
    vintage: str

    @property
    def held(self) -> int:
        """Rows in quarantine."""
        return sum(self.reasons.values())


def _silent(doing: str, done: float) -> None:
    """Progress that nobody watches."""


def admit(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    root: Path,
    *,
    admitted: str = "admitted",
    quarantined: str = "quarantined",
    progress: Progress = _silent,
) -> Admitted:
    """Read a contract's source under `root` into two tables of `con`; the caller keeps them where it will.

    Raises DataError (EMPTY, ENCODING, COLUMNS, FILE, SHEET, CHANGED; QUARANTINE where more rows than the
    contract tolerates are at fault, whose table then stays for inspection), StorageError, EngineError,
    UnknownName. None repeats a value.
    """
    reader = READERS[contract.server.format]
    source = open_source(contract, root)
    _check_patterns(con, contract)
    raw, typed = f"{admitted}__raw", f"{admitted}__typed"
    try:
        reader(con, source, raw, progress)
        progress("holding rows against the contract", 0.5)
        found = _judge(con, contract, raw, typed)
        _mark_duplicates(con, contract, typed, found)
        read = number(con, f"SELECT count(*) FROM {name(typed)}")
        reasons = _quarantine(con, contract, raw, typed, quarantined, found)
        source.check_unchanged()
        kept = _keep(con, typed, admitted)
    finally:
        _clear(con, raw, typed)
    result = Admitted(
        contract.id, admitted, quarantined, read, kept, reasons, source.digest, contract.vintage
    )
    _check(con, contract, source, result)
    progress("done", 1.0)
    return result


def _check_patterns(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """A pattern that Python reads and RE2 does not is a fault of the contract, not of the data."""
    for p in contract.properties:
        if (pattern := p.logical_type_options.pattern) is not None:
            try:
                run(con, f"SELECT regexp_matches('', {literal(pattern)})")
            except EngineError:
                fix = "write it in the syntax of RE2"
                problem = Problem("PATTERN", f"the pattern of {p.name} cannot be run", "", fix, contract.id)
                raise DataError(problem) from None


def _judge(
    con: duckdb.DuckDBPyConnection, contract: Contract, raw: str, typed: str
) -> list[tuple[Reason, str]]:
    described = rows(con, f"DESCRIBE SELECT * FROM {name(raw)}", "reading")
    physical = {str(row[0]): str(row[1]) for row in described}
    found = conditions(contract)
    query = judged(contract, raw, physical, found)
    run(
        con,
        f"CREATE OR REPLACE TEMP TABLE {name(typed)} AS {query}",
        doing="holding rows against the contract",
    )
    return [(condition.reason, condition.field) for condition in found]


def _mark_duplicates(
    con: duckdb.DuckDBPyConnection, contract: Contract, typed: str, found: list[tuple[Reason, str]]
) -> None:
    """Of rows with one key the first in the source stays; nulls are not equal to each other."""
    keys = [tuple(p.name for p in contract.properties if p.primary_key)]
    keys += [(p.name,) for p in contract.properties if p.unique and (p.name,) != keys[0]]
    table = name(typed)
    for key in filter(None, keys):
        fields = ", ".join(map(name, key))
        whole = " AND ".join(f"{name(field)} IS NOT NULL" for field in key)
        sound = f"FROM {table} WHERE _verdict IS NULL AND {whole}"
        if number(con, f"SELECT count(*) - count(DISTINCT ({fields})) {sound}") == 0:
            continue
        ranked = f"SELECT rowid AS r, row_number() OVER (PARTITION BY {fields} ORDER BY _line) AS n {sound}"
        verdict = len(found)
        found.append((Reason.DUPLICATE, ", ".join(key)))
        run(
            con,
            f"UPDATE {table} SET _verdict = {verdict} "
            f"WHERE rowid IN (SELECT r FROM ({ranked}) WHERE n > 1)",
            doing="finding repeated keys",
        )


def _quarantine(
    con: duckdb.DuckDBPyConnection,
    contract: Contract,
    raw: str,
    typed: str,
    quarantined: str,
    found: list[tuple[Reason, str]],
) -> dict[tuple[Reason, str], int]:
    fields = ", ".join(f"CAST(r.{name(p.name)} AS VARCHAR) AS {name(p.name)}" for p in contract.properties)
    reasons = "[" + ", ".join(literal(reason.name) for reason, _ in found) + "]::VARCHAR[]"
    names = "[" + ", ".join(literal(field) for _, field in found) + "]::VARCHAR[]"
    run(
        con,
        f"CREATE OR REPLACE TABLE {name(quarantined)} AS SELECT r._line, "
        f"coalesce(r._fault, ({reasons})[t._verdict + 1]) AS _reason, "
        f"CASE WHEN t._verdict < 0 THEN '' ELSE ({names})[t._verdict + 1] END AS _field, "
        f"r._original, {fields} "
        f"FROM {name(raw)} r JOIN {name(typed)} t ON r._line = t._line AND t._verdict IS NOT NULL "
        "ORDER BY r._line",
        doing="quarantining rows",
    )
    counted = rows(
        con, f"SELECT _reason, _field, count(*) FROM {name(quarantined)} GROUP BY ALL ORDER BY 3 DESC, 1, 2"
    )
    return {(Reason[str(reason)], str(field)): int(count) for reason, field, count in counted}


def _keep(con: duckdb.DuckDBPyConnection, typed: str, admitted: str) -> int:
    run(
        con,
        f"CREATE OR REPLACE TABLE {name(admitted)} AS "
        f"SELECT * EXCLUDE (_line, _verdict) FROM {name(typed)} WHERE _verdict IS NULL",
        doing="keeping rows",
    )
    return number(con, f"SELECT count(*) FROM {name(admitted)}")


def _clear(con: duckdb.DuckDBPyConnection, raw: str, typed: str) -> None:
    for kind, thing in (("VIEW", raw), ("TABLE", f"{raw}_text"), ("TABLE", typed)):
        run(con, f"DROP {kind} IF EXISTS {name(thing)}")


def _check(con: duckdb.DuckDBPyConnection, contract: Contract, source: Source, result: Admitted) -> None:
    if result.read != result.rows + result.held:
        run(con, f"DROP TABLE {name(result.admitted)}")
        what = f"{result.read} rows of {result.asset} were read, {result.rows + result.held} accounted for"
        raise EngineError(Problem("COUNT", what, "a row may not vanish", where=source.where))
    if result.read == 0:
        raise DataError(
            Problem("EMPTY", f"{result.asset} has no rows", fix="ask its holder", where=source.where)
        )
    if result.held * 100 > contract.tolerance * result.read or not result.rows:
        run(con, f"DROP TABLE {name(result.admitted)}")
        raise DataError(_too_many(contract, source, result))


def _too_many(contract: Contract, source: Source, result: Admitted) -> list[Problem]:
    share = 100 * result.held / result.read
    what = f"{result.held:,} of {result.read:,} rows of {result.asset} ({share:.1f}%) break its contract"
    why = f"at most {contract.tolerance:g}% may; " + "; ".join(
        f"{f'{field}: ' if field else ''}{reason.value}, {count:,}"
        for (reason, field), count in result.reasons.items()
    )
    fix = f"inspect the table {result.quarantined}, and ask its holder"
    return [Problem("QUARANTINE", what, why, fix, source.where)]
