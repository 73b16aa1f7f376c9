"""The public register: a static site that proves itself. Built whole or not at all, and verified.

Beside the pages lie `proof.json` for each (inclusion proofs of every event that it names, RFC 6962), the
checkpoint they lead to, and SHA256SUMS signed with the account's own key. So without the account anyone can
hold the site to what was signed; with it, an auditor rebuilds the site and compares every byte.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..account import Proof, verifier_key, verify_inclusion
from ..account.notes import Checkpoint, read_checkpoint, read_keys
from ..errors import AccountError, Problem, SharewellError, StorageError
from ..public.site import FACTS, HTML, Page, Site, canonical, digest, facts_of, read_site, render_site
from .folders import replace_folder

if TYPE_CHECKING:
    from ..account import Account
    from ..workspace import Workspace

SUMS, SIGNED, KEY, NOTE, PROOF = (
    "SHA256SUMS",
    "SHA256SUMS.signed",
    "key.txt",
    "checkpoint.txt",
    "proof.json",
)
_FIRST_LINE = "sharewell register"
"""No account is called so (a name has no space), so that this signature can be taken for no checkpoint."""


@dataclass(frozen=True)
class Verified:
    """What was checked, and every fault. `against` says what it was held to."""

    pages: int
    proofs: int
    against: str
    faults: tuple[Problem, ...]

    @property
    def holds(self) -> bool:
        return not self.faults


def build(space: Workspace, out: Path | None = None, address: str = "") -> Path:
    """Build the register at `out` (by default `.sharewell/register`), in the place of an earlier one.

    Signs a checkpoint first where the account has grown since the last. StorageError where the folder holds
    something else, or cannot be written: then what stood there stands still.
    """
    if address and not re.fullmatch(r"https://\S+", address):
        raise StorageError(Problem("ADDRESS", "the address does not begin with https://", fix="correct it"))
    folder = out or space.kept / "register"
    at = f"{address.rstrip('/')}/" if address else ""
    return replace_folder(folder, _files(space, _newest(space), at), SIGNED)


def verify(folder: Path, *, space: Workspace | None = None, key: str = "") -> Verified:
    """Hold a register to what was signed; with `space`, also to the account and texts that it tells of.

    `key` is the public key to trust; without it and `space`, the key in the folder is believed, and then
    only slips are found, not forgery: `against` says so.
    """
    files = _read(folder)
    trusted = key or (_own_key(space) if space else "")
    against = (
        "the key that was given" if key else "the workspace's account" if space else "the key in the folder"
    )
    faults: list[Problem] = []
    proofs, site = 0, Site({}, ())
    try:
        checkpoint = read_checkpoint(
            _held(files, NOTE), read_keys([trusted or _held(files, KEY).decode().strip()])
        )
        faults += _sums_faults(files, trusted or _held(files, KEY).decode().strip())
        site = read_site(files)
        faults += list(_render_faults(files, site))
        for page in site.pages:
            found = list(_proof_faults(files, site, page, checkpoint))
            faults += [problem for problem in found if problem is not None]
            proofs += len(found) - len([problem for problem in found if problem is not None])
        if space is not None:
            faults += _rebuild_faults(space, files, site, checkpoint)
    except (AccountError, UnicodeDecodeError) as error:
        faults += error.problems if isinstance(error, SharewellError) else [_unread(KEY)]
    return Verified(len(site.pages), proofs, against, tuple(dict.fromkeys(faults)))


def _newest(space: Workspace) -> Checkpoint:
    """The last checkpoint, if it covers all that was done; or a new one."""
    account = space.account
    held = account.checkpoints()
    if held and held[-1].size == len(account):
        return held[-1]
    return account.checkpoint(at=space.now)


def _files(space: Workspace, checkpoint: Checkpoint, address: str) -> dict[str, bytes]:
    """Every file of the site as of a checkpoint, with proofs, sums and signature."""
    from .register_pages import gather

    gathered = gather(space, checkpoint, address)
    files = render_site(gathered.site) | gathered.figures
    for page in gathered.site.pages:
        files[page.path + PROOF] = _proof(space.account, gathered.site, page, checkpoint)
    files[NOTE] = checkpoint.note
    files[KEY] = (_own_key(space) + "\n").encode()
    files[SUMS] = _sums(files)
    return files | {SIGNED: _signed(space.account, files[SUMS], checkpoint)}


def _own_key(space: Workspace) -> str:
    assert space.account.signer is not None
    return verifier_key(space.account.signer)


def cited(value: Any) -> Iterator[tuple[int, str]]:
    """Every event that facts name, with its leaf hash, at any depth."""
    if isinstance(value, Mapping):
        if "event" in value and "leaf" in value:
            yield value["event"], value["leaf"]
        for part in value.values():
            yield from cited(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from cited(part)


def _proof(account: Account, site: Site, page: Page, checkpoint: Checkpoint) -> bytes:
    events = [
        {
            "event": index,
            "leaf": leaf,
            "path": [step.hex() for step in account.inclusion(index, checkpoint.size).path],
        }
        for index, leaf in sorted(set(cited(page.facts)))
    ]
    root = {"size": checkpoint.size, "root": checkpoint.root.hex()}
    return canonical({"facts": digest(facts_of(site, page)), "checkpoint": root, "events": events})


def _sums(files: Mapping[str, bytes]) -> bytes:
    """As `sha256sum --check` reads it."""
    return "".join(f"{digest(held)}  {name}\n" for name, held in sorted(files.items())).encode()


def _statement(sums: bytes, checkpoint: Checkpoint) -> str:
    root = base64.b64encode(checkpoint.root).decode()
    held = f"checkpoint {checkpoint.number} size {checkpoint.size} root {root}"
    return f"{_FIRST_LINE}\nsums {digest(sums)}\n{held}\n"


def _signed(account: Account, sums: bytes, checkpoint: Checkpoint) -> bytes:
    """A C2SP signed note over the digest of the sums."""
    assert account.signer is not None
    name, hashed, _ = verifier_key(account.signer).split("+", 2)
    text = _statement(sums, checkpoint)
    blob = base64.b64encode(bytes.fromhex(hashed) + account.signer.sign(text.encode())).decode()
    return f"{text}\n\u2014 {name} {blob}\n".encode()


def _read(folder: Path) -> dict[str, bytes]:
    if not (folder / SIGNED).exists():
        what = f"{folder.name} is no register, or its signature is gone"
        raise StorageError(Problem("REGISTER", what, fix="name the folder that holds SHA256SUMS.signed"))
    paths = sorted(path for path in folder.rglob("*") if path.is_file() or path.is_symlink())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _held(files: Mapping[str, bytes], name: str) -> bytes:
    if name not in files:
        raise AccountError(Problem("GONE", "is missing from the register", where=name))
    return files[name]


def _unread(name: str) -> Problem:
    return Problem("UNREADABLE", "cannot be read", where=name)


def _sums_faults(files: Mapping[str, bytes], key: str) -> Iterator[Problem]:
    """The signature over the sums, and every file against them."""
    sums = _held(files, SUMS)
    if not _is_signed(_held(files, SIGNED), sums, key):
        why = "the list of sums is not the one that was signed, or another key signed it"
        yield Problem("SIGNATURE", "does not hold", why, "do not trust this copy", SIGNED)
    listed = dict(line.split("  ", 1)[::-1] for line in sums.decode().splitlines() if "  " in line)
    for name in sorted({*listed, *files} - {SUMS, SIGNED}):
        if name not in files:
            yield Problem("GONE", "is missing from the register", where=name)
        elif name not in listed:
            yield Problem("STRAY", "was not there when the register was signed", where=name)
        elif listed[name] != digest(files[name]):
            yield Problem("CHANGED", "is not what was signed", where=name)


def _is_signed(note: bytes, sums: bytes, key: str) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        text, line = note.decode().split("\n\n")
        name, blob = line.removeprefix("\u2014 ").removesuffix("\n").split(" ")
        raw = base64.b64decode(blob, validate=True)
        public = read_keys([key])[f"{name}+{raw[:4].hex()}"]
        Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], (text + "\n").encode())
    except (ValueError, KeyError, InvalidSignature):
        return False
    return text.startswith(f"{_FIRST_LINE}\nsums {hashlib.sha256(sums).hexdigest()}\n")


def _render_faults(files: Mapping[str, bytes], site: Site) -> Iterator[Problem]:
    """Whether every page, feed and index says what the facts say."""
    try:
        made = render_site(site)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        yield Problem("FACTS", "some facts are not as a page needs them", fix="do not trust this copy")
        return
    for name, held in made.items():
        if files.get(name) != held:
            yield Problem("PAGE", "does not say what the facts of the register say", where=name)
    pages = {name for name in files if name.endswith("/" + HTML) or name == HTML}
    for name in sorted(pages - set(made)):
        if not name.startswith("figures/"):
            yield Problem("STRAY", "is a page without facts", where=name)


def _proof_faults(
    files: Mapping[str, bytes], site: Site, page: Page, checkpoint: Checkpoint
) -> Iterator[Problem | None]:
    """For each event that a page names: a fault, or None where its proof holds."""
    where = page.path + PROOF
    try:
        told = json.loads(_held(files, where))
        paths = {
            (e["event"], e["leaf"]): [bytes.fromhex(step) for step in e["path"]] for e in told["events"]
        }
        bound = told["facts"] == digest(files[page.path + FACTS])
    except (ValueError, KeyError, TypeError):
        yield _unread(where)
        return
    if not bound:
        yield Problem("PROOF", "is the proof of other facts", where=where)
    for index, leaf in sorted(set(cited(page.facts))):
        path = paths.get((index, leaf))
        proof = Proof(index, checkpoint.size, tuple(path or ()), checkpoint.root)
        proved = path is not None and verify_inclusion(_bytes(leaf), proof, checkpoint.root)
        yield (
            None
            if proved
            else Problem("PROOF", f"event {index} is not proved to be in the log", where=where)
        )


def _bytes(leaf: str) -> bytes:
    try:
        return bytes.fromhex(leaf)
    except ValueError:
        return b""


def _rebuild_faults(
    space: Workspace, files: Mapping[str, bytes], site: Site, checkpoint: Checkpoint
) -> Iterator[Problem]:
    """What differs from the register that the account and the texts give at the same checkpoint."""
    verdict = space.account.verify(held=[checkpoint.note])
    yield from verdict.faults
    if not verdict.holds:
        return
    made = _files(space, checkpoint, site.about.get("address", ""))
    for name in sorted({*made, *files}):
        if made.get(name) != files.get(name):
            why = "the account and the agreements say something else"
            yield Problem(
                "REBUILT", "is not what the workspace gives", why, "build the register again", name
            )
