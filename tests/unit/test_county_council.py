"""The council's registers: who is on them, what is wrong with them and for whom, and the claims planted."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from sharewell import county
from sharewell.county.council_records import Book
from sharewell.county.faults import UNEQUAL
from sharewell.county.name_forms import LATIN, OWN

PEOPLE = 24_000
SYSTEMS = (
    "revenues.council_tax", "revenues.benefits", "council.electoral_roll", "housing.rents",
    "housing.repairs", "housing.waiting_list", "social.contacts", "children.cases", "schools.admissions",
    "schools.pupils", "council.libraries", "council.parking", "council.leisure",
    "council.licensing", "council.customers", "council.travel",
)  # fmt: skip
FRESH = "date '2024-04-01' - 730"


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """Every register as a table, and `held`: its rows with the truth about them."""
    folder = county.build(
        tmp_path_factory.mktemp("council"), people=PEOPLE, seed=11, services=SYSTEMS
    ).folder
    con = duckdb.connect()
    for path in (folder / "truth").glob("*.parquet"):
        con.execute(f"create view {path.stem} as select * from '{path}'")
    for asset in SYSTEMS:
        con.execute(f"create view \"{asset}\" as select * from '{_file(folder, asset)}'")
    each = " union all by name ".join(f"select '{asset}' as asset, * from \"{asset}\"" for asset in SYSTEMS)
    con.execute(
        f"""create table held as select h.*, l.person_id, l.household_id, p.forename as own_forename,
            p.surname as own_surname, p.former_surname, p.born as own_born, p.ethnicity, p.deprivation,
            w.home_id,
            date_sub('year', p.born, date '2024-04-01') as age
            from ({each}) h join links l using (asset, local_id)
            join written_homes w using (asset, local_id) left join people p using (person_id)"""
    )
    return con


def _file(folder: Path, asset: str) -> Path:
    return folder / f"data/{asset.replace('.', '/')}.parquet"


def rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple]:
    return con.execute(sql).fetchall()


def columns(con: duckdb.DuckDBPyConnection, asset: str) -> set[str]:
    return {row[0] for row in rows(con, f'describe "{asset}"')}


def test_every_row_of_the_sixteen_is_in_the_links_once(con: duckdb.DuckDBPyConnection) -> None:
    for asset in SYSTEMS:
        written = rows(con, f'select count(*) from "{asset}"')
        assert rows(con, f"select count(*) from held where asset = '{asset}'") == written, asset
    nobody = rows(con, "select distinct asset, forename from held where person_id is null")
    assert nobody == [("revenues.council_tax", None)], "only firms are nobody, and they have no forename"


def test_those_on_a_register_are_of_its_ages(con: duckdb.DuckDBPyConnection) -> None:
    for asset, low, high in (
        ("council.electoral_roll", 18, 110), ("schools.pupils", 4, 18), ("schools.admissions", 3, 15),
        ("children.cases", 0, 18), ("council.licensing", 18, 71), ("council.parking", 18, 110),
        ("housing.rents", 18, 110),
    ):  # fmt: skip
        found = rows(con, f"select min(age), max(age) from held where asset = '{asset}'")[0]
        assert low <= found[0] <= found[1] <= high, (asset, found)
    share = "select count(distinct person_id) filter (age >= 66) / (select count(*) from people where "
    older = rows(con, share + "born < date '1958-04-01') from held where asset = 'council.travel'")[0][0]
    assert 0.8 < older < 0.92


def test_there_is_one_account_for_each_home(con: duckdb.DuckDBPyConnection) -> None:
    homes = rows(con, "select count(*) from homes")[0][0]
    assert rows(con, 'select count(*) from "revenues.council_tax"')[0][0] == homes
    assert rows(con, "select count(*), count(distinct uprn) from held where class <> 'none'")[0][0] > 0
    odd = "select count(*) from held where (class = 'none') <> (class_since is null)"
    assert rows(con, odd + " and asset = 'revenues.council_tax'") == [(0,)]


def test_records_with_a_birth_date_are_more_than_the_people(con: duckdb.DuckDBPyConnection) -> None:
    named = [asset for asset in SYSTEMS if "born" in columns(con, asset)]
    assert len(named) == 10
    listed = ", ".join(f"'{asset}'" for asset in named)
    assert rows(con, f"select count(*) from held where asset in ({listed})")[0][0] > 1.08 * PEOPLE


def test_nobody_is_entered_before_birth_or_after_the_day_it_was_taken(
    con: duckdb.DuckDBPyConnection,
) -> None:
    late = "since >= date '2024-04-01' or (person_id is not null and since < own_born)"
    assert rows(con, f"select asset, count(*) from held where {late} group by asset") == []


def test_people_are_entered_twice_at_the_rate_of_the_register(con: duckdb.DuckDBPyConnection) -> None:
    for asset, rate in (("council.customers", 0.10), ("council.leisure", 0.04), ("council.travel", 0.006)):
        total, people = rows(
            con, f"select count(*), count(distinct person_id) from held where asset = '{asset}'"
        )[0]
        assert 0.7 * rate < total / people - 1 < 1.3 * rate, asset
    assert rows(con, "select count(*) from held group by asset, local_id having count(*) > 1") == []


def test_every_kind_of_fault_is_there(con: duckdb.DuckDBPyConnection) -> None:
    forms = ", ".join(f"('{old}', '{new}')" for old, many in LATIN.items() for new in many.split())
    known = f"(own_forename, forename) in ({forms})"
    own = ", ".join(f"('{old}', '{new}')" for old, new in OWN.items())
    kinds = {
        "a second surname beside the first": "surname like '% also known as %'",
        "the surname before marriage": "surname = former_surname",
        "a placeholder for a name": "upper(forename) in ('UNKNOWN', 'NOT KNOWN', 'NOT GIVEN', 'XXXX')",
        "a child without a name yet": "upper(forename) in ('BABY', 'BABY BOY', 'BABY GIRL', 'INFANT')",
        "1 January 1900": "born = date '1900-01-01'",
        "no birth date": "born is null and asset = 'council.leisure'",
        "another birth date": "born <> own_born and born <> date '1900-01-01'",
        "names exchanged": "forename = own_surname and surname = own_forename",
        "another romanisation": known,
        "own letters or script": f"(own_surname, surname) in ({own})",
        "no postcode": "postcode is null",
        "no property reference": "uprn is null and asset = 'council.parking'",
    }
    for kind, where in kinds.items():
        assert rows(con, f"select count(*) from held where {where}")[0][0] > 0, kind
    shared = rows(
        con,
        """select count(*) from held h join people p using (household_id)
        where h.born = p.born and h.born <> h.own_born and p.person_id <> h.person_id""",
    )
    assert shared[0][0] > 0, "the birth date of another of the home"
    stale = rows(
        con,
        """select count(*) from held h join residence r using (household_id)
        join homes o on o.home_id = r.home_id
        where r.until is not null and h.address = o.address and h.asset = 'council.libraries'""",
    )
    assert stale[0][0] > 0, "the home before"


def test_the_truth_counts_the_faults_of_each_group(con: duckdb.DuckDBPyConnection) -> None:
    """Counted once more from the rows themselves."""
    counted = """
        select asset, ethnicity, deprivation, count(*) as rows,
        count(*) filter (forename <> own_forename or surname <> own_surname) as name,
        count(*) filter (born <> own_born) as born
        from held where asset in ('council.leisure', 'housing.rents', 'schools.pupils') group by all
    """
    told = """
        select asset, ethnicity, deprivation, "rows", name_wrong, born_wrong from faults
        where asset in ('council.leisure', 'housing.rents', 'schools.pupils')
    """
    order = " order by 1, 2, 3"
    assert rows(con, f"select * from ({told}) {order}") == rows(con, f"select * from ({counted}) {order}")


def test_records_are_worse_by_the_planted_factor(con: duckdb.DuckDBPyConnection) -> None:
    """Wrong and missing birth dates, which befall every origin alike but for the factor."""
    rate = "sum(born_wrong + born_missing) / sum(rows / 1.0)"
    one, five = (
        rows(con, f"select {rate} from faults where {where} and born_wrong + born_missing >= 0")[0][0]
        for where in (
            "ethnicity = 'british' and deprivation <= 2",
            "ethnicity = 'british' and deprivation >= 4",
        )
    )
    assert 1.25 < one / five < 2.1, "planted 1.35 over 0.85"
    others = rows(con, f"select {rate} from faults where ethnicity <> 'british'")[0][0]
    british = rows(con, f"select {rate} from faults where ethnicity = 'british'")[0][0]
    assert 1.4 < others / british < 2.7, "planted 1.6 to 2, and more of the deprived areas"
    factors = rows(
        con, "select distinct factor from faults where ethnicity = 'british' and deprivation = 3"
    )
    assert factors == [(UNEQUAL.ethnicity[0] * UNEQUAL.deprivation[2],)]


def contradicted(
    con: duckdb.DuckDBPyConnection, claims: str, records: tuple[str, ...], conflict: str
) -> set:
    """Claims that two or more of these services contradict, if every record were linked without error."""
    listed = ", ".join(f"'{asset}'" for asset in records)
    found = f"""
        with claim as ({claims}),
        record as (select asset, person_id, home_id from held
                   where asset in ({listed}) and since >= {FRESH} and person_id is not null),
        other as (select c.local_id, count(distinct r.asset) as n from claim c join record r
                  on r.home_id = c.home_id and r.person_id <> c.person_id group by 1),
        away as (select c.local_id, count(distinct r.asset) as n from claim c join record r
                 on r.home_id <> c.home_id and r.person_id = c.person_id group by 1)
    """
    told = {
        "others": "select local_id from other where n >= 2",
        "elsewhere": "select local_id from away where n >= 2",
        "replaced": "select local_id from other join away using (local_id) where away.n >= 2",
    }
    return {row[0] for row in rows(con, found + told[conflict])}


CHECKS = {
    "discounts": (
        """select local_id, person_id, home_id from held where asset = 'revenues.council_tax'
           and discount and disregards = 0 and person_id is not null""",
        ("council.electoral_roll", "revenues.benefits", "housing.rents", "council.parking",
         "council.licensing", "council.travel"),
        "others", "select local_id from discount_cases where planted",
    ),
    "sublets": (
        """select local_id, person_id, home_id from held where asset = 'housing.rents'""",
        ("council.electoral_roll", "revenues.benefits", "revenues.council_tax", "council.parking",
         "council.customers"),
        "replaced", "select local_id from sublet_cases",
    ),
    "places": (
        """select local_id, person_id, home_id from held where asset = 'schools.admissions'""",
        ("schools.pupils", "children.cases", "council.libraries", "council.leisure"),
        "elsewhere", "select local_id from place_cases",
    ),
}  # fmt: skip


@pytest.mark.parametrize("check", CHECKS)
def test_planted_claims_and_hardly_any_others_are_contradicted(
    con: duckdb.DuckDBPyConnection, check: str
) -> None:
    claims, records, conflict, truth = CHECKS[check]
    planted = {row[0] for row in rows(con, truth)}
    found = contradicted(con, claims, records, conflict)
    assert len(planted & found) >= 0.95 * len(planted), "recall where linking is perfect"
    assert len(planted & found) >= 0.8 * len(found), "precision where linking is perfect"


def test_students_and_carers_stand_beside_the_planted_discounts(con: duckdb.DuckDBPyConnection) -> None:
    counts = dict(rows(con, 'select "case", count(*) from discount_cases group by 1'))
    assert counts["student"] > 5
    assert counts["carer"] > 0
    assert 70 <= counts["undeclared adult"] <= 200
    excused = rows(
        con,
        """select count(*) from discount_cases d join "revenues.council_tax" t using (local_id)
        where not d.planted and (t.disregards = 0 or not t.discount)""",
    )
    assert excused == [(0,)]


def test_a_book_says_what_it_holds() -> None:
    from sharewell.county import council, front_doors, housing, revenues, schools

    books = [
        value
        for module in (council, front_doors, housing, revenues, schools)
        for value in vars(module).values()
        if isinstance(value, Book)
    ]
    assert {book.asset for book in books} == set(SYSTEMS)
    assert len({book.prefix for book in books}) == len(SYSTEMS), (
        "no two registers share a series of numbers"
    )
