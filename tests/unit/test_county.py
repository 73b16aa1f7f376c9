"""The synthetic county: the same bytes for a seed, numbers nobody has, and a truth that adds up."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewell import county
from sharewell.county import noise
from sharewell.county.identifiers import check_digits, mpans, nhs_numbers
from sharewell.county.margins import fit
from sharewell.county.streams import stream
from sharewell.errors import DataError, StorageError, UnknownName

PEOPLE = 6_000


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> county.Built:
    return county.build(tmp_path_factory.mktemp("county"), people=PEOPLE, seed=5)


def hashes(built: county.Built) -> dict[str, str]:
    return {file.path: file.sha256 for file in built.files}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(
    built: county.Built, tmp_path: Path
) -> None:
    again = county.build(tmp_path / "again", people=PEOPLE, seed=5)
    other = county.build(tmp_path / "other", people=PEOPLE, seed=6)
    assert hashes(again) == hashes(built)
    for path in hashes(built):
        assert (again.folder / path).read_bytes() == (built.folder / path).read_bytes()
    same = {path for path, digest in hashes(other).items() if hashes(built)[path] == digest}
    assert same == {"truth/effects.parquet"}, "only the planted parameters are the same for every seed"


@pytest.mark.parametrize("service", [service.name for service in county.SERVICES])
def test_a_service_built_alone_is_the_same_as_among_all(
    built: county.Built, tmp_path: Path, service: str
) -> None:
    alone = county.build(tmp_path, people=PEOPLE, seed=5, services=[service])
    data = {path: digest for path, digest in hashes(alone).items() if path.startswith("data/")}
    assert data
    assert data.items() <= hashes(built).items()
    assert hashes(alone)["truth/people.parquet"] == hashes(built)["truth/people.parquet"]


def test_a_county_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = county.build(tmp_path, people=300, seed=1, services=["gp", "ooh"])

    def full(self: object, table: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq.ParquetWriter, "write_table", full)
    with pytest.raises(StorageError, match="No space left"):
        county.build(tmp_path, people=300, seed=2, services=["gp", "ooh"])
    for file in before.files:
        assert pq.read_metadata(tmp_path / file.path).num_rows == file.rows
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_a_new_county_leaves_nothing_of_the_former_one(tmp_path: Path) -> None:
    county.build(tmp_path, people=300, seed=1, services=["gp", "fire"])
    after = county.build(tmp_path, people=300, seed=2, services=["gp"])
    on_disk = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.parquet")}
    assert on_disk == {file.path for file in after.files}


def test_the_smallest_county_still_has_every_asset(tmp_path: Path) -> None:
    built = county.build(tmp_path, people=100, seed=3)
    assets = {asset for service in county.SERVICES for asset in service.assets}
    assert {path for path in hashes(built) if path.startswith("data/")} == {
        f"data/{asset.replace('.', '/')}.parquet" for asset in assets
    } | {"data/places/boundaries.geojson"}
    assert len(county.truth(tmp_path)["people"]) == 100


def test_what_cannot_be_built_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="no service 'police'"):
        county.build(tmp_path, services=["gp", "police"])
    with pytest.raises(DataError, match="5000000"):
        county.build(tmp_path, people=10**8)
    with pytest.raises(DataError, match="build the county"):
        county.truth(tmp_path)


def test_progress_tells_each_service_and_ends_at_one(tmp_path: Path) -> None:
    told: list[tuple[str, float]] = []
    county.build(
        tmp_path,
        people=300,
        services=["gp", "fire"],
        progress=lambda what, share: told.append((what, share)),
    )
    assert [what for what, _ in told] == ["people and places", "gp", "fire", "truth"]
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_nhs_numbers_are_distinct_valid_and_of_blocks_never_issued() -> None:
    numbers = nhs_numbers(950_000, stream("test", 1))
    assert len(np.unique(numbers)) == 950_000
    assert (numbers < 9_990_000_000).sum() == 950_000 - 909_091, "the 999 block holds 909,091 valid numbers"
    assert numbers.min() >= 9_980_000_000
    for number in numbers[:500].tolist():
        digits = [int(letter) for letter in str(number)]
        check = (
            11 - sum(digit * weight for digit, weight in zip(digits, range(10, 1, -1), strict=False)) % 11
        )
        assert digits[9] == (0 if check == 11 else check)
    # 943 476 5919 is the worked example of the NHS Data Dictionary.
    assert check_digits(np.array([943_476_591])).tolist() == [9]


def test_meter_numbers_have_their_check_digit() -> None:
    primes = (3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43)
    for number in mpans(np.arange(50)).tolist():
        digits = [int(letter) for letter in str(number)]
        assert len(digits) == 13
        assert digits[12] == sum(d * p for d, p in zip(digits, primes, strict=False)) % 11 % 10


def test_no_postcode_or_property_reference_could_be_issued(built: county.Built) -> None:
    homes = county.truth(built.folder)["homes"]
    postcodes = pq.read_table(built.folder / "data/places/postcodes.parquet")
    assert all(code.startswith("Q") for code in postcodes["postcode"].to_pylist())
    assert postcodes["postcode"].value_counts().field("counts").to_numpy().max() == 1
    assert set(homes["postcode"].to_pylist()) <= set(postcodes["postcode"].to_pylist())
    assert pc.min(homes["uprn"]).as_py() >= 10**12, "a real reference has at most 12 digits"


def test_the_ledger_is_the_sum_of_the_rows_to_the_penny(built: county.Built) -> None:
    folder = built.folder
    held = 0
    for service in county.SERVICES:
        for asset in service.assets:
            table = pq.read_table(folder / f"data/{asset.replace('.', '/')}.parquet")
            if {"cost", "point_of_care"} <= set(table.column_names):
                con = duckdb.connect()
                con.register("rows", table)
                held += con.execute(
                    "select coalesce(sum(cost), 0) from rows "
                    "where date >= '2023-04-01' and date < '2024-04-01'"
                ).fetchall()[0][0]
    ledger = county.truth(folder)["ledger"]
    assert pc.sum(ledger["pence"]).as_py() == held > 0


def test_the_ledger_by_practice_follows_from_links_and_truth(built: county.Built) -> None:
    folder = built.folder
    con = duckdb.connect()
    rows = con.execute(
        f"""
        select p.practice, a.point_of_care, sum(a.cost)
        from '{folder}/data/acute/admissions.parquet' a
        join '{folder}/truth/links.parquet' l on l.asset = 'acute.patients' and l.local_id = a.local_id
        join '{folder}/truth/people.parquet' p using (person_id)
        where a.date >= '2023-04-01' and a.date < '2024-04-01' group by all
        """
    ).fetchall()
    ledger = {
        (row["practice"], row["point_of_care"]): row["pence"]
        for row in county.truth(folder)["ledger"].to_pylist()
        if row["point_of_care"] in ("Elective", "Non-elective")
    }
    assert {(practice, point): cost for practice, point, cost in rows} == ledger


def test_every_identity_row_is_in_the_links(built: county.Built) -> None:
    links = county.truth(built.folder)["links"]
    for asset in ("gp.patients", "acute.patients", "social.clients", "fire.visits", "dwp.benefits"):
        held = pq.read_table(built.folder / f"data/{asset.replace('.', '/')}.parquet")
        mine = links.filter(pc.equal(links["asset"], asset))
        assert mine["local_id"].to_pylist() == held["local_id"].to_pylist()
        nobody = asset == "fire.visits"
        assert mine["person_id"].null_count == (len(mine) if nobody else 0)


def test_no_home_ever_holds_two_households(built: county.Built) -> None:
    file = built.folder / "truth/residence.parquet"
    overlaps = duckdb.execute(
        f"""
        select count(*) from '{file}' a join '{file}' b
        on a.home_id = b.home_id and a.household_id < b.household_id
        and coalesce(a.since, date '1900-01-01') < coalesce(b.until, date '2100-01-01')
        and coalesce(b.since, date '1900-01-01') < coalesce(a.until, date '2100-01-01')
        """
    ).fetchall()
    assert overlaps == [(0,)]


def test_families_look_like_families(built: county.Built) -> None:
    people = f"'{built.folder}/truth/people.parquet'"
    kinds = f"'{built.folder}/truth/households.parquet'"
    shared, couples = duckdb.execute(
        f"""
        select count(*) filter (a.surname = b.surname), count(*) from {people} a join {people} b
        on a.household_id = b.household_id and a.role = 'reference' and b.role = 'partner'
        """
    ).fetchall()[0]
    assert 0.6 < shared / couples < 0.95
    twins, namesakes = duckdb.execute(
        f"""
        select count(*) filter (a.born = b.born and a.role = 'other'),
               count(*) filter (a.forename = b.forename and a.surname = b.surname and a.sex = 'M')
        from {people} a join {people} b on a.household_id = b.household_id and a.person_id < b.person_id
        join {kinds} k on k.household_id = a.household_id where k.kind <> 'care home'
        """
    ).fetchall()[0]
    assert twins > 0
    assert namesakes > 0
    size, kids = duckdb.execute(
        f"select avg(people), count(*) filter (kind = 'lone parent' and people < 2) from {kinds}"
    ).fetchall()[0]
    assert 2.0 < size < 2.7
    assert kids <= 1, "at most the last household, which is cut to the exact number of people"


def test_registers_miss_nhs_numbers_at_the_rates_of_the_services(built: county.Built) -> None:
    for asset, low, high in (("gp", 0.0, 0.01), ("acute", 0.015, 0.035), ("ooh", 0.03, 0.075)):
        table = pq.read_table(built.folder / f"data/{asset}/patients.parquet", columns=["nhs_number"])
        assert low <= table["nhs_number"].null_count / len(table) <= high, asset


@given(st.text("abcdefghilmnoprstuy", min_size=1, max_size=12), st.integers(0, 10_000))
@settings(max_examples=150, deadline=None)
def test_a_slip_leaves_a_word_near_to_what_it_was(word: str, seed: int) -> None:
    name = word.capitalize()
    slipped = noise.slip(stream("slip", seed))(name)
    assert slipped
    assert abs(len(slipped) - len(name)) <= 1


@given(st.lists(st.integers(-25_000, 19_000), min_size=1, max_size=40), st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_wrong_dates_are_possible_dates(born: list[int], seed: int) -> None:
    wrong = noise.wrong_dates(np.array(born), stream("dates", seed))
    assert (wrong < 19_448).all()
    assert (np.abs(wrong - np.array(born)) <= 3_660).all()


def test_fitting_meets_its_margins() -> None:
    rng = stream("margins", 1)
    seed = rng.random((6, 4, 3)) + 0.1
    goal = rng.random((6, 4, 3))
    rows, layers = goal.sum(axis=2), goal.sum(axis=(0, 1))
    table = fit(seed, [((0, 1), rows), ((2,), layers)], rounds=60)
    assert np.allclose(table.sum(axis=2), rows, atol=1e-9)
    assert np.allclose(table.sum(axis=(0, 1)), layers, atol=1e-9)


def test_the_county_is_loaded_only_when_used() -> None:
    code = (
        "import sys, sharewell.county; assert 'numpy' not in sys.modules and 'pyarrow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
