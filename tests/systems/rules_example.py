"""One sound agreement that says everything, and the contracts that it names: each rule is shown on it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

from agreement_example import shelf as shipped_shelf

from sharewell.agree import lint, load_agreement
from sharewell.agree.lint import advise
from sharewell.agree.shelf import Shelf
from sharewell.describe import load_contract

HERE = Path(__file__).parent
SOUND = (HERE / "explained.yaml").read_text(encoding="utf-8")


@cache
def shelf() -> Shelf:
    """The registries, over the small clinic, council and supplier; the law treats some of it apart."""
    assets = {}
    for path in sorted((HERE / "warm-homes/catalogue").glob("*.yaml")):
        contract = load_contract(path)
        assets[contract.id] = contract.asset()
    apart = {
        "clinic.patients": {"categories": frozenset({"health"})},
        "council.tenants": {
            "categories": frozenset({"criminal-offence"}),
            "restrictions": frozenset({"tenancy"}),
        },
    }
    assets |= {name: replace(assets[name], **more) for name, more in apart.items()}
    return replace(shipped_shelf(), assets=assets)


def told(text: str) -> set[str]:
    """The codes of every fault and every advice."""
    agreement = load_agreement(text, "explained.yaml")
    plan, faults = lint(agreement, shelf())
    return {problem.code for problem in (*faults, *advise(agreement, plan, shelf()))}
