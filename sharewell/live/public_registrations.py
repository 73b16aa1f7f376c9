"""What analyses expected before the data were seen, what of it was changed, and what became of them.

For the public register: from the text and the account, with the event that proves each look. An analysis
that was looked at and never released is told as just that, so that what found nothing is not lost.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..account.events import Event, EventKind
from ..agree.registration import Amendment, History, histories
from .public_events import Claim, claim
from .public_facts import is_hidden, take


def registered(events: Sequence[Event], said: Mapping[str, Any] | None) -> list[Claim]:
    """A claim for each product that says what it expects, in the text or in the account.

    `said`: the published text with its redactions, or None where the text at hand is another; then no
    words of it are told. What is redacted of a product is told of none of its versions.
    """
    looks = [(event, event.facts) for event in events if event.kind is EventKind.ANALYSE_REGISTERED]
    found = histories(looks)
    released = {
        str(event.facts["product"]): event for event in events if event.kind is EventKind.RELEASE_RELEASED
    }
    first = next((event for event in events if event.kind is EventKind.RUN_STARTED), None)
    products = {} if said is None or is_hidden(said["analyse"]) else said["analyse"]
    expecting = [name for name, part in products.items() if _expects(part)]
    return [
        _claim(name, products.get(name), found.get(name), first, released.get(name))
        for name in dict.fromkeys((*expecting, *found))
    ]


def _expects(part: Any) -> bool:
    hypothesis = take(take(part, "with"), "hypothesis") if not is_hidden(part) else None
    return bool(hypothesis) or bool(take(part, "registered"))


def _claim(
    name: str, part: Any, history: History | None, first: Event | None, released: Event | None
) -> Claim:
    settings = take(part, "with") if part is not None else None
    told = {
        "product": name,
        "question": take(part, "question") if part is not None else None,
        "hypothesis": take(settings, "hypothesis") if settings is not None else None,
        "registered": take(part, "registered") if part is not None else None,
        "looked": claim(history.first) if history else None,
        "late": bool(history and first and history.first.run != first.run),
        "released": claim(released) if released else None,
    }
    changes = history.amendments if history else ()
    return {**told, "changes": [_changed(event, amendment, part) for event, amendment in changes]}


def _changed(event: Event, amendment: Amendment, part: Any) -> Claim:
    told = {"what": amendment.what, "before": amendment.before, "after": amendment.after}
    hidden = _hidden(amendment.what, part)
    if hidden is not None:
        told |= {"before": hidden, "after": hidden}
    return claim(event, **told)


def _hidden(what: str, part: Any) -> Any:
    """What stands in the place of a part that the text at hand does not tell; None where it is told."""
    if part is None:
        return {"withheld": "the text at hand is not the one that was published"}
    if is_hidden(part):
        return part
    settings = take(part, "with")
    name = what.removeprefix("setting ")
    place = take(part, "question") if what == "question" else take(settings or {}, name)
    return place if is_hidden(place) else None
