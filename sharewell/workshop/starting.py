"""The first draft of a day: the exercises in their order, and a card for each agreement that is there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from importlib import resources
from string import Template, ascii_uppercase

import yaml

from ..errors import DataError
from .dealing import deal

FEWEST, MOST = 3, 12
"""Cards on a table."""


def first_draft(name: str, agreements: Sequence[str], tables: int, on: date) -> str:
    """The YAML of a day at which so many tables weigh these agreements, dealt so that tables share some."""
    labels = [ascii_uppercase[i] if i < 26 else f"{i + 1}" for i in range(len(agreements))]
    named = zip(labels, agreements, strict=True)
    text = resources.files(__package__).joinpath("draft.yaml").read_text(encoding="utf-8")
    return Template(text).substitute(
        name=as_text(name),
        day=on.isoformat(),
        cards="\n".join(f'  "{label}": {{agreement: {as_text(agreement)}}}' for label, agreement in named),
        tables="\n".join(f"  table-{number}: {{}}" for number in range(1, tables + 1)),
        deal=dealt(len(agreements), tables),
    )


def as_text(name: str) -> str:
    """A name as YAML reads it as text: in quotes where it would be taken for yes, no or nothing."""
    return name if yaml.safe_load(name) == name else f'"{name}"'


def dealt(examples: int, tables: int) -> int:
    """The fewest cards on each table with which shared cards join all tables, within what a table can hold;
    where that is too few, as many as it can hold."""
    least = -(-(examples + tables - 1) // tables)
    most = min(examples, MOST)
    labels, names = [str(n) for n in range(examples)], [str(n) for n in range(tables)]
    for size in range(max(least, min(FEWEST, most)), most + 1):
        try:
            deal(labels, names, size)
        except DataError:
            continue
        return size
    return most
