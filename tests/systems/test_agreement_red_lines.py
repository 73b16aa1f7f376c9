"""The workshop's six red lines, each crossed on a shipped agreement: refused, and a lawful way offered instead."""

# ruff: noqa: E501 - a table reads best with a case a line
from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from agreement_example import FUEL, KENT, Case, Change, judge, run_of
from mutations import pattern

from sharewell.agree import Decision, Request
from sharewell.agree.decide import Asked, Quality, Verdict, crosses_red_line


@dataclass(frozen=True)
class RedLine:
    """A veto, how it was crossed, by which code it must be refused, and words of the way offered instead."""

    line: str
    name: str
    case: Case
    instead: str

    def __str__(self) -> str:
        return f"{self.line}: {self.case.what}".replace(" ", "-")


def crossed(line: str, name: str, what: str, code: str, change: Change, instead: str) -> RedLine:
    return RedLine(line, name, Case(what, code, (change,)), instead)


def asked(line: str, what: str, code: str, request: Request, instead: str) -> RedLine:
    return RedLine(line, FUEL, Case(what, code, request=request), instead)


def _doubtful(state):  # type: ignore[no-untyped-def]
    return replace(state, quality=(Quality("gp.patients", "volume", False, "error"),))


RELEASE = Request(Asked.RELEASE, "r.osei@rebate-office", "rebate", "brightwater-rebate")
LINES = (
    crossed("1 no public awareness", KENT, "no notice", "NO_NOTICE", pattern(r"notice: \S+", "notice: null"), "give `notice:`"),
    crossed("1 no public awareness", FUEL, "no notice", "NO_NOTICE", pattern(r"notice: \S+", "notice: null"), "give `notice:`"),
    RedLine("1 no public awareness", KENT, Case("unpublished", "UNPUBLISHED", state=lambda s: replace(s, published=())), "Publish this text"),
    crossed("2 no clear purpose", KENT, "unstated", "NO_PURPOSE", ("gap: {purpose: planning", "gap: {purpose: later"), "evaluation, planning"),
    crossed("2 no clear purpose", FUEL, "unstated", "NO_PURPOSE", ("purpose: rebate", "purpose: marketing"), "there are: rebate"),
    crossed("3 no transparency", KENT, "off the register", "NOT_TRANSPARENT", ("register: public", "register: withheld"), "`register: public`"),
    crossed("3 no transparency", FUEL, "no summary", "NOT_TRANSPARENT", pattern(r"    summary: .*\n", ""), "`summary:`"),
    crossed("4 identifiable where avoidable", KENT, "birth dates", "IDENTIFIABLE", ("{patients: {born: {to: month}}}", "{}"), "coarsen or leave out"),
    crossed("4 identifiable where avoidable", KENT, "named tables", "IDENTIFIABLE", ("form: aggregate", "form: identifiable"), "`form: aggregate`"),
    crossed("4 identifiable where avoidable", FUEL, "no necessity", "IDENTIFIABLE", pattern(r"    fenland-rebate: \{form: yes/no, why[^}]*\}\n", ""), "sign `necessity: fenland-rebate:`"),
    crossed("5 purpose creep", KENT, "a field for later", "UNUSED", ("frailty, autism]", "frailty, autism, registered_on]"), "leave out"),
    crossed("5 purpose creep", FUEL, "an advertiser", "RECIPIENT", ("{to: [fenland-power]", "{to: [advertiser]"), "there are: dwp"),
    asked("5 purpose creep", "a second purpose", "PURPOSE", Request(Asked.RELEASE, RELEASE.actor, "marketing", "brightwater-rebate"), "for the purpose 'rebate'"),
    asked("5 purpose creep", "another recipient", "RECIPIENT_NOT_AGREED", Request(Asked.RELEASE, RELEASE.actor, "rebate", "brightwater-rebate", "fenland-power"), "may go to brightwater-energy as yes/no"),
    asked("5 purpose creep", "a further field", "FIELD", Request(Asked.RELEASE, RELEASE.actor, "rebate", "brightwater-rebate", fields=("income",)), "with customer_ref, eligible"),
    RedLine("6 doubtful quality", KENT, Case("a failed rule", "QUALITY", state=_doubtful), "Correct the data"),
)  # fmt: skip


@pytest.mark.parametrize("told", LINES, ids=str)
def test_red_line_refuses(told: RedLine) -> None:
    decision = judge(told.name, told.case)
    assert decision.verdict is Verdict.DENY
    vetoes = {reason.code: reason for reason in crosses_red_line(decision)}
    assert told.case.code in vetoes
    offered = " ".join([decision.alternative, *(reason.fix for reason in decision.reasons)])
    assert told.instead in offered


def test_all_six_are_shown() -> None:
    assert {told.line[0] for told in LINES} == set("123456")


def test_no_benefit_outweighs_a_red_line() -> None:
    """However many benefits are claimed, the veto stands."""
    claim = "    - {to: public, claim: It is good for everybody, measure: none}\n"
    more = pattern(r"^  benefits:\n", "  benefits:\n" + claim * 20)
    decision = judge(KENT, Case("benefits", "NO_NOTICE", (more, pattern(r"notice: \S+", "notice: null"))))
    assert {reason.code for reason in decision.reasons} == {"NO_NOTICE"}


def test_all_reasons_are_said_at_once() -> None:
    harms = (
        pattern(r"notice: \S+", "notice: null"),
        ("register: public", "register: withheld"),
        ("use: [income]", "use: [income, role]"),
    )
    request = Request(Asked.RUN, "mallory@elsewhere", "marketing")
    case = Case("all", "", harms, request=request, state=lambda s: type(s)(suspended="a party withdrew"))
    decision: Decision = judge(FUEL, case)
    assert {reason.code for reason in decision.reasons} == {
        "NO_NOTICE", "NOT_TRANSPARENT", "UNUSED", "SUSPENDED", "UNSIGNED", "UNPUBLISHED", "CONDITION", "ACTOR",
        "PURPOSE",
    }  # fmt: skip


def test_a_text_that_does_not_compile_still_hears_of_its_wording() -> None:
    harms = (
        pattern(r"notice: \S+", "notice: null"),
        ("recipe: eligibility", "recipe: horoscope"),
        ("use: [income]", "use: [wealth]"),
    )
    codes = {reason.code for reason in judge(FUEL, Case("both", "", harms)).reasons}
    assert codes == {"NO_NOTICE", "UNKNOWN", "FIELD"}


def test_unharmed_crosses_none() -> None:
    for name in (KENT, FUEL):
        assert judge(name, Case("nothing", "", request=run_of(name))).verdict is Verdict.PERMIT
