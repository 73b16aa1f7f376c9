"""Signs of bad input in the columns as they came: unread, garbled, in the wrong order, far too long.

Of a large source some five thousand records are looked at, drawn by a hash of their ids so that order does
not matter; lengths are looked at in all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from .numbers import FORMED
from .settings import IDENTITY
from .signs import Sign
from .spellings import MACROS

_LOOKED_AT = 5_000
_LONGEST = 1_000
"""No name, date or address is longer than a thousand bytes (an address has at most five lines of 35)."""
_UNREAD = 0.2
"""A fifth: known placeholders alone ('not known') stay below that in real registers."""
_FEWEST = 20
_MONTH_FIRST = 0.3
"""Of dates written month first 60% have a second part above 12; of dates written day first, none."""
_SLASHED = r"^\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\b"

_NAME = "one_name(main_name(x))"
_READ = {
    "nhs_number": "nhs_digits(x)",
    "name": "last_name(main_name(x))",
    "forename": _NAME,
    "surname": _NAME,
    "born": "known_date(tidy_date(x))",
    "sex": "tidy_sex(x)",
    "postcode": "tidy_postcode(replace(plain(x), ' ', ''))",
    "address": "coalesce(house_numbers(no_postcode(plain(x))), street_words(no_postcode(plain(x))))",
    "uprn": "digits(x)",
}
# UTF-8 read as Latin-1 or Windows-1252: a capital with a sign that no name has next to it.
_GARBLED = r"[ÂÃÄÅ][\x{80}-\x{BF}\x{20AC}\x{201A}-\x{203A}\x{2C6}\x{2DC}\x{2122}]|â\x{20AC}|\x{FFFD}"
_CONTROL = r"[\x{00}-\x{08}\x{0B}\x{0C}\x{0E}-\x{1F}\x{7F}]"
_COUNTS = {
    "said": "count(x)",
    "read": "count({read})",
    "garbled": f"count(*) FILTER (regexp_matches(x, '{_GARBLED}'))",
    "control": f"count(*) FILTER (regexp_matches(x, '{_CONTROL}'))",
}
_BORN = {
    "short_years": r"count(*) FILTER (regexp_full_match(x, '\d{1,2}[/.-]\d{1,2}[/.-]\d{2}'))",
    "slashed": f"count(*) FILTER (regexp_matches(x, '{_SLASHED}'))",
    "day_first": f"count(*) FILTER (TRY_CAST(regexp_extract(x, '{_SLASHED}', 1) AS INTEGER) > 12)",
    "month_first": f"count(*) FILTER (TRY_CAST(regexp_extract(x, '{_SLASHED}', 2) AS INTEGER) > 12)",
    "times": r"count(*) FILTER (regexp_matches(x, '\d:\d\d')"
    r" AND NOT regexp_matches(x, '[ T]00:00(:00|Z|$)'))",
}
_NHS = {
    "misformed": "count(*) - count(*) FILTER ((SELECT " + FORMED + " FROM (SELECT nhs_digits(x) AS nhs,"
    " TRY_CAST(nhs_digits(x) AS BIGINT) AS nhs_number)))"
}
_TEXT = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)


def look(
    con: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table], columns: tuple[str, ...]
) -> tuple[dict[str, pa.Table], list[Sign[str]]]:
    """The sources without values that are too long, with dates day first, and the signs that were seen."""
    for macro in MACROS:
        con.execute(f"CREATE OR REPLACE MACRO {macro}")
    filled = [name for name, table in tables.items() if table.num_rows]
    clean, signs = (
        {},
        [Sign(name, "records", "empty", 0, 0, False) for name in tables if name not in filled],
    )
    if len(filled) == 1:
        count = tables[filled[0]].num_rows
        signs.append(Sign(filled[0], "records", "alone", count, count, False))
    for source, table in tables.items():
        held = [name for name in IDENTITY if name in columns and name in table.column_names]
        clean[source], found = _look_at(con, source, table, held) if table.num_rows else (table, [])
        signs += found
    return clean, signs


def _look_at(
    con: duckdb.DuckDBPyConnection, source: str, table: pa.Table, held: list[str]
) -> tuple[pa.Table, list[Sign[str]]]:
    table, signs = _shortened(source, table, held)
    part = _part(con, table.select(["record", *held]))
    about = part.num_rows < table.num_rows
    for name in held:
        if table[name].null_count == table.num_rows:
            signs.append(Sign(source, name, "silent", 0, table.num_rows, False))
            continue
        counted = _counted(con, name, part[name])
        for kind, records, of in _judged(counted, part.num_rows):
            signs.append(Sign(source, name, kind, records, of, about))
            if kind == "month_first":
                table = _put(table, name, _day_first(table[name]))
    return table, signs


def _shortened(source: str, table: pa.Table, held: list[str]) -> tuple[pa.Table, list[Sign[str]]]:
    signs = []
    for name in held:
        column = table[name]
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        if not any(is_text(column.type) for is_text in _TEXT):
            continue
        column = column.cast(pa.large_string()) if pa.types.is_string_view(column.type) else column
        length = pc.binary_length(column)
        if (pc.max(length).as_py() or 0) > _LONGEST:
            long = pc.fill_null(pc.greater(length, _LONGEST), False)
            signs.append(Sign(source, name, "long", pc.sum(long).as_py(), table.num_rows, False))
            table = _put(table, name, pc.if_else(long, pa.scalar(None, column.type), column))
    return table, signs


def _put(table: pa.Table, name: str, column: pa.ChunkedArray) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, column)


def _part(con: duckdb.DuckDBPyConnection, table: pa.Table) -> pa.Table:
    """Some records, the same whatever their order."""
    share = 1 + table.num_rows // _LOOKED_AT
    if share == 1:
        return table
    con.register("whole_source", pa.table({"record": table["record"].cast(pa.string())}))
    mask = con.sql(f"SELECT hash(record) % {share} = 0 AS drawn FROM whole_source").to_arrow_table()
    con.unregister("whole_source")
    return table.filter(mask["drawn"])


def _counted(con: duckdb.DuckDBPyConnection, name: str, column: pa.ChunkedArray) -> dict[str, int]:
    """How many values of a column show each sign."""
    if pa.types.is_floating(column.type):
        column = pc.cast(pc.if_else(pc.is_finite(column), column, None), pa.int64(), safe=False)
    asked = _COUNTS | (_BORN if name == "born" else {}) | (_NHS if name == "nhs_number" else {})
    chosen = ", ".join(
        f"{sql.replace('{read}', _READ.get(name, 'x'))} AS {kind}" for kind, sql in asked.items()
    )
    con.register("raw_column", pa.table({"y": pc.utf8_trim_whitespace(column.cast(pa.string()))}))
    row = con.execute(
        f"SELECT {chosen} FROM (SELECT nullif(y, '') AS x FROM raw_column) WHERE x IS NOT NULL"
    ).fetchall()[0]
    con.unregister("raw_column")
    return dict(zip(asked, (int(value) for value in row), strict=True))


def _judged(counted: Mapping[str, int], rows: int) -> Iterator[tuple[str, int, int]]:
    """The signs that are worth saying: (kind, records, of)."""
    said = counted["said"]
    if not said:
        yield "silent", 0, rows
    for kind in ("garbled", "control", "short_years", "times"):
        if counted.get(kind):
            yield kind, counted[kind], said
    order = _order(counted)
    if order:
        yield order, counted["month_first"], said
    # What is told apart above is not told again as unread.
    known = counted.get("short_years", 0) + (counted["month_first"] if order == "month_first" else 0)
    unread = said - counted["read"] - known
    for kind, records in (("unread", unread), ("misformed", counted.get("misformed", 0))):
        if said >= _FEWEST and records > _UNREAD * said:
            yield kind, records, said


def _order(counted: Mapping[str, int]) -> str:
    """Whether a column of dates puts the month first, always or at times; empty where never."""
    slashed, first = counted.get("slashed", 0), counted.get("month_first", 0)
    if slashed >= _FEWEST and first > _MONTH_FIRST * slashed and not counted["day_first"]:
        return "month_first"
    return "mixed_order" if first else ""


def _day_first(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.replace_substring_regex(column.cast(pa.string()), _SLASHED, r"\2/\1/\3")
