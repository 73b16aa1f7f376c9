"""The counts of one table as they are published, by the method its policy names.

noise       is drawn where the rows are (`differential`); a table without it is refused here
cell key    the perturbation table of the policy, by who is counted
controlled  all counts of the table together, so that totals add up
nearest, midpoint  row by row
"""

from __future__ import annotations

from ...errors import GateError, Problem
from ..certificate import PerturbationCertificate
from ..evidence import Evidence
from ..policy import Policy
from ..structure import Floats, Mask
from .cell_key import TABLES, perturb, read_keys
from .controlled import control
from .rounding import round_counts, used_method


def publish_counts(
    evidence: Evidence, policy: Policy, withheld: Mask
) -> tuple[dict[str, Floats], tuple[PerturbationCertificate, ...]]:
    """Count column -> published counts (of withheld rows too: the caller leaves them out).

    GateError with every cause: EVIDENCE for cell keys that are not there, UNROUNDABLE, NOISE.
    """
    if policy.noise is not None:
        raise GateError(
            Problem(
                "NOISE",
                f"policy {policy.name} adds noise, and this table was counted without it",
                "noise is drawn where the rows are, against a budget; exact counts under this policy never"
                " leave",
                "ask for the product through differential privacy, or choose another policy",
                f"table {evidence.table.name}",
            )
        )
    shown, promises, problems = {}, [], []
    for name in evidence.counts:
        try:
            shown[name], promise = _publish(evidence, policy, name, withheld)
        except GateError as error:
            problems += [
                Problem(p.code, p.what, p.why, p.fix, p.where or f"table {evidence.table.name}")
                for p in error.problems
            ]
        else:
            promises += [promise] if promise else []
    if problems:
        raise GateError(problems)
    return shown, tuple(promises)


def _publish(
    evidence: Evidence, policy: Policy, name: str, withheld: Mask
) -> tuple[Floats, PerturbationCertificate | None]:
    people, base = evidence.counts[name], policy.rounding
    if policy.cell_key is not None:
        keys = read_keys(evidence, name)
        shown = perturb(people, keys, TABLES[policy.cell_key]())
        return shown, PerturbationCertificate(name, f"cell key {policy.cell_key}", base or 1)
    if base is None:
        return people, None
    method = used_method(evidence, policy)
    if method == "controlled":
        found = control(evidence.structure, people, base, evidence.overlapping, withheld)
        return found.people, PerturbationCertificate(name, method, base, found.further, found.reach)
    return round_counts(people, base, method), PerturbationCertificate(name, method, base)
