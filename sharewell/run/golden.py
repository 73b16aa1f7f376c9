"""Golden records in a run: made at the linker, as the agreement declares, and told of in counts alone.

Their values are identifiers, and stay where the linker's other tables are: nowhere, once the run has ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ..agree.flow import Preferred
from ..plan.finding import Output, ResultTable
from ..plan.steps import Link

if TYPE_CHECKING:
    from .walk import Runner

Counts = dict[str, dict[str, int]]
"""By what is chosen (address): how many units have a value, and of how many trusted sources disagree."""


def survival(runner: Runner, step: Link, tables: Mapping[str, pa.Table], found: pa.Table) -> Counts:
    """What came of each rule under `golden:`; empty where the agreement declares none.

    `found` is (source, record, person). LinkError as `link.golden.golden`.
    """
    declared = runner.live.agreement.text.link[step.unit].golden
    if not declared:
        return {}
    from ..link.golden import golden
    from ..link.golden_rules import survivors

    runner.tell("link: golden records", -1.0)
    rules = survivors(
        {
            name: {"fields": told.fields, "by": [_plain(preference) for preference in told.by]}
            for name, told in declared.items()
        }
    )
    clusters = found.select(["source", "record", "person"]).rename_columns(["source", "record", "cluster"])
    made = golden(tables, clusters, rules, at=runner.space.now.date())
    return {
        rule.name: {
            "known": made.num_rows - made[f"{rule.name}_source"].null_count,
            "disputed": sum(made[f"{rule.name}_conflict"].to_pylist()),
        }
        for rule in rules
    }


def _plain(preference: str | Preferred) -> str | dict[str, Any]:
    return preference if isinstance(preference, str) else preference.model_dump(exclude_none=True)


def survival_tables(golden: Mapping[str, Counts]) -> list[ResultTable]:
    """The counts of each unit as the gate is given them."""
    tables = []
    for unit, counts in golden.items():
        data = pa.table(
            {
                "golden record": list(counts),
                "known": [told["known"] for told in counts.values()],
                "sources disagree": [told["disputed"] for told in counts.values()],
            }
        )
        title = f"What is known of each {unit}, and where the sources trusted for it disagree"
        figures = ("known", "sources disagree")
        tables.append(
            ResultTable(f"golden-{unit}", title, Output.FREQUENCY, data, ("golden record",), figures)
        )
    return tables
