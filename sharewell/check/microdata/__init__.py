"""Rows about coded people: how alike they are, how they are made more alike, and what risk is left.

anonymise(table, quasi=[...], hierarchies={...}, wanted=...) -> Anonymised
ANONYMITIES["isb-1523"]             named settings; Anonymity.from_mapping for local ones
Hierarchy.from_csv(path)            a declared hierarchy; Bands, Dates, Postcodes, Prefixes and
                                    Suppressible are rules
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...lazy import loader

if TYPE_CHECKING:
    from .anonymity import ANONYMITIES, Anonymity
    from .hierarchy import Bands, Dates, Hierarchy, Postcodes, Prefixes, Suppressible
    from .recode import Anonymised, anonymise

__all__ = [
    "ANONYMITIES",
    "Anonymised",
    "Anonymity",
    "Bands",
    "Dates",
    "Hierarchy",
    "Postcodes",
    "Prefixes",
    "Suppressible",
    "anonymise",
]

# Recoding holds numpy, pyarrow and scipy; naming the package must not load them.
_HOME = {
    "ANONYMITIES": "anonymity",
    "Anonymised": "recode",
    "Anonymity": "anonymity",
    "Bands": "hierarchy",
    "Dates": "hierarchy",
    "Hierarchy": "hierarchy",
    "Postcodes": "hierarchy",
    "Prefixes": "hierarchy",
    "Suppressible": "hierarchy",
    "anonymise": "recode",
}

__getattr__ = loader(__name__, _HOME)
