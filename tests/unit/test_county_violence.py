"""Violence, crime and disorder of the county, held to what is planted and to the contracts."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from sharewell.county import Effects
from sharewell.county.base import Part, Truth, found
from sharewell.county.effects.safety import HARM, VOLUME
from sharewell.county.incidents import NOW, happen, home_points
from sharewell.county.services import chosen
from sharewell.county.streams import stream
from sharewell.county.venues import TOWNS, lay_places
from sharewell.describe import load_contract

PEOPLE, SEED = 8_000, 3
SERVICES = ("violence", "safety", "offending")
CATALOGUE = Path(__file__).parents[2] / "catalogue"


@cache
def parts() -> dict[str, pa.Table]:
    county = found(PEOPLE, SEED, Effects())
    made: dict[str, pa.Table] = {}
    for service in chosen(SERVICES):
        for part in service.keep(county, stream(service.name, SEED)):
            assert isinstance(part, Part | Truth)
            made[part.asset if isinstance(part, Part) else f"truth.{part.name}"] = part.table
    return made


ASSETS = tuple(asset for service in chosen(SERVICES) for asset in service.assets)


@pytest.mark.parametrize("asset", ASSETS)
def test_every_asset_is_as_its_contract_says(asset: str) -> None:
    contract, table = load_contract(CATALOGUE / f"{asset}.yaml"), parts()[asset]
    assert set(table.column_names) == {p.name for p in contract.properties}
    for p in contract.properties:
        if p.required:
            assert table[p.name].null_count == 0, p.name


def test_some_treated_assaults_are_recorded_and_fewest_where_it_was_planted() -> None:
    truth, places = parts()["truth.assaults"], parts()["truth.places"]
    spot = dict(zip(places["venue"].to_pylist(), places["spot"].to_pylist(), strict=True))
    told: dict[Any, list[bool]] = {}
    for venue, crime in zip(truth["venue"].to_pylist(), truth["crime"].to_pylist(), strict=True):
        told.setdefault(spot[venue], []).append(crime is not None)
    effects = Effects().violence
    for number in range(effects.spots):
        share, n = np.mean(told[number]), len(told[number])
        planted = effects.hidden_reported if number < effects.hidden else effects.reported
        assert abs(share - planted) < 4 * np.sqrt(planted * (1 - planted) / n)
        assert abs(n - effects.gathered * effects.treated) < 4 * np.sqrt(effects.gathered * effects.treated)
    assert truth.num_rows == parts()["acute.assaults"].num_rows


def test_places_are_named_once_and_lie_apart_and_a_code_tells_its_town() -> None:
    venues = parts()["places.venues"]
    names = venues["name"].to_pylist()
    assert len(set(names)) == len(names)
    assert len({code[0] for code in venues["venue"].to_pylist()}) == TOWNS
    places = lay_places(found(PEOPLE, SEED, Effects()), Effects().violence, stream("x", 1))
    gap = np.hypot(places.east[:, None] - places.east, places.north[:, None] - places.north)
    assert gap[~np.eye(len(gap), dtype=bool)].min() > 50
    assert Counter(places.spot.tolist()) == {-1: len(places.spot) - 15} | dict.fromkeys(range(5), 3)


def test_reception_writes_places_as_people_do() -> None:
    said = parts()["acute.assaults"]["place"].to_pylist()
    given, known = [text for text in said if text], set(parts()["places.venues"]["name"].to_pylist())
    assert 0.09 < 1 - len(given) / len(said) < 0.15
    exact = sum(text.lower().replace(",", "") in known for text in given) / len(given)
    assert 0.2 < exact < 0.7  # an exact match would leave most of them unplaced


def test_volumes_are_exact_and_harm_orders_them_otherwise() -> None:
    happened = happen(found(PEOPLE, SEED, Effects()), Effects().safety, stream("y", 1))
    now = happened.day >= (np.datetime64(NOW[0], "D").astype(np.int64))
    counts = Counter(np.array(happened.kinds)[happened.kind[now]].tolist())
    assert dict(counts) == {kind: round(0.11 * PEOPLE * share) for kind, share in VOLUME.items()}
    by_volume = sorted(HARM, key=lambda kind: -counts[kind])
    by_harm = sorted(HARM, key=lambda kind: -counts[kind] * HARM[kind])
    assert by_volume[0] == "antisocial behaviour"
    assert by_harm[:3] == ["violence", "domestic abuse", "robbery"]


def test_points_are_snapped_and_homes_are_hit_again() -> None:
    county = found(PEOPLE, SEED, Effects())
    x, y = home_points(county)
    assert len(np.unique(np.column_stack((x, y)), axis=0)) > 0.9 * county.homes.count
    police = parts()["police.incidents"]
    assert not any(value % 50 for value in police["easting"].to_pylist())
    truth = parts()["truth.incidents"]
    homes = [home for home in truth["household_id"].to_pylist() if home is not None]
    assert sum(n - 1 for n in Counter(homes).values()) / len(homes) > 0.15


def test_the_quarterly_set_knows_no_more_of_a_home_than_its_outward_postcode() -> None:
    admissions = parts()["acute.harm_admissions"]
    assert {"address", "postcode", "local_id"}.isdisjoint(admissions.column_names)
    assert not any(" " in outward for outward in admissions["outward"].to_pylist())
