"""What is true of the county, as tables for the truth folder. No contract names any of them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .base import County, Truth
from .effects import OUTCOME, POINTS_OF_CARE
from .events import coded, dated, days
from .homes import AGE_BANDS, HOME_TYPES
from .margins import ETHNICITIES, TYPES
from .names import stock
from .noise import text
from .streams import Array


def planted(county: County) -> Iterator[Truth]:
    """Tables that do not depend on which services are built."""
    yield Truth("people", _people(county))
    yield Truth("households", _households(county))
    yield Truth("homes", _homes(county))
    yield Truth("residence", _residence(county))
    yield Truth("treatment", _treatment(county))
    yield Truth("effects", _effects(county))
    yield Truth("needs", _needs(county))


def _people(county: County) -> pa.Table:
    people, health, names = county.people, county.health, stock()
    area = county.area
    return pa.table(
        {
            "person_id": np.arange(people.count),
            "household_id": people.household,
            "role": coded(("reference", "partner", "other"), people.role),
            "forename": pa.array(names.forenames).take(pa.array(people.forename)),
            "surname": pa.array(names.surnames).take(pa.array(people.surname)),
            "former_surname": text(pa.array(names.surnames), people.former),
            "born": dated(people.born),
            "sex": coded(("F", "M"), people.sex),
            "ethnicity": coded(ETHNICITIES, people.ethnicity),
            "nhs_number": pa.array(county.nhs).cast(pa.string()),
            "practice": text(pa.array(county.practices), health.practice),
            "area": pa.array(county.places.area).take(pa.array(area)),
            "deprivation": county.places.deprivation[area],
            "conditions": health.conditions,
            "frailty": health.frailty,
            "autism": health.autism,
            "autism_recorded": health.autism_recorded,
        }
    )


def _households(county: County) -> pa.Table:
    people, home = county.people, county.residence.home
    return pa.table(
        {
            "household_id": np.arange(people.households),
            "kind": coded(TYPES, people.kind),
            "people": people.size,
            "home_id": home,
            "uprn": county.homes.uprn[home],
        }
    )


def _homes(county: County) -> pa.Table:
    homes = county.homes
    return pa.table(
        {
            "home_id": np.arange(homes.count),
            "uprn": homes.uprn,
            "address": homes.address,
            "postcode": pa.array(homes.postcodes).take(pa.array(homes.postcode)),
            "area": pa.array(county.places.area).take(pa.array(homes.area)),
            "type": coded(HOME_TYPES, homes.kind),
            "age_band": coded(AGE_BANDS, homes.age_band),
            "floor_area": homes.floor_area,
        }
    )


def _residence(county: County) -> pa.Table:
    """Who lived where: `since` null is before 2020 or birth, `until` null is still there."""
    residence = county.residence
    households = np.arange(county.people.households)
    moved = np.flatnonzero(residence.previous >= 0)
    when = residence.moved_on
    now = pa.array(when, mask=when == 0).cast(pa.date32())
    return pa.table(
        {
            "household_id": np.concatenate((households, moved)),
            "home_id": np.concatenate((residence.home, residence.previous[moved])),
            "since": pa.concat_arrays([now, pa.nulls(len(moved), pa.date32())]),
            "until": pa.concat_arrays([pa.nulls(len(households), pa.date32()), dated(when[moved])]),
        }
    )


def _treatment(county: County) -> pa.Table:
    assigned = county.assigned
    return pa.table(
        {
            "person_id": np.arange(county.people.count),
            "visited": assigned.visited,
            "referred": assigned.referred,
            "rate": assigned.rate,
        }
    )


def _effects(county: County) -> pa.Table:
    """Planted effects and nulls by name; a null is an effect that is planted as none at all."""
    effects = county.effects
    rows: list[tuple[str, float, bool]] = [
        ("rate ratio of A&E attendance after a fire visit", effects.fire_ratio, effects.fire_ratio == 1),
        (
            "rate ratio of A&E attendance after a falls referral",
            effects.falls_ratio,
            effects.falls_ratio == 1,
        ),
        ("yearly A&E rate of visited people", effects.attendance_rate, False),
        ("dispersion of A&E counts", effects.dispersion, effects.dispersion == 0),
        ("share of autism recorded", effects.autism_recorded, False),
        ("share of autism recorded where under-recorded", effects.autism_under_recorded, False),
        ("threshold of the property cost score", effects.cost_threshold, False),
        ("income limit", effects.income_limit, False),
    ]
    rows += [
        (f"autism prevalence below age {age}", rate, False)
        for age, rate in zip(effects.autism_ages, effects.autism_rate, strict=True)
    ]
    names, values, null = zip(*rows, strict=True)
    return pa.table({"name": names, "value": pa.array(values, pa.float64()), "planted_null": null})


def _needs(county: County) -> pa.Table:
    """Autism by practice: expected from the published rates, true, recorded, and where that is too low."""
    health, effects = county.health, county.effects
    listed = health.practice >= 0
    expected = np.array(effects.autism_rate)[np.digitize(county.people.age, effects.autism_ages)]

    def by_practice(values: Array) -> Array:
        return np.bincount(health.practice[listed], weights=values[listed], minlength=len(county.practices))

    return pa.table(
        {
            "practice": county.practices,
            "people": by_practice(np.ones(len(listed))).astype(np.int64),
            "expected": by_practice(expected),
            "true": by_practice(health.autism).astype(np.int64),
            "recorded": by_practice(health.autism_recorded).astype(np.int64),
            "under_recorded": health.under_recorded,
        }
    )


class Ledger:
    """Costs in pence of the outcome year by the person's practice and point of care, kept as rows go by."""

    def __init__(self, county: County) -> None:
        self._practices = [*county.practices, None]
        self._practice = np.where(county.health.practice < 0, len(county.practices), county.health.practice)
        self._total = np.zeros((len(self._practices), len(POINTS_OF_CARE)), dtype=np.int64)
        self._rows = np.zeros_like(self._total)

    def add(self, table: pa.Table, person: Array) -> None:
        """Rows of one asset, with the person behind each."""
        day = table["date"].cast(pa.int32()).to_numpy()
        rows = np.flatnonzero((day >= days(OUTCOME[0])) & (day < days(OUTCOME[1])))
        point = pc.index_in(table["point_of_care"].cast(pa.string()), pa.array(POINTS_OF_CARE)).to_numpy()[
            rows
        ]
        cell = self._practice[person[rows]].astype(np.int64) * len(POINTS_OF_CARE) + point
        cost = table["cost"].to_numpy()[rows]
        # bincount adds in float64, which is exact for whole numbers below 2**53.
        self._total += np.bincount(cell, cost, self._total.size).astype(np.int64).reshape(self._total.shape)
        self._rows += np.bincount(cell, minlength=self._total.size).reshape(self._total.shape)

    def table(self) -> pa.Table:
        """A row for each practice (null: on no list) and point of care that had any activity."""
        practice, point = np.nonzero(self._rows)
        return pa.table(
            {
                "practice": pa.array([self._practices[i] for i in practice.tolist()], pa.string()),
                "point_of_care": pa.array(POINTS_OF_CARE).take(pa.array(point)),
                "activities": self._rows[practice, point],
                "pence": self._total[practice, point],
            }
        )


def link_rows(
    county: County, asset: str, table: pa.Table, person: Array | None, household: Array | None
) -> pa.Table:
    """The truth about the rows of one register; a home or bill without a known person has a null."""
    count = table.num_rows
    if household is None:
        assert person is not None
        household = county.people.household[person]
    nobody = pa.nulls(count, pa.int64())
    return pa.table(
        {
            "asset": pa.DictionaryArray.from_arrays(
                pa.array(np.zeros(count, dtype=np.int32)), pa.array([asset])
            ),
            "local_id": table.column(0),
            "person_id": nobody if person is None else pa.array(person.astype(np.int64)),
            "household_id": household.astype(np.int64),
        }
    )
