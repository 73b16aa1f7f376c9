"""`new` and `schema`: a first draft by answering questions, and what an editor needs to complete it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from . import screen

if TYPE_CHECKING:
    from ..agree.drafting import Answers
    from ..agree.drafting_questions import Question
    from ..workspace import Workspace


@screen.command
def new(
    name: Annotated[str, typer.Argument(help="What to call it: lower-case words joined by -.")],
    answers: Annotated[
        Path | None, typer.Option(help="A YAML file of answers; only what it leaves open is asked.")
    ] = None,
    blank: Annotated[bool, typer.Option("--blank", help="Ask nothing: write the empty template.")] = False,
    kind: Annotated[str, typer.Option(help="one-way, reciprocal or joint-control.")] = "",
    framework: Annotated[
        bool, typer.Option("--framework", help="Draft a framework, the upper of the two tiers.")
    ] = False,
    space: Annotated[Path, typer.Option("--space", "-s", help="The workspace.")] = Path(),
) -> None:
    """Write a first draft of an agreement, or of a framework, by answering questions."""
    from ..workspace import open as open_space

    place = open_space(space)
    if framework:
        from ..agree.drafting import draft_framework

        holders = {asset.holder for asset in place.shelf.assets.values()}
        _write(place, f"frameworks/{name}.yaml", draft_framework(name, holders))
        return
    from ..agree.drafting import draft

    given = _given(name, answers) | ({"kind": kind} if kind else {})
    told = _checked(given) if blank else _interviewed(place, given)
    _write(place, f"systems/{told.agreement}.yaml", draft(told, place.shelf, place.frameworks))
    typer.echo(f"Now write what was left open. Each is told at its line: sharewell lint {told.agreement}")


@screen.command
def schema(
    name: Annotated[str, typer.Argument(help="agreement or framework.")] = "agreement",
) -> None:
    """Print the JSON Schema of an agreement or framework, for an editor that completes."""
    from ..agree.json_schema import written

    typer.echo(written(name), nl=False)


def _write(place: Workspace, path: str, text: str) -> None:
    """A new file in the workspace. DocumentError where there is one already: nothing is overwritten."""
    from ..errors import DocumentError, Problem, StorageError
    from ..live.folders import write_file

    target = place.folder / path
    try:
        if target.exists():
            what, why = f"{path} is there already", "a draft overwrites nothing"
            raise DocumentError(Problem("EXISTS", what, why, "choose another name"))
        target.parent.mkdir(exist_ok=True)
        write_file(target, text)
    except OSError as error:
        reason = (error.strerror or "cannot be written").lower()
        raise StorageError(
            Problem("FILE", f"{path}: {reason}", fix="free space, or check permissions")
        ) from None
    typer.echo(f"Wrote {path}.")


def _given(name: str, path: Path | None) -> dict[str, Any]:
    """The answers in a file, held against the questions; and the name."""
    from ..agree.drafting import Answers
    from ..text import check_document, load_yaml

    if path is None:
        return {"agreement": name}
    located = load_yaml(path, path.name)
    located.value.setdefault("agreement", name)
    check_document(Answers, located)
    return located.value


def _checked(given: Mapping[str, Any]) -> Answers:
    """The answers as the draft takes them. DocumentError with every fault."""
    from ..agree.drafting import Answers
    from ..text import Lines, Located, check_document

    return check_document(Answers, Located(dict(given), Lines("answers", {})))


def _interviewed(place: Workspace, given: dict[str, Any]) -> Answers:
    """Every question that is not answered yet, in order. An empty answer leaves it open."""
    from ..agree.drafting_questions import QUESTIONS
    from ..errors import DocumentError

    typer.echo("Press Enter to leave a question open. Nothing is guessed, and nothing is overwritten.\n")
    for number, question in enumerate(QUESTIONS, start=1):
        if question.name in given:
            continue
        while True:
            typer.secho(f"{number} of {len(QUESTIONS)}. {question.asks}", bold=True)
            typer.echo(f"   {question.why}.")
            answer = _ASK[question.takes](question, place)
            if answer in (None, "", []):
                break
            try:
                _checked(given | {question.name: answer})
            except DocumentError as error:
                screen.faults(error.problems)
                continue
            given[question.name] = answer
            break
    return _checked(given)


def _line(question: Question, place: Workspace) -> Any:
    text = str(typer.prompt("  ", default="", show_default=False)).strip()
    return int(text) if text.isdecimal() and len(text) < 3 else text


def _lines(question: Question, place: Workspace) -> list[str]:
    found = []
    while text := str(typer.prompt("  ", default="", show_default=False)).strip():
        found.append(text)
    return found


def _one(question: Question, place: Workspace) -> str:
    chosen = _chosen(question.offered(place.shelf, place.frameworks), question.said or {}, "a number")
    return chosen[0] if chosen else ""


def _some(question: Question, place: Workspace) -> list[str]:
    return _chosen(
        question.offered(place.shelf, place.frameworks), question.said or {}, "numbers, as 1 3 4"
    )


def _tables(question: Question, place: Workspace) -> list[dict[str, Any]]:
    """Tables, and of each the fields that say something about people: identity goes to the linker alone."""
    from ..plan.schema import Kind

    found = []
    for name in _chosen(question.offered(place.shelf, place.frameworks), {}, "numbers, as 1 3 4"):
        asset = place.shelf.assets[name]
        typer.echo(f"   {name}, held by {asset.holder}: which fields?")
        fields = [c.name for c in asset.schema if c.kind is not Kind.IDENTIFIER]
        kinds = {c.name: str(c.kind) for c in asset.schema}
        found.append({"asset": name, "use": _chosen(fields, kinds, "numbers, as 1 3 4")})
    return found


def _chosen(offered: Sequence[str], said: Mapping[str, str], how: str) -> list[str]:
    """What is picked by number or by name; asked again until all of it is among what is offered."""
    for number, name in enumerate(offered, start=1):
        typer.echo(f"   {number:>3}  {name}{f': {said[name]}' if name in said else ''}")
    while True:
        text = str(typer.prompt(f"   {how}", default="", show_default=False)).replace(",", " ")
        picked = [_picked(word, offered) for word in text.split()]
        if all(picked):
            return list(dict.fromkeys(filter(None, picked)))
        typer.echo(f"   That is not offered: choose {how}, or press Enter to leave it open.")


def _picked(word: str, offered: Sequence[str]) -> str | None:
    if word.isdecimal() and 1 <= int(word) <= len(offered):
        return offered[int(word) - 1]
    return word if word in offered else None


_ASK = {"line": _line, "lines": _lines, "one": _one, "some": _some, "tables": _tables}
"""How each kind of answer is asked for."""
