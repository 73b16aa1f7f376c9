"""Two officers together, for one signed request, once, and in the account; every other way is refused."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from sharewell.account.events import Entry, EventKind
from sharewell.agree.signing import SigningKey
from sharewell.depersonalise.dual_control import approve, ask, reidentify
from sharewell.depersonalise.officers import Officer, OpeningKey, seal_to
from sharewell.depersonalise.reidentification import reference
from sharewell.depersonalise.sealing import seal_column
from sharewell.depersonalise.shares import Shares, split
from sharewell.errors import AccountError, SecretError, StorageError

NOW = datetime(2026, 9, 1, 12, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
SECRET = bytes(range(32))
PEOPLE = ["9434765919", "9434765870", "9434765927"]


class Person:
    """Somebody with both keys."""

    def __init__(self, who, office, party="northshire"):
        self.signing, self.opening = SigningKey.new(), OpeningKey.new()
        self.officer = Officer.enrol(
            who, party, office, self.signing.public, self.opening, self.signing.sign
        )


class Place:
    """An agreement with two officers, sealed tokens and a signed request for two of them."""

    def __init__(self, folder):
        self.a, self.b = Person("ann", "caldicott-guardian"), Person("bob", "information-governance")
        self.asker = Person("eve", "analyst")
        self.standing = {p.signing.public for p in (self.a, self.b, self.asker)}
        self.shares = split(
            SECRET, "istv", (self.a.officer, self.b.officer), standing=self.standing, at=NOW
        )
        self.tokens = seal_column(pa.array(PEOPLE), SECRET, "istv", "person").to_pylist()
        self.session, self.used, self.entered = OpeningKey.new(), folder / "used", []
        self.request = self.ask(self.tokens[:2])

    def ask(self, tokens, **changes):
        terms = {
            "unit": "person", "purpose": "safeguarding", "reason": "two children at risk",
            "asked_by": "eve", "signs": self.asker.signing.public, "sign": self.asker.signing.sign,
            "session": self.session, "at": NOW,
        }  # fmt: skip
        return ask(self.shares, tokens, **terms | changes)

    def approve(self, person, request=None, at=LATER, shares=None):
        return approve(
            request or self.request, shares or self.shares, person.officer, person.opening,
            person.signing.sign, standing=self.standing, at=at,
        )  # fmt: skip

    def both(self, request=None):
        return [self.approve(self.a, request), self.approve(self.b, request)]

    def open(self, approvals, *, request=None, tokens=None, at=LATER, shares=None, enter=None, **more):
        return reidentify(
            request or self.request, pa.array(self.tokens[:2] if tokens is None else tokens),
            shares or self.shares, approvals, more.get("session", self.session), used=self.used,
            enter=enter or self.entered.append, standing=more.get("standing", self.standing), at=at,
        )  # fmt: skip


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


def test_two_officers_open_what_was_asked_and_it_is_entered(place):
    assert place.open(place.both()).to_pylist() == PEOPLE[:2]
    (facts,) = place.entered
    entry = Entry(EventKind.DEPERSONALISE_REIDENTIFIED, LATER, "eve", "istv", facts=facts)
    assert entry.facts["officers"] == ["ann", "bob"]
    assert facts["people"] == 2
    assert facts["purpose"] == "safeguarding"
    body = entry.body(0).decode()
    assert not any(value in body for value in (*PEOPLE, *place.tokens))
    assert facts["subjects"] == sorted(reference("istv", token) for token in place.tokens[:2])


def test_one_share_is_random_and_opens_nothing(place):
    first = place.shares.share(place.a.officer, place.a.opening)
    second = place.shares.share(place.b.officer, place.b.opening)
    assert SECRET not in (first, second)
    assert place.shares.join(first, second) == place.shares.join(second, first) == SECRET
    for wrong in (bytes(32), first, os.urandom(32), b""):
        with pytest.raises(SecretError, match="SHARE"):
            place.shares.join(first, wrong)


@pytest.mark.parametrize("who", ["a", "b"])
def test_one_officer_alone_twice_or_with_a_stranger_is_refused(place, who):
    alone = place.approve(getattr(place, who))
    stranger = Person("mallory", "caldicott-guardian")
    place.standing.add(stranger.signing.public)
    forged = replace(alone, officer=stranger.officer, signature="")
    forged = replace(forged, signature=stranger.signing.sign(forged.content()))
    renamed = replace(alone, officer=replace(alone.officer, who="bob" if who == "a" else "ann"))
    for approvals in ([alone], [alone, alone], [alone, forged], [alone, renamed], [], [alone] * 3):
        with pytest.raises(SecretError, match="OFFICERS"):
            place.open(approvals)
    with pytest.raises(SecretError, match="OFFICER mallory holds no share"):
        place.approve(stranger)
    assert place.entered == []
    assert not place.used.exists()


def test_dual_control_is_of_two_people_in_two_offices_with_their_own_keys(place):
    def divided(*officers):
        return split(SECRET, "istv", officers, standing=place.standing, at=NOW)

    ann = place.a.officer
    same_office = Person("carol", ann.office)
    place.standing.add(same_office.signing.public)
    twin = Person("ann", "another-office")
    place.standing.add(twin.signing.public)
    with pytest.raises(SecretError, match="one office"):
        divided(ann, same_office.officer)
    with pytest.raises(SecretError, match="one person"):
        divided(ann, twin.officer)
    with pytest.raises(SecretError) as caught:
        divided(ann, ann)
    assert len(caught.value.problems) == 4
    with pytest.raises(SecretError, match="two officers, not 1"):
        divided(ann)
    with pytest.raises(SecretError, match="not enrolled"):
        divided(ann, Person("dan", "office").officer)
    unvouched = replace(place.b.officer, opens=OpeningKey.new().public)
    with pytest.raises(SecretError, match="not vouched for"):
        divided(ann, unvouched)


@pytest.mark.parametrize(
    "change",
    [{"purpose": "marketing"}, {"reason": "curious"}, {"expires": "2026-09-03T12:30:00+00:00"},
     {"asked_by": "ann"}, {"unit": "household"}, {"subjects": ("00" * 32,)}, {"nonce": "11" * 16},
     {"opens_to": "22" * 32}],
)  # fmt: skip
def test_an_altered_request_is_refused_by_everybody(place, change):
    altered = replace(place.request, **change)
    with pytest.raises(SecretError, match="SIGNATURE"):
        place.approve(place.a, altered)
    with pytest.raises(SecretError) as caught:
        place.open(place.both(), request=altered)
    assert {"SIGNATURE", "ALTERED"} <= {problem.code for problem in caught.value.problems}
    assert place.entered == []


def test_a_request_altered_and_signed_again_was_not_approved(place):
    other = place.ask(place.tokens[:2], reason="another")
    with pytest.raises(SecretError, match="ALTERED ann approved another request"):
        place.open(place.both(), request=other)
    mixed = [place.approve(place.a), place.approve(place.b, other)]
    with pytest.raises(SecretError, match="ALTERED bob"):
        place.open(mixed)


def test_an_approval_is_its_officers_own(place):
    first, second = place.both()
    with pytest.raises(SecretError, match="SIGNATURE the approval is not signed by bob"):
        place.open([first, replace(second, signature=place.a.signing.sign(second.content()))])
    with pytest.raises(SecretError, match="SIGNATURE"):
        place.open([first, replace(second, share=first.share)])
    with pytest.raises(SecretError, match="SIGNATURE"):
        place.open([first, replace(second, signature="zz")])


def test_a_request_is_good_for_its_time_only(place):
    end = datetime.fromisoformat(place.request.expires)
    approvals = place.both()
    for at in (end, end + timedelta(days=365), NOW - timedelta(seconds=1)):
        with pytest.raises(SecretError, match="EXPIRED"):
            place.open(approvals, at=at)
        with pytest.raises(SecretError, match="EXPIRED"):
            place.approve(place.a, at=at)
    with pytest.raises(SecretError, match="at most 3 days"):
        place.ask(place.tokens, lasts=timedelta(days=4))
    with pytest.raises(SecretError, match="TIME"):
        place.ask(place.tokens, lasts=timedelta(0))
    with pytest.raises(SecretError, match="approved at a time to come"):
        place.open(approvals, at=LATER - timedelta(minutes=1))
    assert place.open(approvals, at=end - timedelta(seconds=1)).to_pylist() == PEOPLE[:2]


def test_a_request_opens_once(place):
    approvals = place.both()
    place.open(approvals)
    with pytest.raises(SecretError, match="REPLAY"):
        place.open(approvals)
    with pytest.raises(SecretError, match="REPLAY"):
        place.open(place.both())
    assert len(place.entered) == 1


def test_only_what_was_asked_about_is_opened(place):
    approvals = place.both()
    for tokens in (place.tokens, place.tokens[:1], place.tokens[1:], [], [None]):
        with pytest.raises(SecretError, match="SUBJECTS"):
            place.open(approvals, tokens=tokens)
    assert place.open(approvals, tokens=place.tokens[:2][::-1]).to_pylist() == PEOPLE[:2][::-1]


def test_another_agreements_officers_and_shares_open_nothing(place):
    officers = (place.a.officer, place.b.officer)
    other = split(SECRET, "kid", officers, standing=place.standing, at=NOW)
    with pytest.raises(SecretError, match="AGREEMENT the request is for generation 1 of istv"):
        place.approve(place.a, shares=other)
    with pytest.raises(SecretError, match="AGREEMENT"):
        place.open(place.both(), shares=other)
    # Renamed, it is found by what each share is bound to.
    renamed = replace(other, agreement="istv")
    with pytest.raises(SecretError, match="SHARE a share was not sealed"):
        place.approve(place.a, shares=renamed)
    later = split(SECRET, "istv", officers, generation=2, standing=place.standing, at=NOW)
    with pytest.raises(SecretError, match="AGREEMENT"):
        place.open(place.both(), shares=later)


def test_a_key_that_no_longer_stands_counts_for_nothing(place):
    approvals = place.both()
    for person in (place.a, place.b, place.asker):
        with pytest.raises(SecretError, match="SIGNATURE"):
            place.open(approvals, standing=place.standing - {person.signing.public})


def test_only_who_asked_can_put_the_shares_together(place):
    with pytest.raises(SecretError, match="SHARE"):
        place.open(place.both(), session=OpeningKey.new())


def test_what_cannot_be_entered_is_not_opened(place, monkeypatch):
    def refuse(facts):
        Entry(EventKind.DEPERSONALISE_REIDENTIFIED, LATER, "eve", "istv", facts=facts)

    request = place.ask(place.tokens[:2], reason="about 943 476 5919")
    opened = []
    monkeypatch.setattr("sharewell.depersonalise.dual_control.open_column", opened.append)
    with pytest.raises(AccountError, match="looks like an NHS number"):
        place.open(place.both(request), request=request, enter=refuse)
    assert opened == []


def test_a_full_disk_opens_nothing(place, monkeypatch):
    def full(_handle):
        raise OSError(28, "No space left on device")

    approvals = place.both()
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(StorageError, match="No space left"):
            place.open(approvals)
    assert place.entered == []


def test_an_empty_request_says_all_that_it_lacks(place):
    with pytest.raises(SecretError) as caught:
        place.ask([], purpose="", reason="")
    assert sum(problem.code == "REQUEST" for problem in caught.value.problems) == 3


def test_shares_are_kept_privately_and_read_back(place, tmp_path):
    path = tmp_path / "shares" / "istv.json"
    place.shares.write(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert Shares.read(path) == place.shares
    assert SECRET.hex() not in path.read_text()
    with pytest.raises(SecretError, match="THERE"):
        place.shares.write(path)
    path.chmod(0o644)
    with pytest.raises(SecretError, match="OPEN"):
        Shares.read(path)
    path.chmod(0o600)
    for content in (b"", b"{}", b'{"officers": 3}', b"[]"):
        path.write_bytes(content)
        with pytest.raises(SecretError, match="FILE"):
            Shares.read(path)


def test_an_opening_key_is_locked_by_its_passphrase():
    key = OpeningKey.new()
    sealed = seal_to(key.public, b"share", b"for this")
    assert OpeningKey.read(key.pem(b"long words"), b"long words").open(sealed, b"for this") == b"share"
    assert OpeningKey.read(key.pem()).public == key.public
    for pem, words in (
        (key.pem(b"long words"), b"other"),
        (key.pem(b"long words"), None),
        (SigningKey.new().pem(), None),
        (b"", None),
    ):
        with pytest.raises(SecretError, match="KEY"):
            OpeningKey.read(pem, words)
    with pytest.raises(SecretError, match="SHARE"):
        key.open(sealed, b"for that")
    with pytest.raises(SecretError, match="SHARE"):
        key.open(sealed[:10], b"for this")
