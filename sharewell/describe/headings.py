"""Which column of a spreadsheet says what: headings known by near names.

The headings are those of the ICO's template for a record of processing (UK GDPR Article 30) and those that
asset registers commonly have. A heading that is near none of them is named as unused, never guessed at.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from enum import StrEnum


class Listing(StrEnum):
    """What a spreadsheet lists."""

    ROPA = "ropa"
    ASSETS = "assets"


ROPA: Mapping[str, tuple[str, ...]] = {
    "function": ("business function", "department", "service area", "team"),
    "purpose": ("purpose of processing", "purpose", "purposes of the processing", "why we use it"),
    "joint_controller": (
        "name and contact details of joint controller",
        "name and contact of joint controller",
        "joint controller",
    ),
    "subjects": ("categories of individuals", "categories of data subjects", "data subjects"),
    "categories": ("categories of personal data", "personal data", "types of personal data"),
    "recipients": ("categories of recipients", "recipients", "shared with"),
    "processor": ("link to contract with processor", "contract with processor", "processor contract"),
    "abroad": (
        "transfers abroad",
        "names of third countries or international organisations that personal data are transferred to",
        "international transfers",
        "third countries",
    ),
    "safeguard": (
        "safeguards for exceptional transfers of personal data to third countries",
        "safeguards",
        "transfer safeguards",
    ),
    "retention": ("retention schedule", "retention period", "how long kept"),
    "security": (
        "general description of technical and organisational security measures",
        "security measures",
    ),
    "article_6": (
        "article 6 lawful basis for processing personal data",
        "article 6 basis",
        "article 6",
        "lawful basis",
    ),
    "article_9": (
        "article 9 basis for processing special category data",
        "article 9 basis",
        "article 9",
        "special category condition",
    ),
    "schedule_1": ("data protection act 2018 schedule 1 condition for processing", "schedule 1 condition"),
    "notice": ("link to privacy notice", "privacy notice"),
    "location": ("location of personal data", "where held"),
    "assessment": ("link to data protection impact assessment", "dpia", "link to dpia"),
}
"""Columns of a record of processing, each with the headings that it goes by."""

ASSETS: Mapping[str, tuple[str, ...]] = {
    "name": ("asset name", "information asset", "dataset", "dataset name", "title", "name of asset"),
    "owner": ("owner", "asset owner", "information asset owner", "held by", "data owner", "publisher"),
    "description": ("description", "asset description", "what it holds", "summary"),
    "location": ("location", "where held", "storage location", "system"),
    "format": ("format", "file format", "file type"),
    "frequency": ("update frequency", "frequency", "how often updated", "refresh"),
    "classification": ("classification", "security classification", "protective marking", "marking"),
    "fields": ("fields", "data items", "columns", "attributes", "data fields"),
}
"""Columns of an asset list."""

HEADINGS: Mapping[Listing, Mapping[str, tuple[str, ...]]] = {Listing.ROPA: ROPA, Listing.ASSETS: ASSETS}
NEAR = 0.82
"""How alike two headings must be: 1 is the same. At 0.82 a slip or a plural is forgiven."""


def plain(heading: str) -> str:
    """A heading without case, punctuation, line ends and what stands in brackets."""
    return " ".join(re.findall(r"[a-z0-9]+", re.sub(r"\([^)]*\)", " ", heading.lower())))


def recognise(header: Sequence[str], listing: Listing) -> dict[str, int]:
    """The column of each known heading, by its number from 0; the most alike first, each column once."""
    scored = [
        (_alike(plain(found), known), -number, column)
        for number, found in enumerate(header)
        if plain(found)
        for column, known in HEADINGS[listing].items()
    ]
    taken: dict[str, int] = {}
    for score, number, column in sorted(scored, reverse=True):
        if score >= NEAR and column not in taken and -number not in taken.values():
            taken[column] = -number
    return taken


def _alike(found: str, known: Sequence[str]) -> float:
    return max(difflib.SequenceMatcher(None, found, name, autojunk=False).ratio() for name in known)
