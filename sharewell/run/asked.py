"""The ledger of questions: what was asked under an agreement, by whom, and how much may still be asked.

An entry never holds the question's text, nor any of its literals: one of them could be a person's value. It
holds a keyed fingerprint, the shape in the agreement's own words, and the columns that were read.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from ..account.events import EventKind
from ..agree.ask import COUNTED_OUTCOMES

if TYPE_CHECKING:
    from ..live import LiveAgreement

MOST_TEXT = 400
"""Characters of a shape that the account keeps."""


@dataclass(frozen=True)
class Entered:
    """One question in the ledger. `outcome` is answered, repeated, withheld, refused or failed."""

    at: datetime
    actor: str
    version: int
    outcome: str
    shape: str
    fields: tuple[str, ...]
    codes: tuple[str, ...]
    hypothesis: str
    question: str
    data: str
    left: int


def ledger(live: LiveAgreement) -> tuple[Entered, ...]:
    """Every question under an agreement, all its versions, in order."""
    return tuple(_entered(live))


def _entered(live: LiveAgreement) -> Iterator[Entered]:
    for event in live.space.account.events(agreement=live.name, kind=EventKind.ANALYSE_ASKED):
        told: Mapping[str, Any] = event.facts
        yield Entered(
            event.at, event.actor, told["version"], told["outcome"], told["shape"], tuple(told["fields"]),
            tuple(told["codes"]), told["hypothesis"], told["question"], told["data"], told["left"],
        )  # fmt: skip


def used(live: LiveAgreement) -> int:
    """How many answers of this version are used up: those given, and refusals after the data were seen."""
    version = live.agreement.text.version
    return sum(e.version == version and e.outcome in COUNTED_OUTCOMES for e in ledger(live))


def fingerprint(live: LiveAgreement, text: str) -> str:
    """A digest that only the agreement's own key can make: the space of likely questions is small."""
    from ..depersonalise import Use

    space = live.space
    space.keyring.issue(live.name, at=space.now)
    secret = space.keyring.secret(live.name, Use.ACCOUNT)
    return hmac.new(secret, text.encode(errors="replace"), sha256).hexdigest()


def enter(live: LiveAgreement, actor: str, **facts: Any) -> None:
    """Enter one question."""
    asked = live.agreement.text.agree.questions
    left = max(0, asked.limit - used(live)) if asked else 0
    left -= facts["outcome"] in COUNTED_OUTCOMES and left > 0
    told = {"version": live.agreement.text.version, "left": left, **facts}
    told["shape"] = told["shape"][:MOST_TEXT]
    live.space.account.append(
        EventKind.ANALYSE_ASKED, at=live.space.now, actor=actor, agreement=live.name, facts=told
    )
