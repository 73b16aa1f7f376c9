"""The life of a pair under review, as data: its state follows from its answers and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from enum import StrEnum


class Verdict(StrEnum):
    """What a reader may answer."""

    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "cannot tell"


class Reason(StrEnum):
    """Why, if the reader cares to say. A list and not free text, which would come to hold names."""

    NAMES = "names"
    BIRTH = "birth date"
    HOME = "home"
    NUMBER = "number"
    FAMILY = "may be family"
    TWINS = "may be twins"
    SLIP = "slip of the pen"
    SCANT = "too little to go on"


class State(StrEnum):
    """OPEN until someone takes it; two readers agree, or a third settles it."""

    OPEN = "open"
    TAKEN = "taken"
    ONE = "answered by one"
    AGREED = "agreed"
    DISAGREED = "disagreed"
    SETTLED = "settled"


DONE = frozenset({State.AGREED, State.SETTLED})


def state(answers: Sequence[Verdict], taken: bool) -> State:
    """The state of a pair with these answers, in order; `taken`: someone is reading it now."""
    if not answers:
        return State.TAKEN if taken else State.OPEN
    if len(answers) == 1:
        return State.ONE
    if len(answers) == 2:
        return State.AGREED if answers[0] == answers[1] else State.DISAGREED
    return State.SETTLED


def wanted(answers: Sequence[Verdict]) -> int:
    """How many more readers a pair needs."""
    if len(answers) < 2:
        return 2 - len(answers)
    return int(state(answers, False) is State.DISAGREED)


def outcome(answers: Sequence[Verdict]) -> Verdict | None:
    """What a pair was found to be; None while it is not done. Three who all differ cannot tell."""
    if state(answers, False) not in DONE:
        return None
    verdict, votes = Counter(answers).most_common(1)[0]
    return verdict if votes > 1 else Verdict.UNSURE
