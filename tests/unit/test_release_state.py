"""The state table: every state x event x role, and the diagram drawn from it."""

from __future__ import annotations

import itertools

import pytest

from sharewell.errors import Refusal
from sharewell.release import TRANSITIONS, Event, Role, State, allowed, diagram, move

# What may happen, written by hand: "state event role -> state". Everything else is refused.
OPEN = """
requested permit decision -> released
requested review decision -> in_review
requested deny decision -> refused
requested retract analyst -> withdrawn
in_review approve output_checker -> released
in_review return output_checker -> requested
in_review refuse output_checker -> refused
in_review refuse controller -> refused
in_review retract analyst -> withdrawn
released withdraw controller -> withdrawn
"""


def opened() -> dict[tuple[State, Event, Role], State]:
    rows = [line.replace("->", "").split() for line in OPEN.split("\n") if line]
    return {(State[s.upper()], Event[e.upper()], Role[r.upper()]): State[t.upper()] for s, e, r, t in rows}


@pytest.mark.parametrize(("state", "event", "role"), [*itertools.product(State, Event, Role)])
def test_every_state_event_and_role(state: State, event: Event, role: Role) -> None:
    expected = opened().get((state, event, role))
    if expected is not None:
        assert move(state, event, role) is expected
        return
    with pytest.raises(Refusal) as refused:
        move(state, event, role)
    (problem,) = refused.value.problems
    assert problem.code in {"STATE", "ROLE"}
    mine = [e for s, e, r in opened() if (s, r) == (state, role)]
    if mine:
        assert all(e.value in problem.fix for e in mine)
    else:
        assert "nothing for the role" in problem.fix or problem.fix == "make a new request"


def test_a_refusal_says_who_may() -> None:
    with pytest.raises(Refusal, match=r"only output checker or controller may.*analyst, you may: retract"):
        move(State.IN_REVIEW, Event.REFUSE, Role.ANALYST)


def test_each_pair_of_state_and_event_has_one_row() -> None:
    pairs = [(row.state, row.event) for row in TRANSITIONS]
    assert len(pairs) == len(set(pairs))
    assert {row.event for row in TRANSITIONS} == set(Event)
    assert {role for row in TRANSITIONS for role in row.who} == set(Role)
    assert all(row.effect for row in TRANSITIONS)


def test_every_state_can_be_reached_and_ends() -> None:
    reached = {State.REQUESTED}
    for _ in State:
        reached |= {row.to for row in TRANSITIONS if row.state in reached}
    assert reached == set(State)
    assert {state for state in State if not allowed(state)} == {State.WITHDRAWN, State.REFUSED}


def test_the_diagram_draws_every_row_and_nothing_else() -> None:
    lines = diagram().splitlines()
    assert lines[:2] == ["stateDiagram-v2", "    [*] --> requested"]
    arrows = [line for line in lines if "-->" in line and "[*]" not in line]
    assert len(arrows) == len(TRANSITIONS)
    assert "    in_review --> refused : refuse by the output checker or controller" in arrows
    assert lines[-2:] == ["    withdrawn --> [*]", "    refused --> [*]"]
