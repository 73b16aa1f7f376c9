"""describe: what is held, by whom, and how good is it? Assets as data contracts, readers, profile, quality.

Names are loaded on first use, so that importing the package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import loader

if TYPE_CHECKING:
    from .admission import Admitted, admit
    from .contract import Contract, load_contract
    from .feed import Feed, check_described, check_feed, check_vintage
    from .profiling import profile
    from .quality import Measured, measure, statement
    from .readers import READERS, Reason

_HOMES = {
    "Admitted": "admission",
    "admit": "admission",
    "Contract": "contract",
    "load_contract": "contract",
    "Feed": "feed",
    "check_described": "feed",
    "check_feed": "feed",
    "check_vintage": "feed",
    "profile": "profiling",
    "Measured": "quality",
    "measure": "quality",
    "statement": "quality",
    "READERS": "readers",
    "Reason": "readers",
}
__all__ = [
    "READERS",
    "Admitted",
    "Contract",
    "Feed",
    "Measured",
    "Reason",
    "admit",
    "check_described",
    "check_feed",
    "check_vintage",
    "load_contract",
    "measure",
    "profile",
    "statement",
]

__getattr__ = loader(__name__, _HOMES)
