"""Agreements side by side: what is known is told, what is not is seen to be missing, nothing is summed."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from workspace_example import ACTOR, fresh, make, run

from sharewell import workspace
from sharewell.agree.realised import MET, Observed
from sharewell.live.balance import weigh, weighed
from sharewell.live.benefits import measure
from sharewell.live.incident import open_incident
from sharewell.live.papers import Format
from sharewell.workshop.balance import Attacked, Gain, Given, Weighed, balance, weighings

DAY = dt.date(2024, 6, 3)
GAIN = Gain("Fewer falls", "public", 1.0, 0.8, "not measured yet")


def one(name: str, **more: object) -> Weighed:
    told = {"people": 100, "gains": (GAIN,), "forms": ("aggregate",), "residual": 4, **more}
    return Weighed(name, f"About {name}", **told)  # type: ignore[arg-type]


def words(*held: Weighed) -> str:
    from sharewell.papers.html import write_html

    return write_html(balance(held, DAY)).decode()


@pytest.mark.parametrize(
    ("gain", "said"),
    [
        (GAIN, "Fewer falls (from 1 to 0.8): not measured yet."),
        (
            Gain("Fewer falls", "public", 1.0, 0.8, MET, Observed(0.7, 0.6, 0.8), DAY),
            "Fewer falls (from 1 to 0.8): 0.7 (0.6 to 0.8) on 2024-06-03, met.",
        ),
        (
            Gain("More visits", "public", None, 120, "measured; no baseline", Observed(119), DAY),
            "More visits (from not stated to 120): 119 on 2024-06-03, measured; no baseline.",
        ),
    ],
)
def test_a_benefit_is_told_with_its_interval_and_the_agreements_own_verdict(gain: Gain, said: str) -> None:
    assert gain.sentence() == said


def test_a_red_line_is_a_veto_and_no_weighting_brings_it_back() -> None:
    held = one("a"), one("b", residual=1), one("c", residual=0, crossed=("no notice is published",))
    assert {lead.item for lead in weighings(held)} == {"a", "b"}
    assert "c crosses: no notice is published" in words(*held)


def test_an_agreement_that_is_better_by_all_criteria_always_leads_and_alone_there_is_nothing_to_weigh() -> (
    None
):
    found = weighings([one("a", residual=20, forms=("identifiable",)), one("b", residual=2)])
    assert [(lead.item, lead.share) for lead in found] == [("b", 1.0), ("a", 0.0)]
    assert weighings([one("a")]) == ()


def test_what_is_not_known_is_said_and_what_is_uncertain_bears_its_interval() -> None:
    given = Given("Essex", "benefit", 2.5, None, None, 1, 1, 6, 2)
    page = words(
        one("a", people=None, attacked=(Attacked("rates", "held", 0.01, 0.04, DAY),), given=(given,)),
        one("b"),
    )
    for text in (
        "Fewer falls (from 1 to 0.8): not measured yet.",
        "not known yet",
        "rates: 1.0% above guessing, at most 4.0% (held, 2024-06-03).",
        "tier 1 of 1, mean rank 2.5 among 6 (too few tables for an interval; 2 tables).",
    ):
        assert text in page


def test_the_workspace_tells_what_its_account_knows(tmp_path: Path) -> None:
    space = make(tmp_path / "north")
    run(space)
    live = fresh(space)
    benefit = live.agreement.text.agree.benefits[0]
    measure(live, benefit.measure, 0.25, ACTOR)
    open_incident(space, "A laptop was lost", space.now, ACTOR, asset="clinic.patients")
    held = weighed(workspace.open(space.folder).agreement(live.name))
    assert (held.gains[0].observed, held.incidents) == (Observed(0.25), 1)
    assert {each.product for each in held.attacked} >= {"asthma-gap"}
    assert all(each.at_most is None or 0 <= each.at_most <= 1 for each in held.attacked)
    (page,) = weigh([live], tmp_path / "out", [Format.HTML])
    assert benefit.claim in page.read_text(encoding="utf-8")


def test_each_workshop_gives_its_own_places_and_two_days_are_never_put_together(tmp_path: Path) -> None:
    """Essex twice: whoever pooled them would tell of two tables, and of one sentence a question."""
    from sharewell.live.workshop_sheets import enter
    from sharewell.live.workshops import new

    space = workspace.init(tmp_path / "shipped", synthetic=True, clock=dt.date(2024, 6, 3))
    for name in ("essex", "essex-again"):
        new(space, name, like="essex")
        enter(space, name)
    first = weighed(space.agreement("tackling-fuel-poverty"))
    assert {(given.tables, given.low, given.high) for given in first.given} == {(1, None, None)}
    benefit = [given for given in first.given if "benefit" in given.question]
    assert [(given.tier, given.tiers, given.among) for given in benefit] == [(1, 2, 4)] * 2
    unplaced = weighed(space.agreement("homeless-support"))
    assert not [given for given in unplaced.given if "benefit" in given.question]
    paper = balance([first, unplaced], DAY)
    assert any("homeless-support" in str(line) for line in paper.gaps or ())
