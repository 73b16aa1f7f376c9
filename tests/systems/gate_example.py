"""The small agreement with what the gate treats apart: words that people must read, and rows about coded
people. Two recipes, which no release of the software has, are on the shelf while a test uses them.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import workspace_example
from click.testing import Result
from typer.testing import CliRunner
from workspace_example import NAME, make

from sharewell.analyse.registry import RECIPES
from sharewell.cli import app
from sharewell.plan.finding import Finding, Output, ResultTable
from sharewell.plan.forms import AGGREGATE, DEPERSONALISED
from sharewell.plan.recipe import Given, Input, Parameter, Params, Recipe, Signature, Story, Takes
from sharewell.plan.steps import Group, Keep, Step
from sharewell.workspace import Workspace

FIRST, SECOND = "b.osei@north-host", "c.reid@north-host"
READERS = (FIRST, SECOND)
MARK = "quillwort"
"""A word of the held table that stands nowhere else."""

SUMMARY = Signature(
    name="told-summary",
    question="What would somebody say of each {area}?",
    needs=DEPERSONALISED,
    yields=AGGREGATE,
    inputs=(Input("rows", "one row a person"),),
    parameters=(
        Parameter("person", Takes.COLUMN, "the key of the person", True, of="rows"),
        Parameter("area", Takes.COLUMN, "what is told of", True, of="rows"),
        Parameter("word", Takes.TEXT, "how each sentence ends", default=MARK),
        Parameter("about", Takes.TEXT, "what the table is about", default="each area"),
    ),
    source="an invented source",
)
ROWS = Signature(
    name="coded-rows",
    question="What is known of each person, by their code?",
    needs=DEPERSONALISED,
    yields=DEPERSONALISED,
    inputs=(Input("rows", "one row a person"),),
    parameters=(
        Parameter("subject", Takes.COLUMN, "the key of the person", True, of="rows"),
        Parameter("show", Takes.COLUMNS, "columns to carry over", True, of="rows"),
    ),
    fits=False,
    gives=(Given(named_by="subject"), Given(named_by="show")),
    subject="subject",
)


def _gathered(inputs: Mapping[str, Step], params: Params) -> Step:
    return Group(inputs["rows"], (params["area"], params["person"]), ())


def _told(table: pa.Table, params: Params) -> Finding:
    """One sentence an area: what no rule can read."""
    held = table[params["area"]].to_pylist()
    areas = sorted(set(held))
    notes = [f"{held.count(area)} people live in {area}, {params['word']}" for area in areas]
    data = pa.table({"area": areas, "note": notes})
    title = f"What is said of {params['about']}"
    return Finding((ResultTable("notes", title, Output.TEXT, data, ("area",)),))


def _sentence(tables: Mapping[str, pa.Table], _params: Params) -> Story:
    return Story((f"{tables['notes'].num_rows} areas are told of.",), ())


def _kept(inputs: Mapping[str, Step], params: Params) -> Step:
    return Keep(inputs["rows"], (params["subject"], *params["show"]))


@contextmanager
def shelved() -> Iterator[None]:
    """Both recipes can be named inside, and are gone afterwards."""
    added = (Recipe(SUMMARY, _gathered, _told, _sentence), Recipe(ROWS, _kept))
    for recipe in added:
        RECIPES.add(recipe.signature.name, recipe)
    try:
        yield
    finally:
        for recipe in added:
            del RECIPES._held[recipe.signature.name]


TABLE = (
    "    tables:\n      rows: {from: patients, one_row: person, lookup: {areas: area}, derive: "
    '{age: "years_between(born, :at)"}}\n'
)
TOLD = f"""  area-notes:
    purpose: planning
    question: What would somebody say of each ward?
    recipe: told-summary
{TABLE}    with: {{person: person, area: ward}}
"""
CODED = f"""  person-rows:
    purpose: planning
    question: What is known of each person, by their code?
    recipe: coded-rows
{TABLE}    with: {{subject: person, show: [age, sex, area, asthma]}}
"""
ALIKE = "{anonymity: isb-1523, suppress: 0.1, coarser: {age: [10, 20, 40]}}"


def put(text: str, after: str, added: str) -> str:
    """A text with something put right after a line of it."""
    assert after in text, after
    return text.replace(after, after + added, 1)


def with_words(text: str) -> str:
    """The agreement with a product of sentences, and two people who may read it."""
    users = "    - {role: analyst, who: [a.khan@north-host], may: [run, release]}\n"
    more = f"    - {{role: reader, who: [{FIRST}, {SECOND}], may: [run, release]}}\n"
    more += "    - {role: clerk, who: [d.lund@north-host], may: [run]}\n"
    text = put(put(text, users, more), "\nanalyse:\n", TOLD)
    text = put(text, "\ncheck:\n", "  area-notes: {policy: official-statistics}\n")
    return put(
        text,
        "\nrelease:\n",
        "  area-notes: {to: [north-council], form: aggregate, as: [csv], every: year}\n",
    )


def with_rows(text: str, alike: str = ALIKE) -> str:
    """The agreement with rows about coded people, made as alike as `alike` says."""
    text = put(
        text.replace("use: [born, area, asthma]", "use: [born, sex, area, asthma]"), "\nanalyse:\n", CODED
    )
    text = put(text, "\ncheck:\n", f"  person-rows: {{policy: records, with: {alike}}}\n")
    text = put(
        text,
        "  necessity:\n",
        "    person-rows: {form: de-personalised, why: Clinics are planned by modelling each person, "
        "rejected: Counts by ward cannot be modelled, signed: dpo@north-host}\n",
    )
    return put(
        text,
        "\nrelease:\n",
        "  person-rows: {to: [north-council], form: de-personalised, fields: [person, "
        "age, sex, area, asthma], "
        "as: [csv], every: year, keep: P30D}\n",
    )


def place(folder: Path, text: str, *, signed: bool = True) -> Workspace:
    """A workspace whose agreement reads `text`."""
    import pytest

    shutil.copytree(workspace_example.HERE, folder / "text")
    (folder / "text" / "systems" / f"{NAME}.yaml").write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workspace_example, "HERE", folder / "text")
        return make(folder / "north", signed=signed)


def agreed() -> str:
    """The text of the small agreement as it stands."""
    return (workspace_example.HERE / "systems" / f"{NAME}.yaml").read_text(encoding="utf-8")


def give(space: Workspace, *words: str) -> Result:
    """A command in a workspace, as it would be typed."""
    return CliRunner().invoke(app, [*words, "-s", str(space.folder)], env={"COLUMNS": "160"})


def said(result: Result) -> str:
    """All that a command printed, on both streams, with line breaks and runs of blanks as one."""
    return " ".join((result.stdout + result.stderr).split())
