"""The agreement as papers may quote it: each word with its clause, what is unsaid missing, redactions kept.

This is the one gate between an agreement and its papers. A redaction holds in three ways: at its clause; at
everything computed from it; and wherever the same words stand in other text of the agreement, unless they
are said openly as a name or at another clause of the same kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..agree.clauses import clause, shown
from ..agree.document import Agreement, Text
from ..agree.framework import Framework
from ..errors import DocumentError, Problem
from ..plan.plan import Plan
from ..text import Place
from .block import Inline, Lines, Missing, Redacted, Said, Words
from .place import at, chosen_words, entries, expand, named_keys, pattern_of
from .wording import label, written

_KEYS, _CHOSEN = named_keys(Text), chosen_words(Text)
_FIELDS = ("describe.*.use.*", "describe.*.link.*")
_KEPT = ("sharewell", "agreement", "version")
"""What a paper must say to be the paper of an agreement."""

SILENCE = {
    "framework": "None: this agreement stands alone",
    "agree.law.consents": "None is recorded",
    "agree.necessity": "No product names people, or exceeds what its recipe needs",
    "agree.necessity.*.rejected": "No product names people, or exceeds what its recipe needs",
    "agree.necessity.*.to": "Nobody",
    "agree.reidentification": "Nobody is ever re-identified",
    "agree.questions": "Nobody may ask questions beyond those agreed",
    "agree.questions.with": "As the policy sets by itself",
    "agree.processing.*.for": "All controllers",
    "agree.parameters": "None",
    "agree.purposes.*.codes": "None",
    "agree.joint_control.arrangement": "No joint plan is recorded",
    "agree.assessment.regulator": "It was not consulted",
    "agree.assessment.overruled": "Nobody is recorded to have overruled it",
    "release.*.via": "As the software delivers it",
    "release.*.fields": "None: these are tables about groups",
}
"""What silence means where the schema gives it a meaning. Anywhere else it is shown as missing."""

SHORTEST = 3
"""Words shorter than this are not sought in other text: `no` is everywhere."""


class Clauses:
    """What an agreement says, for papers. DocumentError REDACTION where a redaction names no part of it.

    `internal` shows everything, and the papers are marked so.
    """

    def __init__(
        self, agreement: Agreement, plan: Plan, framework: Framework | None = None, internal: bool = False
    ) -> None:
        self.agreement, self.plan, self.framework, self.internal = agreement, plan, framework, internal
        self.values: dict[str, Any] = agreement.text.model_dump(by_alias=True)
        self._parts = {} if internal else self._redactions()
        self._hidden = self._words()
        ordered = sorted(self._hidden, key=lambda word: (-len(word), word))
        self._pattern = re.compile(
            "|".join(rf"(?<![\w-]){re.escape(word)}(?![\w-])" for word in ordered) or r"(?!)", re.IGNORECASE
        )

    @property
    def left_out(self) -> tuple[Redacted, ...]:
        """What papers leave out, one for each redaction."""
        return tuple(self._parts.values())

    def at(self, place: Place) -> Any:
        """The value at a place, to compute with; what is shown of it goes through `said` or `computed`."""
        return at(self.values, place)

    def entries(self, place: Place) -> list[Place]:
        """The places of the entries of a mapping or list."""
        return [(*place, key) for key in entries(self.at(place))]

    def places(self, pattern: str) -> list[Place]:
        """The places that a schema path stands for."""
        return expand(pattern, self.values)

    def redacted(self, *places: Place) -> Redacted | None:
        """The redaction that holds at one of these places, or at something above it."""
        for part, redaction in self._parts.items():
            if any(place[: len(part)] == part for place in places):
                return redaction
        return None

    def name(self, place: Place) -> Words:
        """The key by which an entry is called."""
        return self.computed(str(place[-1]), place)

    def computed(self, text: str, *places: Place) -> Words:
        """Words made from some places: left out if one of these is."""
        if redaction := self.redacted(*places):
            return (redaction,)
        return tuple(self._open(text, places[0]))

    def said(self, place: Place, asks: str = "") -> Lines:
        """What stands at a place, one line a value. `asks` is what the paper wants to know.

        Silence is Missing, unless the schema gives it a meaning (SILENCE). A null that was written is
        "None stated".
        """
        if redaction := self.redacted(place):
            return ((redaction,),)
        value = self.at(place)
        if value is None or value == "" or value in ((), {}):
            return (self._unsaid(place, value, asks),)
        if isinstance(value, Mapping):
            return tuple(self._labelled(value, place))
        if isinstance(value, tuple):
            return tuple(words for part in self.entries(place) for words in self.said(part, asks))
        words = self.computed(written(value), place)
        return (words if self._is_written(place) else (*words, " (by default)"),)

    def silence(self, path: str, asks: str) -> Inline:
        """What it means that nothing stands at a schema path: where its list was written empty, "None"."""
        known = tuple(path.split(".*")[0].split("."))
        where = self.agreement.lines.at(known)
        if self.at(known) in ((), {}) and self._is_written(known):
            return SILENCE.get(path) or Said("None", shown(known), where)
        return SILENCE.get(path) or Missing(path, asks, where)

    def _unsaid(self, place: Place, value: Any, asks: str) -> Words:
        if self._is_written(place) and value != "":
            return tuple(self._open("None stated" if value is None else "None", place))
        path = pattern_of(place, _KEYS)
        return (SILENCE.get(path) or Missing(path, asks, self.agreement.lines.at(place)),)

    def _labelled(self, value: Mapping[str, Any], place: Place) -> Iterator[Words]:
        named = pattern_of(place, _KEYS) in _KEYS
        for key in value:
            inner = (*place, key)
            head: Words = self.name(inner) if named else (label(key),)
            for words in self.said(inner, label(key)):
                yield (*head, ": ", *words)

    def _is_written(self, place: Place) -> bool:
        lines = self.agreement.lines
        inherited = any(place[:cut] in lines.elsewhere for cut in range(1, len(place) + 1))
        return (
            place in lines.numbers
            or (inherited and self.at(place) not in (None, (), {}, ""))
            or (place in lines.elsewhere)
        )

    def _open(self, text: str, place: Place) -> Iterator[Inline]:
        """The text, each stretch of it that is redacted elsewhere replaced by its redaction."""
        path, where, end = self._pattern.sub("left-out", shown(place)), self.agreement.lines.at(place), 0
        for found in self._pattern.finditer(text):
            if found.start() > end:
                yield Said(text[end : found.start()], path, where)
            yield self._hidden[found.group().casefold()]
            end = found.end()
        if end < len(text) or not text:
            yield Said(text[end:], path, where)

    def _redactions(self) -> dict[Place, Redacted]:
        found: dict[Place, Redacted] = {}
        problems: list[Problem] = []
        for number, told in enumerate(self.agreement.text.agree.redactions):
            place = clause(self.values, told.part)
            where = self.agreement.at("agree", "redactions", number)
            if place is None:
                why, fix = (
                    "it would be published all the same",
                    "write the path of a part of this agreement",
                )
                problems.append(Problem("REDACTION", f"there is no part {told.part!r}", why, fix, where))
            elif place[0] in _KEPT or place[:2] == ("agree", "redactions"):
                why = "a paper says which agreement it is of, and what it leaves out"
                fix = "leave out a part of a chapter"
                problems.append(Problem("REDACTION", f"{told.part} cannot be left out", why, fix, where))
            else:
                until = written(told.until) if told.until else ""
                found[place] = Redacted(told.why, told.by, until)
        if problems:
            raise DocumentError(problems)
        return found

    def _words(self) -> dict[str, Redacted]:
        """Words that are left out wherever they stand, casefolded."""
        closed: list[tuple[str, str, Redacted]] = []
        names: set[str] = set()
        openly: set[tuple[str, str]] = set()
        for place, word, is_key in _strings(self.values, ()):
            pattern = pattern_of(place, _KEYS)
            if redaction := self.redacted(place):
                closed.append((word, pattern, redaction))
            elif is_key or pattern in _FIELDS:
                names.add(word)
            openly |= set() if self.redacted(place) else {(word, pattern)}
        return {
            word.casefold(): redaction
            for word, pattern, redaction in closed
            if len(word) >= SHORTEST
            and word not in _CHOSEN
            and word not in names
            and (word, pattern) not in openly
        }


def _strings(values: Any, place: Place) -> Iterator[tuple[Place, str, bool]]:
    """Every text of the values with its place, and every key that the authors chose (marked true)."""
    if isinstance(values, str):
        yield place, str(values), False
    for key in entries(values):
        inner = (*place, key)
        if isinstance(key, str) and pattern_of(place, _KEYS) in _KEYS:
            yield inner, key, True
        if place != ("agree",) or key != "redactions":
            yield from _strings(at(values, (key,)), inner)
