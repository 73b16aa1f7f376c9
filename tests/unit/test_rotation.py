"""Keys are changed without losing anything: not at a kill between any two steps, nor on a full disk."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from sharewell.agree.signing import SigningKey
from sharewell.depersonalise import FileMasterKey, Keyring, Officer, OpeningKey, Use, key_column, split
from sharewell.depersonalise.keyring import Superseded
from sharewell.depersonalise.rotation import rewrap, rotate_file_master
from sharewell.depersonalise.sealing import open_column, seal_column
from sharewell.depersonalise.signing import Signer
from sharewell.depersonalise.token_map import MapTerms, TokenMap, map_tokens
from sharewell.errors import DataError, SecretError, StorageError

NOW = datetime(2026, 9, 1, 12, 30, tzinfo=UTC)
LATER = datetime(2027, 9, 1, 12, 30, tzinfo=UTC)
NAMES = ("istv", "kid")
STEPS = ("fsync", "link", "replace", "unlink", "open")


class Ring:
    """A keyring with three generations' secrets and a signer, and what they derive."""

    def __init__(self, folder: Path):
        self.folder, self.master = folder / "ring", folder / "master.key"
        ring = Keyring.open(self.folder, FileMasterKey.create(self.master))
        for name in NAMES:
            ring.issue(name, at=NOW)
        ring.renew("kid", at=NOW)
        ring.issue_signer("northshire", at=NOW)
        self.before = self.derived()

    def derived(self):
        ring = Keyring.open(self.folder, FileMasterKey.open(self.master))
        uses = [
            ring.secret("istv", Use.DATA),
            *(ring.secret("kid", Use.SEAL, generation=g) for g in (1, 2)),
        ]
        return [*uses, ring.signer("northshire").public_key]

    def rotate(self):
        return rotate_file_master(self.folder, self.master, at=LATER)

    @property
    def drafts(self):
        return list(self.folder.rglob(".*.json.*"))

    @property
    def beside(self):
        return sorted(path.name for path in self.master.parent.iterdir() if path.is_file())


@pytest.fixture
def ring(tmp_path):
    return Ring(tmp_path)


def test_a_new_master_key_wraps_everything_and_the_old_one_is_gone(ring):
    old, wrapped = ring.master.read_bytes(), ring.folder / "secrets" / "istv.json"
    before = wrapped.read_bytes()
    rotated = ring.rotate()
    assert (rotated.moved, rotated.secrets) == (4, 4)
    assert ring.derived() == ring.before
    assert ring.master.read_bytes() != old
    assert wrapped.read_bytes() != before
    assert ring.beside == ["master.key"]
    assert ring.master.stat().st_mode & 0o777 == wrapped.stat().st_mode & 0o777 == 0o600
    ring.master.write_bytes(old)
    with pytest.raises(SecretError, match="BOUND"):
        ring.derived()


def killed_after(steps: int, act) -> bool:
    """Run `act` in a process that ends, without a word, before its n-th call that changes a disk."""
    child = os.fork()
    if child == 0:
        left = steps

        def counted(real):
            def call(*given, **more):
                nonlocal left
                left -= 1
                if left < 0:
                    os._exit(9)
                return real(*given, **more)

            return call

        for name in STEPS:
            setattr(os, name, counted(getattr(os, name)))
        try:
            act()
        except BaseException:
            os._exit(1)
        os._exit(0)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, 9)
    return status == 9


def test_killed_at_any_step_all_secrets_open_and_the_rotation_goes_on(tmp_path):
    step, stopped = 0, True
    while stopped:
        ring = Ring(tmp_path / f"at-{step}")
        old = ring.master.read_bytes()
        stopped = killed_after(step, ring.rotate)
        assert ring.derived() == ring.before  # in use meanwhile, by whichever key
        using = Keyring.open(ring.folder, FileMasterKey.open(ring.master))
        assert using.issue("falls", at=LATER)
        fresh = using.secret("falls", Use.DATA)
        if stopped:
            ring.rotate()
        assert ring.derived() == ring.before
        assert using.secret("falls", Use.DATA) == fresh
        assert ring.beside == ["master.key"]
        assert not stopped or ring.drafts == []
        assert ring.master.read_bytes() != old
        step += 1
    assert step > 25  # four files, a successor, the change of places and an erasure


def test_killed_again_and_again_it_still_ends(ring):
    rounds = 0
    while killed_after(9, ring.rotate):
        assert ring.derived() == ring.before
        rounds += 1
        assert rounds < 20
    assert rounds > 2
    assert ring.derived() == ring.before
    assert ring.beside == ["master.key"]


@pytest.mark.parametrize("step", range(10))
def test_a_full_disk_stops_a_rotation_and_loses_nothing(ring, monkeypatch, step):
    real, left = os.fsync, [step]

    def full(handle):
        left[0] -= 1
        if left[0] < 0:
            raise OSError(28, "No space left on device")
        return real(handle)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(StorageError, match="No space left"):
            ring.rotate()
    assert ring.derived() == ring.before
    ring.rotate()
    assert ring.derived() == ring.before
    assert ring.beside == ["master.key"]
    assert ring.drafts == []


def test_a_secret_that_neither_key_opens_keeps_the_old_key(ring):
    path = ring.folder / "secrets" / "istv.json"
    good = path.read_bytes()
    path.write_bytes((ring.folder / "secrets" / "kid.json").read_bytes())
    with pytest.raises(SecretError, match="BOUND"):
        ring.rotate()
    assert ring.beside == ["master.key", "master.key.next"]
    path.write_bytes(good)
    ring.rotate()
    assert ring.derived() == ring.before
    path.write_bytes(b"{}")
    with pytest.raises(SecretError, match="FILE the secret of agreement istv is damaged"):
        ring.rotate()


def test_files_of_a_wrong_mode_are_refused(ring):
    assert killed_after(12, ring.rotate)
    successor = ring.master.with_name("master.key.next")
    for path in (successor, ring.master, ring.folder / "secrets" / "kid@2.json"):
        path.chmod(0o640)
        with pytest.raises(SecretError, match="OPEN"):
            ring.rotate()
        path.chmod(0o600)
    ring.rotate()
    assert ring.derived() == ring.before


def test_a_process_that_opened_its_key_before_wraps_by_the_new_one(ring):
    long_lived = Keyring.open(ring.folder, FileMasterKey.open(ring.master))
    ring.rotate()
    long_lived.issue("falls", at=LATER)
    held = long_lived.secret("falls", Use.DATA)
    ring.rotate()
    assert Keyring.open(ring.folder, FileMasterKey.open(ring.master)).secret("falls", Use.DATA) == held


def test_moving_to_another_master_key_goes_on_where_it_was_stopped(tmp_path, ring):
    other = FileMasterKey.create(tmp_path / "other.key")
    old = FileMasterKey.open(ring.master)
    assert killed_after(8, lambda: rewrap(ring.folder, old, other, at=LATER))
    rest = rewrap(ring.folder, old, other, at=LATER)
    assert 0 < rest.moved < rest.secrets == 4
    ring.master.unlink()
    assert Keyring.open(ring.folder, other).secret("istv", Use.DATA) == ring.before[0]


def test_a_generation_gives_way_to_the_next(ring):
    keyring = Keyring.open(ring.folder, FileMasterKey.open(ring.master))
    assert keyring.generation("kid") == 2
    assert keyring.generation("falls") == 0
    old = keyring.secret("kid", Use.PERSON_KEY)
    assert keyring.renew("kid", at=LATER) == Superseded("kid", 2, 3, "2027-09-01T12:30:00+00:00")
    assert [s.generation for s in keyring.superseded("kid")] == [1, 2]
    assert keyring.superseded("istv") == ()
    new = keyring.secret("kid", Use.PERSON_KEY)
    assert new != old == keyring.secret("kid", Use.PERSON_KEY, generation=2)
    ids = pa.array(["9434765919"])
    assert key_column(ids, new, "person") != key_column(ids, old, "person")
    # What the account says of a person is said in one way for ever.
    assert keyring.secret("kid", Use.ACCOUNT) == keyring.secret("kid", Use.ACCOUNT, generation=1)
    with pytest.raises(SecretError, match="MISSING"):
        keyring.renew("falls", at=LATER)
    with pytest.raises(SecretError, match="MISSING"):
        keyring.secret("kid", Use.DATA, generation=4)


def test_one_generations_secret_cannot_pass_as_anothers(ring):
    secrets = ring.folder / "secrets"
    (secrets / "kid@2.json").write_bytes((secrets / "kid.json").read_bytes())
    with pytest.raises(SecretError, match="BOUND"):
        Keyring.open(ring.folder, FileMasterKey.open(ring.master)).secret("kid", Use.DATA)


def test_destruction_reaches_every_generation(ring):
    keyring = Keyring.open(ring.folder, FileMasterKey.open(ring.master))
    certificate = keyring.destroy("kid", at=LATER)
    for generation in (None, 1, 2):
        with pytest.raises(SecretError, match="DESTROYED"):
            keyring.secret("kid", Use.SEAL, generation=generation)
    with pytest.raises(SecretError, match="DESTROYED"):
        keyring.renew("kid", at=LATER)
    assert not list((ring.folder / "secrets").glob("kid*"))
    assert keyring.destroy("kid", at=LATER) == certificate
    assert keyring.secret("istv", Use.DATA) == ring.before[0]


def test_destruction_reaches_the_officers_shares(ring):
    """Else two officers could open for ever what was destroyed."""
    keyring = Keyring.open(ring.folder, FileMasterKey.open(ring.master))
    people = []
    for who in ("ann", "bob"):
        signing, opening = SigningKey.new(), OpeningKey.new()
        people.append(
            Officer.enrol(who, "party", f"office of {who}", signing.public, opening, signing.sign)
        )
    for generation in (1, 2):
        secret = keyring.secret("kid", Use.SEAL, generation=generation)
        standing = [officer.signs for officer in people]
        shares = split(secret, "kid", people, generation=generation, standing=standing, at=NOW)
        shares.write(keyring.shares_file("kid", generation))
    keyring.destroy("kid", at=LATER)
    assert not list((ring.folder / "shares").iterdir())


def test_a_destruction_killed_at_any_step_is_completed(tmp_path):
    step, stopped = 0, True
    while stopped:
        ring = Ring(tmp_path / f"at-{step}")
        keyring = Keyring.open(ring.folder, FileMasterKey.open(ring.master))
        stopped = killed_after(step, lambda keyring=keyring: keyring.destroy("kid", at=LATER))
        again = Keyring.open(ring.folder, FileMasterKey.open(ring.master))
        if again.certificate("kid") is None:
            assert again.secret("kid", Use.SEAL) == ring.before[2]  # it had not begun
        else:
            with pytest.raises(SecretError, match="DESTROYED"):
                again.secret("kid", Use.DATA, generation=2)
            assert not list((ring.folder / "secrets").glob("*kid*"))
        step += 1
    assert step > 8


def test_destruction_removes_what_a_killed_rotation_left(tmp_path):
    """A draft is the secret wrapped by the next master key: with it the agreement would outlive its end."""
    step, ring = 0, Ring(tmp_path / "at-0")
    while not any("kid" in path.name for path in ring.drafts):
        step, ring = step + 1, Ring(tmp_path / f"at-{step + 1}")
        assert killed_after(step, ring.rotate)
    Keyring.open(ring.folder, FileMasterKey.open(ring.master)).destroy("kid", at=LATER)
    assert not list(ring.folder.rglob("*kid*.json.*"))
    ring.rotate()
    assert (
        Keyring.open(ring.folder, FileMasterKey.open(ring.master)).secret("istv", Use.DATA)
        == ring.before[0]
    )


IDS = pa.array(["9434765919", "9434765870", None, "9434765919"])
TERMS, ISTV = MapTerms("kid", "person", 1, 2), MapTerms("istv", "person", 1, 2)


@pytest.fixture
def mapped(ring):
    keyring = Keyring.open(ring.folder, FileMasterKey.open(ring.master))
    tokens = [
        seal_column(IDS, keyring.secret("kid", Use.SEAL, generation=g), "kid", "person") for g in (1, 2)
    ]
    signer = keyring.signer("northshire")
    return tokens, map_tokens(*tokens, TERMS, signer), signer


def test_a_signed_map_leads_from_old_tokens_to_new_ones(mapped, tmp_path):
    (old, new), made, signer = mapped
    path = tmp_path / "map" / "kid.arrow"
    made.write(path)
    assert path.stat().st_mode & 0o777 == 0o600
    read = TokenMap.read(path, TERMS, signer.public_key)
    assert read.apply(old).to_pylist() == new.to_pylist()
    assert read.table.num_rows == 2
    assert not any(value.encode() in path.read_bytes() for value in IDS.to_pylist() if value)
    with pytest.raises(SecretError, match="MAP 2 tokens are not in the map"):
        read.apply(pa.array(["aa", "bb"]))
    with pytest.raises(SecretError, match="THERE"):
        made.write(path)


def test_a_map_of_keys_is_made_where_the_identifiers_are(ring):
    keyring = Keyring.open(ring.folder, FileMasterKey.open(ring.master))
    keys = [key_column(IDS, keyring.secret("kid", Use.PERSON_KEY, generation=g), "person") for g in (1, 2)]
    made = map_tokens(*keys, TERMS, keyring.signer("northshire"))
    assert made.apply(keys[0]).to_pylist() == keys[1].to_pylist()


def test_a_map_that_is_altered_anothers_or_of_another_renewal_is_refused(mapped, tmp_path):
    _, made, signer = mapped
    exchanged = pa.table({"old": made.table["old"], "new": pa.array(made.table["new"].to_pylist()[::-1])})
    for number, (bad, terms, key) in enumerate((
        (replace(made, table=exchanged), TERMS, signer.public_key),
        (made, ISTV, signer.public_key),
        (made, MapTerms("kid", "person", 2, 3), signer.public_key),
        (replace(made, terms=ISTV), ISTV, signer.public_key),
        (made, TERMS, Signer("mallory", bytes(32)).public_key),
        (replace(made, signature=b""), TERMS, signer.public_key),
    )):  # fmt: skip
        path = tmp_path / f"{number}.arrow"
        bad.write(path)
        with pytest.raises(SecretError, match="MAP the map is not the one"):
            TokenMap.read(path, terms, key)
    path = tmp_path / "none.arrow"
    with pytest.raises(SecretError, match="no map"):
        TokenMap.read(path, TERMS, signer.public_key)
    path.touch(0o600)
    path.write_bytes(b"ARROW1 or not")
    with pytest.raises(SecretError, match="no map"):
        TokenMap.read(path, TERMS, signer.public_key)
    path.chmod(0o644)
    with pytest.raises(SecretError, match="OPEN"):
        TokenMap.read(path, TERMS, signer.public_key)


@pytest.mark.parametrize(
    ("old", "new"),
    [(["a", "b"], ["x", "x"]), (["a", "a"], ["x", "y"]), (["a", "b"], ["x", None])],
)
def test_a_map_that_would_join_or_part_people_is_refused(ring, old, new):
    signer = Signer("northshire", bytes(32))
    with pytest.raises(DataError, match="PAIRS"):
        map_tokens(pa.array(old), pa.array(new), TERMS, signer)


def test_tokens_of_an_earlier_generation_still_open(mapped, ring):
    (old, _), _, _ = mapped
    keyring = Keyring.open(ring.folder, FileMasterKey.open(ring.master))
    secret = keyring.secret("kid", Use.SEAL, generation=1)
    assert open_column(old, secret, "kid", "person").to_pylist() == IDS.to_pylist()
    with pytest.raises(SecretError, match="TOKEN"):
        open_column(old, keyring.secret("kid", Use.SEAL), "kid", "person")
