"""Write the reference pages from the code: `python -m docs.make` (or `make docs`).

A page says only what the code says. A test compares what is made here with what stands in `reference/`.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from docs.chapters import agreement, framework
from docs.faults import faults
from docs.rules import rules
from tests.spec.document import write as write_spec

REFERENCE = Path(__file__).parent / "reference"
NOTE = "<!-- Written by docs/make.py. Change the code it reads, then run: make docs -->\n"


def command_line() -> str:
    """The help of every command, eighty columns wide."""
    from typer.main import get_command
    from typer.testing import CliRunner

    from sharewell.cli import app

    runner = CliRunner(env={"COLUMNS": "80", "NO_COLOR": "1"})
    parts = ["# The command line\n"]
    for words in _commands(get_command(app)):
        told = runner.invoke(app, [*words, "--help"], prog_name="sharewell", terminal_width=80).output
        parts.append(f"## `{' '.join(('sharewell', *words))}`\n\n```text\n{told.strip()}\n```\n")
    parts.append(
        "A command ends with 0 when it did what was asked. Any other number is explained in "
        "[errors](errors.md).\n"
    )
    return "\n".join(parts)


def _commands(command: object, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """A command's words, then those of each command within it."""
    yield words
    for name, inner in getattr(command, "commands", {}).items():
        yield from _commands(inner, (*words, name))


def steps() -> str:
    """The steps that a plan is made of."""
    from sharewell.plan import steps as module

    told = ["# The steps of a plan\n", f"{inspect.getdoc(module)}\n"]
    for made in module.Step.__subclasses__():
        fields = ", ".join(f"`{name}`" for name in inspect.signature(made).parameters)
        told.append(
            f"## {made.__name__}\n\n{inspect.getdoc(made)}\n\nHolds {fields}. Stage: {made.stage}.\n"
        )
    told.append("What each does to rows is in [steps, in tables](steps-in-tables.md).\n")
    return "\n".join(told)


def recipes() -> str:
    """Each recipe's question, forms, inputs and settings."""
    from sharewell.analyse.registry import RECIPES

    told = ["# Recipes\n", "What an agreement may ask of its tables, under `analyse:`.\n"]
    for name in RECIPES:
        signed = RECIPES[name].signature
        told.append(f"## `{name}`\n\n> {signed.question}\n")
        told.append(
            f"Needs {signed.needs.word} {signed.needs}; yields {signed.yields.word} {signed.yields}.\n"
        )
        rows = [(f"`{i.name}`", i.row, "no" if i.optional else "yes") for i in signed.inputs]
        told.append(table(("table", "a row is", "required"), rows))
        settings = [
            (f"`{p.name}`", str(p.takes), p.doc, "yes" if p.required else _default(p.default))
            for p in signed
        ]
        told.append(table(("setting", "takes", "what it is", "required, or default"), settings))
        if signed.source:
            told.append(f"Method: {signed.source}\n")
    return "\n".join(told)


def _default(value: object) -> str:
    return "none" if value is None else f"`{value}`"


def policies() -> str:
    """The disclosure policies by name, with their numbers and sources."""
    from sharewell.check.policies import PRESETS
    from sharewell.check.policy import Policy

    said = re.sub(r"(?<!\n)\n(?!\n|[\w, ]+: ) *", " ", inspect.getdoc(Policy) or "")
    told = ["# Disclosure policies\n", re.sub(r"(?m)^([\w, ]+): ", r"- *\1*: ", said) + "\n"]
    numbers = (
        "minimum",
        "zero_is_small",
        "rounding",
        "figures",
        "p_percent",
        "dominance",
        "degrees_of_freedom",
    )
    for policy in PRESETS:
        rows = [(name.replace("_", " "), _plain(getattr(policy, name))) for name in numbers]
        told.append(f"## `{policy.name}`\n\n{policy.source}.\n\n" + table(("setting", "value"), rows))
    told.append(
        "Rows about people are not tables about groups. They are held to the policy `records`: exactly "
        "the fields agreed, one row a subject, one named recipient. Tables about nobody pass as "
        "`reference`.\n"
    )
    return "\n".join(told)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value) if value else "not used"


def coarsenings() -> str:
    """Rules that make a column less exposing."""
    from sharewell.depersonalise import RULES

    rows = []
    for name in RULES:
        rule = RULES[name]
        settings = ", ".join(f"`{p}`" for p in rule.parameters) or "none"
        rows.append(
            (f"`{name}`", rule.says, " or ".join(rule.takes), str(rule.gives), str(rule.kind), settings)
        )
    told = "# Coarsenings\n\nWhat `depersonalise:` may do to a field before it reaches the host.\n\n"
    return told + table(
        ("name", "what it does", "takes", "gives", "an identifier becomes", "settings"), rows
    )


def linkers() -> str:
    """The ways to find which records are the same."""
    from sharewell.link import linkers as registry

    rows = [(f"`{name}`", (inspect.getdoc(registry[name]) or "").replace("\n", " ")) for name in registry]
    return "# Linkers\n\nWhat a unit of `link:` may name.\n\n" + table(("name", "what it does"), rows)


def errors() -> str:
    """The tree of errors and the number that the command line ends with."""
    from sharewell import errors as module

    head, tree, tail = (inspect.getdoc(module) or "").split("\n\n")
    found = [item for item in vars(module).values() if inspect.isclass(item)]
    raised = [item for item in found if issubclass(item, module.SharewellError)]
    rows = [(f"`{item.__name__}`", str(item.exit_code), inspect.getdoc(item) or "") for item in raised]
    told = f"# Errors\n\n{head}\n\n```text\n{tree}\n```\n\n{tail}\n\n"
    return told + table(("class", "the command ends with", "what it says"), rows)


def release_states() -> str:
    """The life of a release, drawn from its table."""
    from sharewell.release.state import TRANSITIONS, diagram

    rows = [
        (str(r.state), str(r.event), ", ".join(sorted(str(w) for w in r.who)), str(r.to), r.effect)
        for r in TRANSITIONS
    ]
    told = f"# The life of a release\n\n```mermaid\n{diagram()}```\n\n"
    return told + table(("state", "event", "by", "becomes", "effect"), rows)


def json_schema(name: str) -> str:
    """The JSON Schema of a file, for editors that complete and check while one writes."""
    from sharewell.agree.json_schema import written

    return written(name)


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(_cell(cell) for cell in line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


PAGES: dict[str, Callable[[], str]] = {
    "cli.md": command_line,
    "agreement.md": agreement,
    "agreement.schema.json": lambda: json_schema("agreement"),
    "framework.md": framework,
    "framework.schema.json": lambda: json_schema("framework"),
    "rules.md": rules,
    "faults.md": faults,
    "steps.md": steps,
    "recipes.md": recipes,
    "policies.md": policies,
    "coarsenings.md": coarsenings,
    "linkers.md": linkers,
    "errors.md": errors,
    "release-states.md": release_states,
}


def page(name: str) -> str:
    """A page as it should stand. JSON has no room for the note."""
    if name.endswith(".json"):
        return PAGES[name]()
    return f"{NOTE}\n{PAGES[name]().rstrip()}\n"


if __name__ == "__main__":
    REFERENCE.mkdir(exist_ok=True)
    for name in PAGES:
        (REFERENCE / name).write_text(page(name), encoding="utf-8")
    write_spec()
    print(*sorted(PAGES))
