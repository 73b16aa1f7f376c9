"""The reference page of the rules of `lint`: each in its own words, with a faulty example and its fix."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sharewell.agree.rules import Rule

HEAD = """# The rules of `lint`

Each holds of an agreement's text, and of the plan that it compiles to. A rule that *refuses* stops `lint`,
and with it publication and every run. One that serves a red line is a veto: no benefit outweighs it. A rule
that *advises* is told apart and stops nothing, unless you ask for `--strict`. `sharewell rule CODE` says
the same in the terminal.
"""


def rules() -> str:
    """The page: a table of all, then a section each."""
    from sharewell.agree.lint import RULES

    rows = ["| code | weight | why |\n", "| --- | --- | --- |\n"]
    rows += [f"| [`{r.code}`](#{r.code.lower()}) | {r.weight} | {r.why} |\n" for r in RULES]
    return "\n".join([HEAD, "".join(rows), *(part for rule in RULES for part in _section(rule))])


def _section(rule: Rule) -> Iterator[str]:
    yield f"## {rule.code}\n\n{rule.reason}\n"
    veto = f" Red line: {rule.red_line}." if rule.red_line else ""
    yield f"It {rule.weight}. Source: {rule.source}.{veto}\n"
    lines = [f"-{line.strip()}" for line in rule.example.splitlines()]
    lines += [f"+{line.strip()}" for line in rule.fix.splitlines()]
    yield "```diff\n" + "\n".join(lines) + "\n```\n"
