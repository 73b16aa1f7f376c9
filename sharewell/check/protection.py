"""Complementary suppression over a finding: each table by itself, all that link, and insiders.

The rows that break a rule are withheld; then each table, and each joint of linked tables, is protected in
turn, until no round adds a row. Rows are only ever added, so it ends, at the latest with everything
withheld.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ..errors import GateError, Problem
from .additive import check_additive
from .breach import Breach
from .certificate import Link
from .evidence import Evidence
from .kinds import judge_between
from .perturbation.rounding import is_covered, known_bounds, used_method
from .policy import Policy
from .structure import Floats, Mask, Structure
from .suppression.attacker import Attacker, Column
from .suppression.complementary import Pattern, protect
from .suppression.linked import Joint, join_tables, shared_cells, spread
from .suppression.singletons import known_to_insiders, widen


@dataclass
class Judgement:
    """What was decided of one table so far: its breaches in order, and the pattern that protects them.

    columns: what an attacker can add up. forced: rows that other tables withhold.
    """

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
        return self.primary | self.forced if self.pattern is None else self.pattern.suppressed | self.forced


def protect_tables(judgements: Sequence[Judgement], policy: Policy) -> list[Link]:
    """Give each judgement its pattern; the links between tables, for the certificate."""
    evidences = [judgement.evidence for judgement in judgements]
    for judgement in judgements:
        judgement.columns = attacked_columns(judgement.evidence, policy, judgement.primary)
    joints, links = join_tables(evidences)
    shared = shared_cells(evidences)
    certified = [np.zeros(joint.structure.rows, dtype=bool) for joint in joints]
    waiting = list(judgements)
    while waiting:
        for joint, known in zip(joints, certified, strict=True):
            _protect_joint(joint, judgements, policy, known)
        for judgement in waiting:
            judgement.breaches += judge_between(judgement.evidence, policy, judgement.withheld)
            _protect(judgement, policy)
        # Joints look again at what the tables added, the tables at what the joints did.
        before = [judgement.withheld for judgement in judgements]
        for joint, known in zip(joints, certified, strict=True):
            _protect_joint(joint, judgements, policy, known)
        for judgement, rows in zip(
            judgements, spread(shared, [judgement.withheld for judgement in judgements]), strict=True
        ):
            judgement.forced |= rows
        waiting = [
            judgement
            for judgement, rows in zip(judgements, before, strict=True)
            if (judgement.withheld & ~rows).any()
        ]
    return links


def attacked_columns(evidence: Evidence, policy: Policy, primary: Mask) -> list[Column]:
    """The columns an attacker can add up: counts, people implied by shares, and sums."""
    columns = []
    covered, method = is_covered(evidence, policy), used_method(evidence, policy)
    for name, people in evidence.counts.items():
        bounds = known_bounds(people, policy, name in evidence.table.zero_safe, covered, method)
        columns.append(Column(name, people, *bounds, policy.protection, loose=True))
    for name, people in evidence.implied.items():
        adds = np.isfinite(people).all() and not check_additive(
            evidence.structure, people, evidence.overlapping, name
        )
        if adds:
            columns.append(
                Column(
                    name,
                    people,
                    *known_bounds(people, policy, True, covered, method),
                    policy.protection,
                    loose=True,
                )
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


def _protect(judgement: Judgement, policy: Policy) -> None:
    """Protect one table's primary rows, given the rows that other tables force."""
    evidence, primary = judgement.evidence, judgement.primary
    start = primary | judgement.forced
    if not start.any() or not len(evidence.structure.parents):
        judgement.pattern = Pattern(start, primary, {})
        return
    people = next(iter(evidence.counts.values()))
    try:
        judgement.pattern = _secure(
            evidence.structure,
            judgement.columns,
            (evidence.overlapping, evidence.overlapping & ~np.bool_(bool(evidence.sums))),
            (primary, start),
            (people + 1, _fewest(evidence)),
            policy,
        )
    except GateError as error:
        raise GateError(_at(error, f"table {evidence.table.name}")) from None


def _protect_joint(joint: Joint, judgements: Sequence[Judgement], policy: Policy, certified: Mask) -> None:
    """Protect the primary rows of linked tables together; what it takes is forced on each of them.

    certified: the joint rows withheld when they were last found protected; renewed here.
    """
    start = joint.gather([judgement.withheld for judgement in judgements])
    primary = joint.gather([judgement.primary for judgement in judgements])
    if (start == certified).all():
        return
    cost, fewest = np.full(len(joint.values), np.inf), np.full(len(joint.values), np.inf)
    for number, cells in zip(joint.tables, joint.cells, strict=True):
        evidence = judgements[number].evidence
        np.minimum.at(cost, cells, next(iter(evidence.counts.values())) + 1)
        np.minimum.at(fewest, cells, _fewest(evidence))
    loose = joint.overlapping
    try:
        pattern = _secure(
            joint.structure,
            [_joint_column(joint, judgements)],
            (loose, loose),
            (primary, start),
            (cost, fewest),
            policy,
        )
    except GateError as error:
        names = ", ".join(judgements[number].evidence.table.name for number in joint.tables)
        raise GateError(_at(error, f"tables {names}")) from None
    certified[:] = pattern.suppressed
    for number, cells in zip(joint.tables, joint.cells, strict=True):
        judgements[number].forced |= pattern.suppressed[cells] & ~judgements[number].withheld


def _joint_column(joint: Joint, judgements: Sequence[Judgement]) -> Column:
    """What a reader of all the tables knows of each joint cell, and the widest interval that one asks."""
    lower, upper = np.full(len(joint.values), -np.inf), np.full(len(joint.values), np.inf)
    found = []
    for number, cells in zip(joint.tables, joint.cells, strict=True):
        column = next(c for c in judgements[number].columns if c.name == joint.column)
        np.maximum.at(lower, cells, column.lower)
        np.minimum.at(upper, cells, column.upper)
        found.append(column)
    width = max(column.width for column in found)
    return replace(found[0], values=joint.values, lower=lower, upper=upper, width=width)


def _secure(
    structure: Structure,
    columns: Sequence[Column],
    overlapping: tuple[Mask, Mask],
    rows: tuple[Mask, Mask],
    weights: tuple[Floats, Floats],
    policy: Policy,
) -> Pattern:
    """Protect against readers and then against insiders, to and fro.

    overlapping: dimensions along which counts do not add, and those along which nothing does. rows: primary
    ones, and those withheld whatever comes of it. weights: cost and fewest people of each row.
    """
    loose, none_adds = overlapping
    primary, start = rows
    cost, fewest = weights
    exact = any((column.upper == column.lower).all() for column in columns)
    attackers = [Attacker(structure, column, loose) for column in columns]
    while True:
        # What was proven before stays so: rows are only added.
        pattern = protect(structure, columns, loose, primary, cost, start, attackers)
        if not exact:
            return pattern
        learnt = known_to_insiders(
            structure, none_adds, pattern.suppressed, primary, fewest, policy.coalition
        )
        if not len(learnt):
            return pattern
        start = widen(structure, none_adds, pattern.suppressed, learnt, cost)


def _fewest(evidence: Evidence) -> Floats:
    """The fewest people, but not nobody, behind any count of a row; 0 where all count nobody."""
    people = np.stack(list(evidence.counts.values()))
    fewest = np.where(people > 0, people, np.inf).min(axis=0)
    found: Floats = np.where(np.isfinite(fewest), fewest, 0.0)
    return found


def _at(error: GateError, where: str) -> list[Problem]:
    return [Problem(p.code, p.what, p.why, p.fix, p.where or where) for p in error.problems]
