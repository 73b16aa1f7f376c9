"""Bills name someone and a home, and no birth date: whom do they mean?"""

from __future__ import annotations

import random

import pyarrow as pa
import pytest
from link_example import Person, asked, partition, settle, typo

from sharewell.link import people

Truth = dict[str, int]


def benefits(residents: list[Person], rng: random.Random) -> tuple[pa.Table, Truth]:
    """Four in five residents, as a department that knows them well would hold them."""
    rows, truth = [], {}
    for person in rng.sample(residents, 4 * len(residents) // 5):
        row = {
            name: getattr(person, name)
            for name in ("forename", "surname", "born", "sex", "address", "postcode", "uprn")
        }
        rows.append({"record": f"d{person.number}", **row})
        truth[f"d{person.number}"] = person.number
    return pa.Table.from_pylist(rows), truth


def bills(residents: list[Person], rng: random.Random) -> tuple[pa.Table, Truth]:
    """One person a home: 'MRS J SMITH' or 'Jane Smith', 2% slips, 2% under a maiden name, some without a
    title.
    """
    rows, truth = [], {}
    named = {person.uprn: person for person in rng.sample(residents, len(residents))}
    for number, person in enumerate(named.values()):
        forename = typo(person.forename, rng) if rng.random() < 0.02 else person.forename
        surname = person.maiden if rng.random() < 0.02 else person.surname
        title = rng.choice(("Mr",) if person.sex == "M" else ("Mrs", "Miss", "Ms"))
        parts = [title, forename[0] if rng.random() < 0.2 else forename, surname]
        name = " ".join(parts if rng.random() < 0.95 else parts[1:])
        rows.append(
            {
                "record": f"b{number}",
                "name": name.upper() if rng.random() < 0.5 else name,
                "address": person.address.replace("Road", "Rd").replace("Street", "St."),
                "postcode": None if rng.random() < 0.005 else person.postcode.replace(" ", ""),
                "uprn": None if rng.random() < 0.1 else person.uprn,
            }
        )
        truth[f"b{number}"] = person.number
    return pa.Table.from_pylist(rows), truth


@pytest.mark.parametrize("uprn", [True, False])
def test_bills_find_whom_they_name(uprn: bool) -> None:
    rng = random.Random(11)
    residents = settle(1500, rng)
    (held, persons), (sent, named) = benefits(residents, rng), bills(residents, rng)
    columns = (
        "name",
        "title",
        "forename",
        "surname",
        "born",
        "sex",
        "address",
        "postcode",
        *(["uprn"] if uprn else []),
    )
    linked = people(
        {"dwp": held, "supplier": sent},
        settings=asked(linker="bills", columns=columns, one_per_source=frozenset(["dwp"])),
    )
    found = partition(linked)
    person_of = {found[("dwp", row)]: person for row, person in persons.items()}
    matched = {
        row: person_of[found[("supplier", row)]] for row in named if found[("supplier", row)] in person_of
    }
    right = sum(named[row] == person for row, person in matched.items())
    reachable = [row for row, person in named.items() if person in set(persons.values())]
    assert right / len(matched) >= 0.995
    assert right / len(reachable) >= 0.92
    assert linked.evidence["attached"]["joined"] == len(matched)


def _tables(person: list[dict[str, object]], bill: list[dict[str, object]]) -> dict[str, pa.Table]:
    home = {"address": "12 High Street", "postcode": "QN1 1AA"}
    return {
        "dwp": pa.Table.from_pylist([{"record": f"d{at}", **home, **row} for at, row in enumerate(person)]),
        "bill": pa.Table.from_pylist([{"record": f"b{at}", **home, **row} for at, row in enumerate(bill)]),
    }


JOHN = {"forename": "John", "surname": "Smith", "born": "1950-01-02", "sex": "M"}
JANE = {"forename": "Jane", "surname": "Smith", "born": "1952-03-04", "sex": "F"}


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("Mr J Smith", "d0"),
        ("MRS J SMITH", "d1"),
        ("J Smith", None),  # either of them
        ("Jane Smith", "d1"),
        ("Smith, Jane", "d1"),
        ("Mrs Jane Kelby", "d1"),  # under another surname
        ("Mr Peter Smith", None),  # a relative of whom the department knows nothing
        ("Mr J Kelby", None),
    ],
)
def test_within_one_home_the_forename_and_the_title_decide(name: str, who: str | None) -> None:
    found = partition(
        people(_tables([JOHN, JANE], [{"name": name}]), settings=asked(linker="bills", threshold=0.9))
    )
    bill = found.pop(("bill", "b0"))
    assert {row for (_, row), cluster in found.items() if cluster == bill} == ({who} if who else set())


def test_the_same_name_at_another_home_is_another_person() -> None:
    tables = _tables([JOHN], [{"name": "Mr John Smith", "address": "14 High Street"}])
    assert len(set(partition(people(tables, settings=asked(linker="bills"))).values())) == 2


def test_without_any_such_source_nothing_is_attached() -> None:
    linked = people(_tables([JOHN], [JANE]), settings=asked(linker="bills"))
    assert linked.evidence["attached"] == {
        "columns": [],
        "pairs_scored": 0,
        "blocks_skipped": 0,
    }
