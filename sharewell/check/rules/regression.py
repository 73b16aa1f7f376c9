"""Regressions: a model must leave people free, must not be a table in disguise, and must not fit everybody.

A model with nearly as many parameters as people repeats its data. One with a parameter for every group
that its covariates tell apart (all categorical, all interactions) is the table of the means of those
groups, and is judged as one. One that explains nearly everything tells each person's outcome: it is
withheld where the residual spread is a smaller part of the whole spread than the policy's `share`, the
nearest that anybody may come to a withheld sum. (Griffiths et al., Handbook on Statistical Disclosure
Control for Outputs, 2019, regressions; Reznek, Disclosure risks in cross-section regression models,
2003.)
"""

from __future__ import annotations

import numpy as np

from ...errors import GateError, Problem
from ...plan.finding import Fitted, Output
from ..breach import Breach
from ..evidence import Evidence
from ..policy import Policy


def judge(evidence: Evidence, policy: Policy) -> list[Breach]:
    """All rows of a model that breaks a rule. GateError EVIDENCE for a regression whose fit is not
    described, or described as no fit can be."""
    table = evidence.table
    if table.output is not Output.REGRESSION and table.fitted is None:
        return []
    fitted = table.fitted
    if fitted is None or not _is_possible(fitted):
        raise GateError(
            Problem(
                "EVIDENCE",
                "the fit behind the figures is not described"
                if fitted is None
                else "no model is so fitted",
                "whether the model repeats its data cannot be told from its coefficients",
                "let the recipe give `fitted`: people, parameters, groups, smallest, variance explained",
                f"table {table.name}",
            )
        )
    return [Breach("regression", why, np.full(evidence.rows, bad)) for why, bad in _faults(fitted, policy)]


def _is_possible(fitted: Fitted) -> bool:
    if (fitted.groups is None) is not (fitted.smallest is None):
        return False
    if fitted.groups is not None and fitted.smallest is not None:
        grouped = fitted.groups >= 1 and 0 < fitted.groups * fitted.smallest <= fitted.people
        if not grouped or fitted.parameters > fitted.groups:
            return False
    explained = fitted.explained is None or 0 <= fitted.explained <= 1
    return explained and 1 <= fitted.parameters <= fitted.people


def _faults(fitted: Fitted, policy: Policy) -> list[tuple[str, bool]]:
    free = fitted.people - fitted.parameters
    saturated = fitted.groups is not None and fitted.parameters >= fitted.groups
    smallest = fitted.smallest or 0
    unexplained = 1.0 if fitted.explained is None else max(0.0, 1 - fitted.explained) ** 0.5
    return [
        (f"the model is fitted to fewer than {policy.minimum} people", fitted.people < policy.minimum),
        (
            f"the model has fewer than {policy.degrees_of_freedom} residual degrees of freedom",
            free < policy.degrees_of_freedom or free < 1,
        ),
        (
            f"the model is saturated, so a table, and a group of it has fewer than {policy.minimum} people",
            saturated and smallest < policy.minimum,
        ),
        ("the model explains nearly all, so it tells each person's outcome", unexplained < policy.share),
    ]
