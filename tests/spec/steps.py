# ruff: noqa: E501 - tables are drawn as wide as they are
"""The steps of a plan, in tables."""

from __future__ import annotations

from .cases import Chapter, Gives, Has, Refuses, Table

PEOPLE = """
    id:text* | ward:text | age:integer | frail:boolean
    p1       | Abbey     | 82          | true
    p2       | Abbey     | 71          | false
    p3       | Bridge    |             | true
    p4       |           | 65          |
"""

CONTACTS = """
    person:text | on:date    | cost:number
    p1          | 2024-01-05 | 30.5
    p1          | 2024-01-02 | 12.0
    p2          | 2024-02-01 |
                | 2024-03-01 | 99.0
"""

HOMES = """
    uprn:text* | band:text
    h1         | A
    h2         | C
               | D
"""

TENANTS = """
    id:text* | home:text
    p1       | h1
    p2       | h9
    p3       |
    p4       | h1
"""

ROWS = Chapter(
    "Columns and rows: keep, derive, filter",
    "",
    (
        Gives(
            "`Keep` keeps these columns, in this order, and no others.",
            {"people": PEOPLE},
            'Keep(people, ("age", "id"))',
            """
            age:integer | id:text
            82          | p1
            71          | p2
                        | p3
            65          | p4
            """,
        ),
        Gives(
            "`Derive` adds columns computed from those there were; a name used again is replaced where it stands.",
            {"people": PEOPLE},
            'Derive(people, (("age", sql(people, "age + 1")), ("old", sql(people, "age >= 80"))))',
            """
            id:text | ward:text | age:integer | frail:boolean | old:boolean
            p1      | Abbey     | 83          | true          | true
            p2      | Abbey     | 72          | false         | false
            p3      | Bridge    |             | true          |
            p4      |           | 66          |               | false
            """,
        ),
        Gives(
            "`Filter` keeps the rows where the condition is true. Not known is not true.",
            {"people": PEOPLE},
            'Filter(people, sql(people, "age < 80"))',
            """
            id:text | ward:text | age:integer | frail:boolean
            p2      | Abbey     | 71          | false
            p4      |           | 65          |
            """,
        ),
        Refuses(
            "A condition is a yes or no.",
            {"people": PEOPLE},
            'Filter(people, sql(people, "age + 1"))',
            "TYPE",
        ),
        Refuses("A column must be there.", {"people": PEOPLE}, 'Keep(people, ("postcode",))', "COLUMN"),
    ),
)

JOINS = Chapter(
    "Joins",
    """A join never repeats a row of the left table: the right one must be unique by what it is joined on. A key
with nothing in it matches nothing, not even another such.""",
    (
        Gives(
            "`left` keeps every row; what has no match gets nothing.",
            {"tenants": TENANTS, "homes": HOMES},
            'Join(tenants, homes, (("home", "uprn"),), "left")',
            """
            id:text | home:text | band:text
            p1      | h1        | A
            p2      | h9        |
            p3      |           |
            p4      | h1        | A
            """,
        ),
        Gives(
            "`inner` keeps the rows that have a match.",
            {"tenants": TENANTS, "homes": HOMES},
            'Join(tenants, homes, (("home", "uprn"),), "inner")',
            """
            id:text | home:text | band:text
            p1      | h1        | A
            p4      | h1        | A
            """,
        ),
        Gives(
            "`semi` keeps them too, but adds nothing; the right table need not be unique.",
            {"people": PEOPLE, "contacts": CONTACTS},
            'Join(people, contacts, (("id", "person"),), "semi")',
            """
            id:text | ward:text | age:integer | frail:boolean
            p1      | Abbey     | 82          | true
            p2      | Abbey     | 71          | false
            """,
        ),
        Gives(
            "`anti` keeps those without a match.",
            {"tenants": TENANTS, "homes": HOMES},
            'Join(tenants, homes, (("home", "uprn"),), "anti")',
            """
            id:text | home:text
            p2      | h9
            p3      |
            """,
        ),
        Refuses(
            "One person has several contacts, so this join could repeat people.",
            {"people": PEOPLE, "contacts": CONTACTS},
            'Join(people, contacts, (("id", "person"),), "left")',
            "CARDINALITY",
        ),
        Refuses(
            "Two columns of one name could not be told apart.",
            {"people": PEOPLE, "again": PEOPLE},
            'Join(people, again, (("id", "id"),), "left")',
            "TWICE",
        ),
        Refuses(
            "Only columns of one type can match.",
            {"people": PEOPLE, "homes": HOMES},
            'Join(people, homes, (("age", "uprn"),), "left")',
            "TYPE",
        ),
        Refuses(
            "Tables held at different places are not joined: one must be transferred first.",
            {"tenants": Table(TENANTS, at="housing"), "homes": Table(HOMES, at="voa")},
            'Join(tenants, homes, (("home", "uprn"),), "left")',
            "PLACE",
        ),
    ),
)

STACKS = Chapter(
    "Stack and pick",
    "",
    (
        Gives(
            "`Stack` puts the rows of one table after another's. Equal rows stay as often as they come.",
            {"homes": HOMES},
            'Stack((Filter(homes, sql(homes, "band = \'A\'")), Keep(homes, ("uprn", "band"))))',
            """
            uprn:text | band:text
            h1        | A
            h1        | A
            h2        | C
                      | D
            """,
        ),
        Refuses(
            "Only tables with the same columns, in the same order, can be stacked.",
            {"homes": HOMES, "tenants": TENANTS},
            "Stack((homes, tenants))",
            "COLUMNS",
        ),
        Gives(
            "`Pick` keeps one row for each value of these columns: the first by all columns in their order, the"
            " least first and nothing last. So the same rows give the same pick, in whatever order they come.",
            {"contacts": CONTACTS},
            'Pick(contacts, ("person",))',
            """
            person:text | on:date    | cost:number
            p1          | 2024-01-02 | 12.0
            p2          | 2024-02-01 |
                        | 2024-03-01 | 99.0
            """,
        ),
        Gives(
            "To choose by something else, put that column first.",
            {"contacts": CONTACTS},
            'Pick(Keep(contacts, ("cost", "person")), ("person",))',
            """
            cost:number | person:text
            12.0        | p1
                        | p2
            99.0        |
            """,
        ),
    ),
)

GROUPS = Chapter(
    "Group",
    """One row for each value of some columns (nothing is a value here), with figures. A figure may be taken among
the rows where a condition is true. Sums and means of numbers may differ in the last digits between runs, since the
order of adding is not fixed; those of integers are exact.""",
    (
        Gives(
            "`rows` counts rows; `sum`, `mean`, `least` and `most` leave nothing out of account but nothing itself,"
            " and are nothing where there is no value.",
            {"contacts": CONTACTS},
            'Group(contacts, ("person",), (Aggregate("n", "rows"), Aggregate("total", "sum", sql(contacts, "cost")),'
            ' Aggregate("average", "mean", sql(contacts, "cost")), Aggregate("first", "least", sql(contacts, \'"on"\')),'
            ' Aggregate("last", "most", sql(contacts, \'"on"\'))))',
            """
            person:text | n:integer | total:number | average:number | first:date | last:date
            p1          | 2         | 42.5         | 21.25          | 2024-01-02 | 2024-01-05
            p2          | 1         |              |                | 2024-02-01 | 2024-02-01
                        | 1         | 99.0         | 99.0           | 2024-03-01 | 2024-03-01
            """,
        ),
        Gives(
            "`distinct` counts different values; `any` is true if it is so for some row, and otherwise false.",
            {"people": PEOPLE},
            'Group(people, ("ward",), (Aggregate("ages", "distinct", sql(people, "age")),'
            ' Aggregate("frail", "any", sql(people, "frail")),'
            ' Aggregate("old", "rows", None, sql(people, "age >= 80"))))',
            """
            ward:text | ages:integer | frail:boolean | old:integer
            Abbey     | 2            | true          | 1
            Bridge    | 0            | true          | 0
                      | 1            | false         | 0
            """,
        ),
        Gives(
            "Over no columns there is one row, even when there is nothing to count.",
            {"people": PEOPLE},
            'Group(Filter(people, sql(people, "age > 200")), (), (Aggregate("n", "rows"),'
            ' Aggregate("total", "sum", sql(people, "age"))))',
            """
            n:integer | total:integer
            0         |
            """,
        ),
        Refuses(
            "A sum is of numbers.",
            {"people": PEOPLE},
            'Group(people, (), (Aggregate("total", "sum", sql(people, "ward")),))',
            "TYPE",
        ),
    ),
)

BIRTHS = """
    id:text* | born:date:identifier | postcode:text:identifier
    p1       | 1948-02-29           | CT1 2EH
    p2       | 2021-01-03           | ct12 3eh
    p3       |                      | nowhere
"""

COARSENING = Chapter(
    "Coarsen",
    """A column is replaced by a less exposing one, by a named rule. What a rule cannot read becomes nothing, never
itself.""",
    (
        Gives(
            "The year of birth.",
            {"births": BIRTHS},
            'coarsen(Keep(births, ("id", "born")), "born", "born_year", "year")',
            """
            id:text | born_year:integer
            p1      | 1948
            p2      | 2021
            p3      |
            """,
        ),
        Gives(
            "The Monday of the week of birth.",
            {"births": BIRTHS},
            'coarsen(Keep(births, ("id", "born")), "born", "born_week", "week")',
            """
            id:text | born_week:date
            p1      | 1948-02-23
            p2      | 2020-12-28
            p3      |
            """,
        ),
        Gives(
            "The age in bands on a day.",
            {"births": BIRTHS},
            'coarsen(Keep(births, ("id", "born")), "born", "age", "age-band", at="2024-04-01", width=5, top=75)',
            """
            id:text | age:text
            p1      | 75 and over
            p2      | 0 to 4
            p3      |
            """,
        ),
        Gives(
            "The district of a postcode.",
            {"births": BIRTHS},
            'coarsen(Keep(births, ("id", "postcode")), "postcode", "district", "postcode-district")',
            """
            id:text | district:text
            p1      | CT1
            p2      | CT12
            p3      |
            """,
        ),
    ),
)

NAMED = "nhs:text*:identifier | frail:boolean:sensitive | ward:text:quasi-identifier\n 9990000018 | true | Abbey"
CODED = "person:text*:key | frail:boolean:sensitive | ward:text:quasi-identifier\n k1 | true | Abbey"
WARDS = Table("ward:text* | people:integer\n Abbey | 4012", people=False)

FORMS = Chapter(
    "Forms",
    """A table's form is *who* its rows are about (a group, a coded person, a named person) and *what* they tell (a
count, one yes or no, fields). It is computed from the kinds of the columns, and is never declared.""",
    (
        Has("An identifier names people.", {"people": NAMED}, "people", "(named, fields)"),
        Has(
            "One yes or no about a named person tells less than fields do.",
            {"people": NAMED},
            'Keep(people, ("nhs", "frail"))',
            "(named, flag)",
        ),
        Has(
            "Names alone tell one thing: that these people are in the table.",
            {"people": NAMED},
            'Keep(people, ("nhs",))',
            "(named, flag)",
        ),
        Has("A key codes people.", {"people": CODED}, "people", "(coded, fields)"),
        Has(
            "Dropping the identifier leaves coded people, since each row is still one person.",
            {"people": NAMED},
            'Keep(people, ("frail", "ward"))',
            "(coded, fields)",
        ),
        Has(
            "Keyed, a named person is a coded one.",
            {"people": NAMED},
            'Key(people, "nhs", "person", "person")',
            "(coded, fields)",
        ),
        Has(
            "Grouped by what is no identifier, rows are about groups.",
            {"people": NAMED},
            'Group(people, ("ward",), (Aggregate("n", "rows"),))',
            "(group, count)",
        ),
        Has(
            "Grouped by an identifier, they are still about people.",
            {"people": NAMED},
            'Group(people, ("nhs",), (Aggregate("wards", "distinct", sql(people, "ward")),))',
            "(named, fields)",
        ),
        Has("A table about places is about nobody.", {"wards": WARDS}, "wards", "(group, count)"),
    ),
)

TRANSFERS = Chapter(
    "Transfers",
    """`Transfer` is the one step that crosses from a place to another. It takes only a checked table, in no more
than the form agreed; anything else cannot be built, so it cannot be run.""",
    (
        Refuses(
            "Unchecked.",
            {"people": CODED},
            'Transfer(people, "host", "evaluation", DEPERSONALISED)',
            "UNCHECKED",
        ),
        Refuses(
            "Named people where coded ones were agreed.",
            {"people": NAMED},
            'Transfer(Check(people, "records"), "host", "evaluation", DEPERSONALISED)',
            "FORM",
        ),
        Refuses(
            "Fields where a yes or no was agreed.",
            {"people": NAMED},
            'Transfer(Check(people, "records"), "host", "care", YES_NO)',
            "FORM",
        ),
        Refuses(
            "Coded people where groups were agreed.",
            {"people": CODED},
            'Transfer(Check(people, "records"), "public", "statistics", AGGREGATE)',
            "FORM",
        ),
        Refuses(
            "Rows about people are checked as records, not as statistics.",
            {"people": CODED},
            'Check(people, "official-statistics")',
            "POLICY",
        ),
        Has(
            "A yes or no about named people, where that was agreed.",
            {"people": NAMED},
            'Transfer(Check(Keep(people, ("nhs", "frail")), "records"), "supplier", "care", YES_NO)',
            "(named, flag)",
        ),
        Has(
            "Places are reference data.",
            {"wards": WARDS},
            'Transfer(Check(wards, "reference"), "host", "evaluation", AGGREGATE)',
            "(group, count)",
        ),
    ),
)

CHAPTERS = (ROWS, JOINS, STACKS, GROUPS, COARSENING, FORMS, TRANSFERS)
