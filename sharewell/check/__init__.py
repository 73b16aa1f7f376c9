"""check: can anyone be learnt about from what leaves? The disclosure gate, its rules and its certificates.

    gate(finding, policy) -> Checked              tables about groups
    gate_records(table, ...) -> CheckedRecords    rows about coded or named people
    audit(tables, certificate) -> Verdict         an independent check of what the gate promised
    POLICIES["official-statistics"]               named policies; Policy.from_mapping for a local one

Evidence is gathered (`evidence`) apart from judgement (one rule a module), and complementary suppression
(`complementary`) answers for every rule. Nothing unknown passes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import loader

if TYPE_CHECKING:
    from .auditor.tables import Verdict, audit
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
    "Verdict": "auditor.tables",
    "audit": "auditor.tables",
    "gate": "tables",
    "gate_records": "records",
}

__getattr__ = loader(__name__, _HOME)
