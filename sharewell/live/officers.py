"""The officers of re-identification: who may ask by role, and who approves, each with keys of their own.

An officer's card holds two public keys: the one that signs, and the one that opens a share, vouched for by
the first. Every pair of an asker and an approver whom the agreement names holds a secret in two shares.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..account.events import JSON, EventKind
from ..agree.signing import Enrolment, SigningKey, fingerprint, is_public_key, verifies
from ..agree.terms import Reidentification
from ..depersonalise.files import create_private, locked, read_private, replace_private
from ..depersonalise.keyring import Use
from ..depersonalise.officers import Officer
from ..depersonalise.shares import Shares, split
from ..errors import DocumentError, Problem, SecretError
from .enrolment import refused
from .records import keys
from .request_files import make_opening
from .signing import check_named

if TYPE_CHECKING:
    from .agreement import LiveAgreement

APPROVER = "approver"


def controls(live: LiveAgreement) -> Mapping[str, Reidentification]:
    """How each product may be turned back into people. Refusal NO_REIDENTIFICATION where none may."""
    held = live.agreement.text.agree.reidentification
    if not held:
        raise refused(
            "NO_REIDENTIFICATION", f"{live.name} has no `reidentification:`",
            "where nothing is said nobody is ever re-identified",
            "agree and publish a version that says by whom, when and who approves",
            live.agreement.at("agree"),
        )  # fmt: skip
    return held


def askers(live: LiveAgreement, product: str) -> dict[str, str]:
    """Who may ask about a product, and in which role."""
    by = controls(live)[product].by
    users = [u for u in live.agreement.text.agree.users if u.role in by and "reidentify" in u.may]
    return {who: user.role for user in users for who in user.who}


def office_of(live: LiveAgreement, who: str) -> str:
    """The office in which somebody takes part: their role, or that of approver. Refusal ACTOR for others,
    and for somebody who would be both."""
    offices = _offices(live).get(who, set())
    if not offices or (APPROVER in offices and len(offices) > 1):
        what = f"{who} {'both asks and approves' if offices else 'neither asks nor approves'}"
        raise refused(
            "ACTOR", what, "what one can do alone is not controlled by two",
            "see who may in `users:` and `reidentification:`",
            live.agreement.at("agree", "reidentification"),
        )  # fmt: skip
    return sorted(offices)[0]


def _offices(live: LiveAgreement) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for product, control in controls(live).items():
        found.setdefault(control.approver, set()).add(APPROVER)
        for who, role in askers(live, product).items():
            found.setdefault(who, set()).add(f"role {role}")
    return found


def make_card(
    live: LiveAgreement, who: str, key: SigningKey, file: Path, passphrase: bytes | None
) -> Officer:
    """An officer's card, made where their signing key's `file` is; an opening key is made beside it."""
    office = office_of(live, who)
    opening = make_opening(file, passphrase)
    return Officer.enrol(who, who.partition("@")[2], office, key.public, opening, key.sign)


def card_text(officer: Officer) -> str:
    """A card as it is handed over: nothing in it is secret."""
    return json.dumps(asdict(officer), indent=2) + "\n"


def read_card(path: Path) -> Officer:
    """The card in a file. DocumentError CARD where there is none."""
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        officer = Officer(**held)
        good = all(isinstance(part, str) for part in held.values())
        if not (good and is_public_key(officer.signs) and is_public_key(officer.opens)):
            raise ValueError
    except (OSError, ValueError, TypeError, RecursionError):
        raise DocumentError(
            Problem("CARD", "the file holds no officer's card", fix="make one: sharewell reidentify card",
                    where=path.name)
        ) from None  # fmt: skip
    return officer


def enrol(live: LiveAgreement, officer: Officer, by: str, voucher: SigningKey | None = None) -> None:
    """Enter an officer's card. A signing key that is enrolled as theirs needs no more; another is vouched
    for by a key of their body that stands, or, where the body has none, was compared by its fingerprint.

    Refusal ACTOR, CARD, OFFICE, TAKEN, KEY or VOUCHER.
    """
    check_named(live, by)
    if not officer.is_vouched:
        fix = "make it again: sharewell reidentify card"
        raise refused("CARD", "the card is not signed by its own key", "it was altered", fix)
    if (officer.office, officer.party) != (office_of(live, officer.who), officer.who.partition("@")[2]):
        what = f"the card says {officer.office} of {officer.party}, and the agreement does not"
        raise refused("OFFICE", what, "an office is what the agreement gives", "make the card again")
    _check_unused(live, officer)
    vouched = voucher.sign(_vouching(live, officer)) if voucher else ""
    _check_known(live, officer, vouched)
    facts: dict[str, JSON] = {**asdict(officer), "by": by, "voucher": vouched}
    _enter(live, EventKind.DEPERSONALISE_OFFICER_ENROLLED, by, facts)


def _check_unused(live: LiveAgreement, officer: Officer) -> None:
    """A key is one person's, and one that was dismissed never comes back."""
    dismissed = {e.facts["signs"] for e in _events(live, EventKind.DEPERSONALISE_OFFICER_DISMISSED)}
    cards = [e.facts for e in _events(live, EventKind.DEPERSONALISE_OFFICER_ENROLLED)]
    others = any(
        {card["signs"], card["opens"]} & {officer.signs, officer.opens} and card["who"] != officer.who
        for card in cards
    )
    if others or officer.signs in dismissed or any(card["opens"] == officer.opens for card in cards):
        why = "a key is one person's, and one that ended never comes back"
        raise refused("TAKEN", "a key of this card is in the account already", why, "make new keys")


def _check_known(live: LiveAgreement, officer: Officer, vouched: str) -> None:
    held = keys(live.space.account)
    known = held.get(fingerprint(officer.signs))
    if known is not None:
        if known.enrolment.who != officer.who or known.revoked is not None:
            what = f"this key is not a good key of {officer.who}"
            raise refused("KEY", what, "", "see whose it is: sharewell keys list")
        return
    standing = held.standing(officer.party)
    content = _vouching(live, officer)
    if standing and not any(verifies(k.enrolment.key, content, vouched) for k in standing):
        able = ", ".join(sorted({key.enrolment.who for key in standing}))
        raise refused(
            "VOUCHER", f"{officer.party} has keys, and none of them vouches for this officer",
            "whoever could add officers freely could approve for anybody",
            f"have it vouched for by {able}: --voucher KEYFILE",
        )  # fmt: skip


def _vouching(live: LiveAgreement, officer: Officer) -> bytes:
    made = Enrolment(officer.who, officer.party, f"{officer.office} in {live.name}", officer.signs)
    return b"sharewell/1/officer-vouched\n" + made.content() + officer.content()


def dismiss(live: LiveAgreement, who: str, by: str, because: str) -> None:
    """End an officer's keys: what they approved and nobody opened counts for nothing, and no share of
    theirs is used again. Refusal OFFICER where they are none."""
    check_named(live, by)
    found = next((officer for officer in officers(live) if officer.who == who), None)
    if found is None:
        able = ", ".join(officer.who for officer in officers(live)) or "nobody"
        raise refused("OFFICER", f"{who} is no officer of {live.name}", "", f"there are: {able}")
    facts: dict[str, JSON] = {"who": who, "signs": found.signs, "reason": because}
    _enter(live, EventKind.DEPERSONALISE_OFFICER_DISMISSED, by, facts)


def officers(live: LiveAgreement) -> tuple[Officer, ...]:
    """Whose keys stand now: the last card of each, whose office is still what the text says."""
    held: dict[str, Officer] = {}
    for event in _events(live, EventKind.DEPERSONALISE_OFFICER_ENROLLED):
        fields = ("who", "party", "office", "signs", "opens", "vouched")
        officer = Officer(*(str(event.facts[name]) for name in fields))
        held[officer.who] = officer
    ended = {e.facts["signs"] for e in _events(live, EventKind.DEPERSONALISE_OFFICER_DISMISSED)}
    known = keys(live.space.account)
    offices = _offices(live)

    def stands(officer: Officer) -> bool:
        key = known.get(fingerprint(officer.signs))
        good = key is None or (key.revoked is None and key.enrolment.who == officer.who)
        named = officer.office in offices.get(officer.who, ())
        return good and named and officer.is_vouched and officer.signs not in ended

    return tuple(officer for officer in held.values() if stands(officer))


def officer_of(live: LiveAgreement, who: str, key: SigningKey) -> Officer:
    """Somebody as an officer, by their own key. Refusal UNENROLLED where it is not enrolled as theirs."""
    for officer in officers(live):
        if officer.who == who and officer.signs == key.public:
            return officer
    raise refused(
        "UNENROLLED", f"this key is not enrolled as that of {who} in {live.name}",
        "anybody can make a key; the account says whose it is",
        f"sharewell reidentify card {live.name} --as {who} --key FILE, then have it enrolled",
    )  # fmt: skip


def share(live: LiveAgreement, by: str) -> tuple[tuple[Shares, ...], tuple[str, ...]]:
    """Split the secret of the newest generation anew for every pair of an asker and their approver; gives
    the shares, and who has no keys yet. Shares made before are replaced, and open nothing any more.

    Refusal UNENROLLED where no pair is whole; SecretError OFFICER where two are not apart.
    """
    check_named(live, by)
    held = {officer.who: officer for officer in officers(live)}
    wanted = dict.fromkeys(
        (who, control.approver) for name, control in controls(live).items() for who in askers(live, name)
    )
    absent = tuple(sorted({who for pair in wanted for who in pair} - set(held)))
    pairs = [(held[a], held[b]) for a, b in wanted if a in held and b in held]
    if not pairs:
        what = f"nobody is enrolled beside whoever approves: {', '.join(absent)}"
        raise refused("UNENROLLED", what, "a secret is split between two", "have their cards enrolled")
    space, standing = live.space, {officer.signs for officer in held.values()}
    space.keyring.issue(live.name, at=space.now)
    with locked(space.kept / "keys"):  # so that a destruction finds what was just written
        generation = space.keyring.generation(live.name)
        secret = space.keyring.secret(live.name, Use.SEAL, generation=generation)
        made = tuple(
            split(secret, live.name, pair, generation=generation, standing=standing, at=space.now)
            for pair in pairs
        )
        path = space.keyring.shares_file(live.name, generation)
        content = json.dumps([asdict(shares) for shares in made]).encode()
        if not create_private(path, content):
            replace_private(path, content)
    told: list[JSON] = [f"{a.who} and {b.who}" for a, b in pairs]
    facts: dict[str, JSON] = {"generation": generation, "officers": told, "absent": [*absent]}
    _enter(live, EventKind.DEPERSONALISE_SHARED, by, facts)
    return made, absent


def shares_of(live: LiveAgreement, asker: str, approver: str, generation: int | None = None) -> Shares:
    """The shares of a pair. Refusal UNSHARED where there are none; SecretError FILE where they are
    damaged."""
    number = generation or live.space.keyring.generation(live.name) or 1
    path = live.space.keyring.shares_file(live.name, number)
    standing = set(officers(live))
    for shares in _read_shares(path):
        who = tuple(officer.who for officer in shares.officers)
        if who == (asker, approver) and set(shares.officers) <= standing:
            return shares
    raise refused(
        "UNSHARED", f"no secret is shared between {asker} and {approver}",
        "each holds a share, sealed to the keys that stand now",
        f"have both cards enrolled, then: sharewell reidentify prepare {live.name} --as WHO",
    )  # fmt: skip


def _read_shares(path: Path) -> Iterator[Shares]:
    try:
        for held in json.loads(read_private(path) or b"[]"):
            pair = [Officer(**officer) for officer in held["officers"]]
            sealed = tuple(held["sealed"])
            yield Shares(**held | {"officers": (pair[0], pair[1]), "sealed": sealed})
    except (ValueError, LookupError, TypeError):
        raise SecretError(
            Problem("FILE", "the officers' shares are damaged", fix="prepare them again", where=path.name)
        ) from None


def _events(live: LiveAgreement, kind: EventKind) -> Iterator[Any]:
    return live.space.account.events(agreement=live.name, kind=kind)


def _enter(live: LiveAgreement, kind: EventKind, actor: str, facts: Mapping[str, JSON]) -> None:
    live.space.account.append(kind, at=live.space.now, actor=actor, agreement=live.name, facts=facts)
