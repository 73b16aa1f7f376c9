"""The three measures: what counts as a reoffence, the planted effect, small numbers, bad input."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from lab_example import NAMES, people, put, settings, with_reoffenders
from test_analyse_recipes import read, run

from sharewell.analyse import glm
from sharewell.analyse.comparison.index_sentence import prepare
from sharewell.analyse.comparison.lab_choices import NAIVE
from sharewell.analyse.comparison.lab_report import DECLARED, fit
from sharewell.analyse.comparison.propensity import design
from sharewell.analyse.comparison.reoffending import FREQUENCY, RATE, TIME, measures, read_lab
from sharewell.errors import FitError, PlanError
from sharewell.plan.schema import Type

FINDS = dict[str, Any]
START = dt.date(2021, 6, 1)
_KEYED = {"person": Type.TEXT}


def day(after: int, start: dt.date = START) -> dt.date:
    return start + dt.timedelta(days=after)


def prepared(
    participants: list[FINDS], sentences: list[FINDS], offences: list[FINDS], **changed: Any
) -> dict[str, FINDS]:
    inputs = {
        "participants": read("participants", **_KEYED, began=Type.DATE),
        "sentences": read("sentences", **_KEYED, index_on=Type.DATE, region=Type.TEXT, age=Type.INTEGER),
        "offences": read("offences", **_KEYED, committed=Type.DATE, proven=Type.DATE),
    }
    step = prepare(inputs, settings(covariates=("age",), **changed))
    tables = {"participants": participants, "sentences": sentences, "offences": offences}
    rows = run(step, tables).to_pylist()
    assert len({row["person"] for row in rows}) == len(rows), "each person once"
    return {row["person"]: row for row in rows}


def sentence(person: str, on: dt.date = START, age: int = 30) -> FINDS:
    return {"person": person, "index_on": on, "region": "North", "age": age}


def offence(person: str, committed: int, proven: int) -> FINDS:
    return {"person": person, "committed": day(committed), "proven": day(proven)}


COUNTS = {
    "on the next day": (1, 1, 1),
    "on the last day of the year": (365, 365, 1),
    "a day after the year": (366, 366, 0),
    "on the index day itself": (0, 5, 0),
    "before it, proven after": (-1, 30, 0),
    "proven on the last day of the settling": (300, 548, 1),
    "proven a day too late": (300, 549, 0),
}


@pytest.mark.parametrize(("committed", "proven", "counted"), COUNTS.values(), ids=COUNTS)
def test_what_counts_as_a_proven_reoffence(committed: int, proven: int, counted: int) -> None:
    row = prepared([], [sentence("a")], [offence("a", committed, proven)])["a"]
    assert row["reoffences"] == counted
    assert row["days"] == (committed if counted else None)


def test_the_first_is_timed_and_all_are_counted() -> None:
    found = [offence("a", 90, 120), offence("a", 40, 200), offence("a", 200, 600), offence("b", 3, 9)]
    row = prepared([], [sentence("a"), sentence("b")], found)["a"]
    assert (row["reoffences"], row["days"]) == (2, 40)


def test_the_index_sentence_is_the_first_or_of_participants_the_last_before_it_began() -> None:
    days = [dt.date(2020, 12, 31), dt.date(2021, 1, 1), dt.date(2021, 5, 1), dt.date(2021, 12, 31)]
    held = [sentence(who, on, age) for who in "abc" for age, on in enumerate(days, start=20)]
    listed = [{"person": "a", "began": dt.date(2021, 5, 1)}, {"person": "c", "began": dt.date(2021, 1, 1)}]
    rows = prepared(listed, held, [])
    assert {who: rows[who]["age"] for who in "abc"} == {"a": 22, "b": 21, "c": 21}


def test_every_stage_of_the_list_is_told_apart() -> None:
    listed = [
        {"person": "known", "began": day(3)},
        {"person": "early", "began": day(-1)},
        {"person": "outside", "began": day(3)},
        {"person": "stranger", "began": day(3)},
        {"person": "known", "began": day(9)},
    ]
    held = [
        sentence("known"),
        sentence("early"),
        sentence("outside", dt.date(2019, 1, 1)),
        sentence("other"),
    ]
    rows = prepared(listed, held, [])
    told = {w: (r["participant"], r["sent"], r["recorded"], r["indexed"]) for w, r in rows.items()}
    assert told == {
        "known": (True, 2, True, True),
        "early": (True, 1, True, False),
        "outside": (True, 1, True, False),
        "stranger": (True, 1, False, False),
        "other": (False, 0, True, True),
    }


def test_two_sentences_of_one_day_are_one_person() -> None:
    assert len(prepared([], [sentence("a", age=31), sentence("a", age=30)], [])) == 1


def test_a_covariate_with_a_name_of_the_comparisons_own_is_refused() -> None:
    kept = {"index_on": Type.DATE, "region": Type.TEXT, "home": Type.BOOLEAN}
    inputs = {
        "participants": read("participants", **_KEYED, began=Type.DATE),
        "sentences": read("sentences", **_KEYED, **kept),
        "offences": read("offences", **_KEYED, committed=Type.DATE, proven=Type.DATE),
    }
    with pytest.raises(PlanError) as caught:
        prepare(inputs, settings(covariates=("home",)))
    assert caught.value.problems[0].code == "NAME"


@pytest.fixture(scope="module")
def large() -> pa.Table:
    return people(seed=5, pool=60_000, treated=3_000)


def test_the_planted_difference_is_recovered_where_the_naive_one_misleads(large: pa.Table) -> None:
    finding = fit(large, settings())
    rows = {row["analysis"]: row for row in finding.table("choices").data.to_pylist()}
    assert rows[NAIVE]["difference"] == pytest.approx(-15.7, abs=2)
    assert rows[DECLARED]["difference"] == pytest.approx(-7, abs=2)
    assert max(abs(row["smd_after"]) for row in finding.table("balance").data.to_pylist()) < 0.05
    assert rows["If 0.2% of links were to somebody else"]["difference"] == pytest.approx(
        rows[DECLARED]["difference"] / 0.998
    )


def test_the_measures_are_the_weighted_means_of_the_matched(large: pa.Table) -> None:
    lab = read_lab(large, settings())
    found = {each.name: each for each in measures(lab, settings())}
    people_at = np.flatnonzero(lab.made.given.kept)
    ours, theirs = lab.made.matches.treated, lab.made.matches.controls
    per_set = [
        (lab.reoffences[people_at[t]], lab.reoffences[people_at[c[c >= 0]]])
        for t, c in zip(ours, theirs, strict=True)
    ]
    assert found[FREQUENCY].treated == pytest.approx(100 * np.mean([a for a, _ in per_set]))
    assert found[FREQUENCY].comparison == pytest.approx(100 * np.mean([b.mean() for _, b in per_set]))
    assert found[RATE].comparison == pytest.approx(100 * np.mean([(b > 0).mean() for _, b in per_set]))
    by_set = [(a > 0) - (b > 0).mean() for a, b in per_set]
    assert found[RATE].difference.value == pytest.approx(100 * np.mean(by_set))
    # Clustering by set leaves what the differences within sets vary.
    error = 100 * np.std(by_set, ddof=1) / np.sqrt(len(by_set))
    reach = (found[RATE].difference.high - found[RATE].difference.low) / 2
    assert reach == pytest.approx(1.96 * error, rel=0.01)
    days = np.array([lab.days[people_at[t]] for t in ours])
    assert found[TIME].treated == pytest.approx(np.nanmean(days))


def test_a_regional_pool_matches_within_the_region() -> None:
    table = people()
    lab = read_lab(table, settings(controls="regional"))
    order = np.argsort(table["person"].to_numpy(zero_copy_only=False).astype(str))
    region = table["region"].to_numpy(zero_copy_only=False)[order][lab.made.given.kept]
    found = lab.made.matches
    assert (region[found.treated[found.sets]] == region[found.matched_controls]).all()


@pytest.mark.parametrize(("many", "told"), [(29, False), (30, True)])
def test_the_time_is_left_out_under_thirty_treated_reoffenders(many: int, told: bool) -> None:
    finding = fit(with_reoffenders(people(), many), settings())
    assert finding.table("groups").data["reoffenders"][0].as_py() == many
    assert (TIME in finding.table("measures").data["measure"].to_pylist()) is told


@pytest.mark.parametrize(("many", "told"), [(9, False), (10, True)])
def test_words_on_significance_need_ten_expected(many: int, told: bool) -> None:
    finding = fit(with_reoffenders(people(), many), settings())
    row = finding.table("measures").data.to_pylist()[0]
    assert all((row[name] is not None) is told for name in ("low", "high", "p_value"))
    assert ("hidden" in {table.name for table in finding.tables}) is told


def few(many: int) -> pa.Table:
    return people(treated=many)


def separated() -> pa.Table:
    table = people()
    return put(table, worked=table["participant"], age=table["age"])


def no_overlap() -> pa.Table:
    table = people()
    treated = table["participant"].to_numpy()
    return put(table, offence=pa.array(np.where(treated, "theft", "fraud")))


def apart() -> pa.Table:
    table = people()
    age = table["age"].to_numpy().astype(np.int64)
    return put(table, age=pa.array(np.where(table["participant"].to_numpy(), age + 200, age)))


def twice() -> pa.Table:
    table = people()
    return pa.concat_tables([table, table.slice(0, 1)])


def blank(name: str) -> pa.Table:
    table = people()
    return put(table, **{name: pa.nulls(table.num_rows, table[name].type)})


def shifted(name: str, by: int) -> pa.Table:
    table = people()
    values = table[name].to_numpy(zero_copy_only=False).astype(float)
    return put(table, **{name: pa.array(values - by, mask=np.isnan(values)).cast(pa.int64())})


BAD = {
    "59 sent": (lambda: few(59), "TOO_SMALL"),
    "nobody to compare with": (lambda: people().filter(people()["participant"]), "EMPTY_ARM"),
    "one sign decides who takes part": (separated, "NO_OVERLAP"),
    "a level of its own in each group": (no_overlap, "NO_OVERLAP"),
    "ages that never meet": (apart, "SEPARATION"),
    "a person twice": (twice, "DUPLICATE"),
    "a covariate missing for everybody": (lambda: blank("age"), "ALL_MISSING"),
    "a covariate the same for everybody": (
        lambda: put(people(), drugs=pa.array(np.zeros(8_000, bool))),
        "CONSTANT",
    ),
    "negative durations": (lambda: shifted("days", 400), "DAYS"),
    "a negative count": (lambda: shifted("reoffences", 1), "NEGATIVE"),
}


@pytest.mark.parametrize(("table", "code"), BAD.values(), ids=BAD)
def test_bad_input_is_refused_in_words(table: Any, code: str) -> None:
    with pytest.raises(FitError) as caught:
        fit(table(), settings())
    assert code in {problem.code for problem in caught.value.problems}
    assert all(problem.what for problem in caught.value.problems)


def test_who_finds_nobody_alike_is_too_few() -> None:
    with pytest.raises(FitError) as caught:
        read_lab(people(pool=460), settings(caliper=0.001, ratio=1, curves=False))
    assert [problem.code for problem in caught.value.problems] == ["TOO_SMALL"]


def test_every_covariate_named_is_matched_on() -> None:
    names = {
        n.split(":")[0] for n in fit(people(), settings()).table("balance").data["covariate"].to_pylist()
    }
    assert names == set(NAMES["covariates"])


def test_the_order_of_rows_does_not_decide_whether_a_score_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    """A start warmed up on every twentieth row can lead astray; it is then left for none."""
    table = people(pool=20_000, treated=1_500)
    treated = table["participant"].to_numpy()
    matrix = design(table.select(list(NAMES["covariates"])), treated).matrix
    plain = glm.fit_glm("logistic", matrix, treated.astype(float)).coefficients
    monkeypatch.setattr(glm, "_WORTH_WARMING", 1_000)
    for seed in range(6):
        order = np.random.default_rng(seed).permutation(len(treated))
        found = glm.fit_glm("logistic", matrix[order], treated[order].astype(float)).coefficients
        assert found == pytest.approx(plain, abs=1e-6)
