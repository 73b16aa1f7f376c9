"""Rules that hold of the text alone, so that they are told even where the text does not compile."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from ..errors import among
from .document import Agreement
from .rules import PUBLIC, Found
from .terms import Role


def notice(agreement: Agreement) -> Iterator[Found]:
    """There is an address where the public can read of it."""
    if agreement.text.agree.transparency.notice is None:
        where = agreement.at("agree", "transparency")
        yield Found(
            "there is no public notice", "give `notice:` the address of the published notice", where
        )


def purpose(agreement: Agreement) -> Iterator[Found]:
    """Every product serves a purpose that is stated."""
    stated = agreement.text.agree.purposes
    for name, analysis in agreement.text.analyse.items():
        if analysis.purpose not in stated:
            what = f"{name} serves {analysis.purpose!r}, which is no stated purpose"
            fix = f"state it under `purposes:`; {among(analysis.purpose, stated)}"
            yield Found(what, fix, agreement.at("analyse", name, "purpose"))


def transparency(agreement: Agreement) -> Iterator[Found]:
    """It stands in the public register, with a summary anyone can read."""
    told, where = agreement.text.agree.transparency, agreement.at("agree", "transparency")
    if told.register_ != "public":
        yield Found("the agreement is kept out of the public register", "write `register: public`", where)
    if told.summary is None:
        yield Found(
            "there is no plain summary", "say in `summary:` what is joined, why, and who sees it", where
        )


def recipients(agreement: Agreement) -> Iterator[Found]:
    """Releases go to parties or to everyone, and never to who links."""
    parties = agreement.text.agree.parties
    if PUBLIC in parties:
        where = agreement.at("agree", "parties", PUBLIC)
        yield Found(f"a party is called {PUBLIC!r}, which means everyone", "call it by its name", where)
    for name, release in agreement.text.release.items():
        where = agreement.at("release", name, "to")
        for to in release.to:
            if to != PUBLIC and to not in parties:
                fix = f"name it under `parties:`; {among(to, [*parties, PUBLIC])}"
                yield Found(f"{name} goes to {to!r}, which is no party", fix, where)
            elif to != PUBLIC and parties[to].role is Role.LINKER:
                what = f"{name} goes to {to}, which sees names and may never see content"
                yield Found(what, "release it to another party", where)


def split(agreement: Agreement) -> Iterator[Found]:
    """Who may link, and who may bring identity: a linker brings nothing, a host no names."""
    parties = agreement.text.agree.parties
    for name, unit in agreement.text.link.items():
        if unit.at not in parties or parties[unit.at].role is not Role.LINKER:
            fix = f"link at a party with `role: linker`; {among(unit.at, agreement.parties(Role.LINKER))}"
            yield Found(
                f"{name} is linked at {unit.at}, which is not a linker", fix, agreement.at("link", name)
            )
    for name, source in agreement.text.describe.items():
        role = parties[source.from_].role if source.from_ in parties else None
        where = agreement.at("describe", name)
        if role is Role.LINKER:
            what = f"{name} comes from {source.from_}, which links and would know content"
            yield Found(what, "link at a party that brings no data", where)
        if role is Role.HOST and source.link:
            what = f"{name} comes from {source.from_}, which hosts and would know names"
            yield Found(what, "host at a party that brings no one's identity", where)


def orphans(agreement: Agreement) -> Iterator[Found]:
    """Entries about nothing."""
    text = agreement.text
    expected: dict[str, tuple[Collection[str], Collection[str]]] = {
        "check": (text.check, text.analyse),
        "release": (text.release, text.analyse),
        "depersonalise": (text.depersonalise, text.describe),
    }
    for chapter, (named, known) in expected.items():
        for name in sorted(set(named) - set(known)):
            what = f"`{chapter}:` speaks of {name!r}, which is nowhere else"
            yield Found(what, f"correct or remove it; {among(name, known)}", agreement.at(chapter, name))
    for name in sorted(set(text.agree.necessity) - set(text.analyse)):
        where, fix = agreement.at("agree", "necessity", name), among(name, text.analyse)
        yield Found(
            f"necessity is signed for {name!r}, which is no product", f"correct or remove it; {fix}", where
        )
    said = text.model_dump()
    read = {*_mentions(said["analyse"]), *_mentions(said["describe"])}
    for name in sorted(set(agreement.parameters) - read):
        where = agreement.at("agree", "parameters", name)
        yield Found(
            f"nothing reads the parameter {name!r}",
            f"write `:{name}` where it is meant, or remove it",
            where,
        )


def _mentions(value: Any) -> Iterator[str]:
    """The names that a chapter's texts call as `:name`."""
    if isinstance(value, str):
        yield from re.findall(r":([a-z][a-z0-9_]*)", value)
    elif isinstance(value, dict | list | tuple):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _mentions(part)


def term(agreement: Agreement) -> Iterator[Found]:
    """The dates of the term come one after another."""
    told, where = agreement.text.account.term, agreement.at("account", "term")
    if not told.start < told.review <= told.end:
        what = f"the term's dates are out of order: {told.start}, {told.review}, {told.end}"
        yield Found(what, "write the start, then a later review, then an end no earlier than it", where)


def residual(agreement: Agreement) -> Iterator[Found]:
    """No risk is left greater than it was before its measure."""
    for number, risk in enumerate(agreement.text.agree.risks):
        before = risk.likelihood * risk.severity
        if risk.residual > before:
            what = f"a risk of {before} ({risk.likelihood} x {risk.severity}) is left at {risk.residual}"
            yield Found(what, "correct the figures, or the measure", agreement.at("agree", "risks", number))
