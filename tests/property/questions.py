"""Random questions: SELECTs of a grammar that a question may have, and mutations that it may not."""

from __future__ import annotations

from hypothesis import strategies as st

CONDITIONS = (
    "asthma",
    "not asthma",
    "age > 40",
    "area = 'N1'",
    "area <> 'N2' or sex = 'F'",
    "weight is not null",
    "born >= date '1980-01-01'",
    "year(born) % 2 = 0",
    "area in ('N1', 'N3')",
    "age between 20 and 60",
    "length(area) > 1",
    "born < '1960-01-01'",
    "asthma = 'yes' and age > '30'",
    "case sex when 'F' then asthma is true else asthma is not false end",
    "coalesce(weight, 0) < 70",
)
GROUPS = (
    "area",
    "sex",
    "asthma",
    "year(born) // 30",
    "case when age < 40 then 'young' else 'old' end",
    "upper(sex)",
    "month(born)",
)
FIGURES = (
    "count(*)",
    "count(weight)",
    "count(distinct person)",
    "sum(age)",
    "avg(age)",
    "sum(weight)",
    "count(*) filter (where asthma)",
    "avg(case when asthma then 1 else 0 end)",
    "count(case when age > 50 then 1 end)",
    "count(distinct person) filter (where sex = 'F')",
)
FROMS = (
    "patients",
    "(select * from patients) x",
    "(select *, age + 1 as older from patients where age > 5) x",
    "patients join areas using (area)",
    "patients left join (select person as who, sum(cost) as spent, count(*) as visits from gp_visits"
    " group by person) v"
    " on patients.person = v.who",
    "patients semi join gp_visits using (person)",
    "patients anti join gp_visits using (person)",
    "(select distinct on (person) * from patients) x",
    "(select person, area, sex, age, weight, asthma, born from patients where asthma) x",
)


@st.composite
def questions(draw: st.DrawFn) -> str:
    """One SELECT that may be asked."""
    groups = draw(st.lists(st.sampled_from(GROUPS), max_size=2, unique=True))
    figures = draw(st.lists(st.sampled_from(FIGURES), min_size=1, max_size=3, unique=True))
    items = [f"{group} as g{i}" for i, group in enumerate(groups)]
    names = draw(st.permutations(("z", "people", "a_1")))  # not in the order of the alphabet
    items += [f"{figure} as {name}" for figure, name in zip(figures, names, strict=False)]
    text = f"select {', '.join(items)} from {draw(st.sampled_from(FROMS))}"
    if draw(st.booleans()):
        text += f" where {draw(st.sampled_from(CONDITIONS))}"
    if groups:
        text += f" group by {', '.join(str(i + 1) for i in range(len(groups)))}"
    if draw(st.booleans()):
        text += f" order by {draw(st.sampled_from((names[0], '1', figures[0])))} desc limit 1000"
    if draw(st.booleans()):
        text = text.replace("from patients", "from cte", 1)
        text = (
            text
            if "cte" not in text
            else f"with cte as (select * from patients) {text.replace(' patients.', ' cte.')}"
        )
    return text


FOREIGN = (
    "; drop table patients",
    " union select 1",
    " -- x",
    "/* x */",
    "read_csv('x')",
    "'x.parquet'",
    "limit 1",
    "order by 1",
    "having count(*) < 3",
    " lateral ",
    "over ()",
    "nhs_number",
    "person",
    "select",
    "*",
    "(",
    ")",
    "'",
    '"',
    ",",
    "from",
    "where",
    "group by",
    "max(weight)",
    "patients",
    "gp_visits",
    "cross join areas",
    "copy",
    "attach 'x'",
    "\0",
    "é",
    "\u0430",
    "using sample 1",
    "1e400",
    "99999999999999999999",
    "null",
    "::blob",
    "$1",
    "?",
    ":at",
    "exists (select 1)",
    "recursive",
    "distinct",
    "[1]",
    "{'a': 1}",
    "->",
    "@",
    "interval 1 day",
    "information_schema.tables",
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A question with parts cut out, doubled, swapped or put in."""
    text = draw(questions())
    for _ in range(draw(st.integers(1, 4))):
        at, to = sorted(draw(st.tuples(*[st.integers(0, len(text))] * 2)))
        how = draw(st.integers(0, 3))
        part = draw(st.sampled_from(FOREIGN))
        text = {
            0: text[:at] + text[to:],
            1: text[:at] + f" {part} " + text[at:],
            2: text[:at] + part + text[to:],
            3: text[:to] + text[at:],
        }[how]
    return text
