"""From each of the systems many generated violations, each refused by its code; unharmed each is permitted.

A recipe whose body comes in a later version may be agreed and cannot be run: then RECIPE is the only reason
that stands against the unharmed agreement.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from itertools import zip_longest

import pytest
from agreement_example import NAMES, TODAY, load, published, shelf
from harms_of_circumstance import Circumstance, circumstances, run_of
from harms_of_text import Harm, Subject, harms

from sharewell.agree import Decision, decide, lint
from sharewell.agree.decide import Asked, Verdict
from sharewell.errors import DocumentError

LEAST = 40
QUICK = 20
"""Harms of text that are tried every time. The others take a minute or two, and are for the long run."""


@cache
def subject(name: str) -> Subject:
    return Subject(name)


@cache
def of_text(name: str) -> tuple[Harm, ...]:
    """Every harm to a text, one of each code first, then another of each, and so on."""
    by_code: dict[str, list[Harm]] = {}
    for harm in harms(subject(name)):
        by_code.setdefault(harm.code, []).append(harm)
    turns = zip_longest(*by_code.values())
    return tuple(harm for turn in turns for harm in turn if harm is not None)


@cache
def of_circumstance(name: str) -> tuple[Circumstance, ...]:
    return tuple(circumstances(subject(name)))


def judge(name: str, harm: Harm) -> Decision:
    """What is decided of a run under a harmed text that all have signed and that was published as it is."""
    try:
        agreement = load(harm.written)
    except DocumentError as error:
        return Decision(Verdict.DENY, error.problems, "Correct the text.")
    plan, faults = lint(agreement, shelf())
    return decide(run_of(subject(name)), agreement, plan, faults, published(agreement, plan), TODAY)


def check_refused(name: str, found: list[Harm]) -> None:
    """Each is denied for its code, at a line, without a cascade, with what could be done instead."""
    wrong = []
    for harm in found:
        decision = judge(name, harm)
        told = {reason.code for reason in decision.reasons} - {"RECIPE"}
        at = [reason.where for reason in decision.reasons if reason.code == harm.code]
        placed = all(re.match(r"[\w.-]+\.yaml:\d+$", where) for where in at)
        right = decision.verdict is Verdict.DENY and harm.code in told and len(told) <= 4
        if not (right and placed and decision.alternative):
            wrong.append(f"{harm.what}: {harm.code} expected, told {sorted(told)} at {at}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", NAMES)
def test_unharmed_is_permitted_or_awaits_only_its_recipes(name: str) -> None:
    s = subject(name)
    state = published(s.agreement, s.plan)
    decision = decide(run_of(s), s.agreement, s.plan, (), state, TODAY)
    awaited = [product.name for product in s.plan.products if product.missing]
    assert [reason.code for reason in decision.reasons] == ["RECIPE"] * len(awaited)
    assert decision.verdict is (Verdict.DENY if awaited else Verdict.PERMIT)
    for product in s.plan.products:
        for user in s.agreement.text.agree.users:
            for kind in (Asked.VIEW, Asked.RELEASE):
                if kind in user.may:
                    ask = run_of(s).__class__(kind, user.who[0], product.purpose, product.name)
                    alone = decide(ask, s.agreement, s.plan, (), state, TODAY)
                    due = ["RECIPE"] if product.missing else []
                    assert [reason.code for reason in alone.reasons] == due, product.name


@pytest.mark.parametrize("name", NAMES)
def test_each_system_meets_forty_violations_of_text_and_forty_of_circumstance(
    name: str, record_property: pytest.RecordProperty
) -> None:
    text, other = of_text(name), of_circumstance(name)
    kinds = Counter(harm.code for harm in (*text, *other))
    record_property("violations", len(text) + len(other))
    print(f"{name}: {len(text)} of text, {len(other)} of circumstance, {len(kinds)} codes")
    assert len({harm.what for harm in text}) == len(text) >= LEAST
    assert len({harm.what for harm in other}) == len(other) >= LEAST
    assert len(kinds) >= LEAST


@pytest.mark.parametrize("name", NAMES)
def test_harm_to_the_text_is_refused_by_its_code(name: str) -> None:
    check_refused(name, list(of_text(name)[:QUICK]))


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_every_harm_to_the_text_is_refused_by_its_code(name: str) -> None:
    check_refused(name, list(of_text(name)[QUICK:]))


@pytest.mark.parametrize("name", NAMES)
def test_harm_of_circumstance_is_refused_by_its_code(name: str) -> None:
    s, wrong = subject(name), []
    for harm in of_circumstance(name):
        decision = decide(harm.request, s.agreement, s.plan, (), harm.state, harm.now)
        told = {reason.code for reason in decision.reasons} - {"RECIPE"}
        if decision.verdict is not harm.verdict or told != {harm.code} or not decision.alternative:
            wrong.append(f"{harm.what}: {harm.code} expected, {decision.verdict} for {sorted(told)}")
    assert not wrong, "\n".join(wrong)
