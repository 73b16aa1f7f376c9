"""What a question comes to without the gate, and what DuckDB itself answers to the same text."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from math import isnan
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from sharewell.agree.ask import RECIPE
from sharewell.analyse import RECIPES
from sharewell.analyse.tabulation import ALL, tabulate
from sharewell.engines.duckdb import DuckDB
from sharewell.engines.duckdb import run as lower_step
from sharewell.errors import SharewellError
from sharewell.plan.parameters import Parameters
from sharewell.plan.query import Question
from sharewell.plan.query_steps import compile_question
from sharewell.plan.steps import Read, Step

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))
from question_example import read

Cells = dict[tuple[str, ...], list[float]]


def compiled(text: str) -> tuple[Question, Step] | None:
    """The question and the steps of all it reads and counts; None where it is refused."""
    try:
        question = read(text)
        made = compile_question(question)
    except SharewellError:
        return None
    recipe = RECIPES[RECIPE]
    assert recipe.prepare is not None
    return question, recipe.prepare({"rows": made.rows}, recipe.signature.settle(made.settings))


def answered(text: str, rows: Mapping[str, pa.Table], engine: DuckDB) -> tuple[list[str], Cells]:
    """The figures of each finest group, through the plan."""
    made = compiled(text)
    assert made is not None
    question, wanted = made
    done: dict[Step, Any] = {}
    for step in wanted.walk():
        inputs = [done[part] for part in step.inputs]
        done[step] = (
            engine.from_arrow(rows[step.asset.name]) if isinstance(step, Read) else lower_step(step, inputs)
        )
    settled = RECIPES[RECIPE].signature.settle(compile_question(question).settings)
    told = tabulate(engine.to_arrow(done[wanted]), Parameters.of(settled).plain())  # as a Fit holds them
    figures = {**told.counts, **told.sums, **told.means, **told.shares}
    names = [figure.name for figure in question.figures]
    labels = list(zip(*told.labels.values(), strict=True)) if told.labels else [()]
    cells = {
        key: [float(figures[name][i]) for name in names] for i, key in enumerate(labels) if ALL not in key
    }
    return names, cells


def check_same(
    text: str, rows: Mapping[str, pa.Table], engine: DuckDB, plain: duckdb.DuckDBPyConnection, as_: str = ""
) -> None:
    """What the plan makes is what DuckDB answers to the same text, or to `as_` where its rules differ."""
    names, found = answered(text, rows, engine)
    result = plain.execute(as_ or text)
    columns = [column[0] for column in result.description or ()]
    given = [dict(zip(columns, row, strict=True)) for row in result.fetchall()]
    groups = [column for column in columns if column not in names]
    wanted = {tuple(word(row[g]) for g in groups): [float(row[n] or 0) for n in names] for row in given}
    assert found.keys() == wanted.keys() or not groups
    for key, figures in wanted.items():
        told = [0.0 if isnan(figure) else figure for figure in found.get(key, [0.0] * len(names))]
        assert told == pytest.approx(figures)


def word(value: Any) -> str:
    """A value as a label of an answer."""
    if value is None:
        return "Not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"“{value}”" if value in (ALL, "Not known") else str(value)
