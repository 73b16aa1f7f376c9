"""From two agreements over forty violations written by hand, each refused by its code."""

from __future__ import annotations

import re

import pytest
from agreement_example import TODAY, Case, compiled, judge, published, run_of, text
from mutations import CASES

from sharewell.agree import decide
from sharewell.agree.decide import Verdict

EVERY = [pytest.param(name, case, id=f"{name}-{case}") for name in CASES for case in CASES[name]]


@pytest.mark.parametrize("name", sorted(CASES))
def test_unharmed_is_permitted(name: str) -> None:
    agreement, plan = compiled(text(name))
    decision = decide(run_of(name), agreement, plan, (), published(agreement, plan), TODAY)
    assert decision.verdict is Verdict.PERMIT
    assert not decision.reasons
    assert not decision.alternative


@pytest.mark.parametrize("name", sorted(CASES))
def test_each_agreement_meets_forty_harms(name: str) -> None:
    assert len({str(case) for case in CASES[name]}) == len(CASES[name]) >= 40


@pytest.mark.parametrize(("name", "case"), EVERY)
def test_harm_is_refused_by_its_code(name: str, case: Case) -> None:
    decision = judge(name, case)
    told = "\n".join(map(str, decision.reasons))
    assert decision.verdict is case.verdict, told
    assert case.code in {reason.code for reason in decision.reasons}, told
    assert len(decision.reasons) <= 6, f"a cascade: {told}"
    assert decision.alternative
    for reason in decision.reasons:
        assert reason.what
        if reason.code == case.code and case.changes:
            assert re.match(r"edited\.yaml:\d+$", reason.where), reason
            assert reason.fix or reason.code == "VALUE" or "must be" in reason.what, reason
