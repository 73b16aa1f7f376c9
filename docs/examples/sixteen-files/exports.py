"""Practice only: write a county's council systems as sixteen CSV files, each as its system would.

    python exports.py SYSTEMS SPACE [first|second]

The second delivery is a month later: each system has lost a record, gained three, and changed a surname.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import yaml

_LETTERS = {"yyyy": "%Y", "MM": "%m", "dd": "%d"}
_SHOUTING = ("council.electoral_roll", "housing.repairs")
"""Systems that hold everything in capitals."""
_NEW = 3


def write(asset: str, told: dict[str, Any], space: Path, delivery: str) -> None:
    """One system's export, in its own words."""
    source = space / "data" / f"{asset.replace('.', '/')}.parquet"
    rows = pq.read_table(source, columns=list(told["columns"])).to_pylist()
    rows = rows[:-_NEW] if delivery == "first" else rows[1:]
    if delivery == "second":
        rows[4]["surname"] = "Newlywed"
    shape = told["dates"]
    for letters, sign in _LETTERS.items():
        shape = shape.replace(letters, sign)
    path = space / "exports" / f"{asset}.csv"
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding=told["encoding"], errors="replace", newline="") as file:
        writer = csv.writer(file, delimiter=told["delimiter"])
        writer.writerow(told["columns"].values())
        writer.writerows([_cell(row[name], asset, shape) for name in told["columns"]] for row in rows)


def _cell(value: Any, asset: str, shape: str) -> str:
    if value is None:
        return ""
    text = value.strftime(shape) if hasattr(value, "strftime") else str(value)
    return text.upper() if asset in _SHOUTING else text


if __name__ == "__main__":
    sheet, folder, *when = sys.argv[1:]
    for name, system in yaml.safe_load(Path(sheet).read_text(encoding="utf-8")).items():
        write(name, system, Path(folder), when[0] if when else "first")
