"""Where an agreement stands: worked out from the account's records, in their order, and nowhere kept.

A record counts for the text whose two hashes it names. What was signed for another text is outdated; a
publication counts only if, when it was entered, the text was assessed, deliberated where it says so, signed
by every party, and met its conditions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from ..plan.fingerprint import Fingerprints
from .conditions import day_of, outstanding
from .document import Agreement
from .enrolment import Keys, Reason
from .entitled import may_sign
from .request import Quality, State
from .signing import Enrolment, Undertaking, verifies
from .status import Act, Status, check_allowed


class Fault(StrEnum):
    """Why a signature does not count."""

    WRONG = "wrong: it does not fit what was signed"
    REVOKED = "revoked: its key had ended, or was in other hands"
    OUTDATED = "outdated: the text has changed since"
    NOT_SIGNATORY = "not a signatory: this person, in this office, may not sign for this party"
    UNENROLLED = "unenrolled: its key is not in the account as this person's"
    VOIDED = "voided: the agreement was widened, or the party withdrew"


@dataclass(frozen=True)
class Record:
    """What the account says was done: an act, when, by whom, with which facts."""

    act: Act
    at: datetime
    actor: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A fact as text; nothing where it is not said."""
        return str(self.facts.get(name, ""))

    def is_of(self, hashes: Fingerprints) -> bool:
        """Whether it names the text with these hashes."""
        return (self.text("terms"), self.text("flow")) == (hashes.terms, hashes.flow)


@dataclass(frozen=True)
class Signature:
    """A party's signature, and why it does not count, if it does not."""

    party: str
    who: str
    office: str
    at: datetime
    fault: Fault | None = None


@dataclass(frozen=True)
class Life:
    """How an agreement stands at a moment. `beneath` is its status but for suspension and withdrawal.

    `signatures` holds for each party one that counts, or the last that does not. `met` holds digests of
    conditions. `suspended` and `withdrawn` are parties with their reasons; `runs_from` is the first day of
    a run by term and notice.
    """

    hashes: Fingerprints
    status: Status
    beneath: Status
    parties: tuple[str, ...]
    signatures: Mapping[str, Signature]
    assessed: bool
    deliberated: bool
    met: frozenset[str]
    published: date | None
    runs_from: date | None
    suspended: tuple[tuple[str, str], ...]
    withdrawn: tuple[tuple[str, str], ...]

    @property
    def signed(self) -> tuple[str, ...]:
        """The parties whose signature counts."""
        return tuple(p for p in self.parties if (s := self.signatures.get(p)) and s.fault is None)

    @property
    def missing(self) -> tuple[str, ...]:
        """The parties that are not bound to this text."""
        return tuple(party for party in self.parties if party not in self.signed)

    def check(self, act: Act) -> None:
        """Refusal STATUS where the act is not open now."""
        check_allowed(self.status, act)
        if self.beneath is not self.status and act in (Act.ASSESS, Act.DELIBERATE, Act.SIGN, Act.PUBLISH):
            check_allowed(self.beneath, act)


def key_records(keys: Keys, number: int, record: Record) -> None:
    """Enter an enrolment or revocation among the keys; any other record is passed over."""
    if record.act is Act.ENROL:
        enrolment = Enrolment(*(record.text(name) for name in ("who", "party", "office", "key")))
        keys.enrol(enrolment, record.text("vouched"), number, record.at)
    elif record.act is Act.REVOKE and record.text("reason") in list(Reason):
        since = moment(record.text("since"))
        keys.revoke(record.text("fingerprint"), Reason(record.text("reason")), since, number)


def moment(text: str) -> datetime | None:
    """A moment as ISO 8601 writes it, in UTC unless it says otherwise; None for anything else."""
    try:
        told = datetime.fromisoformat(text)
        return told.astimezone(UTC) if told.tzinfo else told.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def live(agreement: Agreement, hashes: Fingerprints, records: Iterable[Record], now: datetime) -> Life:
    """The life of this text so far, as it stands now."""
    told = _Told(agreement, hashes)
    for number, record in enumerate(records):
        told.hear(number, record)
    return told.life(now)


def state_of(life: Life, first_run: date | None, quality: tuple[Quality, ...] = ()) -> State:
    """What a decision needs to know of a life, with when it was first run and what was measured since."""
    terms, flow = life.hashes.terms, life.hashes.flow
    reasons = "; ".join(f"{party or 'an incident'}: {reason}" for party, reason in life.suspended)
    return State(
        published=((terms, flow, life.published),) if life.published else (),
        suspended=reasons,
        first_run=first_run,
        quality=quality,
        signed=tuple((terms, flow, party) for party in life.signed),
        faulty=tuple((s.party, s.who, str(s.fault)) for s in life.signatures.values() if s.fault),
        met=life.met,
        withdrawn=life.withdrawn,
    )


@dataclass
class _Given:
    """A signature as it was entered."""

    number: int
    record: Record
    void: bool = False


class _Told:
    """The records so far, of one text."""

    def __init__(self, agreement: Agreement, hashes: Fingerprints) -> None:
        self.agreement, self.hashes = agreement, hashes
        self.keys = Keys()
        self.given: list[_Given] = []
        self.assessed = self.deliberated = False
        self.met: set[str] = set()
        self.published: date | None = None
        self.suspended: dict[str, str] = {}
        self.withdrawn: dict[str, str] = {}
        self._hear = {
            Act.ASSESS: self._assess, Act.DELIBERATE: self._deliberate, Act.MEET: self._meet,
            Act.SIGN: self._sign, Act.VOID: self._void, Act.PUBLISH: self._publish,
            Act.SUSPEND: self._suspend, Act.RESUME: self._resume, Act.WITHDRAW: self._withdraw,
        }  # fmt: skip

    def hear(self, number: int, record: Record) -> None:
        """Take one more record."""
        key_records(self.keys, number, record)
        if record.act in self._hear:
            self._hear[record.act](number, record)

    def _assess(self, number: int, record: Record) -> None:
        self.assessed = self.assessed or record.is_of(self.hashes)

    def _deliberate(self, number: int, record: Record) -> None:
        self.deliberated = self.deliberated or record.is_of(self.hashes)

    def _meet(self, number: int, record: Record) -> None:
        self.met.add(record.text("digest"))

    def _sign(self, number: int, record: Record) -> None:
        same = [g for g in self.given if g.record.text("signature") == record.text("signature")]
        self.given.append(_Given(number, record, any(g.void for g in same)))
        if self._fault(self.given[-1]) is None:
            self.withdrawn.pop(record.text("party"), None)

    def _void(self, number: int, record: Record) -> None:
        """Of the text that it names, or of every text where it names none."""
        every = not record.text("terms")
        for given in self.given:
            same = all(given.record.text(name) == record.text(name) for name in ("terms", "flow"))
            given.void = given.void or every or same
        if every or record.is_of(self.hashes):
            self.published = None

    def _publish(self, number: int, record: Record) -> None:
        """It counts only if all that had to come before had; the first that does is the one that counts."""
        today = day_of(record.at)
        ready = self._ladder() is Status.SIGNED and record.is_of(self.hashes)
        if ready and not outstanding(self.agreement, self.met, today, publishing=True):
            self.published = self.published or today

    def _suspend(self, number: int, record: Record) -> None:
        self.suspended[record.text("party")] = record.text("reason") or "no reason given"

    def _resume(self, number: int, record: Record) -> None:
        """A party lifts its own suspension, and one that no party of this text made."""
        parties = self.agreement.text.agree.parties
        for party in list(self.suspended):
            if party == record.text("party") or party not in parties:
                del self.suspended[party]

    def _withdraw(self, number: int, record: Record) -> None:
        party = record.text("party")
        self.withdrawn[party] = record.text("reason") or "no reason given"
        for given in self.given:
            given.void = given.void or given.record.text("party") == party

    def _fault(self, given: _Given) -> Fault | None:
        """Why a signature does not count for this text, by what is known so far."""
        record, text = given.record, self.agreement.text
        who, party, office = (record.text(name) for name in ("who", "party", "office"))
        key = self.keys.get(record.text("fingerprint"))
        if not record.is_of(self.hashes):
            return Fault.OUTDATED
        if not may_sign(self.agreement, who, party, office):
            return Fault.NOT_SIGNATORY
        if key is None or key.number > given.number:
            return Fault.UNENROLLED
        if (key.enrolment.who, key.enrolment.party, key.enrolment.office) != (who, party, office):
            return Fault.UNENROLLED
        if not key.stood(given.number, record.at):
            return Fault.REVOKED
        signed = Undertaking(
            text.agreement, text.version, self.hashes.terms, self.hashes.flow, party, office, who,
            record.text("at"),
        )  # fmt: skip
        if not verifies(key.enrolment.key, signed.content(), record.text("signature")):
            return Fault.WRONG
        return Fault.VOIDED if given.void else None

    def _signatures(self) -> dict[str, Signature]:
        """For each party one that counts; or else the last, those of this text before those of others."""
        found: dict[str, Signature] = {}
        for given in self.given:
            record = given.record
            made = Signature(
                record.text("party"),
                record.text("who"),
                record.text("office"),
                record.at,
                self._fault(given),
            )
            held = found.get(made.party)
            if held is None or _weight(made) >= _weight(held):
                found[made.party] = made
        return {party: found[party] for party in self.agreement.text.agree.parties if party in found}

    def _ladder(self) -> Status:
        """How far it has come, up to signed."""
        text = self.agreement.text
        if not self.assessed:
            return Status.DRAFT
        if text.agree.deliberation is not None and not self.deliberated:
            return Status.ASSESSED
        held = self._signatures()
        if all(party in held and held[party].fault is None for party in text.agree.parties):
            return Status.SIGNED
        return Status.ASSESSED if text.agree.deliberation is None else Status.DELIBERATED

    def life(self, now: datetime) -> Life:
        """What it comes to at a moment."""
        account, today = self.agreement.text.account, day_of(now)
        withdrawn = {p: why for p, why in self.withdrawn.items() if p in self.agreement.text.agree.parties}
        runs_from, beneath = None, self._ladder()
        if self.published is not None:
            runs_from = max(account.term.start, self.published + timedelta(days=account.notice_days))
        if beneath is Status.SIGNED and self.published is not None and self.published <= today:
            assert runs_from is not None
            active = today >= runs_from and not outstanding(self.agreement, self.met, today)
            beneath = Status.ACTIVE if active else Status.PUBLISHED
        status = Status.SUSPENDED if self.suspended else beneath
        status = Status.WITHDRAWN if withdrawn else status
        status = Status.EXPIRED if today > account.term.end else status
        return Life(
            self.hashes, status, beneath, tuple(self.agreement.text.agree.parties), self._signatures(),
            self.assessed, self.deliberated, frozenset(self.met), self.published, runs_from,
            tuple(self.suspended.items()), tuple(withdrawn.items()),
        )  # fmt: skip


def _weight(signature: Signature) -> int:
    return 2 if signature.fault is None else 0 if signature.fault is Fault.OUTDATED else 1
