"""Violence as hospitals are told of it and as the police record it, and the gazetteer that puts both on
a map.

An assault has a place, an hour and a means. Reception writes the place down as it is said: short, misspelt,
with a word before it, or not at all. The police hear of a share of them, and of others whom no hospital
saw.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from .base import County, Part, Service, Truth
from .effects import OUTCOME
from .effects.violence import Violence
from .events import days
from .noise import typo
from .streams import Array, choose
from .venues import PLACE_TYPES, ROADS, Places, gazetteer, lay_places

METHODS = ("fist", "foot", "knife", "glass or bottle", "blunt object", "firearm", "other")
_METHOD = np.array([0.58, 0.14, 0.07, 0.12, 0.06, 0.003, 0.027])
_PULL = np.array([0.8, 1.5, 0.5, 0.9, 0.4, 0.3, 0.5, 0.4])
"""How many assaults a place of each type has beside others, spots apart."""

_BEFORE = ("outside ", "near ", "o/s ", "opp ", "by the ", "in ")
_VAGUE = ("in town", "friends house", "walking home", "taxi", "the precinct", "dont know", "at a party")
_SECONDS_OF_HOUR = 3_600


@dataclass(frozen=True)
class Assaults:
    """What truly happened, by assault: place, hour since 1970, means; whether treated and whether
    recorded."""

    place: Array
    hour: Array
    method: Array
    treated: Array
    recorded: Array


def keep(county: County, rng: np.random.Generator) -> Iterator[Part | Truth]:
    """The gazetteer, the hospital's and the police's rows, and which of them are the same assault."""
    effects = county.effects.violence
    places = lay_places(county, effects, rng)
    happened = happen(places, effects, rng)
    yield Part("places.venues", gazetteer(county, places))
    treated = rng.permutation(np.flatnonzero(happened.treated))
    yield Part("acute.assaults", _assaults(places, happened, treated, effects, rng))
    recorded = rng.permutation(np.flatnonzero(happened.recorded))
    yield Part("police.violence", _violence(places, happened, recorded, rng))
    yield from _truths(places, happened, treated, recorded)


def happen(places: Places, effects: Violence, rng: np.random.Generator) -> Assaults:
    """Every assault of the year that a hospital treated or the police recorded."""
    year = (days(OUTCOME[0]), days(OUTCOME[1]))
    pull = _PULL[places.kind] * np.exp(rng.normal(0, 0.35, len(places.kind)))
    share = (1 - effects.gathered * effects.spots) * pull / pull.sum()
    for spot in range(effects.spots):
        mine = np.flatnonzero(places.spot == spot)
        share[mine] += effects.gathered * np.array([0.6, 0.25, 0.15])[: len(mine)]
    told = np.where(
        (places.spot >= 0) & (places.spot < effects.hidden), effects.hidden_reported, effects.reported
    )
    seen = rng.poisson(effects.treated)
    unseen = rng.poisson(effects.untreated)
    place = np.concatenate([choose(rng, seen, share), choose(rng, unseen, share * told)])
    treated = np.arange(seen + unseen) < seen
    recorded = ~treated | (rng.random(len(place)) < told[place])
    hour = _hours(places.kind[place], year, rng)
    return Assaults(place, hour, choose(rng, len(place), _METHOD), treated, recorded)


def _hours(kinds: Array, year: tuple[int, int], rng: np.random.Generator) -> Array:
    """Hours since 1970: bars fill on Friday and Saturday nights, the rest of life spreads over the day."""
    count = len(kinds)
    day = rng.integers(year[0], year[1], count)
    night = rng.random(count) < np.where(kinds == 1, 0.85, 0.4)
    weekend = night & (rng.random(count) < 0.6)
    weekday = (day + 3) % 7  # 1 January 1970 was a Thursday: Monday is 0
    day = np.where(weekend, day - weekday + rng.choice(np.array([4, 5]), count), day)
    late = np.floor(rng.normal(24.5, 2.2, count)).clip(20, 29)
    hour = np.where(night, late, np.floor(rng.normal(15.5, 4.0, count)).clip(6, 22))
    whole: Array = np.clip(day * 24 + hour, year[0] * 24, year[1] * 24 - 1).astype(np.int64)
    return whole


def _assaults(
    places: Places, happened: Assaults, rows: Array, effects: Violence, rng: np.random.Generator
) -> pa.Table:
    count, hour = len(rows), happened.hour[rows]
    said = _said(places, happened.place[rows], effects, rng)
    arrived = hour * _SECONDS_OF_HOUR + rng.integers(1_800, 30_000, count)
    method = happened.method[rows]
    other = [("bite" if code == 6 else None) for code in method.tolist()]
    return pa.table(
        {
            "record": np.arange(1, count + 1),
            "site": pa.array(["NS1", "NS2"]).take(pa.array(rng.integers(0, 2, count))),
            "arrived": _moments(arrived),
            "assaulted": _moments(hour * _SECONDS_OF_HOUR, rng.random(count) < 0.03),
            "method": pa.array(METHODS).take(pa.array(method)),
            "method_other": pa.array(other, pa.string()),
            "place_type": pa.array(PLACE_TYPES).take(pa.array(places.kind[happened.place[rows]])),
            "place": pa.array(said, pa.string()),
        }
    )


def _said(places: Places, place: Array, effects: Violence, rng: np.random.Generator) -> list[str | None]:
    """What somebody at reception writes for each place."""
    said: list[str | None] = []
    for at, draw in zip(place.tolist(), rng.random((len(place), 5)), strict=True):
        if draw[0] < effects.unasked:
            said.append(None)
        elif draw[0] < effects.unasked + effects.elsewhere:
            said.append(_VAGUE[int(draw[1] * len(_VAGUE))])
        else:
            said.append(_written(places, at, effects, draw[1:], rng))
    return said


def _written(places: Places, at: int, effects: Violence, draw: Array, rng: np.random.Generator) -> str:
    name = places.name[at]
    if draw[0] < effects.shortened:
        name = name.removeprefix("the ")
        for whole, short in ROADS:
            name = name.replace(f" {whole.lower()}", f" {short}")
    alone = draw[1] < 0.5
    words = name if alone else f"{name}, {places.town[at].lower()}"
    if draw[2] < effects.misspelt:
        parts = words.split(" ")
        longest = max(range(len(parts)), key=lambda i: len(parts[i]))
        parts[longest] = typo(parts[longest], rng)
        words = " ".join(parts)
    before = _BEFORE[int(draw[3] * 4 * len(_BEFORE)) % len(_BEFORE)] if draw[3] < 0.25 else ""
    return f"{before}{words}".title() if draw[3] > 0.7 else f"{before}{words}"


def _violence(places: Places, happened: Assaults, rows: Array, rng: np.random.Generator) -> pa.Table:
    """The police write the name with its town; the hour is that of the call or of a guess."""
    count, place = len(rows), happened.place[rows]
    drift = rng.choice(np.array([-1, 0, 0, 0, 0, 1, 2]), count)
    full = [f"{places.name[at].title()}, {places.town[at]}" for at in place.tolist()]
    none = rng.random(count) < 0.04
    minute = rng.integers(0, 60, count) * 60
    offence = choose(rng, count, np.array([0.0005, 0.55, 0.3, 0.08, 0.0695]))
    offences = ["homicide", "violence with injury", "violence without injury", "robbery", "threats"]
    return pa.table(
        {
            "record": np.arange(1, count + 1),
            "occurred": _moments((happened.hour[rows] + drift) * _SECONDS_OF_HOUR + minute),
            "offence": pa.array(offences).take(pa.array(np.where(happened.treated[rows], 1, offence))),
            "weapon": pa.array(METHODS).take(pa.array(happened.method[rows])),
            "place_type": pa.array(PLACE_TYPES).take(pa.array(places.kind[place])),
            "place": pa.array(full, mask=none),
        }
    )


def _moments(seconds: Array, missing: Array | None = None) -> pa.Array:
    whole = pa.array(seconds.astype(np.int64) * 1_000_000, mask=missing)
    return whole.cast(pa.timestamp("us"))


def _truths(places: Places, happened: Assaults, treated: Array, recorded: Array) -> Iterator[Truth]:
    """Which rows are one assault, and the planted spots."""
    number = np.full(len(happened.place), 0)
    number[recorded] = np.arange(1, len(recorded) + 1)
    held = number[treated]
    yield Truth(
        "assaults",
        pa.table(
            {
                "record": np.arange(1, len(treated) + 1),
                "crime": pa.array(held, mask=held == 0),
                "venue": pa.array(places.code).take(pa.array(happened.place[treated])),
            }
        ),
    )
    yield Truth(
        "places",
        pa.table(
            {
                "venue": places.code,
                "easting": places.east,
                "northing": places.north,
                "spot": pa.array(places.spot, mask=places.spot < 0),
            }
        ),
    )


SERVICE = Service("violence", ("places.venues", "acute.assaults", "police.violence"), keep)
