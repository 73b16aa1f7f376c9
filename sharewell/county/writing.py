"""Parquet with fixed settings (the same rows are the same bytes), put in place whole or not at all."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.parquet as pq

from ..errors import Problem, StorageError

_DISTINCT = {
    "nhs_number",
    "local_id",
    "address",
    "record",
    "uprn",
    "customer_ref",
    "mpan",
    "award",
    "person_id",
}
"""Columns of nearly distinct values: a dictionary of them would only cost time."""


@dataclass(frozen=True)
class File:
    """A file that was written: its path in the county's folder, its rows, the SHA-256 of its bytes."""

    path: str
    rows: int
    sha256: str


class Shelf:
    """Tables being written beside the folder they are meant for; `with` moves all of them in, or none."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._staging = folder / ".county-unfinished"
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._rows: dict[str, int] = {}
        self.files: list[File] = []

    def __enter__(self) -> Shelf:
        try:
            shutil.rmtree(self._staging, ignore_errors=True)
            self._staging.mkdir(parents=True)
        except OSError as fault:
            raise _storage(fault) from None
        return self

    def add(self, path: str, table: pa.Table) -> None:
        """Append rows to the file at `path`, which the first call creates."""
        try:
            if path not in self._writers:
                self._writers[path] = self._open(path, table.schema)
                self._rows[path] = 0
            self._writers[path].write_table(table)
        except OSError as fault:
            raise _storage(fault) from None
        self._rows[path] += table.num_rows

    def close(self, path: str) -> None:
        """Finish one file and take its hash."""
        self._writers.pop(path).close()
        with (self._staging / path).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        self.files.append(File(path, self._rows[path], digest))

    def put(self, path: str, content: bytes) -> None:
        """Write a file that is no table."""
        try:
            target = self._staging / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        except OSError as fault:
            raise _storage(fault) from None
        self.files.append(File(path, 0, hashlib.sha256(content).hexdigest()))

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            for path in list(self._writers):
                self.close(path)
            if kind is None:
                self._move()
        except OSError as problem:
            raise _storage(problem) from None
        finally:
            shutil.rmtree(self._staging, ignore_errors=True)

    def _open(self, path: str, schema: pa.Schema) -> pq.ParquetWriter:
        target = self._staging / path
        target.parent.mkdir(parents=True, exist_ok=True)
        return pq.ParquetWriter(
            target,
            schema,
            compression="zstd",
            compression_level=1,
            use_dictionary=[name for name in schema.names if name not in _DISTINCT],
            store_schema=False,
            version="2.6",
        )

    def _move(self) -> None:
        for file in self.files:
            target = self.folder / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            (self._staging / file.path).replace(target)


def _storage(fault: OSError) -> StorageError:
    return StorageError(
        Problem(
            "STORAGE",
            f"the county could not be written: {os.strerror(fault.errno or 0)}",
            why="nothing of it was put in place",
            fix="free some space or choose a folder that can be written",
        )
    )
