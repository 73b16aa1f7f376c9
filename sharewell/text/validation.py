"""Pydantic's errors as problems in plain English, with lines and near names, each root cause once."""

from __future__ import annotations

import difflib
import types
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from ..errors import DocumentError, Problem
from .characters import MOST
from .loader import Lines, Located, Place

M = TypeVar("M", bound=BaseModel)

_SHOWN = 40
"""The longest text of a document that a message repeats."""

_TYPES = {
    "string_type": "text",
    "string_sub_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "a mapping",
    "mapping_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "dataclass_type": "a mapping",
    "none_required": "null",
    "date_type": "a date (YYYY-MM-DD)",
    "date_parsing": "a date (YYYY-MM-DD)",
    "date_from_datetime_parsing": "a date (YYYY-MM-DD)",
    "date_from_datetime_inexact": "a date (YYYY-MM-DD)",
    "datetime_type": "a moment (YYYY-MM-DD HH:MM:SS)",
    "datetime_parsing": "a moment (YYYY-MM-DD HH:MM:SS)",
    "datetime_from_date_parsing": "a moment (YYYY-MM-DD HH:MM:SS)",
    "time_delta_type": "a length of time (P90D)",
    "time_delta_parsing": "a length of time (P90D)",
    "url_type": "a web address",
    "url_parsing": "a web address",
    "url_scheme": "a web address (https://...)",
    "is_instance_of": "of another kind",
}
_UNWRITTEN = frozenset({"missing", "missing_argument", "missing_keyword_only_argument"})
_UNKNOWN = frozenset({"extra_forbidden", "unexpected_keyword_argument", "no_such_attribute"})


def check_document(model: type[M], document: Located) -> M:
    """The document as `model`. Raises DocumentError with every fault, its line, and near names."""
    try:
        return model.model_validate(document.value)
    except ValidationError as error:
        problems = validation_problems(error, document.lines, model)
    raise DocumentError(problems)


def validation_problems(
    error: ValidationError, lines: Lines, model: type[BaseModel] | None = None
) -> tuple[Problem, ...]:
    """The first hundred root causes in `error`, by line. With `model`, an unknown field is told its nearest
    names."""
    grouped: dict[Place, list[Mapping[str, Any]]] = defaultdict(list)
    for fault in error.errors(include_url=False):
        grouped[_written(fault["loc"], lines)].append(fault)
    for place in [place for place, faults in grouped.items() if faults[0]["type"] == "too_short"]:
        if any(other[: len(place)] == place and other != place for other in grouped):
            del grouped[place]  # Pydantic does not count what is itself at fault
    unwritten = {place for place, faults in grouped.items() if faults[0]["type"] in _UNWRITTEN}
    if len(grouped) > MOST:
        first = sorted(grouped, key=lambda place: int(lines.at(place).rpartition(":")[2]))
        grouped = {place: grouped[place] for place in first[:MOST]}
    problems: list[tuple[int, Problem]] = []
    explained: set[Place] = set()
    for place, faults in grouped.items():
        if faults[0]["type"] in _UNKNOWN:
            problem, meant = _unknown(place, lines, unwritten, model)
            explained |= meant
            problems.append((_line(problem), problem))
    for place, faults in grouped.items():
        if faults[0]["type"] not in _UNKNOWN and place not in explained:
            problem = _problem(place, faults, lines)
            problems.append((_line(problem), problem))
    return tuple(problem for _, problem in sorted(problems, key=lambda pair: pair[0]))


def _line(problem: Problem) -> int:
    return int(problem.where.rpartition(":")[2])


def _written(loc: tuple[str | int, ...], lines: Lines) -> Place:
    """The place of an error without the names that Pydantic adds for the branches of a union."""
    place: Place = ()
    for part in loc[:-1]:
        if (*place, part) in lines.numbers:
            place = (*place, part)
    if not loc:
        return place
    branch = isinstance(loc[-1], str) and (*place, loc[-1]) not in lines.numbers and _is_branch(loc[-1])
    return place if branch else (*place, loc[-1])


def _is_branch(part: str) -> bool:
    names = {"str", "int", "float", "bool", "date", "datetime", "constrained-str", "none", "dict", "list"}
    return part in names or "[" in part or part[:1].isupper()


def _unknown(
    place: Place, lines: Lines, unwritten: set[Place], model: type[BaseModel] | None
) -> tuple[Problem, set[Place]]:
    parent, name = place[:-1], str(place[-1])
    missing = {str(other[-1]) for other in unwritten if other[:-1] == parent}
    known = sorted(_field_names(model, parent) | missing)
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.6)
    meant = {(*parent, near[0])} if near and near[0] in missing else set()
    fix = f"did you mean {_either(near)}?" if near else ""
    if not near and known:
        fix = f"use one of: {', '.join(known)}"
    what = f"the field {_quoted(name)} of {_named(parent)} is not known"
    return Problem("FIELD", what, "", fix or "remove it", lines.at(place)), meant


def _problem(place: Place, faults: list[Mapping[str, Any]], lines: Lines) -> Problem:
    where, first = lines.at(place), faults[0]
    if first["type"] in _UNWRITTEN:
        fix = f"add `{place[-1]}:`"
        return Problem("MISSING", f"{_named(place[:-1])} has no {place[-1]!r}", "", fix, where)
    wanted = list(dict.fromkeys(_TYPES[f["type"]] for f in faults if f["type"] in _TYPES))
    others = [f for f in faults if f["type"] not in _TYPES]
    if others:
        return _value_problem(place, others[0], where)
    given, fix = first["input"], ""
    if "text" in wanted and isinstance(given, (bool, int, float)):
        fix = "put it in quotes"
    what = f"{_named(place)} must be {_either(wanted)}, and is {_kind(given)}"
    return Problem("TYPE", what, "", fix, where)


def _value_problem(place: Place, fault: Mapping[str, Any], where: str) -> Problem:
    kind, context, named = str(fault["type"]), fault.get("ctx", {}), _named(place)
    if kind in ("literal_error", "enum", "union_tag_invalid"):
        allowed = str(context.get("expected") or context.get("expected_tags", "")).replace("'", "")
        near = difflib.get_close_matches(
            str(fault["input"]), allowed.replace(" or ", ", ").split(", "), n=1
        )
        fix = f"did you mean {near[0]!r}?" if near and kind != "union_tag_invalid" else ""
        what = f"{named} must be one of: {allowed}; it is {_shown(fault['input'])}"
        return Problem("VALUE", what, "", fix, where)
    if kind == "union_tag_not_found":
        return Problem("MISSING", f"{named} does not say of which kind it is", "", "", where)
    if kind == "string_pattern_mismatch":
        what = f"{named} is {_shown(fault['input'])}, which is not of the form {context['pattern']}"
        return Problem("VALUE", what, "", "", where)
    if kind in ("value_error", "assertion_error"):
        return Problem("VALUE", f"{named}: {context.get('error', 'it does not hold')}", "", "", where)
    if message := _bounds(kind, context):
        return Problem("VALUE", f"{named} {message}", "", "", where)
    code = kind.upper() if kind == kind.lower() and "_" not in kind else "VALUE"
    return Problem(code, f"{named}: {fault['msg']}", "", "", where)


def _bounds(kind: str, context: Mapping[str, Any]) -> str:
    sentences = {
        "greater_than": "must be greater than {gt}",
        "greater_than_equal": "must be at least {ge}",
        "less_than": "must be less than {lt}",
        "less_than_equal": "must be at most {le}",
        "too_short": "must have at least {min_length}, and has {actual_length}",
        "too_long": "must have at most {max_length}, and has {actual_length}",
        "string_too_short": "must have at least {min_length} characters",
        "string_too_long": "must have at most {max_length} characters",
    }
    return sentences[kind].format_map(context) if kind in sentences else ""


def _field_names(model: type[BaseModel] | None, place: Place) -> set[str]:
    """The fields that may stand at a place, by following the annotations of `model`."""
    reached: list[Any] = [model] if model is not None else []
    for part in place:
        reached = [inner for outer in reached for inner in _step(outer, part)]
    models = [inner for outer in reached for inner in _models(outer)]
    return {field.alias or name for found in models for name, field in found.model_fields.items()}


def _step(annotation: Any, part: str | int) -> Iterable[Any]:
    for found in _branches(annotation):
        if isinstance(found, type) and issubclass(found, BaseModel):
            for name, field in found.model_fields.items():
                if part in (name, field.alias):
                    yield field.annotation
        elif get_origin(found) is not None and get_args(found):
            inner = [argument for argument in get_args(found) if argument is not Ellipsis]
            yield inner[-1]


def _models(annotation: Any) -> list[type[BaseModel]]:
    return [b for b in _branches(annotation) if isinstance(b, type) and issubclass(b, BaseModel)]


def _branches(annotation: Any) -> list[Any]:
    """The alternatives of a union, through `Annotated`."""
    if hasattr(annotation, "__metadata__"):
        return _branches(annotation.__origin__)
    if get_origin(annotation) in (Union, types.UnionType):
        return [leaf for branch in get_args(annotation) for leaf in _branches(branch)]
    return [] if get_origin(annotation) is Literal else [annotation]


def _named(place: Place) -> str:
    """`agree.parties.x`, or "the document"."""
    words = ""
    for part in place:
        words += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    words = words.lstrip(".") or "the document"
    return words if len(words) <= 2 * _SHOWN else words[: 2 * _SHOWN] + "..."


def _quoted(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else text[:_SHOWN] + "...")


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return repr(value) if len(value) <= _SHOWN else f"text of {len(value)} characters"
    return str(value).lower() if isinstance(value, (bool, int, float)) else _kind(value)


def _kind(value: Any) -> str:
    names = {
        str: "text",
        dict: "a mapping",
        list: "a list",
        bool: "true or false",
        int: "a number",
        float: "a number",
    }
    return "empty" if value is None else names.get(type(value), "something else")


def _either(words: list[str]) -> str:
    shown = [word if " " in word or word in ("text", "null") else repr(word) for word in words]
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + " or " + shown[-1]
