"""Each kind of output and what judges it: the one place that says so.

Kinds follow the classes of statistics ("statbarns") of the SACRO guide to statistical output checking
(2023), which share a form, a risk and a response; the guide's names are in `statbarns`. A kind without
rules is put before people and never passes by itself. A kind that is not here at all is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..errors import GateError, Problem
from ..plan.finding import Output, ResultTable
from .breach import Breach
from .evidence import Evidence
from .policy import Policy
from .rules import (
    area,
    balance,
    concentration,
    dominance,
    estimates,
    flow,
    full_cells,
    minimum_count,
    mode,
    pathway,
    position,
    regression,
    risk,
    shape,
    survival,
)
from .structure import Mask

OfRows = Callable[[Evidence, Policy], list[Breach]]
"""A rule that looks at each row by itself."""
BetweenRows = Callable[[Evidence, Policy, Mask], list[Breach]]
"""A rule that looks at rows together, given those withheld so far."""

ALWAYS: tuple[OfRows, ...] = (
    minimum_count.judge,
    full_cells.judge,
    dominance.judge,
    position.judge,
    regression.judge,
)
"""Rules of every kind that has any: counts, shares, sums, percentiles and models wherever they stand."""


@dataclass(frozen=True)
class Kind:
    """How one kind of output is judged.

    statbarns: the guide's names for it. rows, between: its own rules, beside ALWAYS. review: why it goes to
    people instead; empty where rules judge it.
    """

    statbarns: tuple[str, ...]
    rows: tuple[OfRows, ...] = ()
    between: tuple[BetweenRows, ...] = ()
    review: str = ""


KINDS: Mapping[Output, Kind] = {
    Output.FREQUENCY: Kind(("frequencies",)),
    Output.MAGNITUDE: Kind(("linear aggregates", "frequencies")),
    Output.ESTIMATE: Kind(
        ("coefficients of association", "statistical hypothesis tests", "odds and risk ratios"),
        (estimates.judge,),
    ),
    Output.REGRESSION: Kind(("coefficients of association",), (estimates.judge,)),
    Output.BALANCE: Kind(("linear aggregates", "frequencies"), between=(balance.judge,)),
    Output.FLOW: Kind(("frequencies",), between=(flow.judge,)),
    Output.SURVIVAL: Kind(("survival tables",), between=(survival.judge,)),
    Output.POSITION: Kind(("position", "extreme values")),
    Output.MODE: Kind(("mode",), (mode.judge,)),
    Output.SHAPE: Kind(("shape",), (shape.judge,)),
    Output.CONCENTRATION: Kind(
        ("non-linear concentration ratios", "Gini coefficients"), (concentration.judge,)
    ),
    Output.MAP: Kind(("frequencies", "linear aggregates"), (area.judge,)),
    Output.PATHWAY: Kind(("frequencies",), between=(pathway.judge,)),
    Output.RISK: Kind(("coefficients of association",), between=(risk.judge,)),
    Output.MODEL: Kind((), review="a model file can hold the rows that it was fitted to"),
    Output.RESIDUALS: Kind((), review="a residual is one person's own figure"),
    Output.TEXT: Kind((), review="what a sentence tells of a person no rule can read"),
}


def rule_names(output: Output) -> tuple[str, ...]:
    """The rule modules that judge a kind of output, in order; none where it goes to people."""
    kind = KINDS.get(output)
    if kind is None or kind.review:
        return ()
    return tuple(rule.__module__.rsplit(".", 1)[-1] for rule in (*ALWAYS, *kind.rows, *kind.between))


def unjudged(table: ResultTable, policy: Policy) -> Problem | None:
    """Why a table goes to people rather than to rules; None where rules judge it."""
    kind = KINDS.get(table.output)
    where = f"table {table.name}"
    if kind is None or table.output not in policy.outputs:
        return Problem(
            "REVIEW",
            f"policy {policy.name} has no rule for an output of kind {str(table.output)!r}",
            "what no rule knows does not pass; it goes to a person for review",
            "choose a policy that covers it, or ask for a review",
            where,
        )
    if kind.review:
        return Problem(
            "REVIEW",
            f"an output of kind {str(table.output)!r} is never passed by rule",
            kind.review,
            "ask for a review, or hand over a table of figures about groups instead",
            where,
        )
    return None


def judge(evidence: Evidence, policy: Policy) -> list[Breach]:
    """All rules on one table, complementary suppression apart. GateError with every cause at once."""
    problems: list[Problem] = []
    found: list[Breach] = []
    for rule in (*ALWAYS, *KINDS[evidence.table.output].rows):
        try:
            found += rule(evidence, policy)
        except GateError as error:
            problems += error.problems
    try:
        found += judge_between(evidence, policy, _rows(found, evidence.rows))
    except GateError as error:
        problems += error.problems
    if problems:
        raise GateError(problems)
    return found


def judge_between(evidence: Evidence, policy: Policy, withheld: Mask) -> list[Breach]:
    """The rules that look at rows together, given those withheld so far; to be asked again when another
    table of the finding forces more rows to be withheld."""
    found: list[Breach] = []
    for rule in KINDS[evidence.table.output].between:
        found += rule(evidence, policy, withheld | _rows(found, evidence.rows))
    return found


def judge_all(evidences: Sequence[Evidence], policy: Policy) -> list[list[Breach]]:
    """`judge` on every table of a finding; GateError with the causes of all of them."""
    found: list[list[Breach]] = []
    problems: list[Problem] = []
    for evidence in evidences:
        try:
            found.append(judge(evidence, policy))
        except GateError as error:
            problems += error.problems
    if problems:
        raise GateError(problems)
    return found


def _rows(breaches: Sequence[Breach], rows: int) -> Mask:
    withheld = np.zeros(rows, dtype=bool)
    for breach in breaches:
        withheld |= breach.rows
    return withheld
