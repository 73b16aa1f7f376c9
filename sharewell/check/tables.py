"""The gate for tables about groups: gather evidence, judge it by a policy, publish what may leave.

Rules come in order: those of single rows (minimum count, dominance, estimates), those between rows
(balance, flow), then complementary suppression, which answers for all of them. A row that breaks a rule
loses all its
figures: a mean without its count can still be one person's. Nothing is dropped in silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ..errors import GateError, Problem
from ..plan.finding import Finding, ResultTable
from ..plan.released import Withheld
from .breach import Breach
from .certificate import Certificate, Checked, used_versions
from .evidence import Evidence, gather
from .perturbation.rounding import known_bounds
from .policy import Policy
from .publish import publish
from .rules import balance, dominance, estimates, flow, minimum_count
from .structure import Floats, Mask, check_additive
from .suppression.attacker import Column
from .suppression.complementary import Pattern, protect, widen_singletons
from .suppression.complete import complete
from .suppression.linked import shared_cells, spread

SECONDARY = "complementary suppression"


@dataclass
class Judgement:
    """What was decided of one table so far: its breaches in order, and the pattern that protects them."""

    evidence: Evidence
    breaches: list[Breach]
    forced: Mask
    columns: list[Column] = field(default_factory=list)
    pattern: Pattern | None = None

    @property
    def primary(self) -> Mask:
        rows = np.zeros(self.evidence.rows, dtype=bool)
        for breach in self.breaches:
            rows |= breach.rows
        return rows

    @property
    def withheld(self) -> Mask:
        return self.primary | self.forced if self.pattern is None else self.pattern.suppressed


def gate(finding: Finding, policy: Policy) -> Checked:
    """Every table of a finding, checked.

    GateError, with all causes, where a table cannot be judged: a kind of output that the policy does not
    know (it goes to a person for review), no counts, negative, absent or infinite figures, totals that do
    not add.
    """
    judgements = [Judgement(e, judge(e, policy), np.zeros(e.rows, bool)) for e in _gather(finding, policy)]
    shared = shared_cells([judgement.evidence for judgement in judgements])
    waiting = list(judgements)
    while waiting:
        for judgement in waiting:
            _protect(judgement, policy)
        more = spread(shared, [judgement.withheld for judgement in judgements])
        waiting = []
        for judgement, rows in zip(judgements, more, strict=True):
            if rows.any():
                judgement.forced |= rows
                waiting.append(judgement)
    published = [
        publish(j.evidence, policy, j.primary, j.withheld, j.columns, j.pattern) for j in judgements
    ]
    certificate = Certificate(policy.as_mapping(), used_versions(), tuple(c for _, c in published))
    withheld = tuple(line for judgement in judgements for line in _withheld(judgement))
    return Checked(tuple(table for table, _ in published), certificate, withheld)


def judge(evidence: Evidence, policy: Policy) -> list[Breach]:
    """All rules on one table, complementary suppression apart."""
    breaches = [rule.judge(evidence, policy) for rule in (minimum_count, dominance, estimates)]
    found = [breach for group in breaches for breach in group]
    for rule in (balance, flow):
        withheld = np.zeros(evidence.rows, dtype=bool)
        for breach in found:
            withheld |= breach.rows
        found += rule.judge(evidence, policy, withheld)
    return found


def _gather(finding: Finding, policy: Policy) -> list[Evidence]:
    found, problems = [], []
    for table in finding.tables:
        if table.output not in policy.outputs:
            problems.append(_unknown(table, policy))
            continue
        try:
            found.append(gather(complete(table) if policy.zero_is_small else table))
        except GateError as error:
            problems += error.problems
    names = [table.name for table in finding.tables]
    problems += [
        Problem("TWICE", f"two tables are called {name}", fix="rename one")
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    if problems:
        raise GateError(problems)
    return found


def _unknown(table: ResultTable, policy: Policy) -> Problem:
    return Problem(
        "REVIEW",
        f"policy {policy.name} has no rule for an output of kind {str(table.output)!r}",
        "what no rule knows does not pass; it goes to a person for review",
        "choose a policy that covers it, or ask for a review",
        f"table {table.name}",
    )


def _protect(judgement: Judgement, policy: Policy) -> None:
    """Protect one table's primary rows, given the rows that other tables force."""
    evidence, primary = judgement.evidence, judgement.primary
    judgement.columns = _columns(evidence, policy, primary)
    start = primary | judgement.forced
    if not start.any() or not len(evidence.structure.parents):
        judgement.pattern = Pattern(start, primary, {})
        return
    people = next(iter(evidence.counts.values()))
    cost = people + 1
    try:
        while True:
            pattern = protect(
                evidence.structure, judgement.columns, evidence.overlapping, primary, cost, start
            )
            if not evidence.sums:
                break
            start = widen_singletons(evidence.structure, people, pattern.suppressed, primary, cost)
            if (start == pattern.suppressed).all():
                break
    except GateError as error:
        where = f"table {evidence.table.name}"
        raise GateError(Problem(p.code, p.what, p.why, p.fix, where) for p in error.problems) from None
    judgement.pattern = pattern


def _columns(evidence: Evidence, policy: Policy, primary: Mask) -> list[Column]:
    """The columns an attacker can add up: counts, people implied by shares, and sums."""
    columns = []
    for name, people in evidence.counts.items():
        bounds = known_bounds(people, policy, name in evidence.table.zero_safe)
        columns.append(Column(name, people, *bounds, policy.protection, loose=True))
    for name, people in evidence.implied.items():
        adds = np.isfinite(people).all() and not check_additive(
            evidence.structure, people, evidence.overlapping, name
        )
        if adds:
            columns.append(
                Column(name, people, *known_bounds(people, policy, True), policy.protection, loose=True)
            )
    head = next(iter(evidence.counts.values()))
    for name, total in evidence.sums.items():
        width = policy.share * policy.minimum * _per_head(total, head, ~primary)
        columns.append(Column(name, total, total, total, width, policy.share))
    return columns


def _per_head(total: Floats, people: Floats, rows: Mask) -> float:
    """The average over the rows that break no rule, to two figures: the scale of a sum, nobody's own
    value."""
    heads = float(people[rows].sum())
    return float(f"{total[rows].sum() / heads:.2g}") if heads else 0.0


def _withheld(judgement: Judgement) -> list[Withheld]:
    table = judgement.evidence.table
    figures = len(table.counts) + len(table.measures) + (table.degrees_of_freedom is not None)
    done = np.zeros(judgement.evidence.rows, dtype=bool)
    lines = []
    for breach in _all_breaches(judgement):
        rows = breach.rows & ~done
        done |= rows
        if rows.any():
            lines.append(Withheld(table.name, breach.rule, int(rows.sum()) * figures, breach.why))
    if done.all() and len(done):
        why = "under this policy no figure of the table can be shown"
        lines.append(Withheld(table.name, "whole table", len(done) * figures, why))
    return lines


def _all_breaches(judgement: Judgement) -> Sequence[Breach]:
    secondary = judgement.withheld & ~judgement.primary
    linked = Breach(SECONDARY, "another table withholds the same figure", judgement.forced & secondary)
    why = "it would give away, by subtraction, a figure that is withheld"
    return [*judgement.breaches, linked, Breach(SECONDARY, why, secondary)]
