"""The contracts of the county's assets hold for what it writes, and none of them reaches the truth."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sharewell import county
from sharewell.describe.contract import Contract, load_contract
from sharewell.plan.schema import Kind, Type

CATALOGUE = Path(__file__).parents[2] / "catalogue"
ASSETS = [asset for service in county.SERVICES for asset in service.assets]
TO_COME = {
    "children": "families plans",
    "council": "signals",
    "gp": "objections summaries",
    "homeless": "clients stays",
    "hospice": "plans",
    "housing": "empty_homes",
    "mental": "care",
    "police": "warnings",
    "probation": "youth",
    "schools": "attendance",
    "social": "protection reablement",
}
"""Contracts that agreements are written over and the county does not build yet, by service."""
COMING = [f"{service}.{table}" for service, tables in TO_COME.items() for table in tables.split()]
HELD = {
    Type.TEXT: pa.types.is_string,
    Type.INTEGER: pa.types.is_integer,
    Type.NUMBER: pa.types.is_floating,
    Type.BOOLEAN: pa.types.is_boolean,
    Type.DATE: pa.types.is_date,
    Type.MOMENT: pa.types.is_timestamp,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return county.build(tmp_path_factory.mktemp("county"), people=8_000, seed=2).folder


@pytest.fixture(scope="module")
def contracts() -> dict[str, Contract]:
    return {asset: load_contract(CATALOGUE / f"{asset}.yaml") for asset in ASSETS}


@pytest.mark.parametrize("asset", ASSETS)
def test_columns_types_and_keys_are_as_the_contract_says(
    folder: Path, contracts: dict[str, Contract], asset: str
) -> None:
    contract = contracts[asset]
    table = pq.read_table(folder / contract.server.path)
    assert table.column_names == [held.name for held in contract.properties]
    for held in contract.properties:
        column = table[held.name]
        assert HELD[held.type](column.type), held.name
        assert not (held.mandatory and column.null_count), held.name
    key = ", ".join(contract.key)
    keys = duckdb.execute(
        f"select count(*), count(distinct ({key})) from '{folder / contract.server.path}'"
    ).fetchall()[0]
    assert keys[0] == keys[1] == len(table)


@pytest.mark.parametrize("asset", ASSETS)
def test_the_quality_rules_hold(folder: Path, contracts: dict[str, Contract], asset: str) -> None:
    from sharewell.describe.quality import measure

    contract = contracts[asset]
    con = duckdb.connect()
    con.execute(f"create view held as select * from '{folder / contract.server.path}'")
    broken = [told.rule for told in measure(con, "held", contract) if not told.holds]
    assert not broken


def test_identifiers_are_marked_as_such(contracts: dict[str, Contract]) -> None:
    personal = {"local_id", "nhs_number", "forename", "surname", "born", "address", "postcode", "uprn"}
    personal |= {"record", "award", "customer_ref", "mpan"}
    for asset, contract in contracts.items():
        for held in contract.properties:
            reference = asset.startswith("places.")
            marked = held.classification is Kind.IDENTIFIER
            assert marked == (held.name in personal and not reference), f"{asset}.{held.name}"


def test_every_contract_is_built_or_named_as_to_come() -> None:
    held = {path.stem for path in CATALOGUE.glob("*.yaml")}
    assert held == {*ASSETS, *COMING}
    assert not {*ASSETS} & {*COMING}, "the county builds it: take it off the list"


@pytest.mark.parametrize("asset", COMING)
def test_a_contract_to_come_is_as_whole_as_those_that_are_built(asset: str) -> None:
    contract = load_contract(CATALOGUE / f"{asset}.yaml")
    assert contract.id == asset
    told = contract.description
    assert min(len(told.purpose), len(told.limitations), len(told.usage)) >= 20
    assert len(contract.key) == 1
    assert {"volume", "no row twice"} <= {rule.name for rule in contract.rules}
    assert all(held.description for held in contract.properties)
    named = {"nhs_number", "forename", "surname", "born", "address", "postcode", "uprn", "local_id"}
    for held in contract.properties:
        if held.name in named:
            assert held.classification is Kind.IDENTIFIER, held.name


def test_no_contract_reaches_the_truth() -> None:
    for path in sorted(CATALOGUE.glob("*.yaml")):
        assert "truth" not in load_contract(path).server.path


def test_restrictions_and_vintages_are_declared(contracts: dict[str, Contract]) -> None:
    assert contracts["hmrc.tax_credits"].restrictions == {"hmrc"}
    assert all(contracts[f"places.{name}"].vintage for name in ("areas", "postcodes"))
