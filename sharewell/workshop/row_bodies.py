"""What the row of a sheet says, held against the day: its body, or the fault for which it is set aside."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

from pydantic import ValidationError

from ..agree.chapter import Chapter
from ..errors import Problem, among
from .codes import is_code
from .day import DayText
from .sayings import BODIES, Kind
from .sheet_columns import FILES

Cells = Mapping[str, str]
_LABELS = re.compile(r"[\s,;]+")
MOST_PEOPLE = 2000


class RowFault(Exception):  # noqa: N818 - it is told of a row, and never leaves the reading
    """Why a row cannot be entered."""

    def __init__(self, code: str, what: str, why: str = "", fix: str = "") -> None:
        super().__init__(what)
        self.problem = Problem(code, what, why, fix)


class Body(NamedTuple):
    """What was said, and by how many who stand in one row of a tally."""

    said: Chapter
    people: int = 1


def body_of(text: DayText, file: str, cells: Cells) -> Body:
    """The body of a row. RowFault with the first thing that the day does not know, or that cannot be."""
    kind = FILES[file].kind
    _check_names(text, cells)
    told = {name: value for name, value in _READERS[kind](cells).items() if value not in (None, "", ())}
    people = _number(cells.get("people", ""), "people") if kind is Kind.RATED else 1
    if people > 1 and cells.get("code"):
        raise RowFault(
            "CODE", f"one code stands for {people} people", "a code is one person's", "leave one"
        )
    try:
        said = BODIES[kind].model_validate(told)
    except ValidationError as error:
        first = error.errors()[0]
        column = str(first["loc"][0]) if first["loc"] else "the row"
        what = f"{column} cannot be {_shown(first.get('input'))}"
        raise RowFault("VALUE", what, str(first["msg"]), "look at the sheet again") from None
    return Body(said, people)


def _check_names(text: DayText, cells: Cells) -> None:
    known: tuple[tuple[str, str, Iterable[str]], ...] = (
        ("table", "TABLE", text.tables),
        ("role", "ROLE", text.roles),
        ("example", "EXAMPLE", text.examples),
    )
    for column, code, names in known:
        _check(column, code, [cells.get(column, "")], names)
    for column in ("examples", "undecided"):
        _check("example", "EXAMPLE", _labels(cells.get(column, "")), text.examples)
    placed = re.split(r"[>=;,\s]+", f"{cells.get('ranking', '')} {cells.get('statements', '')}")
    _check("example", "EXAMPLE", placed, text.examples)
    voice = cells.get("code", "").upper()
    if voice and not is_code(voice):
        why = "its letter does not fit its digits: one was typed wrong"
        raise RowFault("CODE", f"no sheet bears the code {voice[:40]!r}", why, "look at the sheet's corner")
    if question := cells.get("question", ""):
        asked = text.feedback.ratings if "value" in cells else text.feedback.open
        _check("question", "QUESTION", [question], asked)


def _check(column: str, code: str, names: Iterable[str], known: Iterable[str]) -> None:
    held = tuple(known)
    for name in names:
        if name and name not in held:
            raise RowFault(code, f"there is no {column} {name[:60]!r}", fix=among(name, held))


def _labels(text: str) -> tuple[str, ...]:
    return tuple(part for part in _LABELS.split(text) if part)


def _attended(cells: Cells) -> dict[str, Any]:
    return {"role": cells.get("role"), "people": _number(cells.get("people", ""), "people")}


def _polled(cells: Cells) -> dict[str, Any]:
    answer: int | str = cells.get("answer", "").casefold()
    if answer != "undecided":
        answer = _number(str(answer), "answer")
    return {"when": cells.get("when", "").casefold(), "answer": answer}


def _criterion(cells: Cells) -> dict[str, Any]:
    return {"text": cells.get("text"), "main": _yes(cells.get("main", ""), True, "main")}


def _ranked(cells: Cells) -> dict[str, Any]:
    ranking, statements = cells.get("ranking", ""), cells.get("statements", "")
    undecided = _labels(cells.get("undecided", ""))
    if not (ranking or statements or undecided):
        why, fix = "a table that decided nothing has left all cards undecided", "put them in `undecided`"
        raise RowFault("EMPTY", "it ranks nothing", why, fix)
    over: list[tuple[str, str]] = []
    for statement in filter(None, (part.strip() for part in re.split(r"[;,]", statements))):
        named = [part.strip() for part in statement.split(">")]
        if len(named) < 2 or not all(named):
            raise RowFault(
                "STATEMENT", f"{statement[:60]!r} puts nothing over anything", fix="as C > B; E > B"
            )
        over += pairwise(named)
    tiers = tuple(_labels(tier.replace("=", " ")) for tier in ranking.split(">")) if ranking else ()
    if any(not tier for tier in tiers):
        raise RowFault("RANKING", "a place in the ranking is empty", fix="as C > E = A > B")
    return {"tiers": tiers, "over": tuple(over), "undecided": undecided}


def _noted(cells: Cells) -> dict[str, Any]:
    told: dict[str, Any] = {name: cells.get(name) for name in ("about", "who", "text", "example", "role")}
    return told | {"quoted": _yes(cells.get("quoted", ""), False, "quoted")}


def _red_line(cells: Cells) -> dict[str, Any]:
    told: dict[str, Any] = {"line": cells.get("line"), "text": cells.get("text")}
    return told | {"examples": _labels(cells.get("examples", "")), "lifted_by": cells.get("lifted_by")}


def _rated(cells: Cells) -> dict[str, Any]:
    return {"question": cells.get("question"), "value": _number(cells.get("value", ""), "value")}


def _answered(cells: Cells) -> dict[str, Any]:
    return {"question": cells.get("question"), "text": cells.get("text")}


def _found(cells: Cells) -> dict[str, Any]:
    names = ("said", "agreement", "clause", "condition", "before", "owner")
    return {name: cells.get(name) for name in names}


_READERS: Mapping[Kind, Callable[[Cells], dict[str, Any]]] = {
    Kind.ATTENDED: _attended,
    Kind.POLLED: _polled,
    Kind.CRITERION: _criterion,
    Kind.RANKED: _ranked,
    Kind.NOTED: _noted,
    Kind.RED_LINE: _red_line,
    Kind.RATED: _rated,
    Kind.ANSWERED: _answered,
    Kind.FOUND: _found,
}


def _number(text: str, column: str) -> int:
    """A whole number; 1 where nothing stands."""
    if text and not (text.isascii() and text.isdigit() and int(text[:6]) <= MOST_PEOPLE):
        raise RowFault("VALUE", f"{column} cannot be {_shown(text)}", "it is a whole number", "look again")
    return int(text) if text else 1


def _yes(text: str, otherwise: bool, column: str) -> bool:
    known = {"": otherwise, "yes": True, "y": True, "no": False, "n": False}
    if text.casefold() not in known:
        raise RowFault("VALUE", f"{column} cannot be {_shown(text)}", "it is yes or no", "look again")
    return known[text.casefold()]


def _shown(value: Any) -> str:
    """What stands in a cell, as far as it may be printed: words that people wrote are not."""
    text = str(value)
    return repr(text) if len(text) <= 30 and not re.search(r"\s", text) else "what stands there"
