"""Risk that a row is recognised, for each row and for the file.

    prosecutor    the intruder knows that the person is in the release: 1/f       (El Emam 2013, chapter 16)
    journalist    the intruder does not, and looks in the population: 1/F
    marketer      the intruder matches everybody: the expected share that is right
    individual    F estimated from sampling weights (Benedetti, Franconi 1998; Franconi, Polettini 2004)

Each is told as three figures of the file: the share of rows above a threshold, the highest, the average.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ...errors import DataError, Problem
from ..structure import Floats
from .measure import Frequencies
from .population import Matched


@dataclass(frozen=True)
class Risk:
    """Risk of a file. above: share of rows riskier than `threshold`; average is also the share of all
    rows that an intruder who matches everybody is expected to get right (marketer), `expected` that
    share in rows.
    """

    kind: str
    rows: int
    threshold: float
    above: float
    highest: float
    average: float
    expected: float

    def as_mapping(self) -> dict[str, Any]:
        return asdict(self)


def prosecutor_risk(found: Frequencies | Matched) -> Floats:
    """1/f for each row: the chance of picking it among the rows alike."""
    return np.asarray(1 / _positive(found.sample), dtype=np.float64)


def journalist_risk(found: Matched) -> Floats:
    """1/F for each row: the chance of picking its person among the people alike."""
    return np.asarray(1 / _positive(found.population), dtype=np.float64)


def individual_risk(found: Frequencies) -> Floats:
    """E(1/F | f) for each row, F | f negative binomial with p = f / sum of weights.

    Weights that sum to no more than f say that the sample is the population there: 1/f. DataError for
    weights that are not positive.
    """
    from scipy.special import hyp2f1

    sample, weighted = _positive(found.sample), _positive(found.weighted)
    share = np.minimum(sample / weighted, 1.0)
    return np.asarray(share / sample * hyp2f1(1.0, 1.0, sample + 1, 1 - share), dtype=np.float64)


def summarise(kind: str, risks: Floats, threshold: float = 0.09) -> Risk:
    """The file's figures. threshold: 0.09 is one in eleven (European Medicines Agency, policy 0070)."""
    if not len(risks):
        return Risk(kind, 0, threshold, 0.0, 0.0, 0.0, 0.0)
    return Risk(
        kind,
        len(risks),
        threshold,
        float((risks > threshold).mean()),
        float(risks.max()),
        float(risks.mean()),
        float(risks.sum()),
    )


def _positive(values: Floats) -> Floats:
    if not (np.isfinite(values).all() and (values > 0).all()):
        raise DataError(
            Problem(
                "WEIGHT", "weights or counts that are not positive", fix="a row stands for itself at least"
            )
        )
    return values
