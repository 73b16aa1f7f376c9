"""A day in a hall, for tests that say what matters of it and no more."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from sharewell.workshop.day import DayText

POLL = {"exercise": "poll", "minutes": 5, "statement": "Sharing is worth it."}


def day_with(labels: Iterable[str], tables: Iterable[str], **more: Any) -> DayText:
    """Its cards and tables, with whatever is given besides."""
    held = {
        "on": dt.date(2026, 3, 2),
        "where": "a hall",
        "starts": "10:00",
        "ends": "16:00",
        "host": "us all",
    }
    return DayText.model_validate(
        {
            "sharewell-workshop": 1,
            "workshop": "a-day",
            "title": "A day in the county",
            "purpose": "To weigh uses of data.",
            "held": held,
            "examples": {label: {"title": f"Use {label}"} for label in labels},
            "tables": {name: {} for name in tables},
            **more,
        }
    )
