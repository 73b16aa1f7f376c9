"""Equality, digests and the footprint of graphs whose paths are many."""

# ruff: noqa: E501 - a table reads best with a case a line
from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import time

import pytest

from sharewell.plan.expressions import Col, Lit, call
from sharewell.plan.footprint import live_columns
from sharewell.plan.forms import DEPERSONALISED
from sharewell.plan.parameters import Parameters
from sharewell.plan.schema import Asset, Column, Kind, Schema, Type
from sharewell.plan.steps import (
    RECORDS,
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
    Pick,
    Read,
    Stack,
    Step,
    Transfer,
    walk,
)

COLUMNS = tuple(
    Column(name, kind, Kind.PLAIN, "gp", frozenset({f"t.{name}"}))
    for name, kind in (("id", Type.TEXT), ("a", Type.INTEGER), ("b", Type.INTEGER), ("c", Type.DATE), ("d", Type.BOOLEAN))
)  # fmt: skip
TABLE = Read(Asset("t", "gp", Schema(COLUMNS), ("id",)))
A, B, D = Col("a", Type.INTEGER), Col("b", Type.INTEGER), Col("d", Type.BOOLEAN)


def diamond(levels: int, top: int = 0) -> Step:
    """A graph of 2 * levels steps and 2 ** levels paths."""
    step: Step = Derive(TABLE, (("a", Lit(top, Type.INTEGER)),))
    for _ in range(levels):
        step = Stack((step, step))
    return step


def test_equality_does_not_walk_every_path() -> None:
    start = time.perf_counter()
    left, right, other = diamond(200), diamond(200), diamond(200, 1)
    assert left == right
    assert hash(left) == hash(right)
    assert left is not right
    assert left != other
    assert len(list(left.walk())) == 202
    assert len(list(walk((left, right)))) == 202
    assert time.perf_counter() - start < 1


def test_equal_steps_are_one_in_a_walk() -> None:
    twice = Join(Keep(TABLE, ("id", "a")), Pick(Keep(TABLE, ("id",)), ("id",)), (("id", "id"),))
    again = Join(Keep(TABLE, ("id", "a")), Pick(Keep(TABLE, ("id",)), ("id",)), (("id", "id"),))
    assert len(list(walk((twice, again)))) == len(list(twice.walk()))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Lit(1, Type.INTEGER), Lit(1.0, Type.NUMBER)),
        (Lit(dt.date(2024, 1, 1), Type.DATE), Lit("2024-01-01", Type.TEXT)),
        (Lit(True, Type.BOOLEAN), Lit(1, Type.INTEGER)),
        (A, B),
    ],
)
def test_steps_that_differ_are_told_apart(one: Lit, other: Lit) -> None:
    assert Derive(TABLE, (("x", one),)) != Derive(TABLE, (("x", other),))


@pytest.mark.parametrize(
    ("one", "other"), [(1, True), (1, 1.0), (1, "1"), (dt.date(2024, 1, 1), "2024-01-01"), (None, "")]
)
def test_settings_that_differ_are_told_apart(one: object, other: object) -> None:
    assert Fit(TABLE, "x", Parameters.of({"a": one})) != Fit(TABLE, "x", Parameters.of({"a": other}))


def test_a_step_is_not_another_kind_of_step() -> None:
    assert Keep(TABLE, ("id",)) != Pick(TABLE, ("id",))
    assert TABLE != "t"


def test_digest_is_the_same_in_every_process() -> None:
    program = (
        "from datetime import date\n"
        "from sharewell.plan.steps import *\nfrom sharewell.plan.schema import *\nfrom sharewell.plan.parameters import Parameters\n"
        "columns = tuple(Column(n, Type.TEXT, Kind.PLAIN, 'p', frozenset({'t.' + n, 'u.' + n, 'v.' + n})) for n in 'abc')\n"
        "read = Read(Asset('t', 'p', Schema(columns), ('a',), restrictions=frozenset('xyz')))\n"
        "print(Fit(read, 'r', Parameters.of({'s': {'q', 'w', 'e'}, 'd': date(2024, 1, 1)})).digest)\n"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2024")
    }
    assert len(told) == 1


def live(step: Step) -> set[str]:
    return set(live_columns((step,))[TABLE])


def test_footprint_is_what_something_downstream_reads() -> None:
    assert live(Keep(TABLE, ("a",))) == {"a"}
    assert live(Keep(Derive(TABLE, (("x", A), ("y", B))), ("x",))) == {"a"}
    assert live(Keep(Derive(TABLE, (("a", B),)), ("a",))) == {"b"}
    assert live(Keep(Filter(TABLE, D), ("a",))) == {"a", "d"}
    assert live(Keep(Pick(TABLE, ("b",)), ("a",))) == {"a", "b"}
    assert live(Group(TABLE, ("id",), (Aggregate("n", "rows", None, D), Aggregate("s", "sum", A)))) == {
        "id",
        "a",
        "d",
    }
    unread = Group(TABLE, ("id",), (Aggregate("n", "rows"), Aggregate("s", "sum", A)))
    assert live(Keep(unread, ("n",))) == {"id"}
    assert live(Keep(Stack((TABLE, TABLE)), ("b",))) == {"b"}
    assert live(Keep(Key(TABLE, "id", "person", "person"), ("person",))) == {"id"}
    assert live(Keep(Key(TABLE, "id", "person", "person"), ("a",))) == {"a"}
    assert live(Keep(Coarsen(TABLE, "c", "month", "m", (Type.DATE, Kind.PLAIN)), ("m",))) == {"c"}


def test_footprint_of_joins_and_fits() -> None:
    right = Keep(Derive(TABLE, (("x", B), ("y", A))), ("id", "x", "y"))
    joined = Join(Keep(TABLE, ("id", "a")), right, (("id", "id"),))
    assert live(Keep(joined, ("x",))) == {"id", "b"}
    assert live(Keep(Join(Keep(TABLE, ("id", "a")), right, (("id", "id"),), "semi"), ("a",))) == {"id", "a"}
    assert live(Fit(Keep(TABLE, ("a", "b")), "any")) == {"a", "b"}


def test_what_arrives_and_is_not_read_is_not_live() -> None:
    moved = Transfer(Check(Keep(TABLE, ("id", "a", "b")), RECORDS), "host", "content", DEPERSONALISED)
    total = Group(moved, ("id",), (Aggregate("n", "sum", call("+", A, Lit(1, Type.INTEGER))),))
    assert live_columns((total,))[moved] == {"id", "a"}
    assert live(total) == {"id", "a"}
