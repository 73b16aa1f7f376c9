"""A workspace: a folder of agreements, contracts and data, like a repository of what was agreed.

sharewell.toml   its name, whether its people are synthetic, its clock, and where its master key is
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
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .agree.document import load_agreement
from .agree.shelf import Shelf
from .errors import DocumentError, Problem, SharewellError, StorageError, among
from .plan.shapes import Unit

if TYPE_CHECKING:
    from collections.abc import Callable

    from .account import Account
    from .agree import Agreement
    from .agree.framework import Framework
    from .check import Checked
    from .check.local import LocalPolicies
    from .depersonalise import Keyring, MasterKey
    from .describe.boundaries import Boundaries
    from .describe.catalogue import Catalogue
    from .live import LiveAgreement

CONFIGURATION = "sharewell.toml"
KEPT = ".sharewell"
BOUNDARIES = "data/places/boundaries.geojson"


class Workspace:
    """An open workspace. Cheap to make: contracts, account and keys are opened on first use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.kept = self.folder / KEPT
        told = _configuration(self.folder / CONFIGURATION)
        self.name: str = told.get("name", self.folder.name)
        self.synthetic: bool = told.get("synthetic", False)
        self._clock: date | None = told.get("clock")
        self.keys: dict[str, Any] = told.get("keys", {})
        self._places: dict[str, Any] = told.get("places", {})

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
        """The frameworks that agreements may stand under. One that cannot be read is not among them."""
        return self._frameworks[0]

    @cached_property
    def _frameworks(self) -> tuple[dict[str, Framework], tuple[Problem, ...]]:
        """Those that can be read, and the faults of all others."""
        from .agree.framework import load_framework

        found: dict[str, Framework] = {}
        problems: list[Problem] = []
        for path in sorted((self.folder / "frameworks").glob("*.yaml")):
            try:
                framework = load_framework(path, f"frameworks/{path.name}")
                found[framework.text.framework] = framework
            except SharewellError as error:
                problems += error.problems
        return found, tuple(problems)

    def faults(self) -> tuple[Problem, ...]:
        """Every fault of a contract, framework or policy, whether or not an agreement rests on it."""
        return (*self.contracts.faults(), *self._frameworks[1], *self.policies.faults())

    @cached_property
    def policies(self) -> LocalPolicies:
        """The disclosure policies: Sharewell's, and the workspace's own in `policies/`."""
        from .check import POLICIES
        from .check.local import LocalPolicies

        return LocalPolicies(POLICIES, self.folder / "policies")

    @cached_property
    def shelf(self) -> Shelf:
        """Everything that an agreement of this workspace may name."""
        from .analyse.registry import RECIPES
        from .check import ANONYMITIES
        from .depersonalise import RULES
        from .link.registry import linkers

        return Shelf(
            self.contracts.assets,
            RECIPES,
            RULES,
            self.policies,
            linkers,
            _Texts(self),
            ANONYMITIES,
            self.policies.own,
        )

    @property
    def boundaries(self) -> Boundaries | None:
        """What maps are drawn with: the file that `[places]` names, else the county's own; None without
        either. DataError where it cannot be used."""
        from .describe.boundaries import read_boundaries

        told = self._places
        path = self.folder / told.get("boundaries", BOUNDARIES)
        if "boundaries" not in told and not path.exists():
            return None
        names, said = told.get("names", {}), told.get("attribution", "")
        return read_boundaries(path, unit=told.get("unit", ""), names=names, said=said)

    @cached_property
    def keyring_master(self) -> MasterKey:
        """What wraps every secret: a file, the system's keyring or Vault, as `[keys]` says."""
        from .live.master_keys import master_key

        return master_key(self)

    @cached_property
    def keyring(self) -> Keyring:
        """The secrets, wrapped by the workspace's master key."""
        from .depersonalise import Keyring

        return Keyring.open(self.kept / "keys", self.keyring_master)

    @cached_property
    def account(self) -> Account:
        """The account, whose checkpoints are signed by the workspace's own key."""
        from .account import Account

        path = self.kept / "account.db"
        if not path.exists():  # another signer's checkpoints would not be this account's
            self.keyring.issue_signer("account", at=self.now)
        return Account.open(path, self.keyring.signer("account"))

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
        if not _is_there(path):
            what, fix = f"there is no agreement {name[:80]!r}", among(name, self.agreements())
            raise DocumentError(Problem("AGREEMENT", what, fix=fix))
        inside = path.resolve().is_relative_to(self.folder)
        shown = path.resolve().relative_to(self.folder).as_posix() if inside else path.as_posix()
        try:
            held = load_agreement(path, shown, self.frameworks)
        except DocumentError as error:
            missing = any(problem.code == "FRAMEWORK" for problem in error.problems)
            raise DocumentError([*error.problems, *(self._frameworks[1] if missing else ())]) from None
        if not name.endswith(".yaml") and held.name != path.stem:
            what, why = f"it calls itself {held.name!r}", "it would be taken for another agreement"
            fix = f"call the file {held.name}.yaml, or correct `agreement:`"
            raise DocumentError(Problem("NAME", what, why, fix, held.at("agreement")))
        return LiveAgreement(self, held)


class _Texts(Mapping[str, "Agreement"]):
    """The agreements of a workspace by name, each read when it is asked for; one that cannot be read is not
    among them.
    """

    def __init__(self, space: Workspace) -> None:
        self._space = space
        self._held: dict[str, Agreement | None] = {}

    def __getitem__(self, name: str) -> Agreement:
        if name not in self._held:
            known = name in self._space.agreements()
            try:
                self._held[name] = self._space.agreement(name).agreement if known else None
            except SharewellError:
                self._held[name] = None
        if (held := self._held[name]) is None:
            raise KeyError(name)
        return held

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._space.agreements() if name in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # too long a name, for one
        return False


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


_PLACES = "a table of boundaries (a file), unit (kilometres, metres or degrees), attribution and names"


def _can_be_places(told: dict[str, Any]) -> bool:
    """Texts all, but for `names`: level -> property of the file."""
    names = told.get("names", {})
    texts = [told.get(name, "") for name in ("boundaries", "unit", "attribution")]
    known = set(told) <= {"boundaries", "unit", "attribution", "names"} and isinstance(names, dict)
    return (
        known
        and told.get("unit", "metres") in list(Unit)
        and all(isinstance(text, str) for text in (*texts, *names.values()))
    )


_TAKES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "name": (lambda told: isinstance(told, str) and told.isprintable(), 'a text, as "north"'),
    "synthetic": (lambda told: isinstance(told, bool), "true or false"),
    "clock": (lambda told: type(told) is date and 1900 <= told.year < 3000, "a day, as 2024-06-03"),
    "places": (lambda told: isinstance(told, dict) and _can_be_places(told), _PLACES),
    "keys": (lambda told: isinstance(told, dict), 'a table, as `[keys]` and `master = "file"` below it'),
}
"""What the configuration may say. `synthetic = "no"` must not be taken for yes."""


def _configuration(path: Path) -> dict[str, Any]:
    """What the file says. DocumentError where it is no TOML, or says what cannot be; StorageError."""
    told = _toml(path)
    problems = [
        Problem("TOML", f"{name} is not {how}", fix="correct it by hand", where=path.name)
        for name, (can_be, how) in _TAKES.items()
        if name in told and not can_be(told[name])
    ]
    if problems:
        raise DocumentError(problems)
    return told


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError):
        raise DocumentError(
            Problem("TOML", "cannot be read", fix="correct it by hand", where=path.name)
        ) from None
    except OSError:
        raise StorageError(Problem("FILE", "cannot be read", where=path.as_posix())) from None
