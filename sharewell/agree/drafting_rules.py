"""Rules of good drafting: entries about something, dates in order, nothing left unsaid or disguised."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from difflib import get_close_matches
from typing import Any

from ..errors import among
from ..plan.plan import Plan
from ..plan.steps import About
from ..text.characters import skeleton
from .disclosure_rules import crossing
from .document import Agreement
from .purposes import PURPOSES, unknown_codes
from .rules import Advice, Found, Rule
from .shelf import Shelf


class Orphan(Rule):
    """An entry about nothing is a mistake in what was signed: the name is wrong, or what it was about has
    left the agreement. A check, release, coarsening, necessity, parameter or consent each belongs to
    something that is there.
    """

    code = "ORPHAN"
    why = "an entry about nothing is a mistake in what was signed"
    source = "good drafting; ICO data sharing code, accountability"
    example = "parameters: {at: 2024-04-01, rent: 12}"
    fix = "parameters: {at: 2024-04-01}"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        text = agreement.text
        expected: dict[str, tuple[Collection[str], Collection[str]]] = {
            "check": (text.check, text.analyse),
            "release": (text.release, text.analyse),
            "depersonalise": (text.depersonalise, text.describe),
        }
        for chapter, (named, known) in expected.items():
            for name in sorted(set(named) - set(known)):
                what = f"`{chapter}:` speaks of {name!r}, which is nowhere else"
                yield Found(
                    what, f"correct or remove it; {among(name, known)}", agreement.at(chapter, name)
                )
        for name in sorted(set(text.agree.necessity) - set(text.analyse)):
            where, fix = agreement.at("agree", "necessity", name), among(name, text.analyse)
            yield Found(
                f"necessity is signed for {name!r}, which is no product",
                f"correct or remove it; {fix}",
                where,
            )
        said = text.model_dump(include={"analyse", "describe"})
        read = {*_mentions(said["analyse"]), *_mentions(said["describe"])}
        for name in sorted(set(agreement.parameters) - read):
            where = agreement.at("agree", "parameters", name)
            what, fix = (
                f"nothing reads the parameter {name!r}",
                f"write `:{name}` where it is meant, or remove it",
            )
            yield Found(what, fix, where)

    def in_plan(self, agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Found]:
        met = {r for p in plan.products for name in crossing(p) for r in shelf.assets[name].restrictions}
        for name in sorted(set(agreement.text.agree.law.consents) - met):
            what = f"a consent is recorded for {name!r}, which restricts nothing here"
            where = agreement.at("agree", "law", "consents", name)
            yield Found(what, f"correct or remove it; {among(name, sorted(met))}", where)


def _mentions(value: Any) -> Iterator[str]:
    """The names that a chapter's texts call as `:name`."""
    if isinstance(value, str):
        yield from re.findall(r":([a-z][a-z0-9_]*)", value)
    elif isinstance(value, dict | list | tuple):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _mentions(part)


class TermRule(Rule):
    """An agreement begins, is looked at again while it runs, and ends. One without an order of dates is
    either never in force or never reviewed.
    """

    code = "TERM"
    why = "an agreement begins, is reviewed, and ends"
    source = "ICO data sharing code"
    example = "review: 2027-04-01, end: 2026-03-31"
    fix = "review: 2025-04-01, end: 2026-03-31"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        told, where = agreement.text.account.term, agreement.at("account", "term")
        if not told.start < told.review <= told.end:
            what = f"the term's dates are out of order: {told.start}, {told.review}, {told.end}"
            yield Found(what, "write the start, then a later review, then an end no earlier than it", where)


class Confusable(Rule):
    """A word that mixes Latin letters with Cyrillic or Greek ones drawn alike reads as one name and is
    another. Keys and names cannot hold them; this rule looks at every other word that people sign,
    accounts and full names among them.
    """

    code = "CONFUSABLE"
    why = "what is signed must be what is read"
    source = "Unicode Technical Standard 39"
    example = "who: [a.kh\u0430n@north-host]"
    fix = "who: [a.khan@north-host]"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        for place, value in _texts(agreement.text.model_dump(by_alias=True)):
            account = place[:2] == ("agree", "users") and "who" in place
            for word in value.split():
                alike = skeleton(word)
                mixed = alike != word and any(c.isascii() and c.isalpha() for c in word)
                if mixed or (account and alike != word):
                    odd = next(c for c, seen in zip(word, alike, strict=False) if c != seen)
                    what = f"a word looks like {alike[:40]!a} and is not (U+{ord(odd):04X})"
                    yield Found(what, "retype it", agreement.at(*place))


def _texts(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every text that holds more than ASCII, with its place."""
    if isinstance(value, str):
        if not value.isascii():
            yield place, value
    elif isinstance(value, dict | list | tuple):
        held = value.items() if isinstance(value, dict) else enumerate(value)
        for key, part in held:
            yield from _texts(part, (*place, key))


class Retention(Advice):
    """Rows about people that somebody received are theirs to keep until the agreement says otherwise. Say
    in `keep:` how long, and no longer than the agreement itself runs; at its end recipients then certify
    that they deleted them.
    """

    code = "RETENTION"
    why = "what is received about people is kept no longer than it serves"
    source = "UK GDPR Article 5(1)(e); ICO data sharing code"
    example = "as: [csv], every: year}"
    fix = "as: [csv], every: year, keep: P90D}"

    def in_plan(self, agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Found]:
        term = agreement.text.account.term
        for product in plan.products:
            if product.result.shape.about is not About.PEOPLE:
                continue
            kept, where = agreement.text.release[product.name].keep, agreement.at("release", product.name)
            if kept is None:
                what = f"it is not said how long recipients keep the rows of {product.name}"
                yield Found(what, "write `keep: P90D`, or as long as it serves", where)
            elif _days_of(kept) > (term.end - term.start).days:
                what = f"{product.name} may be kept for {kept}, longer than the agreement runs"
                yield Found(what, f"shorten it to the term, {term.start} to {term.end}", where)


_DAYS = {"D": 1, "W": 7, "M": 31, "Y": 366}


def _days_of(span: str) -> int:
    """The most days that a span such as `P3M` can last."""
    return int(span[1:-1]) * _DAYS[span[-1]]


class NoticeDays(Advice):
    """A notice that appears on the day of the first run tells people what has been done, not what will be.
    Some days between let them object, and let others ask questions.
    """

    code = "NOTICE_DAYS"
    why = "people are told before it happens, in time to object"
    source = "UK GDPR Articles 13-14 and 21; Digital Economy Act codes of practice; workshop red line 1"
    example = "notice_days: 0"
    fix = "notice_days: 28"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        if agreement.text.account.notice_days == 0:
            what = "it may run on the day on which it is published"
            yield Found(what, "write `notice_days:`, 28 for instance", agreement.at("account"))


class Unsaid(Advice):
    """Some terms may be left out and are missed by whoever reads the papers: how people use their rights,
    what is done when something goes wrong, whether anything goes further, who assessed the impact. What is
    not said stays visibly missing on every paper.
    """

    code = "UNSAID"
    why = "what is not said stays visibly missing on every paper"
    source = "ICO data sharing code, checklist; ICO DPIA template, steps 1 and 7"
    example = "breach: null"
    fix = (
        "breach: {report_to: incident@north-council, within_hours: 24, "
        "steps: Whoever finds it suspends the agreement at once}"
    )

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        told = agreement.text.agree
        unsaid = [n for n in ("rights", "breach", "onward", "assessment") if getattr(told, n) is None]
        if unsaid:
            fix = "write each, or `onward: []` where nothing goes further"
            yield Found(f"nothing is said of {', '.join(unsaid)}", fix, agreement.at("agree"))


class PurposeCode(Advice):
    """A code of the W3C's Data Privacy Vocabulary lets other people's software tell what a purpose is, and
    compare it with theirs. One that the vocabulary does not have tells them nothing, and is mostly a slip
    of the pen. Codes of other schemes, which do not begin with `dpv:`, are let be.
    """

    code = "CODE"
    why = "other people's software cannot tell what is meant"
    source = "W3C Data Privacy Vocabulary 2.3; UK GDPR Article 30(1)(b)"
    example = "codes: [dpv:PublicBenifit]"
    fix = "codes: [dpv:PublicBenefit]"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        for name, purpose in agreement.text.agree.purposes.items():
            for code in unknown_codes(purpose.codes):
                near = get_close_matches(code.removeprefix("dpv:"), sorted(PURPOSES), n=1)
                meant = f"did you mean dpv:{near[0]}? " if near else ""
                what = f"the purpose {name} is coded {code[:60]}, which is no purpose of DPV 2.3"
                where = agreement.at("agree", "purposes", name, "codes")
                yield Found(what, f"{meant}correct it, or leave it out", where)
