"""What is planted about practices is there: need, scarce supply, a formula that pays part of the work."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import statsmodels.api as sm

from sharewell.county import Effects, build
from sharewell.county.consultations import BANDS, RATE, gradient
from sharewell.county.effects.consultations import Consultations

PEOPLE = 60_000


def county(folder: Path, planted: Consultations) -> dict[str, object]:
    build(folder, people=PEOPLE, seed=5, services=["consultations"], effects=Effects(consultations=planted))
    paths = {
        "rows": "data/gp/consultations.parquet",
        "formula": "data/gp/formula.parquet",
        "truth": "truth/funding.parquet",
    }
    return {name: pq.read_table(folder / path).to_pandas() for name, path in paths.items()}


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory):
    return county(tmp_path_factory.mktemp("planted"), Consultations())


@pytest.fixture(scope="module")
def null(tmp_path_factory: pytest.TempPathFactory):
    return county(tmp_path_factory.mktemp("null"), Consultations(ratio=1.0))


def ratio(rows, within: bool) -> float:
    """Most to least deprived, person by person, at the planted rates of age and sex."""
    base = RATE[(rows["sex"] == "M").astype(int), [BANDS.index(band) for band in rows["age_band"]]]
    cells = rows.assign(expected=base * rows["days_registered"] / 365)
    cells = cells.groupby(["practice", "deprivation"], as_index=False)[["consultations", "expected"]].sum()
    columns = [cells["deprivation"] == fifth for fifth in (1, 2, 3, 4)]
    if within:
        columns += [cells["practice"] == name for name in sorted(set(cells["practice"]))[1:]]
    matrix = sm.add_constant(np.column_stack(columns).astype(float))
    model = sm.GLM(cells["consultations"], matrix, sm.families.Poisson(), offset=np.log(cells["expected"]))
    return float(np.exp(model.fit().params.iloc[1]))


def test_need_rises_within_practices_and_scarce_supply_hides_it(held, null) -> None:
    assert ratio(held["rows"], within=True) == pytest.approx(1.30, abs=0.06)
    assert ratio(null["rows"], within=True) == pytest.approx(1.0, abs=0.05)
    assert gradient(np.array([1, 3, 5]), 1.3) == pytest.approx([1.3, 1.3**0.5, 1])


def test_each_registered_person_stands_once_and_in_no_known_order(held) -> None:
    rows = held["rows"]
    assert len(rows) == held["formula"]["list_size"].sum()
    assert rows["record"].is_unique
    assert abs(np.corrcoef(rows["record"], rows["consultations"])[0, 1]) < 0.02
    assert rows["days_registered"].between(1, 366).all()


def test_payments_are_the_product_of_the_indices(held) -> None:
    formula = held["formula"]
    names = [name for name in formula.columns if name not in ("practice", "list_size", "payment")]
    each = formula["payment"] / formula["list_size"] / formula[names].prod(axis=1)
    assert each.max() / each.min() == pytest.approx(1, abs=1e-6)
    assert formula["payment"].sum() / formula["list_size"].sum() == pytest.approx(10_500, rel=1e-6)


def test_the_planted_under_funded_are_those_who_deserve_most_more(held) -> None:
    truth = held["truth"]
    gain = truth["deserved"] / truth["payment"] - 1
    assert truth["under_funded"].sum() == 1
    assert gain.idxmax() == truth["under_funded"].idxmax()
    assert gain.max() > 0.03


def test_under_the_null_the_formula_pays_what_is_needed(null) -> None:
    truth, formula = null["truth"], null["formula"]
    assert (formula["additional_needs"] == 1).all()
    assert np.abs(truth["deserved"] / truth["payment"] - 1).max() < 1e-3


def test_the_truth_is_not_among_the_data(held) -> None:
    assert not {"under_funded", "deserved"} & {*held["rows"].columns, *held["formula"].columns}
