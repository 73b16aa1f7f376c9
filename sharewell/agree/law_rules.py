"""Rules about the law as stated: a condition for each kind of data, and the papers that it asks for.

None of them infers a legal basis. They say where the data call for one and the text gives none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..plan.plan import Plan
from ..plan.schema import Kind
from .disclosure_rules import crossing
from .document import Agreement
from .rules import Advice, Found, Rule
from .shelf import Shelf
from .terms import LawEnforcement


def _sensitive(plan: Plan) -> list[str]:
    """The special-category fields that cross a place."""
    return sorted(
        {c.name for step in plan.transfers for c in step.shape.schema if c.kind is Kind.SENSITIVE}
    )


def _of_category(plan: Plan, shelf: Shelf, category: str) -> list[str]:
    """The assets of a category of which some column crosses a place."""
    assets = {name for product in plan.products for name in crossing(product)}
    return sorted(name for name in assets if category in shelf.assets[name].categories)


class Article9(Rule):
    """Health, ethnicity, beliefs and the other special categories may be used only under a condition of
    Article 9, mostly with one of Schedule 1 of the Data Protection Act beside it. The parties state it;
    it is never inferred from the data or from the bodies.
    """

    code = "ARTICLE_9"
    why = "special-category data need a condition, stated and never inferred"
    source = "UK GDPR Article 9; Data Protection Act 2018 Schedule 1"
    example = "article_9: null"
    fix = "article_9: 9(2)(h)"

    def in_plan(self, agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Found]:
        sensitive = _sensitive(plan)
        if sensitive and agreement.text.agree.law.article_9 is None:
            what = f"sensitive fields are used ({', '.join(sensitive)}) with `article_9: null`"
            yield Found(what, "state the condition, or leave the fields out", agreement.at("agree", "law"))


class Article10(Rule):
    """Data about offences, allegations and proceedings may be used only under official authority or a
    condition of Schedule 1, or by a competent authority under Part 3. The asset's contract says that it
    holds such data (`category: criminal-offence`); the agreement says on what authority they are used.
    """

    code = "ARTICLE_10"
    why = "criminal-offence data need an authority, stated and never inferred"
    source = "UK GDPR Article 10; Data Protection Act 2018 ss10-11 and Schedule 1"
    example = "article_10: null"
    fix = "article_10: Schedule 1 paragraph 6"

    def in_plan(self, agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Found]:
        law, assets = agreement.text.agree.law, _of_category(plan, shelf, "criminal-offence")
        if assets and law.article_10 is None and law.part_3 is False:
            what = f"criminal-offence data are used ({', '.join(assets)}) with `article_10: null`"
            fix = "state the authority, or `part_3:` where a competent authority enforces the law"
            yield Found(what, fix, agreement.at("agree", "law", "article_10"))


class Part3(Rule):
    """Part 3 of the Data Protection Act holds for competent authorities only, so the agreement names the
    party that is one. Sensitive processing for law enforcement needs a condition of Schedule 8, and
    automated systems must log who consulted and disclosed what.
    """

    code = "PART_3"
    why = "only a competent authority may process for law enforcement, under its own conditions"
    source = "Data Protection Act 2018 ss30, 35 and 62, Schedules 7 and 8"
    example = "part_3: {authority: Somebody with a power, logging: Each query is logged with who and why}"
    fix = "part_3: false"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        told, parties = agreement.text.agree.law.part_3, agreement.text.agree.parties
        if not isinstance(told, LawEnforcement):
            return
        names = {word for name, party in parties.items() for word in (name, party.name) if word}
        if not any(name in told.authority for name in names):
            where = agreement.at("agree", "law", "part_3", "authority")
            what = "the competent authority is none of the parties"
            yield Found(what, f"name it by its name here: {', '.join(parties)}", where)
        if told.logging is None:
            where = agreement.at("agree", "law", "part_3")
            what = "it is not said how law-enforcement processing is logged"
            yield Found(what, "say in `logging:` how use and disclosure are logged", where)

    def in_plan(self, agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Found]:
        told, sensitive = agreement.text.agree.law.part_3, _sensitive(plan)
        if isinstance(told, LawEnforcement) and told.condition is None and sensitive:
            what = f"sensitive processing ({', '.join(sensitive)}) has no Schedule 8 condition"
            where = agreement.at("agree", "law", "part_3")
            yield Found(what, "state it in `condition:`, or leave the fields out", where)


class PolicyDocument(Advice):
    """Most conditions of Schedule 1 hold only while an appropriate policy document is in place: that for
    employment, those of substantial public interest (paragraphs 6 to 28), and those relied on for
    criminal-offence data. Whether yours needs one is for your lawyers; the text should say which it is.
    """

    code = "POLICY_DOCUMENT"
    why = "many Schedule 1 conditions hold only with an appropriate policy document"
    source = "Data Protection Act 2018 Schedule 1 paragraphs 1, 5 and 38-41"
    example = "dpa_schedule_1: paragraph 6"
    fix = "dpa_schedule_1: paragraph 6\n    policy_document: Policy document NH-3"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        law = agreement.text.agree.law
        if law.dpa_schedule_1 is None or law.policy_document is not None:
            return
        named = {int(n) for n in re.findall(r"\bparagraphs? (\d{1,2})\b", law.dpa_schedule_1)}
        if law.article_10 is not None or any(n == 1 or 6 <= n <= 28 for n in named):
            what = f"a Schedule 1 condition is stated ({law.dpa_schedule_1}) and no policy document"
            fix = "name it in `policy_document:`, or have your lawyers say that none is needed"
            yield Found(what, fix, agreement.at("agree", "law", "dpa_schedule_1"))


class Confidence(Advice):
    """What somebody told their doctor is held in confidence, whatever data-protection law allows. A use
    beyond their care needs their consent, support under section 251, another statute, or an overriding
    public interest; the agreement should say which, in `confidentiality:` or `section_251:`.
    """

    code = "SECTION_251"
    why = "the duty of confidence is met apart from data-protection law"
    source = "NHS Act 2006 s251; Caldicott principles; common-law duty of confidence"
    example = "confidentiality: null"
    fix = "confidentiality: explicit consent, taken at the clinic"

    def in_plan(self, agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Found]:
        law, assets = agreement.text.agree.law, _of_category(plan, shelf, "health")
        if assets and law.section_251 is None and law.confidentiality is None:
            what = f"health records are used ({', '.join(assets)}) and the duty of confidence is not met"
            fix = "say how in `confidentiality:`, or give the reference in `section_251:`"
            yield Found(what, fix, agreement.at("agree", "law"))
