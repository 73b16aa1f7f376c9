"""The residents' index on a small county: what has a method runs alone, and measures a promise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from agreement_example import compiled, text
from typer.testing import CliRunner

from sharewell.account.events import EventKind
from sharewell.agree.decide import Asked, Request, Verdict, decide
from sharewell.agree.realised import Observed, came
from sharewell.cli import app
from sharewell.county import Effects
from sharewell.live.benefits import realised, unmeasured
from sharewell.live.register import build
from sharewell.live.rehearsal import runnable
from sharewell.proof.residents import PRODUCTS, SERVICES
from sharewell.proof.stage import Staged, staged

pytestmark = pytest.mark.xdist_group("residents")
BENEFIT = "young-children.error"


@pytest.fixture(scope="module")
def done() -> Iterator[Staged]:
    """The forecast alone: nothing is linked for it."""
    with staged("residents-index", 14_000, 4, SERVICES, Effects(), lambda *_: None, PRODUCTS[:1]) as held:
        yield held


def test_a_run_of_one_product_reads_what_that_needs_and_nothing_else(done: Staged) -> None:
    assert set(done.outcome.checked) == {"young-children"}
    assert set(done.outcome.admitted) == {"children.health"}
    assert not done.held_at("northshire-linker")
    started = next(done.runner.events(EventKind.RUN_STARTED))
    assert started.facts["products"] == ["young-children"]
    whole = done.live.plan()
    steps = {event.facts["step"] for event in done.runner.events(EventKind.STEP_DONE)}
    assert steps == {whole.numbers[step] for step in whole.only(("young-children",)).steps}


def test_what_awaits_its_method_is_refused_in_words(done: Staged) -> None:
    known, refused = runnable(done.live)
    assert known == PRODUCTS
    assert refused["roll"] == "recipe discrepancies has no prepare in this version"
    assert len(refused) == 5


def test_one_unknown_or_awaited_product_refuses_the_run_of_all_that_are_named(done: Staged) -> None:
    for name, code in (("roll", "RECIPE"), ("tea", "PRODUCT")):
        asked = Request(Asked.RUN, done.live.operator, products=("attainment", name))
        decision = done.live.foresee(asked)
        assert decision.verdict is Verdict.DENY
        assert [reason.code for reason in decision.reasons] == [code]


def test_the_forecast_is_told_with_its_fan_and_its_errors(done: Staged) -> None:
    folder = done.outcome.releases["public"]
    page = (folder / "report.html").read_text(encoding="utf-8")
    for told in ("Hamilton-Perry", "four chances in five", "last count carried forward", "<svg"):
        assert told in page
    names = " ".join(path.name for path in folder.rglob("*.csv"))
    assert all(table in names for table in ("years", "wards", "accuracy"))


def test_the_run_measured_what_was_promised_by_the_released_figure(done: Staged) -> None:
    accuracy = next(t for t in done.outcome.checked["young-children"].tables if t.name == "accuracy")
    released = accuracy.data.to_pylist()[-1]
    held = next(held for held in realised(done.live) if held.benefit.measure == BENEFIT)
    assert held.by_run
    assert held.run == done.outcome.run
    assert held.observed == Observed(released["error"], released["error_low"], released["error_high"])
    entered = list(done.runner.events(EventKind.ACCOUNT_BENEFIT_MEASURED))
    assert [event.facts["measure"] for event in entered] == [BENEFIT]


def test_the_public_page_says_what_came_of_it(done: Staged) -> None:
    folder = build(done.live.space)
    page = (folder / "agreements/residents-index/index.html").read_text(encoding="utf-8")
    assert "What came of it" in page
    assert f"by run {done.outcome.run}" in page
    assert "there is no evidence of change" in page
    assert "Not measured" in page  # the two promises that no run can measure


def test_on_the_screen_it_says_who_measures_what(done: Staged) -> None:
    shown = CliRunner(env={"COLUMNS": "500"}).invoke(
        app, ["benefit", "list", "residents-index", "-s", str(done.folder)]
    )
    assert shown.exit_code == 0
    said = " ".join(shown.output.split())
    assert f"by run {done.outcome.run}" in said
    assert "(by hand)" in said


def test_a_review_that_is_due_asks_for_what_nobody_measured(done: Staged) -> None:
    agreement, plan = compiled(text("residents-index"))
    claim = agreement.text.agree.benefits[0].claim
    state = replace(done.live.state(), unmeasured=(claim,))
    after = datetime(2025, 6, 1, tzinfo=UTC)
    asked = Request(Asked.RUN, done.live.operator, products=PRODUCTS)
    decision = decide(asked, agreement, plan, (), state, after)
    assert unmeasured(done.live) == ()  # at the demo's clock nothing is due
    assert decision.verdict is Verdict.REVIEW
    assert [reason.code for reason in decision.reasons] == ["REVIEW_DUE", "BENEFIT_DUE"]
    assert claim in decision.reasons[1].what
    assert [r.code for r in decide(asked, agreement, plan, (), done.live.state(), after).reasons] == [
        "REVIEW_DUE"
    ]


@pytest.mark.parametrize(
    ("observed", "today", "told"),
    [
        (Observed(0.85, 0.75, 0.95), date(2026, 1, 1), "missed"),
        (Observed(0.85, 0.75, 0.95), date(2024, 1, 1), "not met yet"),
        (Observed(0.75, 0.6, 0.9), date(2026, 1, 1), "met"),
        (Observed(0.75, 0.5, 1.1), date(2026, 1, 1), "no evidence of change"),
        (Observed(0.75, 0.5, 1.1), date(2024, 1, 1), "too early to tell: no evidence of change yet"),
        (Observed(1.3, 1.1, 1.5), date(2026, 1, 1), "worse than before"),
        (Observed(0.85), date(2026, 1, 1), "missed"),
        (None, date(2026, 1, 1), "not measured, and due"),
        (None, date(2024, 1, 1), "not measured yet"),
    ],
)
def test_whether_it_came_is_one_rule_and_tells_nulls(
    observed: Observed | None, today: date, told: str
) -> None:
    assert came(1.0, 0.8, date(2025, 1, 1), observed, today) == told


def test_a_measure_that_its_recipe_does_not_give_is_a_fault() -> None:
    written = text("residents-index").replace(BENEFIT, "young-children.bias")
    with pytest.raises(AssertionError, match=r"BENEFIT .* gives no figure 'bias'"):
        compiled(written)


@pytest.mark.long
def test_attainment_is_told_without_a_causal_word() -> None:
    with staged("residents-index", 14_000, 4, SERVICES, Effects(), lambda *_: None, PRODUCTS) as done:
        assert set(done.outcome.checked) == set(PRODUCTS)
        page = (done.outcome.releases["northshire-housing"] / "report.html").read_text(encoding="utf-8")
        assert "does not say that one brings the other" in page
        assert "random intercept" in page or "clustered by home" in page
