"""What the row of a sheet says, held against the day: its body, or the fault for which it is set aside."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

from pydantic import ValidationError

from ..agree.chapter import Chapter
from ..errors import Problem, among
from .codes import is_code
from .day import DayText
from .sayings import BODIES, Kind, Rated, due_of, say_before
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
    is_tally: bool = False

    @property
    def value(self) -> int:
        """The number that was ringed, in a tally."""
        return self.said.value if isinstance(self.said, Rated) else 0


def body_of(text: DayText, file: str, cells: Cells, faults: list[Problem]) -> Body | None:
    """The body of a row; None where none can be made. What the day does not know, or cannot be, is added to
    `faults`."""
    kind = FILES[file].kind
    faults += _strange_names(text, cells)
    counted = cells.get("people", "") if kind is Kind.RATED else ""
    try:
        told = {name: value for name, value in _READERS[kind](cells).items() if value not in (None, "", ())}
        people = _number(counted, "people")
        said = BODIES[kind].model_validate(told)
    except RowFault as fault:
        faults.append(fault.problem)
        return None
    except ValidationError as error:
        faults += _misfits(error)
        return None
    if counted and cells.get("code"):
        what, why = "a row of a tally bears a code", "a code is one person's"
        faults.append(Problem("CODE", what, why, "leave `people` or `code` empty"))
    return Body(said, people, bool(counted))


def _misfits(error: ValidationError) -> Iterator[Problem]:
    told: dict[str, list[str]] = {}
    shown: dict[str, str] = {}
    for each in error.errors():
        column = str(each["loc"][0]) if each["loc"] else "the row"
        told.setdefault(column, []).append(str(each["msg"]).removeprefix("Value error, "))
        shown[column] = _shown(each.get("input"))
    for column, reasons in told.items():
        what, why = f"{column} cannot be {shown[column]}", ", or ".join(dict.fromkeys(reasons))
        yield Problem("VALUE", what, why, "look at the sheet again")


def _strange_names(text: DayText, cells: Cells) -> Iterator[Problem]:
    placed = re.split(r"[>=;,\s]+", f"{cells.get('ranking', '')} {cells.get('statements', '')}")
    labels = [cells.get("example", ""), *placed]
    labels += [label for column in ("examples", "undecided") for label in _labels(cells.get(column, ""))]
    asked = text.feedback.ratings if "value" in cells else text.feedback.open
    known: tuple[tuple[str, list[str], Iterable[str]], ...] = (
        ("table", [cells.get("table", "")], text.tables),
        ("role", [cells.get("role", "")], text.roles),
        ("example", labels, text.examples),
        ("question", [cells.get("question", "")], asked),
    )
    for column, names, there in known:
        held = tuple(there)
        yield from (
            no_such(column, each, held) for each in dict.fromkeys(names) if each and each not in held
        )
    voice = cells.get("code", "").upper()
    if voice and not is_code(voice):
        shown = repr(voice) if re.fullmatch(r"[0-9]{1,6}[A-Z]?", voice) else "that stands there"
        why = "its letter does not fit its digits: one was typed wrong"
        yield Problem("CODE", f"no sheet bears the code {shown}", why, "look at the sheet's corner")


def no_such(column: str, name: str, known: Iterable[str]) -> Problem:
    """That the day knows nothing of this name. It is told only where it is near one that is known, or as
    short as a card's: in the wrong column may stand somebody's own."""
    held = tuple(known)
    near = len(name) <= 2 or difflib.get_close_matches(name, held, n=1)
    what = f"there is no {column} {name[:40]!r}" if near else f"there is no such {column}"
    return Problem(column.upper(), what, "the day's file names them all", among(name, held))


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
            what, why = "a statement puts nothing over anything", "it needs two cards with > between"
            raise RowFault("STATEMENT", what, why, "as C > B; E > B")
        over += pairwise(named)
    tiers = tuple(_labels(tier.replace("=", " ")) for tier in ranking.split(">")) if ranking else ()
    if any(not tier for tier in tiers):
        why = "a card is missing, or a > is too many"
        raise RowFault("RANKING", "a place in the ranking is empty", why, "as C > E = A > B")
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
    told: dict[str, Any] = {
        name: cells.get(name) for name in ("said", "agreement", "clause", "condition", "owner")
    }
    due = due_of(cells.get("before"))
    if due is None:
        what, why = f"before cannot be {_shown(cells['before'])}", "nothing could be held back until then"
        raise RowFault("VALUE", what, why, say_before())
    return told | {"before": str(due) if cells.get("before") else None}


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
    if text and not (re.fullmatch(r"[0-9]{1,6}", text) and int(text) <= MOST_PEOPLE):
        raise RowFault("VALUE", f"{column} cannot be {_shown(text)}", "it is a whole number", "look again")
    return int(text) if text else 1


def _yes(text: str, otherwise: bool, column: str) -> bool:
    known = {"": otherwise, "yes": True, "y": True, "no": False, "n": False}
    if text.casefold() not in known:
        raise RowFault("VALUE", f"{column} cannot be {_shown(text)}", "it is yes or no", "look again")
    return known[text.casefold()]


def _shown(value: Any) -> str:
    """What stands in a cell, as far as it may be printed: a short number, and never words."""
    text = str(value)
    return repr(text) if re.fullmatch(r"[-+0-9.,]{1,6}", text) else "what stands there"
