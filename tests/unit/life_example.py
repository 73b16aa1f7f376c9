"""Three bodies, one agreement, and what an account could say of it: for tests of its life, without any."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, replace
from functools import cache
from pathlib import Path
from typing import Any

from sharewell.agree.conditions import condition_digest
from sharewell.agree.document import Agreement, load_agreement
from sharewell.agree.life import Life, Record, live
from sharewell.agree.signing import Enrolment, SigningKey, Undertaking, fingerprint
from sharewell.agree.status import Act
from sharewell.plan.fingerprint import Fingerprints

TEXT = (Path(__file__).parents[1] / "systems/warm-homes/systems/warm-homes.yaml").read_text(
    encoding="utf-8"
)
DELIBERATION = """\
  deliberation:
    event: The Northshire workshop
    when: 2024-03-01
    conditions:
      leaflet: {text: A leaflet lies in every clinic, before: publication, owner: chair@panel}
      training: {text: Every analyst has been trained, before: first run, owner: chair@panel}
      audit: {text: An outside auditor has looked at it, before: 2024-09-01, owner: chair@panel}
  benefits:"""
HASHES = Fingerprints("a" * 64, "b" * 64)
OTHER = Fingerprints("c" * 64, "d" * 64)
START = dt.datetime(2024, 6, 3, 9, tzinfo=dt.UTC)
KEYS = {name: SigningKey.new() for name in ("first", "second", "stranger")}
OFFICES = {
    "north-clinic": ("guardian@north-clinic", "caldicott guardian"),
    "north-council": ("siro@north-council", "senior information risk owner"),
    "north-energy": ("chief@north-energy", "chief executive"),
    "north-linker": ("siro@north-linker", "senior information risk owner"),
    "north-host": ("siro@north-host", "senior information risk owner"),
}
PARTIES = tuple(OFFICES)
CONDITIONS = ("leaflet", "training", "audit")


@cache
def agreement(deliberated: bool = False, notice: int = 0) -> Agreement:
    """The small agreement, weighed at a workshop or not, with so many days of notice."""
    text = TEXT.replace("  benefits:", DELIBERATION, 1) if deliberated else TEXT
    return load_agreement(text.replace("  exit: destroy", f"  exit: destroy\n  notice_days: {notice}"))


@cache
def key_of(party: str, which: str = "first") -> SigningKey:
    return SigningKey.new()


def enrol(party: str, /, which: str = "first", voucher: str = "", **more: Any) -> Record:
    who, office = OFFICES[party]
    told = replace(Enrolment(who, party, office, key_of(party, which).public), **more)
    vouched = key_of(party, voucher).sign(told.content()) if voucher else ""
    return Record(Act.ENROL, START, "operator@north-host", {**asdict(told), "vouched": vouched})


def revoke(party: str, reason: str, since: str = "", which: str = "first") -> Record:
    facts = {"fingerprint": fingerprint(key_of(party, which).public), "reason": reason, "since": since}
    return Record(Act.REVOKE, START, "operator@north-host", facts)


def sign(
    party: str, /, which: str = "first", at: dt.datetime = START, of: Fingerprints = HASHES, **more: Any
) -> Record:
    """A signature; `more` changes what is entered after it was signed."""
    who, office = OFFICES[party]
    said = Undertaking("warm-homes", 1, of.terms, of.flow, party, office, who, at.isoformat())
    key = key_of(party, which)
    facts = {**asdict(said), "fingerprint": fingerprint(key.public), "signature": key.sign(said.content())}
    return Record(Act.SIGN, at, who, {**facts, **more})


def about(act: Act, at: dt.datetime = START, of: Fingerprints = HASHES, **more: Any) -> Record:
    """An act that names the text."""
    return Record(act, at, "siro@north-host", {**vars(of), **more})


def met(name: str) -> Record:
    deliberation = agreement(deliberated=True).text.agree.deliberation
    assert deliberation is not None
    return Record(
        Act.MEET, START, "chair@panel", {"digest": condition_digest(name, deliberation.conditions[name])}
    )


def signed_by_all(at: dt.datetime = START) -> list[Record]:
    return [about(Act.ASSESS, at), *map(enrol, PARTIES), *(sign(party, at=at) for party in PARTIES)]


def stands(records: list[Record], of: Agreement | None = None, now: dt.datetime = START) -> Life:
    return live(of or agreement(), HASHES, records, now)
