"""Text to expression: a scalar SQL expression, parsed by sqlglot, held to the operators there are.

What the language lacks is refused by name, with what it has; nothing is passed through to an engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import reduce

import sqlglot
from sqlglot import exp

from ..errors import PlanError, Problem
from .expressions import OPERATORS, Call, Col, Expression, Lit, Value, call, years_between
from .schema import Schema, Type

_INFIX: dict[type[exp.Expression], str] = {
    exp.And: "and", exp.Or: "or", exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=",
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.IntDiv: "//", exp.Mod: "%",
    exp.DPipe: "||",
}  # fmt: skip

_FUNCTIONS: dict[type[exp.Expression], str] = {
    exp.Abs: "abs", exp.Floor: "floor", exp.Lower: "lower", exp.Upper: "upper", exp.Trim: "trim",
    exp.Length: "length", exp.StartsWith: "starts_with", exp.Contains: "contains", exp.Year: "year",
    exp.Month: "month", exp.Day: "day", exp.Hour: "hour", exp.Not: "not",
}  # fmt: skip


def parse_expression(
    text: str, schema: Schema, parameters: Mapping[str, Value] | None = None, where: str = ""
) -> Expression:
    """The expression that `text` says over the columns of `schema`; `:name` stands for a parameter.

    Raises PlanError: SYNTAX, COLUMN, PARAMETER, OPERATOR or TYPE, at `where`.
    """
    try:
        tree = sqlglot.parse_one(text, read="duckdb")
    except sqlglot.errors.SqlglotError:
        raise PlanError(
            Problem("SYNTAX", f"cannot be read as an expression: {text[:120]}", where=where)
        ) from None
    try:
        return _Parser(schema, parameters or {}).convert(tree)
    except PlanError as fault:
        placed = [Problem(p.code, p.what, p.why, p.fix, p.where or where) for p in fault.problems]
        raise PlanError(placed) from None


class _Parser:
    def __init__(self, schema: Schema, parameters: Mapping[str, Value]) -> None:
        self.schema, self.parameters = schema, parameters

    def convert(self, node: exp.Expression) -> Expression:
        if type(node) in _INFIX:
            return call(_INFIX[type(node)], self.convert(node.this), self.convert(node.expression))
        if type(node) in _FUNCTIONS:
            return call(_FUNCTIONS[type(node)], *(self.convert(arg) for arg in _arguments(node)))
        method = getattr(self, f"_{type(node).__name__.lower()}", None)
        if method is None:
            raise _unknown(type(node).__name__.lower())
        result: Expression = method(node)
        return result

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
        return literal(int(text) if text.isdigit() else float(text))

    def _cast(self, node: exp.Cast) -> Expression:
        wanted = node.to.this
        if wanted == exp.DataType.Type.DATE and isinstance(node.this, exp.Literal):
            try:
                return Lit(date.fromisoformat(node.this.name), Type.DATE)
            except ValueError:
                raise PlanError(
                    Problem("DATE", f"{node.this.sql()} is not a date", fix="write YYYY-MM-DD")
                ) from None
        if wanted == exp.DataType.Type.DATE:
            return call("day_of", self.convert(node.this))
        if wanted == exp.DataType.Type.DOUBLE:
            return call("number", self.convert(node.this))
        raise _unknown(f"cast to {node.to.sql().lower()}")

    def _gt(self, node: exp.GT) -> Expression:
        return call("<", self.convert(node.expression), self.convert(node.this))

    def _gte(self, node: exp.GTE) -> Expression:
        return call("<=", self.convert(node.expression), self.convert(node.this))

    def _neg(self, node: exp.Neg) -> Expression:
        inner = self.convert(node.this)
        if isinstance(inner, Lit) and isinstance(inner.value, int | float):
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
        options = [self.convert(option) for option in node.expressions]
        if not options or not all(isinstance(option, Lit) for option in options):
            raise PlanError(Problem("TYPE", "`in` takes a list of constants", fix="in ('a', 'b')"))
        return call("in", self.convert(node.this), *options)

    def _coalesce(self, node: exp.Coalesce) -> Expression:
        return call("coalesce", self.convert(node.this), *(self.convert(e) for e in node.expressions))

    def _case(self, node: exp.Case) -> Expression:
        if node.this is not None:
            raise _unknown("case with a subject (write `case when x = 1 then ...`)")
        args: list[Expression] = []
        for branch in node.args["ifs"]:
            args += [self.convert(branch.this), self.convert(branch.args["true"])]
        if node.args.get("default") is not None:
            args.append(self.convert(node.args["default"]))
        return call("case", *args)

    def _left(self, node: exp.Left) -> Expression:
        return call("left", self.convert(node.this), self.convert(node.expression))

    def _concat(self, node: exp.Concat) -> Expression:
        return reduce(lambda a, b: call("||", a, b), [self.convert(e) for e in node.expressions])

    def _anonymous(self, node: exp.Anonymous) -> Expression:
        name, args = node.name.lower(), [self.convert(e) for e in node.expressions]
        if name == "years_between" and len(args) == 2:
            return years_between(*args)
        if name in OPERATORS:
            return call(name, *args)
        raise _unknown(name)


def literal(value: Value) -> Lit:
    """A constant with the type that its Python value shows."""
    kinds: tuple[tuple[type, Type], ...] = (
        (bool, Type.BOOLEAN), (int, Type.INTEGER), (float, Type.NUMBER), (date, Type.DATE), (str, Type.TEXT),
    )  # fmt: skip
    return Lit(value, next(kind for python, kind in kinds if isinstance(value, python)))


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


__all__ = ["Call", "conjunction", "literal", "parse_expression"]
