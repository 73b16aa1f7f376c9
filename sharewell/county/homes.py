"""Homes on invented streets, with postcodes that cannot be issued, and what a valuation office knows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .geography import Geography, place_names
from .identifiers import uprns
from .streams import Array, choose

POSTCODE_AREA = "QN"
"""No postcode area begins with Q."""

HOME_TYPES = ("detached", "semi-detached", "terraced", "bungalow", "flat")
AGE_BANDS = ("before 1900", "1900-1929", "1930-1964", "1965-1982", "1983-1999", "since 2000")
_IN_POSTCODE, _POSTCODES_IN_STREET = 15, 2
_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"
_STREETS = ("Road", "Street", "Avenue", "Close", "Lane", "Drive", "Gardens", "Terrace", "Way", "Crescent")
_SHORT = ("Rd", "St", "Ave", "Cl", "La", "Dr", "Gdns", "Tce", "Way", "Cres")
_AREA_MEAN = np.array([135, 92, 82, 75, 58])
_TYPE_SHARE = np.array([[8, 24, 38, 6, 24], [20, 30, 25, 10, 15], [42, 28, 12, 13, 5]])
"""Home types where most, middling and least deprived, in percent."""


@dataclass(frozen=True)
class Homes:
    """Every home, in order of area. `address` is written out, `short` abbreviated and in capitals."""

    area: Array
    first: Array
    postcode: Array
    postcodes: list[str]
    postcode_area: Array
    uprn: Array
    kind: Array
    age_band: Array
    floor_area: Array
    address: pa.Array
    short: pa.Array

    @property
    def count(self) -> int:
        return len(self.area)


def build_homes(places: Geography, per_area: Array, rng: np.random.Generator) -> Homes:
    """`per_area` homes in each area, laid out in postcodes of 15 and streets of two postcodes."""
    area = np.repeat(np.arange(places.count), per_area)
    first = np.concatenate(([0], np.cumsum(per_area)[:-1]))
    rank = np.arange(len(area)) - first[area]
    posts_in_area = -(-per_area // _IN_POSTCODE)
    first_post = np.concatenate(([0], np.cumsum(posts_in_area)[:-1]))
    postcode = first_post[area] + rank // _IN_POSTCODE
    postcode_area = np.repeat(np.arange(places.count), posts_in_area)
    kind = _kinds(places, postcode, postcode_area, rng)
    band = choose(rng, len(postcode_area), np.array([12, 14, 24, 20, 16, 14]))[postcode]
    floor = np.clip(_AREA_MEAN[kind] * np.exp(rng.normal(0, 0.22, len(area))), 20, 400)
    streets = _Streets(places, postcode, postcode_area, rank, kind, rng)
    return Homes(
        area=area.astype(np.int32),
        first=first,
        postcode=postcode.astype(np.int32),
        postcodes=_postcodes(places, postcode_area, rng),
        postcode_area=postcode_area.astype(np.int32),
        uprn=uprns(len(area), rng),
        kind=kind,
        age_band=band,
        floor_area=np.rint(floor).astype(np.int32),
        address=streets.write(_STREETS),
        short=pc.utf8_upper(streets.write(_SHORT)),
    )


def _kinds(places: Geography, postcode: Array, postcode_area: Array, rng: np.random.Generator) -> Array:
    """Homes of one postcode are mostly alike."""
    level = (places.deprivation[postcode_area] + 1) // 2 - 1
    drawn = np.empty(len(postcode_area), dtype=np.int32)
    for index in range(3):
        mine = np.flatnonzero(level == index)
        drawn[mine] = choose(rng, len(mine), _TYPE_SHARE[index])
    kind = drawn[postcode]
    other = np.flatnonzero((rng.random(len(postcode)) < 0.15) & (kind < 4))
    kind[other] = choose(rng, len(other), np.array([25, 35, 30, 10]))
    return kind


class _Streets:
    """Parts of an address, joined for all homes at once."""

    def __init__(
        self,
        places: Geography,
        postcode: Array,
        postcode_area: Array,
        rank: Array,
        kind: Array,
        rng: np.random.Generator,
    ) -> None:
        homes_in_street = _IN_POSTCODE * _POSTCODES_IN_STREET
        street = postcode_area[postcode].astype(np.int64) * 1000 + rank // homes_in_street
        _, self.street = np.unique(street, return_inverse=True)
        count = int(self.street.max()) + 1
        stems = place_names(600, rng)
        self.stem = pa.array([stems[i] for i in rng.integers(0, len(stems), count)])
        self.kind = rng.integers(0, len(_STREETS), count)
        self.number = (rank % homes_in_street) + 1
        self.flat = kind == HOME_TYPES.index("flat")
        self.block = 2 * (self.number // _IN_POSTCODE) + 1
        self.town = pa.array(places.ward_names).take(pa.array(places.ward[postcode_area[postcode]]))

    def write(self, words: tuple[str, ...]) -> pa.Array:
        """Addresses with these words for a road, flats as "Flat 3, 1 Ashcombe Road, Fellbury"."""
        street = pc.binary_join_element_wise(self.stem, pa.array(words).take(pa.array(self.kind)), " ")
        number = pa.array(self.number).cast(pa.string())
        block = pc.binary_join_element_wise(number, pa.array(self.block).cast(pa.string()), ", ")
        flat = pc.binary_join_element_wise("Flat", block, " ")
        house = pc.if_else(pa.array(self.flat), flat, number)
        line = pc.binary_join_element_wise(house, street.take(pa.array(self.street)), " ")
        return pc.binary_join_element_wise(line, self.town, ", ")


def _postcodes(places: Geography, postcode_area: Array, rng: np.random.Generator) -> list[str]:
    """Distinct postcodes; an outward code covers neighbouring areas, at most 4,000 inward codes each."""
    areas_out = max(6, -(-places.count // 90))
    order = np.lexsort((np.arange(places.count), places.ward, places.district))
    outward = np.empty(places.count, dtype=np.int64)
    outward[order] = np.arange(places.count) // areas_out
    out = outward[postcode_area]
    running = np.empty(len(out), dtype=np.int64)
    by_out = np.argsort(out, kind="stable")
    starts = np.concatenate(([0], np.cumsum(np.bincount(out))[:-1]))
    running[by_out] = np.arange(len(out)) - starts[out[by_out]]
    mixed = rng.permutation(400)
    return [
        f"{POSTCODE_AREA}{o + 1} {n // 400}{_LETTERS[m // 20]}{_LETTERS[m % 20]}"
        for o, n, m in zip(out.tolist(), running.tolist(), mixed[running % 400].tolist(), strict=True)
    ]
