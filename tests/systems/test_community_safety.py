"""Community safety over a small county: the assessment as a document, the map, and the list of cases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sharewell.analyse.places.assessment import RESIDENTS, Span, cause
from sharewell.county import Effects
from sharewell.errors import FitError
from sharewell.plan.finding import ALL
from sharewell.plan.steps import Fit
from sharewell.proof.safety import _inward
from sharewell.proof.stage import Staged, staged

pytestmark = pytest.mark.xdist_group("safety")


@pytest.fixture(scope="module")
def done() -> Iterator[Staged]:
    services = ("places", "safety", "offending")
    with staged("community-safety", 16_000, 5, services, Effects(), lambda *_: None) as held:
        yield held


def rows(done: Staged, product: str, table: str) -> dict[str, dict[str, object]]:
    found = next(t for t in done.outcome.checked[product].tables if t.name == table)
    return {str(row[found.data.column_names[0]]): row for row in found.data.to_pylist()}


def test_the_schema_keeps_an_inward_postcode_out(done: Staged) -> None:
    assert all(line.holds for line in _inward(done))


def test_priorities_go_by_harm_and_say_what_volume_would_have_put_first(done: Staged) -> None:
    kinds = rows(done, "assessment", "priorities")
    assert list(kinds)[:3] == ["violence", "domestic abuse", "robbery"]
    assert kinds["antisocial behaviour"]["place_by_volume"] == "1"
    page = (done.outcome.releases["public"] / "report.html").read_text(encoding="utf-8")
    assert "By volume antisocial behaviour comes first" in page
    assert "What came of the last plan" in page


def test_the_plan_is_held_against_last_time(done: Staged) -> None:
    plan = rows(done, "assessment", "plan")
    assert plan["burglary"]["aimed"] == "-10%"
    assert plan["vehicle crime"]["progress"] in ("not met", "not clear")
    before = done.outcome.findings["assessment"].table("plan").data.to_pylist()
    burglary = next(row for row in before if row["priority"] == "burglary")
    assert burglary["change"] == pytest.approx(1 / 1.3 - 1, abs=0.03)
    assert burglary["low"] < burglary["change"] < burglary["high"]


def test_what_comes_back_is_about_what_was_planted(done: Staged) -> None:
    repeats = done.outcome.findings["assessment"].table("repeats").data.to_pylist()
    again = next(row for row in repeats if row["incident"].startswith("After"))
    assert 0.12 < again["share"] < 0.26


def test_rates_rest_on_residents(done: Staged) -> None:
    areas = done.outcome.findings["assessment"].table("areas").data.to_pylist()
    whole = next(row for row in areas if row["area"] == ALL)
    assert whole["residents"] == 16_000
    assert whole["per_1000_residents"] == pytest.approx(whole["incidents"] / 16)


def test_the_conference_gets_its_fields_in_order_and_no_score(done: Staged) -> None:
    table = pq.read_table(done.outcome.lists["conference"] / "conference.parquet")
    assert set(table.column_names) == {"local_id", "risk", "incidents", "place"}
    assert sorted(table["place"].to_pylist()) == list(range(1, table.num_rows + 1))
    assert min(table["incidents"].to_pylist()) >= 3


def fitted(done: Staged) -> tuple[pa.Table, dict[str, object]]:
    fit = next(p for p in done.runner.plan.products if p.name == "assessment").result.of
    assert isinstance(fit, Fit)
    return done.runner.engine.to_arrow(done.runner.values[fit.of]), fit.parameters.plain()


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("EMPTY", {"from_day": date(1950, 1, 1), "to_day": date(1950, 12, 31)}),
        ("SPAN", {"from_day": date(2024, 1, 2), "to_day": date(2024, 1, 1)}),
        ("HARM", {"harm": {"piracy": 100}}),
        ("HARM", {"harm": {"violence": "much"}}),
    ],
)
def test_what_cannot_be_assessed_is_refused(done: Staged, code: str, change: dict[str, object]) -> None:
    table, settings = fitted(done)
    with pytest.raises(FitError, match=code):
        done.runner.space.shelf.recipes["strategic-assessment"].fit(table, settings | change)


def test_without_coded_places_or_a_plan_the_rest_is_told(done: Staged) -> None:
    table, settings = fitted(done)
    recipe = done.runner.space.shelf.recipes["strategic-assessment"]
    bare = table.filter(pa.array([role == "incident" for role in table["role"].to_pylist()]))
    finding = recipe.fit(bare, settings | {"plan": {}})
    assert {t.name for t in finding.tables} == {"priorities", "services", "areas"}
    story = recipe.tell({t.name: t.data for t in finding.tables}, settings)
    assert len(story.sentences) == 3


def test_an_area_where_nobody_lives_has_no_rate_and_that_is_said(done: Staged) -> None:
    table, settings = fitted(done)
    everyone = [role != RESIDENTS for role in table["role"].to_pylist()]
    first = everyone.index(False)
    everyone[first] = True  # the residents of one area alone are known
    finding = done.runner.space.shelf.recipes["strategic-assessment"].fit(
        table.filter(pa.array(everyone)), settings
    )
    areas = finding.table("areas")
    rates = {row["area"]: row["per_1000_residents"] for row in areas.data.to_pylist()}
    known = {ALL, table["area"][first].as_py()}
    assert {area for area, rate in rates.items() if rate is not None} <= known
    assert f"{len(rates) - len(known & set(rates))} of the rows have nobody living there" in areas.notes[-1]


def test_last_time_is_the_span_right_before_and_codes_are_those_of_the_regulations() -> None:
    span = Span(date(2023, 4, 1), date(2024, 3, 31))
    assert span.before == Span(date(2022, 3, 31), date(2023, 3, 31))
    causes = [cause(code).split()[0] for code in ("X99", "Y04", "F10", "F11.2", "T51", "S02")]
    assert causes == ["Assault", "Assault", "Alcohol", "Drugs", "Alcohol", "Another"]
