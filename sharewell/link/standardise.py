"""Identity fields brought to one spelling, in DuckDB: names, dates, sex, postcodes, addresses.

What cannot be an identity (1900-01-01, UNKNOWN, BABY, an all-zero UPRN) becomes missing, so that two
records never agree because both know nothing. Names lose accents, titles, case, spaces and punctuation;
other scripts are kept. An address becomes its numbers (sorted, so that 'Flat 3, 12 High St' is '12 High
Street, Flat 3') and its words without the common ones.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pyarrow as pa

from .nicknames import ROOTS
from .settings import IDENTITY

FIELDS = (
    "nhs",
    "forename",
    "surname",
    "given",
    "born",
    "sex",
    "postcode",
    "number",
    "street",
    "uprn",
    "other_id",
)
"""The standard columns that follow `rid`, `source`, `record`; all text, null where missing."""

_TITLES = "MR|MRS|MS|MISS|MX|DR|PROF|PROFESSOR|REV|REVD|SIR|LADY|LORD|DAME|MASTER|MSTR"
_SUFFIXES = "JR|SR|JNR|SNR|ESQ|OBE|MBE|CBE"
_PLACEHOLDERS = (
    "UNKNOWN|UNK|NOT KNOWN|NK|NOT STATED|NOT GIVEN|NOT RECORDED|NONE|NULL|NAN|NIL|N A|ANON|ANONYMOUS|TEST|"
    "DUMMY|TBC|TBA|NO NAME|NO SURNAME|NO FORENAME|BOY|GIRL|MALE|FEMALE|BABY|INFANT|NEWBORN|X{2,}|Z{2,}"
)
_PLACEHOLDER_STARTS = "BABY|INFANT|NEWBORN|UNKNOWN|TWIN [0-9A-Z]+|TRIPLET"
_WORDS = (
    "FLAT|APARTMENT|APT|UNIT|THE|STREET|STR|ST|ROAD|RD|AVENUE|AVE|AV|LANE|LN|LA|CLOSE|CL|DRIVE|DR|COURT|CT|"
    "CRESCENT|CRES|CR|PLACE|PL|TERRACE|TER|TCE|GARDENS|GDNS|SQUARE|SQ|WAY|HOUSE|HSE|CIRCUIT"
)

_MACROS = (
    # \p{L} keeps every script; accents go first so that the two spellings of one letter agree.
    r"plain(x) AS trim(regexp_replace("
    r"regexp_replace(upper(strip_accents(trim(x))), '[''`\x{2019}]', '', 'g'),"
    r" '[^\p{L}\p{N}]+', ' ', 'g'))",
    rf"untitled(x) AS trim(regexp_replace(regexp_replace(x, '^(({_TITLES})\b ?)+', ''), '("
    rf" ({_SUFFIXES}))+$', ''))",
    rf"known_name(x) AS CASE WHEN x = '' OR regexp_full_match(x,"
    rf" '({_PLACEHOLDERS})|({_PLACEHOLDER_STARTS}).*')"
    r" OR NOT regexp_matches(x, '\p{L}') THEN NULL ELSE x END",
    # A nought or a one within a name is a letter misread.
    r"one_name(x) AS nullif(regexp_replace(translate(known_name(untitled(plain(x))), '01', 'OL'),"
    r" '[\p{N} ]', '', 'g'), '')",
    r"tidy_date(x) AS CASE WHEN regexp_full_match(x, '\d{8}') THEN x"
    r" WHEN regexp_matches(x, '^\d{4}-\d\d-\d\d') THEN replace(left(x, 10), '-', '')"
    r" WHEN regexp_full_match(x, '\d{1,2}[/.-]\d{1,2}[/.-]\d{4}') THEN"
    r" strftime(try_strptime(regexp_replace(x, '[.-]', '/', 'g'), '%d/%m/%Y'), '%Y%m%d') END",
    "known_date(x) AS CASE WHEN try_strptime(x, '%Y%m%d') IS NULL OR x < '18900101' OR x > '21000101'"
    " OR x IN ('19000101', '19010101') THEN NULL ELSE x END",
    "tidy_sex(x) AS CASE upper(left(trim(x), 1)) WHEN 'M' THEN 'M' WHEN '1' THEN 'M' WHEN 'F' THEN 'F'"
    " WHEN '2' THEN 'F' END",
    r"title_sex(x) AS CASE WHEN regexp_matches(x, '^(MR|MASTER|MSTR|SIR|LORD)\b') THEN 'M'"
    r" WHEN regexp_matches(x, '^(MRS|MS|MISS|LADY|DAME)\b') THEN 'F' END",
    # ZZ99 are the health service's pseudo postcodes: no fixed abode, overseas, unknown.
    r"tidy_postcode(x) AS CASE WHEN length(x) BETWEEN 3 AND 8 AND regexp_matches(x, '\d') AND NOT"
    r" starts_with(x, 'ZZ99')"
    r" AND NOT regexp_full_match(x, '0+|9+') THEN x END",
    r"no_postcode(x) AS regexp_replace(x, '\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b', ' ', 'g')",
    r"house_numbers(x) AS nullif(array_to_string(list_sort(regexp_extract_all(x, '\b\d+[A-Z]?\b')), '"
    r" '), '')",
    rf"street_words(x) AS nullif(regexp_replace(x, '\b(\d+[A-Z]?|{_WORDS})\b| ', '', 'g'), '')",
    r"digits(x) AS nullif(ltrim(regexp_replace(x, '[^0-9]', '', 'g'), '0'), '')",
    r"nhs_digits(x) AS nullif(regexp_replace(x, '[^0-9]', '', 'g'), '')",
)


def load(con: duckdb.DuckDBPyConnection, tables: Mapping[str, pa.Table], columns: tuple[str, ...]) -> int:
    """Fill table `records(rid, source, record, *FIELDS)` from the sources; answers how many rows.

    `rid` counts in order of (source, record), so everything that follows is free of the order of arrival.
    """
    for macro in _MACROS:
        con.execute(f"CREATE OR REPLACE MACRO {macro}")
    parts = []
    for at, source in enumerate(sorted(tables)):
        con.register(f"source_{at}", tables[source])
        parts.append(_select(f"source_{at}", at, set(tables[source].column_names) & set(columns)))
    con.register("roots", pa.table({"nickname": list(ROOTS), "root": list(ROOTS.values())}))
    con.register("sources", pa.table({"nth": list(range(len(tables))), "name": sorted(tables)}))
    con.execute(
        f"CREATE TABLE records AS WITH raw AS ({' UNION ALL '.join(parts)}), tidy AS ({_TIDY}) "
        "SELECT row_number() OVER (ORDER BY nth, record) - 1 AS rid, sources.name AS source, record,"
        " nhs, forename, "
        "surname, coalesce(root, forename) AS given, born, sex, postcode, number, street, uprn,"
        " other_id, since, until "
        "FROM tidy LEFT JOIN roots ON forename = nickname JOIN sources USING (nth) ORDER BY rid"
    )
    for at in range(len(tables)):
        con.unregister(f"source_{at}")
    return con.execute("SELECT count(*) FROM records").fetchall()[0][0]  # type: ignore[no-any-return]


def _select(table: str, at: int, held: set[str]) -> str:
    def text(name: str) -> str:
        return f'trim(CAST("{name}" AS VARCHAR))' if name in held else "CAST(NULL AS VARCHAR)"

    fields = ", ".join(f"{text(name)} AS {name}" for name in IDENTITY)
    return f"SELECT {at} AS nth, CAST(record AS VARCHAR) AS record, {fields} FROM {table}"


# One field holding a whole name gives way to separate fields; 'SMITH, JOHN' puts the surname first.
_TIDY = r"""
    SELECT nth, record, nhs_digits(nhs_number) AS nhs,
        coalesce(one_name(forename), one_name(CASE
            WHEN contains(name, ',') THEN split_part(name, ',', 2)
            WHEN contains(whole, ' ') THEN split_part(whole, ' ', 1) END)) AS forename,
        coalesce(one_name(surname), one_name(CASE
            WHEN contains(name, ',') THEN split_part(name, ',', 1)
            ELSE regexp_extract(whole, '[^ ]+$') END)) AS surname,
        known_date(tidy_date(born)) AS born,
        coalesce(tidy_sex(sex), title_sex(plain(title)), title_sex(plain(name)),
        title_sex(plain(forename))) AS sex, tidy_postcode(replace(plain(postcode), ' ', '')) AS postcode,
        house_numbers(no_postcode(plain(address))) AS number,
        street_words(no_postcode(plain(address))) AS street,
        digits(uprn) AS uprn, nullif(replace(plain(other_id), ' ', ''), '') AS other_id,
        try_strptime(tidy_date(since), '%Y%m%d')::DATE AS since, try_strptime(tidy_date(until),
        '%Y%m%d')::DATE AS until
    FROM (SELECT *, untitled(plain(name)) AS whole FROM raw)
"""
