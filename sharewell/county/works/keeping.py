"""The service: works by the landlord, deaths by the registrar, care by hospitals and practices."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from ..acute import seen
from ..base import County, Part, Service, Truth
from ..effects.works import WORKS
from ..events import coded, dated
from ..gp import listed
from ..population import TODAY
from ..records import Rates, Register, held_homes, identity, numbers, places_of
from ..streams import Array, stream
from .care import YEAR, Care, draw_care, lead_lives
from .programme import LAST, MONTHS, NEVER, STARTS, Programme, is_older, plan_works

WORKS_RATES = Rates(
    short=0.3, address=0.003, postcode=0.004, postcode_missing=0.004, uprn_missing=0.004, uprn_wrong=0.0005
)
DEATH_RATES = Rates(nhs_missing=0.02, nickname=0.005, born_missing=0.0, born_wrong=0.002, stale=0.03)
ADMISSIONS, ATTENDANCES, PLANNED, CONTACTS = 0.15, 0.26, 0.10, 0.55
"""Yearly, of a person of 60 without conditions."""


def keep(county: County, rng: np.random.Generator) -> Iterator[Part | Truth]:
    """Works and deaths, then the long series of hospital care and of urgent contacts with practices."""
    programme, died = plan_works(county, rng), _die(county, rng)
    yield _jobs(county, programme, rng)
    yield _deaths(county, died, rng)
    lives = lead_lives(county, died, rng)
    planted = county.effects.works
    drawn = (
        draw_care(county, lives, programme, ADMISSIONS, planted.admissions, rng),
        draw_care(county, lives, programme, ATTENDANCES, planted.attendances, rng),
        draw_care(county, lives, programme, PLANNED, {}, rng),
    )
    names = ("Non-elective", "A&E", "Elective")
    care = Care(np.concatenate([c.person for c in drawn]), np.concatenate([c.day for c in drawn]))
    point = np.repeat(np.arange(3), [len(c.day) for c in drawn])
    order = np.argsort(care.day, kind="stable")
    care = Care(care.person[order], care.day[order])
    further = {"point_of_care": coded(names, point[order])}
    register = seen(county, stream("acute", county.seed)).register
    yield _rows(county, "acute.history", register, care, further)
    contacts = draw_care(county, lives, programme, CONTACTS, planted.contacts, rng)
    yield _rows(county, "gp.urgent", listed(county, stream("gp", county.seed)), contacts, {})
    yield _truth(county, programme, died)


def _die(county: County, rng: np.random.Generator) -> Array:
    """The day of death of those who died after the county was counted and before the span ends; else 0."""
    people = county.people
    yearly = np.minimum(0.00008 * np.exp(0.088 * people.age) * (1 + 0.15 * county.health.frailty), 0.6)
    span = (LAST - TODAY) / YEAR
    dies = rng.random(people.count) < 1 - np.exp(-yearly * span)
    return np.where(dies, rng.integers(TODAY, LAST, people.count), 0)


def _jobs(county: County, programme: Programme, rng: np.random.Generator) -> Part:
    home, kind = np.nonzero(programme.month < NEVER)
    order = rng.permutation(len(home))
    home, kind = home[order], kind[order]
    household = np.array([programme.household[at] for at in home.tolist()], dtype=np.int64)
    columns = {"local_id": numbers("WK", len(home))}
    columns |= places_of(county, home, WORKS_RATES, rng, uprn=True)
    columns["work"] = coded(WORKS, kind)
    columns["completed"] = dated(STARTS.astype(np.int64)[programme.month[home, kind]])
    return Part("housing.works", pa.table(columns), household=household, identity=True)


def _deaths(county: County, died: Array, rng: np.random.Generator) -> Part:
    person = rng.permutation(np.flatnonzero(died > 0)).astype(np.int32)
    register = Register(person, numbers("D", len(person)))
    home = held_homes(county, person, DEATH_RATES.stale, rng)
    columns = identity(county, register, home, DEATH_RATES, rng, nhs=True)
    return Part(
        "council.deaths", pa.table({**columns, "died": dated(died[person])}), person=person, identity=True
    )


def _rows(county: County, asset: str, register: Register, care: Care, further: dict[str, pa.Array]) -> Part:
    """The events of those whom the holder knows; of others it holds nothing."""
    place = np.full(county.people.count, -1)
    place[register.person] = np.arange(register.count)
    at = place[care.person]
    rows = np.flatnonzero(at >= 0)
    columns = {
        "record": pa.array(np.arange(1, len(rows) + 1)),
        "local_id": register.local_id.take(pa.array(at[rows])),
        "date": dated(care.day[rows]),
        **{name: column.take(pa.array(rows)) for name, column in further.items()},
    }
    return Part(asset, pa.table(columns), person=care.person[rows])


def _truth(county: County, programme: Programme, died: Array) -> Truth:
    """By person: what was done to their home and when (months from January 2016, -1 never), and death."""
    month = programme.month[county.home]
    older = is_older(county)
    columns = {
        "person_id": np.arange(county.people.count),
        "older": older,
        "improved": programme.improved[county.home],
        "died": pa.array(died, mask=died == 0).cast(pa.int32()).cast(pa.date32()),
    }
    columns |= {
        work: np.where(month[:, i] < MONTHS, month[:, i], -1).astype(np.int16)
        for i, work in enumerate(WORKS)
    }
    return Truth("works", pa.table(columns))


SERVICE = Service("works", ("housing.works", "council.deaths", "acute.history", "gp.urgent"), keep)
