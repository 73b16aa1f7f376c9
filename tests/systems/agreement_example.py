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
from sharewell.agree.decide import Asked, Verdict
from sharewell.agree.shelf import Shelf
from sharewell.errors import DocumentError, Problem
from sharewell.plan.fingerprint import fingerprints
from sharewell.plan.plan import Plan

KENT, FUEL = "kent-integrated-dataset", "tackling-fuel-poverty"
ACTORS = {KENT: "a.khan@northshire-insight", FUEL: "r.osei@rebate-office"}
NAMES = tuple(sorted(path.stem for path in workspace.shipped("systems").glob("*.yaml")))
TODAY = dt.date(2024, 6, 3)
PUBLISHED_ON = dt.date(2024, 5, 1)

Change = tuple[str, str] | Callable[[str], str]


@cache
def shelf() -> Shelf:
    """Everything that the shipped agreements may name."""
    with tempfile.TemporaryDirectory() as folder:
        return workspace.init(Path(folder) / "space").shelf


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
    agreement = load_agreement(written, "edited.yaml")
    plan, faults = lint(agreement, shelf())
    assert plan is not None
    assert not faults, "\n".join(map(str, faults))
    return agreement, plan


def published(agreement: Agreement, plan: Plan | None, day: dt.date = PUBLISHED_ON, **more: Any) -> State:
    """The state in which this very text was published on a day."""
    if plan is None:
        return State(**more)
    hashes = fingerprints(agreement.text, plan)
    return State(((hashes.terms, hashes.flow, day),), **more)


def run_of(name: str) -> Request:
    return Request(Asked.RUN, ACTORS[name])


@dataclass(frozen=True)
class Case:
    """A harm done to an agreement or its circumstances, and the code by which it must be refused."""

    what: str
    code: str
    changes: tuple[Change, ...] = ()
    now: dt.date = TODAY
    state: Any = None
    request: Request | None = None
    verdict: Verdict = Verdict.DENY

    def __str__(self) -> str:
        return self.what.replace(" ", "-")


def judge(name: str, case: Case) -> Decision:
    """What is decided of a harmed agreement. A text that cannot be read is a denial with its problems."""
    try:
        agreement = load_agreement(edited(name, *case.changes), "edited.yaml")
    except DocumentError as error:
        return Decision(Verdict.DENY, error.problems, "Correct the text.")
    plan, faults = lint(agreement, shelf())
    state = published(agreement, plan)
    if case.state is not None:
        state = case.state(state)
    return decide(case.request or run_of(name), agreement, plan, faults, state, case.now)


def codes(problems: tuple[Problem, ...]) -> set[str]:
    return {problem.code for problem in problems}
