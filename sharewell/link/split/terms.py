"""The terms of one exchange: who sends what to whom, and why. Every role holds the same file, and its
hash is in every package."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import LinkError, Problem
from ..settings import IDENTITY

STANDARD = {
    "nhs_number": ("nhs",),
    "name": ("forename", "surname", "given", "sex"),
    "title": ("sex",),
    "forename": ("forename", "given"),
    "surname": ("surname",),
    "born": ("born",),
    "sex": ("sex",),
    "postcode": ("postcode",),
    "address": ("number", "street"),
    "uprn": ("uprn",),
    "other_id": ("other_id",),
}
"""Which standard columns each identity column gives."""

_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")


@dataclass(frozen=True)
class Party:
    """What a party sends. `identifiers`: identity column -> its own column, for the linker only;
    `content`: its own columns for `host` only; `record`: its key; `once`: each person at most once."""

    host: str
    record: str
    identifiers: Mapping[str, str]
    content: tuple[str, ...]
    once: bool


@dataclass(frozen=True)
class Terms:
    """One agreed exchange. `encoded`: the linker gets keyed encodings and never sees a name."""

    agreement: str
    purpose: str
    linker: str
    parties: Mapping[str, Party]
    encoded: bool
    method: str
    threshold: float
    hash: str

    @property
    def hosts(self) -> list[str]:
        return sorted({party.host for party in self.parties.values()})

    @property
    def standard(self) -> list[str]:
        """The standard columns that some party's identifiers give: what encodings are made of."""
        given = {name for party in self.parties.values() for name in party.identifiers}
        return sorted({column for name in given for column in STANDARD.get(name, ())})

    def party(self, name: str) -> Party:
        """LinkError PARTY where the terms do not name it as a party."""
        if name not in self.parties:
            what = f"{name} is no party of these terms"
            raise LinkError(Problem("PARTY", what, fix=f"parties: {', '.join(sorted(self.parties))}"))
        return self.parties[name]

    @classmethod
    def read(cls, path: Path) -> Terms:
        """Read terms.json. LinkError TERMS with every fault at once."""
        try:
            return cls.of(json.loads(path.read_bytes()))
        except OSError:
            raise LinkError(Problem("TERMS", "the terms cannot be read", fix="name terms.json")) from None
        except ValueError:
            raise LinkError(
                Problem("TERMS", "the terms are not JSON", fix="ask for the agreed file")
            ) from None

    @classmethod
    def of(cls, told: Any) -> Terms:
        """Check and keep terms. LinkError TERMS with every fault at once."""
        if not isinstance(told, dict):
            raise LinkError(Problem("TERMS", "the terms are not an object with names"))
        faults = [*_words(told), *_parties(told)]
        if faults:
            fix = "correct the terms with all roles: their hash must agree"
            raise LinkError([Problem("TERMS", fault, fix=fix) for fault in faults])
        canonical = json.dumps(told, sort_keys=True, separators=(",", ":")).encode()
        parties = {name: _party(party) for name, party in sorted(told["parties"].items())}
        return cls(
            told["agreement"],
            told["purpose"],
            told["linker"],
            parties,
            told.get("encoded", False),
            told.get("method", "nhs-then-splink"),
            float(told.get("threshold", 0.95)),
            hashlib.sha256(b"sharewell split terms 1\0" + canonical).hexdigest(),
        )


def _party(told: Mapping[str, Any]) -> Party:
    identifiers, content = told["identifiers"], tuple(told.get("content", ()))
    return Party(told["host"], told["record"], identifiers, content, told.get("once", False))


def _words(told: Mapping[str, Any]) -> list[str]:
    known = {"agreement", "purpose", "linker", "parties", "encoded", "method", "threshold"}
    faults = [
        f"{name} is missing" for name in ("agreement", "purpose", "linker", "parties") if not told.get(name)
    ]
    faults += [f"{name!r} is no word of the terms" for name in sorted(set(told) - known)]
    faults += [
        f"{name} is not text"
        for name in ("agreement", "purpose", "linker", "method")
        if not isinstance(told.get(name, ""), str)
    ]
    if not isinstance(told.get("encoded", False), bool):
        faults.append("encoded is neither true nor false")
    threshold = told.get("threshold", 0.95)
    if not isinstance(threshold, int | float) or not 0.5 <= threshold < 1:
        faults.append("threshold is not in [0.5, 1)")
    return faults


def _parties(told: Mapping[str, Any]) -> list[str]:
    parties = told.get("parties")
    if not isinstance(parties, dict) or not parties:
        return ["parties is not an object with names"]
    faults = []
    for name, party in parties.items():
        if not isinstance(party, dict) or not _NAME.fullmatch(name):
            faults.append("a party is not an object, or its name is malformed")
            continue
        faults += [f"{name}: {fault}" for fault in _faults(party)]
        if told.get("linker") in (name, party.get("host")):
            faults.append(f"{name}: the linker is also a party or a host, so it would hold both halves")
    return faults


def _faults(party: Mapping[str, Any]) -> list[str]:
    known = {"host", "record", "identifiers", "content", "once"}
    faults = [f"{name!r} is no word of a party" for name in sorted(set(party) - known)]
    faults += [f"{name} is not text" for name in ("host", "record") if not isinstance(party.get(name), str)]
    identifiers, content = party.get("identifiers"), party.get("content", [])
    if not isinstance(identifiers, dict) or not all(isinstance(v, str) for v in identifiers.values()):
        return [*faults, "identifiers is not an object of identity column to own column"]
    if not isinstance(content, list) or not all(isinstance(v, str) for v in content):
        return [*faults, "content is not a list of columns"]
    faults += [
        f"{name} is no identity column; there are {', '.join(IDENTITY)}"
        for name in sorted(set(identifiers) - set(IDENTITY))
    ]
    both = sorted({*identifiers.values(), str(party.get("record"))} & set(content))
    faults += [f"column {name} is both identifier and content, so the host would see it" for name in both]
    if "record" in identifiers or len(content) != len(set(content)):
        faults.append("a column is named twice")
    return faults
