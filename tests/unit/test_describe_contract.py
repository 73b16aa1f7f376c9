"""A data contract: what it promises a plan, and how its own faults are told."""

from __future__ import annotations

from pathlib import Path

import pytest
from describe_example import TEXT, contract

from sharewell.describe import load_contract
from sharewell.errors import DocumentError, StorageError
from sharewell.plan.schema import Kind, Type


def test_an_asset_holds_labelled_columns(tmp_path: Path) -> None:
    asset = contract(tmp_path).asset()
    assert (asset.name, asset.holder, asset.unique) == ("gp.patients", "northshire-gp", ("local_id",))
    assert asset.restrictions == {"hmrc"}
    born = asset.schema["born"]
    assert (born.type, born.kind, born.party) == (Type.DATE, Kind.QUASI, "northshire-gp")
    assert born.origins == {"gp.patients.born"}
    assert asset.schema["visits"].kind is Kind.PLAIN


def test_custom_properties(tmp_path: Path) -> None:
    found = contract(tmp_path)
    assert (found.vintage, found.tolerance, found.person) == ("2024-04", 95.0, "local_id")


def test_a_privacy_budget_is_declared_or_there_is_none(tmp_path: Path) -> None:
    assert contract(tmp_path).privacy_budget is None
    path, told = tmp_path / "budget.yaml", "customProperties:\n  - {property: privacy_budget, value: 3}\n"
    path.write_text(TEXT.replace("customProperties:\n", told), encoding="utf-8")
    assert load_contract(path).privacy_budget == {"epsilon": 3, "per": None}
    yearly = told + "  - {property: privacy_budget_per, value: year}\n"
    path.write_text(TEXT.replace("customProperties:\n", yearly), encoding="utf-8")
    assert load_contract(path).privacy_budget == {"epsilon": 3, "per": "year"}
    for wrong in (told.replace("3", "0"), yearly.replace("year", "decade")):
        path.write_text(TEXT.replace("customProperties:\n", wrong), encoding="utf-8")
        with pytest.raises(DocumentError, match="privacy_budget"):
            load_contract(path)


def test_the_digest_ignores_prose_and_spacing_and_nothing_else(tmp_path: Path) -> None:
    def digest(text: str) -> str:
        path = tmp_path / "c.yaml"
        path.write_text(text, encoding="utf-8")
        return load_contract(path).digest

    told = digest(TEXT)
    assert digest("# a comment\n" + TEXT.replace("direct care", "care")) == told
    assert (
        digest(TEXT.replace("{name: visits, logicalType: integer}", "{logicalType: integer, name: visits}"))
        == told
    )
    assert digest(TEXT.replace("minimum: 0", "minimum: 1")) != told
    assert digest(TEXT.replace("classification: quasi-identifier, required", "required")) != told


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("logicalType: integer", "logicaltype: integer", "did you mean 'logicalType'"),
        ("logicalType: integer", "logicalType: int", "did you mean 'integer'"),
        ("quasi-identifier, required", "quasi, required", "quasi-identifier"),
        ("[1, 5000000]", "[1]", "at least 2"),
        ("metric: rowCount, mustBeBetween: [1, 5000000]", "metric: rowCount", "exactly one of mustBe"),
        ("metric: rowCount", "metric: nullValues", "needs arguments: properties"),
        ("'1900-01-01'", "soon", "minimum and maximum must be of logicalType date"),
        ("[0-9]{10}$", "(?=x)", "look around"),
        ("[0-9]{10}$", "(", "not a regular expression"),
        ("name: visits", "name: cost", "named twice: cost"),
        ("path: patients.csv", "path: ../patients.csv", "form"),
        ("path: patients.csv", "path: a/../../b.csv", "leave the workspace"),
        ("path: patients.csv", "path: /etc/passwd", "form"),
        ("format: csv", "format: fixed", "widths"),
        ("unit: month", "unit: moon", "unit is one of"),
        ("value: 95", "value: 195", "percentage"),
        ("id: gp.patients", "id: patients", "id is"),
    ],
)
def test_a_fault_is_told_with_its_line(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in TEXT
    path = tmp_path / "c.yaml"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        load_contract(path, "catalogue/c.yaml")
    assert message in str(caught.value)
    assert all(p.where.startswith("catalogue/c.yaml:") for p in caught.value.problems)


def test_a_contract_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        load_contract(tmp_path / "none.yaml")
