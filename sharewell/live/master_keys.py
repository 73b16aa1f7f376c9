"""The workspace's master key: a file unless `sharewell.toml` says otherwise, and its rotation.

    [keys]
    master = "vault"                        # or "keyring", or "file"
    address = "https://vault.example:8200"
    key = "sharewell"
    token = "/run/vault/token"              # a file of its owner alone
    # mount = "transit", namespace = "", authority = "/etc/ca.pem"

    [keys.former]                           # while secrets are moved from the one before
    master = "file"

`keyring` needs a `name`, under which the system's keyring keeps it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..account.events import JSON, EventKind
from ..depersonalise.files import erase, locked
from ..depersonalise.held import bound_of, read_held, wrapped_in
from ..depersonalise.master import FileMasterKey, MasterKey, successor_of
from ..depersonalise.rotation import Moving, Rotated, rewrap, rotate_file_master
from ..errors import DocumentError, Problem, among

if TYPE_CHECKING:
    from ..workspace import Workspace

_NEEDED: dict[str, tuple[str, ...]] = {
    "file": (),
    "keyring": ("name",),
    "vault": ("address", "key", "token"),
}
_ALLOWED: dict[str, tuple[str, ...]] = {"vault": ("mount", "namespace", "authority")}


def master_key(space: Workspace) -> MasterKey:
    """The master key that the configuration names; beside the former one while secrets are moved from it.

    DocumentError KEYS for settings that cannot be; SecretError as each provider raises it. A new key is
    made only where no secret was wrapped by another.
    """
    told = dict(space.keys)
    former = told.pop("former", None)
    _check(told, "[keys]")
    if former is None:
        kept = next((space.kept / "keys").glob("*/*.json"), None)
        return _opened(space, told, fresh=kept is None)
    _check_former(told, former)
    new = _opened(space, told, fresh=True)
    gone = former.get("master", "file") == "file" and not _file(space).exists()
    return new if gone else Moving(new, _opened(space, former, fresh=False))


def rotate_master(space: Workspace, by: str) -> Rotated:
    """Wrap every secret anew, and enter that in the account. Stopped, the same call goes on.

    A file gets a successor and is erased; within Vault, secrets go to the newest version of the transit
    key; with `[keys.former]`, all go from the former master key to the one that is named, and a former file
    is erased. Nothing is begun unless every secret opens. DocumentError KEYS for a system's keyring without
    a former one: name a new entry, and the old one as `former`.
    """
    folder, key, secrets = space.kept / "keys", space.keyring_master, _secrets(space)
    for path in secrets:
        key.unwrap(wrapped_in(read_held(path), path), bound_of(path))
    kind, former = space.keys.get("master", "file"), space.keys.get("former")
    if kind == "keyring" and former is None:
        fix = (
            'give `[keys]` another `name`, and write `[keys.former]` with `master = "keyring"` and the old'
        )
        raise _fault("a key in the system's keyring is not changed in place", fix)
    # Entered before and after: nothing is moved where the account cannot be written.
    _enter(space, by, {"master": key.name, "secrets": len(secrets), "done": False})
    if former is not None:
        rotated = rewrap(
            folder, key, _opened(space, _without_former(space.keys), fresh=False), at=space.now
        )
        _forget(space, former)
    elif kind == "file":
        rotated = rotate_file_master(folder, _file(space), at=space.now)
    else:
        rotated = rewrap(folder, key, key, at=space.now)
    _enter(space, by, {**rotated.facts(), "done": True})
    return rotated


def _enter(space: Workspace, by: str, facts: Mapping[str, JSON]) -> None:
    space.account.append(EventKind.ACCOUNT_MASTER_ROTATED, at=space.now, actor=by, facts=facts)


def _forget(space: Workspace, former: Mapping[str, Any]) -> None:
    """A former key that is a file opens nothing any more, and goes; others are their keepers' to end."""
    if former.get("master", "file") == "file":
        with locked(space.kept / "keys"):
            for path in (successor_of(_file(space)), _file(space)):
                if path.exists():
                    erase(path)


def _opened(space: Workspace, told: Mapping[str, Any], *, fresh: bool) -> MasterKey:
    kind = told.get("master", "file")
    if kind == "file":
        path = _file(space)
        # Once there are secrets, a new master key could open none of them: the old one is asked for.
        return FileMasterKey.create(path) if fresh and not path.exists() else FileMasterKey.open(path)
    if kind == "keyring":
        from ..depersonalise.system_keyring import SystemMasterKey

        return SystemMasterKey.create(told["name"]) if fresh else SystemMasterKey.open(told["name"])
    from ..depersonalise.vault import VaultMasterKey

    authority = told.get("authority")
    return VaultMasterKey(
        told["address"], told["key"], _path(space, told["token"]), mount=told.get("mount", "transit"),
        namespace=told.get("namespace"), authority=None if authority is None else _path(space, authority),
    )  # fmt: skip


def _secrets(space: Workspace) -> list[Path]:
    keys = space.kept / "keys"
    return sorted([*keys.glob("secrets/*.json"), *keys.glob("signers/*.json")])


def _file(space: Workspace) -> Path:
    return space.kept / "master.key"


def _path(space: Workspace, text: str) -> Path:
    return space.folder / Path(text).expanduser()


def _without_former(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name != "former"}


def _check_former(told: Mapping[str, Any], former: Any) -> None:
    if not isinstance(former, dict):
        raise _fault("[keys.former] is no table", 'write `[keys.former]` and `master = "file"` below it')
    _check(former, "[keys.former]")
    if {"master": "file"} | former == {"master": "file"} | dict(told):
        raise _fault("the former master key is the present one", "take `[keys.former]` away")


def _check(told: Mapping[str, Any], where: str) -> None:
    """Every fault of one provider's settings."""
    kind = told.get("master", "file")
    if kind not in _NEEDED:
        raise _fault(f"{where} names no master key that there is", among(str(kind)[:40], _NEEDED))
    able = ("master", *_NEEDED[kind], *_ALLOWED.get(kind, ()))
    lacking = [name for name in _NEEDED[kind] if name not in told]
    odd = [name for name in told if name not in able]
    wrong = [name for name in told if name in able and not (isinstance(told[name], str) and told[name])]
    faults = [(f"{where} does not say its {name}", f'write `{name} = "..."`') for name in lacking]
    faults += [(f"{where} has no setting {name[:40]!r}", among(name, able)) for name in odd]
    faults += [(f"{where} {name} is no text", f'write `{name} = "..."`') for name in wrong]
    if faults:
        raise DocumentError(
            [Problem("KEYS", what, fix=fix, where="sharewell.toml") for what, fix in faults]
        )


def _fault(what: str, fix: str) -> DocumentError:
    return DocumentError(Problem("KEYS", what, fix=fix, where="sharewell.toml"))
