"""The second model: negative binomial (NB2) counts by person and state of the home, clustered by home.

Where the conditional model takes out whatever is constant about a person, this one models it: a gamma
spread between people, their sex and birth, and the share of their own time in which each change had been
made (Mundlak 1978, Econometrica 46:69), without which the sick, whose homes came first, would be taken for
an effect. Calendar, season and age enter as the offset that the conditional model found, so that a person's
months in one state are one row. Cameron and Trivedi, Regression Analysis of Count Data (2013), section 9.7.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np

from ...errors import FitError, Problem
from .conditional import Conditional
from .panel import Design, Floats, Panel
from .study import Ints, Study


@dataclass(frozen=True)
class Binned:
    """One row a person and state: the changes made (m, changes), events, offset, person."""

    states: Floats
    events: Floats
    offset: Floats
    person: Ints


def binned(panel: Panel, design: Design, events: Floats, fitted: Conditional) -> Binned:
    """The months kept, added up by person and state, with what calendar and age lead one to expect."""
    background = design.matrix[:, design.changes :] @ fitted.coefficients[design.changes :]
    expected = panel.months.exposure[panel.kept] * np.exp(background)[design.row]
    states = design.matrix[:, : design.changes]
    bits = (states * (1 << np.arange(design.changes))).sum(axis=1).astype(np.int64)[design.row]
    person = panel.months.person[panel.kept]
    key, back = np.unique((person << design.changes) | bits, return_inverse=True)
    state = (key & ((1 << design.changes) - 1))[:, None] >> np.arange(design.changes) & 1
    return Binned(
        state.astype(np.float64),
        np.bincount(back, events[panel.kept]).astype(np.float64),
        np.log(np.bincount(back, expected)),
        key >> design.changes,
    )


def fit_dispersed(
    study: Study, panel: Panel, design: Design, events: Floats, fitted: Conditional
) -> tuple[Floats, Floats, float]:
    """Log ratios of the changes (k,), their standard errors clustered by home, and the dispersion.

    Raises FitError NO_MAXIMUM where the likelihood has none that could be found.
    """
    from statsmodels.discrete.discrete_model import NegativeBinomial
    from statsmodels.tools.sm_exceptions import ConvergenceWarning, HessianInversionWarning

    rows = binned(panel, design, events, fitted)
    matrix = np.column_stack([rows.states, _between(study, rows)])
    matrix = matrix[:, _telling(matrix)]
    with warnings.catch_warnings():
        warnings.simplefilter("error", ConvergenceWarning)
        warnings.simplefilter("error", HessianInversionWarning)
        try:
            model = NegativeBinomial(rows.events, matrix, loglike_method="nb2", offset=rows.offset)
            homes = study.home[rows.person]
            found = model.fit(
                method="newton", start_params=_start(matrix, rows), disp=0, maxiter=60,
                cov_type="cluster", cov_kwds={"groups": homes},
            )  # fmt: skip
        except (ConvergenceWarning, HessianInversionWarning, np.linalg.LinAlgError):
            raise FitError(
                Problem("NO_MAXIMUM", "the negative binomial model has no maximum that was found")
            ) from None
    k = design.changes
    return np.asarray(found.params)[:k], np.asarray(found.bse)[:k], float(found.params[-1])


def _between(study: Study, rows: Binned) -> Floats:
    """A constant, the share of each person's expected events in each state, birth and sex."""
    weight = np.exp(rows.offset)
    total = np.bincount(rows.person, weight)
    total = np.maximum(total, 1e-300)
    shares = [np.bincount(rows.person, weight * column) / total for column in rows.states.T]
    born = (study.born[rows.person] - study.born.mean()) / max(float(study.born.std()), 1.0)
    sexes = [(study.sex[rows.person] == code).astype(np.float64) for code in (1, 2)]
    return np.column_stack(
        [np.ones(len(born)), *(share[rows.person] for share in shares), born, born**2, *sexes]
    )


def _telling(matrix: Floats) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Columns that are not constant, and the constant."""
    differ = np.ptp(matrix, axis=0) > 0
    differ[np.flatnonzero(~differ & (matrix[0] == 1))[:1]] = True
    return np.flatnonzero(differ)


def _start(matrix: Floats, rows: Binned) -> Floats:
    """The Poisson fit of the same rows, and the dispersion that its residuals show."""
    from ..glm import fit_glm

    order = np.argsort(np.ptp(matrix, axis=0) > 0, kind="stable")
    fitted = fit_glm("poisson", np.ascontiguousarray(matrix[:, order]), rows.events, offset=rows.offset)
    mean = np.exp(fitted.linear(matrix[:, order]) + rows.offset)
    alpha = float(((rows.events - mean) ** 2 - mean).sum() / (mean**2).sum())
    start = np.empty(len(order))
    start[order] = fitted.coefficients
    return np.concatenate([start, [min(max(alpha, 0.05), 5.0)]])
