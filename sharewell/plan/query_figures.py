"""Names, conditions and aggregates of a SELECT: the parts that an inner and the outermost one share."""

from __future__ import annotations

import re

from sqlglot import exp

from ..errors import PlanError, Problem
from .expressions import Col, Expression, call
from .query_scope import Scope, column
from .schema import Kind
from .steps import Aggregate

_NAME = re.compile("[A-Za-z_][A-Za-z0-9_]{0,39}")
_AGGREGATES: dict[type[exp.Expression], str] = {
    exp.Sum: "sum", exp.Avg: "mean", exp.Min: "least", exp.Max: "most",
}  # fmt: skip
AGGREGATE = (exp.Count, *_AGGREGATES)


class Lifted:
    """Takes aggregates and grouping expressions out of trees, leaving columns of the grouped table."""

    def __init__(self, scope: Scope, groups: list[tuple[str, exp.Expression]]) -> None:
        self.scope, self.groups = scope, groups
        self.figures: list[Aggregate] = []

    def lift(self, node: exp.Expression) -> exp.Expression:
        """A resolved tree over the grouped table."""

        def replace(part: exp.Expression) -> exp.Expression:
            for name, group in self.groups:
                if part == group:
                    return column(name)
            if isinstance(part, exp.Filter | exp.Count | exp.Sum | exp.Avg | exp.Min | exp.Max):
                made = aggregate(part, self.scope, f"figure {len(self.figures)}")
                self.figures.append(made)
                return column(made.name)
            return part

        return node.copy().transform(replace)


def aggregate(node: exp.Expression, scope: Scope, name: str) -> Aggregate:
    """An aggregate over resolved columns. PlanError KEY, FUNCTION or TYPE."""
    where = None
    if isinstance(node, exp.Filter):
        where = scope.convert(node.expression.this)
        check_yes_no(where)
        node = node.this
    if isinstance(node, exp.Count):
        return _count(node, scope, name, where)
    if type(node) not in _AGGREGATES:
        raise PlanError(Problem("FUNCTION", "FILTER stands after no aggregate", where="question"))
    of = scope.convert(node.this)
    if isinstance(of, Col) and scope.schema[of.name].kind is Kind.KEY:
        raise PlanError(
            Problem(
                "KEY", f"a figure of {of.name}", "it is a key", f"count(distinct {of.name})", "question"
            )
        )
    made = Aggregate(name, _AGGREGATES[type(node)], of, where)
    _ = made.type
    return made


def _count(node: exp.Count, scope: Scope, name: str, where: Expression | None) -> Aggregate:
    what = node.this
    if isinstance(what, exp.Star):
        return Aggregate(name, "rows", None, where)
    if isinstance(what, exp.Distinct):
        if len(what.expressions) != 1 or what.args.get("on"):
            raise PlanError(
                Problem("FUNCTION", "count(distinct) of several", fix="count one", where="question")
            )
        return Aggregate(name, "distinct", scope.convert(what.expressions[0]), where)
    known = call("not", call("is_null", scope.convert(what)))
    return Aggregate(name, "rows", None, known if where is None else call("and", where, known))


def condition(scope: Scope, node: exp.Expression | None) -> Expression | None:
    """A WHERE. PlanError TYPE where it is no yes/no."""
    if node is None:
        return None
    made = scope.convert(scope.resolved(node.this))
    check_yes_no(made)
    return made


def check_yes_no(expression: Expression) -> None:
    """Raise PlanError TYPE where a condition is no yes/no."""
    if expression.type != "boolean":
        what = f"a condition is {expression.type}, not a yes/no"
        raise PlanError(Problem("TYPE", what, fix="compare it with something", where="question"))


def tree_has_aggregate(node: exp.Expression) -> bool:
    """Whether a tree holds an aggregate."""
    return any(True for _ in node.find_all(*AGGREGATE))


def named(name: str, where: str) -> str:
    """A name that the asker gave. PlanError NAME: letters, digits and `_`, at most 40."""
    if not _NAME.fullmatch(name):
        what, fix = "a name is not of a-z, 0-9 and _, or over 40 long", "call it by a plain word"
        raise PlanError(Problem("NAME", what, "it stands over the columns of an answer", fix, where))
    return name


def least_unit(units: set[str]) -> str:
    """The unit that is counted where several could be: a person, or else the first by name."""
    return "person" if "person" in units else min(units)
