"""Strategies for expressions: a tree of a wanted type over the columns there are, from every operator."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from hypothesis import strategies as st

from sharewell.plan.expressions import OPERATORS, Col, Expression, Lit, call
from sharewell.plan.schema import Column, Type

from .values import values

Draw = Callable[[st.SearchStrategy[Any]], Any]

NUMERIC = (Type.INTEGER, Type.NUMBER)
ORDERED = tuple(kind for kind in Type if kind is not Type.BOOLEAN)
SAME = (Type.TEXT, Type.INTEGER, Type.NUMBER, Type.BOOLEAN, Type.DATE, Type.MOMENT)


@st.composite
def expressions(draw: Draw, columns: tuple[Column, ...], kind: Type, depth: int = 3) -> Expression:
    """An expression of type `kind`, at most `depth` operators deep."""
    return _tree(draw, columns, kind, depth)


@st.composite
def rooted(draw: Draw, columns: tuple[Column, ...], op: str, depth: int = 3) -> Expression:
    """An expression with the operator `op` at its root."""
    kind = draw(st.sampled_from([kind for kind in Type if op in _MAKERS[kind]]))
    return _applied(draw, columns, op, kind, depth)


def _tree(draw: Draw, columns: tuple[Column, ...], kind: Type, depth: int) -> Expression:
    if depth <= 0 or draw(st.integers(0, 5)) == 5:
        return _leaf(draw, columns, kind)
    return _applied(draw, columns, draw(st.sampled_from(_MAKERS[kind])), kind, depth)


def _applied(draw: Draw, columns: tuple[Column, ...], op: str, kind: Type, depth: int) -> Expression:
    return call(op, *(_argument(draw, columns, want, depth - 1) for want in _wanted(draw, op, kind)))


def _argument(draw: Draw, columns: tuple[Column, ...], want: Any, depth: int) -> Expression:
    return want if isinstance(want, Lit) else _tree(draw, columns, want, depth)


def _leaf(draw: Draw, columns: tuple[Column, ...], kind: Type) -> Expression:
    fitting = [Col(c.name, c.type) for c in columns if c.type is kind]
    if fitting and draw(st.integers(0, 3)):
        return draw(st.sampled_from(fitting))
    return Lit(draw(values(kind)), kind)


def _wanted(draw: Draw, op: str, kind: Type) -> Iterable[Any]:
    """The types of arguments with which `op` gives `kind`; for `in`, its constants themselves."""
    if op in ("case", "coalesce"):
        parts = [_like(draw, kind) for _ in range(draw(st.integers(1, 3)))]
        parts = parts if kind is not Type.NUMBER else [Type.NUMBER, *parts[1:]]
        if op == "coalesce":
            return parts
        branches = [part for value in parts for part in (Type.BOOLEAN, value)]
        return branches + ([_like(draw, kind)] if draw(st.booleans()) else [])
    if op == "in":
        of = draw(st.sampled_from(SAME))
        return [of, *(Lit(draw(values(of)), of) for _ in range(draw(st.integers(1, 3))))]
    return _fixed(draw, op, kind)


def _like(draw: Draw, kind: Type) -> Type:
    """The type, or an integer where a number is wanted."""
    return Type.INTEGER if kind is Type.NUMBER and draw(st.booleans()) else kind


def _fixed(draw: Draw, op: str, kind: Type) -> tuple[Type, ...]:
    """Argument types of an operator with a fixed number of them, chosen among those that give `kind`."""
    fitting = [types for types in _SIGNATURES[op] if OPERATORS[op].rule(types) is kind]
    return draw(st.sampled_from(fitting))


def _signatures(op: str) -> list[tuple[Type, ...]]:
    rule = OPERATORS[op].rule
    one = [(a,) for a in Type]
    two = [(a, b) for a in Type for b in Type]
    return [types for types in [*one, *two] if rule(types) is not None]


_VARIADIC = ("case", "coalesce", "in")
_SIGNATURES = {op: _signatures(op) for op in OPERATORS if op not in _VARIADIC}
for _op in ("and", "or", "||"):
    _SIGNATURES[_op] = [types for types in _SIGNATURES[_op] if len(types) == 2]


def _gives(op: str, kind: Type) -> bool:
    if op in _VARIADIC:
        return op != "in" or kind is Type.BOOLEAN
    return any(OPERATORS[op].rule(types) is kind for types in _SIGNATURES[op])


_MAKERS = {kind: [op for op in OPERATORS if _gives(op, kind)] for kind in Type}
