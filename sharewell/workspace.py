"""A workspace: a folder of agreements, contracts and data, like a repository of what was agreed.

sharewell.toml   its name, whether its people are synthetic, and its clock
catalogue/       one data contract an asset
systems/         one agreement a file
frameworks/      one overarching framework a file
*.schema.json    what an editor completes them by
data/            what the parties bring
.sharewell/      what the software keeps: account, keys, places, releases
"""

from __future__ import annotations

import shutil
import tomllib
from datetime import UTC, date, datetime, time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .agree.document import load_agreement
from .agree.shelf import Shelf
from .errors import DocumentError, Problem, SharewellError, StorageError

if TYPE_CHECKING:
    from .account import Account
    from .agree.framework import Framework
    from .check import Checked
    from .depersonalise import Keyring
    from .describe.catalogue import Catalogue
    from .live import LiveAgreement

CONFIGURATION = "sharewell.toml"
KEPT = ".sharewell"


class Workspace:
    """An open workspace. Cheap to make: contracts, account and keys are opened on first use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.kept = self.folder / KEPT
        told = _configuration(self.folder / CONFIGURATION)
        self.name: str = told.get("name", self.folder.name)
        self.synthetic: bool = told.get("synthetic", False)
        self._clock: date | None = told.get("clock")

    @property
    def now(self) -> datetime:
        """The time by the workspace's clock. A demo's stands still, so that its agreements never expire."""
        return datetime.combine(self._clock, time(9), UTC) if self._clock else datetime.now(UTC)

    @cached_property
    def contracts(self) -> Catalogue:
        """The catalogue by asset. A contract is read when asked for; DocumentError with its faults."""
        from .describe.catalogue import Catalogue

        return Catalogue(self.folder / "catalogue")

    @cached_property
    def frameworks(self) -> dict[str, Framework]:
        """The frameworks that agreements may stand under. DocumentError with the faults of each."""
        from .agree.framework import load_framework

        found: dict[str, Framework] = {}
        problems: list[Problem] = []
        for path in sorted((self.folder / "frameworks").glob("*.yaml")):
            try:
                framework = load_framework(path, f"frameworks/{path.name}")
                found[framework.text.framework] = framework
            except SharewellError as error:
                problems += error.problems
        if problems:
            raise DocumentError(problems)
        return found

    @cached_property
    def shelf(self) -> Shelf:
        """Everything that an agreement of this workspace may name."""
        from .analyse.registry import RECIPES
        from .check import POLICIES
        from .depersonalise import RULES
        from .link.registry import linkers

        return Shelf(self.contracts.assets, RECIPES, RULES, POLICIES, linkers)

    @cached_property
    def keyring(self) -> Keyring:
        """The secrets, wrapped by the workspace's master key."""
        from .depersonalise import FileMasterKey, Keyring

        path = self.kept / "master.key"
        self.kept.mkdir(parents=True, exist_ok=True)
        master = FileMasterKey.open(path) if path.exists() else FileMasterKey.create(path)
        return Keyring.open(self.kept / "keys", master)

    @cached_property
    def account(self) -> Account:
        """The account, whose checkpoints are signed by the workspace's own key."""
        from .account import Account

        self.keyring.issue_signer("account", at=self.now)
        return Account.open(self.kept / "account.db", self.keyring.signer("account"))

    def profile(self, asset: str, as_: str) -> Checked:
        """What an asset holds, in tables that passed the gate; see `run.profiling`."""
        from .run.profiling import profile

        return profile(self, asset, as_)

    def agreements(self) -> tuple[str, ...]:
        """The names of the agreements in `systems/`, by file."""
        return tuple(path.stem for path in sorted((self.folder / "systems").glob("*.yaml")))

    def agreement(self, name: str) -> LiveAgreement:
        """An agreement by name or by path. DocumentError with every fault of its text."""
        from .live import LiveAgreement

        path = Path(name) if name.endswith(".yaml") else self.folder / "systems" / f"{name}.yaml"
        if not path.exists():
            there = ", ".join(self.agreements()) or "none"
            raise DocumentError(
                Problem("AGREEMENT", f"there is no agreement {name!r}", fix=f"there are: {there}")
            )
        inside = path.resolve().is_relative_to(self.folder)
        shown = path.resolve().relative_to(self.folder).as_posix() if inside else path.as_posix()
        return LiveAgreement(self, load_agreement(path, shown, self.frameworks))


def open(folder: Path | str = ".") -> Workspace:
    """The workspace at a folder, or the nearest one above it. StorageError where there is none."""
    start = Path(folder).resolve()
    for place in (start, *start.parents):
        if (place / CONFIGURATION).exists():
            return Workspace(place)
    raise StorageError(
        Problem("WORKSPACE", f"{folder} is not a workspace", fix="make one: sharewell init FOLDER")
    )


def init(
    folder: Path | str, *, name: str = "", synthetic: bool = False, clock: date | None = None
) -> Workspace:
    """Make a workspace with the contracts and agreements that Sharewell ships. StorageError if there is
    one."""
    from .agree.json_schema import SCHEMAS, written

    place = Path(folder)
    if (place / CONFIGURATION).exists():
        raise StorageError(
            Problem("EXISTS", f"{folder} is a workspace already", fix="use it, or name another folder")
        )
    try:
        for part in ("catalogue", "frameworks", "systems"):
            (place / part).mkdir(parents=True, exist_ok=True)
            for path in sorted(shipped(part).glob("*.yaml")):
                shutil.copyfile(path, place / part / path.name)
        for schema in SCHEMAS:
            (place / f"{schema}.schema.json").write_text(written(schema), encoding="utf-8")
        lines = [f'name = "{name or place.name}"', f"synthetic = {str(synthetic).lower()}"]
        lines += (
            [f"clock = {clock.isoformat()}  # stands still, so that the demo never expires"]
            if clock
            else []
        )
        (place / CONFIGURATION).write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or "cannot be written").lower()
        raise StorageError(
            Problem("FILE", f"{folder}: {reason}", fix="free space, or check permissions")
        ) from None
    return Workspace(place)


def shipped(part: str) -> Path:
    """The folder of contracts or agreements that comes with the package, or with its checkout."""
    here = Path(__file__).parent
    return here / part if (here / part).is_dir() else here.parent / part


def _configuration(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError):
        raise DocumentError(
            Problem("TOML", "cannot be read", fix="correct it by hand", where=path.name)
        ) from None
    except OSError:
        raise StorageError(Problem("FILE", "cannot be read", where=path.as_posix())) from None
