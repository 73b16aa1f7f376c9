"""A workspace's own policies: one YAML file each in `policies/`, beside those that come with Sharewell.

    name: northshire
    source: Northshire information governance board, minute 12 of 2024-03-05
    minimum: 15
    rounding: 5
    figures: 3

A name that comes with Sharewell cannot be taken: what `official-statistics` means is the same everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

from ..errors import DocumentError, Problem, SharewellError
from ..registry import Registry
from ..text import load_yaml
from .policy import Policy


class LocalPolicies:
    """The named policies and a folder's, as a registry gives them. A file that has faults names nothing."""

    def __init__(self, named: Registry[Policy], folder: Path) -> None:
        self.named, self.folder = named, folder

    def __contains__(self, name: str) -> bool:
        return name in self._own[0] or name in self.named

    def __getitem__(self, name: str) -> Policy:
        return self._own[0][name] if name in self._own[0] else self.named[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted({*self.named, *self._own[0]}))

    @property
    def own(self) -> Mapping[str, Policy]:
        """The folder's alone, by name."""
        return self._own[0]

    def faults(self) -> tuple[Problem, ...]:
        """Every fault of every file."""
        return self._own[1]

    @cached_property
    def _own(self) -> tuple[dict[str, Policy], tuple[Problem, ...]]:
        found: dict[str, Policy] = {}
        problems: list[Problem] = []
        for path in sorted(self.folder.glob("*.yaml")):
            where = f"policies/{path.name}"
            try:
                policy = Policy.from_mapping(load_yaml(path, where).value, where)
                self._check_name(policy, path, where)
                found[policy.name] = policy
            except SharewellError as error:
                problems += error.problems
        return found, tuple(problems)

    def _check_name(self, policy: Policy, path: Path, where: str) -> None:
        if policy.name != path.stem:
            what, why = f"policy {policy.name!r} lies in {path.name}", "it could not be found by its name"
            raise DocumentError(Problem("NAME", what, why, "name the file as the policy", where))
        if policy.name in self.named:
            what, why = (
                f"{policy.name!r} is a policy of Sharewell's own",
                "its meaning is the same everywhere",
            )
            raise DocumentError(Problem("NAME", what, why, "give yours another name", where))
