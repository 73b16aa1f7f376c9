"""The reference page of faults: an agreement spoilt in one way at a time, and what `lint` says."""

from __future__ import annotations

import tempfile
from pathlib import Path

EXAMPLE = Path(__file__).parent / "examples" / "fire-visits.yaml"
SPOILT = (
    ("A field that is not known", "    register: public\n", "    register: public\n    colour: red\n"),
    ("A date that is not in the calendar", "review: 2025-04-01", "review: 2025-04-31"),
    ("No public notice", "    notice: https://northshire.example/notices/fire-visits\n", ""),
    ("A purpose that nobody stated", "    purpose: evaluation\n", "    purpose: enforcement\n"),
    ("A recipient that is no party", "to: [northshire-council, public]", "to: [northshire-council, acme]"),
    ("A form wider than the recipe needs", "form: aggregate", "form: de-personalised"),
    ("A birth date where a month would do", "  patients: {born: {to: month}}", "  {}"),
    ("A field that no product uses", "of: hospital, use: [date]", "of: hospital, use: [date, cost]"),
    ("A field that its holder does not have", "of: hospital, use: [date]", "of: hospital, use: [day]"),
    ("A recipe's name misspelt", "recipe: matched-cohort", "recipe: matched-cohrt"),
    ("An expression of the wrong type", "date '2023-04-01'", "':at'"),
    ("The linker is the host", "{role: linker}", "{role: host}  "),
)


def faults() -> str:
    """The page."""
    from typer.testing import CliRunner

    from sharewell import workspace
    from sharewell.cli import app

    told = [
        "# What goes wrong, and what `lint` says\n",
        f"Each is [{EXAMPLE.name}](../examples/{EXAMPLE.name}) with one thing changed. Every fault is told "
        "at once, with its line, why it matters and what to do.\n",
    ]
    with tempfile.TemporaryDirectory() as folder:
        space = workspace.init(Path(folder) / "space").folder
        text = EXAMPLE.read_text(encoding="utf-8")
        spoilt = space / "systems" / EXAMPLE.name
        for title, old, new in SPOILT:
            if old not in text:
                raise ValueError(f"{title}: the agreement no longer says {old!r}")
            spoilt.write_text(text.replace(old, new), encoding="utf-8")
            said = CliRunner().invoke(app, ["lint", EXAMPLE.stem, "--space", str(space)])
            if not said.exit_code:
                raise ValueError(f"{title}: lint found no fault")
            told.append(f"## {title}\n\n{_shown(old, new)}\n```text\n{_said(said.stderr)}\n```\n")
    return "\n".join(told)


def _shown(old: str, new: str) -> str:
    lines = [f"-{line.strip()}" for line in old.splitlines()]
    lines += [f"+{line.strip()}" for line in new.splitlines() if line.strip()]
    return "```diff\n" + "\n".join(lines) + "\n```\n"


def _said(output: str) -> str:
    return "\n".join(line.rstrip() for line in output.splitlines() if line.strip())
