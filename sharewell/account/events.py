"""Events: what happened, to which agreement and run, by whom; never a person's value."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeAlias

from ..errors import AccountError, Problem
from .facts import check_facts, check_word

JSON: TypeAlias = "str | int | float | bool | list[JSON] | dict[str, JSON]"


class EventKind(StrEnum):
    """What can be entered. The first word is the stage, or `decide`, `run` and `step` for the walk."""

    DESCRIBE_ADDED = "describe.added"
    DESCRIBE_PROFILED = "describe.profiled"
    DESCRIBE_QUARANTINED = "describe.quarantined"
    DESCRIBE_CHANGED = "describe.changed"
    AGREE_PUBLISHED = "agree.published"
    AGREE_SIGNED = "agree.signed"
    AGREE_VOIDED = "agree.voided"
    AGREE_WITHDRAWN = "agree.withdrawn"
    AGREE_ASSESSED = "agree.assessed"
    AGREE_DELIBERATED = "agree.deliberated"
    AGREE_CONDITION_MET = "agree.condition-met"
    AGREE_KEY_ENROLLED = "agree.key-enrolled"
    AGREE_KEY_REVOKED = "agree.key-revoked"
    AGREE_SUSPENDED = "agree.suspended"
    AGREE_RESUMED = "agree.resumed"
    DECIDE_PERMITTED = "decide.permitted"
    DECIDE_REVIEW = "decide.review"
    DECIDE_REFUSED = "decide.refused"
    RUN_STARTED = "run.started"
    RUN_RESUMED = "run.resumed"
    RUN_FINISHED = "run.finished"
    RUN_FAILED = "run.failed"
    STEP_DONE = "step.done"
    LINK_STARTED = "link.started"
    LINK_FINISHED = "link.finished"
    LINK_UNEQUAL = "link.unequal"
    LINK_DESTROYED = "link.destroyed"
    LINK_READ = "link.read"
    LINK_DECIDED = "link.decided"
    LINK_REVIEWED = "link.reviewed"
    DEPERSONALISE_KEYED = "depersonalise.keyed"
    DEPERSONALISE_COARSENED = "depersonalise.coarsened"
    DEPERSONALISE_OFFICER_ENROLLED = "depersonalise.officer-enrolled"
    DEPERSONALISE_OFFICER_DISMISSED = "depersonalise.officer-dismissed"
    DEPERSONALISE_SHARED = "depersonalise.shared"
    DEPERSONALISE_OBJECTED = "depersonalise.objected"
    DEPERSONALISE_REQUESTED = "depersonalise.requested"
    DEPERSONALISE_APPROVED = "depersonalise.approved"
    DEPERSONALISE_REIDENTIFIED = "depersonalise.reidentified"
    ANALYSE_REGISTERED = "analyse.registered"
    ANALYSE_ASKED = "analyse.asked"
    ANALYSE_FITTED = "analyse.fitted"
    CHECK_CERTIFIED = "check.certified"
    CHECK_REFUSED = "check.refused"
    CHECK_SPENT = "check.spent"
    CHECK_ATTACKED = "check.attacked"
    RELEASE_REQUESTED = "release.requested"
    RELEASE_REVIEWED = "release.reviewed"
    RELEASE_RELEASED = "release.released"
    RELEASE_REFUSED = "release.refused"
    RELEASE_WITHDRAWN = "release.withdrawn"
    RELEASE_RECALLED = "release.recalled"
    RELEASE_DELETION_CERTIFIED = "release.deletion-certified"
    RELEASE_VIEWED = "release.viewed"
    ACCOUNT_KEY_ISSUED = "account.key-issued"
    ACCOUNT_KEY_DESTROYED = "account.key-destroyed"
    ACCOUNT_MASTER_ROTATED = "account.master-rotated"
    ACCOUNT_BENEFIT_MEASURED = "account.benefit-measured"
    ACCOUNT_INCIDENT_OPENED = "account.incident-opened"
    ACCOUNT_INCIDENT_CLOSED = "account.incident-closed"
    ACCOUNT_COMPLAINT_RECEIVED = "account.complaint-received"
    ACCOUNT_COMPLAINT_ANSWERED = "account.complaint-answered"
    ACCOUNT_DESTROYED = "account.destroyed"

    @property
    def stage(self) -> str:
        """The word of the road that this kind belongs to."""
        word = self.value.split(".", 1)[0]
        return {"decide": "agree", "run": "account", "step": "account"}.get(word, word)


@dataclass(frozen=True)
class Entry:
    """An event before it has a number. Building one checks it: AccountError names every fault."""

    kind: EventKind
    at: datetime
    actor: str
    agreement: str | None = None
    run: str | None = None
    facts: Mapping[str, JSON] = field(default_factory=dict)

    def __post_init__(self) -> None:
        problems = check_facts(self.facts)
        for name in ("actor", "agreement", "run"):
            problems += check_word(name, getattr(self, name))
        if self.at.tzinfo is None:
            problems.append(
                Problem("TIME", "an event's time has no time zone", fix="give an aware datetime")
            )
        if problems:
            raise AccountError(problems)

    def body(self, index: int) -> bytes:
        """The bytes that are stored and hashed: canonical JSON, numbered."""
        return canonical(
            {
                "index": index,
                "at": stamp(self.at),
                "kind": self.kind.value,
                "actor": self.actor,
                "agreement": self.agreement,
                "run": self.run,
                "facts": dict(self.facts),
            }
        )


@dataclass(frozen=True)
class Event(Entry):
    """An entry with its place in the account (from 0) and its leaf hash (32 bytes)."""

    index: int = -1
    leaf: bytes = b""

    def __post_init__(self) -> None:
        """Nothing: an event was checked as an entry, and what is read back is shown as it stands."""


def canonical(value: Mapping[str, Any]) -> bytes:
    """JSON with sorted keys, no spaces, in UTF-8: RFC 8785 but for its floats (spelt as Python does)."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def stamp(at: datetime) -> str:
    """A time as the account writes it: UTC, to the microsecond."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


class Facts(dict[str, Any]):
    """The facts of an event that was read. AccountError for one that is asked for and not there."""

    def __init__(self, facts: Mapping[str, Any], index: int) -> None:
        super().__init__(facts)
        self._index = index

    def __missing__(self, name: str) -> Any:
        what, why = f"does not say its {name!r}", "another version of Sharewell may have written it"
        raise AccountError(
            Problem("FACT", what, why, "use that version, or verify the account", f"event {self._index}")
        )


def read_event(body: bytes, leaf: bytes) -> Event:
    """The event in a stored body; ValueError, KeyError or TypeError if it is not one."""
    held = json.loads(body)
    return Event(
        kind=EventKind(held["kind"]),
        at=datetime.fromisoformat(held["at"]),
        actor=held["actor"],
        agreement=held["agreement"],
        run=held["run"],
        facts=Facts(held["facts"], held["index"]),
        index=held["index"],
        leaf=leaf,
    )
