"""The second method: weigh everybody by the chance of being treated, in place of matching some.

The treated count once and each comparison person by the odds of having been treated, so that the comparison
arm is made to look like the treated (the effect on the treated, as matching estimates it; Hirano, Imbens
and Ridder 2003, Econometrica 71:1161). For the effect on everybody, each counts by one over the chance of
the arm that they are in (Robins, Hernan and Brumback 2000, Epidemiology 11:550). The errors take the
weights as known, which makes them a little too wide.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ...errors import FitError, Problem
from .rates import Estimate

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Whom = Literal["treated", "everybody"]


def inverse_weights(probability: Floats, treated: Bools, whom: Whom = "treated") -> Floats:
    """A weight for each row, from its `probability` of being treated.

    FitError CERTAIN where it is nought or one for somebody who would need a weight: nobody like them is in
    the other arm.
    """
    needed = np.ones(len(treated), bool) if whom == "everybody" else ~treated
    chance = np.where(treated, probability, 1.0 - probability)
    if (needed & ~(chance > 0)).any():
        what = "somebody was certain to be in the arm they are not in"
        raise FitError(Problem("CERTAIN", what, "a weight would be without end", "leave out what decides"))
    if whom == "everybody":
        return 1.0 / chance
    return np.where(treated, 1.0, probability / np.where(treated, 1.0, chance))


def agree(one: Estimate, other: Estimate) -> bool:
    """Whether each method's figure lies within the other's interval."""
    return one.low <= other.value <= one.high and other.low <= one.value <= other.high
