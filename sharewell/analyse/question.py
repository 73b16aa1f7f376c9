"""question: counts, sums and means over people by a few columns: what an analyst's own SQL comes down to.

Every total over the columns is made too, so that the gate protects the table together with the coarser
ones that could be asked next. `people` stand behind each row; a count of records, a sum and a mean's total
carry their two largest contributions, so that dominance can be judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from ..plan.expressions import Col, Expression, call
from ..plan.finding import ALL, Finding, Measure, Output, ResultTable
from ..plan.forms import AGGREGATE, DEPERSONALISED
from ..plan.recipe import Input, Parameter, Params, Recipe, Signature, Story, Takes
from ..plan.schema import Type
from ..plan.steps import Aggregate, Group, Step
from .registry import RECIPES
from .tabulation import Tabulation, asked_figures, tabulate, total_name

TABLE = "answer"

SIGNATURE = Signature(
    name="question",
    question="What are the figures asked for, by the columns asked for?",
    needs=DEPERSONALISED,
    yields=AGGREGATE,
    inputs=(Input("rows", "one row a record, with the key of its person"),),
    parameters=(
        Parameter(
            "unit",
            Takes.COLUMN,
            "the key of whom the records are about",
            True,
            of="rows",
            types=(Type.TEXT,),
        ),
        Parameter("unit_as", Takes.TEXT, "what is counted: person, home", default="person"),
        Parameter(
            "groups",
            Takes.COLUMNS,
            "the columns to group by; none for one total",
            default=(),
            of="rows",
            types=(Type.TEXT, Type.BOOLEAN, Type.INTEGER),
        ),
        Parameter("groups_as", Takes.COLUMNS, "what the answer calls them", default=()),
        Parameter(
            "figures",
            Takes.MAPPING,
            "name to {how: rows, people, sum or mean; of: column; where: yes/no column}",
            True,
        ),
        Parameter("figures_as", Takes.COLUMNS, "their names, in the order asked", True),
        Parameter("people_as", Takes.TEXT, "what the number behind a row is called", default="people"),
    ),
    source="Hundepool et al. 2012, Statistical Disclosure Control, chapters 4 and 5",
)


def prepare(inputs: Mapping[str, Step], params: Params) -> Step:
    """One row for each group and unit: how many records, and what each figure adds up to."""
    table = inputs["rows"]
    made: list[Aggregate] = []
    for i, _, told in asked_figures(params):
        made += _aggregates(i, told, table)
    return Group(table, (*params["groups"], params["unit"]), tuple(made))


def _aggregates(i: int, told: Mapping[str, Any], table: Step) -> list[Aggregate]:
    """`n_i`, the records that a figure rests on; `sum_i`, what they add up to, for a sum or a mean."""
    where = _column(table, told["where"]) if "where" in told else None
    if told["how"] in ("rows", "people"):
        return [Aggregate(f"n_{i}", "rows", None, where)]
    of = _column(table, told["of"])
    known: Expression = call("not", call("is_null", of))
    known = known if where is None else call("and", where, known)
    return [Aggregate(f"n_{i}", "rows", None, known), Aggregate(f"sum_{i}", "sum", of, where)]


def _column(table: Step, name: str) -> Col:
    return Col(name, table.shape.schema[name].type)


def fit(table: pa.Table, params: Params) -> Finding:
    """The answer with all its totals. FitError UNBOUNDED for too many groups, NEGATIVE for a sum of values
    below zero."""
    made = tabulate(table, params)
    columns: dict[str, Any] = {}
    counts, measures = [], []
    people = params["people_as"]
    for name, found in made.counts.items():
        columns[name] = pa.array(found, pa.int64())
        counts.append(name)
    for name, total in made.sums.items():
        first, second = made.largest[name]
        columns[name] = pa.array(total, pa.float64())
        columns[f"{name} largest"] = pa.array(first, pa.float64())
        columns[f"{name} second"] = pa.array(second, pa.float64())
        measures.append(Measure(name, people, True, (f"{name} largest", f"{name} second")))
    for name, means in made.means.items():
        columns[name] = pa.array(means, pa.float64(), from_pandas=True)
        measures.append(Measure(name, people))
    for name, shares in made.shares.items():
        columns[name] = pa.array(shares, pa.float64(), from_pandas=True)
        measures.append(Measure(name, people, share=True))
    told = ResultTable(
        TABLE,
        "Answer",
        Output.MAGNITUDE if made.sums else Output.FREQUENCY,
        pa.table({**made.labels, **{name: columns[name] for name in _in_order(columns, params)}}),
        tuple(made.labels),
        tuple(counts),
        tuple(measures),
        _notes(params, made),
        overlapping=made.overlapping,
    )
    return Finding((told,), method=SIGNATURE.question, source=SIGNATURE.source)


def _in_order(columns: Mapping[str, Any], params: Params) -> list[str]:
    """Who stands behind a row, then what was asked, each mean after its total, then evidence."""
    asked = [part for _, name, _ in asked_figures(params) for part in (total_name(name), name)]
    behind = [] if params["people_as"] in asked else [params["people_as"]]
    told = [name for name in (*behind, *asked) if name in columns]
    return list(dict.fromkeys((*told, *columns)))


def _notes(params: Params, made: Tabulation) -> tuple[str, ...]:
    unit = params["unit_as"].replace("_", " ")
    people = params["people_as"]
    notes = [
        f"{people}: how many stand behind a row, each {unit} once.",
        f"Records of no known {unit} are left out.",
    ]
    if made.overlapping:
        told = ", ".join(made.overlapping)
        notes.append(
            f"The same {unit} can stand under several values of {told}, so these do not add up to {ALL}."
        )
    return tuple(notes)


def tell(tables: Mapping[str, pa.Table], params: Params) -> Story:
    """How many rows were answered, and how many of them in full."""
    table = tables[TABLE]
    shown = sum(1 for value in table[params["people_as"]].to_pylist() if value is not None)
    said = f"{shown} of {table.num_rows} rows can be shown, totals included."
    return Story((said,), ("Figures of small groups are withheld.",))


RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE, prepare, fit, tell))
