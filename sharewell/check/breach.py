"""What a rule says of a table: which rows break it, and why in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from .structure import Mask


@dataclass(frozen=True)
class Breach:
    """Rows (a mask) that break `rule`, for the reason `why`."""

    rule: str
    why: str
    rows: Mask
