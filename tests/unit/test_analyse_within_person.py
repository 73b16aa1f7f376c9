"""People before and after: the model against statsmodels and the truth, and bad input refused in words."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from sharewell.analyse.within_person import report
from sharewell.analyse.within_person.conditional import Counts, fit_conditional
from sharewell.analyse.within_person.effect import analyse, only_improved, per_thousand, sides
from sharewell.analyse.within_person.panel import collapse, counts_of, months_of, panel_of
from sharewell.analyse.within_person.preparing import CHANGES, COLUMNS, EVENTS, PEOPLE, PLACEBO
from sharewell.analyse.within_person.story import tell
from sharewell.analyse.within_person.study import read_study
from sharewell.analyse.within_person_rates import SIGNATURE
from sharewell.errors import FitError
from sharewell.plan.schema import Type

ARROW = {Type.TEXT: pa.string(), Type.DATE: pa.date32(), Type.INTEGER: pa.int64()}
FIRST, LAST = dt.date(2018, 1, 1), dt.date(2021, 12, 31)
NAMES = {
    "person": "person", "home": "home", "born": "born", "changed": "home", "kind": "kind",
    "changed_on": "changed", "outcome_of": "person", "outcome_on": "day", "follow_from": str(FIRST),
    "follow_to": str(LAST), "given_as": "works", "outcome_as": "admissions", "least": 10,
}  # fmt: skip


def settings(**changed: Any) -> dict[str, Any]:
    return dict(SIGNATURE.settle({**NAMES, **changed}))


def part(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    columns = {column: [row.get(column) for row in rows] for column in COLUMNS}
    columns["part"] = [name] * len(rows)
    return pa.table({name: pa.array(columns[name], ARROW[kind]) for name, kind in COLUMNS.items()})


def county(
    seed: int, people: int = 1_500, ratio: float = 0.6, yearly: float = 2.0
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], list[dict[str, Any]]]:
    """Two people a home; rates differ between people and rise by 10% a year; `a` acts, `b` does not, and
    both come to the homes of the sick first, half of the time together."""
    random = np.random.default_rng(seed)
    persons, changes, events = [], [], []
    for home in range(people // 2):
        sick = random.gamma(2, 0.5)
        when = {}
        if random.random() < 0.7:
            start = int(np.clip(30 - 8 * sick + random.integers(-8, 9), 4, 44))
            when = {"a": start, "b": start if random.random() < 0.5 else int(random.integers(2, 46))}
        for kind, month in when.items():
            day = dt.date(2018 + month // 12, month % 12 + 1, 1)
            changes.append({"home": f"h{home:05d}", "kind": kind, "changed": day, "number": 1})
        for who in range(2):
            key = f"p{2 * home + who:06d}"
            born = dt.date(1930 + int(random.integers(0, 50)), 1, 4)
            persons.append(
                {"person": key, "home": f"h{home:05d}", "born": born, "sex": "FM"[who], "region": "E1"}
            )
            rate = sick * yearly / 12 * np.exp(0.1 * np.arange(48) / 12)
            rate *= np.where(np.arange(48) >= when.get("a", 99), ratio, 1.0)
            drawn = random.poisson(rate)
            for month in np.flatnonzero(drawn):
                number = int(drawn[month])
                events.append({"person": key, "month": 2018 * 12 + int(month), "number": number})
    return persons, changes, events


def table(
    persons: list[dict[str, Any]], changes: list[dict[str, Any]], events: list[dict[str, Any]]
) -> pa.Table:
    return pa.concat_tables([part(PEOPLE, persons), part(CHANGES, changes), part(EVENTS, events)])


def small(seed: int, people: int = 60) -> tuple[Counts, np.ndarray]:
    random = np.random.default_rng(seed)
    sizes = random.integers(1, 9, people)
    rows = int(sizes.sum())
    design = random.normal(size=(40, 3))
    return Counts(
        np.concatenate(([0], np.cumsum(sizes))),
        random.integers(0, 40, rows),
        random.uniform(0.2, 1.0, rows),
        random.poisson(1.0, rows).astype(float),
        np.arange(people) // 2,
    ), design


@pytest.mark.parametrize("seed", range(4))
def test_the_conditional_model_is_that_of_statsmodels(seed: int) -> None:
    from statsmodels.discrete.conditional_models import ConditionalPoisson

    whole, design = small(seed)
    # It leaves out people whose months all had the same number of events, though these say something too.
    varies = [len(set(part)) > 1 for part in np.split(whole.events, whole.start[1:-1])]
    counts = whole.of(np.array(varies))
    person = np.repeat(np.arange(counts.people), np.diff(counts.start))
    model = ConditionalPoisson(
        counts.events, design[counts.row], groups=person, offset=np.log(counts.exposure)
    )
    theirs = model.fit(method="bfgs", gtol=1e-9, disp=0)
    ours = fit_conditional(counts, design)
    assert ours.coefficients == pytest.approx(theirs.params, abs=1e-4)
    assert np.sqrt(np.diag(ours.model_covariance)) == pytest.approx(theirs.bse, rel=1e-3)


def test_the_clustered_errors_are_those_of_a_poisson_model_with_a_dummy_a_person() -> None:
    """Its sandwich has the same scores for the slopes, since each person's own effect takes up the rest."""
    import statsmodels.api as sm

    counts, design = small(9)
    used = counts.of(counts.happened)
    person = np.repeat(np.arange(used.people), np.diff(used.start))
    matrix = np.column_stack([design[used.row], np.eye(used.people)[person]])
    groups = used.cluster[person]
    model = sm.GLM(used.events, matrix, family=sm.families.Poisson(), offset=np.log(used.exposure))
    theirs = model.fit(tol=1e-12, cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False})
    ours = fit_conditional(counts, design)
    assert ours.coefficients == pytest.approx(theirs.params[:3], abs=1e-6)
    homes = ours.clusters
    scale = homes / (homes - 1)
    assert ours.covariance == pytest.approx(np.asarray(theirs.cov_params())[:3, :3] * scale, rel=1e-4)


def test_the_effect_is_recovered_where_naive_answers_are_wrong() -> None:
    study = read_study(table(*county(1)), settings())
    made = analyse(study, settings(washout_months=1))
    a, b = made.ratios
    assert a.low <= 0.6 <= a.high
    assert a.value == pytest.approx(0.6, abs=0.06)
    assert b.low <= 1.0 <= b.high
    side = sides(made, 0)
    before, after = (e / y for e, y in zip(side.events, side.years, strict=True))
    assert after / before > 0.66, "the trend hides part of the effect from a plain before and after"


def test_other_models_agree_and_placebos_are_nothing() -> None:
    params = settings(washout_months=1)
    study = read_study(table(*county(2)), params)
    main = analyse(study, params)
    for ratios in (main.dispersed(), analyse(only_improved(study), params).ratios):
        for other, ratio in zip(ratios, main.ratios, strict=True):
            assert other.value == pytest.approx(ratio.value, abs=0.08)
    early = analyse(study, params, lead=True).ratios[2:]
    assert [ratio.change for ratio in early] == ["a, a year early", "b, a year early"]
    assert all(ratio.low <= 1.02 and ratio.high >= 0.98 for ratio in early)


def test_an_effect_that_came_a_year_early_shows_in_the_placebo() -> None:
    persons, changes, events = county(3)
    late = [{**row, "changed": row["changed"].replace(year=row["changed"].year + 1)} for row in changes]
    late = [row for row in late if row["changed"] <= LAST]
    made = analyse(read_study(table(persons, late, events), settings()), settings(), lead=True)
    early = {ratio.change: ratio for ratio in made.ratios}["a, a year early"]
    assert early.high < 0.9


def test_months_at_risk_run_from_moving_in_to_death() -> None:
    persons, changes, events = county(4, 40)
    persons[0] |= {"since": dt.date(2019, 3, 10), "ended": dt.date(2019, 5, 21)}
    study = read_study(table(persons, changes, events), settings())
    months = months_of(study)
    own = months.person == 0
    assert months.month[own].tolist() == [14, 15, 16]
    days = months.exposure[own] * 365.2425
    assert days == pytest.approx([22, 30, 20])


def test_the_month_of_a_change_is_washed_out_and_those_after_it_count() -> None:
    changes = [{"home": "h00000", "kind": "a", "changed": dt.date(2019, 1, 1), "number": 1}]
    persons, _, events = county(5, 40)
    params = settings(least=10)
    with pytest.raises(FitError, match="TOO_SMALL"):
        read_study(table(persons, changes, events), params)
    changes = [{**changes[0], "home": f"h{home:05d}"} for home in range(10)]
    study = read_study(table(persons, changes, events), params)
    panel = panel_of(study, months_of(study), washout=2)
    own = panel.months.person == 0
    assert np.flatnonzero(~panel.kept[own]).tolist() == [12, 13]
    assert (panel.state[own] & 1).tolist() == [0] * 14 + [1] * 34
    others = study.improved[panel.months.person]
    assert panel.state[~others].max() == 0


def test_rows_alike_may_be_added_up() -> None:
    params = settings(season=False)
    study = read_study(table(*county(6, 300)), params)
    made = analyse(study, params)
    counts = counts_of(made.panel, made.design, made.happened)
    whole = fit_conditional(counts, made.design.matrix)
    assert len(collapse(counts).row) < len(counts.row) / 4
    assert made.fitted.coefficients == pytest.approx(whole.coefficients, abs=1e-7)
    assert made.fitted.covariance == pytest.approx(whole.covariance, rel=1e-6)


def test_the_finding_shows_all_kinds_with_their_placebos_and_the_story_says_both() -> None:
    persons, changes, events = county(7)
    random = np.random.default_rng(0)
    placebo = [{**row, "number": int(random.poisson(1)) + 1} for row in events[::3]]
    whole = pa.concat_tables([table(persons, changes, events), part(PLACEBO, county(70)[2])])
    assert placebo
    params = settings(washout_months=1, placebo_as="planned admissions")
    finding = report.fit(whole, params)
    assert [t.name for t in finding.tables] == [
        "flow", "rates", "ratios", "models", "placebo_date", "placebo_outcome",
    ]  # fmt: skip
    rows = {row["change"]: row for row in finding.table("ratios").data.to_pylist()}
    assert set(rows) == {"a", "b"}
    after = finding.table("rates").data.to_pylist()[0]["rate_after"]
    assert rows["a"]["per_1000"] == pytest.approx(after * (1 - 1 / rows["a"]["rate_ratio"]), rel=1e-6)
    assert rows["a"]["p_holm"] == pytest.approx(min(1, 2 * rows["a"]["p_value"]), rel=1e-6)
    story = tell({t.name: t.data for t in finding.tables}, params)
    assert "After a the same people had" in story.sentences[0]
    assert "fewer admissions" in story.sentences[0]
    assert "No significant difference in admissions was found after b" in story.sentences[1]
    withheld = {t.name: t.data for t in finding.tables}
    empty = pa.array([None, None], pa.float64())
    at = withheld["ratios"].column_names.index("rate_ratio")
    withheld["ratios"] = withheld["ratios"].set_column(at, "rate_ratio", empty)
    told = " ".join(tell(withheld, params).sentences)
    assert "No kind of change was found" in told
    assert "2 of 2 kinds were withheld" in told


def refused(code: str, *parts: list[dict[str, Any]], **changed: Any) -> str:
    params = settings(**changed)
    with pytest.raises(FitError) as caught:
        analyse(read_study(table(*parts), params), params)
    assert code in {problem.code for problem in caught.value.problems}
    return str(caught.value)


def test_bad_input_is_refused_and_names_nobody() -> None:
    persons, changes, events = county(8, 200)
    said = [
        refused("DUPLICATE", [*persons, persons[0]], changes, events),
        refused("TWO_HOMES", [*persons, {**persons[0], "home": "h00009"}], changes, events),
        refused("NO_DATE", persons, [{**row, "changed": None} for row in changes], events),
        refused("NO_CHANGES", persons, [], events),
        refused("NO_EVENTS", persons, changes, []),
        refused("NEGATIVE", persons, changes, [{**events[0], "number": -1}]),
        refused("NOBODY", [{**row, "home": None} for row in persons], changes, events),
        refused("NOBODY", [{**row, "ended": dt.date(2017, 1, 1)} for row in persons], changes, events),
        refused("TOO_SMALL", persons, changes, events, least=1_000),
    ]
    assert not [text for text in said if "p000" in text or "h000" in text]


def test_kinds_of_which_none_may_be_reported_are_refused_in_words() -> None:
    persons, changes, events = county(8, 200)
    params = settings(least=150)
    with pytest.raises(FitError, match="no change has 150 people with an event who lived through it"):
        report.fit(table(persons, changes, events), params)


def test_everybody_changed_in_the_same_month_is_no_comparison() -> None:
    persons, _, events = county(9, 200)
    same = [
        {"home": f"h{home:05d}", "kind": kind, "changed": dt.date(2020, 1, 1), "number": 1}
        for home in range(100)
        for kind in ("a", "b")
    ]
    refused("SAME_MONTH", persons, same, events)
    # With other people to compare, the two kinds still cannot be told from one another.
    refused("NOT_IDENTIFIED", persons, same[:100], events)
    study = read_study(table(persons, same[:100:2], events), settings())
    assert analyse(study, settings()).ratios[0].low > 0


def test_what_is_left_out_is_said() -> None:
    persons, changes, events = county(10, 400)
    persons[0] |= {"home": None}
    persons[2] |= {"born": None}
    persons[4] |= {"since": dt.date(2020, 1, 1), "ended": dt.date(2019, 1, 1)}
    changes[-1] |= {"changed": None}
    persons[6] |= {"ended": dt.date(2018, 2, 1)}
    events.append({"person": persons[6]["person"], "month": 2019 * 12, "number": 1})
    study = read_study(table(persons, changes, events), settings())
    notes = " ".join(study.notes)
    for told in ("birth is not known", "home is not known", "without a date", "contradict", "outside"):
        assert told in notes
    assert dict(study.flow)["Old enough by the end"] == len(persons) - 1


def test_a_kind_without_events_on_one_side_leaves_the_model() -> None:
    persons, changes, events = county(11, 400)
    last = {"home": "h00000", "kind": "c", "changed": dt.date(2021, 12, 1), "number": 1}
    quiet = [row for row in events if not (row["person"] < "p000002" and row["month"] == 2021 * 12 + 11)]
    made = analyse(read_study(table(persons, [*changes, last], quiet), settings()), settings())
    assert made.dropped == ("c",)
    assert [ratio.change for ratio in made.ratios] == ["a", "b"]


def test_events_saved_follow_from_the_ratio_and_the_rate_after() -> None:
    assert per_thousand(0.5, 0.1) == pytest.approx(-100.0)
    assert per_thousand(1.0, 0.1) == 0.0
