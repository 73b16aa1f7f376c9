"""A sign that input may be bad: which source and field, of what kind, in how many records of how many."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

Name = TypeVar("Name", str, int)
"""A source by name, or by its number in table `sources`."""


class Sign(NamedTuple, Generic[Name]):
    """`about`: the records are a sample of the source."""

    source: Name
    field: str
    kind: str
    records: int
    of: int
    about: bool
