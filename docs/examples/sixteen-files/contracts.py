"""Write a contract for each system of a sheet.

python contracts.py SYSTEMS SPACE
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

DATES = ("born", "since")
CONTENT = ("since",)
"""What is no identity: a plain field, of which a product may make use."""


def contract(asset: str, told: dict[str, Any]) -> dict[str, Any]:
    """The contract of one export."""
    server = {"server": "workspace", "type": "local", "path": f"exports/{asset}.csv", "format": "csv"}
    once = {"name": "no row twice", "metric": "duplicateValues", "arguments": {"properties": ["local_id"]}}
    return {
        "apiVersion": "v3.1.0",
        "kind": "DataContract",
        "id": asset,
        "version": "2.0.0",
        "status": "active",
        "domain": told["holder"],
        "servers": [{**server, "encoding": told["encoding"], "delimiter": told["delimiter"]}],
        "schema": [
            {
                "name": asset.split(".")[1],
                "properties": [field(name, header, told) for name, header in told["columns"].items()],
                "quality": [{**once, "mustBeLessThan": 1, "unit": "rows", "severity": "error"}],
            }
        ],
        "slaProperties": [{"property": "frequency", "value": 1, "unit": "month"}],
    }


def field(name: str, header: str, told: dict[str, Any]) -> dict[str, Any]:
    """One column: what we call it, what the export calls it, and how it can expose a person."""
    kind = "plain" if name in CONTENT else "quasi-identifier" if name == "ward" else "identifier"
    made: dict[str, Any] = {
        "name": name,
        "physicalName": header,
        "logicalType": "date" if name in DATES else "integer" if name == "uprn" else "string",
        "classification": kind,
    }
    if name in DATES:
        made["logicalTypeOptions"] = {"format": told["dates"]}
    if name == "local_id":
        made |= {"required": True, "primaryKey": True, "unique": True}
    return made


if __name__ == "__main__":
    sheet, folder = sys.argv[1:]
    for asset, told in yaml.safe_load(Path(sheet).read_text(encoding="utf-8")).items():
        path = Path(folder) / "catalogue" / f"{asset}.yaml"
        path.write_text(yaml.safe_dump(contract(asset, told), sort_keys=False), encoding="utf-8")
        print(path)
