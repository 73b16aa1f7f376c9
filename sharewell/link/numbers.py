"""NHS numbers: which are well formed, and which are held by more people than one.

A number counts as verified when its check digit is right (modulus 11, NHS Data Dictionary) and no two
records that hold it plainly describe different people. Shared and recycled numbers are set aside: their
records are linked by the model instead, as if they had none.
"""

from __future__ import annotations

import duckdb
import pyarrow as pa

DIFFERS = """
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


_TOTAL = " + ".join(f"(nhs_number // {10 ** (10 - at)}) % 10 * {11 - at}" for at in range(1, 10))
FORMED = (
    "length(nhs) = 10 AND nhs <> repeat(nhs[1], 10)"
    f" AND nhs_number % 10 = (11 - (({_TOTAL}) % 11)) % 11 AND ({_TOTAL}) % 11 <> 1"
)
"""SQL over `nhs` (digits) and `nhs_number` (the same as an integer): the check digit is right."""


def verify(con: duckdb.DuckDBPyConnection, one_per_source: frozenset[str]) -> dict[str, int]:
    """Add `verified` (the number as an integer, or null) to `rows`; answers counts of records and
    numbers by fate.
    """
    con.execute(
        "CREATE OR REPLACE TABLE formed AS SELECT rid, nhs_number FROM"
        f" (SELECT rid, nhs, TRY_CAST(nhs AS BIGINT) AS nhs_number FROM rows WHERE nhs IS NOT NULL)"
        f" WHERE {FORMED}"
    )
    # Most numbers are held by one who is told the same everywhere: only the others need be looked at.
    held = "rows JOIN formed USING (rid) JOIN (SELECT identity, who FROM identities) USING (identity)"
    con.execute(
        f"CREATE OR REPLACE TABLE under AS SELECT DISTINCT nhs_number, who FROM {held} SEMI JOIN"
        f" (SELECT nhs_number FROM {held} GROUP BY nhs_number HAVING min(who) < max(who)) USING"
        f" (nhs_number)"
    )
    con.register("promised", pa.table({"source": pa.array(sorted(one_per_source), pa.string())}))
    con.execute(
        "CREATE OR REPLACE TABLE shared AS WITH told AS (SELECT DISTINCT nhs_number, forename,"
        " surname, given,"
        " born, sex FROM under JOIN identities USING (who))"
        " SELECT DISTINCT l.nhs_number FROM told l JOIN told r"
        f" ON l.nhs_number = r.nhs_number WHERE {DIFFERS}"
        " UNION SELECT nhs_number FROM formed JOIN rows USING (rid) JOIN sources USING (nth)"
        " JOIN promised USING (source) GROUP BY nhs_number, nth HAVING count(*) > 1"
    )
    con.execute(
        "CREATE OR REPLACE TABLE rows AS SELECT rows.*, nhs_number AS verified FROM rows LEFT JOIN"
        " (FROM formed ANTI JOIN shared USING (nhs_number)) USING (rid)"
    )
    row = con.execute(
        "SELECT count(nhs), count(*) FILTER (nhs IS NOT NULL) - (SELECT count(*) FROM formed),"
        " count(verified), count(DISTINCT verified), (SELECT count(*) FROM shared),"
        " (SELECT count(*) FROM formed SEMI JOIN shared USING (nhs_number)) FROM rows"
    ).fetchall()[0]
    con.execute("DROP TABLE formed; DROP TABLE under")
    names = ("held", "malformed", "verified", "distinct", "shared_numbers", "set_aside")
    return dict(zip(names, (int(value) for value in row), strict=True))
