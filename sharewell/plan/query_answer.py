"""The outermost SELECT: one table of counts, sums and means over people, by a few plain columns.

Everything else is refused with what could lawfully be asked instead. What is *counted* is decided here too:
the unit whose members stand behind each figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sqlglot import exp

from ..errors import PlanError, Problem
from .expressions import Call, Col, Expression, Lit, Value
from .labels import derived
from .query import Askable, Figure, Question, Select
from .query_figures import aggregate, condition, least_unit, named, tree_has_aggregate
from .query_read import Relation, grouping, joins_of
from .query_read import items as items_of
from .query_scope import Scope
from .query_shown import Output, shown_as
from .query_text import place, read_tree
from .schema import Kind, Schema, Type

MOST_GROUPINGS = 3
"""By how many columns an answer may be grouped; all its totals are judged with it."""

MOST_FIGURES = 10
"""How many figures one answer may have."""

NARROWEST_BAND = 5
"""The least width of bands of a number that can identify, as in age // 5."""

_BOUNDED = frozenset({"year", "month", "weekday", "hour", "case", "length"})
"""Operators that give few integers of a quasi-identifier."""


def read_question(
    text: str, tables: Mapping[str, Askable], parameters: Mapping[str, Value] | None = None
) -> Question:
    """The question that a SELECT asks of an agreement's tables. Pure: touches no data.

    Raises PlanError. NOT_SQL, STATEMENT, CLAUSE: it is not one plain SELECT. TABLE, FUNCTION, OPERATOR: of
    something that is not there. IDENTIFIER, KEY, FIELD: a column that a question may not read so. JOIN,
    UNIT, CARDINALITY: rows could not be told whose they are. UNBOUNDED, EXTREME, FIGURE, GROUP: the answer
    would not be a bounded table of figures about groups. TYPE, CONSTANT, DATE, PARAMETER, SYNTAX, TWICE,
    NAME: the expressions. ORDER, LIMIT: the order is not that of an answer.
    """
    tree = read_tree(text)
    reader = Relation(tables, parameters or {})
    reader.with_ctes(tree)
    scope = reader.scope(tree)
    problems = list(_clauses(tree))
    if problems:
        raise PlanError(problems)
    where = condition(scope, tree.args.get("where"))
    found = items_of(tree, scope)
    groups = grouping(tree, scope, found)
    by, figures, outputs = _answer(tree, scope, found, groups)
    _check_groupings(by, scope.schema)
    joined = joins_of(scope)
    counted = [f.of.name for f in figures if f.how == "people" and isinstance(f.of, Col)]
    unit = _unit(scope, joined, counted)
    columns = tuple((c.name, Col(c.name, c.type)) for c in scope.schema)
    rows = Select(scope.sides, scope.schema, scope.schema, columns, scope.units, where, joined=joined)
    question = Question(rows, by, figures, unit)
    shown = shown_as(tree, scope, outputs, len(found), question.people_as)
    return replace(question, shown=shown)


def _clauses(tree: exp.Select) -> Iterator[Problem]:
    if tree.args.get("having"):
        why = "which groups are left out would tell of figures that are withheld"
        fix = "leave it out: small groups are withheld anyway; or put it in a subquery grouped by a key"
        yield Problem("CLAUSE", "HAVING stands over the answer", why, fix, place(tree.args["having"]))
    if tree.args.get("distinct"):
        yield Problem("CLAUSE", "DISTINCT stands over the answer", fix="use GROUP BY", where="question")


By = tuple[tuple[str, Expression], ...]


def _answer(
    tree: exp.Select,
    scope: Scope,
    found: list[tuple[str, exp.Expression]],
    groups: list[tuple[str, exp.Expression]],
) -> tuple[By, tuple[Figure, ...], list[Output]]:
    """The grouping columns, the figures and all by their items, with every fault of these at once."""
    if not groups and not any(tree_has_aggregate(node) for _, node in found):
        raise PlanError(_rows_asked(scope))
    names: list[tuple[str, exp.Expression]] = []
    figures: list[Figure] = []
    problems: list[Problem] = []
    outputs: list[Output] = []
    for (name, node), item in zip(found, _spread(tree, found), strict=True):
        if any(node == group for _, group in groups):
            names.append((name, node))
            outputs.append(Output(name, node))
            continue
        try:
            figures.append(_figure(name, node, item, scope))
            outputs.append(Output(figures[-1].name, node))
        except PlanError as error:
            problems += error.problems
    told = [node for _, node in names]
    names += [(name.rsplit(".", 1)[-1], group) for name, group in groups if group not in told]
    if not figures and not problems:
        what, why = "it lists groups without a figure", "which values there are can tell of one person"
        problems.append(Problem("UNBOUNDED", what, why, "add count(*)", "question"))
    problems += _name_problems([*(name for name, _ in names), *(figure.name for figure in figures)])
    if len(figures) > MOST_FIGURES:
        what, why = f"it asks {len(figures)} figures", "each further one tells more of the same people"
        problems.append(Problem("UNBOUNDED", what, why, f"ask at most {MOST_FIGURES} at once", "question"))
    if problems:
        raise PlanError(dict.fromkeys(problems))
    by = tuple((name, scope.convert(node)) for name, node in names)
    whole = {name for name, expression in by if expression.type is Type.INTEGER}
    outputs += [Output(name, node) for name, node in names[len(told) :]]
    return by, tuple(figures), [replace(output, number=output.name in whole) for output in outputs]


def _spread(tree: exp.Select, found: list[tuple[str, exp.Expression]]) -> list[exp.Expression | None]:
    """The item that each column comes from, for its place; None where a `*` gave several."""
    return list(tree.expressions) if len(tree.expressions) == len(found) else [None] * len(found)


def _rows_asked(scope: Scope) -> Problem:
    told = [c.name.rsplit(".", 1)[-1] for c in scope.schema if c.type in (Type.TEXT, Type.BOOLEAN)]
    keys = {name.rsplit(".", 1)[-1] for name in scope.units}
    by = next((name for name in told if name not in keys), "a column")
    return Problem(
        "UNBOUNDED",
        "it asks for rows",
        "a row is about somebody, and nobody's row leaves",
        f"count them: SELECT {by}, count(*) ... GROUP BY {by}",
        "question",
    )


def _name_problems(names: list[str]) -> Iterator[Problem]:
    folded = [name.casefold() for name in names]
    for name in sorted({n for n in folded if folded.count(n) > 1}):
        yield Problem("TWICE", f"two columns are called {name}", fix="give each an alias", where="question")


def _figure(name: str, node: exp.Expression, item: exp.Expression | None, scope: Scope) -> Figure:
    where = place(item) if item is not None else "question"
    plain = node.this if isinstance(node, exp.Filter) else node
    if isinstance(plain, exp.Min | exp.Max):
        what, why = "a least or greatest value is asked", "it is one person's"
        fix = "ask avg(...), or count people by bands: case when x < 10 then ... end"
        raise PlanError(Problem("EXTREME", what, why, fix, where))
    if not isinstance(plain, exp.Count | exp.Sum | exp.Avg):
        raise PlanError(_no_figure(node, where))
    made = aggregate(node, scope, name)
    if name.startswith("column_"):
        name = {"rows": "records", "distinct": "counted"}.get(made.how, made.how)
    named(name, where)
    if made.how != "distinct":
        return Figure(name, made.how, made.of, made.where)
    if not isinstance(made.of, Col) or made.of.name not in scope.units:
        what, why = "count(distinct) is of no key", "which values there are can tell of one person"
        units = ", ".join(sorted(scope.units)) or "none here"
        raise PlanError(
            Problem("UNBOUNDED", what, why, f"count(distinct a key: {units}), or group by it", where)
        )
    return Figure(name, "people", made.of, made.where)


def _no_figure(node: exp.Expression, where: str) -> Problem:
    if tree_has_aggregate(node):
        what, why = "a figure is computed with", "the gate judges counts, sums and means as they are"
        return Problem("FIGURE", what, why, "ask its parts, and compute from what is released", where)
    what, why = "an item is neither a figure nor grouped by", "nobody's own value leaves"
    return Problem("GROUP", what, why, "group by it, or ask its sum or avg", where)


def _check_groupings(by: By, schema: Schema) -> None:
    problems = [
        problem for name, expression in by for problem in _grouping_faults(name, expression, schema)
    ]
    if len(by) > MOST_GROUPINGS:
        what, why = (
            f"it is grouped by {len(by)} columns",
            "small groups are withheld, so little would be left",
        )
        problems.append(Problem("UNBOUNDED", what, why, f"group by at most {MOST_GROUPINGS}", "question"))
    if problems:
        raise PlanError(problems)


def _grouping_faults(name: str, expression: Expression, schema: Schema) -> Iterator[Problem]:
    column = derived(name, expression, schema)
    if column.kind in (Kind.KEY, Kind.IDENTIFIER):
        what, why = f"it is grouped by {name}, which tells people apart", "each group would be one person"
        yield Problem("KEY", what, why, f"count(distinct {name}) by a plain column", "question")
    elif column.type in (Type.DATE, Type.MOMENT, Type.NUMBER):
        what, why = f"{name} is a {column.type}", "it has as many values as people, so a group is a person"
        fix = f"group by year({name}), or bands: case when {name} < ... then ... end"
        yield Problem("UNBOUNDED", what, why, fix, "question")
    elif column.type is Type.INTEGER and column.kind is Kind.QUASI and not _is_bounded(expression):
        what, why = f"{name} is a number that can identify", "exact ages and sizes single people out"
        fix = f"group by bands: {name} // 10, or case when {name} < ... then '...' else '...' end"
        yield Problem("UNBOUNDED", what, why, fix, "question")
    elif not expression.columns():
        yield Problem("GROUP", f"{name} is a constant", fix="group by a column", where="question")


def _is_bounded(expression: Expression) -> bool:
    """Whether an integer is of few values: a part of a date, or bands (`case`, age // 10 * 10)."""
    if not isinstance(expression, Call):
        return False
    first, *others = expression.args
    constant = len(others) == 1 and isinstance(others[0], Lit)
    if expression.op == "//":
        return constant and isinstance(others[0], Lit) and int(others[0].value) >= NARROWEST_BAND  # type: ignore[arg-type]
    shifted = expression.op in ("+", "-", "*") and constant
    return expression.op in _BOUNDED or (shifted and _is_bounded(first))


def _unit(scope: Scope, joined: frozenset[str], counted: list[str]) -> str:
    """The key column whose values are counted as people. PlanError UNIT where none can be.

    Where tables met on a wider unit than a person, what a figure rests on is told of all its members at
    once, so that they count as one.
    """
    start = scope.sides[0]
    first = [name for name in (scope.inner(start, n) for n in start.of.units) if name in scope.units]
    if not first:
        what, why = "its first table is about nobody", "the gate could not count the people behind a figure"
        fix = "start FROM a table about people, and JOIN the other"
        raise PlanError(Problem("UNIT", what, why, fix, "question"))
    units = {scope.units[name] for name in first}
    least = least_unit(units)
    wider = sorted(joined - {least})
    asked = {scope.units[name] for name in counted}
    wanted = {*wider, *asked} or {least}
    if len(wanted) > 1 or not wanted <= units:
        what = f"it rests on {', '.join(sorted(joined | asked))} at once"
        why = "the gate counts one kind of unit behind each figure"
        fix = f"count(distinct {wider[0]}) only" if wider else "count one unit at a time"
        raise PlanError(Problem("UNIT", what, why, fix, "question"))
    unit = wanted.pop()
    return next(name for name in first if scope.units[name] == unit)
