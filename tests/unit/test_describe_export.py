"""Contracts go out in the Open Data Contract Standard 3.1 and come back equal; wider ones come in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft201909Validator

from sharewell.describe import Contract, load_contract
from sharewell.describe.export import odcs, write_odcs
from sharewell.describe.intake import read_odcs
from sharewell.errors import DocumentError
from sharewell.plan.schema import Kind

ROOT = Path(__file__).parents[2]
CATALOGUE = sorted((ROOT / "catalogue").glob("*.yaml"))

_CUSTOM = {
    "type": "object",
    "required": ["property", "value"],
    "properties": {"property": {"type": "string"}, "value": {}, "description": {"type": "string"}},
    "additionalProperties": False,
}
_RULE = {
    "type": "object",
    "required": ["type"],
    "properties": {
        "type": {"enum": ["text", "library", "sql", "custom"]},
        "metric": {"enum": ["nullValues", "missingValues", "invalidValues", "duplicateValues", "rowCount"]},
        "dimension": {
            "enum": [
                "accuracy", "completeness", "conformity", "consistency", "coverage", "timeliness",
                "uniqueness",
            ]
        },
        "mustBeBetween": {"type": "array", "minItems": 2, "maxItems": 2, "uniqueItems": True},
        "mustNotBeBetween": {"type": "array", "minItems": 2, "maxItems": 2, "uniqueItems": True},
        "implementation": {"type": ["string", "object"]},
    },
    "if": {"properties": {"type": {"const": "custom"}}},
    "then": {"required": ["engine", "implementation"]},
    "else": {"required": ["metric"]},
}  # fmt: skip
_PROPERTY = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "businessName": {"type": "string"},
        "description": {"type": "string"},
        "physicalName": {"type": "string"},
        "classification": {"type": "string"},
        "logicalType": {
            "enum": [
                "string",
                "date",
                "timestamp",
                "time",
                "number",
                "integer",
                "object",
                "array",
                "boolean",
            ]
        },
        "logicalTypeOptions": {"type": "object"},
        "required": {"type": "boolean"},
        "unique": {"type": "boolean"},
        "primaryKey": {"type": "boolean"},
        "primaryKeyPosition": {"type": "integer"},
        "quality": {"type": "array", "items": _RULE},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
    "additionalProperties": False,
}
STANDARD = {
    "type": "object",
    "required": ["version", "apiVersion", "kind", "id", "status"],
    "properties": {
        "apiVersion": {"enum": ["v3.1.0"]},
        "kind": {"const": "DataContract"},
        "id": {"type": "string"},
        "version": {"type": "string"},
        "status": {"type": "string"},
        "name": {"type": "string"},
        "domain": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "description": {
            "type": "object",
            "properties": {key: {"type": "string"} for key in ("purpose", "limitations", "usage")},
        },
        "servers": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["server", "type", "path", "format"],
                "properties": {
                    "server": {"type": "string"},
                    "type": {"const": "local"},
                    "path": {"type": "string"},
                    "format": {"type": "string"},
                    "description": {"type": "string"},
                    "customProperties": {"type": "array", "items": _CUSTOM},
                },
                "additionalProperties": False,
            },
        },
        "schema": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string"},
                    "logicalType": {"const": "object"},
                    "physicalName": {"type": "string"},
                    "description": {"type": "string"},
                    "properties": {"type": "array", "items": _PROPERTY},
                    "quality": {"type": "array", "items": _RULE},
                    "tags": {"type": "array", "items": {"type": "string"}},
                },
                "additionalProperties": False,
            },
        },
        "slaProperties": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["property", "value"],
                "properties": {
                    "property": {"type": "string"},
                    "value": {"type": ["string", "number", "integer", "boolean", "null"]},
                    "unit": {"type": "string"},
                    "element": {"type": "string"},
                    "description": {"type": "string"},
                },
                "additionalProperties": False,
            },
        },
        "customProperties": {"type": "array", "items": _CUSTOM},
    },
    "additionalProperties": False,
}
"""What the published JSON Schema of ODCS 3.1.0 asks of the parts that a contract here can have."""

FITS = Draft201909Validator(STANDARD)


def back(contract: Contract, folder: Path, form: Any = "yaml") -> Contract:
    """The contract as it is read again from its own export, with nothing dropped."""
    path = folder / f"contract.{form}"
    path.write_text(write_odcs(contract, form), encoding="utf-8")
    (taken,) = read_odcs(path)
    assert taken.noted == ()
    return taken.contract


@pytest.mark.parametrize("path", CATALOGUE, ids=lambda path: path.stem)
def test_catalogue_goes_out_as_the_standard_and_comes_back_equal(path: Path, tmp_path: Path) -> None:
    contract = load_contract(path)
    assert [error.message for error in FITS.iter_errors(odcs(contract))] == []
    assert back(contract, tmp_path) == contract
    assert back(contract, tmp_path, "json") == contract
    assert write_odcs(contract) == write_odcs(load_contract(path))


# Contracts of every shape

NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,10}", fullmatch=True)
TEXTS = st.text(st.characters(categories=("L", "N", "P"), max_codepoint=0x24F), max_size=20)
NUMBERS = st.integers(-1000, 1000)


@st.composite
def rules(draw: st.DrawFn, of: str) -> dict[str, Any]:
    """A rule about one property, of any metric and operator."""
    metric = draw(
        st.sampled_from(["rowCount", "nullValues", "invalidValues", "stableVolume", "externalTotal"])
    )
    arguments: dict[str, Any] = {"properties": [of]}
    arguments |= {"validValues": ["a", "no", "1"]} if metric == "invalidValues" else {}
    arguments |= {"total": 5} if metric == "externalTotal" else {}
    operator = draw(st.sampled_from(["mustBe", "mustNotBe", "mustBeLessThan", "mustBeBetween"]))
    value: Any = draw(st.lists(NUMBERS, min_size=2, max_size=2) if operator == "mustBeBetween" else NUMBERS)
    made = {"name": draw(NAMES), "metric": metric, "arguments": arguments, operator: value}
    dimension = draw(st.sampled_from(["", "accuracy", "our own"]))
    return {**made, "severity": draw(st.sampled_from(["error", "warning"])), "dimension": dimension}


@st.composite
def contracts(draw: st.DrawFn) -> Contract:
    """A valid contract, with every part that one may have."""
    names = draw(st.lists(NAMES, min_size=1, max_size=4, unique=True))
    properties = []
    for name in names:
        kind = draw(st.sampled_from(["string", "integer", "number", "boolean", "date"]))
        options = {"string": {"maxLength": 9}, "integer": {"minimum": 0}, "date": {"format": "dd/MM/yyyy"}}
        made = {
            "name": name,
            "logicalType": kind,
            "classification": draw(st.sampled_from([*map(str, Kind)])),
        }
        made |= {"description": draw(TEXTS), "required": draw(st.booleans()), "tags": draw(st.lists(NAMES))}
        made |= {"logicalTypeOptions": options[kind]} if kind in options and draw(st.booleans()) else {}
        properties.append(made)
    form = draw(st.sampled_from(["csv", "fixed", "xlsx"]))
    server: dict[str, Any] = {"server": "s", "type": "local", "path": "data/x.csv", "format": form}
    server |= {"widths": [3] * len(names)} if form == "fixed" else {"delimiter": ";", "encoding": "utf-16"}
    table = {"name": "t", "properties": properties, "quality": draw(st.lists(rules(names[0]), max_size=3))}
    return Contract.model_validate(
        {
            "apiVersion": "v3.1.0", "kind": "DataContract", "id": "a.t", "version": "1.2.3",
            "status": draw(st.sampled_from(["draft", "active"])), "name": draw(TEXTS), "domain": "north",
            "description": {"purpose": draw(TEXTS)}, "tags": draw(st.lists(NAMES)), "servers": [server],
            "schema": [table],
            "slaProperties": [{"property": "frequency", "value": 2, "unit": "week"}],
            "customProperties": [{"property": "restriction", "value": draw(st.lists(NAMES))}],
        }
    )  # fmt: skip


@settings(max_examples=60)
@given(contracts())
def test_any_contract_goes_out_as_the_standard_and_comes_back_equal(
    tmp_path_factory: pytest.TempPathFactory, made: Contract
) -> None:
    assert [error.message for error in FITS.iter_errors(json.loads(json.dumps(odcs(made))))] == []
    assert back(made, tmp_path_factory.getbasetemp()) == made


# Documents of others

WIDE = """\
apiVersion: v3.0.2
kind: DataContract
id: 53581432-6c55-4ba2-a65f-72344a91553a
version: 1.1
status: under review
name: Housing register
domain: Northshire Housing
tenant: Northshire
tags: [housing]
description:
  purpose: Who waits for a home
  authoritativeDefinitions: [{url: 'https://x.example', type: canonical}]
team: [{username: jsmith, role: owner}]
roles: [{role: reader}]
price: {priceAmount: 9, priceCurrency: GBP}
support: [{channel: '#help'}]
servers:
  - {server: live, type: postgresql, host: db.example, database: homes}
schema:
  - name: Applicants
    physicalType: table
    properties:
      - {name: Applicant No, logicalType: string, classification: confidential, primaryKey: true}
      - {name: applied, physicalType: DATE, classification: plain, partitioned: true}
      - {name: bids, logicalType: array, classification: plain, items: {logicalType: string}}
    quality:
      - {type: sql, query: 'SELECT count(*) FROM x', mustBe: 0}
      - {type: library, metric: rowCount, mustBeGreaterThan: 0, scheduler: cron}
  - name: homes
    properties: [{name: uprn, logicalType: integer, classification: plain}]
slaProperties:
  - {property: frequency, value: 1, unit: d, driver: analytics}
  - {property: latency, value: soon, unit: d}
"""


@pytest.fixture
def wide(tmp_path: Path) -> Path:
    (tmp_path / "wide.yaml").write_text(WIDE, encoding="utf-8")
    return tmp_path / "wide.yaml"


def test_a_wider_document_comes_in_as_one_contract_a_table(wide: Path) -> None:
    applicants, homes = (taken.contract for taken in read_odcs(wide))
    assert (applicants.id, homes.id) == ("northshire-housing.applicants", "northshire-housing.homes")
    assert (applicants.status, applicants.version, applicants.domain) == (
        "draft",
        "1.1.0",
        "northshire-housing",
    )
    assert [(p.name, p.header, str(p.classification)) for p in applicants.properties] == [
        ("applicant_no", "Applicant No", "identifier"),  # of another scheme: the most exposing until judged
        ("applied", "applied", "plain"),
    ]
    assert [rule.metric.value for rule in applicants.rules] == ["rowCount"]
    assert applicants.custom("source_id") == ("53581432-6c55-4ba2-a65f-72344a91553a",)


def test_every_part_that_was_not_taken_is_named_at_its_line(wide: Path) -> None:
    noted = read_odcs(wide, "wide.yaml")[0].noted
    dropped = {
        p.what.split("`")[1]
        for p in noted
        if p.code == "DROPPED" and "has no use" in p.what and "`" in p.what
    }
    assert {"team", "roles", "price", "support", "tenant", "authoritativeDefinitions"} <= dropped
    assert {"physicalType", "partitioned", "scheduler", "driver"} <= dropped
    lines = WIDE.splitlines()
    where = {p.what: lines[int(p.where.rpartition(":")[2]) - 1] for p in noted}
    assert "type: sql" in where["a rule that cannot be measured here"]
    assert "postgresql" in where["a server that is not a local file is not read from"]
    assert "name: bids" in where["the field `bids` is of no type that rows here can have"]
    assert any("latency" in line for what, line in where.items() if what == "an entry that has no use here")


def test_the_catalogue_stays_strict_about_the_same_document(wide: Path) -> None:
    with pytest.raises(DocumentError):
        load_contract(wide)


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\n",
        "apiVersion: v2.2.0\nkind: DataContract\n",
        "apiVersion: v3.1.0\nkind: DataContract\nschema: []\n",
    ],
)
def test_what_is_no_such_document_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DocumentError, match="ODCS"):
        read_odcs(tmp_path / "x.yaml")


def test_a_table_of_which_nothing_can_be_kept_is_refused(tmp_path: Path) -> None:
    text = WIDE.split("schema:")[0] + "schema: [{name: t, properties: [{name: x, logicalType: array}]}]\n"
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DocumentError):
        read_odcs(tmp_path / "x.yaml")
