"""What would let more figures of a run leave: the smallest changes, each tried on the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..run.doing import instead

if TYPE_CHECKING:
    from ..run import Outcome


def advice(outcome: Outcome) -> dict[str, tuple[str, ...]]:
    """By product of which something was withheld, sentences that say what to change and what it brings."""
    from ..check import Policy

    told = {}
    for name, finding in outcome.findings.items():
        checked = outcome.checked[name]
        if checked.withheld:
            told[name] = instead(finding, Policy.from_mapping(checked.certificate.policy))
    return {name: lines for name, lines in told.items() if lines}
