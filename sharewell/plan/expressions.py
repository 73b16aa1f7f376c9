"""The expression language: one typed, total subset of SQL with the same meaning on every engine.

*Total* means that every expression has a value for every row: what has no answer is null, never an error
and never infinity. The rules, each held by the tables of `tests/spec`, on every engine:

- null in, null out, except `is null`, `coalesce`, `case`, and the three-valued `and`, `or`;
- integers lie strictly within +-2**53 (those that a double holds and tells apart) and a result outside is
  null, at each operator; `//` and `%` floor (so `-3 // 2 = -2` and `-3 % 2 = 1`) and are null for a divisor
  of 0; `/` always gives a number, null for a divisor of 0;
- numbers are finite doubles (IEEE 754, round to nearest even); a result that is not finite is null, and
  -0.0 is 0.0; an integer beside a number becomes that number, which loses nothing;
- text is any Unicode but U+0000, compared, counted and cut by code point, never normalised or collated;
  `lower` and `upper` change only A-Z; `trim` removes only U+0020;
- dates are proleptic Gregorian, years 1 to 9999; moments are local, without zone, to the microsecond.

An expression is a tree of three nodes: `Col`, `Lit`, `Call`. `Call` names an operator of `OPERATORS`, which
gives its type rule; each engine holds one function an operator.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from ..errors import PlanError, Problem
from .schema import Type

Value = str | int | float | bool | date | datetime

LARGEST_INTEGER = 2**53 - 1
"""Integers lie within plus or minus this; beyond it a double no longer tells them apart."""

KEYWORDS = frozenset(
    """
    all alter analyze and any as at attach begin between by cache call case collate comment commit
    connect_by_root copy create cross current_catalog current_date current_time current_timestamp
    current_user date delete desc describe detach distinct drop else end except execute exists
    explain false fetch for force from glob grant group having if ilike in inner insert install
    intersect interval into is join kill lateral like limit load localtime localtimestamp map merge
    not notnull null offset on only optimize or order outer partitioned_by pivot pivot_wider
    positional pragma prepare qualify regexp rename reset returning revoke rlike rollback select
    session_user set show similar some summarize tablesample then time timestamp true truncate
    uncache union unpivot update use using vacuum values when where with xor
    """.split()  # noqa: SIM905 - a list of a hundred quoted words is harder to read
)
"""Words that SQL would not read as a column, so a column of that name is quoted."""

_PLAIN_NAME = re.compile("[A-Za-z_][A-Za-z0-9_]*")


class Expression:
    """A typed tree over the columns of one table."""

    type: Type

    def columns(self) -> frozenset[str]:
        """The names of the columns it reads."""
        return frozenset(node.name for node in self.walk() if isinstance(node, Col))

    def walk(self) -> Iterator[Expression]:
        yield self
        for part in getattr(self, "args", ()):
            yield from part.walk()


@dataclass(frozen=True)
class Col(Expression):
    """A column's value."""

    name: str
    type: Type

    def __str__(self) -> str:
        """As it is written in SQL: quoted, unless it can be taken for nothing but a name."""
        if _PLAIN_NAME.fullmatch(self.name) and self.name.lower() not in KEYWORDS:
            return self.name
        return '"' + self.name.replace('"', '""') + '"'


@dataclass(frozen=True)
class Lit(Expression):
    """A constant, never null; -0.0 is 0.0, as everywhere in the language."""

    value: Value
    type: Type

    def __post_init__(self) -> None:
        if self.type is Type.NUMBER and isinstance(self.value, float):
            object.__setattr__(self, "value", self.value + 0.0)

    def __str__(self) -> str:
        if self.type is Type.TEXT:
            return "'" + str(self.value).replace("'", "''") + "'"
        if self.type in (Type.DATE, Type.MOMENT):
            return f"{'date' if self.type is Type.DATE else 'timestamp'} '{self.value}'"
        return str(self.value).lower()


@dataclass(frozen=True)
class Call(Expression):
    """An operator on arguments. Build it with `call`, which checks the types."""

    op: str
    args: tuple[Expression, ...]
    type: Type

    def __str__(self) -> str:
        return OPERATORS[self.op].show(tuple(str(arg) for arg in self.args))


TypeRule = Callable[[tuple[Type, ...]], Type | None]


@dataclass(frozen=True)
class Operator:
    """A name, a rule from argument types to the result's (None: does not fit), and how it is written."""

    name: str
    rule: TypeRule
    doc: str
    infix: bool = False

    def show(self, args: tuple[str, ...]) -> str:
        """The text that `plan.sql` reads as this operator on these arguments."""
        if self.infix:
            return "(" + f" {self.name} ".join(args) + ")"
        return _WRITTEN[self.name](args) if self.name in _WRITTEN else f"{self.name}({', '.join(args)})"


def _written_case(args: tuple[str, ...]) -> str:
    branches = [f"when {args[i]} then {args[i + 1]}" for i in range(0, len(args) - 1, 2)]
    otherwise = [f"else {args[-1]}"] if len(args) % 2 else []
    return " ".join(["case", *branches, *otherwise, "end"])


_WRITTEN: dict[str, Callable[[tuple[str, ...]], str]] = {
    "not": lambda args: f"(not {args[0]})",
    "is_null": lambda args: f"({args[0]} is null)",
    "in": lambda args: f"({args[0]} in ({', '.join(args[1:])}))",
    "case": _written_case,
}


def call(op: str, *args: Expression) -> Call:
    """The operator applied; PlanError TYPE where its rule does not take these arguments."""
    kinds = tuple(arg.type for arg in args)
    result = OPERATORS[op].rule(kinds)
    if result is None:
        raise PlanError(
            Problem(
                "TYPE",
                f"{OPERATORS[op].show(tuple(str(a) for a in args))} cannot be computed: {op} does not take "
                f"({', '.join(kinds)})",
                fix=OPERATORS[op].doc,
            )
        )
    return Call(op, args, result)


_NUMERIC = frozenset({Type.INTEGER, Type.NUMBER})


def _same(types: tuple[Type, ...]) -> Type | None:
    """The one type they share, an integer beside a number counting as a number."""
    kinds = set(types)
    if len(kinds) == 1:
        return types[0]
    return Type.NUMBER if kinds == _NUMERIC else None


def _arithmetic(types: tuple[Type, ...]) -> Type | None:
    return _same(types) if len(types) == 2 and set(types) <= _NUMERIC else None


def _comparison(types: tuple[Type, ...]) -> Type | None:
    return Type.BOOLEAN if len(types) == 2 and _same(types) else None


def _order(types: tuple[Type, ...]) -> Type | None:
    return None if Type.BOOLEAN in types else _comparison(types)


def _case(types: tuple[Type, ...]) -> Type | None:
    """condition, value, ... and perhaps a last value for otherwise."""
    conditions = [t for i, t in enumerate(types[: len(types) // 2 * 2]) if i % 2 == 0]
    values = [t for i, t in enumerate(types) if i % 2 == 1 or (i == len(types) - 1 and len(types) % 2)]
    return _same(tuple(values)) if len(types) >= 2 and set(conditions) == {Type.BOOLEAN} else None


def _in(types: tuple[Type, ...]) -> Type | None:
    return Type.BOOLEAN if len(types) >= 2 and _same(types) else None


def _takes(*wanted: Type, gives: Type) -> TypeRule:
    return lambda types: gives if types == wanted else None


def _all(of: Type, gives: Type) -> TypeRule:
    return lambda types: gives if types and set(types) == {of} else None


def _numeric_one(types: tuple[Type, ...]) -> Type | None:
    return types[0] if len(types) == 1 and types[0] in _NUMERIC else None


def _part(types: tuple[Type, ...]) -> Type | None:
    return Type.INTEGER if types in ((Type.DATE,), (Type.MOMENT,)) else None


_B, _I, _N, _T, _D, _M = Type.BOOLEAN, Type.INTEGER, Type.NUMBER, Type.TEXT, Type.DATE, Type.MOMENT

OPERATORS: dict[str, Operator] = {
    op.name: op
    for op in (
        Operator("and", _all(_B, _B), "true if all are; false if any is; else null", infix=True),
        Operator("or", _all(_B, _B), "true if any is; false if all are; else null", infix=True),
        Operator("not", _takes(_B, gives=_B), "null stays null"),
        Operator("=", _comparison, "two values of one type", infix=True),
        Operator("<>", _comparison, "two values of one type", infix=True),
        Operator("<", _order, "two ordered values of one type (not yes/no)", infix=True),
        Operator("<=", _order, "two ordered values of one type (not yes/no)", infix=True),
        Operator("is_null", lambda types: _B if len(types) == 1 else None, "never null itself"),
        Operator("in", _in, "a value, then constants of its type"),
        Operator("coalesce", lambda types: _same(types) if types else None, "the first that is not null"),
        Operator("case", _case, "condition, value, ...; null where nothing applies"),
        Operator("+", _arithmetic, "two numbers", infix=True),
        Operator("-", _arithmetic, "two numbers", infix=True),
        Operator("*", _arithmetic, "two numbers", infix=True),
        Operator("/", lambda t: _N if _arithmetic(t) else None, "two numbers; gives a number", infix=True),
        Operator("//", _takes(_I, _I, gives=_I), "two integers, floored", infix=True),
        Operator("%", _takes(_I, _I, gives=_I), "two integers; the sign is the divisor's", infix=True),
        Operator("abs", _numeric_one, "one number"),
        Operator("floor", lambda t: _I if _numeric_one(t) else None, "one number; gives an integer"),
        Operator("number", _takes(_I, gives=_N), "an integer as a number"),
        Operator("lower", _takes(_T, gives=_T), "text; A-Z only"),
        Operator("upper", _takes(_T, gives=_T), "text; a-z only"),
        Operator("trim", _takes(_T, gives=_T), "text; spaces at either end"),
        Operator("length", _takes(_T, gives=_I), "code points"),
        Operator("left", _takes(_T, _I, gives=_T), "text and how many code points (0 or fewer: empty)"),
        Operator("starts_with", _takes(_T, _T, gives=_B), "text and a beginning"),
        Operator("contains", _takes(_T, _T, gives=_B), "text and a part"),
        Operator("||", _all(_T, _T), "texts joined", infix=True),
        Operator("year", _part, "a date or moment"),
        Operator("month", _part, "a date or moment; 1-12"),
        Operator("day", _part, "a date or moment; 1-31"),
        Operator("hour", _takes(_M, gives=_I), "a moment; 0-23"),
        Operator("weekday", _part, "a date or moment; Monday 1 to Sunday 7"),
        Operator("day_of", _takes(_M, gives=_D), "the date of a moment"),
        Operator("days_between", _takes(_D, _D, gives=_I), "two dates; the second less the first"),
    )
}


def years_between(start: Expression, end: Expression) -> Expression:
    """Completed years from `start` to `end` (age): in common years 29 February's birthday is 1 March."""

    def month_day(moment: Expression) -> Expression:
        hundred = Lit(100, Type.INTEGER)
        return call("+", call("*", call("month", moment), hundred), call("day", moment))

    early = call("<", month_day(end), month_day(start))
    short = call("case", early, Lit(1, Type.INTEGER), Lit(0, Type.INTEGER))
    return call("-", call("-", call("year", end), call("year", start)), short)
