"""The master key that `sharewell.toml` names: chosen, taught, moved to and rotated, with every secret
kept."""

from __future__ import annotations

import os
import sys
from datetime import date
from types import ModuleType

import pytest
from test_master_providers import TOKEN, Server, Store

from sharewell import workspace
from sharewell.account.events import EventKind
from sharewell.depersonalise import Use
from sharewell.errors import DocumentError, SecretError, StorageError
from sharewell.live.master_keys import rotate_master

BY, NAME = "office@north-host", "kid"
CLOCK = date(2024, 6, 3)


class Place:
    """A workspace with an agreement's secret, a renewed one and an account, and how it is configured."""

    def __init__(self, folder):
        self.folder = folder
        workspace.init(folder / "north", synthetic=True, clock=CLOCK)
        self.before = self.secrets(make=True)

    @property
    def space(self):
        return workspace.open(self.folder / "north")

    @property
    def master(self):
        return self.folder / "north" / ".sharewell" / "master.key"

    def secrets(self, *, make=False):
        space = self.space
        ring = space.keyring
        if make:
            ring.issue(NAME, at=space.now)
            ring.renew(NAME, at=space.now)
            assert space.account.verify().holds
        return [ring.secret(NAME, Use.SEAL, generation=g) for g in (1, 2)] + [
            ring.signer("account").public_key
        ]

    def configure(self, text):
        path = self.folder / "north" / "sharewell.toml"
        path.write_text(f"synthetic = true\nclock = {CLOCK}\n{text}")

    def rotated(self):
        done = rotate_master(self.space, BY)
        begun, event = list(self.space.account.events(kind=EventKind.ACCOUNT_MASTER_ROTATED))[-2:]
        assert (begun.facts["done"], begun.facts["secrets"]) == (False, 3)
        assert dict(event.facts) == {**done.facts(), "done": True}
        assert (event.actor, self.space.account.verify().holds) == (BY, True)
        assert self.secrets() == self.before
        return done


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


@pytest.fixture
def vault(tmp_path):
    server = Server()
    token = tmp_path / "token"
    token.write_text(TOKEN)
    token.chmod(0o600)
    server.settings = (
        f'[keys]\nmaster = "vault"\naddress = "http://127.0.0.1:{server.port}"\n'
        f'key = "sharewell"\ntoken = "{token}"\n'
    )
    yield server
    server.stop()


@pytest.fixture
def store(monkeypatch):
    library = ModuleType("keyring")
    held = Store()
    library.get_keyring = lambda: held
    monkeypatch.setitem(sys.modules, "keyring", library)
    return held


def test_a_file_unless_it_is_said_and_it_is_rotated(place):
    old = place.master.read_bytes()
    place.configure('[keys]\nmaster = "file"\n')
    assert place.secrets() == place.before
    assert place.rotated().facts()["moved"] == 3
    assert place.master.read_bytes() != old
    place.master.write_bytes(old)
    with pytest.raises(SecretError, match="BOUND"):
        place.secrets()


def test_a_lost_file_is_asked_for_and_not_replaced(place):
    place.master.unlink()
    with pytest.raises(SecretError, match="MASTER"):
        place.secrets()
    assert not place.master.exists()


@pytest.mark.parametrize("moment", [0, 1, 2, 3])
def test_stopped_it_goes_on(place, monkeypatch, moment):
    real, left = os.replace, [moment]

    def full(*given, **more):
        if not left[0]:
            raise OSError(28, "No space left on device")
        left[0] -= 1
        return real(*given, **more)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", full)
        with pytest.raises(StorageError, match="No space left"):
            rotate_master(place.space, BY)
    assert place.secrets() == place.before
    assert place.rotated().facts()["secrets"] == 3
    assert not list(place.master.parent.glob("master.key.*"))


def test_nothing_is_begun_unless_every_secret_opens(place):
    path = place.master.parent / "keys" / "secrets" / f"{NAME}@2.json"
    path.write_text("[]")
    before = {p: p.read_bytes() for p in place.master.parent.rglob("*") if p.suffix in (".key", ".json")}
    with pytest.raises(SecretError, match="FILE"):
        rotate_master(place.space, BY)
    after = {p: p.read_bytes() for p in place.master.parent.rglob("*") if p.suffix in (".key", ".json")}
    assert after == before
    assert not list(place.master.parent.glob("master.key.*"))


def test_what_cannot_be_entered_is_not_begun(place, monkeypatch):
    old = place.master.read_bytes()

    def refuse(*_given, **_more):
        raise StorageError.of("STORE", "the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("sharewell.account.Account.append", refuse)
        with pytest.raises(StorageError, match="STORE"):
            rotate_master(place.space, BY)
    assert place.master.read_bytes() == old


def test_from_a_file_to_vault_and_to_its_next_version(place, vault):
    place.configure(vault.settings)
    with pytest.raises(SecretError, match="BOUND"):
        place.secrets()
    place.configure(vault.settings + '[keys.former]\nmaster = "file"\n')
    assert place.secrets() == place.before
    vault.vault["status"] = 503
    with pytest.raises(SecretError, match="SEALED"):
        rotate_master(place.space, BY)
    vault.vault["status"] = 0
    assert (place.rotated().moved, place.space.keyring_master.name) == (3, "vault:transit/sharewell")
    assert not place.master.exists()
    assert place.rotated().moved == 0, "again, it changes nothing"
    place.configure(vault.settings)
    assert place.secrets() == place.before
    vault.vault["keys"].append(os.urandom(32))
    assert place.rotated().moved == 3
    place.configure('[keys]\nmaster = "file"\n[keys.former]\n' + vault.settings.removeprefix("[keys]\n"))
    assert place.rotated().moved == 3
    place.configure("")
    assert place.secrets() == place.before


def test_a_former_file_whose_rotation_was_stopped_goes_with_its_successor(place, vault, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr("sharewell.depersonalise.rotation._check_all", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            rotate_master(place.space, BY)
    assert place.master.with_name("master.key.next").exists()
    place.configure(vault.settings + '[keys.former]\nmaster = "file"\n')
    assert place.rotated().moved == 3
    assert not list(place.master.parent.glob("master.key*"))


def test_the_systems_keyring_from_one_entry_to_the_next(place, store):
    place.configure('[keys]\nmaster = "keyring"\nname = "north"\n')
    with pytest.raises(SecretError, match="MASTER"):
        place.secrets()
    place.configure('[keys]\nmaster = "keyring"\nname = "north"\n[keys.former]\n')
    assert place.rotated().master == "keyring:north"
    assert not place.master.exists()
    place.configure('[keys]\nmaster = "keyring"\nname = "north"\n')
    assert place.secrets() == place.before
    with pytest.raises(DocumentError, match="not changed in place"):
        rotate_master(place.space, BY)
    place.configure(
        '[keys]\nmaster = "keyring"\nname = "north-2"\n[keys.former]\nmaster = "keyring"\nname = "north"\n'
    )
    assert place.rotated().moved == 3


def test_a_new_workspace_begins_with_what_it_names(tmp_path, vault):
    workspace.init(tmp_path / "north", synthetic=True, clock=CLOCK)
    with (tmp_path / "north" / "sharewell.toml").open("a") as file:
        file.write(vault.settings)
    space = workspace.open(tmp_path / "north")
    assert space.account.verify().holds
    assert space.keyring.issue(NAME, at=space.now)
    assert not (tmp_path / "north" / ".sharewell" / "master.key").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("keys = 3\n", "keys is not a table"),
        ('[keys]\nmaster = "valt"\n', "did you mean 'vault'?"),
        ("[keys]\nmaster = 3\n", "there are: file, keyring, vault"),
        ('[keys]\nmaster = "keyring"\n', "does not say its name"),
        ('[keys]\nmaster = "vault"\n', "does not say its token"),
        ('[keys]\nname = "north"\n', "has no setting 'name'"),
        ('[keys]\nmaster = "keyring"\nname = 7\n', "name is no text"),
        ('[keys]\nmaster = "keyring"\nname = ""\n', "name is no text"),
        ("[keys]\nformer = 1\n", "[keys.former] is no table"),
        ("[keys.former]\n", "the former master key is the present one"),
        ('[keys.former]\nmaster = "kering"\n', "did you mean 'keyring'?"),
    ],
)
def test_settings_that_cannot_be_are_taught(place, text, said):
    place.configure(text)
    with pytest.raises(DocumentError) as caught:
        place.secrets()
    assert said in str(caught.value)
    assert all(problem.fix and problem.where == "sharewell.toml" for problem in caught.value.problems)


def test_vault_without_tls_elsewhere_is_refused(place, vault):
    place.configure(vault.settings.replace("127.0.0.1", "vault.example"))
    with pytest.raises(SecretError, match="TLS"):
        place.secrets()
