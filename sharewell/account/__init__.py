"""account: what was done, and can anyone prove it?

An append-only log of events in a Merkle tree, with signed checkpoints, proofs for an independent party, and
references to persons that can be shredded. Names are loaded on first use, because a database layer is slow
to load.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import loader

if TYPE_CHECKING:
    from .events import JSON, Entry, Event, EventKind
    from .log import Account, Proof, verify_consistency, verify_inclusion
    from .notes import Checkpoint, Signer, verifier_key
    from .references import mentioning, person_reference
    from .verify import Verdict

_HOME = {
    "JSON": "events",
    "Entry": "events",
    "Event": "events",
    "EventKind": "events",
    "Account": "log",
    "Proof": "log",
    "verify_consistency": "log",
    "verify_inclusion": "log",
    "Checkpoint": "notes",
    "Signer": "notes",
    "verifier_key": "notes",
    "mentioning": "references",
    "person_reference": "references",
    "Verdict": "verify",
}

__all__ = [
    "JSON",
    "Account",
    "Checkpoint",
    "Entry",
    "Event",
    "EventKind",
    "Proof",
    "Signer",
    "Verdict",
    "mentioning",
    "person_reference",
    "verifier_key",
    "verify_consistency",
    "verify_inclusion",
]

__getattr__ = loader(__name__, _HOME)
