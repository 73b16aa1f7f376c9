"""A matched cohort grown up: its methods, measures, second method, placebos, bounds and refusals."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from analyse_example import settings
from scipy import stats

from sharewell.analyse.comparison.cohort import read_cohort
from sharewell.analyse.comparison.effect import compare
from sharewell.analyse.comparison.measures import (
    COUNTS,
    DIFFERENCE_OF_CHANGES,
    FREE,
    HAZARD,
    RATIO_OF_CHANGES,
)
from sharewell.analyse.comparison.report import HIDDEN, MAIN, fit
from sharewell.analyse.comparison.sensitivity import (
    PLACEBO_DATE,
    PLACEBO_OUTCOME,
    WEIGHTED,
    hidden_sets,
    placebos,
)
from sharewell.analyse.comparison.story import tell
from sharewell.errors import FitError

DECLARED = {
    "home": None,
    "unit": "person",
    "given_to": "person",
    "placebo_as": "broken limbs",
    "placebo_date": "2022-07-01",
    "adjust": False,
}
OTHERS = ("history", "early", "late", "days", "placebo")


def people(seed: int, ratio: float = 1.0, hidden: float = 0.0, many: int = 12_000) -> pa.Table:
    """Visits go to the older, frailer and those who used A&E early, and by `hidden` to those whose unseen
    frailty raises everything; half a year's history early, half late; 0.5 attendances a year."""
    random = np.random.default_rng(seed)
    age, frailty, region = (random.integers(0, k, many) for k in (10, 4, 3))
    unseen = random.gamma(2, 0.5, many)
    rate = np.exp(0.06 * age + 0.25 * frailty) * (unseen if hidden else random.gamma(2, 0.5, many))
    rate *= 0.5 / rate.mean()
    early, late = random.poisson(rate / 2), random.poisson(rate / 2)
    lean = -4.2 + 0.08 * age + 0.25 * frailty + 0.3 * early + hidden * unseen
    treated = random.random(many) < 1 / (1 + np.exp(-lean))
    daily = rate * np.where(treated, ratio, 1.0) / 366
    first = np.ceil(random.exponential(1 / daily))
    more = random.poisson(daily * np.maximum(366 - first, 0))
    return pa.table(
        {
            "person": [f"{i:06d}" for i in range(many)],
            "region": np.array(["north", "mid", "south"])[region],
            "treated": treated,
            "history": early + late,
            "early": early,
            "late": late,
            "outcome": np.where(first <= 366, 1 + more, 0),
            "days": pa.array(first, mask=first > 366),
            "placebo": random.poisson(rate),
            "age": age.astype(float),
            "frailty": frailty,
            "deprivation": random.integers(1, 6, many),
        }
    )


def made(table: pa.Table, **chosen):
    asked = settings(**DECLARED, **chosen)
    covariates = (*asked["covariates"], "history")
    return compare(read_cohort(table, covariates, (), 1.0, 60, OTHERS), asked), asked


def shown(finding):
    return {table.name: table.data for table in finding.tables}


@pytest.mark.parametrize("method", ["propensity", "mahalanobis", "coarsened"])
def test_each_method_recovers_a_planted_effect_that_the_naive_comparison_hides(method):
    estimates, naive = [], []
    for seed in range(4):
        table = people(seed, 0.7)
        found, _ = made(table, method=method)
        estimates.append(found.ratio())
        naive.append(found.everybody().rate(True) / found.everybody().rate(False))
        assert found.balance.worst_after < 0.1 < found.balance.worst_before
    assert np.mean([e.value for e in estimates]) == pytest.approx(0.7, abs=0.06)
    assert sum(e.low <= 0.7 <= e.high for e in estimates) >= 3
    assert np.mean(naive) > 0.8


@pytest.mark.parametrize("method", ["propensity", "mahalanobis", "coarsened"])
def test_planted_nulls_are_found_no_more_often_than_they_should_be(method):
    """One matching a method, 120 redrawn outcomes that follow what the arms differ in."""
    found, _ = made(people(5), method=method)
    covariates = found.cohort.covariates
    rate = np.exp(0.06 * covariates["age"].to_numpy() + 0.25 * covariates["frailty"].to_numpy())
    assert false_positives(found, rate / rate.mean() / 2, 120) > 0.001


@pytest.mark.long
@pytest.mark.parametrize("method", ["propensity", "mahalanobis", "coarsened"])
def test_nulls_and_coverage_over_new_people(method):
    """Every draw its own people and matching: 200 nulls, and 200 effects of 0.8."""
    wrong = covered = 0
    for seed in range(200):
        null, _ = made(people(1_000 + seed), method=method)
        effect, _ = made(people(5_000 + seed, 0.8), method=method)
        held, told = null.ratio(), effect.ratio()
        wrong += not held.low <= 1 <= held.high
        covered += told.low <= 0.8 <= told.high
    assert stats.binomtest(wrong, 200, 0.05, alternative="greater").pvalue > 0.01
    assert stats.binomtest(covered, 200, 0.95, alternative="less").pvalue > 0.01


def false_positives(found, rate, draws):
    """The chance, were the level right, of as many false positives as these draws give."""
    random, wrong = np.random.default_rng(9), 0
    for _ in range(draws):
        outcome = random.poisson(rate * random.gamma(2, 0.5, len(rate))).astype(float)
        held = found.with_outcome(outcome).ratio()
        wrong += not held.low <= 1 <= held.high
    return stats.binomtest(wrong, draws, 0.05).pvalue


@pytest.mark.parametrize("method", ["propensity", "mahalanobis", "coarsened"])
def test_the_report_shows_what_was_declared_and_no_more(method):
    asked = settings(**DECLARED, method=method, counts=True, time=True, change=True)
    finding = fit(people(2, 0.6), asked)
    labels = finding.table("effect").data["analysis"].to_pylist()
    assert {MAIN, WEIGHTED, f"{PLACEBO_OUTCOME}: broken limbs"} <= set(labels)
    assert any(label.startswith(PLACEBO_DATE) for label in labels)
    measures = {r["measure"]: r["figure"] for r in finding.table("measures").data.to_pylist()}
    assert list(measures) == [COUNTS, HAZARD, FREE, RATIO_OF_CHANGES, DIFFERENCE_OF_CHANGES]
    assert measures[COUNTS] < 0 < measures[FREE]
    assert measures[HAZARD] < 1
    bound = HIDDEN in finding.table("unmeasured").data["measure"].to_pylist()
    assert bound is (method != "coarsened")
    word = {"propensity": "propensity", "mahalanobis": "Mahalanobis", "coarsened": "Iacus"}[method]
    assert word in finding.method
    said = " ".join(tell(shown(finding), asked).sentences)
    assert "A second method" in said
    for told in (
        "fewer A&E attendances for every 100",
        "times as likely",
        "more days free",
        "difference in diff",
    ):
        assert told in said
    held, kept = next(iter(measures.items())), finding.table("measures").data
    assert f"{abs(held[1]):.1f} fewer" in said
    nulls = kept.set_column(1, "figure", pa.nulls(kept.num_rows, pa.float64()))
    hidden = " ".join(tell({**shown(finding), "measures": nulls}, asked).sentences)
    assert hidden.count("the figure was withheld") == 5
    assert "Placebo outcome: broken limbs: nothing was to be found and nothing was" in said
    plain = fit(people(2, 0.6).drop_columns(["early", "late", "days", "placebo"]), settings(**PLAIN))
    assert "measures" not in shown(plain)
    assert not any("Placebo" in label for label in plain.table("effect").data["analysis"].to_pylist())


PLAIN = {"home": None, "unit": "person", "given_to": "person"}


def test_placebos_find_nothing_where_nothing_is_hidden_and_warn_where_something_is():
    nothing, something = [0, 0], [0, 0]
    for seed in range(20):
        for counted, hidden in ((nothing, 0.0), (something, 1.2)):
            found, asked = made(people(100 + seed, hidden=hidden, many=6_000))
            for place, (_, estimate, _) in enumerate(placebos(found, asked)):
                counted[place] += not estimate.low <= 1 <= estimate.high
    assert max(nothing) <= 4, "of 20, at 5%"
    assert min(something) >= 15
    found, asked = made(people(7, hidden=1.2))
    tables = shown(fit(people(7, hidden=1.2), asked))
    assert "Warning. Placebo date" in " ".join(tell(tables, asked).sentences)


def test_bounds_are_for_sets_with_people_of_their_own():
    found, _ = made(people(3, 0.6))
    sets = hidden_sets(found)
    assert sets is not None
    assert sets.people.tolist() == [4] * len(found.matches.treated)
    rows, many = found.rows(), len(found.matches.treated)
    assert sets.outcomes.sum() == (rows.outcome > 0).sum()
    assert sets.treated.sum() == (rows.outcome[:many] > 0).sum()
    assert hidden_sets(made(people(3), replace=True)[0]) is None
    assert hidden_sets(made(people(3), method="coarsened")[0]) is None


def test_a_regional_pool_keeps_to_the_region():
    table = people(4)
    asked = settings(**{**DECLARED, "pool": "regional", "region": "region"})
    finding = fit(table, asked)
    assert "agree on region" in finding.method
    national = fit(table, settings(**DECLARED))
    assert not national.table("effect").data.equals(finding.table("effect").data)


def test_a_placebo_that_cannot_be_computed_is_said_to_be_so():
    asked = settings(**DECLARED)
    finding = fit(put("placebo", 0)(people(2)), asked)
    assert not any(
        PLACEBO_OUTCOME in label for label in finding.table("effect").data["analysis"].to_pylist()
    )
    said = " ".join(tell(shown(finding), asked).sentences)
    assert "Placebo outcome: it was declared and could not be computed." in said


def test_two_methods_that_do_not_agree_are_said_not_to():
    asked = settings(**DECLARED)
    tables = shown(fit(people(2), asked))
    rows = tables["effect"].to_pylist()
    for row in rows:
        if row["analysis"] == WEIGHTED:
            row |= {"rate_ratio": 3.0, "low": 2.9, "high": 3.1}
    said = " ".join(tell({**tables, "effect": pa.Table.from_pylist(rows)}, asked).sentences)
    assert "3.00 (2.90 to 3.10) and does not agree" in said
    rows = [row for row in rows if row["analysis"] != WEIGHTED]
    said = " ".join(tell({**tables, "effect": pa.Table.from_pylist(rows)}, asked).sentences)
    assert "by weights, could not be computed" in said


def few(table, number):
    """Only so many treated people."""
    treated = table["treated"].to_numpy()
    return table.set_column(2, "treated", pa.array(treated & (np.cumsum(treated) <= number)))


def put(name, values):
    def change(table):
        column = pa.array(values(table)) if callable(values) else pa.array([values] * table.num_rows)
        return table.set_column(table.column_names.index(name), name, column)

    return change


def apart(table):
    """A covariate that leaves a gap between the arms, in no level of its own."""
    drawn = np.random.default_rng(0).uniform(0, 0.5, table.num_rows)
    return drawn + table["treated"].to_numpy()


BAD = {
    "separation": (put("age", lambda t: t["treated"].to_numpy() * 1.0 + 0.5), {"SEPARATION", "NO_OVERLAP"}),
    "no overlap": (put("age", apart), {"SEPARATION", "NO_OVERLAP"}),
    "one arm empty": (put("treated", False), {"EMPTY_ARM"}),
    "the other arm empty": (put("treated", True), {"EMPTY_ARM"}),
    "constant covariate": (put("age", 4.0), {"CONSTANT"}),
    "all-missing column": (put("frailty", lambda t: pa.nulls(t.num_rows, pa.int64())), {"ALL_MISSING"}),
    "a cohort of 59": (lambda t: few(t, 59), {"TOO_SMALL"}),
    "duplicate persons": (lambda t: pa.concat_tables([t, t.slice(0, 1)]), {"DUPLICATE"}),
    "negative durations": (put("days", -3.0), {"NEGATIVE"}),
    "negative history": (put("late", -1), {"NEGATIVE"}),
    "negative outcome": (put("outcome", -1), {"NEGATIVE"}),
    "all outcomes missing": (put("outcome", lambda t: pa.nulls(t.num_rows, pa.int64())), {"NO_OUTCOME"}),
    "nobody has an event": (put("outcome", 0), {"NO_EVENTS"}),
}


@pytest.mark.parametrize("method", ["propensity", "mahalanobis", "coarsened"])
@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_refused_by_name(name, method):
    spoil, codes = BAD[name]
    with pytest.raises(FitError) as caught:
        fit(spoil(people(6, many=4_000)), settings(**DECLARED, method=method, time=True))
    assert codes & {p.code for p in caught.value.problems}


def test_sixty_are_enough_and_a_caliper_that_leaves_fewer_is_not():
    table = few(people(6, many=4_000), 60)
    assert fit(table, settings(**PLAIN, adjust=False))
    with pytest.raises(FitError, match="find anybody like them"):
        fit(table, settings(**PLAIN, adjust=False, caliper=0.001, ratio=1))
