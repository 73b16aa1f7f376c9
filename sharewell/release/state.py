"""The life of a release, as a table: what may happen in each state, who may do it, and what it does.

Code, tests and the drawn diagram all read `TRANSITIONS`; nothing else says what is allowed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ..errors import Problem, Refusal


class State(StrEnum):
    """Where a release is. Refused and withdrawn are ends: asking again is a new request."""

    REQUESTED = "requested"
    IN_REVIEW = "in review"
    RELEASED = "released"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"


class Event(StrEnum):
    """What can happen to a release."""

    PERMIT = "permit"
    REVIEW = "review"
    DENY = "deny"
    APPROVE = "approve"
    RETURN = "return"
    REFUSE = "refuse"
    RETRACT = "retract"
    WITHDRAW = "withdraw"


class Role(StrEnum):
    """Who acts.

    The decision is the software's own PERMIT, REVIEW or DENY; it cannot approve or withdraw.
    """

    DECISION = "decision"
    ANALYST = "analyst"
    OUTPUT_CHECKER = "output checker"
    CONTROLLER = "controller"


@dataclass(frozen=True)
class Transition:
    """One row: in `state`, on `event`, by any of `who`, the release becomes `to`.

    `effect` says what follows.
    """

    state: State
    event: Event
    who: frozenset[Role]
    to: State
    effect: str


def _row(state: State, event: Event, who: tuple[Role, ...], to: State, effect: str) -> Transition:
    return Transition(state, event, frozenset(who), to, effect)


FIRST = State.REQUESTED
TRANSITIONS: tuple[Transition, ...] = (
    _row(
        State.REQUESTED,
        Event.PERMIT,
        (Role.DECISION,),
        State.RELEASED,
        "the outputs go to their recipients",
    ),
    _row(State.REQUESTED, Event.REVIEW, (Role.DECISION,), State.IN_REVIEW, "an output checker is asked"),
    _row(
        State.REQUESTED,
        Event.DENY,
        (Role.DECISION,),
        State.REFUSED,
        "nothing leaves; every reason is given",
    ),
    _row(State.REQUESTED, Event.RETRACT, (Role.ANALYST,), State.WITHDRAWN, "the request is taken back"),
    _row(
        State.IN_REVIEW,
        Event.APPROVE,
        (Role.OUTPUT_CHECKER,),
        State.RELEASED,
        "the outputs go to their recipients",
    ),
    _row(
        State.IN_REVIEW,
        Event.RETURN,
        (Role.OUTPUT_CHECKER,),
        State.REQUESTED,
        "the analyst answers the checker's questions; the decision is made again",
    ),
    _row(
        State.IN_REVIEW,
        Event.REFUSE,
        (Role.OUTPUT_CHECKER, Role.CONTROLLER),
        State.REFUSED,
        "nothing leaves; every reason is given",
    ),
    _row(State.IN_REVIEW, Event.RETRACT, (Role.ANALYST,), State.WITHDRAWN, "the request is taken back"),
    _row(
        State.RELEASED,
        Event.WITHDRAW,
        (Role.CONTROLLER,),
        State.WITHDRAWN,
        "recipients are told to stop using the outputs; later products built on them stop too",
    ),
)

_BY_STATE_AND_EVENT: Mapping[tuple[State, Event], Transition] = {
    (row.state, row.event): row for row in TRANSITIONS
}


def allowed(state: State, role: Role | None = None) -> tuple[Transition, ...]:
    """The rows open in `state`, to `role` if one is named, in the order of the table."""
    return tuple(row for row in TRANSITIONS if row.state is state and (role is None or role in row.who))


def move(state: State, event: Event, role: Role) -> State:
    """The state after `role` does `event` in `state`; Refusal says what would be allowed, and to whom."""
    row = _BY_STATE_AND_EVENT.get((state, event))
    if row is None:
        what = f"a release that is {state} cannot take the event {event!s}"
        raise Refusal(Problem("STATE", what, why=_said(allowed(state)), fix=_mine(state, role)))
    if role not in row.who:
        what = f"the role {role!s} may not {event!s} a release that is {state}"
        why = f"only {_names(row.who)} may"
        raise Refusal(Problem("ROLE", what, why=why, fix=_mine(state, role)))
    return row.to


def diagram() -> str:
    """The state table drawn as a Mermaid state diagram."""
    ends = [s for s in State if not allowed(s)]
    lines = ["stateDiagram-v2", f"    [*] --> {_node(FIRST)}"]
    lines += [f"    {_node(s)} : {s}" for s in State if _node(s) != s]
    lines += [
        f"    {_node(r.state)} --> {_node(r.to)} : {r.event} by the {_names(r.who)}" for r in TRANSITIONS
    ]
    lines += [f"    {_node(s)} --> [*]" for s in ends]
    return "\n".join(lines) + "\n"


def _node(state: State) -> str:
    return state.value.replace(" ", "_")


def _names(who: frozenset[Role]) -> str:
    return " or ".join(role.value for role in Role if role in who)


def _said(rows: tuple[Transition, ...]) -> str:
    if not rows:
        return "that state is an end"
    return "what can happen to it: " + ", ".join(f"{row.event} (by the {_names(row.who)})" for row in rows)


def _mine(state: State, role: Role) -> str:
    mine = allowed(state, role)
    if mine:
        return f"as {role}, you may: {', '.join(row.event for row in mine)}"
    if allowed(state):
        return f"there is nothing for the role {role!s} to do in this state"
    return "make a new request"
