"""Constructors refuse what may not be; forms are computed; labels travel."""

# ruff: noqa: E501 - a table reads best with a case a line
from __future__ import annotations

from collections.abc import Callable

import pytest

from sharewell.errors import PlanError
from sharewell.plan.expressions import Col, Expression, Lit, call
from sharewell.plan.forms import AGGREGATE, CODED_FLAG, DEPERSONALISED, IDENTIFIABLE, YES_NO, Form
from sharewell.plan.parameters import Parameters
from sharewell.plan.schema import Asset, Column, Kind, Schema, Type
from sharewell.plan.steps import (
    RECORDS,
    REFERENCE,
    About,
    Aggregate,
    Check,
    Coarsen,
    Derive,
    Filter,
    Fit,
    Group,
    Join,
    Keep,
    Key,
    Link,
    Pick,
    Read,
    Stack,
    Step,
    Transfer,
)


def asset(name: str, holder: str, *columns: tuple[str, Type, Kind], people: bool = True) -> Asset:
    """A table whose first column tells its rows apart."""
    made = tuple(Column(c, t, k, holder, frozenset({f"{name}.{c}"})) for c, t, k in columns)
    return Asset(name, holder, Schema(made), (columns[0][0],), about_people=people)


PATIENTS = asset(
    "gp.patients", "gp",
    ("id", Type.TEXT, Kind.IDENTIFIER), ("name", Type.TEXT, Kind.IDENTIFIER), ("born", Type.DATE, Kind.IDENTIFIER),
    ("age", Type.INTEGER, Kind.QUASI), ("frail", Type.BOOLEAN, Kind.SENSITIVE), ("ward", Type.TEXT, Kind.PLAIN),
)  # fmt: skip
VISITS = asset("fire.visits", "fire", ("visit", Type.TEXT, Kind.IDENTIFIER), ("on", Type.DATE, Kind.PLAIN))
WARDS = asset(
    "places.wards", "gp", ("ward", Type.TEXT, Kind.PLAIN), ("coast", Type.BOOLEAN, Kind.PLAIN), people=False
)
people, visits, wards = Read(PATIENTS), Read(VISITS), Read(WARDS)
AGE, FRAIL, WARD = Col("age", Type.INTEGER), Col("frail", Type.BOOLEAN), Col("ward", Type.TEXT)
keyed = Key(people, "id", "person", "person")
counts = Group(people, ("ward",), (Aggregate("n", "rows"),))
records = Key(Derive(people, (("record", Col("id", Type.TEXT)),)), "record", "record:gp", "record")


def less(*args: Expression) -> Expression:
    return call("<", *args)


REFUSED: dict[str, tuple[str, Callable[[], Step]]] = {
    "transfer of what was not checked": ("UNCHECKED", lambda: Transfer(people, "host", "x", IDENTIFIABLE)),  # type: ignore[arg-type]
    "transfer of a name as a code": ("FORM", lambda: Transfer(Check(people, RECORDS), "host", "x", DEPERSONALISED)),
    "transfer of fields as a flag": ("FORM", lambda: Transfer(Check(people, RECORDS), "host", "x", YES_NO)),
    "transfer of people as groups": ("FORM", lambda: Transfer(Check(keyed, RECORDS), "host", "x", AGGREGATE)),
    "rows of people by a disclosure policy": ("POLICY", lambda: Check(people, "official-statistics")),
    "rows of people as reference": ("POLICY", lambda: Check(people, REFERENCE)),
    "groups as rows": ("POLICY", lambda: Check(counts, RECORDS)),
    "groups as reference": ("POLICY", lambda: Check(counts, REFERENCE)),
    "groups beside places as reference": ("POLICY", lambda: Check(Join(wards, counts, (("ward", "ward"),)), REFERENCE)),
    "tables at two places": ("PLACE", lambda: Join(people, Pick(visits, ("visit",)), (("id", "visit"),))),
    "a stack at two places": ("PLACE", lambda: Stack((Keep(people, ("id",)), Keep(visits, ("visit",))))),
    "a join that repeats rows": ("CARDINALITY", lambda: Join(people, wards_by_coast(), (("frail", "coast"),))),
    "a join on what is not unique": ("CARDINALITY", lambda: Join(wards, Keep(people, ("name", "ward")), (("ward", "ward"),))),
    "a join of two types": ("TYPE", lambda: Join(people, wards, (("age", "ward"),))),
    "a join on nothing": ("JOIN", lambda: Join(people, wards, (), "semi")),
    "an unknown join": ("JOIN", lambda: Join(people, wards, (("ward", "ward"),), "cross")),
    "a join that hides a column": ("TWICE", lambda: Join(people, Pick(people, ("id",)), (("id", "id"),))),
    "an absent column": ("COLUMN", lambda: Keep(people, ("shoe",))),
    "a column twice": ("TWICE", lambda: Keep(people, ("id", "id"))),
    "columns that differ by case": ("TWICE", lambda: Derive(people, (("Ward", WARD),))),
    "a column derived twice": ("TWICE", lambda: Derive(people, (("a", AGE), ("a", WARD)))),
    "a derivation from an absent column": ("COLUMN", lambda: Derive(people, (("a", Col("shoe", Type.TEXT)),))),
    "a derivation from another type": ("TYPE", lambda: Derive(people, (("a", Col("age", Type.TEXT)),))),
    "a filter that is no yes or no": ("TYPE", lambda: Filter(people, AGE)),
    "a filter of an absent column": ("COLUMN", lambda: Filter(people, Col("shoe", Type.BOOLEAN))),
    "different columns stacked": ("COLUMNS", lambda: Stack((people, wards))),
    "nothing stacked": ("COLUMNS", lambda: Stack(())),
    "one row by an absent column": ("COLUMN", lambda: Pick(people, ("shoe",))),
    "a group by an absent column": ("COLUMN", lambda: Group(people, ("shoe",), ())),
    "an unknown figure": ("AGGREGATE", lambda: Group(people, (), (Aggregate("a", "mode", AGE),))),
    "a sum of nothing": ("AGGREGATE", lambda: Group(people, (), (Aggregate("a", "sum"),))),
    "distinct of nothing": ("AGGREGATE", lambda: Group(people, (), (Aggregate("a", "distinct"),))),
    "rows of something": ("AGGREGATE", lambda: Group(people, (), (Aggregate("a", "rows", AGE),))),
    "a sum of words": ("TYPE", lambda: Group(people, (), (Aggregate("a", "sum", WARD),))),
    "any of numbers": ("TYPE", lambda: Group(people, (), (Aggregate("a", "any", AGE),))),
    "the least of yes and no": ("TYPE", lambda: Group(people, (), (Aggregate("a", "least", FRAIL),))),
    "rows where there is no yes or no": ("TYPE", lambda: Group(people, (), (Aggregate("a", "rows", None, AGE),))),
    "a figure twice": ("TWICE", lambda: Group(people, ("ward",), (Aggregate("ward", "rows"),))),
    "a key of a date": ("TYPE", lambda: Key(people, "born", "born", "born")),
    "a key of an absent column": ("COLUMN", lambda: Key(people, "shoe", "shoe", "shoe")),
    "a coarsening that exposes": ("KIND", lambda: Coarsen(people, "ward", "x", "ward", (Type.TEXT, Kind.SENSITIVE))),
    "a link of unkeyed records": ("RECORD", lambda: Link((Derive(people, (("record", Col("id", Type.TEXT)),)),), ("p",), "person", "splink")),
    "a link without records": ("COLUMN", lambda: Link((people,), ("p",), "person", "splink")),
    "a link of nothing": ("LINK", lambda: Link((), (), "person", "splink")),
    "a link of two of one name": ("LINK", lambda: Link((records, records), ("p", "p"), "person", "splink")),
    "an index that leaves unkeyed": ("FORM", lambda: Transfer(Check(Link((records,), ("p",), "person", "splink"), RECORDS), "host", "link", DEPERSONALISED)),
}  # fmt: skip


def wards_by_coast() -> Step:
    return Derive(wards, (("by", WARD),))


@pytest.mark.parametrize("what", REFUSED)
def test_constructor_refuses(what: str) -> None:
    code, make = REFUSED[what]
    with pytest.raises(PlanError) as raised:
        make()
    assert [problem.code for problem in raised.value.problems] == [code]
    assert raised.value.problems[0].what


FORMS: dict[str, tuple[Step, Form]] = {
    "names and fields": (people, IDENTIFIABLE),
    "one name alone": (Keep(people, ("id",)), YES_NO),
    "one name and a yes or no": (Keep(people, ("id", "frail")), YES_NO),
    "two names and a yes or no": (Keep(people, ("id", "name", "frail")), IDENTIFIABLE),
    "one name and a number": (Keep(people, ("id", "age")), IDENTIFIABLE),
    "a key and fields": (Keep(keyed, ("person", "age", "ward")), DEPERSONALISED),
    "a key and a yes or no": (Keep(keyed, ("person", "frail")), CODED_FLAG),
    "a key alone": (Keep(keyed, ("person",)), CODED_FLAG),
    "rows without a key": (Keep(people, ("age", "ward")), DEPERSONALISED),
    "figures for each key": (Group(keyed, ("person",), (Aggregate("n", "rows"),)), DEPERSONALISED),
    "figures for each ward": (counts, AGGREGATE),
    "places": (wards, AGGREGATE),
    "a finding": (Fit(people, "any"), AGGREGATE),
}


@pytest.mark.parametrize("what", FORMS)
def test_form_is_computed_from_columns(what: str) -> None:
    step, form = FORMS[what]
    assert step.shape.form == form


def column(step: Step, name: str) -> tuple[Kind, str, set[str]]:
    found = step.shape.schema[name]
    return found.kind, found.party, set(found.origins)


def test_labels_travel_through_every_step() -> None:
    older = Derive(
        people,
        (("old", less(Lit(65, Type.INTEGER), AGE)), ("called", call("||", Col("name", Type.TEXT), WARD))),
    )
    assert column(older, "old") == (Kind.QUASI, "gp", {"gp.patients.age"})
    assert column(older, "called") == (Kind.IDENTIFIER, "gp", {"gp.patients.name", "gp.patients.ward"})
    for step in (
        Filter(older, Col("old", Type.BOOLEAN)),
        Keep(older, ("old", "called")),
        Pick(older, ("id",)),
    ):
        assert column(step, "called") == column(older, "called")
    joined = Join(older, wards, (("ward", "ward"),))
    assert column(joined, "coast") == (Kind.PLAIN, "gp", {"places.wards.coast"})
    assert joined.shape.about is About.PEOPLE
    assert Join(wards, counts, (("ward", "ward"),)).shape.about is About.GROUPS
    figures = Group(
        older,
        ("ward",),
        (
            Aggregate("n", "rows", None, Col("old", Type.BOOLEAN)),
            Aggregate("first", "least", Col("called", Type.TEXT)),
        ),
    )
    assert column(figures, "n") == (Kind.QUASI, "gp", {"gp.patients.age"})
    assert column(figures, "first")[0] is Kind.IDENTIFIER
    assert column(keyed, "person") == (Kind.KEY, "gp", {"gp.patients.id"})
    month = Coarsen(people, "born", "month", "born", (Type.DATE, Kind.QUASI))
    assert column(month, "born") == (Kind.QUASI, "gp", {"gp.patients.born"})
    moved = Transfer(Check(Keep(month, ("born", "age")), RECORDS), "host", "content", DEPERSONALISED)
    assert column(moved, "born") == column(month, "born")
    assert moved.shape.place == "host"


def test_a_stack_joins_labels_and_names_no_party_for_two() -> None:
    other = asset("acute.patients", "gp", ("id", Type.TEXT, Kind.KEY))
    mine = Derive(Keep(people, ("id",)), ())
    both = Stack((mine, Read(other)))
    assert column(both, "id") == (Kind.IDENTIFIER, "gp", {"gp.patients.id", "acute.patients.id"})
    assert both.shape.unique == ()


def test_a_yes_or_no_about_a_name_is_sensitive() -> None:
    asked = Derive(people, (("bob", call("=", Col("name", Type.TEXT), Lit("Bob", Type.TEXT))),))
    assert column(asked, "bob")[0] is Kind.SENSITIVE


def test_group_without_a_person_is_about_groups() -> None:
    assert counts.shape.about is About.GROUPS
    assert Group(keyed, ("person", "ward"), ()).shape.about is About.PEOPLE
    assert Group(wards, ("coast",), ()).shape.about is About.PLACES


def test_what_tells_rows_apart() -> None:
    assert people.shape.unique == ("id",)
    assert keyed.shape.unique == ("person",)
    assert Keep(people, ("age",)).shape.unique == ()
    assert Derive(people, (("id", WARD),)).shape.unique == ()
    assert Coarsen(people, "id", "drop", "id", (Type.TEXT, Kind.PLAIN)).shape.unique == ()
    assert Pick(people, ("ward",)).shape.unique == ("ward",)


def test_parameters_freeze_and_thaw() -> None:
    told = {"b": [1, {"c": None}], "a": {"x", "y"}}
    held = Parameters.of(told)
    assert held.plain() == {"a": ["x", "y"], "b": [1, {"c": None}]}
    assert held == Parameters.of(dict(reversed(told.items())))
    assert hash(held) == hash(Parameters.of(told))
    assert held.get("z", 7) == 7
    assert held.get("a") == ("x", "y")
    with pytest.raises(TypeError):
        Parameters.of({"a": object()})
