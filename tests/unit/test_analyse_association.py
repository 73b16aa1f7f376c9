"""The mixed model held to the library, to brute force and to what is planted; bad input refused by name."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from sharewell.analyse.association import RECIPE
from sharewell.analyse.association_model.mixed import CLUSTERED, MIXED, PLAIN, fit_slope
from sharewell.analyse.association_model.report import fit
from sharewell.analyse.association_model.rows import read_rows
from sharewell.analyse.association_model.story import tell
from sharewell.check import POLICIES, gate
from sharewell.errors import FitError


def people(n: int, slope: float, seed: int = 1, homes: int = 0) -> dict[str, Any]:
    """Crowding goes with bedrooms, and bedrooms with points, whatever the slope."""
    rng = np.random.default_rng(seed)
    shared = rng.integers(0, homes or n * 2 // 3, n)
    home = rng.normal(0, 4, n)[shared % n]
    rooms = rng.integers(1, 5, shared.max() + 1)[shared]
    factor = np.round(4 / rooms + rng.normal(0, 0.4, n), 2)
    points = 100 + slope * factor + 1.5 * rooms + home + rng.normal(0, 7, n)
    return {"outcome": points, "factor": factor, "cluster": [f"h{i}" for i in shared], "bedrooms": rooms}


def settings(**changes: Any) -> dict[str, Any]:
    given = {"outcome": "points", "factor": "crowding", "covariates": ["bedrooms"], "cluster": "home"}
    given |= {"bands": {"low": 0, "high": 2}, "factor_as": "crowding", "outcome_as": "points"}
    return RECIPE.signature.settle({**given, **changes})


def codes(columns: dict[str, Any], **changes: Any) -> list[str]:
    with pytest.raises(FitError) as caught:
        fit(pa.table(columns), settings(**changes))
    return [problem.code for problem in caught.value.problems]


def test_a_balanced_home_has_the_published_formula() -> None:
    """With a factor that is alike within homes of two, the slope is that of the homes' means."""
    rng = np.random.default_rng(4)
    factor = np.repeat(rng.normal(size=80), 2)
    outcome = 3 * factor + np.repeat(rng.normal(0, 2, 80), 2) + rng.normal(size=160)
    found = fit_slope(outcome, factor[:, None], np.repeat(np.arange(80), 2))
    means, x = outcome.reshape(-1, 2).mean(axis=1), factor[::2]
    centred = x - x.mean()
    slope = float(centred @ means / (centred @ centred))
    left = means - means.mean() - slope * centred
    error = float(np.sqrt(left @ left / 78 / (centred @ centred)))
    assert found.method == MIXED
    assert found.value == pytest.approx(slope, rel=1e-6)
    assert (found.high - found.low) / 2 == pytest.approx(1.9908 * error, rel=5e-3)
    assert found.shared is not None
    assert 0.6 < found.shared < 0.95


def test_adjusting_finds_what_is_planted_where_the_plain_figure_does_not() -> None:
    finding = fit(pa.table(people(3000, -2.0)), settings())
    rows = {row["analysis"]: row for row in finding.table("estimate").data.to_pylist()}
    assert rows["Adjusted"]["low"] < -2 < rows["Adjusted"]["high"]
    assert rows["Unadjusted"]["high"] < -2


def test_a_planted_null_is_told_as_one_and_no_word_is_causal() -> None:
    made = gate(fit(pa.table(people(800, 0.0, seed=2)), settings()), POLICIES["official-statistics"])
    told = tell({t.name: t.data for t in made.tables}, settings(hypothesis="Fewer points"))
    text = " ".join((*told.sentences, *told.caveats)).lower()
    assert "it is not shown" in text
    assert "what was expected beforehand: fewer points." in text
    for word in ("cause", "because", "effect", "leads to", "reduces", "due to", "impact"):
        assert word not in text


def test_without_shared_homes_it_falls_back_and_says_so() -> None:
    held = people(300, -2.0)
    held["cluster"] = [f"h{i}" for i in range(300)]
    finding = fit(pa.table(held), settings())
    assert CLUSTERED in finding.method
    assert any("Hardly anybody shares a home" in caveat for caveat in finding.caveats)
    rows = read_rows(pa.table(held), ["bedrooms"], 60)
    assert fit_slope(rows.outcome, rows.factor[:, None], None).method == PLAIN


def test_people_not_known_are_left_out_and_counted() -> None:
    held = people(300, -2.0)
    missing = np.arange(300) < 20
    held["outcome"] = pa.array(held["outcome"], mask=missing)
    held["factor"] = pa.array(held["factor"], mask=np.arange(300) >= 290)
    held["cluster"] = pa.array(held["cluster"], mask=np.arange(300) % 50 == 0)
    rows = read_rows(pa.table(held), ["bedrooms"], 60)
    assert (len(rows.outcome), rows.no_outcome, rows.no_covariate) == (270, 20, 10)
    assert rows.cluster is not None
    alone = rows.cluster[np.flatnonzero(np.arange(20, 290) % 50 == 0)]
    assert len(set(alone.tolist())) == len(alone)
    finding = fit(pa.table(held), settings())
    assert len(finding.caveats) == 2


def test_words_become_columns_and_a_constant_covariate_is_left_out_in_words() -> None:
    held = people(300, -2.0) | {"town": ["a", "b", "a"] * 100, "year": [2020] * 300}
    rows = read_rows(pa.table(held), ["town", "year"], 60)
    assert rows.matrix.shape == (300, 1)
    assert rows.matrix.sum() == 100
    finding = fit(pa.table(held), settings(covariates=["town", "year"]))
    assert any("year is alike for everybody" in caveat for caveat in finding.caveats)


def test_bad_input_is_refused_by_name() -> None:
    held = people(300, -2.0)
    blank = pa.array([None] * 300, pa.float64())
    assert codes(held | {"bedrooms": blank, "outcome": blank}) == ["MISSING", "MISSING"]
    assert codes({name: values[:59] for name, values in held.items()}) == ["SMALL"]
    assert codes(held | {"factor": [1.5] * 300}) == ["CONSTANT"]
    assert codes(held | {"twice": held["bedrooms"] * 2}, covariates=["bedrooms", "twice"]) == ["COLLINEAR"]
    assert codes(held | {"cluster": ["h1", "h2"] * 150}) == ["FEW"]
    assert codes(held | {"factor": [float("nan")] * 300}) == ["MISSING"]


def test_a_yes_or_no_is_a_share_and_is_judged_as_people() -> None:
    held = people(400, 0.0, seed=3)
    held["outcome"] = np.random.default_rng(1).random(400) < 0.02 + 0.2 * (held["factor"] > 2)
    finding = fit(pa.table(held), settings())
    made = gate(finding, POLICIES["official-statistics"])
    raw = {row["band"]: row for row in finding.table("bands").data.to_pylist()}
    few = next(band for band, row in raw.items() if row["people"] * row["mean"] < 10)
    bands = next(table for table in made.tables if table.name == "bands").data.to_pylist()
    assert next(row for row in bands if row["band"] == few)["mean"] is None
