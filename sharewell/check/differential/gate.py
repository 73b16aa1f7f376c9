"""The gate under a policy of noise: every table of a finding noised, or none, and the certificate of it.

Nothing is withheld or rounded: noise answers for small numbers too. The tables share the policy's epsilon
equally, so that the finding as a whole costs no more than that, whoever puts its tables side by side
(basic composition: Dwork, McSherry, Nissim and Smith 2006). What it may cost is asked of `budget` before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from ...errors import GateError, Problem
from ...plan.finding import Finding, ResultTable
from ..certificate import Certificate, Checked, TableCertificate, used_versions
from ..policy import Policy
from .mechanism import MECHANISM, library, share_of
from .rows import Prepared
from .tables import Noised, add_noise


def noised_gate(finding: Finding, policy: Policy, prepared: Prepared | None = None) -> Checked:
    """Every table of a finding with noise in place of its exact figures.

    `prepared` says what was done to the rows before they were grouped. GateError with every cause, of all
    tables: NOISE for a policy without it, OUTPUT, CLAMP and others for figures that one person could move
    too far, CHART for a picture of a column that is not there any more. Each call draws anew.
    """
    if policy.noise is None:
        raise GateError(Problem("NOISE", f"policy {policy.name} adds no noise", fix="give it an epsilon"))
    problems = [*_names_twice(finding), *_charts(finding)]
    part = share_of(policy.noise.epsilon, max(1, len(finding.tables)))
    noise, drawn = replace(policy.noise, epsilon=part), []
    for table in finding.tables:
        try:
            drawn.append((table, add_noise(table, noise, prepared)))
        except GateError as error:
            problems += error.problems
    if problems:
        raise GateError(problems)
    name, _, version = library().partition(" ")
    entries = tuple(_entry(table, noised) for table, noised in drawn)
    certificate = Certificate(policy.as_mapping(), {**used_versions(), name: version}, entries)
    return Checked(tuple(noised.checked for _, noised in drawn), certificate, ())


def _entry(table: ResultTable, noised: Noised) -> TableCertificate:
    return TableCertificate(
        table.name,
        noised.certificate["sha256"],
        noised.checked.data.num_rows,
        primary=0,
        secondary=0,
        columns=(),
        overlapping=table.overlapping,
        zero_safe=(),
        method=MECHANISM,
        hierarchies=table.hierarchies,
        noise=noised.certificate,
    )


def _names_twice(finding: Finding) -> Iterator[Problem]:
    for name, times in Counter(table.name for table in finding.tables).items():
        if times > 1:
            yield Problem("TWICE", f"two tables are called {name}", fix="rename one")


def _charts(finding: Finding) -> Iterator[Problem]:
    """A chart may draw what is noised: dimensions, counts and measures, and nothing else of a table."""
    shown = {
        table.name: {*table.by, *table.counts, *(measure.column for measure in table.measures)}
        for table in finding.tables
    }
    for chart in finding.charts:
        if not set(chart.fields.values()) <= shown.get(chart.table, set()):
            yield Problem(
                "CHART",
                "it draws a column that was not noised",
                "a picture must tell no more than a table that passed",
                "draw a dimension, a count or a measure",
                f"chart of {chart.table}",
            )
