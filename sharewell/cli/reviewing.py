"""`link review`, `metrics`, `explain`, `before`: pairs read by people, and what that shows.

What records hold is printed to the reader's screen and nowhere else; weights are not shown until a pair is
done, so that nobody is led.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from math import isinf
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..errors import DocumentError, Problem
from . import screen
from .agreements import Because, Name, Space

if TYPE_CHECKING:
    from ..link.review.estimates import Quality
    from ..link.review.kappa import Agreement
    from ..link.review.questions import Question
    from ..link.review.session import Desk, Figures

Desks = Callable[..., AbstractContextManager["Desk"]]
"""From a workspace's folder, an agreement, a reader and why, to their desk, entered in the account. By
name, how many pairs to `draw` first, if any.
"""

_VERDICTS = {"s": "same", "d": "different", "c": "cannot tell"}
_STOP = "q"
_PASSED = ("same", "different", "refused by the index")

Reader = Annotated[str, typer.Option("--as", help="Who reads.")]


def add(app: typer.Typer, desks: Desks) -> None:
    """Give `app` the commands of reading pairs, at the desks of `desks`."""
    _add_reading(app, desks)
    _add_looking(app, desks)
    app.command()(before)


def _add_reading(app: typer.Typer, desks: Desks) -> None:
    @app.command()
    @screen.command
    def review(
        name: Name,
        reader: Reader,
        because: Because,
        sheet: Annotated[
            Path | None, typer.Option(help="Write pairs to this new CSV file instead, encrypted.")
        ] = None,
        plain: Annotated[
            bool, typer.Option(help="Leave the sheet unencrypted, its owner's alone.")
        ] = False,
        most: Annotated[int, typer.Option(help="How many pairs at most.", min=1)] = 50,
        answers: Annotated[Path | None, typer.Option(help="Take in the answers of this sheet.")] = None,
        draw: Annotated[int, typer.Option(help="Draw a new batch of so many pairs first.", min=0)] = 0,
        space: Space = Path(),
    ) -> None:
        """Read pairs that the linkage is unsure of: one at a time, or by sheet. Two people read each."""
        with desks(space, name, reader, because, **({"draw": draw} if draw else {})) as desk:
            if answers is not None:
                typer.echo(f"Taken in: {desk.read_sheet(answers)} answers.")
            if sheet is not None:
                count = desk.write_sheet(sheet, most, encrypted=not plain)
                typer.echo(f"Written: {count} pairs. Destroy the sheet when its answers are in.")
            if answers is None and sheet is None:
                read(desk, most)
            typer.echo(progress(desk.progress()))
        passed = ", ".join(f"{desk.done[name]} {name}" for name in _PASSED if desk.done[name])
        if passed:
            typer.echo(f"Passed on to the index, as decided by those who read them: {passed}.")


def _add_looking(app: typer.Typer, desks: Desks) -> None:
    @app.command()
    @screen.command
    def metrics(
        name: Name,
        reader: Reader,
        because: Because,
        page: Annotated[Path | None, typer.Option(help="Write it to this new page too.")] = None,
        space: Space = Path(),
    ) -> None:
        """Show how well readers agree, and the precision and recall that their answers tell."""
        with desks(space, name, reader, because) as desk:
            figures = desk.figures()
            show(figures)
            if page is not None:
                desk.write_page(page, figures)
                typer.echo("Written, without a value.")

    @app.command()
    @screen.command
    def explain(
        name: Name,
        reader: Reader,
        because: Because,
        left: Annotated[str, typer.Argument(help="A record, as SOURCE/NUMBER.")] = "",
        right: Annotated[str, typer.Argument(help="Another, as SOURCE/NUMBER.")] = "",
        cluster: Annotated[
            str, typer.Option(help="Of this record, all that it is held together with, instead.")
        ] = "",
        page: Annotated[
            Path | None, typer.Option(help="Write it to this new page too: levels and bits, no value.")
        ] = None,
        splink: Annotated[
            Path | None,
            typer.Option(help="Write Splink's own waterfall of the two to this new file, no value."),
        ] = None,
        space: Space = Path(),
    ) -> None:
        """Show why two records are, or are not, one person: what each comparison adds, in bits."""
        from .linking import named

        records = [named(record) for record in (left, right, cluster) if record]
        if len(records) != (1 if cluster else 2) or (cluster and splink):
            raise DocumentError(
                Problem(
                    "RECORD", "it is not said what to explain", fix="name two records, or one by --cluster"
                )
            )
        with desks(space, name, reader, because) as desk:
            if cluster:
                _explain_cluster(desk, records[0], page)
            else:
                _explain(desk, (records[0], records[1]), page, splink)


def read(desk: Desk, most: int) -> int:
    """Ask for pairs on the screen until there are none, or the reader stops; answers how many were read."""
    done = 0
    while done < most and (asked := desk.next()) is not None:
        _put(asked, done + 1)
        given = _choice()
        if given == _STOP:
            break
        reason = typer.prompt("why, in a word of the list, or nothing", default="", show_default=False)
        state = desk.answer(asked.pair, _VERDICTS[given], reason.strip().lower())
        typer.echo(f"Entered. The pair is {state.value}.")
        done += 1
    else:
        typer.echo("There is nothing more for you to read here." if done < most else f"{done} read.")
    return done


def progress(counts: dict[str, int]) -> str:
    """The states of a batch in one line."""
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "No pair is queued."


def show(figures: Figures) -> None:
    """Print agreement and quality as tables."""
    typer.echo(progress(figures.progress))
    heads = ("who", "pairs", "agreed", "kappa", "share of 'same'", "")
    screen.table("Agreement between readers", heads, [_agreed(each) for each in figures.agreements])
    found = figures.quality
    if found is None:
        typer.echo("Precision and recall are not known yet: no pair is done, or no link was sampled.")
        return
    heads = ("", "estimate", "from", "to", "if all unclear were wrong", "or right")
    screen.table(f"Quality of {found.links} links, from {found.read} pairs read", heads, _quality(found))
    typer.echo(found.note)
    _by_sources(figures.sources)
    if figures.curve is not None:
        names = ("threshold, bits", "links", "precision", "from", "to", "recall", "from", "to")
        lines = [tuple(row.values()) for row in figures.curve.to_pylist()]
        told = [(f"{low:+.1f}", count, *(f"{part:.4f}" for part in rest)) for low, count, *rest in lines]
        screen.table("By threshold", names, told)
    _by_group(figures)


def _quality(found: Quality) -> list[tuple[str, ...]]:
    kinds = (
        ("precision", found.precision, found.bounds_precision),
        ("recall", found.recall, found.bounds_recall),
    )
    return [
        (name, *(f"{part:.4f}" for part in (each.value, each.low, each.high, *bounds)))
        for name, each, bounds in kinds
    ]


def _by_sources(sources: dict[str, Quality]) -> None:
    rows = [
        (name, each.links, *(f"{part.value:.4f} ({part.low:.4f} to {part.high:.4f})" for part in parts))
        for name, each in sources.items()
        for parts in ((each.precision, each.recall),)
    ]
    screen.table("By the sources of the two records", ("sources", "links", "precision", "recall"), rows)


def _by_group(figures: Figures) -> None:
    if figures.groups is None:
        return
    heads = ("by", "group", "linked pairs", "of them false", "pairs of one person", "of them missed")
    rows = [
        (row["by"], row["group"], *(cell for error, of in _ERRORS for cell in _error(row, error, of)))
        for row in figures.groups.to_pylist()
    ]
    screen.table("Errors by group, of what the index held when the pairs were drawn", heads, rows)
    typer.echo(
        "Groups of too few pairs have no figure. What the linker does not hold (ethnicity, deprivation)"
    )
    typer.echo("is not told here.")


_ERRORS = (("false", "linked"), ("missed", "same"))


def _error(row: dict[str, Any], error: str, of: str) -> tuple[str, str]:
    if row[f"pairs_{of}"] is None or row[error] is None:
        return "too few", ""
    return str(row[f"pairs_{of}"]), _interval(row[error], row[f"{error}_low"], row[f"{error}_high"])


def _explain(
    desk: Desk, pair: tuple[tuple[str, str], tuple[str, str]], page: Path | None, splink: Path | None
) -> None:
    found = desk.explain(*pair)
    values = found.shown.by_comparison
    heads = ("", "one record", "the other", "how they compare", "bits", "so far")
    told = [
        (
            step.comparison,
            *values.get(step.comparison, ("", "")),
            step.outcome,
            f"{step.weight:+.1f}",
            f"{step.running:+.1f}",
        )
        for step in found.steps
    ]
    screen.table(f"The threshold is {desk.model.least:+.1f} bits", heads, told)
    if found.apart:
        typer.echo(f"They are held apart whatever they weigh, because they look like {found.apart}.")
    if page is not None:
        desk.write_page(page, found)
    if splink is not None:
        desk.write_splink(splink, *pair)
    if page is not None or splink is not None:
        typer.echo("Written, without a value.")


def _explain_cluster(desk: Desk, record: tuple[str, str], page: Path | None) -> None:
    graph = desk.cluster(record)
    rows = [
        (
            f"{edge.left + 1} and {edge.right + 1}",
            "settled" if isinf(edge.weight) else f"{edge.weight:+.1f}",
            "the weakest" if edge == graph.weakest else "a bridge" if edge.bridge else "",
            ", ".join(edge.differs),
        )
        for edge in graph.edges
    ]
    screen.table(f"{len(graph.members)} records", ("number", "source"), _members(desk, record))
    screen.table("What holds them together", ("records", "bits", "", "disagree on"), rows)
    typer.echo("Settled: by a verified number that both hold, or by people.")
    if page is not None:
        desk.write_page(page, graph)
        typer.echo("Written, without a value.")


def _members(desk: Desk, record: tuple[str, str]) -> list[tuple[int, str]]:
    """The source of each record of a cluster, by its number there: places in order of source and record."""
    links = desk.within(desk.known(record)).to_pylist()
    held = sorted({(row[f"source_{side}"], row[f"record_{side}"]) for row in links for side in "lr"})
    return [(nth, source) for nth, (source, _) in enumerate(held, 1)]


@screen.command
def before(name: Name, reader: Reader, because: Because, space: Space = Path()) -> None:
    """Say what a run would compare, by blocking rule, and who says too little to be linked."""
    from ..live.forecasting import before as ask
    from ..workspace import open as open_space

    with screen.progress(name) as tell:
        found = ask(open_space(space).agreement(name), reader, because, tell)
    for table in found.tables:
        rows = [
            tuple("withheld" if cell is None else cell for cell in row.values())
            for row in table.data.to_pylist()
        ]
        screen.table(table.title, table.data.column_names, rows)
    typer.echo(f"{found.withheld} figures are withheld, as they rest on few people; others may be rounded.")
    if not found.trained:
        typer.echo("Who says too little to be linked is known once a model is trained.")


def _agreed(each: Agreement) -> tuple[str, ...]:
    kappa = (
        "not defined"
        if each.kappa is None
        else _interval(each.kappa.value, each.kappa.low, each.kappa.high)
    )
    raw = _interval(each.raw.value, each.raw.low, each.raw.high)
    return each.who, str(each.pairs), raw, kappa, f"{each.prevalence:.2f}", each.note


def _interval(value: float, low: float, high: float) -> str:
    return f"{value:.2f} ({low:.2f} to {high:.2f})"


def _put(asked: Question, nth: int) -> None:
    rows = [(line.comparison, line.one, line.other, line.outcome) for line in asked.lines]
    screen.table(f"Pair {nth} of this session", ("", "one record", "the other", "how they compare"), rows)


def _choice() -> str:
    told = ", ".join(f"{key}: {word}" for key, word in _VERDICTS.items())
    while True:
        given = str(typer.prompt(f"One person? ({told}, {_STOP}: stop)")).strip().lower()[:1]
        if given in (*_VERDICTS, _STOP):
            return given
        typer.echo("Please answer with one of these letters.")
