"""The recipes whole: preparation on the reference engine, fit, and what may be said of withheld figures."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from analyse_example import NAMES, county, settings

from sharewell.analyse import RECIPES
from sharewell.analyse.comparison.cohort import read_cohort
from sharewell.analyse.comparison.report import MAIN, fit
from sharewell.analyse.comparison.story import tell
from sharewell.analyse.cost_report import NOBODY
from sharewell.analyse.gap.report import byar
from sharewell.engines import reference
from sharewell.errors import DocumentError, FitError, PlanError
from sharewell.plan.finding import ALL
from sharewell.plan.forms import AGGREGATE, YES_NO
from sharewell.plan.schema import Asset, Column, Kind, Schema, Type
from sharewell.plan.steps import Read

DAY = dt.date(2023, 2, 1)


def read(name, **columns):
    kinds = {"person": Kind.KEY, "home": Kind.KEY, "customer": Kind.IDENTIFIER}
    schema = Schema(tuple(Column(n, t, kinds.get(n, Kind.PLAIN)) for n, t in columns.items()))
    return Read(Asset(name, "host", schema, tuple(list(columns)[:1])))


def run(step, tables):
    """Every step on the reference engine, as an Arrow table."""
    done = {}
    for each in step.walk():
        rows = tables[each.asset.name] if isinstance(each, Read) else None
        done[each] = rows if rows is not None else reference.run(each, [done[part] for part in each.inputs])
    names = step.shape.schema.names
    return pa.table({name: [row[name] for row in done[step]] for name in names})


def shown(finding):
    return {table.name: table.data for table in finding.tables}


def test_every_recipe_has_its_bodies_and_a_question():
    whole = [name for name in RECIPES if not RECIPES[name].missing]
    assert {"cost-per-head", "eligibility", "matched-cohort", "needs-gap"} <= {*whole}
    assert all(RECIPES[name].signature.question.endswith("?") for name in RECIPES)
    assert all(RECIPES[name].signature.inputs for name in RECIPES)
    assert (
        RECIPES["matched-cohort"]
        .signature.ask(settings())
        .startswith("Do people who had a home safety visit")
    )


def test_faults_of_settings_come_all_at_once():
    with pytest.raises(DocumentError) as caught:
        settings(ratio=0, tie="nearest", follow_to="soon", home=7, colour="red")
    said = str(caught.value)
    assert len(caught.value.problems) == 5
    assert "ratio is under 1" in said
    assert "soon" not in said


def test_columns_are_checked_against_the_inputs_and_counted_as_used():
    signature = RECIPES["matched-cohort"].signature
    schema = Schema((Column("person", Type.TEXT), Column("age", Type.DATE)))
    with pytest.raises(PlanError) as caught:
        signature.check_columns({"people": schema}, settings())
    assert {p.code for p in caught.value.problems} == {"INPUT", "COLUMN", "TYPE"}
    assert signature.columns(settings(), "people") == ("person", "home", "age", "frailty", "deprivation")


@pytest.fixture
def prepared():
    people = read(
        "people",
        person=Type.TEXT,
        home=Type.TEXT,
        age=Type.TEXT,
        frailty=Type.INTEGER,
        deprivation=Type.INTEGER,
    )
    inputs = {
        "people": people,
        "given": read("visits", visit=Type.INTEGER, home=Type.TEXT, date=Type.DATE),
        "outcomes": read("events", event=Type.INTEGER, person=Type.TEXT, date=Type.DATE),
    }
    rows = {
        "people": [
            {"person": p, "home": h, "age": "20-29", "frailty": 0, "deprivation": 1}
            for p, h in (("a", "x"), ("b", "x"), ("c", "y"), ("d", None), ("e", "z"))
        ],
        "visits": [
            {"visit": 1, "home": "x", "date": DAY},
            {"visit": 2, "home": None, "date": DAY},
            {"visit": 3, "home": "nowhere", "date": DAY},
            {"visit": 4, "home": "z", "date": dt.date(2023, 5, 1)},
        ],
        "events": [
            {"event": i, "person": p, "date": day}
            for i, (p, day) in enumerate(
                [
                    ("a", dt.date(2022, 12, 31)),
                    ("a", DAY),
                    ("a", dt.date(2024, 3, 31)),
                    ("c", dt.date(2024, 4, 1)),
                ]
            )
        ],
    }
    step = RECIPES["matched-cohort"].prepare(inputs, settings())
    return run(step, rows)


def test_preparation_counts_each_span_and_keeps_lost_records(prepared):
    rows = {row["person"]: row for row in prepared.to_pylist() if row["linked"]}
    assert (rows["a"]["treated"], rows["a"]["history"], rows["a"]["outcome"]) == (True, 1, 1)
    assert [name for name, row in rows.items() if row["treated"]] == ["a", "b"]
    assert [name for name, row in rows.items() if row["excluded"]] == ["e"]
    assert rows["c"]["outcome"] == 0
    assert sum(row["records"] for row in prepared.to_pylist() if not row["linked"]) == 2


def test_a_visit_to_a_home_of_two_is_one_record(prepared):
    cohort = read_cohort(prepared, ("age",), (), 1.0, 1)
    assert cohort.records == (3, 1)
    assert cohort.held == (2, 3)
    assert cohort.eligible == (2, 2)


def test_a_matched_cohort_shows_what_an_impact_report_must():
    finding = fit(county(1), settings(hypothesis="Visits do not change A&E use."))
    assert [t.name for t in finding.tables] == [
        "flow",
        "support",
        "balance",
        "arms",
        "effect",
        "difference",
        "unmeasured",
    ]
    labels = finding.table("effect").data["analysis"].to_pylist()
    assert labels[0] == MAIN
    assert {
        "Tie rule: last",
        "Ties at random: lowest of 10 draws",
        "Ties at random: highest of 10 draws",
        "Before matching",
        "Caliper: 0.2 standard deviations",
    } <= set(labels)
    assert any("linked wrongly" in label for label in labels)
    assert "Visits do not change" in finding.method
    story = tell(shown(finding), settings())
    assert story.sentences[0].startswith(("No significant difference", "People who had"))


def test_the_order_of_rows_does_not_matter():
    table = county(2, 6_000, 400)
    shuffled = table.take(np.random.default_rng(0).permutation(table.num_rows))
    once, again = fit(table, settings()), fit(shuffled, settings())
    assert once.table("effect").data.equals(again.table("effect").data)


def test_withheld_figures_are_said_to_be_withheld():
    tables = shown(fit(county(3, 6_000, 400), settings()))
    hidden = {
        name: pa.table(
            {
                c: t[c] if pa.types.is_string(t[c].type) else pa.nulls(t.num_rows, t[c].type)
                for c in t.column_names
            }
        )
        for name, t in tables.items()
    }
    said = " ".join(tell(hidden, settings()).sentences)
    assert said.count("withheld") >= 4
    assert not any(ch.isdigit() for ch in said)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda t: t.slice(0, 200), "TOO_SMALL"),
        (lambda t: t.set_column(2, "treated", pa.array([False] * t.num_rows)), "EMPTY_ARM"),
        (lambda t: t.set_column(4, "outcome", pa.nulls(t.num_rows, pa.int64())), "NO_OUTCOME"),
        (lambda t: t.set_column(4, "outcome", pa.array([-1] * t.num_rows)), "NEGATIVE"),
        (lambda t: t.append_column("years", pa.array([-1.0] * t.num_rows)), "EXPOSURE"),
        (lambda t: pa.concat_tables([t, t.slice(0, 1)]), "DUPLICATE"),
        (lambda t: t.drop_columns(["frailty"]), "COLUMN"),
    ],
)
def test_a_cohort_that_cannot_answer_is_refused(change, code):
    table = change(county(4, 6_000, 400))
    with pytest.raises(FitError) as caught:
        fit(table, settings())
    assert code in [p.code for p in caught.value.problems]


COSTS = {
    "person": "person",
    "practice": "practice",
    "band": "band",
    "activity_of": "person",
    "activity_on": "date",
    "point_of_care": "place",
    "cost": "cost",
    "year_from": "2023-01-01",
    "year_to": "2023-12-31",
    "denominator_on": "2023-04-01",
    "price_year": "2023/24",
}


@pytest.fixture
def costs():
    inputs = {
        "people": read("people", person=Type.TEXT, practice=Type.TEXT, band=Type.TEXT),
        "activity": read(
            "activity",
            contact=Type.INTEGER,
            person=Type.TEXT,
            date=Type.DATE,
            place=Type.TEXT,
            cost=Type.INTEGER,
        ),
    }
    random = np.random.default_rng(5)
    people = [{"person": f"{i:03d}", "practice": f"P{i % 3}", "band": f"B{i % 2}"} for i in range(90)]
    activity = [
        {
            "contact": i,
            "person": f"{p:03d}" if p < 90 else ("gone" if p < 95 else None),
            "date": day,
            "place": ("GP", "A&E")[i % 2],
            "cost": int(c),
        }
        for i, (p, c) in enumerate(
            zip(random.integers(0, 100, 700), random.integers(1, 99_999, 700), strict=True)
        )
        for day in [DAY if i % 10 else dt.date(2022, 12, 31)]
    ]
    recipe = RECIPES["cost-per-head"]
    params = recipe.signature.settle(COSTS)
    table = run(recipe.prepare(inputs, params), {"people": people, "activity": activity})
    return recipe, params, table, activity


def test_costs_are_exact_to_the_penny_and_add_up_to_the_ledger(costs):
    recipe, params, table, activity = costs
    cells = {
        (r["practice"], r["point_of_care"]): r
        for r in recipe.fit(table, params).table("costs").data.to_pylist()
    }
    mine = [a for a in activity if a["date"] == DAY]
    known = {f"{i:03d}" for i in range(90)}
    for number in range(3):
        whole = sum(a["cost"] for a in mine if a["person"] in known and int(a["person"]) % 3 == number)
        assert cells[f"P{number}", ALL]["cost"] == whole / 100
        assert cells[f"P{number}", ALL]["per_head"] == round(whole / 100 / 30, 2)
    lost = sum(a["cost"] for a in mine if a["person"] not in known)
    assert cells[NOBODY, ALL]["cost"] == lost / 100
    assert round(cells[ALL, ALL]["cost"] * 100) == sum(a["cost"] for a in mine)


def test_the_two_largest_contributions_stand_beside_each_cost(costs):
    recipe, params, table, activity = costs
    cells = {
        (r["practice"], r["point_of_care"]): r
        for r in recipe.fit(table, params).table("costs").data.to_pylist()
    }
    spent: dict[str, int] = {}
    for a in activity:
        if (
            a["date"] == DAY
            and a["place"] == "GP"
            and a["person"]
            and a["person"] != "gone"
            and int(a["person"]) % 3 == 1
        ):
            spent[a["person"]] = spent.get(a["person"], 0) + a["cost"]
    first, second = sorted(spent.values(), reverse=True)[:2]
    cell = cells["P1", "GP"]
    assert (cell["largest"], cell["second_largest"], cell["people"]) == (
        first / 100,
        second / 100,
        len(spent),
    )


def test_standardised_costs_agree_with_the_definition(costs):
    recipe, params, table, _ = costs
    rows = {r["practice"]: r for r in recipe.fit(table, params).table("per_head").data.to_pylist()}
    whole = [r for r in table.to_pylist() if r["point_of_care"] == ALL and r["practice"] == "P0"]
    by_band = [np.mean([r["pence"] for r in whole if r["band"] == b]) / 100 for b in ("B0", "B1")]
    assert rows["P0"]["standardised"] == pytest.approx(np.mean(by_band), abs=0.01)
    assert rows["P0"]["low"] < rows["P0"]["inner_low"] < rows["P0"]["centre"] < rows["P0"]["high"]
    assert "could not be assigned" in " ".join(
        recipe.tell(shown(recipe.fit(table, params)), params).sentences
    )


def test_negative_costs_are_refused(costs):
    recipe, params, table, _ = costs
    with pytest.raises(FitError, match="NEGATIVE"):
        recipe.fit(table.set_column(4, "pence", pa.array([-1] * table.num_rows)), params)


NEEDS = {
    "area": "area",
    "band": "band",
    "need": "autism",
    "need_as": "autism",
    "prevalence_source": "a survey",
    "prevalence": {"0-17": 0.02, "18+": 0.01},
}


def test_byars_limits():
    """Breslow and Day 1987, example: 10 seen gives 4.79 to 18.39 (exact 4.80 to 18.39)."""
    assert byar(10) == pytest.approx((4.79, 18.39), abs=0.01)
    assert byar(0) == pytest.approx((0.0, 3.66), abs=0.05)


def test_a_gap_is_found_where_it_was_planted_and_nulls_are_said():
    recipe = RECIPES["needs-gap"]
    params = recipe.signature.settle(NEEDS)
    schema = {"person": Type.TEXT, "area": Type.TEXT, "band": Type.TEXT, "autism": Type.BOOLEAN}
    people = [
        {
            "person": str(i),
            "area": "North" if i % 2 else "South",
            "band": "0-17" if i % 4 < 2 else "18+",
            "autism": i % (200 if i % 2 else 67) == 1 or None,
        }
        for i in range(40_000)
    ]
    table = run(recipe.prepare({"people": read("people", **schema)}, params), {"people": people})
    finding = recipe.fit(table, params)
    areas = {r["area"]: r for r in finding.table("areas").data.to_pylist()}
    assert areas["North"]["expected"] == areas["South"]["expected"] == 300
    assert areas["North"]["recorded"] == 200
    assert areas["North"]["gap"] == 100
    assert areas["North"]["high"] < 1
    said = " ".join(recipe.tell(shown(finding), params).sentences)
    assert "Fewer than expected are recorded in 1 of 2 areas shown: North." in said
    assert "In 1 areas the records do not differ" in said


def test_a_prevalence_is_needed_for_each_band():
    recipe = RECIPES["needs-gap"]
    params = recipe.signature.settle({**NEEDS, "prevalence": {"0-17": 3}})
    table = pa.table({"area": ["a", "a"], "band": ["0-17", "18+"], "people": [5, 5], "recorded": [1, 0]})
    with pytest.raises(FitError) as caught:
        recipe.fit(table, params)
    assert len(caught.value.problems) == 2


def test_eligibility_is_the_subject_and_a_yes_or_no():
    recipe = RECIPES["eligibility"]
    rule = {
        "subject": "customer",
        "rule": "benefit and score >= :threshold",
        "thresholds": {"threshold": 50},
    }
    subjects = read("customers", customer=Type.TEXT, benefit=Type.BOOLEAN, score=Type.INTEGER)
    step = recipe.prepare({"subjects": subjects}, recipe.signature.settle(rule))
    rows = [
        ("a", True, 50),
        ("b", True, 49),
        ("c", None, 90),
        ("d", False, 90),
        ("d", True, 60),
        (None, True, 99),
    ]
    held = [dict(zip(("customer", "benefit", "score"), row, strict=True)) for row in rows]
    found = run(step, {"customers": held}).to_pylist()
    assert {row["customer"]: row["eligible"] for row in found} == {
        "a": True,
        "b": False,
        "c": False,
        "d": True,
    }
    assert step.shape.form == YES_NO
    assert step.shape.schema.names == ("customer", "eligible")


def test_a_rule_must_be_a_yes_or_no():
    recipe = RECIPES["eligibility"]
    subjects = read("customers", customer=Type.TEXT, score=Type.INTEGER)
    with pytest.raises(PlanError, match="not a yes/no"):
        recipe.prepare(
            {"subjects": subjects}, recipe.signature.settle({"subject": "customer", "rule": "score + 1"})
        )


def test_a_home_service_needs_the_home():
    with pytest.raises(PlanError, match="home"):
        RECIPES["matched-cohort"].prepare({}, settings(home=None))
    assert NAMES["unit"] == "home"
    assert RECIPES["matched-cohort"].signature.yields == AGGREGATE


def test_what_is_declared_is_prepared_and_nothing_else():
    """Days to the first, the history before and after the placebo's date, and placebo events, by hand."""
    people = read("people", person=Type.TEXT, place=Type.TEXT, age=Type.INTEGER)
    events = {"person": Type.TEXT, "date": Type.DATE}
    inputs = {
        "people": people,
        "given": read("given", id=Type.INTEGER, **events),
        "outcomes": read("outcomes", id=Type.INTEGER, **events),
        "placebo": read("placebo", id=Type.INTEGER, **events),
    }
    first, last, late = dt.date(2023, 4, 1), dt.date(2024, 3, 31), dt.date(2022, 7, 1)
    dates = [("a", late - dt.timedelta(1)), ("a", late), ("a", dt.date(2022, 12, 31)), ("b", last)]
    dates += [("a", dt.date(2023, 4, 3)), ("a", first + dt.timedelta(9)), ("b", DAY), ("c", first)]

    def rows(pairs):
        return [{"id": i, "person": who, "date": day} for i, (who, day) in enumerate(pairs)]

    tables = {
        "people": [{"person": p, "place": "north", "age": 7} for p in "abcd"],
        "given": rows([("a", DAY)]),
        "outcomes": rows(dates),
        "placebo": rows([("c", first), ("c", last), ("c", last + dt.timedelta(1)), ("a", DAY)]),
    }
    asked = {"given_to": "person", "unit": "person", "home": None, "covariates": ("age",)}
    asked |= {"placebo_of": "person", "placebo_on": "date", "placebo_as": "falls"}
    asked |= {"placebo_date": "2022-07-01", "time": True, "pool": "regional", "region": "place"}
    recipe = RECIPES["matched-cohort"]
    table = run(recipe.prepare(inputs, settings(**asked)), tables).sort_by("person")
    counted = {n: table[n].to_pylist() for n in ("history", "early", "late", "outcome", "days", "placebo")}
    assert counted == {
        "history": [3, 0, 0, 0],
        "early": [1, 0, 0, 0],
        "late": [2, 0, 0, 0],
        "outcome": [2, 1, 1, 0],
        "days": [3, 366, 1, None],
        "placebo": [0, 0, 2, 0],
    }
    assert table["place"].to_pylist() == ["north"] * 4
    plain = settings(given_to="person", unit="person", home=None, covariates=("age",))
    inputs.pop("placebo")
    names = recipe.prepare(inputs, plain).shape.schema.names
    assert not {"early", "late", "days", "placebo", "place"} & set(names)


def test_everything_asked_for_and_not_named_is_told_at_once():
    people = read("people", person=Type.TEXT, age=Type.INTEGER, outcome=Type.INTEGER)
    events = read("events", id=Type.INTEGER, person=Type.TEXT, date=Type.DATE)
    inputs = {"people": people, "given": events, "outcomes": events}
    asked = {"home": None, "pool": "regional", "placebo_as": "falls", "placebo_date": "2023-01-01"}
    with pytest.raises(PlanError) as caught:
        RECIPES["matched-cohort"].prepare(inputs, settings(**asked, covariates=("outcome",)))
    assert [p.code for p in caught.value.problems] == ["PARAMETER"] * 2 + ["INPUT", "COLUMN", "PARAMETER"]
    given = {**inputs, "placebo": inputs["outcomes"]}
    with pytest.raises(PlanError, match="placebo_of") as caught:
        RECIPES["matched-cohort"].prepare(given, settings(home=None, unit="person", covariates=("age",)))
    assert len(caught.value.problems) == 3
