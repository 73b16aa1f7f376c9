"""NHS numbers: which are well formed, and which are held by more people than one.

A number counts as verified when its check digit is right (modulus 11, NHS Data Dictionary) and no two
records that hold it plainly describe different people. Shared and recycled numbers are set aside: their
records are linked by the model instead, as if they had none.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

_DIFFERS = """
    (CASE WHEN jaro_winkler_similarity(l.surname, r.surname) < 0.8 THEN 1 ELSE 0 END
     + CASE WHEN jaro_winkler_similarity(l.given, r.given) < 0.8 AND jaro_winkler_similarity(l.forename,
     r.forename) < 0.8
            AND length(l.forename) > 1 AND length(r.forename) > 1 THEN 1 ELSE 0 END
     + CASE WHEN hamming(l.born, r.born) > 2 THEN 1 ELSE 0 END
     + CASE WHEN l.sex <> r.sex THEN 1 ELSE 0 END) >= 2
    AND NOT coalesce(jaro_winkler_similarity(l.forename, r.surname) > 0.85
        AND jaro_winkler_similarity(l.surname, r.forename) > 0.85, FALSE)
"""
"""Two records plainly of different people: two of surname, forename, birth date and sex disagree beyond a
slip.
"""


def is_nhs_number(number: str) -> bool:
    """Ten digits whose last is 11 less the weighted sum (10 down to 2) modulo 11; 11 counts as 0, 10 is
    never issued.

    Ten equal digits can pass the sum but are placeholders.
    """
    if len(number) != 10 or not number.isascii() or not number.isdigit() or len(set(number)) == 1:
        return False
    check = (
        11 - sum(int(digit) * weight for digit, weight in zip(number, range(10, 1, -1), strict=False)) % 11
    )
    return int(number[9]) == check % 11


def verify(con: duckdb.DuckDBPyConnection, one_per_source: frozenset[str]) -> dict[str, int]:
    """Add `verified` (the number, or null) to `records`; answers counts of records and numbers by fate."""
    total = " + ".join(f"CAST(nhs[{at}] AS INTEGER) * {11 - at}" for at in range(1, 10))
    con.execute(
        "CREATE TABLE formed AS SELECT rid, nhs FROM records WHERE regexp_full_match(nhs, '[0-9]{10}')"
        " AND nhs <> repeat(nhs[1], 10)"
        f" AND CAST(nhs[10] AS INTEGER) = (11 - (({total}) % 11)) % 11 AND ({total}) % 11 <> 1"
    )
    # Only distinct identities under one number are compared: most numbers have one or two.
    con.execute(
        "CREATE TABLE identities AS SELECT DISTINCT formed.nhs, forename, surname, given, born, sex"
        " FROM records JOIN formed USING (rid)"
    )
    con.register("promised", pa.table({"source": pa.array(sorted(one_per_source), pa.string())}))
    con.execute(
        f"CREATE TABLE shared AS SELECT DISTINCT l.nhs FROM identities l JOIN identities r ON l.nhs = r.nhs"
        f" WHERE {_DIFFERS}"
        " UNION SELECT formed.nhs FROM formed JOIN records USING (rid) JOIN promised USING (source)"
        " GROUP BY formed.nhs, source HAVING count(*) > 1"
    )
    con.execute(
        "CREATE OR REPLACE TABLE records AS SELECT records.*, formed.nhs AS verified FROM records LEFT JOIN"
        " (SELECT * FROM formed ANTI JOIN shared USING (nhs)) formed USING (rid) ORDER BY rid"
    )
    row = con.execute(
        "SELECT count(nhs), count(*) FILTER (nhs IS NOT NULL AND rid NOT IN (SELECT rid FROM formed)),"
        " count(verified), count(DISTINCT verified), (SELECT count(*) FROM shared),"
        " (SELECT count(*) FROM formed SEMI JOIN shared USING (nhs)) FROM records"
    ).fetchall()[0]
    names = ("held", "malformed", "verified", "distinct", "shared_numbers", "set_aside")
    return dict(zip(names, (int(value) for value in row), strict=True))
