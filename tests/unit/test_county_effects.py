"""What is planted is there: effects, nulls, confounding, under-recording and eligibility."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow.compute as pc
import pytest

from sharewell import county

PEOPLE = 40_000
EFFECTS = county.Effects(visited=4_000, referred=2_000)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = county.build(
        tmp_path_factory.mktemp("county"),
        people=PEOPLE,
        seed=11,
        services=["gp", "acute", "community", "fire", "dwp", "hmrc", "voa", "energy"],
        effects=EFFECTS,
    )
    return built.folder


def ratio(counts: np.ndarray, expected: np.ndarray, chosen: np.ndarray) -> tuple[float, float]:
    """Observed over expected in a group, and its standard error under Poisson counts."""
    total = counts[chosen].sum()
    return total / expected[chosen].sum(), np.sqrt(total) / expected[chosen].sum()


def test_attendances_in_the_raw_rows_carry_the_effects(folder: Path) -> None:
    rows = duckdb.execute(
        f"""
        with year as (
          select l.person_id, count(*) n from '{folder}/data/acute/attendances.parquet' a
          join '{folder}/truth/links.parquet' l on l.asset = 'acute.patients' and l.local_id = a.local_id
          where a.date >= '2023-04-01' and a.date < '2024-04-01' group by all)
        select t.visited, t.referred, t.rate, coalesce(n, 0) n
        from '{folder}/truth/treatment.parquet' t left join year using (person_id)
        """
    ).fetchnumpy()
    visited, referred, rate, counts = (
        np.asarray(rows[name]) for name in ("visited", "referred", "rate", "n")
    )
    assert visited.sum() == pytest.approx(4_000, abs=5)
    assert referred.sum() == 2_000
    assert rate[visited].mean() == pytest.approx(0.25, rel=0.05)
    null, error = ratio(counts, rate, visited & ~referred)
    assert null == pytest.approx(1.0, abs=4 * error), "fire visits: a planted null"
    effect, error = ratio(counts, rate, referred)
    assert effect == pytest.approx(0.80, abs=4 * error), "the falls service"
    naive = counts[visited].mean() / counts[~visited].mean()
    assert naive > 1.15, "a naive comparison of visited people is confounded"


def test_a_visit_is_to_the_home_of_everyone_visited(folder: Path) -> None:
    wrong = duckdb.execute(
        f"""
        with v as (select household_id from '{folder}/truth/links.parquet' where asset = 'fire.visits')
        select count(*) from '{folder}/truth/people.parquet' join '{folder}/truth/treatment.parquet'
        using (person_id) where visited <> (household_id in (select household_id from v))
        """
    ).fetchall()
    assert wrong == [(0,)]


def test_simulated_outcomes_follow_the_same_model(folder: Path) -> None:
    first, again = (county.simulate_outcomes(folder, 3, EFFECTS) for _ in range(2))
    other = county.simulate_outcomes(folder, 4, EFFECTS)
    assert np.array_equal(first.outcome, again.outcome)
    assert not np.array_equal(first.visited, other.visited)
    assert first.visited.sum() == pytest.approx(4_000, abs=5)
    rate = county.truth(folder)["treatment"]["rate"].to_numpy()
    draws = [county.simulate_outcomes(folder, seed, EFFECTS) for seed in range(20)]
    null = sum(d.outcome[d.visited & ~d.referred].sum() for d in draws)
    expected = sum(rate[d.visited & ~d.referred].sum() for d in draws)
    assert null / expected == pytest.approx(1.0, abs=4 / np.sqrt(null))
    fell = sum(d.outcome[d.referred].sum() for d in draws)
    expected = sum(rate[d.referred].sum() for d in draws)
    assert fell / expected == pytest.approx(0.80, abs=4 * 0.8 / np.sqrt(fell))


def test_other_effects_can_be_planted(folder: Path) -> None:
    strong = county.Effects(visited=4_000, fire_ratio=2.0, dispersion=1.0)
    draws = [county.simulate_outcomes(folder, seed, strong) for seed in range(10)]
    before = sum(d.history[d.visited].sum() for d in draws)
    after = sum(d.outcome[d.visited].sum() for d in draws)
    assert after / before == pytest.approx(2.0, rel=0.06)
    counts = np.concatenate([d.history for d in draws])
    assert counts.var() > 1.1 * counts.mean(), "overdispersed as asked"


def test_nobody_need_be_treated(tmp_path: Path) -> None:
    nobody = county.Effects(visited=0, referred=0)
    built = county.build(tmp_path, people=500, services=["community", "fire"], effects=nobody)
    rows = {file.path: file.rows for file in built.files}
    assert rows["data/fire/visits.parquet"] == rows["data/community/falls.parquet"] == 0
    assert rows["data/community/patients.parquet"] > 0


def test_autism_is_under_recorded_where_planted(folder: Path) -> None:
    needs = county.truth(folder)["needs"]
    under = needs["under_recorded"].to_numpy()
    true, recorded = needs["true"].to_numpy(), needs["recorded"].to_numpy()
    assert 0 < under.sum() < len(under)
    assert recorded[under].sum() / true[under].sum() == pytest.approx(0.35, abs=0.15)
    assert recorded[~under].sum() / true[~under].sum() == pytest.approx(0.90, abs=0.06)
    assert true.sum() / pc.sum(needs["expected"]).as_py() == pytest.approx(1.0, abs=0.15)
    rows = duckdb.execute(
        f"select practice, count(*) filter (autism) from '{folder}/data/gp/patients.parquet' "
        "group by 1 order by 1"
    ).fetchall()
    assert [count for _, count in rows] == recorded.tolist(), "what the practices hold"


def test_eligibility_follows_from_awards_and_properties(folder: Path) -> None:
    """The truth recomputed from what the departments hold, joined on the true household."""
    effects = county.Effects()
    kinds = " ".join(f"when '{name}' then {points}" for name, points in effects.type_points.items())
    bands = " ".join(f"when '{name}' then {points}" for name, points in effects.age_points.items())
    benefits = ", ".join(f"'{name}'" for name in effects.qualifying_benefits)
    wrong, rows, due, others = duckdb.execute(
        f"""
        with links as (from '{folder}/truth/links.parquet'),
        homes as (select household_id,
                  floor_area * (case type {kinds} end + case age_band {bands} end) as score
                  from '{folder}/truth/households.parquet'
                  join '{folder}/truth/homes.parquet' using (home_id)),
        one as (select distinct household_id from '{folder}/data/dwp/pension_credit.parquet' d join links l
                on l.asset = 'dwp.pension_credit' and l.local_id = d.local_id where guarantee),
        means as (select household_id from '{folder}/data/dwp/benefits.parquet' d join links l
                  on l.asset = 'dwp.benefits' and l.local_id = d.local_id
                  where in_payment and benefit in ({benefits})
                  union select household_id from '{folder}/data/hmrc/tax_credits.parquet' d join links l
                  on l.asset = 'hmrc.tax_credits' and l.local_id = d.local_id
                  where income < {effects.income_limit}),
        told as (select e.*, case when household_id in (from one) then 'core group 1'
                 when household_id in (from means) and score > {effects.cost_threshold} then 'core group 2'
                 else 'no' end as derived
                 from '{folder}/truth/eligibility.parquet' e join homes using (household_id))
        select count(*) filter (entitled <> derived), count(*), count(*) filter (eligible <> 'no'),
               count(*) filter (eligible = 'no' and entitled <> 'no') from told
        """
    ).fetchall()[0]
    assert wrong == 0
    assert 0.05 < due / rows < 0.25
    assert 0.03 < others / (due + others) < 0.15, "bills in another person's name"
