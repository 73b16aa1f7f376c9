"""Rules about people with access: their training, their questions, who may turn a code into a person."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import among
from ..plan.plan import Plan
from ..plan.schema import Kind
from ..plan.steps import RECORDS, REFERENCE, About
from .document import Agreement
from .rules import Advice, Found, Rule
from .shelf import Shelf

TRAINED = frozenset({"view", "reidentify", "link"})
"""What a user may do only after training: each touches on who somebody is."""


class Training(Rule):
    """Whoever sees records of named people, or turns a code back into a person, has been trained and has an
    approved account first: an untrained account is the commonest way in which records are read that should
    not be. Say which training, so that it can be asked for.
    """

    code = "TRAINING"
    why = "nobody sees a named person's record untrained"
    source = "Caldicott principles 4 and 5; National Data Guardian's data security standard 3"
    example = "may: [reidentify], training: []"
    fix = "may: [reidentify], training: [data security awareness]"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        for number, user in enumerate(agreement.text.agree.users):
            seen = sorted(TRAINED & set(user.may))
            if seen and not user.training:
                where = agreement.at("agree", "users", number)
                what = f"{user.role} may {' and '.join(seen)} without training"
                yield Found(what, "name what they must have completed in `training:`", where)


class QuestionsRule(Rule):
    """An analyst's own questions are a use like any other: they serve a stated purpose, each answer passes
    a disclosure policy for figures about groups, and somebody is named who may ask. Otherwise the
    permission to ask is a permission for everything.
    """

    code = "QUESTIONS"
    why = "a question serves a stated purpose, and its answer passes a policy"
    source = "UK GDPR Article 5(1)(b); Five Safes (safe projects, safe outputs); workshop red line 2"
    example = "questions: {purpose: curiosity,"
    fix = "questions: {purpose: planning,"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        told, asked = agreement.text.agree, agreement.text.agree.questions
        if asked is None:
            return
        if asked.purpose not in told.purposes:
            where = agreement.at("agree", "questions", "purpose")
            what = f"questions serve {asked.purpose!r}, which is no stated purpose"
            yield Found(what, among(asked.purpose, told.purposes), where)
        if not any("ask" in user.may for user in told.users):
            what = "questions are allowed, and nobody may ask them"
            fix = "give somebody under `users:` `may: [ask]`, or leave `questions:` out"
            yield Found(what, fix, agreement.at("agree", "questions"))

    def in_plan(self, agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Found]:
        asked = agreement.text.agree.questions
        if asked is None:
            return
        where = agreement.at("agree", "questions", "policy")
        known = [name for name in shelf.policies if name not in (RECORDS, REFERENCE)]
        if asked.policy not in known:
            what = f"{asked.policy!r} is no policy for figures about groups"
            yield Found(what, among(asked.policy, known), where)
        elif shelf.policies[asked.policy].noise is not None or "noise" in asked.with_:
            what = "answers would be noised, and a budget is not spent on questions"
            yield Found(what, "name a policy that withholds or rounds", where)


class Unasked(Advice):
    """Somebody may ask, and it is not said for which purpose, through which policy and how often. Until
    `questions:` says so every question is denied.
    """

    code = "NO_QUESTIONS"
    why = "until `questions:` says what may be asked, every question is denied"
    source = "Five Safes (safe projects); workshop red line 2"
    example = "questions: null"
    fix = "questions: {purpose: planning, policy: official-statistics, limit: 50}"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        told = agreement.text.agree
        askers = [user.role for user in told.users if "ask" in user.may]
        if askers and told.questions is None:
            what = f"{', '.join(askers)} may ask, and no `questions:` say what"
            fix = "write `questions: {purpose, policy, limit}`, or take `ask` away"
            yield Found(what, fix, agreement.at("agree", "users"))


class Reidentify(Rule):
    """A code is turned back into a person only under control: of a product that there is, by a role whose
    users may, and with the approval of somebody who is not among them. Where nothing is said, nobody is
    ever re-identified.
    """

    code = "REIDENTIFY"
    why = "a code becomes a person again only under control, by some and approved by another"
    source = (
        "Data Protection Act 2018 s171; Health and Social Care Act 2012 ss251A-C; Caldicott principle 4"
    )
    example = "approver: m.lee@north-clinic"
    fix = "approver: guardian@north-clinic"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        told, products = agreement.text.agree, agreement.text.analyse
        able = {user.role for user in told.users if "reidentify" in user.may}
        if able and not told.reidentification:
            what = f"{', '.join(sorted(able))} may reidentify, and no product says when"
            fix = "write `reidentification:`, or take the right away"
            yield Found(what, fix, agreement.at("agree", "users"))
        for name, control in told.reidentification.items():
            where = agreement.at("agree", "reidentification", name)
            if name not in products:
                yield Found(f"{name} is no product to be re-identified", among(name, products), where)
            for role in control.by:
                if role not in able:
                    what = f"{role} would re-identify {name}, and is no role that may"
                    yield Found(what, f"give its users `may: [reidentify]`; {among(role, able)}", where)
            users = {who for user in told.users if user.role in control.by for who in user.who}
            if control.approver in users:
                what = f"{control.approver} would approve their own re-identification of {name}"
                yield Found(what, "name an approver who is not in the role", where)


class OnwardRule(Rule):
    """A further sharing is agreed from the start or is none. It names what goes on, a product or a unit
    that records are linked into; a party of this agreement receives by `release:`, where its form is
    checked, and not by the back door.
    """

    code = "ONWARD"
    why = "what goes further is named, and does not go round the gate"
    source = "ICO data sharing code; UK GDPR Article 5(1)(b); workshop red line 5"
    example = "onward: [{what: damp-streets,"
    fix = "onward: [{what: asthma-gap,"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        text = agreement.text
        known = [*text.analyse, *text.link]
        for number, onward in enumerate(text.agree.onward or ()):
            where = agreement.at("agree", "onward", number)
            if onward.what not in known:
                what = f"{onward.what} would go to {onward.to}, and is no product nor unit"
                yield Found(what, among(onward.what, known), where)
            received = onward.what in text.release and onward.to in text.release[onward.what].to
            if onward.to in text.agree.parties and not received:
                what = f"{onward.what} would go on to {onward.to}, a party that does not receive it"
                yield Found(what, "write it under `release:`, where its form is checked", where)


class AutomatedRule(Rule):
    """A decision about somebody that no human takes part in needs safeguards: they are told, and can have
    it looked at again; with special-category data it is lawful only in few cases, so a human must decide
    or check. Where `human:` is unsaid nobody does, and `contest:` must say how it is looked at again.
    """

    code = "AUTOMATED"
    why = "a decision that no human takes part in needs safeguards, and more with sensitive data"
    source = "UK GDPR Articles 22A-22D (Data (Use and Access) Act 2025 s80)"
    example = "human: null"
    fix = "human: A tariff adviser checks each offer"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        for name, told in agreement.text.agree.automated.items():
            where = agreement.at("agree", "automated", name)
            if name not in agreement.text.analyse:
                what = f"a decision is told of {name!r}, which is no product"
                yield Found(what, among(name, agreement.text.analyse), where)
            elif told.human is None and told.contest is None:
                what = f"nobody decides on {name}, and nobody can have it looked at again"
                yield Found(what, "say in `human:` who checks, or in `contest:` who looks again", where)

    def in_plan(self, agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Found]:
        for product in plan.products:
            told = agreement.text.agree.automated.get(product.name)
            if told is None or told.human is not None or told.contest is None:
                continue
            columns = {c for step in product.arrivals for c in step.shape.schema}
            sensitive = sorted({c.name for c in columns if c.kind is Kind.SENSITIVE})
            if sensitive:
                what = f"nobody decides on {product.name}, made of {', '.join(sensitive)}"
                where = agreement.at("agree", "automated", product.name)
                yield Found(what, "say in `human:` who decides: Article 22B", where)


class Decision(Advice):
    """A list of named people is mostly made so that something follows for them: a rebate, a visit, a bill.
    Say under `automated:` what is decided, how, and who checks; a product that decides nothing can say that
    too.
    """

    code = "DECISION"
    why = "people are told what is decided about them from a list, and by whom"
    source = "UK GDPR Articles 13(2)(f) and 22A-22D; Algorithmic Transparency Recording Standard"
    example = "automated: {}"
    fix = """automated:
    damp-homes:
      decision: A customer in a damp home is offered a heating tariff
      logic: The council's record says that the home is damp
      human: A tariff adviser checks each offer"""

    def in_plan(self, agreement: Agreement, plan: Plan, shelf: Shelf) -> Iterator[Found]:
        for product in plan.products:
            named = any(c.kind is Kind.IDENTIFIER for c in product.result.shape.schema)
            if not named or product.result.shape.about is not About.PEOPLE:
                continue
            if product.name not in agreement.text.agree.automated:
                what = f"{product.name} lists named people, and no `automated:` says what is decided"
                fix = f"write `automated: {product.name}: {{decision, logic, human, contest}}`"
                yield Found(what, fix, agreement.at("analyse", product.name))
