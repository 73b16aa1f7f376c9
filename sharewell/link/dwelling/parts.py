"""The parts of a tidied address, in DuckDB: unit, numbers, street, what stands before and after.

Works on the words of `words.tidy`. 'FLAT 3 12 HIGH ST', '3/12 HIGH ST' and '3 12 HIGH ST' have one reading;
'12C HIGH ST' is unit C of 12, as is 'FLAT C 12 HIGH ST'. A whole libpostal would not tell more of one
country's addresses, and needs 2 GB.
"""

from __future__ import annotations

import duckdb

from .words import STREET_TYPES

PARTS = ("unit", "low", "high", "suffix", "stem", "type", "name", "rest", "lead", "next")
"""Columns of a parsed address; all text, null where missing. `low` and `high` are the ends of a range of
numbers (`high` null: one number), `stem` the street without its type, `name` what stands before the
number, `rest` what follows the street, `lead` and `next` the first two words after the number."""

_FLOORS = "BASEMENT|GROUND|FIRST|SECOND|THIRD|FOURTH|TOP"

_STEPS = (
    # A floor counts as a unit only where it is said to be one.
    rf"""SELECT *, nullif(coalesce(
            nullif(regexp_extract(text, '\b({_FLOORS})(?: FLOOR| FLAT)+\b', 1), ''),
            nullif(regexp_extract(text, '\bFLAT ({_FLOORS}|\d+[A-Z]?|[A-Z]\d*)\b', 1), ''),
            nullif(regexp_extract(text, '\b(ROOM (?:\d+[A-Z]?|[A-Z]\d*))\b', 1), ''),
            nullif(regexp_extract(text, '^(\d+[A-Z]?)/\d', 1), ''),
            nullif(regexp_extract(text, '^(\d+[A-Z]?) \d', 1), '')), '') AS flat,
        trim(regexp_replace(regexp_replace(regexp_replace(text, '\b({_FLOORS})( FLOOR| FLAT)+\b',
            ' '), '\b(FLAT|ROOM) ({_FLOORS}|\d+[A-Z]?|[A-Z]\d*)\b', ' '),
            '^\d+[A-Z]?(/| )(\d)', '\2')) AS body""",
    r"""SELECT *, regexp_extract(body, '(?:^|^(.*?) )(\d+)([A-Z]?)(?:~(\d+)[A-Z]?)?(?: (.*))?$',
            ['before', 'low', 'letter', 'high', 'after']) AS found""",
    r"""SELECT * EXCLUDE (found), nullif(found.low, '') AS low, nullif(found.high, '') AS high,
            coalesce(flat, nullif(found.letter, '')) AS unit,
            CASE WHEN flat IS NOT NULL THEN nullif(found.letter, '') END AS suffix,
            nullif(trim(found.before), '') AS name,
            trim(CASE WHEN found.low = '' THEN body WHEN found.after = '' THEN found.before
                ELSE found.after END) AS after""",
    rf"""SELECT * EXCLUDE (found), nullif(found.stem, '') AS stem, nullif(found.type, '') AS type,
            nullif(trim(found.rest), '') AS rest, nullif(split_part(after, ' ', 1), '') AS lead,
            nullif(split_part(after, ' ', 2), '') AS next
        FROM (SELECT *, regexp_extract(after, '^(\S.*?) ({STREET_TYPES})\b ?(.*)$',
            ['stem', 'type', 'rest']) AS found FROM read)""",
)


def parse(con: duckdb.DuckDBPyConnection, source: str, into: str) -> None:
    """Make table `into`: the columns of `source`, which has `text` (tidied), with PARTS and `after`, the
    words after the number."""
    split, numbers, named, street = _STEPS
    con.execute(
        f"CREATE OR REPLACE TABLE {into} AS WITH"
        f" units AS ({split} FROM {source}), numbers AS ({numbers} FROM units),"
        f" read AS ({named} FROM numbers) {street}"
    )
    con.execute(f"ALTER TABLE {into} DROP flat")
    con.execute(f"ALTER TABLE {into} DROP body")
