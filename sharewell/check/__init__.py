"""check: can anyone be learnt about from what leaves? The disclosure gate, its rules and its certificates.

    gate(finding, policy) -> Checked              tables about groups
    gate_records(table, ...) -> CheckedRecords    rows about coded or named people
    audit(tables, certificate) -> Verdict         an independent check of what the gate promised
    POLICIES["official-statistics"]               named policies; Policy.from_mapping for a local one

Evidence is gathered (`evidence`) apart from judgement (one rule a module), and complementary suppression
(`complementary`) answers for every rule. Nothing unknown passes.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .auditor import Verdict, audit
    from .certificate import Certificate, Checked
    from .policies import POLICIES
    from .policy import Policy
    from .records import CheckedRecords, gate_records
    from .tables import gate

__all__ = [
    "POLICIES",
    "Certificate",
    "Checked",
    "CheckedRecords",
    "Policy",
    "Verdict",
    "audit",
    "gate",
    "gate_records",
]

# The modules hold numpy and pyarrow; naming the package must not load them.
_HOME = {
    "POLICIES": "policies",
    "Certificate": "certificate",
    "Checked": "certificate",
    "CheckedRecords": "records",
    "Policy": "policy",
    "Verdict": "auditor",
    "audit": "auditor",
    "gate": "tables",
    "gate_records": "records",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # No submodule may be called like a function here: importing it would put the module in its place.
    value = getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value
