"""Works, deaths and care: what is planted is there, and no other service's rows are moved by them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pyarrow as pa
import pytest

from sharewell.county import acute, gp
from sharewell.county.base import County, Part, Truth, found
from sharewell.county.effects import Effects
from sharewell.county.effects.works import WORKS, Works
from sharewell.county.streams import stream
from sharewell.county.works import SERVICE
from sharewell.county.works.care import YEAR, draw_care, lead_lives
from sharewell.county.works.programme import FIRST, LAST, MONTHS, NEVER, STARTS, is_older, plan_works

PEOPLE = 40_000
NULL = Works(admissions={}, attendances={}, contacts={}, trend=0.0, season=0.0, shock=0.0)


@pytest.fixture(scope="module")
def county() -> County:
    return found(PEOPLE, 3, Effects())


def kept(county: County) -> dict[str, pa.Table]:
    parts = list(SERVICE.keep(county, stream("works", county.seed)))
    return {part.name if isinstance(part, Truth) else part.asset: part.table for part in parts}


def test_as_many_older_people_live_in_improved_homes_as_were_asked_for() -> None:
    for wanted in (500, 731):
        county = found(PEOPLE, 3, Effects(works=Works(older=wanted)))
        programme = plan_works(county, stream("works", 3))
        assert int((programme.improved[county.home] & is_older(county)).sum()) == wanted


def test_the_homes_of_the_sick_come_first_and_works_come_together(county: County) -> None:
    month = plan_works(county, stream("works", 3)).month
    improved = np.flatnonzero((month < NEVER).any(axis=1))
    first = month[improved].min(axis=1)
    sick = np.bincount(county.home, county.health.conditions, county.homes.count)[improved]
    assert np.corrcoef(first, sick)[0, 1] < -0.05
    both = improved[(month[improved][:, [4, 7]] < NEVER).all(axis=1)]
    assert (np.abs(month[both, 4] - month[both, 7]) <= 3).mean() > 0.2
    assert month[improved].min() >= 3
    assert month[month < NEVER].max() < MONTHS


@pytest.mark.parametrize("work", ["electrics", "kitchen"])
def test_a_planted_ratio_acts_from_the_month_of_completion_and_on_that_home_only(
    county: County, work: str
) -> None:
    """With nothing else planted, rates after over rates before are the ratio."""
    null = dataclasses.replace(county, effects=Effects(works=NULL))
    programme = plan_works(county, stream("works", 3))
    lives = lead_lives(null, np.zeros(PEOPLE, np.int64), stream("lives", 3))
    lives = dataclasses.replace(lives, need=np.ones(PEOPLE), moved=np.zeros(PEOPLE, np.int64))
    care = draw_care(null, lives, programme, 6.0, {"electrics": 0.5}, stream("care", 3))
    grown = (FIRST - county.people.born) / YEAR > 20
    kind = WORKS.index(work)
    mine = grown & (programme.month[county.home, kind] < NEVER)
    if work == "kitchen":
        mine &= programme.month[county.home, WORKS.index("electrics")] == NEVER
    change = STARTS.astype(np.int64)[np.minimum(programme.month[county.home, kind], MONTHS)]
    rows = mine[care.person]
    age = np.exp(-0.022 * (LAST - care.day[rows]) / YEAR)
    after = care.day[rows] >= change[care.person[rows]]
    years = [_weighed(FIRST, change[mine]), _weighed(change[mine], LAST)]
    rates = [len(age[~after]) / years[0], len(age[after]) / years[1]]
    assert rates[1] / rates[0] == pytest.approx(0.5 if work == "electrics" else 1.0, rel=0.05)


def _weighed(begin: np.ndarray | int, end: np.ndarray | int) -> float:
    """Person-years, each weighed by how much ageing leaves of the rate at the end of the span."""
    part = lambda day: np.exp(-0.022 * (LAST - day) / YEAR) / 0.022  # noqa: E731
    return float(np.sum(part(np.asarray(end)) - part(np.asarray(begin))))


def test_rows_are_about_people_the_holders_know(county: County) -> None:
    tables = kept(county)
    register = acute.seen(county, stream("acute", county.seed)).register
    patients = next(iter(acute.keep(county, stream("acute", county.seed))))
    assert isinstance(patients, Part)
    assert patients.table["local_id"].to_pylist() == register.local_id.to_pylist()
    assert set(tables["acute.history"]["local_id"].to_pylist()) <= set(register.local_id.to_pylist())
    listed = gp.listed(county, stream("gp", county.seed)).local_id.to_pylist()
    assert set(tables["gp.urgent"]["local_id"].to_pylist()) <= set(listed)
    assert set(tables["housing.works"]["work"].to_pylist()) == set(WORKS)


def test_nobody_has_care_before_birth_or_after_death(county: County) -> None:
    died = np.zeros(PEOPLE, np.int64)
    died[::7] = LAST - 100
    lives = lead_lives(county, died, stream("lives", 3))
    programme = plan_works(county, stream("works", 3))
    care = draw_care(county, lives, programme, 1.0, {}, stream("care", 3))
    assert (care.day >= county.people.born[care.person]).all()
    assert (care.day < np.where(died > 0, died, LAST)[care.person]).all()
    assert (np.diff(care.day) >= 0).all()


def test_what_is_planted_moves_no_other_service(county: County) -> None:
    other = found(PEOPLE, 3, Effects(works=dataclasses.replace(NULL, older=200)))
    for service in (acute.SERVICE, gp.SERVICE):
        first = [p.table for p in service.keep(county, stream(service.name, 3))]
        second = [p.table for p in service.keep(other, stream(service.name, 3))]
        assert all(a.equals(b) for a, b in zip(first, second, strict=True))
