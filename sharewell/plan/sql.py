"""Text to expression: a scalar SQL expression, parsed by sqlglot, held to the operators there are.

What the language lacks is refused by name, with what it has; nothing is passed through to an engine.
Nothing that was written is passed over either: an option that sqlglot reads and we do not know (the
`leading` of a trim, the digits of a floor) is refused, and so is a comment, because what people sign must
read as it compiles.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from functools import reduce

import sqlglot
from sqlglot import exp

from ..errors import PlanError, Problem
from .expressions import LARGEST_INTEGER, OPERATORS, Call, Col, Expression, Lit, Value, call, years_between
from .schema import Schema, Type

_INFIX: dict[type[exp.Expression], str] = {
    exp.And: "and", exp.Or: "or", exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=",
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.IntDiv: "//", exp.Mod: "%",
    exp.DPipe: "||",
}  # fmt: skip

_FUNCTIONS: dict[type[exp.Expression], str] = {
    exp.Abs: "abs", exp.Floor: "floor", exp.Lower: "lower", exp.Upper: "upper", exp.Trim: "trim",
    exp.Length: "length", exp.StartsWith: "starts_with", exp.Contains: "contains", exp.Year: "year",
    exp.Month: "month", exp.Day: "day", exp.Hour: "hour", exp.Not: "not", exp.Left: "left",
}  # fmt: skip


_OPERATOR = _INFIX | _FUNCTIONS

LONGEST = 10_000
"""The most characters of one expression."""

DEEPEST = 100
"""How deep operators may be nested; a chain such as `a + b + c` nests one deeper at each."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(_DATE.pattern + r"[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?")


def parse_expression(
    text: str, schema: Schema, parameters: Mapping[str, Value] | None = None, where: str = ""
) -> Expression:
    """The expression that `text` says over the columns of `schema`; `:name` stands for a parameter.

    Raises PlanError: SYNTAX, COLUMN, PARAMETER, OPERATOR, CONSTANT, DATE or TYPE, at `where`.
    """
    try:
        tree = _tree(text)
    except PlanError as fault:
        placed = [Problem(p.code, p.what, p.why, p.fix, p.where or where) for p in fault.problems]
        raise PlanError(placed) from None
    return convert_tree(tree, schema, parameters, where)


def _tree(text: str) -> exp.Expression:
    """sqlglot's tree of one expression without comments; PlanError SYNTAX for anything else."""
    shown = f"cannot be read as an expression: {text[:120]}"
    if len(text) > LONGEST:
        raise PlanError(
            Problem("SYNTAX", f"an expression has over {LONGEST:,} characters", fix="derive it in parts")
        )
    try:
        tokens = sqlglot.tokenize(text, read="duckdb")
        tree = sqlglot.parse_one(text, read="duckdb", error_level=sqlglot.ErrorLevel.IMMEDIATE)
    except Exception:  # sqlglot raises also AttributeError, ValueError and RecursionError on odd text
        raise PlanError(Problem("SYNTAX", shown, fix="check its brackets, quotes and operators")) from None
    if any(token.comments for token in tokens) or "\0" in text:
        raise PlanError(
            Problem("SYNTAX", shown, "it holds a comment or a mark that is no text", "remove it")
        )
    if any(token.token_type is sqlglot.TokenType.SEMICOLON for token in tokens):
        raise PlanError(Problem("SYNTAX", shown, "there is a `;`", "write one expression"))
    return tree


def convert_tree(
    tree: exp.Expression, schema: Schema, parameters: Mapping[str, Value] | None = None, where: str = ""
) -> Expression:
    """The expression that sqlglot has read already; as `parse_expression`."""
    try:
        return _Parser(schema, parameters or {}).convert(tree)
    except PlanError as fault:
        placed = [Problem(p.code, p.what, p.why, p.fix, p.where or where) for p in fault.problems]
        raise PlanError(placed) from None


class _Parser:
    def __init__(self, schema: Schema, parameters: Mapping[str, Value]) -> None:
        self.schema, self.parameters = schema, parameters
        self.depth = 0

    def convert(self, node: exp.Expression) -> Expression:
        """The node as ours, with all below it."""
        self.depth += 1
        if self.depth > DEEPEST:
            what = f"operators are nested over {DEEPEST} deep"
            raise PlanError(Problem("SYNTAX", what, fix="derive it in parts"))
        try:
            return self._convert(node)
        finally:
            self.depth -= 1

    def _convert(self, node: exp.Expression) -> Expression:
        kind = type(node)
        name = kind.__name__.lower()
        if kind not in _READ:
            raise _unknown(name)
        extra = sorted(part for part, value in node.args.items() if value and part not in _READ[kind])
        if extra:
            raise _unknown(f"{name} with {', '.join(extra)}")
        if kind in _OPERATOR:
            return call(_OPERATOR[kind], *self._all(_arguments(node)))
        result: Expression = getattr(self, f"_{name}")(node)
        return result

    def _all(self, nodes: Iterable[exp.Expression]) -> list[Expression]:
        return [self.convert(node) for node in nodes]

    def _paren(self, node: exp.Paren) -> Expression:
        return self.convert(node.this)

    def _column(self, node: exp.Column) -> Expression:
        if node.table:
            raise PlanError(Problem("COLUMN", f"{node.sql()}: columns are named without a table here"))
        column = self.schema[node.name]
        return Col(column.name, column.type)

    def _placeholder(self, node: exp.Placeholder) -> Expression:
        if node.name not in self.parameters:
            raise PlanError(
                Problem(
                    "PARAMETER",
                    f"there is no parameter :{node.name}",
                    fix="name it under `agree: parameters:`",
                )
            )
        return literal(self.parameters[node.name])

    def _boolean(self, node: exp.Boolean) -> Expression:
        return Lit(bool(node.this), Type.BOOLEAN)

    def _literal(self, node: exp.Literal) -> Expression:
        if node.is_string:
            return literal(str(node.this))
        text = str(node.this)
        return literal(int(text) if text.isdecimal() else float(text))

    def _null(self, _: exp.Null) -> Expression:
        raise PlanError(
            Problem("CONSTANT", "null is not a value", fix="write `is null`, or leave `else` out")
        )

    def _cast(self, node: exp.Cast) -> Expression:
        wanted, inner = node.to.this, node.this
        quoted = isinstance(inner, exp.Literal) and inner.is_string
        if wanted == exp.DataType.Type.DATE:
            return _date(inner.name) if quoted else call("day_of", self.convert(inner))
        if wanted in _MOMENTS and quoted:
            return _moment(inner.name)
        if wanted == exp.DataType.Type.DOUBLE:
            return call("number", self.convert(inner))
        raise _unknown(f"cast to {node.to.sql().lower()}")

    def _gt(self, node: exp.GT) -> Expression:
        return call("<", self.convert(node.expression), self.convert(node.this))

    def _gte(self, node: exp.GTE) -> Expression:
        return call("<=", self.convert(node.expression), self.convert(node.this))

    def _neg(self, node: exp.Neg) -> Expression:
        inner = self.convert(node.this)
        if isinstance(inner, Lit) and inner.type in (Type.INTEGER, Type.NUMBER):
            assert isinstance(inner.value, int | float)
            return literal(-inner.value)
        return call("-", literal(0), inner)

    def _is(self, node: exp.Is) -> Expression:
        if not isinstance(node.expression, exp.Null):
            raise _unknown("is (other than `is null`)")
        return call("is_null", self.convert(node.this))

    def _between(self, node: exp.Between) -> Expression:
        value = self.convert(node.this)
        low, high = self.convert(node.args["low"]), self.convert(node.args["high"])
        return call("and", call("<=", low, value), call("<=", value, high))

    def _in(self, node: exp.In) -> Expression:
        options = self._all(node.expressions)
        if not options or not all(isinstance(option, Lit) for option in options):
            raise PlanError(Problem("TYPE", "`in` takes a list of constants", fix="in ('a', 'b')"))
        return call("in", self.convert(node.this), *options)

    def _coalesce(self, node: exp.Coalesce) -> Expression:
        return call("coalesce", *self._all([node.this, *node.expressions]))

    def _case(self, node: exp.Case) -> Expression:
        if node.this is not None:
            raise _unknown("case with a subject (write `case when x = 1 then ...`)")
        args: list[Expression] = []
        for branch in node.args["ifs"]:
            args += [self.convert(branch.this), self.convert(branch.args["true"])]
        otherwise = node.args.get("default")
        if otherwise is not None and not isinstance(otherwise, exp.Null):
            args.append(self.convert(otherwise))
        return call("case", *args)

    def _anonymous(self, node: exp.Anonymous) -> Expression:
        name, args = node.name.lower(), self._all(node.expressions)
        if name == "years_between" and len(args) == 2:
            return years_between(*args)
        if name in _CALLED:
            return call(name, *args)
        raise _unknown(name)


_MOMENTS = (exp.DataType.Type.TIMESTAMP, exp.DataType.Type.TIMESTAMPNTZ)

_CALLED = frozenset({"number", "weekday", "day_of", "days_between", "is_null"})
"""Operators written as functions that are not SQL's own."""

_READ: dict[type[exp.Expression], frozenset[str]] = {
    **dict.fromkeys(_INFIX, frozenset({"this", "expression", "safe", "typed"})),
    **dict.fromkeys(_FUNCTIONS, frozenset({"this", "expression"})),
    **dict.fromkeys((exp.Paren, exp.Placeholder, exp.Boolean, exp.Null, exp.Neg), frozenset({"this"})),
    **dict.fromkeys((exp.GT, exp.GTE, exp.Is), frozenset({"this", "expression"})),
    **dict.fromkeys((exp.In, exp.Coalesce, exp.Anonymous), frozenset({"this", "expressions"})),
    exp.Column: frozenset({"this", "table", "db", "catalog"}),
    exp.Literal: frozenset({"this", "is_string"}),
    exp.Cast: frozenset({"this", "to"}),
    exp.Between: frozenset({"this", "low", "high"}),
    exp.Case: frozenset({"this", "ifs", "default"}),
}
"""What sqlglot may have read that we read too; the presence of any other part is refused."""


def literal(value: Value) -> Lit:
    """A constant of the type that its Python value shows; PlanError CONSTANT outside its range."""
    kind = next((kind for python, kind in _KINDS if isinstance(value, python)), None)
    if kind is None or not _within_range(value):
        what = f"a constant is no {kind or type(value).__name__} of the language"
        why = "integers lie within 2**53, numbers are finite, moments have no zone, text has no U+0000"
        raise PlanError(Problem("CONSTANT", what, why))
    return Lit(value, kind)


def _within_range(value: Value) -> bool:
    if isinstance(value, str):
        return "\0" not in value
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, date):
        return getattr(value, "tzinfo", None) is None
    return abs(value) <= LARGEST_INTEGER


_KINDS: tuple[tuple[type, Type], ...] = (
    (bool, Type.BOOLEAN), (int, Type.INTEGER), (float, Type.NUMBER), (datetime, Type.MOMENT),
    (date, Type.DATE), (str, Type.TEXT),
)  # fmt: skip
"""In this order: to Python a bool is an int, and a datetime is a date."""


def _date(text: str) -> Lit:
    try:
        return Lit(date.fromisoformat(text if _DATE.fullmatch(text) else ""), Type.DATE)
    except ValueError:
        raise PlanError(Problem("DATE", f"{text!r} is not a date", fix="write YYYY-MM-DD")) from None


def _moment(text: str) -> Lit:
    try:
        return Lit(datetime.fromisoformat(text if _MOMENT.fullmatch(text) else ""), Type.MOMENT)
    except ValueError:
        fix = "write YYYY-MM-DD HH:MM, or with seconds"
        raise PlanError(Problem("DATE", f"{text!r} is not a moment", fix=fix)) from None


def _arguments(node: exp.Expression) -> list[exp.Expression]:
    second = node.args.get("expression")
    return [node.this] if second is None else [node.this, second]


def _unknown(name: str) -> PlanError:
    return PlanError(
        Problem(
            "OPERATOR",
            f"{name} is not in the expression language",
            "only operators whose meaning is the same on every engine are",
            f"there are: {', '.join(sorted(OPERATORS))}, between, years_between",
        )
    )


def conjunction(parts: list[Expression]) -> Expression:
    """All of them; true where there are none."""
    return reduce(lambda a, b: call("and", a, b), parts) if parts else Lit(True, Type.BOOLEAN)


__all__ = ["Call", "conjunction", "convert_tree", "literal", "parse_expression"]
