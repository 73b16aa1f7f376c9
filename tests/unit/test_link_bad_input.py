"""Bad input to a linking is seen, said in counts, and corrupts nothing: neither its people nor others."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Callable
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from link_example import Town, asked, partition, quality, town

from sharewell.errors import LinkError
from sharewell.link import Linked, doubts, people, standardise
from sharewell.link.settings import IDENTITY

Tables = dict[str, pa.Table]
Told = list[dict[str, Any]]
ALL = frozenset("abc")
ODD_NAME = "d'\"; DROP TABLE rows; --"


@pytest.fixture(scope="module")
def place() -> Town:
    return town(300)


def noticed(tables: Tables) -> tuple[pa.Table, Told]:
    """The records as they would be linked, and the doubts."""
    with duckdb.connect() as con:
        clean, before = doubts.prepare(con, tables, IDENTITY)
        _, after = doubts.notice(con, standardise.load(con, clean, IDENTITY))
        records = con.sql("FROM records ORDER BY rid").to_arrow_table()
    return records, json.loads(json.dumps(doubts.told([*before, *after])))


def put(tables: Tables, source: str, column: str, make: Callable[[int, Any], object]) -> Tables:
    """The tables with one column of one source made anew from place and value."""
    table = tables[source]
    values = pa.array([make(at, value) for at, value in enumerate(table[column].to_pylist())])
    return tables | {source: table.set_column(table.column_names.index(column), column, values)}


def where(held: list[bool], new: str) -> Callable[[int, Any], object]:
    return lambda at, value: new if held[at] else value


def taken(tables: Tables, source: str, column: str, other: str) -> Tables:
    values = tables[source][other].to_pylist()
    return put(tables, source, column, lambda at, _: None if values[at] is None else str(values[at]))


def kinds(told: Told) -> set[tuple[str, str, str]]:
    return {(each["source"], each["field"], each["kind"]) for each in told}


def said(records: pa.Table, source: str, field: str) -> list[str | None]:
    return [row[field] for row in records.select(["source", field]).to_pylist() if row["source"] == source]


def dates(form: str, every: int = 1) -> Callable[[int, Any], object]:
    return lambda at, born: born and born.strftime(form if at % every == 0 else "%d/%m/%Y")


def test_good_input_raises_no_doubt(place: Town) -> None:
    assert noticed(place.sources)[1] == []


SEEN: dict[str, tuple[Callable[[Tables], Tables], set[tuple[str, str, str]]]] = {
    "a date known as a placeholder": (
        lambda t: put(t, "c", "born", lambda at, born: dt.date(1900, 1, 1) if at % 3 == 0 else born),
        {("c", "born", "unread")},
    ),
    "years of two digits": (
        lambda t: put(t, "c", "born", dates("%d/%m/%y")),
        {("c", "born", "short_years")},
    ),
    "both orders of day and month": (
        lambda t: put(t, "c", "born", dates("%m/%d/%Y", every=4)),
        {("c", "born", "mixed_order")},
    ),
    "times of day": (
        lambda t: put(t, "c", "born", lambda _, born: born and f"{born} 23:00:00"),
        {("c", "born", "times")},
    ),
    "a column of nothing": (
        lambda t: put(t, "c", "postcode", lambda at, _: " " if at else None),
        {("c", "postcode", "silent")},
    ),
    "a wrong encoding": (
        lambda t: put(t, "c", "surname", lambda _, x: x.replace("e", "é").encode().decode("cp1252")),
        {("c", "surname", "garbled")},
    ),
    "control characters": (
        lambda t: put(t, "c", "forename", lambda _, x: f"\0{x}\x07"),
        {("c", "forename", "control")},
    ),
    "postcodes for birth dates": (lambda t: taken(t, "c", "born", "postcode"), {("c", "born", "unread")}),
    "names for sexes": (lambda t: taken(t, "c", "sex", "forename"), {("c", "sex", "unread")}),
    "other numbers for NHS numbers": (
        lambda t: put(t, "c", "nhs_number", lambda at, _: f"{1_234_567_890 + 7 * at}"),
        {("c", "nhs_number", "misformed"), ("c", "nhs", "other_numbers")},
    ),
    "forename and surname swapped": (
        lambda t: (
            taken(taken(t, "c", "surname", "forename"), "c", "forename", "surname")
            | {"c": _renamed(t["c"], {"forename": "surname", "surname": "forename"})}
        ),
        {("c", "forename", "swapped_names")},
    ),
    "a source loaded twice over": (
        lambda t: t | {"c": pa.concat_tables([t["c"], _other_ids(t["c"])])},
        {("c", "records", "repeated")},
    ),
    "one file under two names": (
        lambda t: t | {ODD_NAME: t["c"]},
        {("c", "records", "copied"), (ODD_NAME, "records", "copied")},
    ),
    "an empty source": (lambda t: t | {"c": t["c"].slice(0, 0)}, {("c", "records", "empty")}),
    "only one source": (lambda t: {"a": t["a"]}, {("a", "records", "alone")}),
}


def _renamed(table: pa.Table, names: dict[str, str]) -> pa.Table:
    return table.rename_columns([names.get(name, name) for name in table.column_names])


def _other_ids(table: pa.Table) -> pa.Table:
    return table.set_column(0, "record", pa.array([f"{each}-2" for each in table["record"].to_pylist()]))


@pytest.mark.parametrize("fault", SEEN)
def test_it_is_seen_and_said_of_the_right_source_alone(place: Town, fault: str) -> None:
    spoil, expected = SEEN[fault]
    told = noticed(spoil(place.sources))[1]
    assert kinds(told) == expected
    for each in told:
        assert all(each[part] and "{" not in each[part] for part in ("what", "why", "done", "fix"))
        assert 0 <= each["records"] <= each["of"] <= 2 * place.sources["a"].num_rows


OUT: dict[str, tuple[Callable[[Tables], Tables], str, str, str]] = {
    "CLIENT": (
        lambda t: put(t, "b", "surname", lambda at, x: "Client" if at % 5 < 2 else x),
        "surname", "common", "CLIENT",
    ),
    "BABY SMITH": (
        lambda t: put(
            put(t, "b", "surname", lambda at, x: "SMITH" if at % 5 < 2 else x),
            "b", "forename", lambda at, x: "BABY" if at % 5 < 2 else x,
        ),
        "surname", "common", "SMITH",
    ),
    "2000-01-01": (
        lambda t: put(t, "b", "born", lambda at, x: dt.date(2000, 1, 1) if at % 6 == 0 else x),
        "born", "common", "20000101",
    ),
    "care of the office": (
        lambda t: put(t, "b", "postcode", lambda at, x: "QN99 9ZZ" if at % 3 else x),
        "postcode", "common", "QN999ZZ",
    ),
    "one NHS number": (
        lambda t: put(t, "b", "nhs_number", lambda at, x: "9434765919" if at % 2 else x),
        "nhs", "one_number", "9434765919",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", OUT)
def test_a_common_value_is_missing_in_its_source_and_nothing_else_changes(place: Town, fault: str) -> None:
    spoil, field, kind, value = OUT[fault]
    spoilt = spoil(place.sources)
    with duckdb.connect() as con:
        standardise.load(con, spoilt, IDENTITY)
        before = con.sql("FROM records ORDER BY rid").to_arrow_table()
    after, told = noticed(spoilt)
    count = said(before, "b", field).count(value)
    assert ("b", field, kind) in kinds(told)
    assert [each["records"] for each in told if each["kind"] == kind] == [count]
    expected = [
        None if source == "b" and held == value else held
        for source, held in zip(before["source"].to_pylist(), before[field].to_pylist(), strict=True)
    ]
    assert after[field].to_pylist() == expected
    others = [name for name in standardise.FIELDS if name != field]
    assert after.select(["record", *others]).equals(before.select(["record", *others]))
    assert value not in json.dumps(told)


def test_a_name_that_others_bear_out_is_a_name_and_stays(place: Town) -> None:
    """A community's list: its people have one surname, everywhere."""
    family = {person.number for person in place.people if person.number % 3 == 0}
    tables = dict(place.sources)
    for source in "abc":
        held = [place.truth[source, record] in family for record in tables[source]["record"].to_pylist()]
        tables = put(tables, source, "surname", where(held, "Kaur"))
    records, told = noticed(tables)
    assert told == []
    assert said(records, "b", "surname").count("KAUR") > 100


def test_a_hostel_is_a_home_and_stays(place: Town) -> None:
    tables = dict(place.sources)
    for source in "abc":
        held = [place.truth[source, record] % 4 == 0 for record in tables[source]["record"].to_pylist()]
        tables = put(tables, source, "postcode", where(held, "QN9 9ZZ"))
    assert noticed(tables)[1] == []


def test_nothing_is_taken_out_where_nobody_can_contradict_it(place: Town) -> None:
    spoilt = put({"b": place.sources["b"]}, "b", "surname", lambda at, x: "Client" if at % 5 < 2 else x)
    records, told = noticed(spoilt)
    assert ("b", "surname", "common_left") in kinds(told)
    assert said(records, "b", "surname").count("CLIENT") > 100


def test_numbers_of_other_people_are_not_used(place: Town) -> None:
    numbers = place.sources["c"]["nhs_number"].to_pylist()
    records, told = noticed(put(place.sources, "c", "nhs_number", lambda at, _: numbers[at - 1]))
    assert kinds(told) == {("c", "nhs", "other_numbers")}
    assert set(said(records, "c", "nhs")) == {None}
    assert records.column("nhs").null_count < records.num_rows / 2


def test_postcodes_that_are_none_are_not_used(place: Town) -> None:
    records, told = noticed(taken(place.sources, "c", "postcode", "born"))
    assert ("c", "postcode", "other_form") in kinds(told)
    assert set(said(records, "c", "postcode")) == {None}


def test_dates_written_month_first_are_read_so(place: Town) -> None:
    records, told = noticed(put(place.sources, "c", "born", dates("%m/%d/%Y")))
    assert kinds(told) == {("c", "born", "month_first")}
    assert records.equals(noticed(place.sources)[0])


def test_day_and_month_swapped_before_they_were_sent_is_seen(place: Town) -> None:
    def swap(_: int, born: dt.date | None) -> dt.date | None:
        return born.replace(day=born.month, month=born.day) if born and born.day <= 12 else born

    assert kinds(noticed(put(place.sources, "c", "born", swap))[1]) == {("c", "born", "swapped_dates")}


def test_a_file_in_a_field_is_missing_and_costs_little(place: Town) -> None:
    spoilt = put(place.sources, "b", "surname", lambda at, x: "x" * 10_000_000 if at == 7 else x)
    records, told = noticed(spoilt)
    assert kinds(told) == {("b", "surname", "long")}
    assert said(records, "b", "surname").count(None) == 1


def test_a_missing_number_that_came_as_nan_is_missing() -> None:
    table = pa.table(
        {"record": ["1", "2", "3"], "uprn": pa.array([float("nan"), float("nan"), 100.0], pa.float64())}
    )
    assert said(noticed({"a": table})[0], "a", "uprn") == [None, None, "100"]


def test_types_that_say_the_same_are_read_the_same(place: Town) -> None:
    table = place.sources["c"]
    other = table.set_column(1, "nhs_number", table["nhs_number"].dictionary_encode())
    other = other.set_column(3, "surname", table["surname"].cast(pa.string_view()))
    other = other.set_column(
        4, "born", table["born"].cast(pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
    )
    other = other.set_column(8, "uprn", table["uprn"].cast(pa.decimal128(24, 2)))
    records, told = noticed(place.sources | {"c": other})
    assert told == []
    assert records.equals(noticed(place.sources)[0])


def test_types_that_cannot_be_read_are_refused_all_at_once() -> None:
    tables = {
        "a": pa.table({"record": [1.5, 2.5], "born": [["SECRET"], ["x"]]}),
        "b": pa.table({"record": ["1"], "surname": [b"SECRET"], "sex": [{"SECRET": 1}]}),
        "c": pa.table([["1"], ["2"], ["3"]], names=["record", "sex", "sex"]),
    }
    with pytest.raises(LinkError) as caught:
        people(tables, settings=asked())
    assert [problem.code for problem in caught.value.problems] == ["TYPE"] * 4 + ["COLUMN"]
    assert "SECRET" not in str(caught.value)


def test_the_order_of_rows_changes_no_doubt(place: Town) -> None:
    spoilt = OUT["CLIENT"][0](SEEN["a wrong encoding"][0](place.sources))
    rng = random.Random(3)
    mixed = {
        name: spoilt[name].take(rng.sample(range(spoilt[name].num_rows), spoilt[name].num_rows))
        for name in ("c", "b", "a")
    }
    there, here = noticed(spoilt), noticed(mixed)
    assert there[1] == here[1]
    assert there[0].equals(here[0])


def _odd_people() -> pa.Table:
    odd = ["Robert'); DROP TABLE rows;--", "😀😀", "محمد", "‮evE", 'O\'Brien \\ "x"', "%s {0} $1"]
    return pa.Table.from_pylist(
        [
            {
                "record": f"{name} {at}",
                "forename": name,
                "surname": name[::-1],
                "postcode": name,
                "sex": name,
            }
            for at, name in enumerate(odd)
        ]
    )


@pytest.fixture(scope="module")
def linked(place: Town) -> Linked:
    return people(place.sources, settings=asked(one_per_source=ALL))


def test_people_whom_a_fault_does_not_touch_are_linked_as_without_it(place: Town, linked: Linked) -> None:
    """Two sources are spoilt, a third holds only odd names; the people of all others stay as they were."""
    spoilt = OUT["CLIENT"][0](place.sources)
    spoilt = put(spoilt, "c", "born", lambda at, x: dt.date(2000, 1, 1) if at % 6 == 0 else x)
    again = people(spoilt | {ODD_NAME: _odd_people()}, settings=asked(one_per_source=ALL))
    assert {("b", "surname", "common"), ("c", "born", "common")} <= kinds(again.evidence["doubts"])
    ours = {key: cluster for key, cluster in partition(again).items() if key[0] != ODD_NAME}
    odd = {cluster for key, cluster in partition(again).items() if key[0] == ODD_NAME}
    assert len(odd) == 6
    assert not odd & set(ours.values())
    touched = {
        place.truth[source, record]
        for source, field in (("b", "surname"), ("c", "born"))
        for record, new, old in zip(
            *(t[source][name].to_pylist() for t, name in ((spoilt, "record"), (spoilt, field))),
            place.sources[source][field].to_pylist(),
            strict=True,
        )
        if new != old
    }
    rest = {key for key, person in place.truth.items() if person not in touched}
    assert 300 < len(rest) < len(place.truth)
    assert _groups(ours, rest) == _groups(partition(linked), rest)
    kept = again.table.filter(pa.array([name != ODD_NAME for name in again.table["source"].to_pylist()]))
    precision, recall = quality(Linked(kept, {}, kept), place.truth)
    assert precision >= 0.998
    assert recall >= 0.98


def _groups(
    found: dict[tuple[str, str], str], keys: set[tuple[str, str]]
) -> set[frozenset[tuple[str, str]]]:
    groups: dict[str, set[tuple[str, str]]] = {}
    for key in keys:
        groups.setdefault(found[key], set()).add(key)
    return {frozenset(group) for group in groups.values()}


@pytest.mark.parametrize("count", [0, 1])
def test_next_to_nobody_is_linked_and_said(place: Town, count: int) -> None:
    linked = people({"a": place.sources["a"].slice(0, count)}, settings=asked())
    assert linked.table.num_rows == count
    assert kinds(linked.evidence["doubts"]) == {("a", "records", "alone" if count else "empty")}
