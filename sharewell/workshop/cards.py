"""The cards: a use of personal data in words that anybody can follow, from the day and from an agreement.

What the day's file says goes before what the agreement says. An agreement is quoted through its papers, so
that what it leaves out is left out here, and what it does not say is said to be missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ..agree.terms import Role
from ..papers.block import Lines, Words, plain
from ..papers.clauses import Clauses
from ..papers.naming import party
from ..papers.views import RECIPIENTS
from .day import DayText, Example

FORMS: Mapping[str, str] = {
    "aggregate": "Tables about groups; no row is about one person",
    "de-personalised": "A row for each person, without what says who it is",
    "coded yes/no": "A yes or no for each person, under a code",
    "yes/no": "A yes or no for each person, and nothing else",
    "identifiable": "Records that say who each person is",
}
"""What each form in which products leave means to somebody who reads it first."""
NAMED = 6
"""Parties that a card names; of more it says how many."""

PARTS: Mapping[str, str] = {
    "who": "Who",
    "why": "Why",
    "what": "What data",
    "how": "How",
    "form": "In what form",
    "seen_by": "Who sees it",
    "impact": "What came of it",
    "source": "From",
}
"""The parts of a card in their order, by field."""


@dataclass(frozen=True)
class Card:
    """A card: its label, its title, and its parts by the field of `PARTS`; a part that nobody wrote is not
    among them."""

    label: str
    title: str
    parts: Mapping[str, Lines]


def cards(
    text: DayText, agreements: Mapping[str, Clauses], assets: Mapping[str, str] | None = None
) -> tuple[Card, ...]:
    """The cards of a day in its order.

    agreements: those that can be quoted, by name; of another only what the day says is on its card. assets:
    the data sets' titles by name.
    """
    return tuple(
        _card(label, example, agreements.get(example.agreement or ""), assets or {})
        for label, example in text.examples.items()
    )


def _card(label: str, example: Example, clauses: Clauses | None, assets: Mapping[str, str]) -> Card:
    told: dict[str, Lines] = {}
    for part in PARTS:
        said = getattr(example, part)
        if said:
            told[part] = ((str(said),),)
        elif clauses is not None and (lines := _from(part, clauses, assets)):
            told[part] = lines
    title = example.title
    if not title and clauses is not None:
        title = plain(clauses.computed(clauses.agreement.text.title, ("title",)))
    return Card(label, title or f"Example {label}", told)


def _from(part: str, clauses: Clauses, assets: Mapping[str, str]) -> Lines:
    """A part of a card from an agreement."""
    made: dict[str, Callable[[], Lines]] = {
        "who": lambda: _who(clauses),
        "why": lambda: tuple(_all(clauses, "agree.purposes.*.statement")),
        "what": lambda: _what(clauses, assets),
        "how": lambda: _how(clauses),
        "form": lambda: _forms(clauses),
        "seen_by": lambda: _recipients(clauses),
        "impact": lambda: tuple(
            ("Hoped for: ", *words) for words in _all(clauses, "agree.benefits.*.claim")
        ),
        "source": lambda: _source(clauses),
    }
    return made[part]()


def _all(clauses: Clauses, pattern: str) -> Iterator[Words]:
    for place in clauses.places(pattern):
        yield from clauses.said(place)


def _who(clauses: Clauses) -> Lines:
    """Those who decide what is done with the data."""
    found = [
        party(clauses, str(place[-1]), (*place, "role"))
        for place in clauses.entries(("agree", "parties"))
        if clauses.at((*place, "role")) in (Role.CONTROLLER, Role.JOINT_CONTROLLER)
    ]
    rest = len(found) - NAMED
    return (*found[:NAMED], *(((f"and {rest} more",),) if rest > 0 else ()))


def _what(clauses: Clauses, assets: Mapping[str, str]) -> Lines:
    about = [("About: ", *words) for words in _all(clauses, "agree.subjects.*.who")]
    sets: dict[str, Words] = {}
    for place in clauses.places("describe.*.asset"):
        name = str(clauses.at(place))
        title = assets.get(name) or name.replace(".", ", ").replace("_", " ")
        words = clauses.computed(title, place)
        sets.setdefault(plain(words), words)
    rest = len(sets) - NAMED
    more: Lines = ((f"and {rest} more",),) if rest > 0 else ()
    return (*about, *list(sets.values())[:NAMED], *more)


def _how(clauses: Clauses) -> Lines:
    """The summary that the public is given, and where it is worked out who is who."""
    linked = {
        plain(words): words
        for place in clauses.entries(("link",))
        for words in [party(clauses, str(clauses.at((*place, "at"))), (*place, "at"))]
    }
    return (
        *clauses.said(("agree", "transparency", "summary"), "What people are told"),
        *(("Which records are of the same person is worked out at ", *words) for words in linked.values()),
    )


def _forms(clauses: Clauses) -> Lines:
    found: dict[str, Words] = {}
    for place in clauses.places("release.*.form"):
        form = str(clauses.at(place))
        words = clauses.computed(FORMS.get(form, form), place)
        found.setdefault(plain(words), words)
    return tuple(found.values())


def _recipients(clauses: Clauses) -> Lines:
    return RECIPIENTS.lines(clauses) if RECIPIENTS.lines else ()


def _source(clauses: Clauses) -> Lines:
    text = clauses.agreement.text
    return ((f"The agreement {text.agreement}, version {text.version}",),)
