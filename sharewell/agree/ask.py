"""May this be asked? An analyst's SQL under an agreement: read, bounded and decided before anything runs.

What is permitted is what `agree: questions:` permits, to whoever may `ask`: tables of `describe:` as they
stand at the host, coarsened, with the keys of their units and without anything that identifies. A question
becomes a plan of its own, of the same steps as every product.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import Problem, SharewellError, among
from ..plan.forms import AGGREGATE
from ..plan.parameters import Parameters
from ..plan.plan import Plan, Product
from ..plan.query import Askable, Question, Used
from ..plan.query_answer import read_question
from ..plan.query_steps import compile_question
from ..plan.schema import Kind, Schema
from ..plan.steps import RECORDS, REFERENCE, Check, Fit, Join, Keep, Step, Transfer
from .checking import policy_settings
from .document import Agreement
from .shelf import Shelf
from .sources import RECORD, Sources, placed
from .terms import Questions, Role

RECIPE, ANSWER = "question", "answer"
"""The recipe that every question is fitted by, and the one product of its plan."""

LONGEST_HYPOTHESIS = 300
"""Characters of what somebody expects to find."""

COUNTED_OUTCOMES = ("answered", "withheld")
"""Outcomes that use up the budget: also a refusal after the data were looked at tells something."""


@dataclass(frozen=True)
class Asking:
    """What was made of a question: its tree and plan, or every reason why there is none."""

    question: Question | None
    plan: Plan | None
    reasons: tuple[Problem, ...] = ()

    @property
    def footprint(self) -> tuple[Used, ...]:
        """What it reads, in order; nothing where it could not be read."""
        return tuple(sorted(self.question.footprint)) if self.question else ()


def read_asking(text: str, hypothesis: str, actor: str, agreement: Agreement, shelf: Shelf) -> Asking:
    """A question under an agreement. Pure, and never raises for what was asked: the reasons say why not."""
    reasons = [*_permission(agreement, shelf), *_hypothesis_faults(hypothesis)]
    try:
        question = read_question(text, askable_tables(agreement, shelf), agreement.parameters)
        keys = frozenset((used.source, used.column) for used in question.footprint)
        question = read_question(text, askable_tables(agreement, shelf, keys), agreement.parameters)
    except SharewellError as error:
        return Asking(None, None, tuple(dict.fromkeys((*reasons, *error.problems))))
    asked = agreement.text.agree.questions
    if reasons or asked is None:
        return Asking(question, None, tuple(dict.fromkeys(reasons)))
    try:
        plan = _planned(question, asked, actor, agreement, shelf)
    except SharewellError as error:
        return Asking(question, None, placed(error, "question"))
    return Asking(question, plan)


def askable_tables(
    agreement: Agreement, shelf: Shelf, keys: frozenset[tuple[str, str]] | None = None
) -> dict[str, Askable]:
    """The tables that can be asked, by name: sources with something to use, as they stand at the host.

    With the keys of all their units, or of those in `keys` (source, unit): nobody is linked for nothing.
    """
    hosts = agreement.parties(Role.HOST)
    sources = Sources(agreement, shelf, hosts[0] if hosts else "")
    found = {}
    for name, source in agreement.text.describe.items():
        if not source.use:
            continue
        units = tuple(u for u in sources.units(name) if keys is None or (name, u) in keys)
        table: Step = sources.content(name)
        for unit in units:
            table = Join(table, sources.index(unit), ((RECORD, RECORD),), "left")
        schema = Schema(tuple(column for column in table.shape.schema if column.name != RECORD))
        seen = tuple(c.name for c in schema if c.kind is not Kind.IDENTIFIER)
        asset = sources.asset(name)
        hidden = {c.name for c in schema if c.kind is Kind.IDENTIFIER} | (set(source.link) - set(seen))
        hidden |= {c.name for c in asset.schema if c.kind is Kind.IDENTIFIER}
        personal = asset.about_people and (units or any(c.kind is not Kind.PLAIN for c in asset.schema))
        found[name] = Askable(
            name, source.asset, Keep(table, seen), units,
            frozenset(hidden), frozenset(asset.schema.names) - hidden - set(seen), bool(personal),
        )  # fmt: skip
    return found


def _permission(agreement: Agreement, shelf: Shelf) -> list[Problem]:
    """Whether questions were agreed at all, and can be judged."""
    asked = agreement.text.agree.questions
    where = agreement.at("agree", "questions")
    if asked is None:
        what, why = "the agreement permits no questions", "what nobody agreed to is not asked"
        fix = "ask its parties for `questions: {purpose, policy, limit}` in its next version, signed again"
        return [Problem("QUESTIONS", what, why, fix, agreement.at("agree"))]
    problems = []
    if asked.purpose not in agreement.text.agree.purposes:
        fix = among(asked.purpose, agreement.text.agree.purposes)
        problems.append(
            Problem(
                "PURPOSE", f"{asked.purpose!r} is no purpose of it", "a question serves one", fix, where
            )
        )
    if asked.policy not in shelf.policies or asked.policy in (RECORDS, REFERENCE):
        fix = among(asked.policy, shelf.policies)
        problems.append(
            Problem("POLICY", f"{asked.policy!r} is no disclosure policy", "answers pass one", fix, where)
        )
    return problems


def _hypothesis_faults(hypothesis: str) -> list[Problem]:
    printable = all(character.isprintable() for character in hypothesis)
    if len(hypothesis) <= LONGEST_HYPOTHESIS and printable:
        return []
    what = f"the hypothesis is over {LONGEST_HYPOTHESIS} characters, or not one line"
    return [Problem("HYPOTHESIS", what, "the ledger keeps what somebody expected to find", "shorten it")]


def _planned(question: Question, asked: Questions, actor: str, agreement: Agreement, shelf: Shelf) -> Plan:
    """Rows, fit, check, transfer to the asker's party (the host, where it is none)."""
    host = agreement.parties(Role.HOST)[0]
    compiled = compile_question(question)
    recipe = shelf.recipes[RECIPE]
    settings = recipe.signature.settle(compiled.settings)
    rows = recipe.prepare({"rows": compiled.rows}, settings)
    policy = Parameters.of(policy_settings(asked.policy, asked.with_, shelf))
    checked = Check(Fit(rows, RECIPE, Parameters.of(settings)), asked.policy, policy)
    body = actor.rpartition("@")[2]
    to = body if body in agreement.text.agree.parties else host
    delivery = Transfer(checked, to, asked.purpose, AGGREGATE, ANSWER)
    product = Product(
        ANSWER, asked.purpose, question.shape, RECIPE, asked.policy, AGGREGATE, AGGREGATE, (delivery,)
    )  # fmt: skip
    return Plan(agreement.name, host, (product,))


def budget_fault(agreement: Agreement, used: int) -> Problem | None:
    """BUDGET where this version's answers are used up."""
    asked = agreement.text.agree.questions
    if asked is None or used < asked.limit:
        return None
    return Problem(
        "BUDGET",
        f"all {asked.limit} answers of version {agreement.text.version} are used",
        "what is asked again and again of the same people tells of each of them in the end",
        "look at `sharewell asked`: an answer given before costs nothing; or agree a new version",
        agreement.at("agree", "questions"),
    )
