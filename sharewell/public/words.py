"""Plain words for what the software calls by codes: refusals, forms, roles, days."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

REASONS: dict[str, str] = {
    "ACTOR": "Somebody asked who may not",
    "RECIPIENT_NOT_AGREED": "It was asked for a body that may not receive it",
    "FIELD": "A detail was asked for that was not agreed",
    "FORM": "It was asked for in a form that was not agreed",
    "PURPOSE": "It was asked for another purpose than the one agreed",
    "PRODUCT": "Something was asked for that was not agreed",
    "KIND": "Something was asked that no agreement can grant",
    "UNPUBLISHED": "The agreement had not been published",
    "NOTICE": "The public had not been told",
    "NOTICE_DAYS": "It had not been public for long enough",
    "UNSIGNED": "Not every body had signed",
    "SIGNATURE": "A signature did not hold",
    "REVOKED": "A signature was by a key that was taken back",
    "OUTDATED": "A signature was for another version",
    "CONDITION": "A condition had not been met",
    "SUSPENDED": "The agreement was stopped at the time",
    "WITHDRAWN": "A body had left the agreement",
    "NOT_STARTED": "The agreement had not begun",
    "EXPIRED": "The agreement had ended",
    "REVIEW_DUE": "The agreement's review was overdue",
    "BENEFIT_DUE": "Nobody had measured whether a promised benefit came",
    "INDEX_STOPPED": "The index of people that it reads may not be read at present",
    "INDEX_UNBUILT": "The index of people that it reads had not been built",
    "NO_INDEX": "It keeps no index of people",
    "REGISTERED_LATE": "An analysis was declared only after the data had been seen",
    "RECIPE": "The method is not in this version of the software",
    "VIEW": "It is shown one record at a time, which is not in this version of the software",
    "QUALITY": "The data were not good enough",
    "QUARANTINE": "Too many rows broke the promises made about them",
    "NO_PLAN": "The agreement could not be turned into steps",
    "RUNNING": "It was already being run",
    "BUDGET": "All the questions that were agreed had been asked",
    "REVIEW": "No rule knows this kind of output, so people had to read it first",
    "SAME_PERSON": "A second pair of eyes must be somebody else's",
    "DIFFERENCING": "Beside earlier figures it would have told of a few people",
    "PRIVACY_BUDGET": "What noise may cost these people had been spent",
    "NO_REIDENTIFICATION": "Nobody may ever be named from it",
    "OBJECTION": "Somebody objects to being named again",
    "LAPSED": "A request to be told who somebody is had run out",
    "REPLAY": "A request to be told who somebody is had been used already",
    "UNASKED": "A request to be told who somebody is was not on record",
    "ALTERED": "A request to be told who somebody is had been changed",
    "OFFICERS": "It takes two people to name somebody, and they had not both agreed",
    "OFFICER": "It takes two people to name somebody, and this was neither",
    "SHARE": "It takes two people's keys to name somebody, and one did not fit",
    "SUBJECTS": "Other people were to be named than had been asked about",
    "TOKENS": "What was to be turned back into people was not a code",
    "TOKEN": "What was to be turned back into people was not a code made here",
    "REQUEST": "It was not said about whom, or why",
    "UNENROLLED": "Somebody's key was not known",
    "DESTROYED": "The keys had been destroyed, and nobody can be named any more",
    "UNSHARED": "The keys that it takes had not been handed out",
}
"""Why something was refused, by code. A code that is not here is a fault in the agreement's own text."""

FORMS: dict[str, str] = {
    "aggregate": "figures about groups of people; small ones are withheld",
    "de-personalised": "rows under a secret key, without names",
    "coded yes/no": "a yes or no under a secret key, without names",
    "yes/no": "a yes or no about a named person, and nothing else",
    "identifiable": "rows about named people",
    "about places": "facts about places, not about people",
}

FIELDS: dict[str, str] = {
    "identifier": "says who somebody is",
    "quasi-identifier": "could point to somebody together with other details",
    "sensitive": "could harm or embarrass",
    "plain": "tells little about anyone",
    "key": "stands in place of a name",
}
"""How a field can expose a person, by its kind."""

NAMES: dict[str, str] = {
    "adl": "help needed with daily living",
    "area": "small area",
    "asb": "anti-social behaviour",
    "born": "date of birth",
    "easting": "place on the map, east",
    "forename": "first name",
    "local_id": "the service's own number",
    "nhs_number": "NHS number",
    "northing": "place on the map, north",
    "outward": "first half of the postcode",
    "surname": "last name",
    "uprn": "number of the property (UPRN)",
}
"""Details that their own names do not say plainly. Any other is its name, spaced."""

ROLES: dict[str, str] = {
    "controller": "decides why and how (controller)",
    "joint controller": "decides why and how, with others (joint controller)",
    "processor": "works on it for the others (processor)",
    "linker": "finds which records belong together (linker)",
    "host": "works on the joined data (host)",
    "recipient": "is told what comes out (recipient)",
}
"""What a body is to an agreement, in words and by its name in law."""

ARTICLES: dict[str, str] = {
    "6(1)(a)": "consent",
    "6(1)(b)": "a contract",
    "6(1)(c)": "a legal duty",
    "6(1)(d)": "to save somebody's life",
    "6(1)(e)": "a task in the public interest",
    "6(1)(f)": "a legitimate interest",
    "9(2)(a)": "explicit consent",
    "9(2)(b)": "employment and social protection",
    "9(2)(c)": "to save somebody's life",
    "9(2)(d)": "a not-for-profit body and its members",
    "9(2)(e)": "made public by the person",
    "9(2)(f)": "legal claims and courts",
    "9(2)(g)": "substantial public interest",
    "9(2)(h)": "health or social care",
    "9(2)(i)": "public health",
    "9(2)(j)": "archives, research and statistics",
}
"""Conditions of the UK GDPR, in a few words each."""

GAINS: dict[str, str] = {
    "service-users": "people who use the service",
    "public": "the public",
    "providers": "those who provide the service",
    "staff": "staff",
    "cross-cutting": "everyone",
}

MAY: dict[str, str] = {
    "run": "run it",
    "view": "see one person's record",
    "ask": "ask questions of it",
    "review": "check what leaves",
    "release": "release what leaves",
    "reidentify": "turn a key back into a person",
    "link": "put right whose records are whose",
}

EVERY: dict[str, str] = {
    "once": "once",
    "request": "each time that it is asked for",
    **{part: f"every {part}" for part in ("day", "week", "month", "term", "quarter", "year")},
}
"""How often, in words."""

POSTS: dict[str, str] = {
    "dpo": "data protection officer",
    "siro": "senior information risk owner",
    "guardian": "Caldicott Guardian",
    "caldicott": "Caldicott Guardian",
}
"""Accounts that are a post and not a person."""

ACTOR = re.compile(r"[A-Za-z0-9][A-Za-z0-9.'_-]*@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?")
"""An account as it may stand in any text: name, @, body."""


def reason(code: str) -> str:
    """A refusal's code in plain words."""
    return REASONS.get(code, f"The agreement itself was faulty ({code})")


def post(actor: str) -> str:
    """Who acted, without a name: the post if the account is one, and the body."""
    local, _, body = actor.partition("@")
    return f"{POSTS.get(local.lower(), 'a member of staff')}, {body}" if body else "a member of staff"


def without_names(value: Any, contacts: frozenset[str]) -> Any:
    """Facts in which each account is told as a post and a body; a published contact stays."""
    if isinstance(value, str):
        return ACTOR.sub(lambda m: m[0] if m[0] in contacts else post(m[0]), value)
    if isinstance(value, Mapping):
        return {name: without_names(part, contacts) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [without_names(part, contacts) for part in value]
    return value


def said(value: Any, missing: str = "Not stated") -> str:
    """A value in words: what is missing is told, and so is what is not published, with why."""
    if isinstance(value, Mapping) and "withheld" in value:
        return f"Not published: {value['withheld']}"
    if isinstance(value, list | tuple):
        return ", ".join(said(part) for part in value) or missing
    if value is None or value == "":
        return missing
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def worded(words: Mapping[str, str], value: Any) -> str:
    """A code in words; a code without any as it stands, and what is missing or not published as `said`."""
    return words.get(value, value) if isinstance(value, str) else said(value)


def field(name: Any) -> str:
    """A detail in words: date of birth for `born`, point of care for `point_of_care`."""
    return NAMES.get(name, name.replace("_", " ")) if isinstance(name, str) else said(name)


def fields(names: Any, missing: str) -> str:
    """Details in words, with the first letter of all a capital."""
    if not isinstance(names, list):
        return said(names, missing)
    told = ", ".join(map(field, names)) or missing
    return told[:1].upper() + told[1:]


def lawful(text: Any) -> str:
    """What is said of the law, with each condition of the UK GDPR that is alone in it put in words."""
    return f"{text}: {ARTICLES[text]}" if isinstance(text, str) and text in ARTICLES else said(text)


def day(text: Any) -> str:
    """A day in words: 3 June 2024. What is no day is told as `said`."""
    try:
        found = date.fromisoformat(str(text)[:10])
    except ValueError:
        return said(text)
    return f"{found.day} {found:%B %Y}"


_SPANS = {"D": "day", "W": "week", "M": "month", "Y": "year"}


def span(text: Any) -> str:
    """A length of time in words: P90D is 90 days."""
    found = re.fullmatch(r"P(\d+)([DWMY])", str(text))
    if not found:
        return said(text)
    number, unit = int(found[1]), _SPANS[found[2]]
    return f"{number} {unit}{'' if number == 1 else 's'}"


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun: 1 run, 2 runs, no runs."""
    return f"{number or 'no'} {one if number == 1 else many or one + 's'}"


def slug(text: str) -> str:
    """What a heading or a code is called in an address."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
