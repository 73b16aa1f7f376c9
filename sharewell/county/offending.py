"""People whom the police know and those on probation: a few of them come to notice again and again."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from .base import County, Part, Service, Truth
from .events import coded, dated, days, pick
from .incidents import LAST, NOW
from .records import Rates, Register, enrol, held_homes, identity
from .streams import Array, weighted_order

POLICE = Rates(forename=0.02, nickname=0.05, surname=0.015, born_missing=0.02, born_wrong=0.02, stale=0.25)
PROBATION = Rates(forename=0.01, nickname=0.02, surname=0.01, born_wrong=0.01, stale=0.15)
_HARM = np.array([0, 1, 2, 5, 20, 60, 120, 365])


def keep(county: County, rng: np.random.Generator) -> Iterator[Part | Truth]:
    """The police's people, what they were involved in, and those under supervision."""
    effects, age = county.effects.safety, county.people.age
    likely = np.where((age >= 12) & (age < 70), np.where(county.people.sex == 1, 3.0, 1.0), 0.0)
    known = rng.random(county.people.count) < 0.03 * likely / likely.mean().clip(1e-9)
    supervised = _supervised(county, likely, effects.on_probation, rng)
    known |= supervised
    police = enrol(known, "PP", rng)
    yield Part(
        "police.people",
        pa.table(_named(county, police, POLICE, rng)),
        person=police.person,
        identity=True,
    )
    often = supervised & (rng.random(county.people.count) < effects.often)
    yield _involvements(police.person, police.local_id, often, rng)
    probation = enrol(supervised, "PR", rng)
    columns = _named(county, probation, PROBATION, rng)
    started = rng.integers(days(LAST[0]), days(NOW[1]) - 30, probation.count)
    ended = started + rng.integers(180, 730, probation.count)
    columns["started"] = dated(started)
    columns["ended"] = pa.array(ended.astype(np.int32), mask=ended > days(NOW[1])).cast(pa.date32())
    weights = (0.35, 0.4, 0.2, 0.05)
    columns["risk"] = pick(("low", "medium", "high", "very high"), weights, probation.count, rng)
    yield Part("probation.cases", pa.table(columns), person=probation.person, identity=True)
    yield Truth("offending", pa.table({"person_id": np.flatnonzero(often)}))


def _supervised(county: County, likely: Array, share: float, rng: np.random.Generator) -> Array:
    adults = np.where(county.people.age >= 18, likely, 0.0)
    chosen = np.zeros(county.people.count, bool)
    chosen[weighted_order(rng, adults)[: max(20, round(share * county.people.count))]] = True
    return chosen


def _named(
    county: County, register: Register, rates: Rates, rng: np.random.Generator
) -> dict[str, pa.Array]:
    """Who somebody is and where they live, as the register holds it."""
    home = held_homes(county, register.person, rates.stale, rng)
    return identity(county, register, home, rates, rng)


def _involvements(person: Array, local_id: pa.Array, often: Array, rng: np.random.Generator) -> Part:
    """About one in two years for most, and a dozen for those who come to notice often."""
    counts = rng.poisson(np.where(often[person], 14.0, 0.9))
    rows = rng.permutation(np.repeat(np.arange(len(person)), counts))
    harm = rng.choice(_HARM, len(rows), p=[0.2, 0.25, 0.2, 0.12, 0.1, 0.06, 0.05, 0.02])
    roles = ("suspect", "offender", "victim", "witness")
    columns = {
        "record": np.arange(1, len(rows) + 1),
        "local_id": local_id.take(pa.array(rows)),
        "date": dated(rng.integers(days(LAST[0]), days(NOW[1]), len(rows))),
        "role": coded(roles, rng.choice(4, len(rows), p=[0.35, 0.3, 0.25, 0.1])),
        "domestic": pa.array(rng.random(len(rows)) < 0.18),
        "harm": pa.array(harm.astype(np.int32)),
    }
    return Part("police.involvements", pa.table(columns), person=person[rows])


SERVICE = Service("offending", ("police.people", "police.involvements", "probation.cases"), keep)
