"""One small agreement with everything in it that a document can say, and a run of it."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Any

from sharewell import workspace
from sharewell.agree.document import load_agreement
from sharewell.agree.lint import lint
from sharewell.analyse.registry import RECIPES
from sharewell.check import POLICIES
from sharewell.depersonalise import RULES
from sharewell.describe import load_contract
from sharewell.link.registry import linkers
from sharewell.live.standards import dataset_of
from sharewell.standards import Dataset, Generated, Run, agreement_document

WARM = Path(__file__).parents[1] / "systems/warm-homes"
RUN = Run(
    name="2024-06-03-001",
    body="north-host",
    terms="a" * 64,
    flow="b" * 64,
    started=dt.datetime(2024, 6, 3, 9, tzinfo=dt.UTC),
    ended=dt.datetime(2024, 6, 3, 10, tzinfo=dt.UTC),
    used=("clinic.patients", "council.tenants"),
    generated=(Generated("asthma-gap", "north-council", "c" * 64),),
)
_ADDED = """  subjects: [{who: Patients and tenants of the north, number: 300, children: true}]
  security: [Staff sign in with two factors and are trained each year]
  redactions: [{part: describe.tenants.use, why: It would tell whose homes are damp, by: dpo@north-council}]
  abroad: []
"""


def written() -> str:
    """The text of warm-homes with the chapters added that it leaves out."""
    text = (WARM / "systems/warm-homes.yaml").read_text(encoding="utf-8")
    text = text.replace(
        "planning: {statement:", "planning: {never: [Decide on one person's care], statement:"
    )
    return text.replace("  benefits:", _ADDED + "  benefits:", 1)


def made(text: str = "", runs: tuple[Run, ...] = (RUN,)) -> dict[str, Any]:
    """The document of a text, by default of `written()`, with one run."""
    contracts = {c.id: c for path in sorted(WARM.glob("catalogue/*.yaml")) for c in [load_contract(path)]}
    shelf = workspace.Shelf({n: c.asset() for n, c in contracts.items()}, RECIPES, RULES, POLICIES, linkers)
    agreement = load_agreement(text or written(), "warm-homes.yaml")
    plan, faults = lint(agreement, shelf)
    assert plan is not None, faults
    return agreement_document(agreement, plan, [dataset_of(c) for c in contracts.values()], runs)


@cache
def document() -> dict[str, Any]:
    """That document, made once. To be looked at, not changed."""
    return made()


def node(of: dict[str, Any], ending: str) -> dict[str, Any]:
    """The one node whose name ends so."""
    (found,) = [n for n in of["@graph"] if n["@id"].endswith(ending)]
    return dict(found)


def several(value: Any) -> list[Any]:
    """A property's values, whether it has one or more."""
    return value if isinstance(value, list) else [value]


__all__ = ["RUN", "Dataset", "document", "made", "node", "several", "written"]
