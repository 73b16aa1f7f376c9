"""One chart of each kind that the Data Lab's report brings, with a table of checked figures."""

from __future__ import annotations

from release_example import checked

from sharewell.plan.finding import Chart, Output
from sharewell.plan.released import CheckedTable

GROUPS = checked(
    "groups",
    "For every 100 people",
    {"group": ["Took part", "Like them, did not"], "reoffend": [19.0, 26.4]},
    output=Output.FREQUENCY,
    by=("group",),
)
BALANCE = checked(
    "balance",
    "Balance before and after matching",
    {
        "covariate": ["prior_offences", "drugs: true", "offence: theft"],
        "smd_before": [0.31, -0.22, 0.04],
        "smd_after": [0.05, -0.07, 0.12],
    },
    output=Output.BALANCE,
    by=("covariate",),
)


def charts() -> list[tuple[Chart, CheckedTable]]:
    """A hundred figures a group, and a love plot by lights."""
    roles = {"label": "covariate", "before": "smd_before", "after": "smd_after"}
    return [
        (
            Chart(
                "hundred", "groups", "Of 100 people", {"label": "group", "value": "reoffend"}, "Figures."
            ),
            GROUPS,
        ),
        (
            Chart(
                "lights", "balance", "Alike?", {**roles, "green": "0.05", "amber": "0.1"}, "Differences."
            ),
            BALANCE,
        ),
    ]
