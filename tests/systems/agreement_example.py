"""The shipped agreements to read, harm and judge, without any data."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from sharewell import workspace
from sharewell.agree import Agreement, Decision, Request, State, decide, lint, load_agreement
from sharewell.agree.conditions import condition_digest
from sharewell.agree.decide import Asked, Verdict
from sharewell.agree.framework import Framework, load_framework
from sharewell.agree.request import IndexState
from sharewell.agree.shelf import Shelf
from sharewell.errors import DocumentError, Problem
from sharewell.plan.fingerprint import fingerprints
from sharewell.plan.plan import Plan

KENT, FUEL = "kent-integrated-dataset", "tackling-fuel-poverty"
ACTORS = {KENT: "a.khan@northshire-insight", FUEL: "r.osei@rebate-office"}
NAMES = tuple(sorted(path.stem for path in workspace.shipped("systems").glob("*.yaml")))
TODAY = dt.datetime(2024, 6, 3, 9, tzinfo=dt.UTC)
PUBLISHED_ON = dt.date(2024, 5, 1)

_FOLDER = tempfile.TemporaryDirectory()

Change = tuple[str, str] | Callable[[str], str]


@cache
def shelf() -> Shelf:
    """Everything that the shipped agreements may name; contracts are read when they are asked for."""
    return workspace.init(Path(_FOLDER.name) / "space").shelf


@cache
def frameworks() -> dict[str, Framework]:
    """The frameworks that the shipped agreements may stand under."""
    found = (load_framework(path) for path in workspace.shipped("frameworks").glob("*.yaml"))
    return {framework.text.framework: framework for framework in found}


def load(written: str) -> Agreement:
    """An agreement from its text, with what it inherits."""
    return load_agreement(written, "edited.yaml", frameworks())


@cache
def text(name: str) -> str:
    return (workspace.shipped("systems") / f"{name}.yaml").read_text(encoding="utf-8")


def edited(name: str, *changes: Change) -> str:
    """An agreement's text with each change made where it first applies; each must change something."""
    made = text(name)
    for change in changes:
        before = made
        made = change(made) if callable(change) else made.replace(*change, 1)
        assert made != before, f"nothing to change: {change}"
    return made


def compiled(written: str) -> tuple[Agreement, Plan]:
    """A text and its plan, for texts without faults."""
    agreement = load(written)
    plan, faults = lint(agreement, shelf())
    assert plan is not None
    assert not faults, "\n".join(map(str, faults))
    return agreement, plan


def published(agreement: Agreement, plan: Plan | None, day: dt.date = PUBLISHED_ON, **more: Any) -> State:
    """The state in which every party has signed this very text, its conditions are met, and it was
    published on a day; the indexes that it reads can be read. What does not compile can be neither signed
    nor published."""
    deliberation = agreement.text.agree.deliberation
    conditions = deliberation.conditions if deliberation else {}
    held: dict[str, Any] = {
        "met": frozenset(condition_digest(name, told) for name, told in conditions.items()),
        "indexes": tuple(
            IndexState(told.from_, unit, "active", built=True)
            for unit, told in agreement.text.link.items()
            if told.from_
        ),
    }
    if plan is not None:
        hashes = fingerprints(agreement.text, plan)
        held["published"] = ((hashes.terms, hashes.flow, day),)
        held["signed"] = tuple((hashes.terms, hashes.flow, party) for party in agreement.text.agree.parties)
    return State(**{**held, **more})


def run_of(name: str) -> Request:
    return Request(Asked.RUN, ACTORS[name])


@dataclass(frozen=True)
class Case:
    """A harm done to an agreement or its circumstances, and the code by which it must be refused."""

    what: str
    code: str
    changes: tuple[Change, ...] = ()
    now: dt.datetime = TODAY
    state: Any = None
    request: Request | None = None
    verdict: Verdict = Verdict.DENY

    def __str__(self) -> str:
        return self.what.replace(" ", "-")


def judge(name: str, case: Case) -> Decision:
    """What is decided of a harmed agreement. A text that cannot be read is a denial with its problems."""
    try:
        agreement = load(edited(name, *case.changes))
    except DocumentError as error:
        return Decision(Verdict.DENY, error.problems, "Correct the text.")
    plan, faults = lint(agreement, shelf())
    state = published(agreement, plan)
    if case.state is not None:
        state = case.state(state)
    return decide(case.request or run_of(name), agreement, plan, faults, state, case.now)


def codes(problems: tuple[Problem, ...]) -> set[str]:
    return {problem.code for problem in problems}
