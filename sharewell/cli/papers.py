"""`papers`: the documents of an agreement, written from its one source."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from . import screen

if TYPE_CHECKING:
    from ..live.papers import Format


@screen.command
def papers(
    name: Annotated[str, typer.Argument(help="An agreement's name, or a path to its file.")],
    paper: Annotated[
        list[str] | None, typer.Option(help="Which paper, as dpia; all, unless named.")
    ] = None,
    format_: Annotated[
        list[str] | None, typer.Option("--format", help="html, docx, pdf, csv or all.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="The folder; papers/NAME in the workspace.")] = None,
    internal: Annotated[
        bool, typer.Option("--internal", help="Leave nothing out; not to be published.")
    ] = False,
    space: Annotated[Path, typer.Option("--space", "-s", help="The workspace.")] = Path(),
) -> None:
    """Write the papers: impact assessment, agreement, notice, records, register entries."""
    from ..live.papers import hard_words, unsaid
    from ..live.papers import papers as write_papers
    from ..workspace import open as open_space

    live = open_space(space).agreement(name)
    folder = out or live.space.folder / "papers" / live.name
    written = write_papers(live, folder, paper or (), formats_of(format_ or ["all"]), internal)
    missing = unsaid(written)
    for each in written:
        silent, hidden = len(each.paper.missing), len(each.paper.left_out)
        typer.echo(f"{each.paper.title}: {silent} not stated, {hidden} left out")
        for path in each.paths:
            typer.echo(f"  {path}")
    if missing:
        typer.echo(f"\nNot stated ({len(missing)}):")
        for each_unsaid in missing:
            part = each_unsaid.part
            of = f" ({each_unsaid.papers} of {len(written)} papers)" if len(written) > 1 else ""
            typer.echo(f"  {part.where} {part.path}: {part.question}{of}")
    screen.faults(hard_words(live))


def formats_of(named: list[str]) -> tuple[Format, ...]:
    """The formats by name. DocumentError where one is unknown."""
    from ..errors import DocumentError, Problem, among
    from ..live.papers import Format

    if "all" in named:
        return tuple(Format)
    unknown = [name for name in named if name not in list(Format)]
    if unknown:
        fix = among(unknown[0], (*map(str, Format), "all"))
        raise DocumentError(Problem("FORMAT", f"there is no format {unknown[0]!r}", fix=fix))
    return tuple(Format(name) for name in dict.fromkeys(named))
