"""What a run's analyses expected, entered before a row is read; and what its report says of that."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..account.events import Event, EventKind
from ..account.facts import check_facts
from ..agree.registration import Amendment, History, Registration, histories, registrations
from ..public.words import day as in_words

if TYPE_CHECKING:
    from .walk import Runner


def register(runner: Runner) -> None:
    """Enter what each product of the run expects; a run that goes on has done so already."""
    held = {event.facts["product"] for event in runner.events(EventKind.ANALYSE_REGISTERED)}
    known = runner.space.account.events(agreement=runner.live.name, kind=EventKind.ANALYSE_REGISTERED)
    once = {str(event.facts["product"]) for event in known}
    for found in registrations(runner.live.agreement, runner.plan, once):
        if found.product not in held:
            runner.enter(EventKind.ANALYSE_REGISTERED, _safe(found.facts))


def _safe(facts: Any) -> Any:
    """The same, with the hash in the place of a text that the account does not take: too long, or in the
    shape of somebody's number."""
    if isinstance(facts, dict):
        return {name: _safe(value) for name, value in facts.items()}
    if not check_facts({"text": facts}):
        return facts
    return f"sha256:{hashlib.sha256(str(facts).encode()).hexdigest()}"


def told(runner: Runner, product: str) -> tuple[str, ...]:
    """What a report says of a product's registration, in sentences; none where nothing was expected."""
    account, name = runner.space.account, runner.live.name
    events = account.events(agreement=name, kind=EventKind.ANALYSE_REGISTERED)
    history = histories((event, event.facts) for event in events).get(product)
    if history is None:
        return ()
    first = next(account.events(agreement=name, kind=EventKind.RUN_STARTED))
    return tuple(_sentences(history, first, runner.outcome.run))


def _sentences(history: History, first: Event, run: str) -> Iterator[str]:
    """Up to and with this run: a report says nothing of what came after it."""
    looks = tuple((event, found) for event, found in history.looks if _is_by(event, run, history))
    until = History(looks)
    yield _opening(until, first)
    for event, amendment in until.amendments:
        yield f"{amended(amendment, _day(event), _day(until.first))} Read the result as exploratory."


def _is_by(event: Event, run: str, history: History) -> bool:
    last = max(look.index for look, _ in history.looks if look.run == run)
    return bool(event.index <= last)


def _opening(history: History, first: Event) -> str:
    found: Registration = history.looks[-1][1]
    if not found.registered:
        return (
            "This analysis was not registered before the data were seen. It is exploratory: what it finds"
            " is a reason to look again, and no test."
        )
    expected = f" Expected: {found.hypothesis}." if found.hypothesis else ""
    told = f"Registered on {in_words(found.registered)}"
    if history.first.run != first.run:
        return (
            f"{told}, says the agreement; but it first stands in the account on {_day(history.first)},"
            f" after the data were first looked at on {_day(first)}. Read the result as exploratory."
            f"{expected}"
        )
    return f"{told}, before the data were first looked at on {_day(history.first)}.{expected}"


def amended(amendment: Amendment, on: str, first: str) -> str:
    """A change in one sentence: what, when, after which look, before and after."""
    before, after = (text or "nothing" for text in (amendment.before, amendment.after))
    return (
        f"The {amendment.what} was changed on {on}, after the first run on {first}. Before: {before}."
        f" After: {after}."
    )


def _day(event: Event) -> str:
    return in_words(event.at.date().isoformat())
