"""The workshop's red lines that can be seen in the text: vetoes, whatever the benefit."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import among
from .document import Agreement
from .rules import PUBLIC, Found, Rule
from .terms import Role


class NoNotice(Rule):
    """People must be able to find out that data about them are shared, by whom and why, before it happens.
    An agreement without the address of a published notice cannot be known to them, so nothing runs under
    it. The workshop's first red line: no public awareness.
    """

    code = "NO_NOTICE"
    why = "people must be able to know that data about them are shared"
    source = "UK GDPR Articles 13-14; workshop red line 1"
    red_line = "no public awareness"
    example = "notice: null"
    fix = "notice: https://north.example/warm-homes"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        if agreement.text.agree.transparency.notice is None:
            where = agreement.at("agree", "transparency")
            yield Found(
                "there is no public notice", "give `notice:` the address of the published notice", where
            )


class NoPurpose(Rule):
    """Each product serves a purpose that was stated before the data were seen. A use without one is a
    fishing expedition, and cannot be weighed, limited or ended. Care, enforcement and evaluation are
    different purposes, even over the same data. The workshop's second red line: no clear purpose.
    """

    code = "NO_PURPOSE"
    why = "a use without a purpose stated beforehand is a fishing expedition"
    source = "UK GDPR Article 5(1)(b); workshop red line 2"
    red_line = "no clear purpose"
    example = "purpose: enforcement\n    question: Which customers live in a damp home?"
    fix = "purpose: repairs\n    question: Which customers live in a damp home?"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        stated = agreement.text.agree.purposes
        for name, analysis in agreement.text.analyse.items():
            if analysis.purpose not in stated:
                what = f"{name} serves {analysis.purpose!r}, which is no stated purpose"
                fix = f"state it under `purposes:`; {among(analysis.purpose, stated)}"
                yield Found(what, fix, agreement.at("analyse", name, "purpose"))


class NotTransparent(Rule):
    """What is done must be open to those it is done to: the agreement stands in the public register with a
    summary that anyone can read. A part whose publication would do harm is redacted visibly, under
    `redactions:`; the whole is never withheld. The workshop's third red line: no transparency.
    """

    code = "NOT_TRANSPARENT"
    why = "what is done must be open to those it is done to"
    source = "Digital Economy Act 2017 codes of practice; workshop red line 3"
    red_line = "no transparency"
    example = "register: withheld"
    fix = "register: public"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        told, where = agreement.text.agree.transparency, agreement.at("agree", "transparency")
        if told.register_ != "public":
            yield Found(
                "the agreement is kept out of the public register", "write `register: public`", where
            )
        if told.summary is None:
            yield Found(
                "there is no plain summary", "say in `summary:` what is joined, why, and who sees it", where
            )


class Recipient(Rule):
    """A product goes to parties that signed, or to everyone, and to nobody between. A recipient that is no
    party has promised nothing; the linker, who sees names, may never receive content as well. Sharing
    further than was agreed is the workshop's fifth red line: purpose creep.
    """

    code = "RECIPIENT"
    why = "a release reaches those who signed, or everyone, and nobody between"
    source = "ICO data sharing code; workshop red line 5"
    red_line = "purpose creep"
    example = "asthma-gap: {to: [acme-lettings, public],"
    fix = "asthma-gap: {to: [north-council, public],"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
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
