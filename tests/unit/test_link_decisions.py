"""Stewards' decisions: followed by every later run, the later over the earlier, and never guessed at."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from link_example import SECRET, asked, town

from sharewell.errors import LinkError
from sharewell.link.index import Act, PersonIndex
from sharewell.link.trained import Model

KEY = b"k" * 32
ASKED = asked(one_per_source=frozenset("ab"))
NUMBERS = ("9434765919", "9434765870")
Row = dict[str, Any]


def act(day: int = 1) -> Act:
    return Act("steward", "index of the town", dt.datetime(2026, 1, day, tzinfo=dt.UTC))


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    path = tmp_path_factory.mktemp("model") / "index"
    with PersonIndex.open(path, key=KEY, secret=SECRET) as index:
        index.train(town(150).sources, ASKED, act())
        return index.model


def opened(path: Path, model: Model) -> PersonIndex:
    index = PersonIndex.open(path, key=KEY, secret=SECRET, uuids=random.Random(1))
    index.adopt(model, ASKED, act())
    return index


def rows(*names: str, **said: object) -> dict[str, pa.Table]:
    """A record for each name such as 'c1': source c, record 1, of a stranger to the others."""
    surnames = ["Kelby", "Overbury", "Ashcombe", "Dunfield", "Fernham", "Glenshaw", "Thornwell", "Oakmore"]
    forenames = ["Ruth", "Colin", "Edith", "Bruce", "Ivy", "Felix", "Paula", "Seth"]
    held: dict[str, list[Row]] = {}
    for name in names:
        at = int(name[1:])
        row = {"record": name[1:], "forename": forenames[at % 8], "surname": surnames[at * 5 % 8]}
        row |= {"born": f"19{30 + at * 7 % 60}-0{1 + at % 9}-1{at % 9}", "postcode": f"QN{at % 9 + 1} 1AA"}
        held.setdefault(name[0], []).append(row | {"nhs_number": None} | said)
    return {source: pa.Table.from_pylist(table) for source, table in held.items()}


def who(index: PersonIndex) -> dict[str, str]:
    return {row["source"] + row["record"]: row["person"] for row in index.people().to_pylist()}


def groups(index: PersonIndex) -> set[frozenset[str]]:
    people: dict[str, set[str]] = {}
    for name, person in who(index).items():
        people.setdefault(person, set()).add(name)
    return {frozenset(names) for names in people.values()}


def pair(left: str, right: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return (left[0], left[1:]), (right[0], right[1:])


def frozen(index: PersonIndex) -> set[str]:
    found = index._store.con.execute(
        "SELECT source || record FROM idx.records JOIN idx.members USING (rid) JOIN"
        " idx.persons USING (person)"
        " WHERE frozen"
    ).fetchall()
    return {row[0] for row in found}


def attention(index: PersonIndex) -> dict[str, set[str]]:
    shown: dict[str, set[str]] = {}
    for row in index.attention().to_pylist():
        assert who(index)[row["source"] + row["record"]] == row["person"]
        shown.setdefault(row["reason"], set()).add(row["source"] + row["record"])
    return shown


def test_the_later_word_supersedes_and_undo_takes_it_back(model: Model, tmp_path: Path) -> None:
    with opened(tmp_path / "index", model) as index:
        index.apply(rows("c1", "c2"), act=act())
        apart = {frozenset({"c1"}), frozenset({"c2"})}
        one = {frozenset({"c1", "c2"})}
        assert groups(index) == apart
        index.same(*pair("c1", "c2"), act(2))
        assert groups(index) == one
        index.different(*pair("c2", "c1"), act(3))
        assert groups(index) == apart
        assert attention(index) == {}
        index.same(*pair("c1", "c2"), act(4))
        assert groups(index) == one
        told = index.history(source="c", record="1").to_pylist()
        kinds = [row["kind"] for row in told if row["kind"] in ("same", "different")]
        assert kinds == ["same", "different", "same"]
        index.undo(max(row["seq"] for row in told if row["kind"] == "same"), act(5))
        assert groups(index) == apart
        index.adopt(model, ASKED, act(6))
        assert groups(index) == apart
        with pytest.raises(LinkError, match="no longer in force"):
            index.undo(max(row["seq"] for row in told if row["kind"] == "same"), act(7))
        assert index.history(source="c", record="1").to_pylist()[-1]["kind"] == "withdrawn"


def test_undoing_a_merge_ends_the_decision_that_made_it_and_one_word_joins_again(
    model: Model, tmp_path: Path
) -> None:
    with opened(tmp_path / "index", model) as index:
        index.apply(rows("c1", "c2", "d1", "d2"), act=act())
        apart = {frozenset({"c1", "d1"}), frozenset({"c2", "d2"})}
        assert groups(index) == apart
        index.same(*pair("c1", "c2"), act(2))
        assert groups(index) == {frozenset({"c1", "c2", "d1", "d2"})}
        story = index.history(person=who(index)["c1"]).to_pylist()
        index.undo(next(row["seq"] for row in story if row["kind"] == "merged"), act(3))
        assert (groups(index), attention(index)) == (apart, {})
        index.same(*pair("d2", "d1"), act(4))
        assert (groups(index), attention(index)) == ({frozenset({"c1", "c2", "d1", "d2"})}, {})


def test_contradictions_freeze_and_are_shown_with_their_reasons(model: Model, tmp_path: Path) -> None:
    with opened(tmp_path / "index", model) as index:
        index.apply(rows("c1", "c2", "c3", "a4", "a5", "d6", "d7", "d0"), act=act())
        index.apply(rows("d6", nhs_number=NUMBERS[0]), act=act())
        index.apply(rows("d7", nhs_number=NUMBERS[1]), act=act())
        for left, right in (("c1", "c2"), ("c2", "c3"), ("a4", "a5"), ("d6", "d7")):
            index.same(*pair(left, right), act(2))
        index.different(*pair("c1", "c3"), act(2))
        assert attention(index) == {
            "decided to be one and to be two": {"c1", "c2", "c3"},
            "decided to be one, with two verified numbers": {"d6", "d7"},
            "decided to be one, with two records of a source that holds everyone once": {"a4", "a5"},
        }
        assert frozen(index) == {"c1", "c2", "c3", "a4", "a5", "d6", "d7"}
        assert all(len(group) == 1 for group in groups(index))
        index.different(*pair("a4", "a5"), act(3))
        index.same(*pair("c1", "c3"), act(3))
        assert attention(index).keys() == {"decided to be one, with two verified numbers"}
        assert frozenset({"c1", "c2", "c3"}) in groups(index)
        assert frozen(index) == {"d6", "d7"}


def test_a_decision_is_about_two_records_that_are_known(model: Model, tmp_path: Path) -> None:
    with opened(tmp_path / "index", model) as index:
        index.apply(rows("c1"), act=act())
        for right, code in (("c1", "SAME"), ("c9", "RECORD")):
            with pytest.raises(LinkError) as caught:
                index.same(*pair("c1", right), act(2))
            assert [problem.code for problem in caught.value.problems] == [code]
        assert index.history(source="c", record="1")["kind"].to_pylist() == ["joined"]


NAMES = ["a1", "a2", "b1", "b2", "c1", "c2", "c3", "d4"]
WORDS = st.lists(
    st.tuples(
        st.sampled_from(["same", "different"]), st.sampled_from(NAMES), st.sampled_from(NAMES)
    ).filter(lambda word: word[1] != word[2]),
    min_size=1,
    max_size=4,
)


@pytest.mark.long
@given(WORDS, st.integers(0, 3))
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_decisions_before_or_after_the_deliveries_give_the_same_people(
    model: Model, tmp_path_factory: pytest.TempPathFactory, words: list[tuple[str, str, str]], cut: int
) -> None:
    folder = tmp_path_factory.mktemp("words")

    def decide(index: PersonIndex) -> None:
        for kind, left, right in words:
            (index.same if kind == "same" else index.different)(*pair(left, right), act())

    def deliver(index: PersonIndex) -> None:
        index.apply(rows("b1", "c2", nhs_number=NUMBERS[cut % 2]), act=act())
        index.apply({}, removed={"c": ["1"], "d": ["4"]}, act=act())
        index.apply(rows("c1", "d4", surname="Newton"), act=act())
        index.apply(rows("a9", "b9"), act=act())

    found = []
    for name, steps in (("before", (decide, deliver)), ("after", (deliver, decide))):
        with opened(folder / name, model) as index:
            index.apply(rows(*NAMES), act=act())
            for step in steps:
                step(index)
            shown = {names for each in attention(index).values() for names in each}
            assert frozen(index) == shown
            found.append((groups(index), attention(index)))
            assert index.as_of(act().at).equals(index.people())
    assert found[0] == found[1]
