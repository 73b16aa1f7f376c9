"""The person index end to end: planted people found, history and undo, new models, bad input refused."""

from __future__ import annotations

import datetime as dt
import os
import stat
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from link_example import SECRET, asked, quality, town

from sharewell.errors import LinkError
from sharewell.link import Linked
from sharewell.link.index import Act, PersonIndex
from sharewell.link.index.intake import mac, spelt
from sharewell.link.trained import Model

KEY = b"k" * 32
ASKED = asked(one_per_source=frozenset("abc"))


def act(day: int = 1, reason: str = "") -> Act:
    return Act("steward", "index of the town", dt.datetime(2026, 1, day, tzinfo=dt.UTC), reason)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Model]:
    """An index of a thousand records, closed, and its model."""
    path = tmp_path_factory.mktemp("index") / "people"
    with opened(path) as index:
        index.train(town(200).sources, ASKED, act())
        return path, index.model


def opened(path: Path, key: bytes = KEY) -> PersonIndex:
    return PersonIndex.open(path, key=key, secret=SECRET)


def fresh(path: Path, model: Model, *sources: pa.Table) -> PersonIndex:
    index = opened(path)
    index.adopt(model, asked(), act())
    for name, table in zip("abc", sources, strict=False):
        index.apply({name: table}, act=act())
    return index


def one(record: str, **said: object) -> pa.Table:
    row = {
        "forename": "Ruth",
        "surname": "Kelby",
        "born": "1980-02-03",
        "postcode": "QN1 1AA",
        "nhs_number": None,
    }
    return pa.Table.from_pylist([row | {"address": "7 Elm Road", "record": record} | said])


def person(index: PersonIndex, source: str, record: str) -> str:
    names = {(row["source"], row["record"]): str(row["person"]) for row in index.people().to_pylist()}
    return names[source, record]


def codes(error: pytest.ExceptionInfo[LinkError]) -> list[str]:
    return [problem.code for problem in error.value.problems]


def test_planted_people_are_found_and_remembered(place: tuple[Path, Model]) -> None:
    truth = town(200).truth
    with opened(place[0]) as index:
        people = index.people()
        precision, recall = quality(
            Linked(people.rename_columns(["source", "record", "cluster"]), {}, pa.table({})), truth
        )
        assert people.num_rows == len(truth) > 950
        assert precision >= 0.998
        assert recall >= 0.99
        assert index.as_of(act().at).equals(people)
        assert index.as_of(act().at - dt.timedelta(seconds=1)).num_rows == 0


def test_nothing_can_be_read_without_the_key_and_nobody_else_may_look(place: tuple[Path, Model]) -> None:
    path = place[0]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    content = path.read_bytes()
    assert not any(person.surname.upper().encode() in content for person in town(200).people[:50])
    with pytest.raises(LinkError) as caught:
        opened(path, b"z" * 32)
    assert codes(caught) == ["KEY"]


def test_two_at_once_are_refused(tmp_path: Path) -> None:
    with opened(tmp_path / "index"):
        with pytest.raises(LinkError) as caught:
            opened(tmp_path / "index")
        assert codes(caught) == ["BUSY"]


def test_what_is_no_index_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no database" * 1000)
    duckdb.connect(str(tmp_path / "plain")).close()
    with opened(tmp_path / "newer") as index:
        index._store.con.execute("UPDATE idx.meta SET value = 99 WHERE name = 'format'")
    for name in ("text", "plain", "newer"):
        with pytest.raises(LinkError) as caught:
            opened(tmp_path / name)
        assert codes(caught) == ["FORMAT"]
    with pytest.raises(LinkError) as caught:
        opened(tmp_path / "nowhere" / "index")
    assert codes(caught) == ["STORAGE"]


def test_ids_are_random_and_of_no_record(place: tuple[Path, Model], tmp_path: Path) -> None:
    found = []
    for name in ("one", "two"):
        with fresh(tmp_path / name, place[1], one("1")) as index:
            found.append(person(index, "a", "1"))
    assert found[0] != found[1]


def test_a_merge_forwards_for_ever_and_history_tells_it(place: tuple[Path, Model], tmp_path: Path) -> None:
    with fresh(
        tmp_path / "index", place[1], one("1", born=None, address=None), one("2", postcode=None)
    ) as index:
        old, young = person(index, "a", "1"), person(index, "b", "2")
        assert old != young
        change = index.apply({"a": one("1")}, act=act(2, "she told us"))
        assert change.superseded.to_pylist() == [{"old": young, "new": old}]
        assert person(index, "b", "2") == old == index.person(young)
        assert {row["person"] for row in index.as_of(act().at).to_pylist()} == {old, young}
        story = index.history(person=young).to_pylist()
        assert [row["kind"] for row in story][-1:] == ["merged"]
        assert story[-1] | {"reason": "she told us", "other": young, "person": old} == story[-1]
        assert story[-1]["at"] == act(2).at
        joined = index.history(source="b", record="2").to_pylist()[0]
        assert (joined["kind"], joined["person"], joined["model"]) == ("joined", young, index.model.version)


@pytest.mark.long
def test_undoing_a_merge_parts_the_two_for_good(place: tuple[Path, Model], tmp_path: Path) -> None:
    number = {"nhs_number": "9434765919"}
    for at, told in enumerate(({}, number)):  # joined by weight, and by a verified number
        with fresh(
            tmp_path / str(at), place[1], one("1"), one("2", forename="Zoe", born="1931-07-08")
        ) as index:
            old, young = person(index, "a", "1"), person(index, "b", "2")
            index.apply({"a": one("1", **told), "b": one("2", **told)}, act=act(2))
            assert person(index, "b", "2") == old != young
            seq = next(
                row["seq"] for row in index.history(person=old).to_pylist() if row["kind"] == "merged"
            )
            change = index.undo(seq, act(3, "sisters"))
            assert change.counts["split"] == 1
            assert person(index, "a", "1") == old
            assert person(index, "b", "2") not in (old, young)
            index.apply({"c": one("3", **told)}, act=act(4))
            index.adopt(index.model, index.settings, act(5))
            assert person(index, "a", "1") != person(index, "b", "2")
            with pytest.raises(LinkError) as caught:
                index.undo(1, act(6))
            assert codes(caught) == ["UNDO"]


def decide(index: PersonIndex, kind: str, left: str, right: str) -> None:
    sides = [*left.split(), *right.split()]
    index._store.con.execute("INSERT INTO idx.decisions VALUES (1, ?, ?, ?, ?, ?, 1, NULL)", [kind, *sides])
    index.adopt(index.model, index.settings, act(2))


def test_a_stewards_word_is_followed_by_every_later_run(place: tuple[Path, Model], tmp_path: Path) -> None:
    with fresh(
        tmp_path / "same", place[1], one("1"), one("2", surname="Overbury", forename="Zoe")
    ) as index:
        assert person(index, "a", "1") != person(index, "b", "2")
        decide(index, "same", "a 1", "b 2")
        assert person(index, "a", "1") == person(index, "b", "2")
        index.apply({"b": one("2", surname="Ashby", forename="Una")}, act=act(3))
        index.apply({}, removed={"a": ["1"]}, act=act(3))
        index.apply({"a": one("1")}, act=act(3))
        assert person(index, "a", "1") == person(index, "b", "2")


def test_a_word_against_two_verified_numbers_freezes_both(
    place: tuple[Path, Model], tmp_path: Path
) -> None:
    numbers = {"1": "9434765919", "2": "9434765870"}
    tables = [one(record, nhs_number=number) for record, number in numbers.items()]
    with fresh(tmp_path / "index", place[1], *tables) as index:
        decide(index, "same", "a 1", "b 2")
        assert person(index, "a", "1") != person(index, "b", "2")
        for source, record in (("a", "1"), ("b", "2")):
            story = index.history(person=person(index, source, record)).to_pylist()
            assert [row["kind"] for row in story][-1] == "frozen"
        change = index.apply({"b": one("2", nhs_number=numbers["1"])}, act=act(3))
        assert (
            person(index, "a", "1")
            == person(index, "b", "2")
            == index.person(change.superseded["old"][0].as_py())
        )
        assert index.history(person=person(index, "a", "1")).to_pylist()[-1]["kind"] == "thawed"


def test_a_source_that_surges_empties_or_loses_a_field_is_refused_whole(
    place: tuple[Path, Model], tmp_path: Path
) -> None:
    table = town(40).sources["a"]
    few, none = table.slice(0, 8), table.slice(0, 0)
    blank = table.set_column(table.column_names.index("born"), "born", pa.nulls(len(table), pa.date32()))
    with fresh(tmp_path / "index", place[1], few) as index:
        before = index.people()
        with pytest.raises(LinkError, match=f"held 8 records and now brings {len(table)}") as caught:
            index.apply({"a": table}, whole=True, act=act(2))
        assert codes(caught) == ["SURGE"]
        with pytest.raises(LinkError, match="held 8 records and now brings 0"):
            index.apply({"a": none}, whole=True, act=act(2))
        with pytest.raises(LinkError, match="says nothing in born") as caught:
            index.apply({"a": blank}, act=act(2))
        assert codes(caught) == ["LOST"]
        assert index.people().equals(before)
        index.apply({"a": none}, whole=True, act=act(2), allow_surge=True)
        assert index.people().num_rows == 0


def test_repeated_ids_an_old_act_and_a_model_of_other_fields_change_nothing(
    place: tuple[Path, Model], tmp_path: Path
) -> None:
    with fresh(tmp_path / "index", place[1], one("1")) as index:
        with pytest.raises(LinkError) as caught:
            index.apply({"a": pa.concat_tables([one("2"), one("2")])}, act=act(2))
        assert codes(caught) == ["REPEATED"]
        index.apply({"b": one("2")}, act=act(3))
        with pytest.raises(LinkError) as caught:
            index.apply({"b": one("3")}, act=act(2))
        assert codes(caught) == ["ORDER"]
        other = replace(place[1], settings={**place[1].settings, "comparisons": [_OTHER]}, guards={})
        with pytest.raises(LinkError) as caught:
            index.adopt(other, asked(), act(4))
        assert codes(caught) == ["FIELDS"]
        assert [row["record"] for row in index.people().to_pylist()] == ["1", "2"]
    with opened(tmp_path / "empty") as index, pytest.raises(LinkError) as caught:
        index.apply({"a": one("1")}, act=act())
    assert codes(caught) == ["MODEL"]


_OTHER = {
    "output_column_name": "other_id",
    "comparison_levels": [
        {"sql_condition": "other_id_l IS NULL OR other_id_r IS NULL", "is_null_level": True},
        {"sql_condition": "other_id_l = other_id_r", "m_probability": 0.9, "u_probability": 0.01},
        {"sql_condition": "ELSE", "m_probability": 0.1, "u_probability": 0.99},
    ],
}


def test_an_act_says_who_under_what_and_when() -> None:
    with pytest.raises(LinkError) as caught:
        Act("", "x", dt.datetime(2026, 1, 1))
    assert codes(caught) == ["ACT", "ACT"]


def test_under_a_new_model_an_old_join_needs_less_than_a_new_one(
    place: tuple[Path, Model], tmp_path: Path
) -> None:
    with fresh(
        tmp_path / "old", place[1], one("1", postcode=None, address=None), one("2", postcode=None)
    ) as index:
        weight = index._store.con.execute("SELECT weight FROM idx.edges").fetchall()[0][0]
        assert person(index, "a", "1") == person(index, "b", "2")
        for above, stays in ((1.5, True), (2.5, False)):
            odds = 2 ** (weight + above)
            index.adopt(replace(place[1], threshold=odds / (1 + odds)), asked(), act(2))
            assert (person(index, "a", "1") == person(index, "b", "2")) is stays
        index.adopt(
            replace(place[1], threshold=2 ** (weight + 1.5) / (1 + 2 ** (weight + 1.5))), asked(), act(3)
        )
        assert person(index, "a", "1") != person(index, "b", "2"), "a new join needs the full threshold"


def test_an_alias_is_compared_too(place: tuple[Path, Model], tmp_path: Path) -> None:
    said = {"surname": "Overbury", "postcode": "QN9 9ZZ", "address": None}
    for alias in (None, "Ruth Kelby"):
        with fresh(tmp_path / str(alias), place[1], one("1"), one("2", alias=alias, **said)) as index:
            assert (person(index, "a", "1") == person(index, "b", "2")) is (alias is not None)
            index.apply({"a": one("1", sex="F")}, act=act(2))
            assert (person(index, "a", "1") == person(index, "b", "2")) is (alias is not None)


def test_the_digest_is_hmac_sha256_and_no_two_rows_are_spelt_alike() -> None:
    import hmac

    with duckdb.connect() as con:
        for secret in (SECRET, b"x" * 100):
            made = con.execute(f"SELECT {mac(secret, 'content', 'x')} FROM (SELECT 'Zoë' AS x)").fetchall()[
                0
            ][0]
            assert made == hmac.digest(secret, "content:Zoë".encode(), "sha256")[:16]
        rows = con.execute(
            f"SELECT count(DISTINCT {spelt(['a', 'b'])}) FROM (VALUES ('ab', 'c'), ('a', 'bc'), (NULL,"
            " 'abc'),"
            " ('abc', NULL), ('', 'abc'), ('-', NULL), (NULL, NULL)) t(a, b)"
        ).fetchall()
    assert rows[0][0] == 7


def test_no_value_is_in_a_fault(place: tuple[Path, Model], tmp_path: Path) -> None:
    with fresh(tmp_path / "index", place[1], one("1")) as index:
        index._store.con.execute("DROP TABLE idx.members")
        with pytest.raises(LinkError) as caught:
            index.apply({"a": one("SECRET-7")}, act=act(2))
    assert "SECRET" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert os.environ.get("HOME", "/nowhere") not in str(caught.value)
