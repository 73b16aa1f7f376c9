"""Free-text addresses to property references: forms of one address, what is too little to go by, and how
often it is right where the county planted the truth.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewell.county.base import County, found
from sharewell.county.effects import Effects
from sharewell.county.records import Rates, places_of
from sharewell.errors import LinkError
from sharewell.link.dwelling import Placed, place
from sharewell.link.dwelling.words import mended, postcode_of, tidy

STREETS = [
    ("1", "Flat 1, 12 High Street, Fellbury", "QN1 1AA"),
    ("2", "Flat 2, 12 High Street, Fellbury", "QN1 1AA"),
    ("3", "Flat 3, 12 High Street, Fellbury", "QN1 1AA"),
    ("4", "14 High Street, Fellbury", "QN1 1AA"),
    ("5", "14 High Street, Otherton", "QN2 2BB"),
    ("6", "20-22 Low Road, Otherton", "QN2 2BD"),
    ("7", "Rose Cottage, Church Lane, Otherton", "QN2 2BE"),
    ("8", "The Elms, 5 Church Lane, Otherton", "QN2 2BE"),
    ("9", "Flat 3, Ashcombe Court, Mill Lane, Otherton", "QN2 2BF"),
    ("10", "3 St. Mary's Terrace, Otherton", "QN2 2BG"),
    ("11", "8A Kelby Avenue, Otherton", "QN2 2BH"),
    ("12", "8 Kelby Avenue, Otherton", "QN2 2BH"),
    ("13", "Room 1, Stanwick Hall, Kelby Avenue, Otherton", "QN2 2BJ"),
    ("14", "Flat 1, Stanwick Hall, Kelby Avenue, Otherton", "QN2 2BJ"),
]


def gazetteer(*rows: tuple[Any, str | None, str | None]) -> pa.Table:
    uprn, address, postcode = zip(*(rows or STREETS), strict=True)
    return pa.table(
        {"uprn": list(uprn), "address": list(address), "postcode": pa.array(postcode, pa.string())}
    )


def sought(*rows: tuple[str | None, str | None], book: pa.Table | None = None, sure: float = 0.9) -> Placed:
    address, postcode = zip(*rows, strict=True)
    table = pa.table(
        {"address": pa.array(address, pa.string()), "postcode": pa.array(postcode, pa.string())}
    )
    return place(table, gazetteer() if book is None else book, sure=sure)


def one(address: str | None, postcode: str | None = None, **more: Any) -> dict[str, Any]:
    row: dict[str, Any] = sought((address, postcode), **more).table.to_pylist()[0]
    return row


@pytest.mark.parametrize(
    ("address", "postcode", "uprn", "kind"),
    [
        ("14 High Street, Fellbury", "QN1 1AA", "4", "exact"),
        ("14 HIGH ST FELLBURY", "qn11aa", "4", "tidy"),
        ("No. 14, High Str., Fellbury QN1 1AA", None, "4", "tidy"),
        ("12 High St, Flat 3", "QN1 1AA", "3", "tidy"),
        ("3/12 High Street", "QN1 1AA", "3", "tidy"),
        ("3, 12 High Street", "QN1 1AA", "3", "tidy"),
        ("Apartment 3 12 High Street", "QN1 1AA", "3", "tidy"),
        ("12C High Street", "QN1 1AA", "3", "near"),
        ("Third Floor Flat, 12 High Street", "QN1 1AA", "3", "near"),
        ("14 Hihg Street", "QN1 1AA", "4", "near"),
        ("14 High Sreet Fellbury", None, "4", "by street"),
        ("14 High Street, Fellbury", None, "4", "by street"),
        ("14 High Street, Fellbury", "QN1 1AB", "4", "by street"),
        ("14 High Street, Fellbury", "ZX9 9YY", "4", "by street"),
        ("20 Low Rd", "QN2 2BD", "6", "near"),
        ("22 Low Rd", "QN2 2BD", "6", "near"),
        ("20 - 22 Low Rd", "QN2 2BD", "6", "tidy"),
        ("Rose Cottage", "QN2 2BE", "7", "near"),
        ("Rose Cott, Church La, Otherton", None, "7", "by street"),
        ("The Elms, Church Lane", "QN2 2BE", "8", "near"),
        ("Elms, 5 Church Ln", "QN2 2BE", "8", "tidy"),
        ("5 Church Lane", "QN2 2BE", "8", "tidy"),
        ("3 Ashcombe Court", "QN2 2BF", "9", "near"),
        ("3 Saint Marys Tce", "QN2 2BG", "10", "tidy"),
        ("8 A Kelby Ave", "QN2 2BH", "11", "tidy"),
        ("Flat A, 8 Kelby Ave", "QN2 2BH", "11", "tidy"),
        ("8 Kelby Ave", "QN2 2BH", "12", "tidy"),
        ("14", "QN1 1AA", "4", "near"),
    ],
)
def test_one_address_in_many_forms(address: str, postcode: str | None, uprn: str, kind: str) -> None:
    row = one(address, postcode)
    assert (row["uprn"], row["kind"], row["reason"]) == (uprn, kind, None)
    assert row["probability"] >= 0.9
    assert row["weight"] > 0


@pytest.mark.parametrize(
    ("address", "postcode", "reason"),
    [
        ("12 High Street, Fellbury", "QN1 1AA", "ambiguous"),  # which flat?
        ("14 High Street", None, "ambiguous"),  # which town?
        ("First Floor Flat, Stanwick Hall, Kelby Avenue", "QN2 2BJ", "ambiguous"),  # flat 1 or room 1?
        ("Flat 7, 12 High Street", "QN1 1AA", "unlikely"),
        ("14 Low Road", "QN1 1AA", "unlikely"),
        ("99 Nowhere Lane, Fellbury", "QN9 9ZZ", "not found"),
        ("16 High Street", "QN1 1AA", "not found"),
        ("High Street, Fellbury", "QN1 1AA", "unlikely"),  # a street alone
        ("PO Box 14, Fellbury", "QN1 1AA", "post box"),
        ("No fixed abode", "ZZ99 3VZ", "no fixed abode"),
        ("NFA", None, "no fixed abode"),
        ("Unknown", "QN1 1AA", "no address"),
        ("", "QN1 1AA", "no address"),
        (None, "QN1 1AA", "no address"),
        (" , . ", None, "no address"),
    ],
)
def test_what_does_not_tell_one_home_gets_none_and_says_why(
    address: str | None, postcode: str | None, reason: str
) -> None:
    row = one(address, postcode)
    assert (row["uprn"], row["kind"], row["reason"]) == (None, None, reason)


@pytest.mark.parametrize(
    ("address", "only"),
    [
        ("12 High Street", "12A High Street, Fellbury"),
        ("12 High Street", "Flat 2, 12 High Street, Fellbury"),
        ("Flat 2, 12 High Street", "12 High Street, Fellbury"),
        ("12 High Street", "11 High Street, Fellbury"),
        ("12 High Street", "12 Low Street, Fellbury"),
        ("High Street", "12 High Street, Fellbury"),
    ],
)
def test_the_nearest_home_is_not_good_enough(address: str, only: str) -> None:
    assert one(address, "QN1 1AA", book=gazetteer(("1", only, "QN1 1AA")))["uprn"] is None


def test_nearly_equal_candidates_are_counted() -> None:
    assert one("12 High Street, Fellbury", "QN1 1AA")["rivals"] == 2
    assert one("14 High Street, Fellbury", "QN1 1AA")["rivals"] == 0


def test_every_part_says_how_it_agreed() -> None:
    assert one("12C Hihg Street", "QN1 1AB")["levels"] == {
        "postcode": "slip",
        "street": "near",
        "number": "same",
        "unit": "same place",
        "name": "missing",
        "town": "missing",
    }


def test_references_out_of_a_spreadsheet_are_read_and_bad_rows_counted() -> None:
    book = gazetteer(
        ("100023336956.0", "1 Low Road, Ryde", "QN1 1AA"),
        ("00042", "2 Low Road, Ryde", "QN1 1AA"),
        ("n/a", "3 Low Road, Ryde", "QN1 1AA"),
        ("0", "4 Low Road, Ryde", "QN1 1AA"),
        ("7", None, "QN1 1AA"),
    )
    found = sought(*((f"{n} Low Rd", "QN1 1AA") for n in (1, 2, 3)), book=book)
    assert found.table["uprn"].to_pylist() == ["100023336956", "42", None]
    assert (found.evidence["gazetteer_rows"], found.evidence["gazetteer_rows_unusable"]) == (2, 3)
    floats = pa.table(
        {
            "uprn": [100023336956.0, None],
            "address": ["1 Low Road", "2 Low Road"],
            "postcode": ["QN1 1AA"] * 2,
        }
    )
    assert one("1 Low Road", "QN1 1AA", book=floats)["uprn"] == "100023336956"


def test_a_home_may_have_two_addresses_and_one_address_two_homes() -> None:
    book = gazetteer(
        ("1", "1 Low Road, Ryde", "QN1 1AA"),
        ("1", "The Old Mill, Low Road, Ryde", "QN1 1AA"),
        ("2", "9 Low Road, Ryde", "QN1 1AA"),
        ("3", "9 Low Road, Ryde", "QN1 1AA"),
    )
    found = sought(("Old Mill, Low Rd", "QN1 1AA"), ("9 Low Road, Ryde", "QN1 1AA"), book=book)
    assert found.table["uprn"].to_pylist() == ["1", None]
    assert found.table["reason"].to_pylist() == [None, "ambiguous"]


def test_without_postcodes_and_with_one_address_for_all() -> None:
    table = pa.table({"address": ["14 High Street, Fellbury"] * 500})
    found = place(table, gazetteer())
    assert set(found.table["uprn"].to_pylist()) == {"4"}
    assert found.evidence["placed"]["by street"] == 500
    nothing = place(pa.table({"address": pa.nulls(3)}), gazetteer())
    assert nothing.evidence["unplaced"]["no address"] == 3
    assert place(table.slice(0, 0), gazetteer()).table.num_rows == 0


def test_a_key_that_too_many_hold_is_not_followed_and_said() -> None:
    book = gazetteer(*((str(at + 1), f"1 High Street, Town{at}", f"QN{at} 1AA") for at in range(400)))
    found = sought(("1 Hihg Street", None), book=book)
    assert found.evidence["keys_too_common"] >= 1
    assert found.table["uprn"].to_pylist() == [None]


@pytest.mark.parametrize(
    ("addresses", "book", "sure"),
    [
        ({"postcode": ["QN1 1AA"]}, gazetteer(), 0.9),
        ({"address": ["1 High Street"]}, pa.table({"uprn": ["1"]}), 0.9),
        ({"address": ["1 High Street"]}, gazetteer(("none", "1 High Street", "QN1 1AA")), 0.9),
        ({"address": ["1 High Street"]}, gazetteer(), 0.2),
    ],
)
def test_what_cannot_be_done_is_refused(addresses: dict[str, Any], book: pa.Table, sure: float) -> None:
    with pytest.raises(LinkError):
        place(pa.table(addresses), book, sure=sure)


def test_what_is_wrong_is_said_all_at_once() -> None:
    with pytest.raises(LinkError) as caught:
        place(pa.table({"a": [1]}), pa.table({"b": [1]}), sure=2)
    assert len(caught.value.problems) == 5


@given(st.lists(st.text(max_size=30), min_size=1, max_size=20))
@settings(max_examples=25, deadline=None)
def test_tidying_twice_is_tidying_once_and_anything_is_an_address(texts: list[str]) -> None:
    once = tidy(pa.array(texts, pa.string()))
    assert len(once) == len(texts)
    assert all(word == word.strip() and "  " not in word for word in once.to_pylist())


def test_a_strange_word_is_read_as_the_one_known_word_beside_it() -> None:
    held = ["ASHCOMBE", "ASHCOMBS", "MILL", "KELBY"]
    texts = pa.array(["1 KELYB LN", "1 ASHCOMB LN", "1 KELBY LN", "1 KEBLYX LN"])
    assert mended(texts, held).to_pylist() == ["1 KELBY LN", "1 ASHCOMB LN", "1 KELBY LN", "1 KEBLYX LN"]


def test_postcodes_are_one_spelling_or_none() -> None:
    held = ["qn1 1aa", "SW1A1AA", "ZZ99 3VZ", "QN1", "n/a", None]
    assert postcode_of(pa.array(held)).to_pylist() == ["QN11AA", "SW1A1AA", None, None, None, None]


@pytest.fixture(scope="module")
def county() -> County:
    return found(5_000, 7, Effects())


def planted(county: County, rates: Rates, count: int) -> tuple[Placed, np.ndarray]:
    homes = county.homes
    book = pa.table(
        {
            "uprn": homes.uprn,
            "address": homes.address,
            "postcode": pa.array(homes.postcodes).take(pa.array(homes.postcode)),
        }
    )
    rng = np.random.default_rng(11)
    home = rng.integers(0, homes.count, count)
    written = pa.table(places_of(county, home, rates, rng, uprn=False))
    return place(written, book), homes.uprn[home]


@pytest.mark.parametrize(
    ("rates", "precision", "recall"),
    [
        (Rates(short=0.3), 0.999, 0.995),
        (Rates(short=0.3, address=0.05, postcode=0.05, postcode_missing=0.1), 0.998, 0.985),
        (Rates(short=0.3, address=0.2, postcode=0.1, postcode_missing=0.3), 0.995, 0.97),
        (Rates(short=1.0, postcode_missing=1.0), 0.995, 0.95),
    ],
)
def test_planted_homes_are_found(county: County, rates: Rates, precision: float, recall: float) -> None:
    placed, truth = planted(county, rates, 5_000)
    table = placed.table
    held = np.asarray(pc.is_valid(table["uprn"]))
    right = np.asarray(pc.fill_null(pc.equal(table["uprn"], pa.array(truth).cast(pa.string())), False))
    assert right[held].mean() >= precision
    assert right.mean() >= recall
    stated = table["probability"].to_numpy()[held]
    assert abs(stated.mean() - right[held].mean()) < 0.005  # honest: it says how often it is right
    assert sum(placed.evidence["placed"].values()) == held.sum()
    assert sum(placed.evidence["unplaced"].values()) == (~held).sum()


def test_homes_that_the_gazetteer_lacks_are_not_given_another(county: County) -> None:
    homes = county.homes
    kept = np.arange(homes.count) % 2 == 0
    book = pa.table(
        {
            "uprn": homes.uprn,
            "address": homes.address,
            "postcode": pa.array(homes.postcodes).take(pa.array(homes.postcode)),
        }
    ).filter(pa.array(kept))
    missing = np.flatnonzero(~kept)
    rng = np.random.default_rng(3)
    noisy = replace(Rates(short=0.3), address=0.05, postcode=0.02)
    written = pa.table(places_of(county, missing, noisy, rng, uprn=False))
    given_away = np.asarray(pc.is_valid(place(written, book).table["uprn"]))
    assert given_away.mean() < 0.01


def test_the_same_rows_in_another_order_get_the_same_homes(county: County) -> None:
    rng = np.random.default_rng(5)
    home = rng.integers(0, county.homes.count, 500)
    written = pa.table(places_of(county, home, Rates(short=0.3, address=0.2), rng, uprn=False))
    homes = county.homes
    book = pa.table(
        {
            "uprn": homes.uprn,
            "address": homes.address,
            "postcode": pa.array(homes.postcodes).take(pa.array(homes.postcode)),
        }
    )
    order = rng.permutation(500)
    ahead = place(written, book).table["uprn"].take(pa.array(order)).to_pylist()
    assert (
        place(written.take(pa.array(order)), book.take(pa.array(rng.permutation(homes.count))))
        .table["uprn"]
        .to_pylist()
        == ahead
    )
