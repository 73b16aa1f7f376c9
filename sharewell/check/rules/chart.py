"""Charts: a chart draws a table that passed, and nothing else.

It needs no rule of its own, as it holds no figure of its own. Refused are charts of a table that is not
in the finding, of a column that only the gate may see, and those whose kind shows each person as a mark.
"""

from __future__ import annotations

from ...errors import Problem
from ...plan.finding import Chart, Finding

ONE_MARK_A_PERSON = frozenset(
    {"scatter", "points", "dots", "strip", "swarm", "rug", "residuals", "outliers", "boxplot", "box"}
)
"""Kinds of drawing whose marks are single people (of a box plot, its outliers and whiskers)."""


def problems(finding: Finding) -> list[Problem]:
    """Why charts of a finding are refused; none where all may be drawn."""
    tables = {table.name: table for table in finding.tables}
    found = []
    for chart in finding.charts:
        table = tables.get(chart.table)
        if chart.kind in ONE_MARK_A_PERSON:
            found.append(_problem(chart, f"a {chart.kind} chart shows each person as a mark"))
        if table is None:
            found.append(_problem(chart, "it draws a table that did not come to the gate"))
        elif table.evidence & set(chart.fields.values()):
            found.append(_problem(chart, "it draws a column that only the gate may see"))
    return found


def _problem(chart: Chart, what: str) -> Problem:
    return Problem(
        "CHART",
        what,
        "a picture must tell no more than a table that passed",
        "draw a table of groups that is part of the same finding",
        f"chart of {chart.table}",
    )
