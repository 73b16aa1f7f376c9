"""What `sharewell new` asks, in the order in which one would tell it: why, who, what, on what authority."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .drafting import TEMPLATES, versions
from .framework import Framework
from .shelf import Shelf


class Takes(StrEnum):
    """What an answer is: a line, several, one of a list, some of it, fields of tables."""

    LINE = "line"
    LINES = "lines"
    ONE = "one"
    SOME = "some"
    TABLES = "tables"


Offers = Callable[[Shelf, Mapping[str, Framework]], Sequence[str]]


@dataclass(frozen=True)
class Question:
    """One question. `name` is the answer's field; `why` says what the answer is for."""

    name: str
    asks: str
    why: str
    takes: Takes = Takes.LINE
    offers: Offers | None = None
    said: Mapping[str, str] | None = None
    """What each thing offered is, where a name does not say it."""

    def offered(self, shelf: Shelf, frameworks: Mapping[str, Framework]) -> Sequence[str]:
        """What can be chosen from."""
        return self.offers(shelf, frameworks) if self.offers else ()


def _these(*names: str) -> Offers:
    return lambda _shelf, _frameworks: names


def _bodies(shelf: Shelf, frameworks: Mapping[str, Framework]) -> Sequence[str]:
    members = {name for framework in frameworks.values() for name in framework.text.members}
    return sorted(members | {asset.holder for asset in shelf.assets.values()})


def _receivers(shelf: Shelf, frameworks: Mapping[str, Framework]) -> Sequence[str]:
    return ["public", *_bodies(shelf, frameworks)]


QUESTIONS = (
    Question("kind", "Which kind of sharing?", "Duties differ", Takes.ONE, _these(*TEMPLATES), TEMPLATES),
    Question(
        "framework",
        "Which framework does it stand under?",
        "What the framework says need not be said again",
        Takes.ONE,
        lambda _shelf, frameworks: versions(frameworks),
    ),
    Question("title", "In one line, what is it?", "It is the heading of every paper"),
    Question("purpose", "In one word, what is the purpose?", "Products name their purpose by it"),
    Question("statement", "What is it for?", "Nothing may be done with the data beyond this"),
    Question("never", "What is ruled out?", "A limit that is said can be held", Takes.LINES),
    Question(
        "brings",
        "Which tables are shared, and which of their fields are needed?",
        "What no product uses is refused as over-collection",
        Takes.TABLES,
        lambda shelf, _frameworks: sorted(shelf.assets),
    ),
    Question(
        "links",
        "Who finds which records belong together, and sees no content?",
        "Names and content never meet",
        Takes.ONE,
        _bodies,
    ),
    Question("hosts", "Who analyses, and sees no names?", "They never meet", Takes.ONE, _bodies),
    Question("question", "Which question is to be answered?", "Products are declared before data are seen"),
    Question(
        "recipe",
        "By which method?",
        "The method decides which form of the data is enough",
        Takes.ONE,
        lambda shelf, _frameworks: list(shelf.recipes),
    ),
    Question("to", "Who receives the answer?", "It goes to nobody else", Takes.SOME, _receivers),
    Question(
        "every",
        "How often?",
        "More often is wider",
        Takes.ONE,
        _these("once", "day", "week", "month", "term", "quarter", "year"),
    ),
    Question("gateway", "Which power or duty allows it?", "Your lawyers' words: nothing is inferred"),
    Question("article_6", "Which UK GDPR Article 6 basis?", "Your lawyers' words: nothing is inferred"),
    Question("article_9", "Which Article 9 condition, if special-category?", "Your lawyers' words"),
    Question("article_10", "Which Article 10 authority, if about offences?", "Your lawyers' words"),
    Question("subjects", "Whom are the data about?", "They are the people who bear the risk"),
    Question("summary", "What would you tell them, in two sentences?", "It is the notice's first words"),
    Question("notice", "Where will the public notice stand (https://...)?", "Without one nothing runs"),
    Question("runs", "Who may run it (name@body)?", "Access is by name", Takes.LINES),
    Question(
        "gains",
        "Who gains most?",
        "A benefit is somebody's",
        Takes.ONE,
        _these("service-users", "public", "providers", "staff", "cross-cutting"),
    ),
    Question("claim", "What will be better for them?", "It is held against what came of it"),
    Question("measure", "How will that be measured?", "What cannot be measured cannot be missed"),
    Question(
        "bears", "Who bears most risk?", "A risk is somebody's", Takes.ONE, _these("public", "providers")
    ),
    Question("harm", "What could happen to them?", "It is weighed against the benefit"),
    Question("likelihood", "How likely is that, from 1 to 5?", "It is weighed against the benefit"),
    Question("severity", "How bad would it be, from 1 to 5?", "It is weighed against the benefit"),
    Question("guard", "What is done about it?", "A measure must lessen it"),
    Question("residual", "What is left, from 1 to 25?", "Likelihood times severity, with the measure"),
    Question("owner", "Which post answers for it (post@body)?", "A risk that is nobody's is everybody's"),
    Question("start", "When does it begin (YYYY-MM-DD)?", "It binds nobody outside its term"),
    Question("review", "When is it looked at again?", "After that day nothing runs until it is"),
    Question("end", "When does it end?", "Then the data are destroyed"),
)  # fmt: skip
"""In the order asked. Each may be left unanswered."""
