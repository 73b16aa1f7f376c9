"""The reference page of an agreement's text: every chapter and field, from the models that check it."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Iterable, Iterator
from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

ORDER = ("agree", "describe", "link", "depersonalise", "analyse", "check", "release", "account")
LIMITS = ("ge", "le", "min_length", "pattern")
WORDS = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    date: "date",
    Any: "anything",
}


def agreement() -> str:
    """The page: the head of the file, then the eight chapters, each followed by what it holds."""
    from sharewell.agree import document

    text = document.Text
    told = [
        "# The text of an agreement\n",
        f"{' '.join((inspect.getdoc(document) or '').split())}\n",
        "The file is strict YAML: strings stay strings, a date is written YYYY-MM-DD, and a duplicate key, "
        "an alias or an unknown field is a fault. A name is lower-case words joined by `-`, `_` or `.`.\n",
        "## The head of the file\n\n" + _fields(text, only=lambda name: name not in ORDER),
    ]
    seen: set[type[BaseModel]] = set()
    for chapter in ORDER:
        field = text.model_fields[chapter]
        told.append(f"## `{chapter}:`\n")
        whole = inspect.isclass(field.annotation)
        if not whole:
            told.append(f"{_takes(field)[:1].upper()}{_takes(field)[1:]}.\n")
        for model in _models(field.annotation):
            told += _model(model, seen, heading=not whole)
    return "\n".join(told)


def framework() -> str:
    """The page of the upper tier: the head of a framework's file, then what it holds."""
    from sharewell.agree import framework as module

    said = inspect.getdoc(module) or ""
    told = [f"# The text of a framework\n\n{said}\n", _fields(module.FrameworkText)]
    seen: set[type[BaseModel]] = set()
    for field in module.FrameworkText.model_fields.values():
        for model in _models(field.annotation):
            told += _model(model, seen)
    return "\n".join(told)


def _model(model: type[BaseModel], seen: set[type[BaseModel]], heading: bool = True) -> Iterator[str]:
    """A model's own words and fields, then those of the models inside it."""
    if model in seen:
        return
    seen.add(model)
    said = inspect.cleandoc(model.__dict__.get("__doc__") or "")
    head = f"### {model.__name__.lower()}\n\n" if heading else ""
    yield head + (f"{' '.join(said.split())}\n\n" if said else "") + _fields(model)
    for field in model.model_fields.values():
        for inner in _models(field.annotation):
            yield from _model(inner, seen)


def _fields(model: type[BaseModel], only: typing.Callable[[str], bool] = lambda _: True) -> str:
    lines = ["| field | takes | required, or default | |", "| --- | --- | --- | --- |"]
    for name, field in model.model_fields.items():
        if only(name):
            shown = field.alias or name
            about = " ".join((field.description or "").split())
            lines.append(f"| `{shown}` | {_takes(field)} | {_needed(field)} | {about} |")
    return "\n".join(lines) + "\n"


def _needed(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.default if field.default is not PydanticUndefined else None
    if value is None or value in ({}, (), ""):
        return "may be left out"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _takes(field: FieldInfo) -> str:
    """The field's type in words, with the limits that stand beside it."""
    told = _limited(_words(field.annotation), field.metadata)
    return told.replace("|", "\\|")


def _limited(told: str, limits: Iterable[Any]) -> str:
    """Words for a type and the limits that pydantic keeps with it."""
    held = {
        name: getattr(limit, name)
        for limit in limits
        for name in LIMITS
        if getattr(limit, name, None) is not None
    }
    pattern = str(held.get("pattern", ""))
    if pattern.startswith("^[a-z][a-z0-9]*"):
        return "a name"
    if told == "text" and "min_length" in held:
        return f"a sentence of {held['min_length']} characters or more"
    if pattern:
        return f"text like `{pattern}`"
    if "ge" in held:
        return f"{told} from {held['ge']}" + (f" to {held['le']}" if "le" in held else "")
    return f"{told}, at least {held['min_length']}" if "min_length" in held else told


def _words(kind: Any) -> str:
    origin, inside = get_origin(kind), get_args(kind)
    if origin is Annotated:
        return _limited(_words(inside[0]), inside[1:])
    if origin is Literal:
        return " or ".join(f"`{value}`" for value in inside)
    if origin in (Union, types.UnionType):
        return " or ".join("`null`" if part is type(None) else _words(part) for part in inside)
    if origin is tuple:
        return f"a list of {_words(inside[0])}"
    if origin is dict:
        return f"a mapping of {_words(inside[0])} to {_words(inside[1])}"
    if inspect.isclass(kind) and issubclass(kind, Enum):
        return " or ".join(f"`{value}`" for value in kind)
    if inspect.isclass(kind) and issubclass(kind, BaseModel):
        return f"[{kind.__name__.lower()}](#{kind.__name__.lower()})"
    return WORDS.get(kind, str(kind))


def _models(kind: Any) -> Iterator[type[BaseModel]]:
    if inspect.isclass(kind) and issubclass(kind, BaseModel):
        yield kind
    for part in get_args(kind):
        yield from _models(part)
