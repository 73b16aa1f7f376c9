"""A tree of SQL as a question: relations, joins, subqueries and CTEs; the outermost is `query_answer`'s.

Within a question every row stays traceable to one unit (a person, a home): a subquery that groups does so
by a unit's key, DISTINCT ON picks by one, and tables about people meet on one. That is what lets the gate
count the people behind each figure, however the question was put together.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from ..errors import PlanError, Problem
from .expressions import Col, Expression, Value
from .labels import derived
from .query import Askable, Base, Select, Side
from .query_figures import Lifted, check_yes_no, condition, least_unit, named, tree_has_aggregate
from .query_scope import MOST_TABLES, Scope, column, find_table, is_about_people, tables_read
from .query_shown import whole_number
from .query_text import place
from .schema import Schema
from .steps import Aggregate

Relations = Mapping[str, "Base | Select"]


class Relation:
    """Reads relations: `tables` are the agreement's, `named` the CTEs so far."""

    def __init__(self, tables: Mapping[str, Askable], parameters: Mapping[str, Value]) -> None:
        self.tables, self.parameters = tables, parameters
        self.named: dict[str, Select] = {}

    def with_ctes(self, tree: exp.Select) -> None:
        """Read the CTEs of the whole question, in order; each may name those before it."""
        held = tree.args.get("with_")
        for cte in held.expressions if held else ():
            name = named(cte.alias, place(cte))
            if name.casefold() in self.named or name.casefold() in {t.casefold() for t in self.tables}:
                what, why = f"{name} is a table already", "one would hide the other"
                raise PlanError(Problem("TABLE", what, why, "call it by another name", place(cte)))
            self.named[name.casefold()] = self.select(cte.this)

    def scope(self, tree: exp.Select) -> Scope:
        """The sides of a FROM. PlanError TABLE, JOIN, UNIT, FIELD or UNBOUNDED."""
        start = tree.args.get("from_")
        if start is None:
            raise PlanError(Problem("TABLE", "nothing is asked: there is no FROM", fix="name a table"))
        sides: tuple[Side, ...] = (self._side(start.this, "from"),)
        for join in tree.args.get("joins") or ():
            sides = (*sides, self._joined(join, sides))
        if sum(tables_read(side.of) for side in sides) > MOST_TABLES:
            what, why = f"it reads over {MOST_TABLES} tables", "what it costs could not be bounded"
            raise PlanError(Problem("UNBOUNDED", what, why, "ask in parts", "question"))
        return Scope(sides, self.parameters)

    def _side(self, node: exp.Expression, how: str) -> Side:
        if isinstance(node, exp.Subquery):
            alias = named(node.alias or "subquery", place(node))
            return Side(alias, self.select(node.this), how=how)
        where = place(node)
        alias = named(node.alias, where) if node.alias else node.name
        held: Base | Select | None = self.named.get(node.name.casefold())
        return Side(alias, held or Base(find_table(node.name, self.tables, where)), how=how)

    def _joined(self, join: exp.Join, sides: tuple[Side, ...]) -> Side:
        how = _HOW.get((join.side.upper(), join.kind.upper()))
        new = self._side(join.this, how or "inner")
        where = place(join)
        if how is None:
            kind = f"{join.side} {join.kind}".strip().lower()
            what, why = f"a {kind} join cannot be asked", "its rows are nobody's in particular"
            raise PlanError(
                Problem("JOIN", what, why, "use JOIN, LEFT, SEMI or ANTI JOIN ... ON a = b", where)
            )
        if any(side.alias.casefold() == new.alias.casefold() for side in sides):
            what = f"{new.alias} is in this FROM twice"
            raise PlanError(Problem("TABLE", what, fix="give each an alias of its own", where=where))
        return Side(new.alias, new.of, self._on(join, sides, new, where), new.how)

    def _on(
        self, join: exp.Join, sides: tuple[Side, ...], new: Side, where: str
    ) -> tuple[tuple[str, str], ...]:
        """Pairs of inner name and own column; a table about people is joined by the key of a unit."""
        # Inner names are those of the FROM with the new side in it.
        before = Scope((*sides, Side(new.alias, new.of, how="semi")), self.parameters)
        after = Scope((Side(new.alias, new.of),), self.parameters)
        pairs = tuple(
            (before.find(mine), after.find(theirs)) for mine, theirs in _equalities(join, sides, new, where)
        )
        keyed = [
            before.units[mine]
            for mine, theirs in pairs
            if mine in before.units and before.units[mine] == new.of.units.get(theirs)
        ]
        if is_about_people(new.of) and not keyed:
            units = ", ".join(sorted(set(new.of.units.values()))) or "none"
            what = f"{new.alias} is about people and is not joined by the key of a unit"
            why = "its values would be spread over others, and the gate could not tell whose they are"
            raise PlanError(Problem("UNIT", what, why, f"join it ON a key that both have: {units}", where))
        return pairs

    def select(self, tree: exp.Select) -> Select:
        """A SELECT within the question."""
        scope = self.scope(tree)
        where = condition(scope, tree.args.get("where"))
        joined = joins_of(scope)
        group, distinct = tree.args.get("group"), tree.args.get("distinct")
        if group or any(tree_has_aggregate(item) for item in tree.expressions):
            return self._grouped(tree, scope, where, joined)
        if tree.args.get("having"):
            raise PlanError(Problem("CLAUSE", "HAVING without GROUP BY", fix="use WHERE", where="question"))
        pick = ""
        if distinct is not None:
            pick, unit = _picked(distinct, scope)
            joined |= {unit}
        columns = tuple((name, scope.convert(node)) for name, node in items(tree, scope))
        return _made(scope, columns, scope.schema, where=where, pick=pick, joined=joined)

    def _grouped(
        self, tree: exp.Select, scope: Scope, where: Expression | None, joined: frozenset[str]
    ) -> Select:
        if tree.args.get("distinct"):
            raise PlanError(Problem("CLAUSE", "DISTINCT and GROUP BY together", fix="leave DISTINCT out"))
        found = items(tree, scope)
        groups = grouping(tree, scope, found)
        by = tuple((name, scope.convert(node)) for name, node in groups)
        keys = {n: scope.units[e.name] for n, e in by if isinstance(e, Col) and e.name in scope.units}
        if not keys:
            what = "a subquery groups by something else than the key of a unit"
            why = "the gate could no longer tell how many people stand behind a figure"
            units = ", ".join(sorted(scope.units)) or "there is none in its tables"
            raise PlanError(Problem("UNIT", what, why, f"group it by a key: {units}", place(tree)))
        lifted = Lifted(scope, groups)
        outputs = [(name, lifted.lift(node)) for name, node in found]
        held = tree.args.get("having")
        having = lifted.lift(scope.resolved(held.this)) if held else None
        after = Schema(
            (
                *(derived(n, e, scope.schema) for n, e in by),
                *(f.column(scope.schema) for f in lifted.figures),
            )
        )
        columns = tuple((name, _grouped_item(scope, node, after)) for name, node in outputs)
        kept = _grouped_item(scope, having, after) if having is not None else None
        if kept is not None:
            check_yes_no(kept)
        return _made(
            scope, columns, after, where=where, by=by, figures=tuple(lifted.figures), having=kept,
            joined=joined | {least_unit(set(keys.values()))}, keys=keys,
        )  # fmt: skip


def grouping(
    tree: exp.Select, scope: Scope, told: list[tuple[str, exp.Expression]]
) -> list[tuple[str, exp.Expression]]:
    """The grouping expressions, resolved: by name, by the alias or the number of an item."""
    group = tree.args.get("group")
    found: list[tuple[str, exp.Expression]] = []
    for i, node in enumerate(group.expressions if group else ()):
        made = _grouping_node(node, scope, told)
        if all(made != known for _, known in found):
            found.append((_group_name(made, i, scope, told), made))
    return found


def _group_name(node: exp.Expression, i: int, scope: Scope, told: list[tuple[str, exp.Expression]]) -> str:
    """The alias of a grouping, so that a key keeps telling rows apart; never the name of another column."""
    aliases = [name for name, item in told if item == node]
    fresh = [name for name in [*aliases, f"group_{i}"] if name not in scope.schema]
    if isinstance(node, exp.Column) and (node.name in aliases or not fresh):
        return str(node.name)
    return fresh[0] if fresh else f"group_{i}_{len(scope.schema.names)}_"


def _grouping_node(
    node: exp.Expression, scope: Scope, told: list[tuple[str, exp.Expression]]
) -> exp.Expression:
    if isinstance(node, exp.Literal):
        number = whole_number(node)
        if not 0 < number <= len(told):
            raise PlanError(
                Problem("GROUP", "a grouping is a constant", fix="name a column", where="question")
            )
        return told[number - 1][1]
    if isinstance(node, exp.Column) and not node.table:
        held = {name.casefold() for side in scope.shown for name in side.of.schema.names}
        for name, item in told:
            if name.casefold() == node.name.casefold() and node.name.casefold() not in held:
                return item
    return scope.resolved(node)


def items(tree: exp.Select, scope: Scope) -> list[tuple[str, exp.Expression]]:
    """The items of a SELECT, resolved, each by its name; `*` is all columns but the far side of a join."""
    found: list[tuple[str, exp.Expression]] = []
    for i, item in enumerate(tree.expressions):
        star = isinstance(item, exp.Star) or (
            isinstance(item, exp.Column) and isinstance(item.this, exp.Star)
        )
        if star:
            sides = (scope.side(item.table, place(item)),) if isinstance(item, exp.Column) else scope.shown
            for side in sides:
                met = {theirs for mine, theirs in side.on if mine.rsplit(".", 1)[-1] == theirs}
                skipped = met if len(sides) > 1 else set()
                found += [
                    (n, column(scope.inner(side, n))) for n in side.of.schema.names if n not in skipped
                ]
        else:
            inner = item.this if isinstance(item, exp.Alias) else item
            own = inner.name if isinstance(inner, exp.Column) else f"column_{i}"
            name = named(item.alias, place(item)) if isinstance(item, exp.Alias) else own
            found.append((name, scope.resolved(inner)))
    return found


def _picked(distinct: exp.Distinct, scope: Scope) -> tuple[str, str]:
    """The key by which DISTINCT ON picks one row, and its unit."""
    on = distinct.args.get("on")
    parts = on.expressions if isinstance(on, exp.Tuple) else [on] if on else []
    names = [scope.find(part) for part in parts if isinstance(part, exp.Column)]
    if len(names) != 1 or len(parts) != 1 or names[0] not in scope.units:
        what, why = "DISTINCT is not ON the key of one unit", "which row it keeps could be anybody's"
        raise PlanError(Problem("CLAUSE", what, why, "DISTINCT ON (person), or GROUP BY", "question"))
    return names[0], scope.units[names[0]]


def _grouped_item(scope: Scope, node: exp.Expression, after: Schema) -> Expression:
    for part in node.find_all(exp.Column):
        if part.name not in after:
            name = part.name.rsplit(".", 1)[-1]
            what = f"{name} is neither grouped by nor a figure"
            raise PlanError(
                Problem("GROUP", what, fix=f"group by {name}, or take its sum", where="question")
            )
    return scope.convert(node, after)


def _made(
    scope: Scope, columns: tuple[tuple[str, Expression], ...], over: Schema, *, where: Expression | None,
    pick: str = "", by: tuple[tuple[str, Expression], ...] = (), figures: tuple[Aggregate, ...] = (),
    having: Expression | None = None, joined: frozenset[str] = frozenset(),
    keys: Mapping[str, str] | None = None,
) -> Select:  # fmt: skip
    schema = Schema(tuple(derived(name, e, over) for name, e in columns))
    held = scope.units if keys is None else keys
    units = {n: held[e.name] for n, e in columns if isinstance(e, Col) and e.name in held}
    return Select(
        scope.sides, scope.schema, schema, columns, units, where, pick, by, figures, having, joined
    )


def joins_of(scope: Scope) -> frozenset[str]:
    """The units on which the tables of a FROM, and those beneath, were joined, picked or grouped."""
    found: set[str] = set()
    for side in scope.sides:
        if isinstance(side.of, Select):
            found |= side.of.joined
        found |= {side.of.units[theirs] for _, theirs in side.on if theirs in side.of.units}
    return frozenset(found)


_HOW = {
    ("", ""): "inner", ("", "INNER"): "inner", ("LEFT", ""): "left", ("LEFT", "OUTER"): "left",
    ("", "SEMI"): "semi", ("", "ANTI"): "anti", ("LEFT", "SEMI"): "semi", ("LEFT", "ANTI"): "anti",
}  # fmt: skip


def _equalities(
    join: exp.Join, sides: tuple[Side, ...], new: Side, where: str
) -> list[tuple[exp.Column, exp.Column]]:
    """Pairs of a column of the sides before and one of the new side. PlanError JOIN."""
    using = join.args.get("using")
    if using:
        names = [part.name for part in using]
        return [(exp.column(name), exp.column(name, table=new.alias)) for name in names]
    parts = _conjuncts(join.args["on"]) if join.args.get("on") else []
    found: list[tuple[exp.Column, exp.Column]] = []
    for part in parts:
        left, right = getattr(part, "this", None), part.args.get("expression")
        plain = isinstance(left, exp.Column) and isinstance(right, exp.Column)
        if not isinstance(part, exp.EQ) or not plain:
            found = []
            break
        mine_first = _is_of(right, new, sides)
        found.append((left, right) if mine_first else (right, left))
    if not found:
        what, why = f"{new.alias} is not joined on equal columns", "its rows could multiply without bound"
        raise PlanError(Problem("JOIN", what, why, "JOIN ... ON a.column = b.column (AND ...)", where))
    return found


def _conjuncts(node: exp.Expression) -> list[exp.Expression]:
    """The parts of a chain of AND; a loop, because a chain may be long."""
    found, stack = [], [node]
    while stack:
        part = stack.pop()
        if isinstance(part, exp.Paren):
            stack.append(part.this)
        elif isinstance(part, exp.And):
            stack += [part.expression, part.this]
        else:
            found.append(part)
    return found


def _is_of(node: exp.Column, new: Side, sides: tuple[Side, ...]) -> bool:
    """Whether a column of an ON is the new side's."""
    if node.table:
        return bool(node.table.casefold() == new.alias.casefold())
    names = {name.casefold() for name in new.of.schema.names}
    return node.name.casefold() in names
