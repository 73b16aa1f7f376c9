"""One record asked after gets the fields, the pairs and the weights that a delivery of it would."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from link_example import SECRET, asked, town

from sharewell.link import standardise
from sharewell.link.index import Act, PersonIndex, edges
from sharewell.link.index.reading import Reader
from sharewell.link.settings import IDENTITY
from sharewell.link.standardise import FIELDS
from sharewell.link.trained import Model

ACT = Act("clerk", "index of the town", dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
KEY = b"k" * 32
ASKED = asked()
TOWN = town(60, seed=5, nhs_missing=(0.2, 0.4, 0.6))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    with PersonIndex.open(tmp_path_factory.mktemp("model") / "index", key=KEY, secret=SECRET) as index:
        index.train(town(200).sources, ASKED, ACT)
        return index.model


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with duckdb.connect() as con:
        yield Reader(con, IDENTITY)


TEXT = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        (
            "Bob",
            "O\u2019Neill",
            "SMITH, Zoë",
            "MRS J SMITH",
            "Smith aka Jones",
            "1980-02-03",
            "3/2/1980",
            "19800203",
            "Ωmega",
            "李 小龙",
            "Dr",
            "1",
            "F",
            "qn1 1aa",
            "Flat 3, 12 High St QN1 1AA",
            "UNKNOWN",
            "9434765919",
            "943 476 5919",
            "12345.0",
            "",
            " ",
            "née Brown",
            "Anna (Jones)",
            "John or Jon Smith",
            "Ivan Иванов",
        )
    ),
)


@given(st.dictionaries(st.sampled_from(IDENTITY), TEXT, max_size=9))
@settings(max_examples=12, deadline=None)
def test_one_record_is_read_as_a_delivery_of_it_would_be(reader: Reader, identity: dict[str, str]) -> None:
    row = {name: pa.array([value], pa.string()) for name, value in identity.items()}
    with duckdb.connect() as con:
        standardise.load(con, {"a": pa.table({"record": ["1"], **row})}, IDENTITY)
        columns = ", ".join(FIELDS)
        loaded = con.execute(f"SELECT {columns} FROM records").fetchall()
        said = ", ".join(FIELDS[1:])
        loaded += con.execute(
            f"SELECT nhs, {said} FROM (SELECT rid, {said} FROM aliases JOIN identities USING (identity))"
            " JOIN (SELECT rid, nhs FROM rows) USING (rid)"
        ).fetchall()
    assert [tuple(face[name] for name in FIELDS) for face in reader.read(identity)] == loaded


def text(row: dict[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in row.items() if value is not None and name != "record"}


@pytest.mark.long
def test_weights_are_those_of_a_delivery_pair_by_pair(model: Model, tmp_path: Path) -> None:
    tables = {"a": TOWN.sources["a"], "b": TOWN.sources["b"]}
    alias = TOWN.sources["c"].slice(0, 10).to_pylist()
    late = [row | {"alias": "Ruth " + str(alias[at - 1]["surname"])} if at % 5 == 0 else row
            for at, row in enumerate(alias)]  # fmt: skip
    with PersonIndex.open(tmp_path / "index", key=KEY, secret=SECRET) as index:
        index.adopt(model, ASKED, ACT)
        index.apply(tables, act=ACT)
        compared = 0
        answers = [index.match(text(row), act=ACT, most=100).candidates for row in late]
        for row, answer in zip(late, answers, strict=True):
            index.apply({"c": pa.Table.from_pylist([row])}, act=ACT)
            found = dict(
                index._store.con.execute(
                    "SELECT p.uuid::VARCHAR, max(weight) FROM idx.edges JOIN idx.records n ON n.source ="
                    " 'c'"
                    " AND n.rid IN (l, r) JOIN idx.members m ON m.rid = CASE WHEN l = n.rid THEN r ELSE l"
                    " END"
                    " JOIN idx.persons p ON p.person = m.person GROUP BY ALL"
                ).fetchall()
            )
            here = {
                each["record"]: each["person"]
                for each in index.people().to_pylist()
                if each["source"] == "c"
            }
            weights = {each.person: each.weight for each in answer if each.probability < 1.0}
            assert weights == {who: weight for who, weight in found.items() if who in weights}
            certain = {each.person for each in answer if each.probability == 1.0}
            assert set(found) <= set(weights) | certain
            best = answer[0] if answer else None
            joined = best is not None and best.probability >= model.threshold
            assert (joined and best is not None and best.person == here[str(row["record"])]) or not joined
            compared += len(weights)
            index.apply({}, removed={"c": [str(row["record"])]}, act=ACT)
        assert compared > 5


def test_a_verified_number_names_its_person_unless_it_is_plainly_another(
    model: Model, tmp_path: Path
) -> None:
    row = {"forename": "Ruth", "surname": "Kelby", "born": "1980-02-03", "sex": "F", "postcode": "QN1 1AA"}
    known = row | {"nhs_number": "943 476 5919"}
    other = {"forename": "Colin", "surname": "Ashcombe", "born": "1931-07-08", "nhs_number": "9434765919"}
    with PersonIndex.open(tmp_path / "index", key=KEY, secret=SECRET) as index:
        index.adopt(model, ASKED, ACT)
        assert index.match(known, act=ACT).candidates == ()
        index.apply({"a": pa.Table.from_pylist([known | {"record": "1"}])}, act=ACT)
        index.apply(
            {"b": pa.Table.from_pylist([row | {"record": "1", "nhs_number": "9434765870"}])}, act=ACT
        )
        one, two = (person.as_py() for person in index.people()["person"])
        named = index.match({"nhs_number": "9434765919", "surname": "Overbury"}, act=ACT).candidates
        assert [(each.person, each.probability, each.records) for each in named] == [(one, 1.0, 1)]
        assert [each.person for each in index.match(known, act=ACT).candidates] == [one]
        assert {each.person for each in index.match(row, act=ACT).candidates} == {one, two}
        assert len(index.match(row, act=ACT, most=1).candidates) == 1
        assert index.match(other, act=ACT).candidates == ()
        answer = index.match(row, act=ACT)
        assert answer.counts == {"weighed": 2, "people": 2}
        index.apply({"c": pa.Table.from_pylist([other | {"record": "1"}])}, act=ACT)  # now nobody's
        assert all(each.probability < 1.0 for each in index.match(known, act=ACT).candidates)


def test_a_crowded_key_brings_nobody(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edges, "GROWN", 4)
    row = {"forename": "Ruth", "surname": "Kelby", "born": "1980-02-03"}
    with PersonIndex.open(tmp_path / "index", key=KEY, secret=SECRET) as index:
        index.adopt(model, ASKED, ACT)
        for count in (3, 4):
            table = pa.Table.from_pylist([row | {"record": str(at)} for at in range(count)])
            index.apply({"a": table}, act=ACT)
            assert index.match(row, act=ACT).counts["weighed"] == (3 if count == 3 else 0)
