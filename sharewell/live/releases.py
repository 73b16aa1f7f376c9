"""A release as it lies in its folder: found by path or by name, its files held to their sums, read back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import DataError, DocumentError, Problem, StorageError
from ..release.folder import SUMS
from ..release.output import CERTIFICATE

if TYPE_CHECKING:
    import pyarrow as pa

    from ..plan.released import CheckedTable

LARGEST = 256 * 2**20
"""Bytes of a file that is read: a release is tables for people, and this is already many."""


@dataclass(frozen=True)
class Release:
    """A release read back. `tables` and `certificates` by product; `rows`: of lists, by name; `changed`:
    files that are not as they were written, or are missing, or were added; `digest`: what the account
    knows the release by.
    """

    folder: Path
    agreement: str
    run: str
    made: str
    digest: str
    tables: dict[str, tuple[CheckedTable, ...]]
    certificates: dict[str, dict[str, Any]]
    rows: dict[str, pa.Table]
    changed: tuple[str, ...]


def read_release(folder: Path) -> Release:
    """Read a release's folder. DocumentError where it is none; DataError for a table that is unreadable."""
    sums = _sums(folder)
    told = _certificate(folder)
    return Release(
        folder,
        str(told.get("agreement", "")),
        str(told.get("run", "")),
        str(told.get("made", "")),
        hashlib.sha256(_read(folder / SUMS)).hexdigest(),
        {product.name: tuple(_tables(product)) for product in sorted(folder.glob("tables/*"))},
        {**told.get("certificate", {}), **({told["list"]: told} if "list" in told else {})},
        {path.stem: _rows(path) for path in sorted(folder.glob("*.parquet"))},
        tuple(_changed(folder, sums)),
    )


def _sums(folder: Path) -> dict[str, str]:
    if not (folder / SUMS).is_file():
        what, why = "the folder is no release", f"a release has its {SUMS}"
        raise DocumentError(Problem("RELEASE", what, why, "name the folder that `sharewell show` prints"))
    lines = _read(folder / SUMS).decode("utf-8", "replace").splitlines()
    parts = [line.partition("  ") for line in lines]
    return {path: digest for digest, _, path in parts}


def _certificate(folder: Path) -> dict[str, Any]:
    """What the release says of itself; a list about named people says nothing but its sums."""
    if not (folder / CERTIFICATE).exists() and next(folder.glob("*.parquet"), None):
        return {}
    try:
        told = json.loads(_read(folder / CERTIFICATE))
    except ValueError:
        told = None
    if not (
        isinstance(told, dict)
        and isinstance(told.get("certificate", {}), dict)
        and isinstance(told.get("list", ""), str)
    ):
        what = "the certificate cannot be read"
        raise DataError(
            Problem("CERTIFICATE", what, "it was changed, or cut short", "fetch the release again")
        )
    return told


def _tables(product: Path) -> Iterator[CheckedTable]:
    from ..release.tabular import read_parquet

    for path in sorted(product.glob("*.parquet")):
        yield read_parquet(_read(path))


def _rows(path: Path) -> pa.Table:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        return pq.read_table(pa.BufferReader(_read(path)))
    except pa.ArrowInvalid:
        what = "the rows are not as they were released"
        raise DataError(
            Problem("TABLE", what, "the file was changed, or cut short", "fetch it again")
        ) from None


def _changed(folder: Path, sums: dict[str, str]) -> Iterator[str]:
    """Files that are not what the list of sums says, by name."""
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {SUMS}
    yield from sorted(present ^ set(sums))
    for name in sorted(present & set(sums)):
        if hashlib.sha256(_read(folder / name)).hexdigest() != sums[name]:
            yield name


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            raise DataError(
                Problem("LARGE", f"{path.name} is too large to be audited", fix="audit it elsewhere")
            )
        return path.read_bytes()
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise StorageError(
            Problem("FILE", f"{path.name}: {reason}", fix="check the path and permissions")
        ) from None
