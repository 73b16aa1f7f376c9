"""The order in which `--help` shows commands: by what somebody wants to do, along the road."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup

SECTIONS: dict[str, tuple[str, ...]] = {
    "Begin": ("demo", "learn", "init", "county", "prove"),
    "Describe: what is held, and how good it is": ("assets", "profile"),
    "Agree: write, check, compare": (
        "new", "schema", "lint", "rule", "explain", "diff", "papers", "export",
    ),
    "Weigh: a workshop of people": ("workshop", "weigh"),
    "Agree: sign, publish": (
        "keys", "assess", "deliberate", "condition", "sign", "publish", "rehearse", "status",
        "suspend", "resume", "withdraw",
    ),
    "Link: who is who": ("link", "split"),
    "Run": ("decide", "run", "show", "gallery", "ask", "asked"),
    "De-personalise: who is who again, by two together": ("reidentify",),
    "Check: what may leave": ("audit", "attack", "budget", "outputs"),
    "Account: what was done": ("account", "usage", "benefit", "register", "incident", "complaint"),
}  # fmt: skip
"""Each command under the heading where one would look for it."""


class Road(TyperGroup):
    """The top of the command line, its commands under headings."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Each section with its commands and the first line of their help."""
        for heading, names in SECTIONS.items():
            held = [(name, self.commands[name]) for name in names if name in self.commands]
            if held:
                with formatter.section(heading):
                    formatter.write_dl([(name, command.get_short_help_str(90)) for name, command in held])
