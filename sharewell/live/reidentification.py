"""Turning codes back into people, for an agreement that says by whom, when, and who approves.

Who may ask by role, and the approver, each hold a share of the secret (`live.officers`). A request is
signed, good for its time, for one product and the tokens that it names; the approver signs the very same;
what is opened goes to the asker alone. Each act is decided first, and entered whatever becomes of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ..account.events import JSON, EventKind
from ..agree.signing import SigningKey
from ..depersonalise import dual_control
from ..depersonalise.keyring import Use
from ..depersonalise.officers import Officer, OpeningKey
from ..depersonalise.reidentification import Approval, Request, moment_of, reference
from ..depersonalise.sealing import seal_column
from ..errors import Refusal, SecretError
from .enrolment import refused
from .officers import controls, officer_of, shares_of
from .reidentification_rules import (
    OPENED,
    REQUESTED,
    check_may_ask,
    check_request,
    keyed,
    not_in_force,
    objected,
    purpose_of,
    standing_keys,
    undeclared,
)
from .signing import check_named

if TYPE_CHECKING:
    from ..depersonalise.shares import Shares
    from .agreement import LiveAgreement


@dataclass(frozen=True)
class Person:
    """Somebody at work: who they are, and both their private keys."""

    who: str
    key: SigningKey
    opening: OpeningKey


@dataclass(frozen=True)
class Asked:
    """A request as the account knows it; moments are ISO 8601, empty for what was not done."""

    request: str
    product: str
    by: str
    reason: str
    people: int
    asked: str
    expires: str
    approved: str
    opened: str
    state: str


def seal(live: LiveAgreement, product: str, values: pa.Array | pa.ChunkedArray) -> Any:
    """The tokens of identifiers for a product that may be re-identified; as `seal_column` gives them.

    A token is bound to agreement and product: in another product of the same agreement it opens as nothing.
    Refusal where the product declares no re-identification, or the agreement is not in force.
    """
    if reasons := [*undeclared(live, product), *not_in_force(live)]:
        raise Refusal(reasons)
    return _sealed(live, product, values)


def _sealed(live: LiveAgreement, product: str, values: pa.Array | pa.ChunkedArray) -> Any:
    live.space.keyring.issue(live.name, at=live.space.now)
    return seal_column(values, live.space.keyring.secret(live.name, Use.SEAL), live.name, product)


def ask(
    live: LiveAgreement,
    product: str,
    tokens: Sequence[str],
    person: Person,
    because: str,
    session: OpeningKey,
    lasts: timedelta = timedelta(hours=24),
) -> Request:
    """A signed request, entered in the account. `session` is a fresh key, to which approvals are sealed.

    Refusal or SecretError with every reason; AccountError for a reason that tells who somebody is.
    """
    with _refusals_entered(live, person.who, product):
        check_may_ask(live, product, person.who, tokens, because)
        officer_of(live, person.who, person.key)
        request = dual_control.ask(
            shares_of(live, person.who, controls(live)[product].approver), tokens, unit=product,
            purpose=purpose_of(live, product), reason=because, asked_by=person.who, signs=person.key.public,
            sign=person.key.sign, session=session, at=live.space.now, lasts=lasts,
        )  # fmt: skip
        if reasons := [*objected(live, request)]:
            raise Refusal(reasons)
    told: dict[str, JSON] = {
        "request": request.digest, "product": product, "people": len(request.subjects),
        "asked": request.asked, "expires": request.expires, "reason": request.reason,
    }  # fmt: skip
    _enter(live, REQUESTED, person.who, told)
    return request


def approve(live: LiveAgreement, request: Request, person: Person) -> Approval:
    """The approver's yes to a request, entered in the account. Refusal or SecretError with every reason."""
    with _refusals_entered(live, person.who, request.unit):
        check_request(live, request)
        approver = controls(live)[request.unit].approver
        if person.who != approver:
            why = "the agreement says who approves, and nobody does so in their place"
            raise refused("ACTOR", f"{person.who} does not approve this", why, f"ask {approver}")
        approval = _yes(live, request, person)
    told: dict[str, JSON] = {"request": request.digest, "product": request.unit}
    _enter(live, EventKind.DEPERSONALISE_APPROVED, person.who, told)
    return approval


def open_tokens(
    live: LiveAgreement,
    request: Request,
    approval: Approval,
    tokens: Sequence[str],
    person: Person,
    session: OpeningKey,
) -> pa.Array:
    """The identifier of each token, for whoever asked, with their share and the approver's: once.

    It is entered before anything is opened, by keyed references that only this agreement's secret can make.
    Refusal or SecretError with every reason.
    """
    with _refusals_entered(live, person.who, request.unit):
        check_request(live, request)
        if person.who != request.asked_by:
            why = "what is opened goes to who asked, and to nobody else"
            raise refused("ACTOR", f"{person.who} did not ask this", why, f"let {request.asked_by} open it")
        own = _yes(live, request, person)
        return dual_control.reidentify(
            request, pa.array(tokens, pa.string()), _shares(live, request), [own, approval], session,
            used=live.space.kept / "reidentified", enter=lambda facts: _enter_opened(live, request, facts),
            standing=standing_keys(live), at=live.space.now,
        )  # fmt: skip


def object_to(
    live: LiveAgreement, product: str, identifiers: Sequence[str], by: str, because: str, *, lifted: bool
) -> int:
    """Enter that people object to being named again from a product, or no longer do; gives how many.

    From then on no request about any of them is made, approved or opened, also one under way. Anyone whom
    the agreement names may enter an objection, and only the approver that it is lifted; Refusal otherwise.
    """
    if reasons := [*undeclared(live, product)]:
        raise Refusal(reasons)
    check_named(live, by)
    approver = controls(live)[product].approver
    if lifted and by != approver:
        what, why = f"{by} may not lift an objection", "it is the person's own, and stops others"
        raise refused("ACTOR", what, why, f"ask {approver}")
    tokens = _sealed(live, product, pa.array(sorted(set(identifiers)), pa.string())).to_pylist()
    subjects: list[JSON] = [*keyed(live, product, (reference(live.name, token) for token in tokens))]
    told: dict[str, JSON] = {"product": product, "subjects": subjects, "lifted": lifted, "reason": because}
    _enter(live, EventKind.DEPERSONALISE_OBJECTED, by, told)
    return len(subjects)


def requests(live: LiveAgreement) -> tuple[Asked, ...]:
    """Every request that was made, oldest first, and what became of it, from the account alone."""
    approved = {e.facts["request"]: e.at for e in _events(live, EventKind.DEPERSONALISE_APPROVED)}
    opened = {e.facts["request"]: e.at for e in _events(live, OPENED)}

    def stood(facts: Mapping[str, Any]) -> str:
        end = moment_of(facts["expires"])
        if facts["request"] in opened:
            return "opened"
        if end is None or end <= live.space.now:
            return "lapsed"
        return "approved" if facts["request"] in approved else "asked"

    def moment(held: Mapping[str, datetime], facts: Mapping[str, Any]) -> str:
        at = held.get(facts["request"])
        return at.isoformat(timespec="minutes") if at else ""

    return tuple(
        Asked(
            f["request"], f["product"], event.actor, f["reason"], f["people"], f["asked"], f["expires"],
            moment(approved, f), moment(opened, f), stood(f),
        )
        for event in _events(live, REQUESTED) for f in (event.facts,)
    )  # fmt: skip


def _shares(live: LiveAgreement, request: Request) -> Shares:
    approver = controls(live)[request.unit].approver
    return shares_of(live, request.asked_by, approver, request.generation)


def _yes(live: LiveAgreement, request: Request, person: Person) -> Approval:
    officer: Officer = officer_of(live, person.who, person.key)
    return dual_control.approve(
        request, _shares(live, request), officer, person.opening, person.key.sign,
        standing=standing_keys(live), at=live.space.now,
    )  # fmt: skip


def _enter_opened(live: LiveAgreement, request: Request, facts: Mapping[str, Any]) -> None:
    subjects: list[JSON] = [*keyed(live, request.unit, request.subjects)]
    _enter(live, OPENED, request.asked_by, {**facts, "product": request.unit, "subjects": subjects})
    live.space.account.checkpoint(at=live.space.now)


@contextmanager
def _refusals_entered(live: LiveAgreement, actor: str, product: str) -> Iterator[None]:
    """A refusal is in the account before it is told."""
    try:
        yield
    except (Refusal, SecretError) as error:
        codes: list[JSON] = [*sorted({problem.code for problem in error.problems})]
        known = product if product in live.agreement.text.analyse else "unknown"
        told: dict[str, JSON] = {"asked": "reidentify", "product": known, "codes": codes}
        _enter(live, EventKind.DECIDE_REFUSED, actor, told)
        raise


def _events(live: LiveAgreement, kind: EventKind) -> Iterator[Any]:
    return live.space.account.events(agreement=live.name, kind=kind)


def _enter(live: LiveAgreement, kind: EventKind, actor: str, facts: Mapping[str, JSON]) -> None:
    live.space.account.append(kind, at=live.space.now, actor=actor, agreement=live.name, facts=facts)
