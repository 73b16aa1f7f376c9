"""The cancer registry and hospital statistics: what is planted, what is noise, what is nobody's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest

from sharewell import county
from sharewell.county.cancer.registers import as_written
from sharewell.county.effects.cancer import DEADLY, GROUPS, LONG, SHARES, Cancer
from sharewell.county.streams import stream

PATIENTS = 20_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("cancer"), Cancer(patients=PATIENTS, dates_wrong=0.0, slips=0.0))


def build(folder: Path, planted: Cancer, seed: int = 5) -> Path:
    effects = county.Effects(cancer=planted)
    county.build(folder, people=1_000, seed=seed, services=["cancer"], effects=effects)
    return folder


def ask(folder: Path, query: str) -> list[tuple[Any, ...]]:
    data = {name: f"'{folder}/data/{name.replace('.', '/')}.parquet'" for name in ASSETS}
    text = query.replace("TRUTH", f"'{folder}/truth/cancer.parquet'")
    for name, path in data.items():
        text = text.replace(f"<{name}>", path)
    return duckdb.execute(text).fetchall()


ASSETS = (
    "cancer.patients",
    "cancer.tumours",
    "cancer.waits",
    "cancer.screening",
    "hes.patients",
    "hes.episodes",
)


def test_each_site_ends_as_planted(folder: Path) -> None:
    rows = ask(folder, "select site, outcome, count(*) from TRUTH where cohort group by all")
    sizes = {(site, outcome): n for site, outcome, n in rows}
    assert sum(sizes.values()) == PATIENTS
    for site, shares in SHARES.items():
        whole = sum(sizes.get((site, group), 0) for group in GROUPS)
        for group, share in zip(GROUPS, shares, strict=True):
            error = (share * (1 - share) / whole) ** 0.5
            assert abs(sizes.get((site, group), 0) / whole - share) < 4 * error, (site, group)


def test_what_an_outcome_rests_on_is_in_the_records(folder: Path) -> None:
    """On clean records the rule table of the agreement gives everybody's outcome."""
    wrong = ask(
        folder,
        f"""
        with kept as (select t.*, p.died, p.died - t.diagnosed as days,
          exists (select 1 from <hes.episodes> e where e.local_id = t.hospital_id and recurrence)
          or exists (select 1 from <cancer.tumours> s
                     where s.local_id = t.local_id and sequence > 1) as back,
          exists (select 1 from <hes.episodes> e where e.local_id = t.hospital_id and morbid) as ill
          from TRUTH t join <cancer.patients> p using (local_id) where cohort)
        select count(*) from kept where outcome <> case
          when died is not null and days <= 31 then '{GROUPS[0]}'
          when died is not null and days < {LONG} and back then '{GROUPS[1]}'
          when died is not null and days < {LONG} and ill then '{GROUPS[2]}'
          when died is not null and days < {LONG} then '{GROUPS[3]}'
          when back then '{GROUPS[4]}' when ill then '{GROUPS[5]}' else '{GROUPS[6]}' end
        """,
    )
    assert wrong == [(0,)]


def test_clean_dates_are_in_order_and_some_die_after_the_seven_years(folder: Path) -> None:
    query = """
        select count(*) filter (died < diagnosed), count(*) filter (died > '2023-12-31'),
               count(*) filter (lived > 2556 and cohort) from TRUTH join <cancer.patients> using (local_id)
        """
    backward, late, after = ask(folder, query)[0]
    assert (backward, late) == (0, 0)
    assert after > 20
    query = """
        select count(*) filter (e.ended < e.date), count(*) filter (e.ended > p.died),
               count(*) filter (e.date < t.diagnosed) from <hes.episodes> e
        join TRUTH t on t.hospital_id = e.local_id join <cancer.patients> p on p.local_id = t.local_id
        """
    reversed_, dead, history = ask(folder, query)[0]
    assert (reversed_, dead) == (0, 0)
    assert history > 0.1 * PATIENTS


def test_stage_and_age_confound_sites(folder: Path) -> None:
    """Those who die early were found late: a comparison by stage alone would mislead."""
    rows = ask(folder, "select outcome, avg(stage::int) from TRUTH where stage is not null group by 1")
    stage = dict(rows)
    assert stage[GROUPS[0]] > stage[GROUPS[DEADLY]] + 1 > stage[GROUPS[6]]


def test_numbers_are_the_two_registers_and_nobody_of_the_county(folder: Path) -> None:
    shared, county_like = ask(
        folder,
        """
        select (select count(*) from <cancer.patients> join <hes.patients> using (nhs_number)),
               (select count(*) from <hes.patients> where nhs_number not like '90%')
        """,
    )[0]
    assert county_like == 0
    in_hospital = ask(folder, "select count(*) from TRUTH where hospital_id is not null")[0][0]
    assert shared == in_hospital


@pytest.mark.parametrize("wrong", [0.0, 0.05, 0.3])
def test_the_share_of_dates_asked_for_is_wrong_and_half_of_them_cannot_be(wrong: float) -> None:
    day = np.full(40_000, 17_000)
    held = as_written(day, wrong, stream("dates", 3)).cast("int32").to_numpy()
    assert (held != day).mean() == pytest.approx(wrong, abs=0.007)
    assert (abs(held - day) > 20_000).mean() == pytest.approx(wrong / 2, abs=0.006)


def test_the_demo_has_six_for_every_hundred_people_and_the_same_bytes_again(tmp_path: Path) -> None:
    files = []
    for name in ("one", "two"):
        built = county.build(tmp_path / name, people=5_000, seed=9, services=["cancer"])
        files.append([(file.path, file.sha256) for file in built.files])
    assert files[0] == files[1]
    assert ask(tmp_path / "one", "select count(*) from TRUTH where cohort") == [(300,)]
