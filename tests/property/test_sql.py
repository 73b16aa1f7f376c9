"""Text becomes an expression, or a refusal that says why; nothing else, whatever the text."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sharewell.errors import PlanError
from sharewell.plan.expressions import KEYWORDS, LARGEST_INTEGER, Col, Lit, call
from sharewell.plan.schema import Column, Schema, Type
from sharewell.plan.sql import DEEPEST, LONGEST, conjunction, literal, parse_expression

from .expressions import expressions

SCHEMA = Schema(
    (
        Column("a", Type.INTEGER),
        Column("x", Type.NUMBER),
        Column("t", Type.TEXT),
        Column("d", Type.DATE),
        Column("m", Type.MOMENT),
        Column("b", Type.BOOLEAN),
        Column("Odd name", Type.TEXT),
    )
)


def code(text: str, **parameters: object) -> str:
    with pytest.raises(PlanError) as caught:
        parse_expression(text, SCHEMA, parameters, where="systems/x.yaml:7")
    assert all(problem.where == "systems/x.yaml:7" for problem in caught.value.problems)
    return caught.value.problems[0].code


READ = {
    "a + 1": "(a + 1)",
    "1 + 2 * 3": "(1 + (2 * 3))",
    "-a": "(0 - a)",
    "-5": "-5",
    "a > 3": "(3 < a)",
    "a >= 3": "(3 <= a)",
    "a != 3": "(a <> 3)",
    "a between 1 and 2": "((1 <= a) and (a <= 2))",
    "a not in (1, 2)": "(not (a in (1, 2)))",
    "t is not null": "(not (t is null))",
    "ifnull(t, '')": "coalesce(t, '')",
    "case when b then 1 else null end": "case when b then 1 end",
    "d >= '2024-02-29'::date": "(date '2024-02-29' <= d)",
    "m < timestamp '2024-02-29 12:00'": "(m < timestamp '2024-02-29 12:00:00')",
    "m::date": "day_of(m)",
    "a::double": "number(a)",
    "t || 'it''s'": "(t || 'it''s')",
    '"Odd name" = t': '("Odd name" = t)',
    "not b or b and b": "((not b) or (b and b))",
    "Upper(T) = 'A'".replace("T", "t"): "(upper(t) = 'A')",
    "a in (:low, :high)": "(a in (1, 9))",
    "d = :day": "(d = date '2024-04-01')",
}


@pytest.mark.parametrize(("text", "written"), READ.items())
def test_read_as(text: str, written: str) -> None:
    parameters = {"low": 1, "high": 9, "day": date(2024, 4, 1)}
    assert str(parse_expression(text, SCHEMA, parameters)) == written


NO_OPERATOR = """
(select 1)
a in (select a from t)
exists (select 1)
read_csv('/etc/passwd')
getenv('HOME')
now()
random()
current_date
row_number() over ()
abs(a) over (partition by t)
sum(a)
count(*)
a::text
try_cast(t as integer)
t::date + 1
extract(year from d)
date_part('year', d)
lower(x -> x)
list_transform([a], v -> v + 1)
[a]
{'k': a}
t[1:2]
t like 'a%'
t similar to 'a'
t collate nocase = 'x'
a between symmetric 2 and 1
ltrim(t)
trim(both 'x' from t)
floor(x, 2)
concat(t, t)
'a' 'b'
case a when 1 then 2 end
if(b, 1, 2)
b is true
a is distinct from 1
a & 1
a << 1
@t
x ** 2
length(t) filter (where b)
abs(distinct a)
a as c
a := 1
*
columns(*)
interval 1 day
unnest(t)
E'a'
$$a$$
(a, a)
{{ a }}
create table z (a int)
drop table z
insert into z values (1)
copy z to 'f'
attach 'f'
pragma version
load httpfs
set threads = 1
select a from t
a from t
from t
union select 1
"case"(b, 1)
""".strip().splitlines()


@pytest.mark.parametrize("text", NO_OPERATOR)
def test_what_the_language_lacks_is_refused(text: str) -> None:
    assert code(text) in ("OPERATOR", "SYNTAX", "TYPE")


NO_EXPRESSION = [
    "",
    " ",
    "a +",
    "a; a",
    "a;",
    "a -- b",
    "a /* b */",
    "-- a",
    "x'ab'",
    "`a`",
    "lower(t, t)",
    "(a",
]
OVERLONG = ["a" * (LONGEST + 1), "(" * 5000, "a" + " + a" * (DEEPEST + 1), "not " * 3000 + "b"]


@pytest.mark.parametrize("text", [*NO_EXPRESSION, *OVERLONG, "a b c", "'a", "'a\0b' = t"])
def test_what_is_no_expression_is_refused(text: str) -> None:
    assert code(text) == "SYNTAX"


REFUSED = {
    "nowhere = 1": "COLUMN",
    "other.a = 1": "COLUMN",
    "A = 1": "COLUMN",
    "a = :missing": "PARAMETER",
    "a = ?": "PARAMETER",
    "a = $1": "PARAMETER",
    "a = null": "CONSTANT",
    "null": "CONSTANT",
    "a = 9007199254740992": "CONSTANT",
    "x = 1e400": "CONSTANT",
    "t = 1": "TYPE",
    "-true": "TYPE",
    "-t": "TYPE",
    "a + t": "TYPE",
    "a < b": "TYPE",
    "b < true": "TYPE",
    "d = '2024-01-01'": "TYPE",
    "d = m": "TYPE",
    "x // 2": "TYPE",
    "t in (t)": "TYPE",
    "a in ()": "TYPE",
    "case when a then 1 end": "TYPE",
    "case when b then 1 else 'x' end": "TYPE",
    "a and b": "TYPE",
    "d = date '2024-02-30'": "DATE",
    "d = date '20240101'": "DATE",
    "d = date '2024-W01-1'": "DATE",
    "m < timestamp '2024-01-01 25:00'": "DATE",
    "m < timestamp '2024-01-01 10:00+01:00'": "DATE",
}


@pytest.mark.parametrize(("text", "expected"), REFUSED.items())
def test_refused_with_code(text: str, expected: str) -> None:
    assert code(text) == expected


@pytest.mark.parametrize(
    "value",
    [2**53, -(2**53), float("nan"), float("inf"), datetime(2024, 1, 1, tzinfo=UTC), "a\0", None, [1]],
)
def test_a_constant_outside_the_language_is_refused(value: object) -> None:
    assert code("a = :v", v=value) == "CONSTANT"


def test_constants_have_the_type_that_they_show() -> None:
    values = [True, LARGEST_INTEGER, 0.5, datetime(2024, 1, 1), date(2024, 1, 1), "x"]
    kinds = [Type.BOOLEAN, Type.INTEGER, Type.NUMBER, Type.MOMENT, Type.DATE, Type.TEXT]
    assert [literal(value).type for value in values] == kinds


def test_conjunction() -> None:
    assert str(conjunction([])) == "true"
    assert str(conjunction([Col("b", Type.BOOLEAN)] * 3)) == "((b and b) and b)"


@pytest.mark.parametrize(
    "name", [*sorted(KEYWORDS), "plain", "_x1", "Odd name", 'q"uote', "é", "1a", "a.b", "x"]
)
def test_any_column_name_is_read_as_it_is_written(name: str) -> None:
    schema = Schema((Column(name, Type.INTEGER),))
    column = Col(name, Type.INTEGER)
    for tree in (column, call("+", column, column), call("in", column, Lit(1, Type.INTEGER))):
        assert parse_expression(str(tree), schema) == tree


@settings(derandomize=True, max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_what_is_written_is_read_back(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(list(Type)))
    tree = data.draw(expressions(SCHEMA.columns, kind, 3))
    again = parse_expression(str(tree), SCHEMA)
    assert str(again) == str(tree)
    assert again.type is tree.type


# fmt: off
FRAGMENTS = [
    "a", "x", "t", "b", "(", ")", "'", '"', "--", "/*", ";", "::", "case", "when", "end", "in", "is",
    "null", "select", "from", ":p", "$", "{", "}", "[", "]", "+", "-", "1e9", "0x", "²", "date", "'2024'",
    "\\", "\n", "not", "between", ",", "||", "left", "trim", "\0", "\ud7ff", "@", "#", "`", "->", "over",
    "interval",
]
# fmt: on


@settings(derandomize=True, max_examples=600, deadline=None)
@given(st.one_of(st.text(max_size=30), st.lists(st.sampled_from(FRAGMENTS), max_size=12).map(" ".join)))
def test_any_text_is_an_expression_or_a_plan_error(text: str) -> None:
    with suppress(PlanError):
        assert parse_expression(text, SCHEMA).type in Type


def test_a_refusal_does_not_carry_what_caused_it() -> None:
    with pytest.raises(PlanError) as caught:
        parse_expression("a +", SCHEMA)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
