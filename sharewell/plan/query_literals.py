"""Constants as analysts write them: '1940-01-01' beside a date, 'yes' beside a yes/no, '3' beside a number.

The expression language has one way to write each type, so that what parties sign has one reading. A
question is signed by nobody: here a quoted constant is read as the type of what it stands beside, if it can
be nothing else. What could be read in two ways is refused, with what to write. No message repeats it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from sqlglot import exp

from ..errors import PlanError, Problem
from .expressions import Value
from .query_text import place
from .schema import Schema, Type
from .sql import convert_tree

_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between, exp.In, exp.Case)
_OF_DATES = frozenset({"years_between", "days_between"})
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(_DATE.pattern + r"([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?)?")
_NUMBER = re.compile(r"-?[0-9]{1,16}(\.[0-9]{1,16})?")
_YES, _NO = frozenset({"yes", "true", "y", "t", "1"}), frozenset({"no", "false", "n", "f", "0"})
_NUMBERS = frozenset({Type.INTEGER, Type.NUMBER})


def plain_literals(tree: exp.Expression, schema: Schema, parameters: Mapping[str, Value]) -> exp.Expression:
    """A copy of a tree whose constants are of the type of what they are compared with.

    PlanError DATE or TYPE where one cannot be, or where two columns of different types are compared.
    """
    held = exp.Paren(this=tree.copy())
    for node in reversed(list(held.find_all(*_COMPARISONS, exp.Anonymous, exp.Is))):
        if isinstance(node, exp.Is):
            _plain_is(node)
        elif isinstance(node, exp.Case):
            _compare_subject(node, schema, parameters)
        elif isinstance(node, exp.Anonymous):
            if node.name.lower() in _OF_DATES:
                _typed(node.expressions, Type.DATE, "it")
        else:
            _compared(node, schema, parameters)
    made: exp.Expression = held.this
    return made


def _plain_is(node: exp.Is) -> None:
    """IS TRUE and IS FALSE, which are never null."""
    if isinstance(node.expression, exp.Boolean):
        told = node.this if node.expression.this else exp.Not(this=exp.Paren(this=node.this))
        node.replace(exp.Coalesce(this=told, expressions=[exp.false()]))


def _compare_subject(node: exp.Case, schema: Schema, parameters: Mapping[str, Value]) -> None:
    """CASE x WHEN 1 is CASE WHEN x = 1."""
    subject = node.this
    if subject is None:
        return
    for branch in node.args["ifs"]:
        equal = exp.EQ(this=exp.Paren(this=subject.copy()), expression=branch.this)
        branch.set("this", equal)
        _compared(equal, schema, parameters)
    node.set("this", None)


def _compared(node: exp.Expression, schema: Schema, parameters: Mapping[str, Value]) -> None:
    operands = list(_operands(node))
    types = {part: _type(part, schema, parameters) for part in operands if not _is_constant(part)}
    known = {part: found for part, found in types.items() if found is not None}
    if not known:
        return
    first, wanted = next(iter(known.items()))
    name = _name(first)
    for part, found in known.items():
        if found is not wanted and not {found, wanted} <= _NUMBERS:
            what = f"{name} is {_A[wanted]} and {_name(part)} is {_A[found]}"
            fix = "compare values of one type"
            raise PlanError(Problem("TYPE", what, "they could never be equal", fix, place(node)))
    _typed([part for part in operands if _is_constant(part)], wanted, name)


def _operands(node: exp.Expression) -> Iterator[exp.Expression]:
    """What a comparison sets side by side."""
    if isinstance(node, exp.Between):
        yield from (node.this, node.args["low"], node.args["high"])
    elif isinstance(node, exp.In):
        yield from (node.this, *node.expressions)
    else:
        yield from (node.this, node.expression)


def _is_constant(node: exp.Expression) -> bool:
    plain = node.unnest()
    if isinstance(plain, exp.Neg | exp.Cast):
        plain = plain.this
    return isinstance(plain, exp.Literal | exp.Boolean | exp.Null)


def _type(node: exp.Expression, schema: Schema, parameters: Mapping[str, Value]) -> Type | None:
    """The type of an operand; None where it cannot be read, which is told where it is converted."""
    try:
        return convert_tree(node, schema, parameters).type
    except PlanError:
        return None


def _typed(constants: list[exp.Expression], wanted: Type, beside: str) -> None:
    for constant in constants:
        plain = constant.unnest()
        if isinstance(plain, exp.Literal):
            constant.replace(_read(plain, wanted, beside))
        elif wanted is Type.MOMENT and isinstance(plain, exp.Cast) and plain.to.this == _DAY:
            midnight = exp.Literal.string(f"{plain.this.name} 00:00")
            constant.replace(exp.cast(midnight, exp.DataType.Type.TIMESTAMP))


_DAY = exp.DataType.Type.DATE


def _read(literal: exp.Literal, wanted: Type, beside: str) -> exp.Expression:
    """A number or text as the wanted type. PlanError DATE or TYPE where it is not one."""
    if literal.is_string is (wanted is Type.TEXT) and wanted not in (Type.DATE, Type.MOMENT, Type.BOOLEAN):
        return literal
    made = _READ[wanted](str(literal.this), literal.is_string)
    if made is None:
        code, fix = ("DATE" if wanted in (Type.DATE, Type.MOMENT) else "TYPE"), _WRITE[wanted]
        what = f"{beside} is {_A[wanted]}, and what it is compared with is not"
        raise PlanError(Problem(code, what, "a question has one reading", fix, place(literal)))
    made.meta.update(literal.meta)
    return made


def _date(text: str, quoted: bool) -> exp.Expression | None:
    return exp.cast(exp.Literal.string(text), _DAY) if quoted and _is_date(text, _DATE) else None


def _moment(text: str, quoted: bool) -> exp.Expression | None:
    if not quoted or not _is_date(text, _MOMENT):
        return None
    told = text if len(text) > len("YYYY-MM-DD") else f"{text} 00:00"
    return exp.cast(exp.Literal.string(told), exp.DataType.Type.TIMESTAMP)


def _is_date(text: str, pattern: re.Pattern[str]) -> bool:
    try:
        return bool(pattern.fullmatch(text) and datetime.fromisoformat(text))
    except ValueError:
        return False


def _yes_no(text: str, _quoted: bool) -> exp.Expression | None:
    told = text.casefold()
    return exp.true() if told in _YES else exp.false() if told in _NO else None


def _number(text: str, quoted: bool) -> exp.Expression | None:
    if not quoted:
        return exp.Literal.number(text)
    if not _NUMBER.fullmatch(text):
        return None
    made = exp.Literal.number(text.removeprefix("-"))
    return exp.Neg(this=made) if text.startswith("-") else made


_READ: dict[Type, Callable[[str, bool], exp.Expression | None]] = {
    Type.DATE: _date, Type.MOMENT: _moment, Type.BOOLEAN: _yes_no, Type.INTEGER: _number,
    Type.NUMBER: _number, Type.TEXT: lambda _text, _quoted: None,
}  # fmt: skip
_WRITE = {
    Type.DATE: "write '1940-12-31': year, month and day",
    Type.MOMENT: "write '2023-04-01 09:30': year, month, day, hour and minute",
    Type.BOOLEAN: "write the column alone, or NOT before it; or compare it with true or false",
    Type.INTEGER: "write a number, without quotes",
    Type.NUMBER: "write a number, without quotes",
    Type.TEXT: "put it in quotes, as in area = '3'",
}
_A = {
    Type.TEXT: "text", Type.INTEGER: "a number", Type.NUMBER: "a number", Type.BOOLEAN: "a yes/no",
    Type.DATE: "a date", Type.MOMENT: "a moment",
}  # fmt: skip


def _name(node: exp.Expression) -> str:
    """A column by its name; anything else is only told of."""
    plain = node.unnest()
    return plain.name.rsplit(".", 1)[-1] if isinstance(plain, exp.Column) else "one side"
