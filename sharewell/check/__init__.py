"""check: can anyone be learnt about from what leaves? The disclosure gate, its rules and its certificates.

    gate(finding, policy) -> Checked              tables about groups
    gate_records(table, ...) -> CheckedRecords    rows about coded or named people
    anonymise(table, quasi=..., ...)              rows about coded people made alike
    audit(tables, certificate) -> Verdict         an independent check of what the gate promised
    suggest(finding, policy, gate)                the smallest changes by which more would pass
    POLICIES["official-statistics"]               named policies; Policy.from_mapping for a local one

Evidence is gathered (`evidence`) apart from judgement (one rule a module in `rules`; `kinds` says which
judge what), and complementary suppression answers for every rule. Nothing unknown passes. Rooms:
`suppression`, `perturbation` and `differential` protect tables, `microdata` protects rows, `ledger` holds
releases against one another, `intruder` attacks them, and `auditor` believes none of the others.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import loader

if TYPE_CHECKING:
    from .auditor.rows import RowsVerdict, audit_rows
    from .auditor.tables import Verdict, audit
    from .certificate import Certificate, Checked
    from .microdata.anonymity import ANONYMITIES, Anonymity
    from .microdata.recode import Anonymised, anonymise
    from .policies import POLICIES
    from .policy import Policy
    from .records import CheckedRecords, gate_records
    from .suggestions import Suggestion, suggest
    from .tables import gate

__all__ = [
    "ANONYMITIES",
    "POLICIES",
    "Anonymised",
    "Anonymity",
    "Certificate",
    "Checked",
    "CheckedRecords",
    "Policy",
    "RowsVerdict",
    "Suggestion",
    "Verdict",
    "anonymise",
    "audit",
    "audit_rows",
    "gate",
    "gate_records",
    "suggest",
]

# The modules hold numpy and pyarrow; naming the package must not load them.
_HOME = {
    "ANONYMITIES": "microdata.anonymity",
    "POLICIES": "policies",
    "Anonymised": "microdata.recode",
    "Anonymity": "microdata.anonymity",
    "Certificate": "certificate",
    "Checked": "certificate",
    "CheckedRecords": "records",
    "Policy": "policy",
    "RowsVerdict": "auditor.rows",
    "Suggestion": "suggestions",
    "Verdict": "auditor.tables",
    "anonymise": "microdata.recode",
    "audit": "auditor.tables",
    "audit_rows": "auditor.rows",
    "gate": "tables",
    "gate_records": "records",
    "suggest": "suggestions",
}

__getattr__ = loader(__name__, _HOME)
