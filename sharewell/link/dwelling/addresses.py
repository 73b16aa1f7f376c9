"""place(): the property reference (UPRN) of addresses written as free text, against a gazetteer.

Addresses that are one tidied text and one postcode with a home of the gazetteer are settled at once; the
others are weighed against candidates. The probability of a candidate is its share of all the evidence for
any home and for none, so two that are nearly equal are both unlikely, and the address gets no UPRN.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ...errors import LinkError, Problem
from ..session import session
from ..settings import Progress
from . import candidates, levels, parts, words

KINDS = ("exact", "tidy", "near", "by street")
"""Same text; same but for spelling; one part missing, misspelt or in another form; without the postcode."""

REASONS = ("no address", "no fixed abode", "post box", "ambiguous", "unlikely", "not found")
"""Why an address got no UPRN: `ambiguous` is surely one of several nearly equal homes, `unlikely` has only
poor candidates."""

_POSTCODE = r"(?P<found>[A-Za-z]{1,2}\d[A-Za-z\d]? ?\d[A-Za-z]{2})\s*$"
_NO_HOME = """CASE WHEN regexp_matches(text, '\\b(FIXED (ABODE|ADDRESS)|NFA|HOMELESS|ROUGH SLEEP\\w*)\\b')
        THEN 'no fixed abode'
    WHEN regexp_matches(text, '^(PO|P O|POST OFFICE) ?BOX\\b') THEN 'post box'
    WHEN text = '' OR regexp_full_match(text, '(UNKNOWN|NOT KNOWN|NONE|N/A|NK|NULL|NAN)')
        THEN 'no address' END"""
_SUMMED = f"""
CREATE TABLE placed AS WITH homes AS (
    SELECT r, uprn, max(weight) AS weight, bool_or(exact) AS exact, arg_max(levels, weight) AS levels
    FROM scored GROUP BY ALL),
shared AS (SELECT r, log2(1 + sum(2 ** weight)) AS bits FROM homes GROUP BY r),
ranked AS (SELECT *, 2 ** (weight - bits) AS probability,
    (SELECT count(*) FROM homes h WHERE h.r = homes.r AND h.uprn <> homes.uprn
        AND h.weight > homes.weight - 3) AS rivals
    FROM homes JOIN shared USING (r)
    QUALIFY row_number() OVER (PARTITION BY r ORDER BY weight DESC, uprn) = 1)
SELECT r, uprn, weight - {levels.PRIOR} AS weight, probability, rivals, levels, 1 - 2 ** -bits AS any_home,
    CASE WHEN levels.postcode <> 'same' THEN 'by street' WHEN exact THEN 'exact'
        WHEN levels.street = 'same' AND levels.number IN ('same', 'none')
            AND levels.unit IN ('same', 'none') AND levels.name <> 'other'
            THEN 'tidy' ELSE 'near' END AS kind
FROM ranked
"""


@dataclass(frozen=True)
class Placed:
    """One row for each address, in order: `table` holds (uprn, kind, weight, probability, rivals, reason,
    levels). `weight` is in bits, `rivals` counts other homes within 8 to 1 of the best, `levels` says how
    each part agreed; `uprn` and `kind` are null where `reason` is not. `evidence` only counts.
    """

    table: pa.Table
    evidence: Mapping[str, Any]


def place(
    addresses: pa.Table,
    gazetteer: pa.Table,
    *,
    sure: float = 0.9,
    threads: int = 2,
    progress: Progress | None = None,
) -> Placed:
    """Find the home of each of `addresses` (address, postcode if held), by `gazetteer` (uprn, address,
    postcode).

    A home may have several addresses in the gazetteer. `sure` is the probability from which a home is
    given. Raises LinkError for missing columns, a gazetteer without a usable row, or `sure` out of bounds.
    """
    told = progress or (lambda stage, done: None)
    _check(addresses, gazetteer, sure)
    with session(threads) as con:
        con.execute("SET enable_progress_bar = false")
        try:
            told("reading the gazetteer", 0.0)
            held = _read_gazetteer(con, gazetteer)
            told("reading addresses", 0.3)
            _read_addresses(con, addresses)
            told("comparing", 0.5)
            crowded = _score(con)
            con.execute(_SUMMED)
            told("deciding", 0.9)
            table = _decided(con, sure)
        except duckdb.Error as error:
            kind = type(error).__name__
            raise LinkError(
                Problem("ENGINE", f"the matching engine stopped ({kind})", "its text may quote a row")
            ) from None
    told("done", 1.0)
    return Placed(table, _counts(table) | held | {"keys_too_common": crowded})


def _check(addresses: pa.Table, gazetteer: pa.Table, sure: float) -> None:
    problems = [
        Problem("COLUMN", f"the {noun} has no column {name}", fix=f"it needs {', '.join(needed)}")
        for noun, table, needed in (
            ("table of addresses", addresses, ("address",)),
            ("gazetteer", gazetteer, ("uprn", "address", "postcode")),
        )
        for name in needed
        if name not in table.column_names
    ]
    if not 0.5 <= sure < 1:
        problems.append(Problem("SURE", f"a probability of {sure} is not in [0.5, 1)"))
    if problems:
        raise LinkError(problems)


def _read_gazetteer(con: duckdb.DuckDBPyConnection, gazetteer: pa.Table) -> dict[str, int]:
    """Table `homes` of the usable rows with their parts; counts of the rows left out."""
    con.register("written", _tidied(gazetteer, gazetteer["uprn"]))
    # Spreadsheets write a reference as 100023336956.0.
    con.execute(
        r"CREATE TABLE plain AS SELECT id, raw, text, postcode, regexp_extract(trim(extra::VARCHAR),"
        r" '^0*([1-9]\d{0,12})(\.0*)?$', 1) AS uprn FROM written WHERE text <> '' AND uprn <> ''"
    )
    con.unregister("written")
    parts.parse(con, "plain", "homes")
    _count_numbers(con, "homes")
    usable: int = con.execute("SELECT count(*) FROM homes").fetchall()[0][0]
    if not usable:
        raise LinkError(
            Problem(
                "GAZETTEER",
                "no row of the gazetteer has both a UPRN and an address",
                fix="give it whole: uprn, address, postcode of every home",
            )
        )
    return {"gazetteer_rows": usable, "gazetteer_rows_unusable": len(gazetteer) - usable}


def _read_addresses(con: duckdb.DuckDBPyConnection, addresses: pa.Table) -> None:
    """`asked`: the distinct texts and postcodes, each settled if a home has the very same; `rows`: where
    they came from."""
    con.register("written", _tidied(addresses, None))
    con.execute(
        "CREATE TABLE asked AS SELECT row_number() OVER (ORDER BY text, postcode, raw) AS id, raw, text,"
        f" postcode, {_NO_HOME} AS reason FROM (SELECT DISTINCT raw, text, postcode FROM written)"
    )
    con.execute(
        "CREATE TABLE places AS SELECT w.id AS row, asked.id AS r, reason FROM written w JOIN asked"
        " ON asked.raw = w.raw AND asked.text = w.text AND asked.postcode IS NOT DISTINCT FROM w.postcode"
    )
    con.unregister("written")
    con.execute(
        "CREATE TABLE settled AS SELECT a.id AS r, h.id AS c FROM asked a JOIN homes h"
        " ON a.text = h.text AND a.postcode = h.postcode WHERE reason IS NULL"
    )


def _score(con: duckdb.DuckDBPyConnection) -> int:
    """Table `scored(r, uprn, weight, exact, levels)` of all pairs worth weighing."""
    open_rows = con.execute(
        "SELECT id, raw, text, postcode FROM asked ANTI JOIN settled ON id = r WHERE reason IS NULL"
    ).to_arrow_table()
    con.register("open_rows", open_rows)
    parts.parse(con, "open_rows", "records")
    _count_numbers(con, "records")
    known = con.execute("SELECT DISTINCT unnest(string_split(text, ' ')) AS w FROM homes").to_arrow_table()
    mended = words.mended(open_rows["text"].combine_chunks(), known["w"].to_pylist())
    changed = pc.not_equal(mended, open_rows["text"].combine_chunks())
    con.register("again", open_rows.set_column(2, "text", mended).filter(changed))
    parts.parse(con, "again", "guessed")
    _count_numbers(con, "guessed")
    con.execute("CREATE VIEW sought_for AS FROM records UNION ALL FROM guessed")
    crowded = candidates.find(con, "sought_for", "homes", "pairs")
    con.execute("CREATE VIEW same AS SELECT r, h.* FROM settled JOIN homes h ON h.id = c")
    fields = ", ".join(f"{levels.level(part)} AS {part}" for part in levels.SHARES)
    packed = ", ".join(f"{part} := {part}" for part in levels.SHARES)
    weighed = f"{levels.weight()} AS weight, exact, struct_pack({packed}) AS levels"
    con.execute(
        f"CREATE TABLE scored AS SELECT r, uprn, {weighed} FROM ("
        f" SELECT p.r, c.uprn, FALSE AS exact, {fields}"
        " FROM pairs p JOIN records r ON r.id = p.r JOIN homes c ON c.id = p.c"
        f" UNION ALL SELECT s.r, c.uprn, a.raw = c.raw AS exact, {fields}"
        " FROM settled s JOIN asked a ON a.id = s.r JOIN homes c ON c.id = s.c JOIN homes r ON r.id = s.c)"
    )
    return crowded


def _decided(con: duckdb.DuckDBPyConnection, sure: float) -> pa.Table:
    given = f"probability >= {float(sure)}"
    return con.execute(
        f"SELECT CASE WHEN {given} THEN uprn END AS uprn, CASE WHEN {given} THEN kind END AS kind,"
        " weight, probability, coalesce(rivals, 0) AS rivals, CASE WHEN reason IS NOT NULL THEN reason"
        f" WHEN {given} THEN NULL WHEN uprn IS NULL THEN 'not found'"
        f" WHEN rivals > 0 AND any_home >= {float(sure)} THEN 'ambiguous' ELSE 'unlikely' END AS reason,"
        " levels"
        " FROM places LEFT JOIN placed USING (r) ORDER BY row"
    ).to_arrow_table()


def _tidied(table: pa.Table, extra: pa.ChunkedArray | None) -> pa.Table:
    """(id, raw, text, postcode, extra): the postcode at the end of an address where no other is held."""
    address = table["address"].cast(pa.string()).combine_chunks()
    inside = pc.struct_field(pc.extract_regex(address, _POSTCODE), "found")
    held = table["postcode"] if "postcode" in table.column_names else pa.nulls(len(table), pa.string())
    raw = pc.replace_substring_regex(pc.utf8_upper(pc.fill_null(address, "")), r"[\s,.]+", " ")
    columns = {
        "id": pa.array(range(len(table)), pa.int64()),
        "raw": pc.utf8_trim_whitespace(raw),
        "text": words.tidy(address),
        "postcode": pc.coalesce(words.postcode_of(held), words.postcode_of(inside)),
    }
    return pa.table(columns if extra is None else columns | {"extra": extra})


def _count_numbers(con: duckdb.DuckDBPyConnection, table: str) -> None:
    for name in ("low", "high"):
        con.execute(f"ALTER TABLE {table} ALTER {name} TYPE BIGINT USING try_cast({name} AS BIGINT)")


def _counts(table: pa.Table) -> dict[str, Any]:
    def tally(name: str, order: tuple[str, ...]) -> dict[str, int]:
        found = {row["values"]: row["counts"] for row in pc.value_counts(table[name]).to_pylist()}
        return {value: found.get(value, 0) for value in order}

    return {"addresses": len(table), "placed": tally("kind", KINDS), "unplaced": tally("reason", REASONS)}
