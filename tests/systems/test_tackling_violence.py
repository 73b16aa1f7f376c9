"""Tackling violence over a small county: what it finds, what leaves, and what the attack with the log
says."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sharewell.analyse.places.grid import lay
from sharewell.county import Effects
from sharewell.errors import FitError
from sharewell.plan.finding import ALL
from sharewell.plan.steps import Fit
from sharewell.proof.stage import Staged, staged

pytestmark = pytest.mark.xdist_group("violence")


@pytest.fixture(scope="module")
def done() -> Iterator[Staged]:
    with staged("tackling-violence", 8_000, 4, ("violence",), Effects(), lambda *_: None) as held:
        yield held


def rows(done: Staged, product: str, table: str) -> list[dict[str, object]]:
    found = next(t for t in done.outcome.checked[product].tables if t.name == table)
    return list(found.data.to_pylist())


def test_hospital_and_police_see_different_spots(done: Staged) -> None:
    hospital, police = (rows(done, product, "spots") for product in ("hot-spots", "hot-spots-recorded"))
    assert len(hospital) - 2 >= 5 > len(police) - 2 >= 3
    assert "hot spots" in done.outcome.answers["hot-spots"]
    whole = {row["spot"]: row for row in hospital}[ALL]
    assert whole["share_of_ground"] == 1
    assert all(row["incidents"] is None or row["incidents"] % 5 == 0 for row in hospital)  # type: ignore[operator]


def test_no_description_leaves_the_host_and_no_day_leaves_at_all(done: Staged) -> None:
    said = set(pq.read_table(done.folder / "data/acute/assaults.parquet")["place"].to_pylist()) - {None}
    named = set(pq.read_table(done.folder / "data/places/venues.parquet")["name"].to_pylist())
    folder = done.outcome.lists["incidents"]
    left = pq.read_table(folder / "incidents.parquet")
    assert left.column_names == ["weekday", "hour", "method", "place_type", "place_code"]
    for column in left.column_names:
        assert not said & set(map(str, left[column].to_pylist()))
    for report in done.outcome.releases.values():
        text = (report / "report.html").read_text(encoding="utf-8").lower()
        unknown = [w.lower() for w in said if len(w) > 8 and not any(w.lower() in name for name in named)]
        assert len(unknown) > 100
        assert not [words for words in unknown if words in text]


def test_the_attack_with_the_police_log_is_written_on_the_release(done: Staged) -> None:
    certificate = json.loads(
        (done.outcome.lists["incidents"] / "certificate.json").read_text(encoding="utf-8")
    )
    told = json.dumps(certificate)
    assert "Tried with what the recipient holds: the police log" in told
    played = done.outcome.attacked["incidents"]
    links = [a for a in played.attempts if a.attack == "linkability"]
    assert {a.knowledge for a in links} == {"the police log"}
    assert len(links) == 4
    assert all(a.tries > 500 and a.interval[0] <= a.rate <= a.interval[1] for a in links)
    for attempt in links:
        assert attempt.sentence() in told
    smallest = certificate["alike"]["wanted"]["k"]
    assert max(a.rate for a in links) <= 1 / smallest


def test_the_report_shows_map_week_and_share(done: Staged) -> None:
    page = (done.outcome.releases["northshire-council"] / "report.html").read_text(encoding="utf-8")
    for title in (
        "Where treated assaults gather",
        "When treated assaults happen",
        "Places with most treated",
    ):
        assert title in page
    assert "04-07" in page
    assert "could be put on the map" in page
    share = {row["place_type"]: row for row in rows(done, "reporting", "by-place-type")}[ALL]
    true = done.truth["assaults"]
    assert abs(share["share"] - (1 - true["crime"].null_count / true.num_rows)) < 0.03


def params(done: Staged) -> tuple[pa.Table, dict[str, object]]:
    planned = next(p for p in done.runner.plan.products if p.name == "hot-spots")
    fit = planned.result.of
    assert isinstance(fit, Fit)
    return done.runner.engine.to_arrow(done.runner.values[fit.of]), fit.parameters.plain()


def changed(table: pa.Table, **columns: object) -> pa.Table:
    for name, value in columns.items():
        mine = [value if role == "incident" else held for role, held in zip(
            table["role"].to_pylist(), table[name].to_pylist(), strict=True)]  # fmt: skip
        table = table.set_column(table.column_names.index(name), name, pa.array(mine, table[name].type))
    return table


@pytest.mark.parametrize(
    ("code", "columns"),
    [("COORDINATES", {"east": None, "north": None}), ("ONE", {"east": 1.0, "north": 1.0})],
)
def test_incidents_nowhere_or_at_one_point_are_refused(
    done: Staged, code: str, columns: dict[str, object]
) -> None:
    table, settings = params(done)
    recipe = done.runner.space.shelf.recipes["hot-spots"]
    with pytest.raises(FitError, match=code):
        recipe.fit(changed(table, **columns), settings)


def test_few_incidents_are_refused_and_impossible_hours_are_said(done: Staged) -> None:
    table, settings = params(done)
    recipe = done.runner.space.shelf.recipes["hot-spots"]
    with pytest.raises(FitError, match="FEW"):
        recipe.fit(table, settings | {"least": 100_000})
    finding = recipe.fit(changed(table, hour=31, weekday=-2), settings)
    assert "week" not in {t.name for t in finding.tables}
    assert any("outside what they can be" in caveat for caveat in finding.caveats)


def test_without_a_pattern_the_story_says_that_there_is_none(done: Staged) -> None:
    table, settings = params(done)
    recipe = done.runner.space.shelf.recipes["hot-spots"]
    places = table.filter(pa.array([role == "place" for role in table["role"].to_pylist()]))
    grid = lay(places["east"].to_numpy(), places["north"].to_numpy(), 250, 375)
    row, column = (np.repeat(at, 1 + np.arange(at.size) % 2) for at in np.nonzero(grid.ground))
    east, north = grid.centre(row, column)
    even = pa.concat_tables([places.slice(0, 1)] * len(east))
    for name, values in (("role", ["incident"] * len(east)), ("east", east), ("north", north)):
        even = even.set_column(even.column_names.index(name), name, pa.array(values))
    finding = recipe.fit(pa.concat_tables([places, even]), settings)
    story = recipe.tell({t.name: t.data for t in finding.tables}, settings)
    assert "no hot spot" in story.sentences[0]
