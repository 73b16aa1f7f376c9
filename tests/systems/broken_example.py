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
from sharewell.agree.signing import Enrolment, SigningKey
from sharewell.cli import app
from sharewell.live.enrolment import enrol
from sharewell.live.incident import open_incident
from sharewell.live.keyfiles import make_key, public_file
from sharewell.live.register import build
from sharewell.workspace import Workspace

SIGNATORY, OTHER = "chief@north-energy", "neighbours"
INCIDENT, COMPLAINT = "incident-001", "complaint-001"
SECRETS = frozenset(secret for secret in identifiers() if len(secret) > 6)
"""Who is planted in the data: none of it may be printed. Shorter words could stand in a path by chance."""

CALLS: dict[str, str] = {
    "init": "{elsewhere}/new",
    "county": "{elsewhere}/notes.txt --people 1000",
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
    "suspend": "{name} --as {signatory} --reason drill -s {space}",
    "resume": "{name} --as {signatory} --reason drill -s {space}",
    "withdraw": "{name} --as {signatory} --reason drill --yes -s {space}",
    "status": "-s {space}",
    "papers": "{name} --paper privacy-notice --format html --out {elsewhere}/papers -s {space}",
    "run": "{name} --as {actor} -s {space}",
    "show": "{name} -s {space}",
    "ask": "{name} SELECT|count(*)|AS|n|FROM|patients --as {actor} -s {space}",
    "asked": "{name} -s {space}",
    "prove": "nothing-like-it",
    "demo": "{elsewhere}/notes.txt --people 1000",
    "export": "{name} --out {elsewhere}/agreement.json -s {space}",
    "usage": "{name} --from 2024-01-01 --to 2024-12-31 -s {space}",
    "assets": "-s {space}",
    "assets show": "council.tenants -s {space}",
    "assets search": "damp -s {space}",
    "assets export": "council.tenants --out {elsewhere}/contract.yaml -s {space}",
    "assets import": "{elsewhere}/assets.csv --out {elsewhere}/drafts",
    "account verify": "--event 1 -s {space}",
    "account log": "-s {space}",
    "keys new": "--as {signatory} --key {elsewhere}/new.key --no-passphrase",
    "keys enrol": "{elsewhere}/other.key.pub --as {actor} --who guardian@north-clinic --yes -s {space}",
    "keys revoke": "{fingerprint} --as {actor} --reason left -s {space}",
    "keys list": "-s {space}",
    "benefit measure": "{name} asthma-gap.gap 3 --as {actor} -s {space}",
    "benefit list": "{name} -s {space}",
    "register build": "--out {elsewhere}/register -s {space}",
    "register verify": "{elsewhere}/register -s {space}",
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
}
"""One ordinary call of every command, as words; `|` stands for a space within a word."""

LAST = ("sign", "publish", "resume", "suspend", "withdraw", "incident open")
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
    space = make(folder / "north")
    _neighbours(space)
    run(space)
    space = workspace.open(space.folder)
    chief = make_key(elsewhere / "chief.key")
    make_key(elsewhere / "other.key")
    office = "chief executive"
    fingerprint = enrol(space, Enrolment(SIGNATORY, "north-energy", office, chief.public), ACTOR)
    (elsewhere / "notes.txt").write_text("a file of the caller's own\n")
    (elsewhere / "assets.csv").write_text("Asset,Holder,Description\nGrit bins,north-council,Where they are\n")
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
    (space.folder / "systems" / f"{OTHER}.yaml").write_text(told.replace(f"agreement: {NAME}", f"agreement: {OTHER}"))
    held = (space.folder / "catalogue" / "council.areas.yaml").read_text()
    (space.folder / "catalogue" / "council.spare.yaml").write_text(held.replace("id: council.areas", "id: council.spare"))
