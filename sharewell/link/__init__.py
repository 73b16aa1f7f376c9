"""link: which records are the same person, household or home?

Verified NHS numbers first, then Splink's probabilistic model (Fellegi and Sunter 1969; Linacre et al.
2022) for the rest. Nothing here is imported until used, since Splink and DuckDB are heavy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import loader

if TYPE_CHECKING:
    from .dwelling.homes import households
    from .identify import people
    from .numbers import is_nhs_number
    from .registry import linkers
    from .settings import Housed, Linked, Settings
    from .units import link

__all__ = ["Housed", "Linked", "Settings", "households", "is_nhs_number", "link", "linkers", "people"]

_HOMES = {
    "Housed": "settings",
    "Linked": "settings",
    "Settings": "settings",
    "households": "dwelling.homes",
    "is_nhs_number": "numbers",
    "link": "units",
    "linkers": "registry",
    "people": "identify",
}

__getattr__ = loader(__name__, _HOMES)
