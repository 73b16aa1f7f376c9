"""Claims that are planted as untrue, and who must be known where for other services to contradict them.

Five applications for a school place from an address where the child does not live, 200 single-person
discounts where a second adult lives who counts, and 40 council tenancies whose tenant lives elsewhere while
another household lives in the home (fewer where the county is too small for them). Beside them stand those
that only look so: students and carers, who are disregarded.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .base import County
from .population import CARE_HOME
from .streams import Array, stream
from .tenure import SECONDARY, Tenure, age_at, counted_adults

PLACES, DISCOUNTS, SUBLETS = 5, 200, 40
WORKING = 70
"""Below this age somebody may well drive and hold a licence, which is how a second adult is known."""

SURE = {
    "places": ("schools.pupils", "council.libraries", "council.leisure"),
    "discounts": ("council.electoral_roll", "council.parking", "council.licensing"),
    "sublets": ("council.electoral_roll", "council.parking", "council.customers"),
}
"""Services that are sure to hold the people of each kind of case where they really live, and lately."""


@dataclass(frozen=True)
class Claims:
    """`children` and the home each claims from; `discounts` by household; `tenants` and the home each let.

    `occupiers` are the households that live in those homes, `partners` the adults whom a discount denies.
    """

    children: Array
    claimed: Array
    discounts: Array
    partners: Array
    tenants: Array
    let: Array
    occupiers: Array


def draw_claims(county: County, tenure: Tenure) -> Claims:
    """Distinct households that have not moved of late, at most one in a hundred of them for each kind."""
    rng = stream("claims", county.seed)
    people, home = county.people, county.residence.home
    settled = (county.residence.moved_on == 0) & (people.kind != CARE_HOME) & ~tenure.social
    adults, apart = counted_adults(county, tenure)
    couple = np.zeros(people.households, dtype=bool)
    couple[people.household[(people.role == 1) & tenure.adult & (age_at(county) < WORKING)]] = True
    permit = tenure.permits[county.places.ward[people.area]]
    two = np.flatnonzero(settled & couple & (adults == 2) & (apart == 0) & permit)
    discounts = rng.permutation(two)[: _most(county, DISCOUNTS)]
    left = settled.copy()
    left[discounts] = False
    most = _most(county, SUBLETS)
    homes = rng.permutation(np.flatnonzero(left & (adults > 0)))[: 2 * most]
    occupiers, tenants = homes[: len(homes) // 2], homes[len(homes) // 2 : len(homes) // 2 * 2]
    left[homes] = False
    starts = np.flatnonzero(_starts_school(county) & left[people.household])
    children = rng.permutation(starts)[: _most(county, PLACES)]
    elsewhere = rng.permutation(np.flatnonzero(left))[: len(children)]
    return Claims(
        children=children,
        claimed=home[elsewhere],
        discounts=discounts,
        partners=people.first[discounts] + 1,
        tenants=people.first[tenants],
        let=home[occupiers],
        occupiers=occupiers,
    )


def sure(county: County, tenure: Tenure, claims: Claims, asset: str) -> Array:
    """People whom this service is sure to hold, at home and lately."""
    people = county.people
    found = [np.empty(0, dtype=np.int64)]
    if asset in SURE["places"]:
        found.append(claims.children)
    if asset in SURE["discounts"]:
        found.append(claims.partners)
    if asset in SURE["sublets"]:
        found += [
            claims.tenants,
            np.flatnonzero(np.isin(people.household, claims.occupiers) & tenure.adult),
        ]
    return np.unique(np.concatenate(found))


def _starts_school(county: County) -> Array:
    """Children who move to a secondary school, whom an earlier school knows."""
    born = county.people.born
    return (born >= SECONDARY[0]) & (born < SECONDARY[1])


def _most(county: County, wanted: int) -> int:
    return max(1, min(wanted, county.people.households // 100))
