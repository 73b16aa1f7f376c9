"""What is asked of a linking and what comes back: plain frozen values, cheap to import."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from ..errors import LinkError, Problem

IDENTITY = (
    "nhs_number",
    "name",
    "title",
    "forename",
    "surname",
    "alias",
    "born",
    "sex",
    "postcode",
    "address",
    "uprn",
    "other_id",
    "since",
    "until",
)
"""The columns a source may bring. `name` is one field such as 'MRS J SMITH'; a title tells the sex where
nothing else does; `alias` is a further name, former or assumed; `other_id` any further number; `since` and
`until` are the dates of living at the address, which only `households` uses.
"""

_MOST_PROMISED = 60
"""A bit of 63 each, and some for decisions."""

Progress = Callable[[str, float], None]
"""Told a stage in words and how much of the whole is done, from 0 to 1."""


@dataclass(frozen=True)
class Settings:
    """How to link. The same settings and records give the same clusters, whatever the order of rows.

    `linker` names an entry of the registry. `threshold` is the match probability from which two records
    are one person. `one_per_source` names the sources that hold each person at most once. `secret` keys
    the opaque cluster ids and must not leave the linker. `columns` are the identity columns that the
    agreement lets be used. A home with more than `communal` residents at a time is communal: a care home,
    a hall, a barracks.
    """

    secret: bytes = field(repr=False)
    linker: str = "nhs-then-splink"
    threshold: float = 0.95
    seed: int = 1
    one_per_source: frozenset[str] = frozenset()
    columns: tuple[str, ...] = IDENTITY
    communal: int = 12
    threads: int = 2

    def __post_init__(self) -> None:
        problems = [problem for wrong, problem in self._rules() if wrong]
        if problems:
            raise LinkError(problems)

    @classmethod
    def of(cls, secret: bytes, linker: str, told: Mapping[str, Any]) -> Settings:
        """The settings that an agreement writes under `with:`. LinkError for a name that is no setting of
        its."""
        known = ("threshold", "seed", "one_per_source", "communal")
        unknown = sorted(set(told) - set(known))
        if unknown:
            what = f"{linker} has no setting {', '.join(unknown)}"
            raise LinkError(Problem("SETTING", what, fix=f"it has: {', '.join(known)}"))
        promised = frozenset(told.get("one_per_source", ()))
        return cls(secret, linker, **{**told, "one_per_source": promised})

    def _rules(self) -> list[tuple[bool, Problem]]:
        unknown = sorted(set(self.columns) - set(IDENTITY))
        return [
            (
                len(self.secret) < 16,
                Problem("SECRET", "the linking secret is shorter than 16 bytes", "ids could be guessed"),
            ),
            (
                not 0.5 <= self.threshold < 1,
                Problem("THRESHOLD", f"threshold {self.threshold} is not in [0.5, 1)"),
            ),
            (
                bool(unknown),
                Problem(
                    "COLUMN",
                    f"not identity columns: {', '.join(unknown)}",
                    fix=f"use {', '.join(IDENTITY)}",
                ),
            ),
            (
                len(self.one_per_source) > _MOST_PROMISED,
                Problem("PROMISED", f"over {_MOST_PROMISED} sources promise one record a person"),
            ),
            (self.communal < 2, Problem("COMMUNAL", "a communal home holds at least two residents")),
            (self.threads < 1, Problem("THREADS", "at least one thread is needed")),
        ]


@dataclass(frozen=True)
class Linked:
    """Who is who. `table` holds (source, record, cluster); `evidence` only counts, never a value.

    `pairs` holds the scored links that were kept: (source_l, record_l, source_r, record_r, rule, weight).
    """

    table: pa.Table
    evidence: Mapping[str, Any]
    pairs: pa.Table


@dataclass(frozen=True)
class Housed:
    """Who lives where. `table` holds (source, record, home, household, communal); `evidence` only counts.

    Ids are null for a record that gives no place to live; a communal home forms no household.
    """

    table: pa.Table
    evidence: Mapping[str, Any]
