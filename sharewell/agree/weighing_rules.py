"""Rules about worth and risk: benefits that can be seen not to come, risks that somebody answers for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..errors import among
from ..plan.plan import Plan
from .clauses import clause
from .disclosure_rules import crossing
from .document import Agreement
from .rules import Advice, Found, Rule
from .shelf import Shelf

_COLUMN = re.compile(r"([a-z][a-z0-9_-]*)\.[a-z][a-z0-9_]*")


class Residual(Rule):
    """What is left of a risk is its likelihood times its severity once the measure is in place. A measure
    that leaves more than there was is none, or the figures are wrong; either way nobody has weighed it.
    """

    code = "RESIDUAL"
    why = "a measure that makes a risk greater is none"
    source = "ICO DPIA template, step 6"
    example = "severity: 2, measure: Yes or no and nothing else, residual: 9"
    fix = "severity: 2, measure: Yes or no and nothing else, residual: 2"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        for number, risk in enumerate(agreement.text.agree.risks):
            before = risk.likelihood * risk.severity
            if risk.residual > before:
                what = (
                    f"a risk of {before} ({risk.likelihood} x {risk.severity}) is left at {risk.residual}"
                )
                yield Found(
                    what, "correct the figures, or the measure", agreement.at("agree", "risks", number)
                )


class RiskOwner(Rule):
    """A risk that nobody answers for is not managed. The owner is a post, written `post@body`, of a body
    that takes part; a post of a body that signed nothing answers to nobody here.
    """

    code = "RISK_OWNER"
    why = "a risk that nobody answers for is not managed"
    source = "ICO DPIA template, steps 5-7; HMG Orange Book"
    example = "residual: 2, owner: siro@north-landlords"
    fix = "residual: 2, owner: siro@north-host"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        parties = agreement.text.agree.parties
        for number, risk in enumerate(agreement.text.agree.risks):
            where = agreement.at("agree", "risks", number, "owner")
            post, _, body = risk.owner.strip().rpartition("@")
            if not risk.owner.strip():
                yield Found("nobody owns a risk", f"name a post: siro@{next(iter(parties))}", where)
            elif post and body not in parties:
                what = f"{risk.owner} owns a risk, and {body} is no party"
                yield Found(what, among(body, parties), where)


class BenefitRule(Rule):
    """A benefit is promised so that it can be seen to come, or not to. A measure that reads
    `product.figure` names a product of this agreement and, where its recipe gives figures by name, one of
    them: each run then measures it by itself. Otherwise nobody will ever compute it.
    """

    code = "BENEFIT"
    why = "a benefit that nothing measures cannot be seen not to come"
    source = "workshop criterion: measurable impact; Data for public benefit (2018)"
    example = "measure: asthma.gap"
    fix = "measure: asthma-gap.gap"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        for number, benefit in enumerate(agreement.text.agree.benefits):
            named = _COLUMN.fullmatch(benefit.measure.strip())
            if named and named.group(1) not in agreement.text.analyse:
                where = agreement.at("agree", "benefits", number, "measure")
                what = f"a benefit is measured by {benefit.measure}, and {named.group(1)} is no product"
                yield Found(what, among(named.group(1), agreement.text.analyse), where)

    def in_plan(self, agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Found]:
        for number, benefit in enumerate(agreement.text.agree.benefits):
            told, _, asked = benefit.measure.strip().partition(".")
            product = plan.product(told) if _COLUMN.fullmatch(benefit.measure.strip()) else None
            if product is None:
                continue
            given = [figure.name for figure in shelf.recipes[product.recipe].signature.figures]
            if given and asked not in given:
                where = agreement.at("agree", "benefits", number, "measure")
                what = f"a benefit is measured by {benefit.measure}, and {told} gives no figure {asked!r}"
                yield Found(what, among(asked, given), where)


class Measured(Advice):
    """A benefit without a baseline, a target and a day cannot be missed, so it will always have been
    reached. Natural recovery then passes for success. The review compares these three with what the
    released products say.
    """

    code = "MEASURED"
    why = "a promise without a baseline, a target and a day cannot be missed"
    source = "workshop criterion: measurable impact; Digital Economy Act register (benefits)"
    example = "target: 0.05, due: null"
    fix = "target: 0.05, due: 2025-10-01"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        for number, benefit in enumerate(agreement.text.agree.benefits):
            unsaid = [n for n in ("baseline", "target", "due") if getattr(benefit, n) is None]
            if unsaid:
                what = f"a benefit has no {', '.join(unsaid)}: {benefit.claim}"
                yield Found(
                    what,
                    "say what it is now, what it should become and when",
                    agreement.at("agree", "benefits", number),
                )


class EqualityAdvice(Advice):
    """Children, and people who cannot object or protect themselves, are affected differently, and a public
    body must have had due regard to that. Say for at least one group what it may gain or suffer, and what
    is done or watched.
    """

    code = "EQUALITY"
    why = "due regard is had to those who are affected differently"
    source = "Equality Act 2010 s149; UK GDPR recital 38; ICO children's code"
    example = "equality: []"
    fix = "equality: [{group: Children, effect: They gain most of all, measure: Offers are counted by age}]"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        told = agreement.text.agree
        for number, people in enumerate(told.subjects):
            marked = [word for word in ("children", "vulnerable") if getattr(people, word)]
            if marked and not told.equality:
                what = f"there are {' and '.join(marked)} people among {people.who!r}, and no `equality:`"
                yield Found(
                    what.replace("children people", "children"),
                    "say how they are affected, and what is done",
                    agreement.at("agree", "subjects", number),
                )

    def in_plan(self, agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Found]:
        told = agreement.text.agree
        used = {name for product in plan.products for name in crossing(product)}
        of_children = sorted(name for name in used if "children" in shelf.assets[name].categories)
        if of_children and not told.equality and not any(people.children for people in told.subjects):
            what = f"records of children are used ({', '.join(of_children)}), and no `equality:`"
            yield Found(what, "say how they are affected, and what is done", agreement.at("agree"))


class SubjectsAdvice(Advice):
    """Whom the data are about, how many, whether children or vulnerable people are among them, and whether
    they would expect this: the second step of every impact assessment, and what residents ask first.
    """

    code = "SUBJECTS"
    why = "an impact cannot be weighed without saying on whom"
    source = "ICO DPIA template, step 2; UK GDPR Article 30(1)(c)"
    example = "subjects: []"
    fix = "subjects: [{who: Patients and tenants of North, number: 300, children: true}]"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        if not agreement.text.agree.subjects:
            fix = "write `subjects: [{who, number, children, vulnerable, expect}]`"
            yield Found("it is not said whom the data are about", fix, agreement.at("agree"))


class DeliberationRule(Rule):
    """A finding of the deliberation is traced to the clause that it changed, and a redaction to the part
    that it hides; a path to nothing breaks the trace, and a redaction of nothing hides nothing. Paths are
    written as `describe.visits.use`, list entries as `agree.risks[1]`.
    """

    code = "DELIBERATION"
    why = "what people found is traced to the clause that it changed"
    source = "workshop: each finding traceable to the clause of an agreement that it changed"
    example = "clause: describe.tenants.uses"
    fix = "clause: describe.tenants.use"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        told = agreement.text.agree
        findings = told.deliberation.findings if told.deliberation else ()
        if not findings and not told.redactions:
            return
        said = agreement.text.model_dump(by_alias=True)
        for number, finding in enumerate(findings):
            if clause(said, finding.clause) is None:
                where = agreement.at("agree", "deliberation", "findings", number, "clause")
                yield Found(f"a finding changed {finding.clause!r}, which is no clause", _AS_PATH, where)
        for number, redaction in enumerate(told.redactions):
            if clause(said, redaction.part) is None:
                where = agreement.at("agree", "redactions", number, "part")
                yield Found(f"{redaction.part!r} is redacted, and is no part of this", _AS_PATH, where)


_AS_PATH = "write its path, as in describe.visits.use or agree.risks[1]"


class ConditionRule(Rule):
    """A condition that falls due after the end of the term is met by nobody: everything has then been run
    that it was meant to hold back.
    """

    code = "CONDITION"
    why = "a condition due after the end holds nothing back"
    source = "workshop: conditions of acceptability; Digital Economy Act codes of practice"
    example = "before: 2027-01-01"
    fix = "before: first run"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        deliberation, end = agreement.text.agree.deliberation, agreement.text.account.term.end
        for name, condition in (deliberation.conditions if deliberation else {}).items():
            if not isinstance(condition.before, str) and condition.before > end:
                where = agreement.at("agree", "deliberation", "conditions", name, "before")
                what = f"the condition {name} is due on {condition.before}, after the end on {end}"
                yield Found(what, "make it due before publication, the first run or the end", where)


class Registered(Advice):
    """A hypothesis that is written down before the data are seen cannot be fitted to them afterwards. Give
    the day on which it was registered, or leave it unsaid for an exploratory analysis, whose report then
    says that it is one.
    """

    code = "REGISTERED"
    why = "a hypothesis found in the data cannot be tested on them"
    source = "workshop: data used to prove a point already made; Code of Practice for Statistics"
    example = "question: Do people in damp homes have more asthma?"
    fix = "question: Do people in damp homes have more asthma?\n    registered: 2024-03-01"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        for name, analysis in agreement.text.analyse.items():
            if "hypothesis" in analysis.with_ and analysis.registered is None:
                what = f"{name} tests a hypothesis that was not registered"
                fix = "write `registered:` with the day, before the first run"
                yield Found(what, fix, agreement.at("analyse", name))
