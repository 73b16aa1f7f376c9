"""Paths of the schema: `agree.parties.*.name`, where `*` stands for each entry of a mapping or a list."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from ..text import Place

EACH = "*"


def leaves(model: type[BaseModel], before: str = "") -> Iterator[str]:
    """The path of each value that a model can hold, entries of mappings and lists as `*`."""
    for name, field in model.model_fields.items():
        path = f"{before}.{field.alias or name}".lstrip(".")
        yield from dict.fromkeys(_leaves(field.annotation, path))


def _leaves(annotation: Any, path: str) -> Iterator[str]:
    """A list of plain values is one leaf: it is said as a whole."""
    for branch in branches(annotation):
        if isinstance(branch, type) and issubclass(branch, BaseModel):
            yield from leaves(branch, path)
        elif get_origin(branch) in (tuple, dict):
            inner = _entry(branch)
            models = [b for b in branches(inner) if isinstance(b, type) and issubclass(b, BaseModel)]
            yield from _leaves(inner, f"{path}.{EACH}") if models else (path,)
        elif branch is not type(None):
            yield path


def branches(annotation: Any) -> tuple[Any, ...]:
    """The alternatives of a union, through `Annotated`."""
    if hasattr(annotation, "__metadata__"):
        return branches(annotation.__origin__)
    if get_origin(annotation) in (Union, types.UnionType):
        return tuple(leaf for branch in get_args(annotation) for leaf in branches(branch))
    return (annotation,)


def _entry(annotation: Any) -> Any:
    held = [argument for argument in get_args(annotation) if argument is not Ellipsis]
    return held[-1]


def position(path: str, order: Sequence[str]) -> int:
    """Where a path stands among the leaves of the schema: that of the first leaf that it covers."""
    return next((number for number, leaf in enumerate(order) if covers(path, leaf)), len(order))


def covers(path: str, leaf: str) -> bool:
    """Whether showing what stands at `path` shows `leaf` with it."""
    return leaf == path or leaf.startswith(path + ".") or path.startswith(leaf + ".")


def chosen_words(model: type[BaseModel]) -> frozenset[str]:
    """Words that the schema itself offers to choose from (roles, forms): they say nothing of anybody."""
    found: set[str] = set()
    seen: set[type] = set()

    def read(annotation: Any) -> None:
        for branch in branches(annotation):
            if get_origin(branch) is Literal:
                found.update(word for word in get_args(branch) if isinstance(word, str))
            elif isinstance(branch, type) and issubclass(branch, Enum):
                found.update(str(word.value) for word in branch)
            elif isinstance(branch, type) and issubclass(branch, BaseModel) and branch not in seen:
                seen.add(branch)
                for field in branch.model_fields.values():
                    read(field.annotation)
            elif get_origin(branch) in (tuple, dict):
                read(_entry(branch))

    read(model)
    return frozenset(found)


def named_keys(model: type[BaseModel]) -> frozenset[str]:
    """Paths of the mappings whose keys the authors choose: parties, products, sources."""
    found: set[str] = set()

    def read(annotation: Any, path: str) -> None:
        for branch in branches(annotation):
            if isinstance(branch, type) and issubclass(branch, BaseModel):
                for name, field in branch.model_fields.items():
                    read(field.annotation, f"{path}.{field.alias or name}".lstrip("."))
            elif get_origin(branch) in (tuple, dict):
                if get_origin(branch) is dict:
                    found.add(path)
                read(_entry(branch), f"{path}.{EACH}")

    read(model, "")
    return frozenset(found)


def expand(pattern: str, values: Any) -> list[Place]:
    """The places that a pattern stands for in an agreement's values."""
    found: list[Place] = [()]
    for step in pattern.split("."):
        if step == EACH:
            found = [(*place, key) for place in found for key in entries(at(values, place))]
        else:
            found = [(*place, step) for place in found if isinstance(at(values, place), Mapping)]
    return found


def entries(held: Any) -> list[str | int]:
    """The keys of a mapping or the positions of a list."""
    if isinstance(held, Mapping):
        return [str(key) for key in held]
    if isinstance(held, Sequence) and not isinstance(held, str):
        return list(range(len(held)))
    return []


def at(values: Any, place: Place) -> Any:
    """What stands at a place; None where nothing does."""
    for key in place:
        if isinstance(values, Mapping):
            values = values.get(key)
        elif isinstance(values, Sequence) and not isinstance(values, str) and isinstance(key, int):
            values = values[key] if key < len(values) else None
        else:
            return None
    return values


def pattern_of(place: Place, keys: frozenset[str]) -> str:
    """The schema path of a place: positions and chosen keys as `*`."""
    path = ""
    for key in place:
        chosen = isinstance(key, int) or path in keys
        path = f"{path}.{EACH if chosen else key}".lstrip(".")
    return path
