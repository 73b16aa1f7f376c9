"""dwelling: where people live, with whom, and since when.

Addresses written as free text get the property reference of a gazetteer; records of one home are brought
together; stays at homes are drawn from what several sources say; people who live together are households,
and those tied to one another are families, within one home or over several. Nothing here is imported until
used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...lazy import loader

if TYPE_CHECKING:
    from .addresses import Placed, place
    from .establishments import Communal, communal
    from .homes import households
    from .kinship import Families, families
    from .occupancy import Stays, living_on, stays

__all__ = [
    "Communal",
    "Families",
    "Placed",
    "Stays",
    "communal",
    "families",
    "households",
    "living_on",
    "place",
    "stays",
]

_HOMES = {
    "Communal": "establishments",
    "Families": "kinship",
    "Placed": "addresses",
    "Stays": "occupancy",
    "communal": "establishments",
    "families": "kinship",
    "households": "homes",
    "living_on": "occupancy",
    "place": "addresses",
    "stays": "occupancy",
}

__getattr__ = loader(__name__, _HOMES)
