"""Benefits realised: what was promised is measured, and what was measured is told, missed or met."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from ..account.events import JSON, EventKind
from ..errors import DocumentError, Problem, among
from .signing import check_named

if TYPE_CHECKING:
    from ..agree.weighing import Benefit
    from .agreement import LiveAgreement


@dataclass(frozen=True)
class Realised:
    """A benefit as promised, with the last measure of it (the agreement's own unit), if there is one."""

    benefit: Benefit
    value: float | None = None
    at: datetime | None = None


def measure(live: LiveAgreement, name: str, value: float, as_: str) -> None:
    """Enter what a benefit's measure came to. Nothing is replaced: the last one counts, and all stay.

    DocumentError MEASURE where no benefit has that measure, VALUE where it is no number; Refusal ROLE for
    somebody whom the agreement does not name.
    """
    promised = [benefit.measure for benefit in live.agreement.text.agree.benefits]
    where, faults = live.agreement.at("agree", "benefits"), []
    if name not in promised:
        what, why = (
            f"no benefit of {live.name} is measured as {name!r}",
            "what was not promised is no benefit",
        )
        faults.append(Problem("MEASURE", what, why, among(name, promised), where))
    if not math.isfinite(value):
        faults.append(Problem("VALUE", "the value is no number", fix="write it in figures"))
    if faults:
        raise DocumentError(faults)
    check_named(live, as_)
    facts: dict[str, JSON] = {"measure": name, "value": value}
    live.space.account.append(
        EventKind.ACCOUNT_BENEFIT_MEASURED, at=live.space.now, actor=as_, agreement=live.name, facts=facts
    )


def realised(live: LiveAgreement) -> Iterator[Realised]:
    """Each benefit of the agreement, in its order, with what it last came to."""
    events = live.space.account.events(agreement=live.name, kind=EventKind.ACCOUNT_BENEFIT_MEASURED)
    last = {str(event.facts["measure"]): event for event in events}
    for benefit in live.agreement.text.agree.benefits:
        event = last.get(benefit.measure)
        if event is None:
            yield Realised(benefit)
        else:
            yield Realised(benefit, float(str(event.facts["value"])), event.at)
