"""From what a workshop found to the lines of the agreements that it changes.

The lines are printed for people to paste: an agreement is a signed text, and nobody but its owner edits it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from .day import DayText
from .figures import Figures
from .sayings import Found

_OWNER = "NOBODY YET: name the post"
_WORDS = 5


def conclusions(text: DayText, figures: Figures) -> Mapping[str, dict[str, Any]]:
    """agreement -> its `deliberation:` as YAML would hold it. A finding without one is in none."""
    found: dict[str, list[Found]] = {}
    for each in figures.findings:
        if each.agreement:
            found.setdefault(each.agreement, []).append(each)
    return {name: _deliberation(text, figures, held) for name, held in sorted(found.items())}


def as_yaml(deliberation: Mapping[str, Any]) -> str:
    """The lines to paste under `agree:`."""
    import yaml

    told: str = yaml.safe_dump(
        {"deliberation": dict(deliberation)}, sort_keys=False, allow_unicode=True, width=100
    )
    return "".join(f"  {line}\n" for line in told.splitlines())


def _deliberation(text: DayText, figures: Figures, found: list[Found]) -> dict[str, Any]:
    conditions: dict[str, dict[str, Any]] = {}
    for each in found:
        if each.condition:
            conditions[_name(each.condition, conditions)] = {
                "text": each.condition,
                "before": _due(each.before),
                "owner": each.owner or _OWNER,
            }
    findings = [{"said": each.said, "clause": each.clause} for each in found if each.clause]
    told: dict[str, Any] = {"event": text.title, "when": text.held.on, "who": _who(text, figures)}
    if findings:
        told["findings"] = findings
    return told | ({"conditions": conditions} if conditions else {})


def _who(text: DayText, figures: Figures) -> str:
    people = (
        "How many came was not written down" if figures.people is None else f"{figures.people} people came"
    )
    gone = [group.who for group in text.invited if group.came == 0]
    return f"{people}." + (f" Nobody came from: {'; '.join(gone)}." if gone else "")


def _due(before: str | None) -> str | date:
    """`publication`, `first run` or a day; a first run where nothing was said, which holds the most."""
    if before is None or before in ("publication", "first run"):
        return before or "first run"
    return date.fromisoformat(before)


def _name(condition: str, taken: Mapping[str, Any]) -> str:
    """A name from the first words of a condition, with a number where that is taken."""
    words = re.findall(r"[a-z]+", condition.lower())[:_WORDS]
    first = "-".join(words) or "condition"
    number, name = 1, first
    while name in taken:
        number += 1
        name = f"{first}-{number}"
    return name
