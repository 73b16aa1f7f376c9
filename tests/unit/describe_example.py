"""A small contract to build sources for: six fields, every sort of rule."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from sharewell.describe import Admitted, Contract, admit, load_contract

TEXT = """\
apiVersion: v3.1.0
kind: DataContract
id: gp.patients
version: 1.0.0
status: active
name: Patients
domain: northshire-gp
description: {purpose: direct care}
servers: [{server: workspace, type: local, path: patients.csv, format: csv}]
schema:
  - name: patients
    properties:
      - {name: local_id, logicalType: string, classification: identifier, required: true, primaryKey: true}
      - {name: nhs_number, logicalType: string, classification: identifier, unique: true,
         logicalTypeOptions: {pattern: '^[0-9]{10}$'}}
      - {name: born, logicalType: date, classification: quasi-identifier, required: true,
         logicalTypeOptions: {minimum: '1900-01-01'}}
      - {name: sex, logicalType: string, classification: quasi-identifier,
         logicalTypeOptions: {maxLength: 6}}
      - {name: cost, logicalType: number, logicalTypeOptions: {minimum: 0, exclusiveMaximum: 1000000}}
      - {name: visits, logicalType: integer}
    quality:
      - {name: volume, metric: rowCount, mustBeBetween: [1, 5000000]}
slaProperties: [{property: frequency, value: 1, unit: month}]
customProperties:
  - {property: restriction, value: hmrc}
  - {property: vintage, value: 2024-04}
  - {property: quarantine_tolerance, value: 95}
"""
HEADER = "local_id,nhs_number,born,sex,cost,visits"
GOOD = "a1,4010232137,1980-02-29,F,12.50,3"


def contract(folder: Path, **server: Any) -> Contract:
    """The contract, with parts of its server changed."""
    path = folder / "contract.yaml"
    path.write_text(TEXT, encoding="utf-8")
    found = load_contract(path)
    changed = found.server.model_copy(update=server)
    return found.model_copy(update={"servers": [changed]})


def tolerant(of: Contract, percent: float) -> Contract:
    """The contract with another tolerance of quarantined rows."""
    told = [
        c.model_copy(update={"value": percent}) if c.property == "quarantine_tolerance" else c
        for c in of.custom_properties
    ]
    return of.model_copy(update={"custom_properties": told})


def admit_text(
    folder: Path, text: str | bytes, con: duckdb.DuckDBPyConnection | None = None, **server: Any
) -> tuple[Admitted, list[dict[str, Any]], list[dict[str, Any]]]:
    """Write the source, admit it, and give the outcome with both tables' rows."""
    (folder / "patients.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return admit_file(contract(folder, **server), folder, con)


def admit_file(
    of: Contract, folder: Path, con: duckdb.DuckDBPyConnection | None = None
) -> tuple[Admitted, list[dict[str, Any]], list[dict[str, Any]]]:
    con = con or duckdb.connect(config={"threads": 1})
    outcome = admit(con, of, folder)
    return (
        outcome,
        con.table(outcome.admitted).to_arrow_table().to_pylist(),
        con.table(outcome.quarantined).to_arrow_table().to_pylist(),
    )
