"""Ranks of small areas: the fit, the look-up, the intervals, held-out figures, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from sharewell.analyse.areas.analysis import analyse
from sharewell.analyse.areas.fitting import fit_logistic
from sharewell.analyse.areas.reading import (
    AREA,
    OUTCOME,
    PEOPLE,
    PREDICTED,
    SURVEYED,
    TESTED,
    WEIGHT,
    WITHIN,
)
from sharewell.analyse.areas.report import fit
from sharewell.analyse.areas.scoring import Places, drawn, means, patterns_of, ranked, ranks, spread
from sharewell.analyse.areas.story import tell
from sharewell.analyse.areas.terms import coded, matrix_of, predictor_of
from sharewell.analyse.areas.validation import validate
from sharewell.analyse.glm import fit_glm
from sharewell.analyse.small_area_prediction import SIGNATURE
from sharewell.errors import FitError

NAMES = {
    "outcome": "often",
    "outcome_as": "often lonely",
    "predictors": ("health", "size"),
    "counted": ("health", "size"),
    "tested": ("pets", "deprivation"),
    "weight": "weight",
    "area": "area",
    "within": ("district",),
    "least": 10,
    "references": {"health": "good"},
    "caveats": {"use": "It compares areas."},
    "draws": 200,
    "folds": 5,
}
TRUE = {"health poor": 1.6, "size": -0.8, "pets": 0.5, "deprivation": 0.0}


def settings(**changed: Any) -> dict[str, Any]:
    return SIGNATURE.settle({**NAMES, **changed})


def respondents(count: int = 5_000, seed: int = 1) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    poor, size = random.random(count) < 0.3, random.integers(1, 4, count)
    pets, deprivation = random.random(count) < 0.4, random.integers(1, 6, count)
    linear = -1.2 + 1.6 * poor - 0.8 * size + 0.5 * pets
    return {
        OUTCOME: random.random(count) < 1 / (1 + np.exp(-linear)),
        WEIGHT: random.uniform(0.5, 2, count),
        f"{PREDICTED}0": np.where(poor, "poor", "good"),
        f"{PREDICTED}1": size,
        f"{TESTED}0": pets,
        f"{TESTED}1": deprivation,
    }


def people(areas: int = 40, each: int = 120, seed: int = 2) -> dict[str, Any]:
    """A row each area and pattern."""
    random = np.random.default_rng(seed)
    rows: dict[str, list[Any]] = {
        AREA: [],
        f"{WITHIN}0": [],
        PEOPLE: [],
        f"{PREDICTED}0": [],
        f"{PREDICTED}1": [],
    }
    for area in range(areas):
        share = random.uniform(0.05, 0.6)
        counts = random.multinomial(each, np.outer([share, 1 - share], [0.4, 0.4, 0.2]).ravel())
        for at, count in enumerate(counts.tolist()):
            if count:
                values = (f"A{area:03d}", f"D{area % 3}", count, ("poor", "good")[at // 3], at % 3 + 1)
                for name, value in zip(rows, values, strict=True):
                    rows[name].append(value)
    return rows


def prepared(survey: dict[str, Any] | None = None, counted: dict[str, Any] | None = None) -> pa.Table:
    one, two = pa.table(survey or respondents()), pa.table(counted or people())
    one = one.append_column(SURVEYED, pa.array([True] * len(one))).append_column(
        PEOPLE, pa.array([1] * len(one))
    )
    two = two.append_column(SURVEYED, pa.array([False] * len(two)))
    return pa.concat_tables([one, two], promote_options="default")


def refused(table: pa.Table, **changed: Any) -> set[str]:
    with pytest.raises(FitError) as caught:
        analyse(table, settings(**changed))
    return {problem.code for problem in caught.value.problems}


def test_planted_log_odds_are_found_and_the_null_is_said() -> None:
    made = analyse(prepared(), settings())
    for at, term in enumerate(made.full.terms):
        if term != "constant":
            assert abs(made.full.coefficients[at] - TRUE[term]) < 3 * made.full.errors[at], term
    finding = fit(prepared(), settings())
    said = " ".join(tell({table.name: table.data for table in finding.tables}, settings()).sentences)
    assert "Deprivation was tested and showed no association" in said
    assert "That does not show that there is none." in said
    assert "likelier to be often lonely with: health poor, pets" in said
    assert "Missing from the ranks, because only the survey asks it: pets, deprivation." in finding.caveats


def test_the_weighted_fit_is_pseudo_likelihood_with_linearised_errors() -> None:
    held = respondents(3_000, 5)
    matrix = np.column_stack(
        (np.ones(3_000), held[f"{PREDICTED}0"] == "poor", held[f"{PREDICTED}1"])
    ).astype(float)
    outcome, weight = held[OUTCOME].astype(float), held[WEIGHT] / held[WEIGHT].mean()
    model = fit_logistic(("constant", "poor", "size"), matrix, outcome, weight)
    assert model.coefficients == pytest.approx(
        fit_glm("logistic", matrix, outcome, weights=weight).coefficients, abs=1e-6
    )
    chance = model.chance(matrix)
    bread = np.linalg.inv((matrix * (weight * chance * (1 - chance))[:, None]).T @ matrix)
    scores = matrix * (weight * (outcome - chance))[:, None]
    wanted = bread @ (scores.T @ scores) @ bread * 3_000 / 2_999
    assert model.covariance == pytest.approx(wanted, rel=1e-6)
    plain = fit_glm("logistic", matrix, outcome, weights=weight).standard_errors
    assert not np.allclose(model.errors, plain, rtol=0.02), "model-based errors would ignore the weights"


def test_the_look_up_is_everybodys_own_probability() -> None:
    counted = people(7)
    table = pa.table(counted)
    predictors = [
        predictor_of("health", pa.chunked_array([["good", "poor"]]), "good"),
        predictor_of("size", pa.chunked_array([[1, 2]])),
    ]
    columns = {"health": table[f"{PREDICTED}0"], "size": table[f"{PREDICTED}1"]}
    patterns = patterns_of([coded(one, columns[one.name]) for one in predictors])
    beta = np.array([-1.0, 1.3, -0.4])
    by_row = 1 / (1 + np.exp(-(matrix_of(predictors, columns) @ beta)))
    assert patterns.chance(beta)[patterns.code] == pytest.approx(by_row, abs=1e-12)
    area = np.array([int(name[1:]) for name in counted[AREA]])
    weight = np.array(counted[PEOPLE], float)
    wanted = [np.average(by_row[area == at], weights=weight[area == at]) for at in range(7)]
    assert means(patterns.chance(beta), patterns.code, area, weight, 7) == pytest.approx(wanted)
    repeated = np.repeat(np.arange(len(area)), counted[PEOPLE])
    assert means(patterns.chance(beta), patterns.code[repeated], area[repeated], None, 7) == pytest.approx(
        wanted
    )


def test_ranks_and_their_intervals() -> None:
    assert ranks(np.array([0.1, 0.3, 0.2, 0.3])).tolist() == [4, 1, 3, 2]
    again = np.array([[3.0, 2.0, 1.0]] * 50 + [[2.0, 3.0, 1.0]] * 50)
    found = ranked(np.array([3.0, 2.0, 1.0]), again, 0.34)
    assert found.rank.tolist() == [1, 2, 3]
    assert (found.low.tolist(), found.high.tolist()) == ([1, 1, 3], [2, 2, 3])
    assert found.sure.tolist() == [0.5, 0.5, 0.0]


def test_intervals_hold_the_true_ranks_where_people_differ_in_what_is_unseen() -> None:
    """Areas' true means have the unseen pets in them; those of coefficients alone are too short."""
    random = np.random.default_rng(9)
    counted = people(150, 120, seed=3)
    table = pa.table(counted)
    area = np.array([int(name[1:]) for name in counted[AREA]])
    size, weight = np.array(counted[f"{PREDICTED}1"]), np.array(counted[PEOPLE])
    poor = np.array(counted[f"{PREDICTED}0"]) == "poor"
    with_pets = random.binomial(weight, 0.4)
    base = -1.2 + 1.6 * poor - 0.8 * size
    expected = with_pets / (1 + np.exp(-base - 0.5)) + (weight - with_pets) / (1 + np.exp(-base))
    true = ranks(np.bincount(area, expected) / np.bincount(area, weight))
    made = analyse(prepared(respondents(6_000, 4), counted), settings(draws=400))
    inside = (true >= made.ranked.low) & (true <= made.ranked.high)
    assert inside.mean() > 0.85
    patterns = patterns_of(
        [coded(one, made.counted.columns[one.name]) for one in made.respondents.predictors]
    )
    where = Places(made.counted.area, made.counted.people, 150)
    narrow = ranked(made.index, drawn(made.used, patterns, where, 0.0, 400, 0), 0.1)
    short = (true >= narrow.low) & (true <= narrow.high)
    assert short.mean() < inside.mean() - 0.1
    assert table.num_rows == len(area)
    used = np.array([0.5, 0.5])
    assert spread(np.array([0.6, 0.4]), used, np.ones(2)) == pytest.approx(0.01 / 0.25)


def test_discrimination_is_the_share_of_pairs_told_rightly() -> None:
    random = np.random.default_rng(3)
    predicted = random.integers(1, 20, 600) / 20
    outcome = (random.random(600) < predicted).astype(float)
    weight = random.integers(1, 4, 600).astype(float)
    found = validate(predicted, outcome, weight, 10, 1)
    one, two = (
        np.repeat(predicted, (weight * outcome).astype(int)),
        np.repeat(predicted, (weight * (1 - outcome)).astype(int)),
    )
    pairs = (one[:, None] > two[None, :]).mean() + (one[:, None] == two[None, :]).mean() / 2
    assert found.auc.value == pytest.approx(pairs)
    assert found.auc.low < pairs < found.auc.high
    rate = np.average(outcome, weights=weight)
    assert found.base.value == pytest.approx(rate * (1 - rate))
    assert found.brier.value < found.base.value
    assert found.slope.value == pytest.approx(1, abs=0.25)
    odds = predicted / (1 - predicted)
    bold = validate(odds**3 / (1 + odds**3), outcome, weight, 10, 1)
    assert bold.slope.value == pytest.approx(found.slope.value / 3)


def test_bands_hold_ten_people_with_the_outcome_and_ten_without() -> None:
    finding = fit(prepared(), settings())
    bands = finding.table("calibration").data.to_pylist()
    assert sum(row["respondents"] for row in bands) == 5_000
    assert all(row["observed"] * row["respondents"] > 5 for row in bands)
    assert all(row["low"] <= row["observed"] <= row["high"] for row in bands)
    assert bands[0]["observed"] < bands[-1]["observed"]


def test_ranks_are_given_in_each_district_and_small_areas_are_not_ranked() -> None:
    counted = people()
    for name, value in {
        AREA: "A999",
        f"{WITHIN}0": "D0",
        PEOPLE: 9,
        f"{PREDICTED}0": "poor",
        f"{PREDICTED}1": 1,
    }.items():
        counted[name].append(value)
    finding = fit(prepared(counted=counted), settings())
    rows = finding.table("ranks").data.to_pylist()
    assert "A999" not in {row["area"] for row in rows}
    assert [row["rank"] for row in rows] == list(range(1, 41))
    for district in ("D0", "D1", "D2"):
        here = [row["district_rank"] for row in rows if row["district"] == district]
        assert here == list(range(1, len(here) + 1))
    assert any("fewer than 10 people are counted there: 1" in caveat for caveat in finding.caveats)
    assert {row["tier"] for row in rows[:4]} == {5}
    assert [row["tier"] for row in rows] == sorted((row["tier"] for row in rows), reverse=True)
    larger = finding.table("districts").data.to_pylist()
    assert sum(row["areas_among_first"] for row in larger) == 4


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({OUTCOME: np.zeros(5_000, bool)}, "FEW"),
        ({WEIGHT: np.zeros(5_000)}, "WEIGHT"),
        ({f"{PREDICTED}0": pa.nulls(5_000, pa.string())}, "EMPTY"),
        ({f"{TESTED}0": np.ones(5_000, bool)}, "CONSTANT"),
        ({f"{TESTED}1": respondents()[f"{PREDICTED}1"] * 2}, "SINGULAR"),
        ({f"{TESTED}0": respondents()[OUTCOME]}, "SEPARATION"),
        ({f"{PREDICTED}1": [None] * 4 + [2] * 4_996}, "CONSTANT"),
    ],
)
def test_a_survey_that_cannot_answer_is_refused(change: dict[str, Any], code: str) -> None:
    assert code in refused(prepared({**respondents(), **change}))


def test_people_that_cannot_be_scored_are_refused() -> None:
    strange = people()
    strange[f"{PREDICTED}0"][0] = "excellent"
    assert refused(prepared(counted=strange)) == {"LEVEL"}
    with pytest.raises(FitError) as caught:
        analyse(prepared(counted=strange), settings())
    assert "excellent" not in str(caught.value), "a value of a row is never told"
    assert refused(prepared(counted=people(1))) == {"AREAS"}
    assert refused(prepared(), sample=6_773) == {"SAMPLE"}
    assert refused(prepared(), published={"marital widowed": 1.0}) == {"PUBLISHED"}
    assert refused(prepared(), references={"health": "splendid"}) == {"REFERENCE"}


def test_missing_answers_and_numbers_beyond_the_survey_are_counted_aloud() -> None:
    survey, counted = respondents(), people()
    survey[f"{TESTED}1"] = [
        None if at < 7 else value for at, value in enumerate(survey[f"{TESTED}1"].tolist())
    ]
    counted[f"{PREDICTED}0"][0] = None
    gone, counted[f"{PREDICTED}1"][5] = counted[PEOPLE][0], 9
    finding = fit(prepared(survey, counted), settings())
    assert "Respondents left out because an answer is missing: 7." in finding.table("coefficients").notes
    assert f"People left out because a value is missing: {gone}." in finding.caveats
    assert any("beyond any that a respondent gave" in caveat for caveat in finding.caveats)
