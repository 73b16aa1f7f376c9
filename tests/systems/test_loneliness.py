"""B end to end: ranks, the map with its caveats, the page one can touch, boundaries of one's own."""

from __future__ import annotations

import csv
import datetime as dt
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from sharewell import workspace
from sharewell.county import build
from sharewell.errors import DataError, DocumentError
from sharewell.live.rehearsal import rehearse
from sharewell.run import Outcome
from sharewell.workspace import Workspace

NAME, ACTOR = "predicting-loneliness", "a.khan@northshire-insight"
BOUNDARIES = "data/places/boundaries.geojson"
CAVEATS = (
    "It understates how many are lonely: read the order, never a number of people.",
    "It compares areas. It says nothing of any person or household in them.",
    "People in care homes are left out, and an area with many of them looks otherwise than it is.",
)


@pytest.fixture(scope="module")
def space(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    made = workspace.init(
        tmp_path_factory.mktemp("lonely") / "county", synthetic=True, clock=dt.date(2024, 6, 3)
    )
    build(made.folder, people=30_000, seed=3, services=["places", "survey", "census"])
    return made


@pytest.fixture(scope="module")
def done(space: Workspace) -> Outcome:
    live = space.agreement(NAME)
    rehearse(live)
    return live.run(ACTOR)


@pytest.fixture(scope="module")
def folder(done: Outcome) -> Path:
    return done.releases["public"]


def test_everyone_gets_the_same_order_with_its_intervals(done: Outcome, folder: Path) -> None:
    with (folder / "tables/ranks/ranks.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["rank"]) for row in rows] == list(range(1, 21))
    assert all(int(row["rank_low"]) <= int(row["rank"]) <= int(row["rank_high"]) for row in rows)
    assert all(int(row["people"]) >= 10 for row in rows)
    assert "often_lonely" not in rows[0]
    assert set(done.releases) == {"later-life", "northshire-council", "public"}


def test_the_answer_says_what_is_sure_and_what_is_nothing(done: Outcome, folder: Path) -> None:
    report = (folder / "report.html").read_text(encoding="utf-8")
    assert done.answers["ranks"].startswith("20 areas stand in the order of how likely")
    assert "N0000" not in done.answers["ranks"], "no single area is named in words"
    assert "showed no association once the rest is held alike: deprivation" in report
    assert "That does not show that there is none." in report
    for caveat in CAVEATS:
        assert caveat in report
    missing = "Missing from the ranks, because only the survey asks it: eye conditions 3 or more, pets"
    assert missing in report


def test_caveats_are_printed_on_both_drawings_of_the_map(folder: Path) -> None:
    report = (folder / "report.html").read_text(encoding="utf-8")
    drawings = [part.partition("</svg>")[0] for part in report.split("<svg")[1:]]
    maps = [one for one in drawings if "likeliest tenth (" in one]
    assert len(maps) == 2, "wide and narrow"
    for one in maps:
        assert all(caveat[:20] in one for caveat in CAVEATS)


def test_the_map_can_be_touched_by_keyboard_without_network(chromium: Any, folder: Path) -> None:
    asked: list[str] = []
    said: list[str] = []
    page = chromium.new_page(viewport={"width": 320, "height": 700})
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    path = folder / "maps/ranks/ranks.html"
    page.goto(path.as_uri())
    assert page.locator("#still").is_hidden()
    assert page.locator("#map path.leaflet-interactive").count() == 20
    page.focus("#place")
    page.keyboard.type("N000003")
    page.keyboard.press("Enter")
    assert page.locator("#name").inner_text() == "N000003"
    assert "Rank" in page.locator("#figures").inner_text()
    page.focus("#map")
    before = page.evaluate("document.querySelector('.leaflet-map-pane').style.transform")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "before => document.querySelector('.leaflet-map-pane').style.transform !== before", arg=before
    )
    assert page.evaluate("document.documentElement.scrollWidth <= 320")
    assert asked == [path.as_uri()]
    assert said == []
    page.close()


def test_without_script_the_picture_stands(chromium: Any, folder: Path) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((folder / "maps/ranks/ranks.html").as_uri())
    assert page.locator("#still svg").is_visible()
    assert page.locator("#map").is_hidden()
    context.close()


def again(space: Workspace, folder: Path, settings: str) -> Workspace:
    """A copy of the workspace, not yet run, with these settings of places."""
    shutil.copytree(space.folder, folder, ignore=shutil.ignore_patterns(".sharewell"))
    with (folder / "sharewell.toml").open("a", encoding="utf-8") as file:
        file.write(settings)
    return workspace.open(folder)


def test_boundaries_of_ones_own_are_drawn(space: Workspace, tmp_path: Path) -> None:
    told = json.loads((space.folder / BOUNDARIES).read_text())
    for feature in told["features"]:
        feature["properties"] = {"LSOA21CD": feature["properties"]["area"], "LAD22NM": "All of it"}
    told["features"] = told["features"][:-1]
    told.pop("unit")
    own = again(
        space,
        tmp_path / "own",
        '\n[places]\nboundaries = "own.geojson"\nunit = "kilometres"\nattribution = "Drawn by hand."\n'
        'names = {area = "LSOA21CD", district = "LAD22NM"}\n',
    )
    (own.folder / "own.geojson").write_text(json.dumps(told), encoding="utf-8")
    made = own.boundaries
    assert made is not None
    shapes = made.shapes("area", over="district")
    assert (len(shapes.outlines), list(shapes.larger), shapes.said) == (19, ["All of it"], "Drawn by hand.")


def test_a_boundary_file_that_is_not_there_is_told(space: Workspace, tmp_path: Path) -> None:
    own = again(space, tmp_path / "gone", '\n[places]\nboundaries = "gone.gpkg"\n')
    with pytest.raises(DataError, match="there are no boundaries"):
        _ = own.boundaries
    with pytest.raises(DocumentError, match="places is not a table"):
        again(space, tmp_path / "wrong", '\n[places]\nunit = "miles"\n')


def test_without_boundaries_the_report_says_that_no_map_is_drawn(space: Workspace, tmp_path: Path) -> None:
    bare = again(space, tmp_path / "bare", "")
    (bare.folder / BOUNDARIES).unlink()
    live = bare.agreement(NAME)
    rehearse(live)
    folder = live.run(ACTOR).releases["public"]
    assert not (folder / "maps").exists()
    assert "A map could not be drawn, because the workspace has no boundaries" in (
        folder / "report.html"
    ).read_text(encoding="utf-8")
