"""Broken places for the command line: what can be wrong around a command, and a call of each command.

A call is written as it would be typed, with `{space}`, `{elsewhere}` (a folder of the caller's own beside
the workspace) and the like filled in.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import typer
from click.testing import Result
from typer.testing import CliRunner
from workspace_example import ACTOR, CUSTOMERS, NAME, identifiers, make, run

from sharewell import workspace
from sharewell.agree.signing import Enrolment
from sharewell.cli import app
from sharewell.live.enrolment import enrol
from sharewell.live.incident import open_incident
from sharewell.live.keyfiles import make_key
from sharewell.live.register import build
from sharewell.live.rehearsal import rehearse
from sharewell.workspace import Workspace

QUESTIONS = "  questions: {purpose: planning, policy: official-statistics, limit: 9}\n"
SIGNATORY, OTHER = "chief@north-energy", "neighbours"
INCIDENT, COMPLAINT = "incident-001", "complaint-001"
SECRETS = frozenset(secret for secret in identifiers() if len(secret) > 6)
"""Who is planted in the data: none of it may be printed. Shorter words could stand in a path by chance."""

CALLS: dict[str, str] = {
    "init": "{elsewhere}/new",
    "county": "/dev/null/county --people 1000",
    "profile": "council.tenants --as {actor} -s {space}",
    "new": "fresh-draft --blank -s {space}",
    "schema": "agreement",
    "lint": "-s {space}",
    "rule": "",
    "diff": "{name} {name} -s {space}",
    "explain": "{name} -s {space}",
    "decide": "{name} --as {actor} -s {space}",
    "assess": "{name} --as {actor} --dpo dpo@north-host -s {space}",
    "deliberate": "{name} --as {actor} -s {space}",
    "condition": "{name} none --as {actor} --evidence minutes -s {space}",
    "sign": "{name} --as {signatory} --key {elsewhere}/chief.key --yes -s {space}",
    "publish": "{name} --as {actor} -s {space}",
    "rehearse": "{name} -s {space}",
    "suspend": "{name} --as {signatory} --reason drill -s {space}",
    "resume": "{name} --as {signatory} --reason drill -s {space}",
    "withdraw": "{name} --as {signatory} --reason drill --yes -s {space}",
    "status": "-s {space}",
    "papers": "{name} --paper privacy-notice --format html --out {elsewhere}/papers -s {space}",
    "run": "{name} --as {actor} -s {space}",
    "show": "{name} -s {space}",
    "gallery": "-s {space}",
    "weigh": "{name} --out {elsewhere}/balance --format html -s {space}",
    "workshop new": "fresh-day -s {space}",
    "workshop check": "days -s {space}",
    "workshop pack": "days --people 3 --out {elsewhere}/pack-of-day -s {space}",
    "workshop enter": "days -s {space}",
    "workshop held": "days -s {space}",
    "workshop report": "days --format html -s {space}",
    "workshop conclude": "days -s {space}",
    "learn": "--out {elsewhere}/lessons --format html -s {space}",
    "ask": "{name} SELECT|count(*)|AS|n|FROM|patients --as {actor} -s {space}",
    "asked": "{name} -s {space}",
    "prove": "nothing-like-it",
    "demo": "/dev/null/county --people 1000",
    "export": "{name} --out {elsewhere}/agreement.json -s {space}",
    "usage": "{name} --from 2024-01-01 --to 2024-12-31 -s {space}",
    "assets": "-s {space}",
    "assets show": "council.tenants -s {space}",
    "assets search": "damp -s {space}",
    "assets export": "council.tenants --out {elsewhere}/contract.yaml -s {space}",
    "assets import": "{elsewhere}/assets.csv --out {elsewhere}/drafts",
    "account verify": "--event 1 -s {space}",
    "account log": "-s {space}",
    "account destroy": "{name} --as {signatory} --yes -s {space}",
    "keys new": "--as {signatory} --key {elsewhere}/new.key --no-passphrase",
    "keys enrol": "{elsewhere}/other.key.pub --as {actor} --who guardian@north-clinic --yes -s {space}",
    "keys revoke": "{fingerprint} --as {actor} --reason left -s {space}",
    "keys list": "-s {space}",
    "keys rotate-master": "--as {actor} -s {space}",
    "reidentify card": "{name} --as {signatory} --key {elsewhere}/chief.key -s {space}",
    "reidentify enrol": "{name} {elsewhere}/notes.txt --as {actor} --yes -s {space}",
    "reidentify dismiss": "{name} {signatory} --as {actor} --because drill -s {space}",
    "reidentify prepare": "{name} --as {actor} -s {space}",
    "reidentify object": "{name} --people {elsewhere}/notes.txt --as {actor} --because drill -s {space}",
    "reidentify ask": "{name} --tokens {elsewhere}/notes.txt --key {elsewhere}/chief.key --as {signatory} "
    "--because drill --out {elsewhere}/request -s {space}",
    "reidentify approve": "{elsewhere}/notes.txt --key {elsewhere}/chief.key --as {signatory} --yes "
    "-s {space}",
    "reidentify open": "{elsewhere}/notes.txt --tokens {elsewhere}/notes.txt --key {elsewhere}/chief.key "
    "--as {signatory} --out {elsewhere}/people.csv -s {space}",
    "reidentify requests": "{name} -s {space}",
    "budget": "council.tenants -s {space}",
    "audit": "{name}/2024-06-03-001 -s {space}",
    "attack": "{name}/2024-06-03-001 -s {space}",
    "outputs list": "-s {space}",
    "outputs show": "0000 --as {signatory} --because drill -s {space}",
    "outputs approve": "0000 --as {signatory} --because drill -s {space}",
    "outputs return": "0000 --as {signatory} --because drill -s {space}",
    "outputs refuse": "0000 --as {signatory} --because drill -s {space}",
    "benefit measure": "{name} asthma-gap.gap 3 --as {actor} -s {space}",
    "benefit list": "{name} -s {space}",
    "register verify": "{elsewhere}/register -s {space}",
    "register build": "--out {elsewhere}/register -s {space}",
    "incident open": "drill --found 2024-06-02T09:00+00:00 --as {actor} --asset council.tenants -s {space}",
    "incident list": "-s {space}",
    "incident pack": "{incident} --out {elsewhere}/pack -s {space}",
    "incident recall": "{incident} --as {actor} -s {space}",
    "incident certify": "{incident} {delivery} --certificate {elsewhere}/notes.txt "
    "--as chief@north-energy -s {space}",
    "incident close": "{incident} --as {actor} --explain {delivery}=public -s {space}",
    "complaint receive": "{name} --topic access --as {actor} -s {space}",
    "complaint answer": "{complaint} --as {actor} -s {space}",
    "complaint list": "-s {space}",
    "link status": "{name} -s {space}",
    "link run": "{name} --as {actor} -s {space}",
    "link train": "{name} --as {actor} --because drill -s {space}",
    "link history": "{name} --record patients/1 --as {actor} --because drill -s {space}",
    "link as-of": "{name} 2024-06-02 --as {actor} --because drill -s {space}",
    "link undo": "{name} 1 --as {actor} --because drill -s {space}",
    "link same": "{name} patients/1 tenants/1 --as {actor} --because drill -s {space}",
    "link different": "{name} patients/1 tenants/1 --as {actor} --because drill -s {space}",
    "link review": "{name} --as {actor} --because drill -s {space}",
    "link metrics": "{name} --as {actor} --because drill -s {space}",
    "link explain": "{name} patients/1 tenants/1 --as {actor} --because drill -s {space}",
    "link before": "{name} --as {actor} --because drill -s {space}",
    "link erase": "{name} patients/1 --as {actor} --because drill -s {space}",
    "link match": "{name} --as {actor} --because drill -s {space}",
    "link correct": "{name} patients/1 --as {actor} --because drill -s {space}",
    "link sever": "{name} patients/1 --ground adoption --as {actor} -s {space}",
    "split keys new": "--name north-clinic --folder {elsewhere}/fresh-role",
    "split keys trust": "{elsewhere}/card.json --folder {elsewhere}/role --yes",
    "split keys share": "--folder {elsewhere}/role --terms {elsewhere}/terms.json",
    "split keys terms": "{elsewhere}/terms.json",
    "split prepare": "{elsewhere}/assets.csv --folder {elsewhere}/role --terms {elsewhere}/terms.json",
    "split open": "{elsewhere}/package --folder {elsewhere}/role --terms {elsewhere}/terms.json",
    "split link": "--folder {elsewhere}/role --terms {elsewhere}/terms.json",
    "split join": "--folder {elsewhere}/role --terms {elsewhere}/terms.json --out {elsewhere}/joined",
    "split intersect ask": "{elsewhere}/assets.csv --folder {elsewhere}/role --terms"
    " {elsewhere}/terms.json --with north-energy --field surname",
    "split intersect answer": "{elsewhere}/assets.csv --folder {elsewhere}/role --terms"
    " {elsewhere}/terms.json --with north-energy",
    "split intersect read": "--folder {elsewhere}/role --terms {elsewhere}/terms.json --with north-energy",
}
"""One ordinary call of every command, as words; `|` stands for a space within a word."""

LAST = (
    "rehearse",
    "new",
    "keys revoke",
    "sign",
    "publish",
    "resume",
    "suspend",
    "withdraw",
    "incident open",
    "account destroy",
)
"""What changes where an agreement stands comes after all that ask where it does."""


def commands(group: Any = None, path: tuple[str, ...] = ()) -> Iterator[str]:
    """Every command by its words; a group that does something by itself is one too."""
    group = group or typer.main.get_command(app)
    if path and getattr(group, "invoke_without_command", True):
        yield " ".join(path)
    for name, part in getattr(group, "commands", {}).items():
        yield from commands(part, (*path, name))


class Scene:
    """A workspace and its owner's own folder, to be harmed, and commands to be given there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.space, self.elsewhere = folder / "north", folder / "elsewhere"
        self.kept = self.space / ".sharewell"
        self.told = dict(line.split(" ") for line in (self.elsewhere / "told").read_text().splitlines())

    def copy(self, folder: Path) -> Scene:
        return Scene(shutil.copytree(self.folder, folder, symlinks=True))

    @property
    def agreement(self) -> Path:
        return self.space / "systems" / f"{NAME}.yaml"

    def words(self, command: str, call: str | None = None) -> list[str]:
        """A command as typed; `call` in the place of its ordinary one."""
        filled = (CALLS[command] if call is None else call).split()
        values = {
            **self.told,
            "space": self.space,
            "elsewhere": self.elsewhere,
            "name": NAME,
            "actor": ACTOR,
            "signatory": SIGNATORY,
            "incident": INCIDENT,
            "complaint": COMPLAINT,
            "long": "x" * 5000,
        }
        return command.split() + [word.format(**values).replace("|", " ") for word in filled]

    def give(self, command: str, call: str | None = None) -> Result:
        return CliRunner().invoke(app, self.words(command, call), env={"COLUMNS": "160"})

    def files(self) -> dict[str, str]:
        """Everything that stands in the scene, by its content; but for the account, which only grows, and
        locks."""
        return {
            path.relative_to(self.folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and "account.db" not in path.name and path.parent.name != "turns"
        }


def make_scene(folder: Path) -> Scene:
    """The small workspace, run once, with a key, a complaint, an incident elsewhere and a register."""
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir(parents=True)
    space = make(folder / "north", signed=False)
    _neighbours(space)
    path = space.folder / "systems" / f"{NAME}.yaml"
    told = path.read_text().replace("may: [run, release]", "may: [run, release, ask]")
    path.write_text(told.replace("  parameters:", QUESTIONS + "  parameters:"))
    space = workspace.open(space.folder)
    rehearse(space.agreement(NAME))
    run(space)
    space = workspace.open(space.folder)
    chief = make_key(elsewhere / "chief.key")
    make_key(elsewhere / "other.key")
    office = "chief executive"
    fingerprint = enrol(space, Enrolment(SIGNATORY, "north-energy", office, chief.public), ACTOR)
    (elsewhere / "notes.txt").write_text("a file of the caller's own\n")
    (elsewhere / "assets.csv").write_text(
        "Dataset,Data owner,Description\nGrit bins,north-council,Where they are\n"
    )
    open_incident(space, "a drill", space.now, ACTOR, agreement=OTHER)
    from sharewell.live.complaints import receive

    receive(space, NAME, "access", ACTOR)
    build(space, elsewhere / "register")
    delivery = next(e.index for e in space.account.events() if str(e.kind) == "release.released")
    (elsewhere / "told").write_text(f"fingerprint {fingerprint[:16]}\ndelivery {delivery}\n")
    return Scene(folder)


def _neighbours(space: Workspace) -> None:
    """A second agreement, which was never signed, and a contract that no agreement uses."""
    told = (space.folder / "systems" / f"{NAME}.yaml").read_text()
    (space.folder / "systems" / f"{OTHER}.yaml").write_text(
        told.replace(f"agreement: {NAME}", f"agreement: {OTHER}")
    )
    held = (space.folder / "catalogue" / "council.areas.yaml").read_text()
    (space.folder / "catalogue" / "council.spare.yaml").write_text(
        held.replace("id: council.areas", "id: council.spare")
    )


def spoil(path: Path, text: str = "not what it was: [") -> None:
    path.write_text(text)


def _cut(path: Path, share: float = 0.5) -> None:
    """Take away the end of a file."""
    held = path.read_bytes()
    path.write_bytes(held[: int(len(held) * share)])


def _settle(scene: Scene) -> Path:
    """The account as one file, with nothing beside it."""
    path = scene.kept / "account.db"
    with closing(sqlite3.connect(path)) as held:
        held.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for left in scene.kept.glob("account.db-*"):
        left.unlink()
    return path


def _strange_facts(scene: Scene) -> None:
    """Events as another version might have written them: of the same kinds, with none of the facts."""
    from sharewell.account import EventKind

    space = workspace.open(scene.space)
    for kind in EventKind:
        space.account.append(
            kind, at=space.now, actor="somebody@elsewhere", agreement=NAME, facts={"note": "x"}
        )


def _replaced(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def _folder_for(path: Path) -> None:
    """A folder where a file should be."""
    path.unlink(missing_ok=True)
    path.mkdir()


HARMS: dict[str, Callable[[Scene], object]] = {
    "no workspace": lambda s: (s.space / "sharewell.toml").unlink(),
    "an empty folder": lambda s: (shutil.rmtree(s.space), s.space.mkdir()),
    "no folder": lambda s: shutil.rmtree(s.space),
    "a configuration that is no TOML": lambda s: spoil(s.space / "sharewell.toml"),
    "a configuration in another encoding": lambda s: (s.space / "sharewell.toml").write_bytes(
        b"name = '\xff'"
    ),
    "a configuration with a name that is no text": lambda s: spoil(
        s.space / "sharewell.toml", "name = 3\nclock = 2024-06-03\n"
    ),
    "a clock that is no day": lambda s: spoil(
        s.space / "sharewell.toml", "clock = 'June'\nsynthetic = true\n"
    ),
    "a clock with an hour": lambda s: spoil(
        s.space / "sharewell.toml", "clock = 2024-06-03T10:00:00\nsynthetic = true\n"
    ),
    "a clock beyond time": lambda s: spoil(
        s.space / "sharewell.toml", "clock = 9999-12-31\nsynthetic = true\n"
    ),
    "a clock before time": lambda s: spoil(
        s.space / "sharewell.toml", "clock = 0001-01-01\nsynthetic = true\n"
    ),
    "synthetic that is neither": lambda s: spoil(
        s.space / "sharewell.toml", "clock = 2024-06-03\nsynthetic = 'no'\n"
    ),
    "a folder for a configuration": lambda s: _folder_for(s.space / "sharewell.toml"),
    "a broken contract that nobody uses": lambda s: spoil(s.space / "catalogue/council.spare.yaml"),
    "a broken contract that is used": lambda s: spoil(s.space / "catalogue/council.tenants.yaml"),
    "a contract in another encoding": lambda s: (s.space / "catalogue/council.tenants.yaml").write_bytes(
        b"id: \xff\xfe"
    ),
    "a contract under another's name": lambda s: shutil.copy(
        s.space / "catalogue/council.areas.yaml", s.space / "catalogue/council.tenants.yaml"
    ),
    "a contract without a field that is used": lambda s: _replaced(
        s.space / "catalogue/council.tenants.yaml", "name: damp,", "name: mould,"
    ),
    "a folder for a contract": lambda s: _folder_for(s.space / "catalogue/council.spare.yaml"),
    "a missing contract": lambda s: (s.space / "catalogue/council.tenants.yaml").unlink(),
    "no catalogue": lambda s: shutil.rmtree(s.space / "catalogue"),
    "a broken agreement among good ones": lambda s: spoil(s.space / f"systems/{OTHER}.yaml"),
    "an agreement called otherwise than its file": lambda s: shutil.copy(
        s.agreement, s.space / f"systems/{OTHER}.yaml"
    ),
    "a folder for an agreement": lambda s: _folder_for(s.space / f"systems/{OTHER}.yaml"),
    "a broken agreement": lambda s: spoil(s.agreement),
    "an empty agreement": lambda s: spoil(s.agreement, ""),
    "an agreement that goes nowhere": lambda s: (
        s.agreement.unlink(),
        s.agreement.symlink_to("nowhere.yaml"),
    ),
    "an agreement that does not compile": lambda s: _replaced(s.agreement, "and damp", "and mould"),
    "another agreement that does not compile": lambda s: _replaced(
        s.space / f"systems/{OTHER}.yaml", "and damp", "and mould"
    ),
    "a product that was renamed": lambda s: s.agreement.write_text(
        s.agreement.read_text().replace("damp-homes", "wet-homes")
    ),
    "a party that was renamed": lambda s: s.agreement.write_text(
        s.agreement.read_text().replace("north-energy", "south-energy")
    ),
    "no agreements": lambda s: shutil.rmtree(s.space / "systems"),
    "a broken framework": lambda s: (
        (s.space / "frameworks").mkdir(),
        spoil(s.space / "frameworks/ours.yaml"),
    ),
    "a missing framework": lambda s: _replaced(s.agreement, "version: 1", "version: 1\nframework: ours@1"),
    "an account cut short": lambda s: _cut(_settle(s)),
    "an account cut to a page": lambda s: _cut(_settle(s), 0.02),
    "an account that is no database": lambda s: spoil(_settle(s), "no database" * 999),
    "an account with a page of noise": lambda s: (
        (p := _settle(s))
        and p.write_bytes(p.read_bytes()[:8192] + b"\x5a" * 40960 + p.read_bytes()[49152:])
    ),
    "an empty account": lambda s: _settle(s).write_bytes(b""),
    "no account": lambda s: _settle(s).unlink(),
    "a folder for an account": lambda s: _folder_for(_settle(s)),
    "an account of another version": _strange_facts,
    "no master key": lambda s: (s.kept / "master.key").unlink(),
    "a master key cut short": lambda s: _cut(s.kept / "master.key"),
    "a master key that others can read": lambda s: (s.kept / "master.key").chmod(0o644),
    "another master key": lambda s: (s.kept / "master.key").write_bytes(bytes(32)),
    "a folder for a master key": lambda s: _folder_for(s.kept / "master.key"),
    "no keys": lambda s: shutil.rmtree(s.kept / "keys"),
    "a secret that is no JSON": lambda s: spoil(s.kept / f"keys/secrets/{NAME}.json"),
    "a signer that is no JSON": lambda s: spoil(s.kept / "keys/signers/account.json"),
    "a signer that is a list": lambda s: spoil(s.kept / "keys/signers/account.json", "[1]"),
    "a certificate of destruction that is no JSON": lambda s: (
        (s.kept / "keys/destroyed").mkdir(exist_ok=True),
        (s.kept / f"keys/secrets/{NAME}.json").unlink(),
        spoil(s.kept / f"keys/destroyed/{NAME}.json"),
        (s.kept / f"keys/destroyed/{NAME}.json").chmod(0o600),
    ),
    "a file for the keys": lambda s: (shutil.rmtree(s.kept / "keys"), spoil(s.kept / "keys")),
    "a file for all that is kept": lambda s: (shutil.rmtree(s.kept), spoil(s.kept)),
    "no data": lambda s: shutil.rmtree(s.space / "data"),
    "data of nonsense": lambda s: [p.write_bytes(b"\x00\xff" * 500) for p in (s.space / "data").iterdir()],
    "a folder for a source": lambda s: _folder_for(s.space / CUSTOMERS),
    "releases tampered with": lambda s: [
        p.write_bytes(b"\xff") for p in (s.kept / "releases").rglob("*") if p.is_file()
    ],
    "releases taken away": lambda s: shutil.rmtree(s.kept / "releases"),
    "a file for the releases": lambda s: (shutil.rmtree(s.kept / "releases"), spoil(s.kept / "releases")),
    "a file for the places": lambda s: (shutil.rmtree(s.kept / "places"), spoil(s.kept / "places")),
    "tables at places of noise": lambda s: [
        p.write_bytes(b"PAR1" * 99) for p in (s.kept / "places").rglob("*.parquet")
    ],
    "a file for the turns": lambda s: (shutil.rmtree(s.kept / "turns"), spoil(s.kept / "turns")),
    "a register of nonsense": lambda s: [
        p.write_bytes(b"\xff[") for p in (s.elsewhere / "register").rglob("*") if p.is_file()
    ],
    "a register without facts": lambda s: [
        p.write_text("{}") for p in (s.elsewhere / "register").rglob("*.json")
    ],
    "a register whose facts are a list": lambda s: [
        p.write_text("[1]") for p in (s.elsewhere / "register").rglob("*.json")
    ],
    "a folder in a register for a file": lambda s: _folder_for(s.elsewhere / "register/SHA256SUMS"),
    "no register": lambda s: shutil.rmtree(s.elsewhere / "register"),
    "a key file of nonsense": lambda s: [
        spoil(s.elsewhere / name) for name in ("chief.key", "other.key.pub")
    ],
    "a key file in binary": lambda s: [
        (s.elsewhere / name).write_bytes(b"\xff\xfe\x00") for name in ("chief.key", "other.key.pub")
    ],
    "no key files": lambda s: [(s.elsewhere / name).unlink() for name in ("chief.key", "other.key.pub")],
    "folders for key files": lambda s: [
        _folder_for(s.elsewhere / name) for name in ("chief.key", "other.key.pub")
    ],
    "a key file that others can read": lambda s: (s.elsewhere / "chief.key").chmod(0o644),
    "nothing of the caller's own": lambda s: shutil.rmtree(s.elsewhere),
    "a file for the caller's folder": lambda s: (shutil.rmtree(s.elsewhere), spoil(s.elsewhere)),
    "outputs that are there already": lambda s: [
        spoil(s.elsewhere / n)
        for n in ("new", "papers", "agreement.json", "contract.yaml", "drafts", "new.key", "pack")
    ],
    "outputs that are folders of others": lambda s: [
        ((s.elsewhere / n).mkdir(), spoil(s.elsewhere / n / "theirs"))
        for n in ("new", "papers", "agreement.json", "contract.yaml", "drafts", "new.key", "pack")
    ],
}
"""What may be wrong, and how it comes about."""


NOTICED: dict[str, tuple[str, str]] = {
    "no workspace": ("status", "WORKSPACE"),
    "an empty folder": ("status", "WORKSPACE"),
    "no folder": ("status", "WORKSPACE"),
    "a configuration that is no TOML": ("status", "TOML"),
    "a configuration in another encoding": ("status", "TOML"),
    "a configuration with a name that is no text": ("status", "TOML"),
    "a clock that is no day": ("status", "TOML"),
    "a clock with an hour": ("status", "TOML"),
    "a clock beyond time": ("status", "TOML"),
    "a clock before time": ("status", "TOML"),
    "synthetic that is neither": ("status", "TOML"),
    "a folder for a configuration": ("status", "FILE"),
    "a broken contract that nobody uses": ("lint", "SYNTAX"),
    "a broken contract that is used": ("lint", "SYNTAX"),
    "a contract in another encoding": ("lint", "ENCODING"),
    "a contract under another's name": ("lint", "NAME"),
    "a contract without a field that is used": ("lint", "FIELD"),
    "a folder for a contract": ("lint", "FILE"),
    "a missing contract": ("lint", "ASSET"),
    "no catalogue": ("explain", "ASSET"),
    "a broken agreement among good ones": ("lint", "SYNTAX"),
    "an agreement called otherwise than its file": ("lint", "NAME"),
    "a folder for an agreement": ("lint", "FILE"),
    "a broken agreement": ("explain", "SYNTAX"),
    "an empty agreement": ("explain", "EMPTY"),
    "an agreement that goes nowhere": ("explain", "AGREEMENT"),
    "an agreement that does not compile": ("suspend", "suspended"),
    "another agreement that does not compile": ("status", "mend"),
    "a product that was renamed": ("status", "draft"),
    "a party that was renamed": ("publish", "PARTY"),
    "no agreements": ("explain", "AGREEMENT"),
    "a broken framework": ("lint", "SYNTAX"),
    "a missing framework": ("lint", "FRAMEWORK"),
    "an account cut short": ("account verify", "STORE"),
    "an account cut to a page": ("account verify", "STORE"),
    "an account that is no database": ("account verify", "STORE"),
    "an account with a page of noise": ("account verify", "STORE"),
    "an empty account": ("account verify", "SIZE"),
    "no account": ("account verify", "SIZE"),
    "a folder for an account": ("account verify", "STORE"),
    "an account of another version": ("show", "FACT"),
    "no master key": ("keys list", "MASTER"),
    "a master key cut short": ("keys list", "MASTER"),
    "a master key that others can read": ("keys list", "OPEN"),
    "another master key": ("keys list", "BOUND"),
    "a folder for a master key": ("keys list", "PLACE"),
    "no keys": ("keys list", "MISSING"),
    "a secret that is no JSON": ("ask", "FILE"),
    "a signer that is no JSON": ("account log", "FILE"),
    "a signer that is a list": ("account log", "FILE"),
    "a certificate of destruction that is no JSON": ("run", "FILE"),
    "a file for the keys": ("keys list", "PLACE"),
    "a file for all that is kept": ("status", "PLACE"),
    "no data": ("run", "FILE"),
    "data of nonsense": ("run", "ENCODING"),
    "a folder for a source": ("run", "FILE"),
    "releases tampered with": ("register build", "Built"),
    "releases taken away": ("show", "asthma-gap"),
    "a file for the releases": ("run", "WRITE"),
    "a file for the places": ("run", "FILE"),
    "tables at places of noise": ("run", "Run "),
    "a file for the turns": ("run", "FILE"),
    "a register of nonsense": ("register verify", "CHECKPOINT"),
    "a register without facts": ("register verify", "CHANGED"),
    "a register whose facts are a list": ("register verify", "CHANGED"),
    "a folder in a register for a file": ("register verify", "GONE"),
    "no register": ("register verify", "REGISTER"),
    "a key file of nonsense": ("sign", "KEY"),
    "a key file in binary": ("sign", "KEY"),
    "no key files": ("sign", "KEY"),
    "folders for key files": ("sign", "PLACE"),
    "a key file that others can read": ("sign", "OPEN"),
    "nothing of the caller's own": ("export", "FILE"),
    "a file for the caller's folder": ("export", "FILE"),
    "outputs that are there already": ("assets export", "EXISTS"),
    "outputs that are folders of others": ("assets export", "EXISTS"),
}
"""Who must notice, and what is said: the code of the error; or how one that is not hindered goes on."""


NAMES: tuple[tuple[str, str, str], ...] = (
    ("explain", "warm-home -s {space}", "did you mean 'warm-homes'?"),
    ("explain", "../../etc/none -s {space}", "AGREEMENT"),
    ("explain", "{long} -s {space}", "AGREEMENT"),
    ("explain", "{elsewhere}/none.yaml -s {space}", "AGREEMENT"),
    ("status", "warm-home -s {space}", "unreadable"),
    ("diff", "{name} нет -s {space}", "AGREEMENT"),
    ("decide", "{name} --as {actor} --ask steal -s {space}", "ask one of"),
    ("decide", "{name} --as {actor} --product damp-home -s {space}", "damp-homes"),
    ("decide", "{name} --as {long} -s {space}", "FACT"),
    ("decide", "{name} --as 🦊 -s {space}", "ACTOR"),
    ("run", "{name} --as nobody -s {space}", "ACTOR"),
    ("publish", "{name} --as nobody@nowhere -s {space}", "ROLE"),
    ("suspend", "{name} --as nobody@nowhere --reason drill -s {space}", "ROLE"),
    ("withdraw", "{name} --as nobody@nowhere --reason drill --yes -s {space}", "ROLE"),
    ("account destroy", "{name} --as nobody@nowhere --yes -s {space}", "ROLE"),
    ("suspend", "{name} --as {signatory} --reason {long} -s {space}", "FACT"),
    ("condition", "{name} nothing --as {actor} --evidence x -s {space}", "there are"),
    ("profile", "council.tenant --as {actor} -s {space}", "did you mean 'council.tenants'?"),
    ("assets show", "council.tenant -s {space}", "did you mean 'council.tenants'?"),
    ("assets export", "council.tenant -s {space}", "did you mean 'council.tenants'?"),
    ("assets export", "council.tenants --as odc -s {space}", "did you mean 'odcs'?"),
    ("assets import", "{elsewhere}/none.csv --out {elsewhere}/drafts", "FILE"),
    ("assets import", "{elsewhere}/assets.csv --out {elsewhere}/drafts --as rop", "did you mean 'ropa'?"),
    ("export", "{name} --as turtle -s {space}", "FORMAT"),
    ("papers", "{name} --paper dpai -s {space}", "did you mean 'dpia'?"),
    ("papers", "{name} --format pdff -s {space}", "did you mean 'pdf'?"),
    ("rule", "FEILD", "there are"),
    ("schema", "agreemnt", "did you mean 'agreement'?"),
    ("prove", "kent", "there are"),
    ("new", "fresh --blank --kind one-wya -s {space}", "one-way"),
    ("new", "Not|A|Name --blank -s {space}", "agreement"),
    ("new", "fresh --blank --answers {elsewhere}/none.yaml -s {space}", "FILE"),
    ("keys enrol", "zz --as {actor} --who g@h --yes -s {space}", "KEY"),
    (
        "keys enrol",
        "{elsewhere}/other.key.pub --as {actor} --who nobody@nowhere --yes -s {space}",
        "OFFICE",
    ),
    ("reidentify prepare", "warm-home --as {actor} -s {space}", "did you mean 'warm-homes'?"),
    ("reidentify prepare", "{name} --as {actor} -s {space}", "NO_REIDENTIFICATION"),
    ("reidentify enrol", "{name} {elsewhere}/none.card --as {actor} --yes -s {space}", "CARD"),
    ("reidentify card", "{name} --as {actor} --key {elsewhere}/none.key -s {space}", "KEY"),
    (
        "reidentify approve",
        "{elsewhere} --key {elsewhere}/chief.key --as {actor} --yes -s {space}",
        "FILE",
    ),
    ("keys revoke", "00 --as {actor} --reason left -s {space}", "KEY"),
    ("keys revoke", "{fingerprint} --as {actor} --reason lft -s {space}", "did you mean 'left'?"),
    ("keys revoke", "{fingerprint} --as {actor} --reason left --since 2024-02-30 -s {space}", "SINCE"),
    (
        "keys revoke",
        "{fingerprint} --as {actor} --reason left --since 9999-12-31T23:59-23:59 -s {space}",
        "SINCE",
    ),
    ("keys new", "--as {actor} --key {space}/mine.key --no-passphrase", "WORKSPACE"),
    ("keys new", "--as {actor} --key {elsewhere}/chief.key --no-passphrase", "EXISTS"),
    ("sign", "{name} --as {signatory} --key {elsewhere}/none.key --yes -s {space}", "KEY"),
    ("sign", "{name} --as nobody@nowhere --key {elsewhere}/chief.key --yes -s {space}", "NOT_SIGNATORY"),
    ("benefit measure", "{name} gap 3 --as {actor} -s {space}", "there are: asthma-gap.gap"),
    ("benefit measure", "{name} asthma-gap.gap nan --as {actor} -s {space}", "VALUE"),
    ("usage", "{name} --from 2024-12-31 --to 2024-01-01 -s {space}", "PERIOD"),
    ("usage", "{name} --from 2024-02-30 --to 2024-12-31 -s {space}", "Usage:"),
    ("usage", "{name} --from 2024-01-01 --to 2024-12-31 --format cvs -s {space}", "did you mean 'csv'?"),
    ("register build", "--address ftp://x -s {space}", "ADDRESS"),
    ("register verify", "{elsewhere}", "REGISTER"),
    ("register verify", "{elsewhere}/register --key nonsense", "KEY"),
    ("incident open", "drill --found soon --as {actor} --asset council.tenants -s {space}", "TIME"),
    (
        "incident open",
        "drill --found 0001-01-01T00:00+23:59 --as {actor} --asset council.tenants -s {space}",
        "TIME",
    ),
    (
        "incident open",
        "drill --found 2999-01-01T00:00+00:00 --as {actor} --asset council.tenants -s {space}",
        "come",
    ),
    (
        "incident open",
        "drill --found 2024-06-02T09:00+00:00 --as {actor} --asset council.tenant -s {space}",
        "did you mean",
    ),
    (
        "incident open",
        "drill --found 2024-06-02T09:00+00:00 --as {actor} --agreement warm-home -s {space}",
        "did you mean",
    ),
    ("incident pack", "incident-01 -s {space}", "did you mean 'incident-001'?"),
    ("incident recall", "incident-01 --as {actor} -s {space}", "did you mean 'incident-001'?"),
    (
        "incident certify",
        "{incident} 999 --certificate {elsewhere}/notes.txt --as x@y -s {space}",
        "UNKNOWN",
    ),
    ("incident certify", "{incident} 999 --certificate {elsewhere} --as x@y -s {space}", "FILE"),
    ("incident close", "{incident} --as {actor} --explain ²=why -s {space}", "EXPLAIN"),
    ("incident close", "incident-01 --as {actor} -s {space}", "did you mean 'incident-001'?"),
    ("complaint receive", "warm-home --topic access --as {actor} -s {space}", "did you mean 'warm-homes'?"),
    ("complaint receive", "{name} --topic acess --as {actor} -s {space}", "did you mean 'access'?"),
    ("complaint receive", "{name} --topic access --received 2999-01-01 --as {actor} -s {space}", "DATE"),
    ("complaint answer", "complaint-01 --as {actor} -s {space}", "did you mean 'complaint-001'?"),
    ("account verify", "--event 99999 -s {space}", "SIZE"),
    ("account log", "--last 0 -s {space}", "Usage:"),
    ("ask", "{name} DROP|TABLE|patients --as {actor} -s {space}", "INSTEAD"),
    ("ask", "{name} SELECT --as {actor} -s {space}", ""),
    ("init", "{space}", "EXISTS"),
    ("init", "{elsewhere}/notes.txt", "FILE"),
)
"""A call with a name, a day or a file that is not there or cannot be, and what is said to it."""
