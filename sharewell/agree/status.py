"""The life of an agreement, as a table: what may be done in each status, by whom, and what may come of it.

Nothing holds an agreement's status: it is worked out from the account (`life`). This table says which acts
are open in it; commands refuse any other, and tests hold what is worked out against it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ..errors import Problem, Refusal


class Status(StrEnum):
    """Where an agreement stands, the text as it is now."""

    DRAFT = "draft"
    ASSESSED = "assessed"
    DELIBERATED = "deliberated"
    SIGNED = "signed"
    PUBLISHED = "published"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Act(StrEnum):
    """What can happen to it. Enrolling and revoking keys are acts of the workspace."""

    ENROL = "enrol"
    REVOKE = "revoke"
    ASSESS = "assess"
    DELIBERATE = "deliberate"
    MEET = "meet"
    SIGN = "sign"
    VOID = "void"
    PUBLISH = "publish"
    BEGIN = "begin"
    SUSPEND = "suspend"
    RESUME = "resume"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"


class Mover(StrEnum):
    """Who acts. Anyone named is a signatory, a user or a data protection officer of its parties."""

    NAMED = "anyone named"
    SIGNATORY = "a signatory"
    OWNER = "the condition's owner"
    OPERATOR = "the workspace's operator"
    CLOCK = "the clock"


@dataclass(frozen=True)
class Transition:
    """In each status of `during`, `act` by `who` leads to one of `to`, or leaves it where it is."""

    during: tuple[Status, ...]
    act: Act
    who: Mover
    to: tuple[Status, ...]
    effect: str


_S = Status
_UNSIGNED = (_S.DRAFT, _S.ASSESSED, _S.DELIBERATED)
_SIGNED = (_S.SIGNED, _S.PUBLISHED, _S.ACTIVE)
_STOPPED = (_S.SUSPENDED, _S.WITHDRAWN)
"""Over whatever it would be otherwise: a next version can be assessed, signed and published meanwhile."""

_OPEN = (*_UNSIGNED, *_SIGNED, *_STOPPED)

TRANSITIONS: tuple[Transition, ...] = (
    Transition(
        (_S.DRAFT, *_STOPPED), Act.ASSESS, Mover.NAMED, (_S.ASSESSED,), "this text was assessed"
    ),
    Transition(
        (_S.ASSESSED, *_STOPPED), Act.DELIBERATE, Mover.NAMED, (_S.DELIBERATED,), "this text was weighed"
    ),
    Transition(
        (_S.ASSESSED, _S.DELIBERATED, *_SIGNED, *_STOPPED), Act.SIGN, Mover.SIGNATORY,
        (*_UNSIGNED[1:], *_SIGNED, _S.SUSPENDED), "the party is bound to both hashes, or joins again",
    ),
    Transition(
        (_S.SIGNED, _S.SUSPENDED), Act.PUBLISH, Mover.NAMED, (_S.PUBLISHED, _S.ACTIVE),
        "anybody can read it, and the days of notice begin",
    ),
    Transition(_OPEN, Act.MEET, Mover.OWNER, (_S.ACTIVE,), "one condition fewer stands in the way"),
    Transition((_S.PUBLISHED,), Act.BEGIN, Mover.CLOCK, (_S.ACTIVE,), "term and notice have come"),
    Transition(
        (_S.ACTIVE,), Act.BEGIN, Mover.CLOCK, (_S.PUBLISHED,), "a condition fell due and is not met"
    ),
    Transition(_OPEN, Act.SUSPEND, Mover.NAMED, (_S.SUSPENDED,), "nothing runs; a run stops"),
    Transition(
        (_S.SUSPENDED,), Act.RESUME, Mover.SIGNATORY, (*_UNSIGNED, *_SIGNED),
        "it stands where it would have stood, once every party that stopped it agrees",
    ),
    Transition(
        _OPEN, Act.WITHDRAW, Mover.SIGNATORY, (_S.WITHDRAWN,),
        "the party is bound no more; what it brought, and what came of it, follow `withdrawal:`",
    ),
    Transition(_OPEN, Act.VOID, Mover.NAMED, _UNSIGNED, "signatures and publication of a wider text end"),
    Transition(_OPEN, Act.REVOKE, Mover.OPERATOR, _UNSIGNED, "what a lost key signed counts no more"),
    Transition(_OPEN, Act.EXPIRE, Mover.CLOCK, (_S.EXPIRED,), "the last day of the term is over"),
)  # fmt: skip


def allowed(status: Status) -> tuple[Transition, ...]:
    """What may happen in a status, in the order of the table."""
    return tuple(row for row in TRANSITIONS if status in row.during)


def check_allowed(status: Status, act: Act) -> None:
    """Refusal STATUS, with what may be done instead, where the act is not open in this status."""
    rows = allowed(status)
    if act in {row.act for row in rows}:
        return
    doable = [f"{row.act} (by {row.who})" for row in rows if row.who is not Mover.CLOCK]
    what, why = (
        f"an agreement that is {status} takes no act {act.value!r}",
        "each step rests on the one before",
    )
    fix = f"what is open now: {', '.join(doable)}" if doable else "agree and publish the next version"
    raise Refusal(Problem("STATUS", what, why, fix))


def diagram() -> str:
    """The table drawn as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {Status.DRAFT}"]
    for row in TRANSITIONS:
        lines += [
            f"    {before} --> {after} : {row.act} by {row.who}"
            for before in row.during
            for after in row.to
            if after is not before
        ]
    return "\n".join([*lines, f"    {Status.EXPIRED} --> [*]"]) + "\n"


def text_diagram() -> str:
    """The table in plain text, a status a paragraph."""
    lines = []
    for status in Status:
        lines.append(f"{status}")
        for row in allowed(status):
            to = " or ".join(after for after in row.to if after is not status) or status
            lines.append(f"  {row.act} by {row.who} -> {to}: {row.effect}")
    return "\n".join(lines) + "\n"
