"""Corrections stand, what is erased is nowhere, and nobody can tell who a severed person was."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
from link_example import SECRET
from test_link_decisions import ASKED, KEY, NUMBERS, act, groups, model, opened, rows, who

from sharewell.errors import LinkError
from sharewell.link.index import PersonIndex
from sharewell.link.index import store as store_module
from sharewell.link.index.schema import TABLES
from sharewell.link.trained import Model

assert model  # the fixture


def said(index: PersonIndex, source: str, record: str) -> dict[str, object]:
    table = index._store.con.execute(
        "SELECT * FROM idx.records WHERE source = ? AND record = ?", [source, record]
    ).to_arrow_table()
    return dict(table.to_pylist()[0])


def test_a_correction_stands_until_the_source_agrees_or_a_newer_one_comes(
    model: Model, tmp_path: Path
) -> None:
    wrong = rows("c1", surname="Wrong", born="1931-07-08")
    with opened(tmp_path / "index", model) as index:
        index.apply(rows("d1") | wrong, act=act())
        assert groups(index) == {frozenset({"c1"}), frozenset({"d1"})}
        right = said(index, "d", "1")
        index.correct("c", "1", {"surname": "Overbury", "born": "1937-02-11"}, act(2))
        assert said(index, "c", "1")["surname"] == "OVERBURY"
        index.correct("c", "1", {"surname": str(right["surname"]), "born": str(right["born"])}, act(3))
        joined = {frozenset({"c1", "d1"})}
        assert groups(index) == joined
        assert index.apply(wrong, act=act(4)).counts["unchanged"] == 1
        index.apply(rows("c1", surname="Wrong", born="1931-07-08", sex="F"), act=act(4))
        assert (groups(index), said(index, "c", "1")["sex"]) == (joined, "F")
        index.apply({}, removed={"c": ["1"]}, act=act(4))
        index.apply(wrong, act=act(4))
        assert groups(index) == joined
        index.apply(rows("c1", born="1931-07-08"), act=act(5))  # agrees in the surname alone
        index.apply(wrong, act=act(6))
        assert (said(index, "c", "1")["surname"], said(index, "c", "1")["born"]) == ("WRONG", right["born"])
        story = index.history(source="c", record="1").to_pylist()
        assert [row["kind"] for row in story].count("corrected") == 2


def test_a_correction_of_nothing_that_can_be_read_is_refused(model: Model, tmp_path: Path) -> None:
    with opened(tmp_path / "index", model) as index:
        index.apply(rows("c1"), act=act())
        for fields in ({"born": "31 Febtember"}, {"colour": "red"}, {}):
            with pytest.raises(LinkError) as caught:
                index.correct("c", "1", fields, act(2))
            assert [problem.code for problem in caught.value.problems] == ["FIELDS"]
            assert "Febtember" not in str(caught.value)
        index.correct("c", "1", {"born": None}, act(2))
        assert said(index, "c", "1")["born"] is None
        with pytest.raises(LinkError) as caught:
            index.correct("c", "9", {"born": None}, act(3))
        assert [problem.code for problem in caught.value.problems] == ["RECORD"]


class Plain(store_module.Store):
    """A file that is not encrypted, so that it can be searched."""

    def _attach(self, key: bytes) -> None:
        self.con.execute(f"ATTACH '{self.path}' AS idx")
        self._lay()


def test_what_is_erased_is_in_no_table_and_no_free_page(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sharewell.link.index.person_index.Store", Plain)
    path, told = tmp_path / "index", {"surname": "Zzyzxville", "alias": "Quuxbody Zzyzxville"}
    target = rows("c1", **told)["c"].set_column(0, "record", pa.array(["record-qqq-77"]))
    with opened(path, model) as index:
        both = pa.concat_tables([target, rows("c2")["c"]], promote_options="default")
        index.apply({**rows("d1", "d2"), "c": both}, act=act())
        index.correct("c", "record-qqq-77", {"forename": "Wolfbane"}, act(2))
        index.same(("c", "record-qqq-77"), ("d", "2"), act(3))
        owner = {row["record"]: row["person"] for row in index.people().to_pylist()}["record-qqq-77"]
        index._store.con.execute("CHECKPOINT idx")
        secrets = [b"ZZYZXVILLE", b"QUUXBODY", b"WOLFBANE", b"record-qqq-77"]
        assert all(secret in path.read_bytes() for secret in secrets)
        change = index.erase("c", "record-qqq-77", act(4))
        assert change.counts["removed"] == 1
        index._store.con.execute("CHECKPOINT idx")
        assert not any(secret in file.read_bytes() for secret in secrets for file in tmp_path.iterdir())
        assert change.superseded.num_rows < 2
        assert index.apply({"c": target}, act=act(5)).counts["erased"] == 1
        assert "record-qqq-77" not in index.people()["record"].to_pylist()
        assert index.as_of(act(3).at)["record"].to_pylist() == ["2", "1", "2"]
        kinds = index.history(person=owner).to_pylist()
        assert [row["record"] for row in kinds if row["kind"] == "erased"] == [None]
        index.erase("c", "record-qqq-77", act(6))  # again: finishes what a crash had left
        index.readmit("c", "record-qqq-77", act(7))
        assert index.apply({"c": target}, act=act(8)).counts["new"] == 1
        for asked in (index.erase, index.readmit):
            with pytest.raises(LinkError) as caught:
                asked("c", "nobody", act(9))
            assert [problem.code for problem in caught.value.problems] == ["RECORD"]
    with PersonIndex.open(path, key=KEY, secret=SECRET) as index:
        assert index.people().num_rows == 4


def test_the_file_written_anew_holds_all_else_and_opens_under_the_same_key(
    model: Model, tmp_path: Path
) -> None:
    with opened(tmp_path / "index", model) as index:
        index.apply(rows("c1", "c2", "c3", "d1", nhs_number=NUMBERS[0]), act=act())

        def everything() -> list[object]:
            told = ("runs", "events", "tombstones", "sources")  # the act itself
            names = [name for name in TABLES if name not in told]
            return [index._store.con.execute(f"FROM idx.{name} ORDER BY ALL").fetchall() for name in names]

        index.erase("c", "2", act(2))
        before = everything()
        index.erase("c", "2", act(3))
        assert everything() == before
    with pytest.raises(LinkError, match="KEY"):
        PersonIndex.open(tmp_path / "index", key=b"z" * 32, secret=SECRET)
    assert [file.name for file in tmp_path.iterdir()] == ["index"]


def connections(index: PersonIndex, *names: str) -> set[str]:
    """Every id that history tells of these people and records."""
    found: set[str] = set()
    for name in names:
        for row in index.history(person=name).to_pylist():
            found |= {row["person"], row["other"]}
    return found - {None}


def test_nobody_can_tell_who_a_severed_person_was(model: Model, tmp_path: Path) -> None:
    number = {"nhs_number": NUMBERS[0]}
    with opened(tmp_path / "index", model) as index:
        index.apply(rows("e1", surname="Newname", forename="Newton", alias="Colin Overbury"), act=act(1))
        first = who(index)["e1"]  # known for a while as somebody alone
        index.apply(rows("c1", "d1", **number), act=act(2))
        index.apply(rows("e1", **number), act=act(3))
        old = who(index)["c1"]
        assert who(index)["e1"] == old
        assert index.person(first) == old or first == old
        change = index.sever("e", "1", replace(act(4), reason="a certificate"), "gender recognition")
        new = who(index)["e1"]
        old = who(index)["c1"]
        assert new not in (old, first) or first != old
        pairs = {(row["old"], row["new"]) for row in change.superseded.to_pylist()}
        assert not any(new in each for each in pairs)

        def nothing_ties() -> None:
            assert who(index)["e1"] == new
            assert {who(index)["c1"], who(index)["d1"]} == {old}
            assert connections(index, new) == {new}
            assert new not in connections(index, old, *([first] if first != new else []))
            story = index.history(source="e", record="1").to_pylist()
            assert {row["person"] for row in story} == {new}
            assert {row["reason"] for row in story if row["at"] == act(4).at} == {""}
            for source in "cd":
                told = index.history(source=source, record="1").to_pylist()
                assert new not in {row["person"] for row in told} | {row["other"] for row in told}
            for day in (1, 2, 3):
                past = index.as_of(act(day).at).to_pylist()
                assert ("e", "1") not in {(row["source"], row["record"]) for row in past}
                assert new not in {row["person"] for row in past}
            assert index.as_of(act(28).at).equals(index.people())
            edges = index.scored().to_pylist()
            assert not any({row["source_l"], row["source_r"]} & {"e"} for row in edges)
            for said in (rows("e1", **number), rows("c1")):
                answer = next(iter(said.values())).to_pylist()[0]
                asked = {name: str(value) for name, value in answer.items() if value is not None}
                found = {each.person for each in index.match(asked, act=act(5)).candidates}
                assert len(found & {new, old}) == 1

        nothing_ties()
        index.apply(rows("e1", alias="Colin Overbury", sex="F", **number), act=act(6))
        index.apply({**rows("d1", sex="M", **number), **rows("c1", sex="M", **number)}, act=act(7))
        index.adopt(model, ASKED, act(8))
        nothing_ties()
        index.same(("e", "1"), ("c", "1"), act(9))  # someone who thinks otherwise changes nothing
        assert who(index)["e1"] == new != who(index)["c1"]
        with pytest.raises(LinkError) as caught:
            index.sever("e", "1", act(10), "a whim")
        assert [problem.code for problem in caught.value.problems] == ["GROUNDS"]
