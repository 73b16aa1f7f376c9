"""The catalogue: a folder of data contracts, one asset a file, each read when it is first asked for.

So that one broken contract stops only who needs it, and one agreement is checked without reading them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from ..errors import DocumentError, Problem, SharewellError
from ..plan.schema import Asset
from .contract import Contract, load_contract


class Catalogue(Mapping[str, Contract]):
    """Contracts by asset; a file is named for its asset.

    Reading one raises DocumentError with its faults.
    """

    def __init__(self, folder: Path) -> None:
        self._paths = {path.stem: path for path in sorted(folder.glob("*.yaml"))}
        self._read: dict[str, Contract] = {}
        self.assets: Mapping[str, Asset] = _Assets(self)
        """What each contract promises, as a plan takes it."""

    def __getitem__(self, name: str) -> Contract:
        if name not in self._read:
            contract = load_contract(self._paths[name])
            if contract.id != name:
                what, why = f"the contract of {contract.id!r} is in {name}.yaml", "it would not be found"
                raise DocumentError(Problem("NAME", what, why, f"call the file {contract.id}.yaml", name))
            self._read[name] = contract
        return self._read[name]

    def __contains__(self, name: object) -> bool:
        return name in self._paths

    def __iter__(self) -> Iterator[str]:
        return iter(self._paths)

    def __len__(self) -> int:
        return len(self._paths)

    def faults(self) -> Iterator[Problem]:
        """Every fault of every contract, used or not."""
        for name in self._paths:
            try:
                self[name]
            except SharewellError as error:
                yield from error.problems


class _Assets(Mapping[str, Asset]):
    """The assets of a catalogue, each made once."""

    def __init__(self, contracts: Catalogue) -> None:
        self._contracts = contracts
        self._made: dict[str, Asset] = {}

    def __getitem__(self, name: str) -> Asset:
        if name not in self._made:
            self._made[name] = self._contracts[name].asset()
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._contracts

    def __iter__(self) -> Iterator[str]:
        return iter(self._contracts)

    def __len__(self) -> int:
        return len(self._contracts)
