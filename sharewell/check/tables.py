"""The gate for tables about groups: gather evidence, judge it by a policy, publish what may leave.

Rules come in order: those of single rows (minimum count, dominance, estimates), those between rows
(balance, flow), then complementary suppression, which answers for all of them. A row that breaks a rule
loses all its figures: a mean without its count can still be one person's. Nothing is dropped in silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..errors import GateError, Problem
from ..plan.finding import Finding
from ..plan.released import Withheld
from .breach import Breach
from .certificate import Certificate, Checked, TableCertificate, used_versions
from .evidence import Evidence, gather
from .kinds import judge_all, unjudged
from .perturbation.covered import spare
from .policy import Policy
from .protection import Judgement, protect_tables
from .publish import pass_read, publish
from .rules import chart
from .suppression.complete import complete
from .suppression.singletons import count_ties

SECONDARY = "complementary suppression"


def gate(finding: Finding, policy: Policy, *, read_by_people: bool = False) -> Checked:
    """Every table of a finding, checked. What no rule knows passes only where it was `read_by_people`.

    GateError, with all causes, where a table cannot be judged: a kind of output that the policy does not
    know (it goes to a person for review), no counts, negative, absent or infinite figures, totals that do
    not add.
    """
    read = [t for t in finding.tables if read_by_people and unjudged(t, policy) is not None]
    judged = [t for t in finding.tables if not any(t is each for each in read)]
    evidences = _gather(replace(finding, tables=tuple(judged)), policy)
    judgements = [
        Judgement(evidence, spare(evidence, policy, breaches), np.zeros(evidence.rows, bool))
        for evidence, breaches in zip(evidences, judge_all(evidences, policy), strict=True)
    ]
    links = protect_tables(judgements, policy)
    published = [
        publish(j.evidence, policy, j.primary, j.withheld, j.columns, j.pattern) for j in judgements
    ]
    entries = tuple(_entry(j, entry) for j, (_, entry) in zip(judgements, published, strict=True))
    passed = [pass_read(table) for table in read]
    entries += tuple(entry for _, entry in passed)
    certificate = Certificate(policy.as_mapping(), used_versions(), entries, tuple(links))
    withheld = tuple(line for judgement in judgements for line in _withheld(judgement))
    return Checked(tuple(table for table, _ in [*published, *passed]), certificate, withheld)


def _entry(judgement: Judgement, entry: TableCertificate) -> TableCertificate:
    """What a table's certificate says of its structure."""
    evidence = judgement.evidence
    strict = evidence.overlapping & ~np.bool_(bool(evidence.sums))
    ties = count_ties(evidence.structure, strict, judgement.withheld, judgement.primary)
    return replace(entry, hierarchies=evidence.table.hierarchies, ties=ties)


def _gather(finding: Finding, policy: Policy) -> list[Evidence]:
    found, problems = [], chart.problems(finding)
    for table in finding.tables:
        review = unjudged(table, policy)
        if review is not None:
            problems.append(review)
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
