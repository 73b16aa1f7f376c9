"""Master keys elsewhere: Vault's transit engine and the system's keyring, and all that can go wrong there.

No Vault is to be had in a test. What answers is a small HTTP server that speaks the transit engine's
protocol as its documentation gives it (encrypt, decrypt, keys; their statuses and bodies), over a socket.
"""

from __future__ import annotations

import base64
import json
import os
import ssl
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from types import ModuleType

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from sharewell.depersonalise import FileMasterKey, Keyring, Use
from sharewell.depersonalise.rotation import Moving, rewrap
from sharewell.depersonalise.system_keyring import SystemMasterKey
from sharewell.depersonalise.vault import VaultMasterKey
from sharewell.errors import SecretError

NOW = datetime(2026, 9, 1, 12, 30, tzinfo=UTC)
TOKEN = "hvs.CAESIJ-a-token-nobody-may-see"
SECRET = b"a secret of an agreement, 32 by."


class Transit(BaseHTTPRequestHandler):
    """One transit engine at /v1/transit with one AES-256-GCM key, `sharewell`."""

    def log_message(self, *_):
        pass

    def do_GET(self):
        self._answer({})

    def do_POST(self):
        self._answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _answer(self, body):
        vault = self.server.vault
        vault["asked"].append((self.path, body, dict(self.headers)))
        time.sleep(vault["slow"])
        if vault["status"]:
            return self._say(vault["status"], {"errors": [f"Vault is sealed: {TOKEN}"]})
        if vault["redirect"]:
            self.send_response(307)
            self.send_header("Location", vault["redirect"])
            return self.end_headers()
        if vault["odd"] is not None:
            return self._raw(200, vault["odd"])
        if self.headers["X-Vault-Token"] != TOKEN:
            return self._say(403, {"errors": ["permission denied"]})
        call, _, name = self.path.removeprefix("/v1/transit/").partition("/")
        if name != "sharewell" or call not in ("encrypt", "decrypt", "keys"):
            return self._say(404, {"errors": []})
        return getattr(self, f"_{call}")(vault, body)

    def _bound(self, vault, body):
        return base64.b64decode(body.get("associated_data", "")) if vault["binds"] else None

    def _encrypt(self, vault, body):
        nonce, newest = os.urandom(12), len(vault["keys"])
        plain = base64.b64decode(body["plaintext"])
        sealed = nonce + AESGCM(vault["keys"][-1]).encrypt(nonce, plain, self._bound(vault, body))
        text = f"vault:v{newest}:{base64.b64encode(sealed).decode()}"
        self._say(200, {"data": {"ciphertext": text, "key_version": newest}})

    def _decrypt(self, vault, body):
        _, version, text = body["ciphertext"].split(":")
        sealed = base64.b64decode(text)
        try:
            key = AESGCM(vault["keys"][int(version[1:]) - 1])
            plain = key.decrypt(sealed[:12], sealed[12:], self._bound(vault, body))
        except (InvalidTag, IndexError, ValueError):
            return self._say(400, {"errors": ["cipher: message authentication failed"]})
        return self._say(200, {"data": {"plaintext": base64.b64encode(plain).decode()}})

    def _keys(self, vault, _body):
        self._say(200, {"data": {"name": "sharewell", "latest_version": len(vault["keys"])}})

    def _say(self, status, body):
        self._raw(status, json.dumps(body).encode())

    def _raw(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server:
    """The stand-in, running; `vault` is what the tests turn."""

    def __init__(self, context=None):
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Transit)
        self.http.daemon_threads = True
        if context:
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True)
        self.vault = self.http.vault = {
            "keys": [os.urandom(32)], "status": 0, "slow": 0.0, "odd": None, "redirect": "", "binds": True,
            "asked": [],
        }  # fmt: skip
        self.port = self.http.server_address[1]
        threading.Thread(
            target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()

    def stop(self):
        self.http.shutdown()
        self.http.server_close()


@pytest.fixture
def server():
    running = Server()
    yield running
    running.stop()


@pytest.fixture
def token(tmp_path):
    path = tmp_path / "token"
    path.write_text(TOKEN + "\n")
    path.chmod(0o600)
    return path


@pytest.fixture
def master(server, token):
    return VaultMasterKey(f"http://127.0.0.1:{server.port}", "sharewell", token, timeout=2)


def refused(call, *code):
    """The error of a call, which must hold no secret and no cause that holds one."""
    with pytest.raises(SecretError) as caught:
        call()
    assert caught.value.problems[0].code in code
    assert caught.value.problems[0].fix
    text = str(caught.value) + repr(caught.value.__cause__)
    for secret in (TOKEN, SECRET.decode(), base64.b64encode(SECRET).decode()):
        assert secret not in text
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value


def test_vault_wraps_and_unwraps_for_one_agreement(master, server):
    wrapped = master.wrap(SECRET, "agreement kid")
    assert wrapped.startswith(b"vault:v1:")
    assert master.unwrap(wrapped, "agreement kid") == SECRET
    refused(lambda: master.unwrap(wrapped, "agreement warm-home"), "BOUND")
    path, body, headers = server.vault["asked"][0]
    assert path == "/v1/transit/encrypt/sharewell"
    assert base64.b64decode(body["associated_data"]) == b"agreement kid"
    assert headers["X-Vault-Token"] == TOKEN
    assert master.name == "vault:transit/sharewell"


def test_a_keyring_lives_on_vault(tmp_path, master):
    ring = Keyring.open(tmp_path / "ring", master)
    ring.issue("kid", at=NOW)
    before = ring.secret("kid", Use.DATA)
    assert Keyring.open(tmp_path / "ring", master).secret("kid", Use.DATA) == before
    stored = json.loads((tmp_path / "ring" / "secrets" / "kid.json").read_text())
    assert base64.b64decode(stored["wrapped"]).startswith(b"vault:v1:")
    assert ring.destroy("kid", at=NOW).master == "vault:transit/sharewell"


@pytest.mark.parametrize(
    ("status", "code"),
    [(503, "SEALED"), (403, "TOKEN"), (404, "KEY"), (429, "BUSY"), (500, "VAULT"), (400, "VAULT")],
)
def test_what_vault_refuses_is_said_without_its_words(master, server, status, code):
    wrapped = master.wrap(SECRET, "agreement kid")
    server.vault["status"] = status
    refused(lambda: master.wrap(SECRET, "agreement kid"), code)
    # A refusal to decrypt is a status too: 400 is Vault's word for "not wrapped so".
    refused(lambda: master.unwrap(wrapped, "agreement kid"), "BOUND" if status == 400 else code)
    refused(lambda: master.is_current(wrapped, "agreement kid"), code)


def test_a_wrong_absent_or_open_token_is_refused(master, token):
    token.write_text("hvs.another")
    refused(lambda: master.wrap(SECRET, "agreement kid"), "TOKEN")
    for text in ("", "two\nlines", "a b", "é"):
        token.write_text(text)
        refused(lambda: master.wrap(SECRET, "agreement kid"), "TOKEN")
    token.write_text(TOKEN)
    token.chmod(0o644)
    refused(lambda: master.wrap(SECRET, "agreement kid"), "OPEN")
    token.unlink()
    refused(lambda: master.wrap(SECRET, "agreement kid"), "TOKEN")


def test_a_slow_or_absent_vault_is_not_waited_for(master, server, token):
    server.vault["slow"] = 1.0
    slow = VaultMasterKey(f"http://127.0.0.1:{server.port}", "sharewell", token, timeout=0.1)
    start = time.monotonic()
    refused(lambda: slow.wrap(SECRET, "agreement kid"), "UNREACHABLE")
    assert time.monotonic() - start < 0.9
    server.stop()
    refused(lambda: master.wrap(SECRET, "agreement kid"), "UNREACHABLE")


@pytest.mark.parametrize(
    "odd",
    [b"", b"<html>", b"[]", b"{}", b'{"data": 3}', b'{"data": {}}', b'{"data": {"ciphertext": "plain"}}',
     b'{"data": {"ciphertext": 3, "plaintext": "%%%", "latest_version": "2"}}'],
)  # fmt: skip
def test_what_is_no_vault_is_refused(master, server, odd):
    wrapped = master.wrap(SECRET, "agreement kid")
    server.vault["odd"] = odd
    refused(lambda: master.wrap(SECRET, "agreement kid"), "VAULT")
    refused(lambda: master.unwrap(wrapped, "agreement kid"), "VAULT")
    refused(lambda: master.is_current(wrapped, "agreement kid"), "VAULT")


def test_a_vault_that_does_not_bind_is_refused(master, server):
    """Versions before 1.13 ignore associated data: a secret moved to another agreement would open."""
    server.vault["binds"] = False
    refused(lambda: master.wrap(SECRET, "agreement kid"), "UNBOUND")


def test_the_token_follows_no_redirect_and_no_proxy(master, server, monkeypatch):
    elsewhere = Server()
    try:
        server.vault["redirect"] = f"http://127.0.0.1:{elsewhere.port}/v1/transit/encrypt/sharewell"
        refused(lambda: master.wrap(SECRET, "agreement kid"), "VAULT")
        server.vault["redirect"] = ""
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{elsewhere.port}")
        monkeypatch.setenv("no_proxy", "")
        master.wrap(SECRET, "agreement kid")
        assert elsewhere.vault["asked"] == []
    finally:
        elsewhere.stop()


def test_an_address_in_the_clear_is_refused(token):
    for address in ("http://vault.example.org:8200", "ftp://127.0.0.1", "vault.example.org", ""):
        with pytest.raises(SecretError, match="TLS"):
            VaultMasterKey(address, "sharewell", token)
    VaultMasterKey("https://vault.example.org:8200", "sharewell", token)


def certificate(folder):
    """A self-signed certificate of 127.0.0.1, as two PEM files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "vault")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, today - timedelta(1), today + timedelta(1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False)
        .add_extension(x509.BasicConstraints(True, None), True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return folder / "cert.pem", folder / "key.pem"


def test_a_vault_is_who_its_certificate_says(tmp_path, token):
    cert, key = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    running = Server(context)
    try:
        address = f"https://127.0.0.1:{running.port}"
        known = VaultMasterKey(address, "sharewell", token, authority=cert, timeout=2)
        assert known.unwrap(known.wrap(SECRET, "agreement kid"), "agreement kid") == SECRET
        unknown = VaultMasterKey(address, "sharewell", token, timeout=2)
        refused(lambda: unknown.wrap(SECRET, "agreement kid"), "UNREACHABLE")
        with pytest.raises(SecretError, match="TLS"):
            VaultMasterKey(address, "sharewell", token, authority=tmp_path / "absent.pem")
    finally:
        running.stop()


def test_a_keyring_moves_from_a_file_to_vault_and_to_its_next_version(tmp_path, master, server):
    file = FileMasterKey.create(tmp_path / "master.key")
    ring = Keyring.open(tmp_path / "ring", file)
    for name in ("kid", "istv"):
        ring.issue(name, at=NOW)
    ring.issue_signer("northshire", at=NOW)
    before = [ring.secret(name, Use.PERSON_KEY) for name in ("kid", "istv")]
    moving = Keyring.open(tmp_path / "ring", Moving(master, file))
    assert [moving.secret(name, Use.PERSON_KEY) for name in ("kid", "istv")] == before
    assert rewrap(tmp_path / "ring", file, master, at=NOW).moved == 3
    there = Keyring.open(tmp_path / "ring", master)
    assert [there.secret(name, Use.PERSON_KEY) for name in ("kid", "istv")] == before
    server.vault["keys"].append(os.urandom(32))
    assert rewrap(tmp_path / "ring", master, master, at=NOW).moved == 3
    assert rewrap(tmp_path / "ring", master, master, at=NOW).moved == 0
    server.vault["keys"][0] = os.urandom(32)  # the first version is gone: nothing needs it
    assert [there.secret(name, Use.PERSON_KEY) for name in ("kid", "istv")] == before


def test_while_moving_a_sealed_vault_is_said_and_not_taken_for_another_key(tmp_path, master, server):
    file = FileMasterKey.create(tmp_path / "master.key")
    wrapped = file.wrap(SECRET, "agreement kid")
    moving = Moving(master, file)
    assert moving.unwrap(wrapped, "agreement kid") == SECRET
    at_vault = master.wrap(SECRET, "agreement kid")
    server.vault["status"] = 503
    refused(lambda: moving.unwrap(at_vault, "agreement kid"), "SEALED")


class Store:
    """What the `keyring` library gives for a store that a login locks."""

    def __init__(self):
        self.held, self.locked = {}, False

    def get_password(self, service, name):
        if self.locked:
            raise RuntimeError(f"locked: {self.held}")
        return self.held.get((service, name))

    def set_password(self, service, name, secret):
        self.held[service, name] = secret


Store.__module__ = "keyring.backends.SecretService"


@pytest.fixture
def store(monkeypatch):
    library, made = ModuleType("keyring"), Store()
    library.get_keyring = lambda: made
    monkeypatch.setitem(sys.modules, "keyring", library)
    return made


def test_the_systems_keyring_keeps_a_master_key(store, tmp_path):
    master = SystemMasterKey.create("northshire")
    wrapped = master.wrap(SECRET, "agreement kid")
    again = SystemMasterKey.open("northshire")
    assert again.unwrap(wrapped, "agreement kid") == SECRET
    assert again.is_current(wrapped, "agreement kid")
    assert SystemMasterKey.create("northshire").unwrap(wrapped, "agreement kid") == SECRET
    refused(lambda: again.unwrap(wrapped, "agreement istv"), "BOUND")
    ring = Keyring.open(tmp_path / "ring", again)
    ring.issue("kid", at=NOW)
    assert len(ring.secret("kid", Use.DATA)) == 32


def test_a_locked_empty_or_damaged_store_is_said(store):
    refused(lambda: SystemMasterKey.open("nobody"), "MASTER")
    master = SystemMasterKey.create("northshire")
    wrapped = master.wrap(SECRET, "agreement kid")
    store.locked = True
    error = refused(lambda: master.unwrap(wrapped, "agreement kid"), "LOCKED")
    assert next(iter(store.held.values())) not in str(error)
    store.locked = False
    for damaged in ("", "%%", "c2hvcnQ="):
        store.held = {("sharewell", "northshire"): damaged}
        refused(lambda: master.unwrap(wrapped, "agreement kid"), "MASTER")


@pytest.mark.parametrize("module", ["keyring.backends.fail", "keyring.backends.null", "keyrings.alt.file"])
def test_a_store_that_keeps_no_secret_is_refused(monkeypatch, module):
    plain = type("Keyring", (Store,), {})
    plain.__module__ = module
    chain = type("ChainerBackend", (), {"backends": [Store(), plain()]})
    for found in (plain(), chain()):
        library = ModuleType("keyring")
        library.get_keyring = lambda found=found: found
        monkeypatch.setitem(sys.modules, "keyring", library)
        refused(lambda: SystemMasterKey.create("northshire"), "STORE")


def test_without_the_library_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    refused(lambda: SystemMasterKey.open("northshire"), "LIBRARY")


def test_the_library_has_the_stores_that_are_named():
    """The names are those of the real library, where it is installed."""
    pytest.importorskip("keyring", reason="the optional extra `keyring` is not installed")
    from importlib.util import find_spec

    from sharewell.depersonalise.system_keyring import STORES

    assert all(find_spec(f"keyring.backends.{name}") for name in STORES)
