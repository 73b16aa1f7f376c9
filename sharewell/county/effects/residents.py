"""What is planted about the children of the wards, and about crowded homes and attainment at eleven."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Residents:
    """Growth of births and what attainment depends on.

    `growth`: mean growth of the log of births a year; `spread`: how much wards differ in it. Both 0:
    nothing changes but by chance, and no forecast can beat the last count by much. `moves`: the share of
    small children who change home in a year; of those, `stay` go to another ward of the county.

    `crowding`: points at eleven for each person a bedroom more (0: a planted null). `bedroom`: points for
    each bedroom of the home, whoever lives in it, which an analysis that does not adjust takes for
    crowding. `home`: standard deviation of what the children of one home share.
    """

    growth: float = 0.035
    spread: float = 0.025
    moves: float = 0.08
    stay: float = 0.5
    crowding: float = -2.0
    bedroom: float = 1.0
    home: float = 4.0
