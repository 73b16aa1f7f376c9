"""The ledger: every release on record, and whether one more may join them.

One file a release, written whole or not at all and never changed; its digest goes into the account. What is
kept is public (predicates and published cells); whoever places the folder may encrypt it all the same.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from ...errors import GateError, Problem, StorageError
from ..policy import Policy
from .allowance import Allowance, check_budget, check_overlap
from .axes import People
from .drift import Drift, Turnovers, find_drift
from .judge import Exposed, find_exposed, required_width
from .releases import Release

FIX = (
    "use the bands and groups of those releases, a coarser group, or leave out the margin that makes the"
    " difference; or round, or wait for the next snapshot"
)
RESTORE = "restore the ledger from its last good copy: nothing is released without it"
FORMAT = 1


class Ledger:
    """Releases in a folder, in the order in which they were entered."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def releases(self) -> list[Release]:
        """All of them. StorageError where one cannot be read: without it nothing can be judged."""
        paths = sorted(self.folder.glob("[0-9]*.json"))
        if [path.stem for path in paths] != [f"{number:06d}" for number in range(len(paths))]:
            raise StorageError.of("LEDGER", "a release is missing from the ledger", fix=RESTORE)
        return [_read(path) for path in paths]

    def enter(self, release: Release) -> str:
        """Keep a release; its digest, for the account. Entering it again changes nothing."""
        held = self.releases()
        if release in held:
            return release.digest
        self.folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"format": FORMAT, "digest": release.digest, "release": release.as_json()})
        handle, name = tempfile.mkstemp(dir=self.folder, suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            # A link, unlike a rename, never takes the place of a release entered meanwhile.
            os.link(name, self.folder / f"{len(held):06d}.json")
        except FileExistsError:
            fix = "judge again, together with the release that was entered meanwhile"
            raise StorageError.of("LEDGER", "another release was entered first", fix=fix) from None
        except OSError as error:
            fix = "see that there is room and permission: nothing is released that is not on record"
            raise StorageError.of(
                "LEDGER", f"the ledger cannot be written: {error.strerror}", fix=fix
            ) from None
        finally:
            Path(name).unlink(missing_ok=True)
        return release.digest

    def judge(
        self,
        new: Sequence[Release],
        policy: Policy,
        people: Mapping[tuple[str, str], People] | None = None,
        turnover: Turnovers | None = None,
        allowance: Allowance | None = None,
    ) -> list[Problem]:
        """`judge` against all that is on record."""
        return judge(new, self.releases(), policy, people, turnover, allowance)


def judge(
    new: Sequence[Release],
    earlier: Sequence[Release],
    policy: Policy,
    people: Mapping[tuple[str, str], People] | None = None,
    turnover: Turnovers | None = None,
    allowance: Allowance | None = None,
) -> list[Problem]:
    """Why the releases of one product may not join earlier ones; empty if they may.

    DIFFERENCING (by cells of one snapshot, or of two), BUDGET, OVERLAP, and whatever kept it from being
    judged (TOO_LARGE, CONTRADICTION), which goes to review. people: `Population.system` -> the population
    as the host holds it now; where it has none, more is refused.
    """
    allowance = allowance or Allowance()
    problems = check_budget(new, earlier, allowance)
    for release in new:
        width = required_width(policy)
        drift = find_drift(release, earlier, policy.least_difference, turnover, width)
        problems += _tell_drift(drift, release, policy.least_difference)
    for system in sorted({release.population.system for release in new}):
        mine = [release for release in new if release.population.system == system]
        others = [release for release in earlier if release.population.system == system]
        here = None if people is None else people.get(system)
        try:
            problems += [
                _tell(exposed, [*others, *mine], len(others), policy.least_difference)
                for exposed in find_exposed(mine, others, policy, here)
                # A release by itself is the gate's to judge, unless its policy forbids small differences.
                if policy.difference is not None or min(exposed.releases) < len(others)
            ]
            problems += check_overlap(mine, others, allowance, policy.least_difference, here)
        except GateError as error:
            problems += error.problems
    return problems


def _tell(exposed: Exposed, releases: Sequence[Release], earlier: int, least: int) -> Problem:
    named = list(dict.fromkeys(releases[i].name for i in exposed.releases if i < earlier))
    mine = releases[-1]
    whom = f"together with {_list(named)}" if named else "by itself"
    more = exposed.counts - len(exposed.where)
    words = "; ".join(f"[{where}]" for where in exposed.where) + (f" and {more} more" if more else "")
    what = f"{mine.id} {whom} would tell hidden counts of fewer than {least} people: {words}"
    return Problem(
        "DIFFERENCING", what, "they follow from the published figures taken together", FIX, mine.product
    )


def _tell_drift(drift: Sequence[Drift], new: Release, least: int) -> list[Problem]:
    if not drift:
        return []
    named = list(dict.fromkeys(f"{d.earlier.name} of {d.earlier.population.snapshot}" for d in drift))
    cells = list(dict.fromkeys(str(d.where) for d in drift))
    more = f" and {len(cells) - 4} more" if len(cells) > 4 else ""
    words = "; ".join(f"[{cell}]" for cell in cells[:4]) + more
    what = f"{new.id} and {_list(named)} differ by fewer than {least} people in {words}"
    why = "the difference is about the few who came or left in between"
    fix = "publish a coarser group, round, or wait until more have moved; or let the host say how many did"
    return [Problem("DIFFERENCING", what, why, fix, new.product)]


def _list(names: Sequence[str]) -> str:
    more = f" and {len(names) - 6} more" if len(names) > 6 else ""
    return ", ".join(names[:6]) + more


def _read(path: Path) -> Release:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        if held["format"] != FORMAT:
            raise ValueError
        release = Release.from_json(held["release"])
        digest = held["digest"]
    except (OSError, ValueError, KeyError, TypeError):
        raise StorageError.of("LEDGER", f"{path.name} of the ledger cannot be read", fix=RESTORE) from None
    if release.digest != digest:
        raise StorageError.of("LEDGER", f"{path.name} of the ledger was changed", fix=RESTORE)
    return release
