"""Write the reference of expressions and steps from their spec: `python -m tests.spec.document`."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent, fill

from sharewell.plan.expressions import OPERATORS
from sharewell.plan.steps import AGGREGATES

from . import expressions, steps
from .cases import Case, Chapter, Gives, Means, Table
from .tables import lines

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"

_MADE = """<!-- Written by `python -m tests.spec.document` from tests/spec: change those, not this. -->
Every table below is a test, run on the reference engine and on DuckDB. An empty cell is null; `""` is the
empty text."""


def pages() -> dict[str, str]:
    """The text of each page by its file name."""
    return {
        "expressions.md": _page("Expressions, in tables", expressions.CHAPTERS, _operators()),
        "steps-in-tables.md": _page("Steps, in tables", steps.CHAPTERS, _figures()),
    }


def _page(title: str, chapters: tuple[Chapter, ...], end: str) -> str:
    return "\n\n".join([f"# {title}", _MADE, *(_chapter(chapter) for chapter in chapters), end]) + "\n"


def _chapter(chapter: Chapter) -> str:
    parts = [f"## {chapter.title}", chapter.says, *(_case(case) for case in chapter.cases)]
    return "\n\n".join(part for part in parts if part)


def _case(case: Case) -> str:
    if isinstance(case, Means):
        return f"{fill(case.says, 110)}\n\n{_block(_aligned_means(case.drawn))}"
    given = [
        _block(f"{name}{_whose(drawn)}\n{_aligned(_text(drawn))}") for name, drawn in case.tables.items()
    ]
    if isinstance(case, Gives):
        end = f"gives\n\n{_block(_aligned(case.gives))}"
    else:
        end = f"has the form `{case.form}`." if hasattr(case, "form") else f"is refused: `{case.code}`."
    return "\n\n".join([fill(case.says, 110), *given, f"`{case.step}`", end])


def _block(text: str) -> str:
    return f"```text\n{text}\n```"


def _text(drawn: Table | str) -> str:
    return drawn.drawn if isinstance(drawn, Table) else drawn


def _whose(drawn: Table | str) -> str:
    if isinstance(drawn, str):
        return ""
    held = f", held at {drawn.at}" if drawn.at != "host" else ""
    return held if drawn.people else f"{held}, about places"


def _aligned(text: str) -> str:
    """The same cells in columns of one width."""
    cells = lines(dedent(text))
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    drawn = [
        " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in cells
    ]
    rule = "-+-".join("-" * width for width in widths)
    return "\n".join(line.rstrip() for line in [drawn[0], rule, *drawn[1:]])


def _aligned_means(text: str) -> str:
    """What is given, and after `=>` what the expressions give."""
    return _aligned(text.replace("=>", "| => |")).replace("| => |", " => ").replace("+----+", "----")


def _operators() -> str:
    rows = [f"| `{name}` | {operator.doc} |" for name, operator in OPERATORS.items()]
    head = ["## All operators", "", "| operator | takes |", "|---|---|"]
    return "\n".join([*head, *(row.replace("`||`", "`\\|\\|`") for row in rows)])


def _figures() -> str:
    rows = [f"| `{name}` | {doc} |" for name, doc in AGGREGATES.items()]
    return "\n".join(["## All figures of a group", "", "| figure | is |", "|---|---|", *rows])


def write() -> None:
    """Write the pages."""
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (REFERENCE / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
