"""Linking people: right on planted truth, the same in any order, honest about bad input, and quiet."""

from __future__ import annotations

import json
import logging
import random
import warnings

import pyarrow as pa
import pytest
from link_example import SECRET, Town, asked, partition, quality, town

from sharewell.errors import LinkError, UnknownName
from sharewell.link import Linked, Settings, linkers, people

ALL = frozenset("abc")


@pytest.fixture(scope="module")
def place() -> Town:
    return town()


@pytest.fixture(scope="module")
def linked(place: Town) -> Linked:
    return people(place.sources, settings=asked(one_per_source=ALL))


def test_planted_people_are_found(place: Town, linked: Linked) -> None:
    precision, recall = quality(linked, place.truth)
    assert precision >= 0.998
    assert recall >= 0.99


def test_without_numbers_the_model_alone_does_nearly_as_well(place: Town) -> None:
    precision, recall = quality(
        people(place.sources, settings=asked(linker="splink", one_per_source=ALL)), place.truth
    )
    assert precision >= 0.998
    assert recall >= 0.97


def test_every_record_is_answered_once(place: Town, linked: Linked) -> None:
    assert partition(linked).keys() == place.truth.keys()
    assert linked.table.num_rows == len(place.truth)
    assert linked.table["cluster"].null_count == 0


def test_the_order_of_rows_and_sources_changes_nothing(place: Town, linked: Linked) -> None:
    rng = random.Random(5)
    mixed = {
        name: place.sources[name].take(
            rng.sample(range(place.sources[name].num_rows), place.sources[name].num_rows)
        )
        for name in ("c", "a", "b")
    }
    again = people(mixed, settings=asked(one_per_source=ALL, threads=1))
    assert again.table.equals(linked.table)
    assert again.pairs.equals(linked.pairs)
    assert again.evidence == linked.evidence


def test_ids_are_opaque_and_of_this_secret_only(place: Town, linked: Linked) -> None:
    alone = {"a": place.sources["a"].slice(0, 50)}
    ours, theirs = (
        set(partition(people(alone, settings=Settings(secret=key * 16))).values()) for key in (b"1", b"2")
    )
    assert len(ours) == len(theirs) == 50
    assert not ours & theirs
    assert all(
        len(name) == 32 and set(name) <= set("0123456789abcdef") for name in partition(linked).values()
    )


def test_rules_hold_in_every_cluster(place: Town, linked: Linked) -> None:
    """Never two records of a source that promised one a person."""
    seen = {(source, cluster) for (source, _), cluster in partition(linked).items()}
    assert len(seen) == linked.table.num_rows


def test_evidence_is_counts_and_adds_up(place: Town, linked: Linked) -> None:
    evidence = json.loads(json.dumps(linked.evidence))
    assert evidence["records"] == sum(evidence["records_by_rule"].values()) == linked.table.num_rows
    assert evidence["records_by_rule"]["splink"] > 100
    assert evidence["clusters"] == len(set(partition(linked).values()))
    assert sum(evidence["weights"].values()) == linked.pairs["rule"].to_pylist().count("splink")
    assert {name: held["records"] for name, held in evidence["sources"].items()} == {
        name: table.num_rows for name, table in place.sources.items()
    }
    text = json.dumps(evidence)
    assert not any(person.surname in text or person.nhs in text for person in place.people)


def test_progress_rises_to_one_and_nothing_else_is_said(
    place: Town, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    told: list[tuple[str, float]] = []
    alone = {name: table.slice(0, 200) for name, table in place.sources.items()}
    before = logging.getLogger("splink").level
    with warnings.catch_warnings(), caplog.at_level(logging.DEBUG):
        warnings.simplefilter("error")
        people(alone, settings=asked(), progress=lambda stage, done: told.append((stage, done)))
    shares = [done for _, done in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert not [record for record in caplog.records if record.name.startswith("splink")]
    assert capfd.readouterr() == ("", "")
    assert logging.getLogger("splink").level == before


def _one(source: str, *rows: dict[str, object]) -> dict[str, pa.Table]:
    return {
        source: pa.Table.from_pylist([{"record": f"{source}{at}", **row} for at, row in enumerate(rows)])
    }


ANN: dict[str, object] = {
    "forename": "Ann",
    "surname": "Smith",
    "born": "1950-01-02",
    "sex": "F",
    "postcode": "QN1 1AA",
}


def test_two_verified_numbers_are_never_one_person() -> None:
    """Everything else agrees, as it does for twins of one name or a record copied by mistake."""
    tables = _one("a", ANN | {"nhs_number": "9434765919"}) | _one("b", ANN | {"nhs_number": "9434765870"})
    assert len(set(partition(people(tables, settings=asked())).values())) == 2


def test_few_records_fall_back_to_documented_chances_and_say_so() -> None:
    tables = _one(
        "a", ANN, {"forename": "Tom", "surname": "Ashby", "born": "1980-03-04", "postcode": "QN1 2BB"}
    )
    tables |= _one(
        "b", ANN | {"address": "1 High St"}, {"forename": "Una", "surname": "Kelby", "born": "1999-09-09"}
    )
    linked = people(tables, settings=asked(linker="splink"))
    found = partition(linked)
    assert found[("a", "a0")] == found[("b", "b0")]
    assert len(set(found.values())) == 3
    assert linked.evidence["defaults_used_for"]


def test_twins_are_held_apart_though_all_but_the_forename_agrees(place: Town) -> None:
    """Ruth is known only to the second source, her twin only to the first; other twins show that there
    are such.
    """
    twin = ANN | {"surname": "Zzyzx", "address": "7 Elm Road", "born": "1999-05-06", "nhs_number": None}
    sources = dict(place.sources)
    for name, forename in (("a", "Philippa"), ("b", "Ruth")):
        row = pa.Table.from_pylist([twin | {"record": "twin", "forename": forename}])
        sources[name] = pa.concat_tables(
            [sources[name].cast(sources[name].schema), _like(row, sources[name])]
        )
    linked = people(sources, settings=asked(one_per_source=ALL))
    assert partition(linked)[("a", "twin")] != partition(linked)[("b", "twin")]
    assert linked.evidence["held_apart"]["twins"] >= 1


def _like(row: pa.Table, other: pa.Table) -> pa.Table:
    import datetime as dt

    values = row.to_pylist()[0]
    values["born"] = dt.date.fromisoformat(values["born"])
    return pa.Table.from_pylist(
        [{name: values.get(name) for name in other.column_names}], schema=other.schema
    )


def test_one_name_in_many_records_neither_links_nor_slows() -> None:
    """400 and more UNKNOWN people, and as many of one true name, are left to what else they say."""
    rows = [{"forename": "UNKNOWN", "surname": "Smith", "born": "1900-01-01", "postcode": "QN1 1AA"}] * 600
    tables = _one("a", *rows) | _one("b", *rows[:300])
    linked = people(tables, settings=asked(linker="splink"))
    assert len(set(partition(linked).values())) == 900


def test_a_column_of_nothing_is_left_out_and_named() -> None:
    tables = _one("a", ANN | {"uprn": None}, ANN) | _one("b", ANN | {"uprn": None})
    assert "uprn" in people(tables, settings=asked()).evidence["columns_missing"]


def test_empty_sources_are_linked_to_nothing() -> None:
    empty = pa.table({"record": pa.array([], pa.string()), "surname": pa.array([], pa.string())})
    assert people({"a": empty}, settings=asked()).table.num_rows == 0
    linked = people({"a": empty} | _one("b", ANN), settings=asked())
    assert linked.table.num_rows == 1


def test_records_with_no_identity_at_all_stay_alone() -> None:
    linked = people(_one("a", {"sex": "F"}, {"sex": None}) | _one("b", {"sex": "F"}), settings=asked())
    assert len(set(partition(linked).values())) == 3
    assert linked.evidence["unlinkable"] == 3


def test_repeated_and_missing_ids_are_all_told_at_once_without_values() -> None:
    twice = pa.table({"record": ["SECRET-1", "SECRET-1", "2"]})
    missing = pa.table({"record": ["1", None]})
    with pytest.raises(LinkError) as caught:
        people(
            {"a": twice, "b": missing, "c": pa.table({"id": ["1"]})},
            settings=asked(one_per_source=frozenset("d")),
        )
    assert [problem.code for problem in caught.value.problems] == ["REPEATED", "RECORD", "RECORD", "SOURCE"]
    assert "SECRET" not in str(caught.value)


def test_settings_refuse_what_cannot_be_meant_all_at_once() -> None:
    with pytest.raises(LinkError) as caught:
        asked(threshold=0.2, columns=("shoe_size",), communal=1, threads=0)
    assert [problem.code for problem in caught.value.problems] == [
        "THRESHOLD",
        "COLUMN",
        "COMMUNAL",
        "THREADS",
    ]
    assert SECRET.decode() not in repr(asked())


def test_an_unknown_linker_is_refused_with_what_there_is() -> None:
    with pytest.raises(UnknownName, match="nhs-then-splink"):
        people(_one("a", ANN), settings=asked(linker="nhs-and-splink"))
    assert list(linkers) == ["bills", "homes", "households", "nhs-then-splink", "splink"]
