"""Sentences and reoffending over the whole country, and a charity whose programme is to be judged."""

from __future__ import annotations

from ..base import Service
from .records import keep

SERVICE = Service(
    "justice",
    (
        "justice.offenders",
        "justice.sentences",
        "justice.offences",
        "justice.needs",
        "justice.employment",
        "charity.participants",
    ),
    keep,
)

__all__ = ["SERVICE"]
