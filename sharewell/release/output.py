"""What leaves.

One folder a run for everyone whom the agreement names, one folder a list for its recipient alone.
"""

from __future__ import annotations

import json
from pathlib import Path

from ..plan.released import CheckedList, CheckedTable, Product
from . import tabular
from .bundle import Bundle, check_bundle, check_list, map_path, quality_path, table_path
from .charts import drawable
from .cover import cover
from .folder import Written, write_whole
from .linkage import NOTE, note
from .report import Told, answers_of, render, silent

REPORT = "report.html"
COVER = "cover.json"
CERTIFICATE = "certificate.json"


def write(folder: Path, bundle: Bundle, told: Told = silent) -> Written:
    """Write a run's report, certificate and tables into the new folder `folder`, whole or not at all.

    Holds `report.html`, `cover.json`, `certificate.json`, `tables/PRODUCT/TABLE.csv` and `.parquet`,
    `maps/PRODUCT/TABLE.html` of what a map draws, beside the tables a note where the product is built on
    unequal linkage, `quality/TABLE...` and `SHA256SUMS`, all read-only.
    Raises GateError or PlanError if the bundle is not what the gate left (`check_bundle`), StorageError if
    the folder exists or the place cannot take it.
    """
    check_bundle(bundle)
    answers = answers_of(bundle, told)
    files: dict[str, bytes] = {
        REPORT: render(bundle, answers).encode(),
        COVER: cover(bundle, answers),
        CERTIFICATE: _json(bundle),
    }
    for product in bundle.products:
        for table in product.tables:
            files |= _table(table_path(product.name, table.name), table)
        files |= _maps(product, bundle.synthetic)
        warning = note(product, bundle.linkage)
        if warning:
            files[table_path(product.name, NOTE)] = warning
    for table in bundle.quality:
        files |= _table(quality_path(table.name), table)
    return write_whole(folder, files)


def write_list(outbox: Path, agreement: str, run: str, rows: CheckedList) -> Written:
    """Write a list as `outbox/RECIPIENT/AGREEMENT/RUN/LIST/`: CSV, Parquet, what it is for, and its sums.

    Rows about coded people come with their certificate. Only the owner of the outbox can read it. Raises
    PlanError for a name that cannot be a folder or what is not rows about people, StorageError as `write`
    does.
    """
    check_list(agreement, run, rows)
    files: dict[str, bytes] = {
        f"{rows.name}.csv": tabular.csv_of_rows(rows.data),
        f"{rows.name}.parquet": tabular.parquet_of_rows(rows.data),
        "README.txt": _note(run, rows).encode(),
    }
    if rows.certificate:
        files[CERTIFICATE] = (json.dumps(rows.certificate, indent=2, sort_keys=True) + "\n").encode()
    return write_whole(outbox / rows.recipient / agreement / run / rows.name, files, private=True)


def _table(path: str, table: CheckedTable) -> dict[str, bytes]:
    return {f"{path}.csv": tabular.csv(table), f"{path}.parquet": tabular.parquet(table)}


def _maps(product: Product, synthetic: bool) -> dict[str, bytes]:
    """A page for each map of which anything may be drawn."""
    from .map_page import KIND, map_page

    found = {}
    for chart in product.charts:
        table = next(table for table in product.tables if table.name == chart.table)
        if chart.kind == KIND and chart.shapes is not None and drawable(chart, table).rows:
            csv = f"../../{table_path(product.name, table.name)}.csv"
            path = map_path(product.name, table.name)
            found[path] = map_page(chart, table, csv=csv, back=f"../../{REPORT}", synthetic=synthetic)
    return found


def _json(bundle: Bundle) -> bytes:
    certificate = {
        "agreement": bundle.agreement,
        "run": bundle.run,
        "made": bundle.made,
        "synthetic": bundle.synthetic,
        "certificate": bundle.certificate,
        "attacks": {name: held["played"] for name, held in bundle.attacked.items()},
    }
    return (json.dumps(certificate, indent=2, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _note(run: str, rows: CheckedList) -> str:
    lines = [
        f"{rows.name}: {rows.form.word}, {rows.data.num_rows:,} rows",
        f"For {rows.recipient} only. Purpose: {rows.purpose}",
        f"Run {run}. Columns: {', '.join(rows.data.column_names)}",
        "Any other use, or passing it on, is outside the agreement.",
        "In the CSV, text that a spreadsheet would run as a formula begins with an apostrophe.",
        "The Parquet is exact.",
        *rows.notes,
    ]
    return "\n".join(lines) + "\n"
