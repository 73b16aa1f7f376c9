"""What a question reads, and what is refused: readable by whoever must trust it."""

from __future__ import annotations

from pathlib import Path

import pytest
from question_example import TABLES, read

from sharewell.errors import PlanError
from sharewell.plan.query import Askable, Order, Shown
from sharewell.plan.query_answer import read_question
from sharewell.plan.query_steps import compile_question
from sharewell.plan.query_text import DEEPEST, LONGEST
from sharewell.plan.schema import Asset, Column, Kind, Schema, Type
from sharewell.plan.steps import Read

REFUSED = [
    line.split(" | ", 1)
    for line in (Path(__file__).parent / "questions_refused.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def codes(text: str) -> set[str]:
    with pytest.raises(PlanError) as caught:
        compile_question(read(text))
    assert all(problem.what and (problem.fix or problem.why) for problem in caught.value.problems)
    return {problem.code for problem in caught.value.problems}


def test_the_corpus_is_large() -> None:
    assert len(REFUSED) >= 280


@pytest.mark.parametrize(("expected", "text"), REFUSED)
def test_refused_before_anything_runs(expected: str, text: str) -> None:
    assert codes(text) == {expected}


BOMBS = {
    "a megabyte": "SELECT count(*) FROM patients WHERE " + " OR ".join(["area = 'x'"] * 70_000),
    "brackets": "SELECT count(*) FROM patients WHERE " + "(" * 2_000 + "asthma" + ")" * 2_000,
    "brackets never closed": "SELECT count(*) FROM patients WHERE " + "(" * 9_000,
    "subqueries": "SELECT count(*) FROM " + "(SELECT * FROM " * 300 + "patients" + ") x" * 300,
    "not": "SELECT count(*) FROM patients WHERE " + "NOT " * 2_400 + "asthma",
    "minus": "SELECT count(*) FROM patients WHERE age > " + "- " * 4_000 + "1",
    "case": "SELECT count(*) FROM patients WHERE " + "CASE WHEN " * 900 + "asthma",
    "a wide list": "SELECT count(*) FROM patients WHERE age IN (" + ", ".join(["1"] * 3_000) + ")",
    "doubling": "WITH a0 AS (SELECT DISTINCT ON (person) person FROM patients), "
    + ", ".join(
        f"a{i} AS (SELECT x.person FROM a{i - 1} x SEMI JOIN a{i - 1} y ON x.person = y.person)"
        for i in range(1, 60)
    )
    + " SELECT count(*) FROM a59",
}


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_bombs_are_refused_quickly(text: str) -> None:
    assert codes(text) <= {"NOT_SQL", "SYNTAX", "UNBOUNDED"}


def test_limits_are_told() -> None:
    assert LONGEST == 10_000
    assert DEEPEST == 40


FOOTPRINTS = """
SELECT count(*) FROM patients
    patients.person group
SELECT area, count(*) FROM patients WHERE born < date '1990-01-01' GROUP BY area
    patients.area group, patients.born filter, patients.person group
SELECT area AS a, sum(weight) AS w FROM patients GROUP BY a
    patients.area group, patients.person group, patients.weight project
SELECT AREA, Count(*) FROM Patients GROUP BY 1
    patients.area group, patients.person group
SELECT year(born) AS y, count(*) FILTER (WHERE asthma) AS n FROM patients GROUP BY 1
    patients.asthma filter, patients.born group, patients.person group
SELECT count(weight) AS n FROM patients
    patients.person group, patients.weight filter
SELECT count(DISTINCT home) AS homes FROM patients
    patients.home group, patients.home project
WITH a AS (SELECT * FROM patients) SELECT sex, count(*) FROM a GROUP BY sex
    patients.person group, patients.sex group
WITH a AS (SELECT person, area AS x, weight AS unused FROM patients), b AS (SELECT * FROM a WHERE x
  <> 'N01')
  SELECT x, count(*) FROM b GROUP BY x
    patients.area filter, patients.area group, patients.person group
SELECT ward, count(*) FROM patients p JOIN areas a ON p.area = a.area GROUP BY ward
    areas.area join, areas.ward group, patients.area join, patients.person group
SELECT area, count(*) FROM patients JOIN areas USING (area) GROUP BY area
    areas.area join, patients.area group, patients.area join, patients.person group
SELECT n, count(*) AS c FROM (SELECT person, count(*) AS n, sum(cost) AS s FROM gp_visits WHERE
  place = 'A' GROUP BY person) v
  GROUP BY n
    gp-visits.person group, gp-visits.place filter
SELECT sum(s) AS s FROM (SELECT person, sum(cost) AS s FROM "gp-visits" GROUP BY person HAVING
  count(day) > 2) v
    gp-visits.cost project, gp-visits.day filter, gp-visits.person group
SELECT asthma, avg(v.s) AS s FROM patients p LEFT JOIN (SELECT person, sum(cost) AS s FROM
  "gp-visits" GROUP BY person) v
  ON p.person = v.person GROUP BY asthma
    gp-visits.cost project, gp-visits.person group, gp-visits.person join, patients.asthma group,
    patients.person group,
    patients.person join
SELECT count(*) FROM patients ANTI JOIN "gp-visits" USING (person)
    gp-visits.person join, patients.person group, patients.person join
SELECT count(DISTINCT home) AS homes FROM patients JOIN (SELECT home, sum(use) AS u FROM accounts
  GROUP BY home) a
  USING (home) WHERE u > 100
    accounts.home group, accounts.home join, accounts.use filter, patients.home group, patients.home join,
    patients.home project
SELECT place, count(*) AS visits, sum(cost) AS cost FROM "gp-visits" v
  JOIN (SELECT DISTINCT ON (person) * FROM patients WHERE sex = 'F') p ON v.person = p.person WHERE
  p.asthma GROUP BY place
    gp-visits.cost project, gp-visits.person group, gp-visits.person join, gp-visits.place group,
    patients.asthma filter, patients.person group, patients.person join, patients.sex filter
"""


def footprints() -> list[tuple[str, str]]:
    """Pairs of SQL and footprint: what begins in the first column or the third is SQL, the rest is not."""
    found: list[list[list[str]]] = []
    for line in FOOTPRINTS.strip().splitlines():
        if not line.startswith(" "):
            found.append([[], []])
        found[-1][line.startswith("    ")].append(line.strip())
    return [(" ".join(sql), " ".join(told)) for sql, told in found]


@pytest.mark.parametrize(("text", "told"), footprints())
def test_footprint(text: str, told: str) -> None:
    assert ", ".join(sorted(map(str, read(text).footprint))) == ", ".join(sorted(told.split(", ")))


def test_every_footprint_names_the_asset() -> None:
    used = read("SELECT place, count(*) FROM gp_visits GROUP BY 1").footprint
    assert {(u.source, u.asset) for u in used} == {("gp-visits", "x.gp-visits")}


def test_the_shape_holds_no_word_of_the_asker() -> None:
    text = "SELECT area AS secret, count(*) AS smith FROM patients WHERE area = 'Jones' AND age > 87 "
    text += "GROUP BY area"
    assert read(text).shape == "rows(*) by patients.area where patients.age, patients.area"


def test_where_a_fault_stands() -> None:
    with pytest.raises(PlanError) as caught:
        read("SELECT count(*)\nFROM patients\nWHERE surname = 'x'")
    assert caught.value.problems[0].where == "question:3:7"


def test_no_message_repeats_a_literal() -> None:
    for text in ("SELECT count(*) FROM patients WHERE person = 'Smith'", "SELECT 'Smith' FROM patients"):
        with pytest.raises(PlanError) as caught:
            read(text)
        assert "Smith" not in str(caught.value)


def test_the_key_of_a_left_join_is_null_where_there_is_no_row() -> None:
    text = """SELECT count(*) FROM patients p LEFT JOIN
              (SELECT person, count(*) AS n FROM gp_visits GROUP BY person) v USING (person)
              WHERE v.person IS NULL"""
    condition = read(text).rows.where
    assert condition is not None
    assert condition.columns() == {"v.person"}


def test_people_are_counted_and_homes_where_homes_were_met() -> None:
    assert read("SELECT count(*) FROM patients").counted == "person"
    assert read("SELECT count(*) FROM accounts").counted == "home"
    by_home = "JOIN (SELECT home, sum(use) AS u FROM accounts GROUP BY home) a USING (home)"
    assert read(f"SELECT sum(u) AS u FROM patients {by_home}").counted == "home"


def test_tables_are_as_described() -> None:
    assert set(TABLES) == {"patients", "gp-visits", "accounts", "areas"}


BY_AREA = (
    "SELECT area, year(born) // 10 AS decade, count(*) AS n, avg(weight) AS w FROM patients GROUP BY 1, 2"
)

ORDERS = {
    "ORDER BY n": (Order("n"),),
    "ORDER BY 3 DESC, area": (Order("n", descending=True), Order("area")),
    "order by N desc nulls first": (Order("n", descending=True, nulls_first=True),),
    "ORDER BY count(*)": (Order("n"),),
    "ORDER BY year(born) // 10": (Order("decade", number=True),),
    "ORDER BY patients.area DESC NULLS LAST": (Order("area", descending=True),),
    "ORDER BY people DESC": (Order("people", descending=True),),
}


@pytest.mark.parametrize(("words", "order"), ORDERS.items())
def test_an_answer_may_be_put_in_order(words: str, order: tuple[Order, ...]) -> None:
    assert read(f"{BY_AREA} {words} LIMIT 5").shown == Shown(order, 5)


def test_order_and_limit_are_no_part_of_what_is_asked() -> None:
    plain, ordered = read(BY_AREA), read(f"{BY_AREA} ORDER BY w DESC LIMIT 3")
    assert compile_question(ordered) == compile_question(plain)
    assert (ordered.footprint, ordered.shape) == (plain.footprint, plain.shape)


WRITTEN = {
    "born < '1940-01-01'": "born < date '1940-01-01'",
    "'1940-01-01' >= born": "date '1940-01-01' >= born",
    "born BETWEEN '1940-01-01' AND ('1950-12-31')": "born BETWEEN date '1940-01-01' AND date '1950-12-31'",
    "born NOT IN ('1940-01-01')": "born NOT IN (date '1940-01-01')",
    "years_between(born, '2023-04-01') > 80": "years_between(born, date '2023-04-01') > 80",
    "asthma = 'yes'": "asthma = true",
    "asthma <> 'False'": "asthma <> false",
    "asthma = 1": "asthma = true",
    "age > '40'": "age > 40",
    "weight > '-4.5'": "weight > -4.5",
    "asthma IS NOT TRUE": "NOT coalesce(asthma, false)",
    "CASE area WHEN 'N01' THEN asthma ELSE false END": "CASE WHEN area = 'N01' THEN asthma ELSE false END",
    "CASE born WHEN '1940-01-01' THEN true END": "CASE WHEN born = date '1940-01-01' THEN true END",
}


@pytest.mark.parametrize(("quoted", "plain"), WRITTEN.items())
def test_constants_may_be_written_as_analysts_write_them(quoted: str, plain: str) -> None:
    asked = [read(f"SELECT count(*) FROM patients WHERE {words}").rows.where for words in (quoted, plain)]
    assert asked[0] == asked[1]


def test_a_moment_may_be_compared_with_a_day() -> None:
    """At its midnight, however the day is written."""
    stays = Schema((Column("came", Type.MOMENT), Column("person", Type.TEXT, Kind.KEY)))
    table = Askable("stays", "x.stays", Read(Asset("x.stays", "host", stays)), ("person",))
    asked = [
        read_question(f"SELECT count(*) FROM stays WHERE came < {words}", {"stays": table}).rows.where
        for words in (
            "'2023-04-01'",
            "date '2023-04-01'",
            "'2023-04-01 00:00'",
            "timestamp '2023-04-01 00:00'",
        )
    ]
    assert len(set(asked)) == 1


@pytest.mark.parametrize(
    ("figures", "called"),
    [
        ("count(*) AS n", "people"),
        ("count(DISTINCT person) AS people", "people"),
        ("count(DISTINCT person) AS n", "n"),
        ("count(*) AS people", "people behind"),
        ("sum(age) AS People", "people behind"),
        ("count(DISTINCT person) FILTER (WHERE asthma) AS people", "people behind"),
        ("count(*) AS people, count(DISTINCT person) AS n", "n"),
    ],
)
def test_who_stands_behind_a_row_gives_way_to_the_names_asked(figures: str, called: str) -> None:
    assert read(f"SELECT area, {figures} FROM patients GROUP BY area").people_as == called


def test_what_is_read_in_one_line() -> None:
    text = """SELECT area, avg(weight) AS w, sum(v.cost) AS c FROM patients p LEFT JOIN
              (SELECT person, sum(cost) AS cost FROM gp_visits GROUP BY person) v USING (person)
              WHERE asthma GROUP BY area"""
    told = (
        "gp-visits.cost (sum), gp-visits.person (join), patients.area (group), patients.asthma (filter), "
    )
    assert read(text).read == told + "patients.person (join), patients.weight (mean)"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("SELECT area count(*) FROM patients", "1:18"),
        ("\n\n  SELECT max(weight)\nFROM patients", "3:14"),
        ("SELECT count(*) FROM patients WHERE\n area = 'N1' AND born > 'May'", "2:25"),
        ("SELECT area, count(*) AS n FROM patients GROUP BY area\nORDER BY weight", "2:10"),
        ("SELECT count(*) FROM patients WHERE lower(person) = 'x'", "1:43"),
    ],
)
def test_the_place_of_a_fault_is_where_it_begins(text: str, where: str) -> None:
    with pytest.raises(PlanError) as caught:
        read(text)
    assert caught.value.problems[0].where == f"question:{where}"


def test_no_message_repeats_a_constant_of_the_wrong_type() -> None:
    for condition in (
        "born > 'Smith'",
        "coalesce(born, 'Smith') IS NULL",
        "date 'Smith' < born",
        "age = 'Smith'",
    ):
        with pytest.raises(PlanError) as caught:
            read(f"SELECT count(*) FROM patients WHERE {condition}")
        assert "Smith" not in str(caught.value)
