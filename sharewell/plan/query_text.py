"""Text to tree: one SELECT of a short list of constructs, or the reasons why not. No name is looked up yet.

The list says what may be there; all else is refused, known or not. What sqlglot would read and a later
reader might pass over (a lock, a sample, a hint) is therefore refused here, by its place in the tree.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlglot
from sqlglot import exp

from ..errors import PlanError, Problem

LONGEST = 10_000
"""The most characters of a question."""

DEEPEST = 40
"""How deep brackets may be nested."""

MOST_TOKENS = 2_000
"""The most words and marks of a question."""

LONGEST_NUMBER = 40
"""The most digits of a number."""

INSTEAD = "write one SELECT of counts, sums or means, grouped by plain columns"

_SCALARS: tuple[type[exp.Expression], ...] = (
    exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Add, exp.Sub, exp.Mul,
    exp.Div, exp.IntDiv, exp.Mod, exp.DPipe, exp.Abs, exp.Floor, exp.Lower, exp.Upper, exp.Trim, exp.Length,
    exp.StartsWith, exp.Contains, exp.Year, exp.Month, exp.Day, exp.Hour, exp.Left, exp.Neg, exp.Is,
    exp.Between, exp.In, exp.Coalesce, exp.Case, exp.If, exp.Cast, exp.DataType, exp.Paren, exp.Column,
    exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Placeholder,
)  # fmt: skip
_FIGURES: tuple[type[exp.Expression], ...] = (
    exp.Count, exp.Sum, exp.Avg, exp.Min, exp.Max, exp.Filter, exp.Distinct,
)  # fmt: skip
_CALLED = frozenset({"number", "weekday", "day_of", "days_between", "years_between", "is_null"})
"""Functions of the expression language that are not SQL's own; `plan.sql` checks their arguments."""

_ARGS: dict[type[exp.Expression], frozenset[str]] = {
    exp.Select: frozenset(
        {"expressions", "from_", "joins", "where", "group", "having", "with_", "distinct"}
    ),
    exp.Subquery: frozenset({"this", "alias"}),
    exp.Table: frozenset({"this", "alias"}),
    exp.TableAlias: frozenset({"this"}),
    exp.From: frozenset({"this"}),
    exp.Join: frozenset({"this", "side", "kind", "on", "using"}),
    exp.Where: frozenset({"this"}),
    exp.Having: frozenset({"this"}),
    exp.Group: frozenset({"expressions"}),
    exp.With: frozenset({"expressions"}),
    exp.CTE: frozenset({"this", "alias"}),
    exp.Star: frozenset(),
    exp.Alias: frozenset({"this", "alias"}),
    exp.Tuple: frozenset({"expressions"}),
    exp.Count: frozenset({"this", "big_int"}),
    exp.Distinct: frozenset({"expressions", "on"}),
    **dict.fromkeys((exp.Sum, exp.Avg, exp.Min, exp.Max), frozenset({"this"})),
    exp.Filter: frozenset({"this", "expression"}),
    exp.Column: frozenset({"this", "table"}),
}
"""What may stand in each construct; of the others, `plan.sql` knows."""

_WHY = {
    "STATEMENT": "a question reads, and reads once",
    "TABLE": "only the tables of this agreement can be asked",
    "FUNCTION": "only functions whose meaning and reach are known run near data",
    "CLAUSE": "what is not known to be safe does not run",
}


def read_tree(text: str) -> exp.Select:
    """The tree of one SELECT. PlanError NOT_SQL, STATEMENT, TABLE, FUNCTION or CLAUSE, all that apply."""
    text = _worded(text)
    try:
        trees = sqlglot.parse(text, read="duckdb", error_level=sqlglot.ErrorLevel.IMMEDIATE)
    except sqlglot.ParseError as error:
        fix = "check the words, commas and brackets at this place and just before it"
        raise _not_sql("it cannot be read as SQL", fix, _place_of(error)) from None
    except Exception:  # sqlglot raises also AttributeError, ValueError and RecursionError on odd text
        raise _not_sql("it cannot be read as SQL", "check its brackets, quotes and commas") from None
    tree = trees[0] if len(trees) == 1 else None
    if not isinstance(tree, exp.Select):
        kind = type(tree).__name__.lower()
        raise PlanError(Problem("STATEMENT", f"it is a {kind}", _WHY["STATEMENT"], INSTEAD, "question"))
    problems = dict.fromkeys(_foreign(tree))
    if problems:
        raise PlanError(problems)
    return tree


def _worded(text: str) -> str:
    """The text without its last `;`, held to its size, its letters and its first word."""
    if len(text) > LONGEST:
        raise _not_sql(f"it has over {LONGEST:,} characters", "ask in parts")
    if any(not (character.isprintable() or character in "\n\r\t") for character in text):
        raise _not_sql("it holds a mark that cannot be seen", "type it, rather than paste it")
    text = text.rstrip().removesuffix(";")
    if _depth(text) > DEEPEST:
        raise _not_sql(f"brackets are nested over {DEEPEST} deep", "ask in parts")
    try:
        tokens = sqlglot.tokenize(text, read="duckdb")
    except Exception:  # as above
        raise _not_sql("it cannot be read as SQL", "check its quotes") from None
    if not tokens:
        raise _not_sql("it is empty", INSTEAD)
    if len(tokens) > MOST_TOKENS:
        raise _not_sql(f"it has over {MOST_TOKENS:,} words", "ask in parts")
    if any(token.comments for token in tokens):
        raise _not_sql("it holds a comment", "say what you look for with --hypothesis")
    if any(token.token_type is sqlglot.TokenType.SEMICOLON for token in tokens):
        what = "it is more than one statement"
        raise PlanError(Problem("STATEMENT", what, _WHY["STATEMENT"], INSTEAD, "question"))
    if tokens[0].token_type not in (sqlglot.TokenType.SELECT, sqlglot.TokenType.WITH):
        what = "it does not begin with SELECT"
        raise PlanError(Problem("STATEMENT", what, _WHY["STATEMENT"], INSTEAD, "question"))
    return text


def _depth(text: str) -> int:
    """How deep brackets are nested; those within quotes count, which only refuses more."""
    deepest = depth = 0
    for character in text:
        depth += (character in "([{") - (character in ")]}")
        deepest = max(deepest, depth)
    return deepest


def _not_sql(what: str, fix: str, where: str = "question") -> PlanError:
    return PlanError(Problem("NOT_SQL", what, "what cannot be read cannot be judged", fix, where))


def _place_of(error: sqlglot.ParseError) -> str:
    told = error.errors[0] if error.errors else {}
    line, last, wide = told.get("line"), told.get("col"), len(told.get("highlight") or "")
    return f"question:{line}:{max(1, last - wide + 1)}" if line and last else "question"


def place(node: exp.Expression) -> str:
    """Where in the question a node stands, as `question:LINE:COLUMN` of its first name or constant."""
    held = node.find_all(exp.Identifier, exp.Anonymous, exp.Star, exp.Literal)
    starts = [
        (part.meta["line"], max(1, part.meta["col"] - part.meta["end"] + part.meta["start"]))
        for part in held
        if "line" in part.meta
    ]
    line, at = min(starts, default=(0, 0))
    return f"question:{line}:{at}" if line else "question"


def _foreign(tree: exp.Select) -> Iterator[Problem]:
    """Whatever is in the tree that is not on the list, outermost first; nothing below it is looked at."""
    stack: list[tuple[exp.Expression, exp.Expression | None]] = [(tree, None)]
    while stack:
        node, parent = stack.pop()
        found = _fault(node, parent)
        if found is not None:
            code, what, fix = found
            yield Problem(code, what, _WHY[code], fix, place(node))
            continue
        stack += [(part, node) for part in node.iter_expressions() if not _is_set_out(part, parent)]


def _is_set_out(part: exp.Expression, above: exp.Expression | None) -> bool:
    """ORDER BY and LIMIT of the answer, which `query_shown` reads; nothing of them runs near data."""
    return above is None and isinstance(part, exp.Order | exp.Limit)


Fault = tuple[str, str, str]


def _fault(node: exp.Expression, parent: exp.Expression | None) -> Fault | None:
    kind = type(node)
    if isinstance(node, exp.Table):
        return _table_fault(node)
    if isinstance(node, exp.Select | exp.Subquery):
        return _nested_fault(node, parent)
    if isinstance(node, exp.Anonymous):
        fix = f"there are count, sum, avg and {', '.join(sorted(_CALLED))}"
        return (
            None
            if node.name.lower() in _CALLED
            else ("FUNCTION", f"{_short(node.name)} is no function here", fix)
        )
    if isinstance(node, exp.Literal) and not node.is_string and len(node.name) > LONGEST_NUMBER:
        return "CLAUSE", f"a number has over {LONGEST_NUMBER} digits", "write a shorter one"
    if kind in _ARGS or kind in _SCALARS or kind in _FIGURES:
        return _extra(node)
    if isinstance(node, exp.Func):
        return "FUNCTION", f"{kind.__name__.lower()} is no function here", INSTEAD
    name = kind.__name__.lower()
    return "CLAUSE", f"{name} cannot be asked", _WRITTEN_SO.get(name, INSTEAD)


_WRITTEN_SO = {
    **dict.fromkeys(("like", "ilike"), "write starts_with(area, 'N') or contains(area, '0')"),
    "interval": "write the date itself, or days_between(...) and years_between(...)",
    "fetch": "write LIMIT and a number",
    "window": "group by a column, and compute from the figures released",
}
"""How what is often written can be asked."""


def _table_fault(node: exp.Table) -> Fault | None:
    if not isinstance(node.this, exp.Identifier):
        return "TABLE", "a function stands where a table should", "name a table: sharewell ask --explain"
    if node.args.get("db") or node.args.get("catalog"):
        return "TABLE", "a table is named with its schema or database", "name it alone"
    return _extra(node)


def _nested_fault(node: exp.Select | exp.Subquery, parent: exp.Expression | None) -> Fault | None:
    """A SELECT within another stands in FROM, JOIN or WITH, and nowhere else."""
    held = isinstance(parent, exp.From | exp.Join | exp.CTE | exp.Subquery | None)
    if not held:
        return "CLAUSE", "a SELECT stands inside an expression", "put it under FROM or WITH, and join it"
    if isinstance(node, exp.Select) and parent is not None and node.args.get("with_"):
        return "CLAUSE", "WITH stands inside another SELECT", "put it first"
    if isinstance(node, exp.Subquery) and not isinstance(node.this, exp.Select):
        return "CLAUSE", f"{type(node.this).__name__.lower()} cannot be asked", INSTEAD
    return _extra(node, frozenset({"order", "limit"}) if parent is None else frozenset())


def _extra(node: exp.Expression, more: frozenset[str] = frozenset()) -> Fault | None:
    """A part of a construct that is not on the list: a window, a sample, RECURSIVE."""
    known = _ARGS.get(type(node))
    if known is None:
        return None
    known |= more
    extra = sorted(part for part, value in node.args.items() if value and part not in known)
    if not extra:
        return None
    called = ", ".join(part.strip("_") for part in extra)
    fix = _CLAUSE_FIX.get(extra[0], "leave it out")
    return "CLAUSE", f"{type(node).__name__.lower()} with {called} cannot be asked", fix


_CLAUSE_FIX = {
    "order": "leave ORDER BY out of a subquery: put the answer itself in order",
    "limit": "leave LIMIT out of a subquery: which rows come first would single people out",
    "offset": "leave OFFSET out: LIMIT shows the first groups",
    "recursive": "write plain CTEs",
    "columns": "name the columns in its SELECT",
}


def _short(name: str) -> str:
    return repr(name[:40])


__all__ = ["DEEPEST", "INSTEAD", "LONGEST", "MOST_TOKENS", "place", "read_tree"]
