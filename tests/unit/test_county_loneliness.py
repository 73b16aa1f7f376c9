"""The ageing survey and the census: what is planted is there, nulls and confounding too; boundaries."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import shapely
from shapely.geometry import shape

from sharewell import county
from sharewell.analyse.glm import fit_glm
from sharewell.county import Effects, truth
from sharewell.county.effects.survey import Survey
from sharewell.county.geography import NORTH, shore
from sharewell.county.population import TODAY, YEAR
from sharewell.county.survey import respondents

SERVICES = ["places", "survey", "census"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return county.build(tmp_path_factory.mktemp("county"), people=40_000, seed=7, services=SERVICES).folder


@pytest.fixture(scope="module")
def survey() -> pa.Table:
    """Many more than answered, so that what is planted can be seen in one draw."""
    return respondents(Survey(respondents=60_000), np.random.default_rng(5))


def design(survey: pa.Table, *names: str) -> np.ndarray:
    columns = {
        "poor": pc.equal(survey["health"], "poor"),
        "fair": pc.equal(survey["health"], "fair"),
        "good": pc.equal(survey["health"], "good"),
        "size": survey["household_size"],
        "widowed": pc.equal(survey["marital"], "widowed"),
        "eyes": pc.greater_equal(survey["eye_conditions"], 3),
        "pets": survey["pets"],
        "two": pc.greater_equal(survey["adl"], 2),
        "one": pc.equal(survey["adl"], 1),
        "age": pc.and_(pc.greater_equal(survey["age"], 75), pc.less(survey["age"], 80)),
        "deprivation": survey["deprivation"],
        "rural": survey["rural"],
    }
    held = [columns[name].to_numpy(zero_copy_only=False).astype(float) for name in names]
    return np.column_stack([np.ones(survey.num_rows), *held])


def test_the_published_log_odds_are_planted_and_the_nulls_are_nought(survey: pa.Table) -> None:
    planted = Survey()
    wanted = {
        "poor": planted.health["poor"],
        "fair": planted.health["fair"],
        "good": planted.health["good"],
        "size": planted.household_size,
        "widowed": planted.widowed,
        "eyes": planted.eyes,
        "pets": planted.pets,
        "two": planted.adl_two,
        "one": planted.adl_one,
        "age": planted.age_75,
        "deprivation": 0.0,
        "rural": 0.0,
    }
    often = pc.equal(survey["lonely"], "often").to_numpy().astype(float)
    fitted = fit_glm("logistic", design(survey, *wanted), often)
    for at, (name, value) in enumerate(wanted.items(), 1):
        assert abs(fitted.coefficients[at] - value) < 4 * fitted.standard_errors[at], name
    assert abs(fitted.coefficients[0] - planted.constant) < 4 * fitted.standard_errors[0]


def test_deprivation_alone_finds_an_effect_that_is_not_there(survey: pa.Table) -> None:
    often = pc.equal(survey["lonely"], "often").to_numpy().astype(float)
    naive = fit_glm("logistic", design(survey, "deprivation"), often)
    assert naive.coefficients[1] < -4 * naive.standard_errors[1]


def test_weights_bring_back_those_who_answer_less(survey: pa.Table) -> None:
    age, weight = survey["age"].to_numpy(), survey["weight"].to_numpy()
    assert weight.mean() == pytest.approx(1, abs=0.001)
    assert weight[age >= 85].mean() > 1.2 > weight[age < 70].mean()


def test_the_census_holds_everybody_of_65_or_over_where_they_live(folder: Path) -> None:
    people = pq.read_table(folder / "data/census/people.parquet")
    assert pc.min(people["age"]).as_py() == 65
    born = truth(folder)["people"]["born"].cast(pa.int32()).to_numpy()
    assert people.num_rows == ((TODAY - born) // YEAR >= 65).sum()
    couples = people.filter(pc.equal(people["marital"], "married"))
    assert pc.min(couples.filter(pc.invert(couples["communal"]))["household_size"]).as_py() >= 2
    homes = people.filter(people["communal"])
    assert pc.mean(homes["household_size"]).as_py() > 20


def test_the_truth_by_area_is_of_people_in_households(folder: Path) -> None:
    held = truth(folder)["loneliness"]
    people = pq.read_table(folder / "data/census/people.parquet")
    inside = people.filter(pc.invert(people["communal"]))
    counts = {row["values"]: row["counts"] for row in inside["area"].value_counts().to_pylist()}
    assert dict(zip(held["area"].to_pylist(), held["people"].to_pylist(), strict=True)) == counts
    expected = (held["expected"].to_numpy() * held["people"].to_numpy()).sum()
    seen = held["often_lonely"].to_numpy().sum()
    assert seen == pytest.approx(expected, abs=4 * np.sqrt(expected))
    assert held["expected"].to_numpy().std() > 0.01, "areas differ, or there would be nothing to rank"


def test_areas_fill_the_land_once_and_hold_their_own_centres(folder: Path) -> None:
    told = json.loads((folder / "data/places/boundaries.geojson").read_text())
    areas = pq.read_table(folder / "data/places/areas.parquet").to_pylist()
    cells = {f["properties"]["area"]: shape(f["geometry"]) for f in told["features"]}
    assert list(cells) == [row["area"] for row in areas]
    for row, feature in zip(areas, told["features"], strict=True):
        assert feature["properties"] == {name: row[name] for name in ("area", "ward", "district")}
        assert cells[row["area"]].contains(shapely.Point(row["easting"], row["northing"]))
    assert all(cell.is_valid for cell in cells.values())
    whole = shapely.union_all(list(cells.values()))
    assert sum(cell.area for cell in cells.values()) == pytest.approx(whole.area, abs=0.01)
    along = np.linspace(0, NORTH, 2_000)
    assert whole.area == pytest.approx(np.trapezoid(shore(along), along), rel=0.001)


def test_boundaries_are_replaced_with_the_county(tmp_path: Path) -> None:
    county.build(tmp_path, people=9_000, seed=1, services=["places"])
    first = (tmp_path / "data/places/boundaries.geojson").read_bytes()
    county.build(tmp_path, people=9_000, seed=1, services=["places", "survey"])
    assert (tmp_path / "data/places/boundaries.geojson").read_bytes() == first
    county.build(tmp_path, people=9_000, seed=1, services=["survey"], effects=Effects())
    assert not (tmp_path / "data/places/boundaries.geojson").exists()
