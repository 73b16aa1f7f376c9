"""What a run did, and how it tells of its progress."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..check.intruder.played import Played
    from ..describe import Admitted, Measured
    from ..release.linkage import Linkage

Tell = Callable[[str, float], None]
"""Told what is being done and how much of the whole is; a negative share leaves it as it was."""


@dataclass
class Outcome:
    """What a run did. `checked` holds each product's gated result, `answers` the first
    sentence of its story; `releases` and `lists` say where they lie."""

    run: str
    agreement: str
    resumed: bool = False
    checked: dict[str, Any] = field(default_factory=dict)
    findings: dict[str, Any] = field(default_factory=dict)
    admitted: dict[str, Admitted] = field(default_factory=dict)
    measured: list[Measured] = field(default_factory=list)
    linked: dict[str, Any] = field(default_factory=dict)
    golden: dict[str, Any] = field(default_factory=dict)
    """By unit what came of each rule under `golden:`, in counts."""
    doubts: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    """By unit what linking noticed about its input: source, field, what, what was done, what to do."""
    linkage: tuple[Linkage, ...] = ()
    """What is said of each unit of linkage: whom it serves less well, and what nobody could see."""
    held: dict[str, str] = field(default_factory=dict)
    """By product, the item that waits for two people to read it: no rule knows its kind of output."""
    attacked: dict[str, Played] = field(default_factory=dict)
    """By product, what an intruder learned from it."""
    releases: dict[str, Path] = field(default_factory=dict)
    lists: dict[str, Path] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
