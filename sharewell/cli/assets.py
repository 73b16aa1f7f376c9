"""`assets` and `export`: the registry of what is held, and agreements in the words of the standards."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import screen
from .agreements import Space

if TYPE_CHECKING:
    from ..live.assets import AssetEntry, Registry
    from ..live.intake import Brought

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV.")]
Out = Annotated[Path | None, typer.Option("--out", help="Write to this file, which must not be there.")]

app = typer.Typer(
    help="What is held, by whom, how good, and who may use it for what.", rich_markup_mode=None
)


@app.callback(invoke_without_command=True)
@screen.command
def listed(
    context: typer.Context, space: Space = Path(), as_json: Json = False, as_csv: Csv = False
) -> None:
    """What is held, by whom, how good, and who may use it for what. Reads no row."""
    if context.invoked_subcommand:
        return
    from ..live.assets import assets
    from ..workspace import open as open_space

    registry = assets(open_space(space))
    columns = ("asset", "title", "holder", "fields", "agreements", "measured", "failed rules")
    rows = [_row(entry) for entry in registry.entries.values()]
    _tell("Assets", columns, rows, as_json, as_csv)
    _warn(registry)


def _row(entry: AssetEntry) -> tuple[Any, ...]:
    measured = entry.quality.measured
    day = measured.isoformat() if measured else "never"
    told = (entry.name, entry.title, entry.holder, len(entry.fields))
    return (*told, ", ".join(entry.agreements) or "none", day, "; ".join(entry.quality.failed) or "none")


def _warn(registry: Registry) -> None:
    for name, faults in registry.faulty.items():
        codes = ", ".join(sorted({fault.code for fault in faults}))
        typer.echo(f"{name} does not compile ({codes}): sharewell lint {name}", err=True)


@app.command()
@screen.command
def show(
    name: Annotated[str, typer.Argument(help="An asset.")],
    space: Space = Path(),
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """One asset: its fields and kinds, who may use each for what, its quality and restrictions."""
    from ..live.assets import asset
    from ..workspace import open as open_space

    entry = asset(open_space(space), name)
    columns = (
        "field",
        "kind",
        "agreement",
        "product",
        "purpose",
        "form",
        "to",
        "only to link",
        "published",
    )
    rows: list[tuple[Any, ...]] = []
    for field in entry.fields:
        uses = [
            (u.agreement, u.product or "does not compile", u.purpose, u.form, ", ".join(u.recipients),
             _yes(u.linking), _yes(u.published))
            for u in field.uses
        ]  # fmt: skip
        rows += [(field.name, field.kind, *use) for use in uses or [("none", "", "", "", "", "", "")]]
    _tell(f"{entry.title} ({entry.name}), held by {entry.holder}", columns, rows, as_json, as_csv)
    if not (as_json or as_csv):
        day = entry.quality.measured
        typer.echo(entry.description)
        typer.echo(f"restrictions: {', '.join(entry.restrictions) or 'none'}")
        typer.echo(f"rules: {'; '.join(entry.quality.rules) or 'none'}")
        typer.echo(f"measured: {day or 'never'}; failed: {'; '.join(entry.quality.failed) or 'none'}")


def _yes(value: bool) -> str:
    return "yes" if value else "no"


@app.command()
@screen.command
def search(
    words: Annotated[list[str], typer.Argument(help="What to look for.")],
    space: Space = Path(),
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Find assets by words of their names, fields, descriptions and holders; near spellings count."""
    from ..live.asset_search import search as find
    from ..workspace import open as open_space

    hits = find(open_space(space), " ".join(words))
    rows = [(h.asset.name, h.asset.title, h.asset.holder, ", ".join(h.places)) for h in hits]
    _tell(" ".join(words), ("asset", "title", "holder", "found in"), rows, as_json, as_csv)


@app.command("export")
@screen.command
def export_asset(
    name: Annotated[str, typer.Argument(help="An asset.")],
    form: Annotated[str, typer.Option("--as", help="odcs or dcat.")] = "odcs",
    out: Out = None,
    space: Space = Path(),
    as_json: Json = False,
) -> None:
    """Write an asset's contract for other software: ODCS 3.1 (YAML, or JSON), or DCAT 3 (JSON-LD)."""
    from ..live.intake import asset_text
    from ..workspace import open as open_space

    _give(asset_text(open_space(space), name, form, as_json), out)


@app.command("import")
@screen.command
def bring(
    file: Annotated[Path, typer.Argument(help="A spreadsheet, or a data contract.")],
    out: Annotated[Path, typer.Option("--out", help="The folder that drafts are written to.")],
    form: Annotated[
        str, typer.Option("--as", help="ropa, assets or odcs; seen from the file, unless said.")
    ] = "",
    holder: Annotated[str, typer.Option(help="The party that holds all of it.")] = "",
    sheet: Annotated[str, typer.Option(help="The sheet of a workbook; the first, unless named.")] = "",
    as_json: Json = False,
) -> None:
    """Make draft contracts of an asset list, a record of processing, or somebody else's data contract."""
    from ..live.intake import bring as bring_in

    brought = bring_in(file, out, form, holder, sheet)
    if as_json:
        typer.echo(json.dumps(brought.as_mapping(), indent=2, ensure_ascii=False))
    else:
        _tell_brought(brought)


def _tell_brought(brought: Brought) -> None:
    if brought.mapping:
        screen.table("Columns", ("taken for", "heading"), list(brought.mapping.items()))
    for heading in brought.unused:
        typer.echo(f"not used: the column {heading!r}")
    for line, reason in brought.held:
        typer.echo(f"held back: line {line}: {reason}")
    for note in brought.noted:
        typer.echo(f"{note.where} {note.code} {'; '.join(part for part in (note.what, note.fix) if part)}")
    for path in brought.written:
        typer.echo(f"written: {path}")
    typer.echo(f"{len(brought.written)} files written, {len(brought.held)} rows held back. All are drafts.")


@screen.command
def export(
    name: Annotated[str, typer.Argument(help="An agreement's name, or a path to its file.")],
    form: Annotated[str, typer.Option("--as", help="json-ld.")] = "json-ld",
    out: Out = None,
    space: Space = Path(),
) -> None:
    """Write an agreement as JSON-LD (DPV, ODRL, DCAT, PROV-O), checked against its shapes first."""
    from ..errors import DocumentError, Problem
    from ..live.standards import document_text
    from ..workspace import open as open_space

    if form != "json-ld":
        raise DocumentError(Problem("FORMAT", f"there is no form {form!r}", fix="write --as json-ld"))
    _give(document_text(open_space(space).agreement(name)), out)


def _give(text: str, out: Path | None) -> None:
    """Print, or write to a file that is not there yet."""
    from ..live.folders import write_file

    if out is None:
        typer.echo(text, nl=False)
        return
    write_file(out, text)
    typer.echo(f"Written: {out}")


def _tell(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], as_json: bool, as_csv: bool
) -> None:
    if as_json:
        told = [dict(zip(columns, row, strict=True)) for row in rows]
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
    elif as_csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerows([columns, *([_safe(cell) for cell in row] for row in rows)])
    else:
        screen.table(title, columns, rows)


def _safe(cell: Any) -> Any:
    """Text that a spreadsheet would take for a formula is told with a quote before it."""
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@") else cell
