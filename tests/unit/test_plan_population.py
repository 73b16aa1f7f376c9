"""Whom a table counts and what its columns mean, whatever an agreement calls them."""

from __future__ import annotations

from sharewell.plan.expressions import Col, Lit, call
from sharewell.plan.parameters import Parameters
from sharewell.plan.population import Meaning, Population, meaning, population
from sharewell.plan.schema import Asset, Column, Kind, Schema, Type
from sharewell.plan.steps import Aggregate, Coarsen, Derive, Filter, Group, Join, Keep, Read, Stack, Step

AGE, WARD = Col("age", Type.INTEGER), Col("ward", Type.TEXT)


def people(name: str = "gp.patients") -> Read:
    told = (
        ("person", Type.TEXT, Kind.KEY),
        ("age", Type.INTEGER, Kind.QUASI),
        ("ward", Type.TEXT, Kind.QUASI),
    )
    columns = tuple(Column(c, t, k, "gp", frozenset({f"{name}.{c}"})) for c, t, k in told)
    return Read(Asset(name, "gp", Schema(columns), ("person",)))


def banded(of: Step, width: int, name: str = "band") -> Coarsen:
    return Coarsen(of, "age", "band", name, (Type.TEXT, Kind.QUASI), Parameters.of({"width": width}))


def over(of: Step, age: int) -> Filter:
    return Filter(of, call("<=", Lit(age, Type.INTEGER), AGE))


def test_a_table_counts_the_rows_of_its_asset_whatever_is_added_to_it() -> None:
    plain = Keep(people(), ("person", "ward"))
    other = Derive(Keep(people("fire.visits"), ("person",)), (("visited", Lit(True, Type.BOOLEAN)),))
    for step in (people(), plain, banded(people(), 5), Join(plain, other, (("person", "person"),), "left")):
        assert population(step) == Population(("gp.patients",))


def test_a_condition_has_one_name_in_every_agreement() -> None:
    renamed = Derive(people(), (("years", AGE),))
    theirs = Filter(renamed, call("<=", Lit(65, Type.INTEGER), Col("years", Type.INTEGER)))
    assert population(theirs) == population(over(people(), 65))
    assert population(over(people(), 65)) != population(over(people(), 66))
    assert population(over(over(people(), 65), 70)).conditions > population(over(people(), 65)).conditions


def test_joins_that_choose_rows_are_conditions_and_others_are_none() -> None:
    other = people("fire.visits")
    kept = {
        how: population(Join(people(), other, (("person", "person"),), how)) for how in ("semi", "anti")
    }
    assert kept["semi"] != kept["anti"]
    assert all(found.sources == ("gp.patients",) and found.conditions for found in kept.values())


def test_stacked_tables_count_all_their_assets() -> None:
    both = Stack((people(), people("ooh.patients")))
    assert population(both) == Population(("gp.patients", "ooh.patients"))
    some = Stack((over(people(), 65), people("ooh.patients")))
    assert population(some).conditions
    assert population(some) != population(both)


def test_a_column_is_told_by_where_it_comes_from_and_what_was_done_to_it() -> None:
    assert meaning(Keep(people(), ("person", "ward")), "ward") == Meaning("gp.patients.ward")
    renamed = Derive(people(), (("area", WARD),))
    assert meaning(renamed, "area") == Meaning("gp.patients.ward")
    named = Derive(people(), (("area", call("coalesce", WARD, Lit("Not known", Type.TEXT))),))
    assert meaning(named, "area") == Meaning("gp.patients.ward")
    five, ten = meaning(banded(people(), 5), "band"), meaning(banded(people(), 10, "decade"), "decade")
    assert five.base == ten.base == "gp.patients.age"
    assert five != ten
    assert meaning(banded(people(), 5, "other"), "other") == five


def test_what_is_made_has_a_name_that_equals_only_the_same_making() -> None:
    def older(by: int, of: Step) -> Meaning:
        return meaning(Derive(of, (("made", call("+", AGE, Lit(by, Type.INTEGER))),)), "made")

    assert older(1, people()) == older(1, Keep(people(), ("person", "age")))
    assert older(1, people()) != older(2, people())
    assert older(1, people()) != older(1, people("ooh.patients"))


def test_a_figure_is_told_by_what_it_adds_up_over_whom() -> None:
    def rows(of: Step) -> Meaning:
        return meaning(Group(of, ("ward",), (Aggregate("n", "rows"),)), "n")

    assert rows(people()) == rows(people())
    assert rows(people()) != rows(over(people(), 65))
    assert meaning(Group(people(), ("ward",), (Aggregate("n", "rows"),)), "ward") == Meaning(
        "gp.patients.ward"
    )
