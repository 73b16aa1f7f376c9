"""Keys of those who may sign: entered in the account, vouched for, and ended."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

from ..account.events import JSON, Entry, EventKind, stamp
from ..agree.enrolment import Enrolled, Reason
from ..agree.framework import Member
from ..agree.signing import Enrolment, SigningKey, is_public_key
from ..agree.terms import Office, Party
from ..errors import Problem, Refusal, SharewellError, among
from .records import keys

if TYPE_CHECKING:
    from ..workspace import Workspace


def enrolled(space: Workspace) -> tuple[Enrolled, ...]:
    """Every key that was ever enrolled, in order."""
    return tuple(keys(space.account))


def enrol(space: Workspace, enrolment: Enrolment, by: str, voucher: SigningKey | None = None) -> str:
    """Enter a public key as a person's, and give its fingerprint.

    A party's first key is entered by whoever runs the workspace, who has compared the fingerprint with its
    owner by another way; a later one only with a `voucher`, a key of that party that stands. Refusal KEY,
    TAKEN, OFFICE or VOUCHER otherwise.
    """
    _check_enrolment(space, enrolment)
    held = keys(space.account)
    vouched = voucher.sign(enrolment.content()) if voucher else ""
    if not held.takes(enrolment, vouched):
        able = ", ".join(sorted({key.enrolment.who for key in held.standing(enrolment.party)}))
        raise refused(
            "VOUCHER",
            f"{enrolment.party} has keys, and none of them vouches for this one",
            "whoever could add keys freely could sign for anybody",
            f"have it vouched for by {able}: --voucher KEYFILE",
        )
    entry = enrolment_entry(space.now, enrolment, by, vouched)
    space.account.append_all([entry])
    return enrolment.fingerprint


def _check_enrolment(space: Workspace, enrolment: Enrolment) -> None:
    offices = [str(office) for office in Office if office is not Office.DPO]
    if enrolment.office not in offices:
        advises = enrolment.office == Office.DPO
        what = f"{enrolment.office!r} is no office that signs"
        what = "the data protection officer advises, and may not sign" if advises else what
        raise refused(
            "OFFICE", what, "who advises on a risk cannot also accept it", among(enrolment.office, offices)
        )
    if not is_public_key(enrolment.key):
        raise refused("KEY", "this is no public key", "", "give the 64 digits of `sharewell keys new`")
    if keys(space.account).get(enrolment.fingerprint):
        why = "a key is one person's, and one that ended never comes back"
        raise refused(
            "TAKEN", "this key is in the account already", why, "make a new one: sharewell keys new"
        )


def office_of(space: Workspace, who: str, party: str) -> str:
    """The post in which frameworks and agreements let somebody sign for a body. Refusal OFFICE where they
    name none, or several."""
    listed: list[Mapping[str, Member | Party]] = [f.text.members for f in space.frameworks.values()]
    for name in space.agreements():
        with suppress(SharewellError):  # an agreement that cannot be read names nobody
            listed.append(space.agreement(name).agreement.text.agree.parties)
    signs = [s for bodies in listed if party in bodies for s in bodies[party].signs]
    offices = sorted({str(s.as_) for s in signs if s.who == who})
    if len(offices) != 1:
        what = f"{who} signs for {party} as {' and as '.join(offices) or 'nobody'}"
        raise refused("OFFICE", what, "a key is enrolled for one post", "name it: --office POST")
    return offices[0]


def enrolment_entry(at: datetime, enrolment: Enrolment, by: str, vouched: str = "") -> Entry:
    """The event of an enrolment."""
    facts: dict[str, JSON] = {**asdict(enrolment), "by": by, "vouched": vouched}
    return Entry(EventKind.AGREE_KEY_ENROLLED, at, by, facts=facts)


def revoke(
    space: Workspace, fingerprint: str, reason: Reason, by: str, since: datetime | None = None
) -> Enrolled:
    """End a key, found by its fingerprint or the beginning of it. Refusal KEY where none or several match.

    What it signed before stands, but from `since` on (for a compromised key without it: from the start)
    nothing that it signed counts. Nobody is asked for proof: ending a key can only stop things.
    """
    found = [key for key in enrolled(space) if key.enrolment.fingerprint.startswith(fingerprint.lower())]
    if len(found) != 1 or len(fingerprint) < 8:
        what = f"{len(found) or 'no'} keys have this fingerprint"
        raise refused("KEY", what, "", "give at least 8 digits, as `sharewell keys list` shows them")
    space.account.append_all([revocation_entry(space.now, found[0].enrolment, reason, by, since)])
    return found[0]


def revocation_entry(
    at: datetime, enrolment: Enrolment, reason: Reason, by: str, since: datetime | None = None
) -> Entry:
    """The event of a revocation."""
    facts: dict[str, JSON] = {
        "who": enrolment.who,
        "fingerprint": enrolment.fingerprint,
        "reason": str(reason),
    }
    facts |= {"since": stamp(since)} if since else {}
    return Entry(EventKind.AGREE_KEY_REVOKED, at, by, facts=facts)


def refused(code: str, what: str, why: str, fix: str, where: str = "") -> Refusal:
    """A refusal for one reason."""
    return Refusal(Problem(code, what, why, fix, where))
