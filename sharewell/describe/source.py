"""The bytes of an asset's source: where they lie, their digest, lines, and seeming encoding."""

from __future__ import annotations

import codecs
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ..errors import DataError, Problem, StorageError
from .contract import Contract

_CHUNK = 1 << 20
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True)
class Source:
    """A file and what one pass over its bytes told. `lines` counts a last line without an end too."""

    contract: Contract
    path: Path
    digest: str
    size: int
    lines: int
    clean: bool
    """Whether the bytes are UTF-8 without NUL."""
    seems: str
    """UTF-16, where the bytes look like it."""
    modified: int

    @property
    def where(self) -> str:
        """How messages call it: the contract's path, which says nothing of this machine."""
        return self.contract.server.path

    def check_unchanged(self) -> None:
        """Raises DataError where the file was written to after its digest was taken."""
        now = _stat(self.path, self.where)
        if (now.st_size, now.st_mtime_ns) != (self.size, self.modified):
            fix = "wait until its holder has written it whole, then run again"
            raise DataError(Problem("CHANGED", "the file changed while it was read", "", fix, self.where))


def open_source(contract: Contract, root: Path) -> Source:
    """Find and read through the source of a contract inside `root`.

    Raises StorageError where it is missing or unreadable, DataError EMPTY where it has no bytes.
    """
    where = contract.server.path
    path = (root / where).resolve()
    if not path.is_relative_to(root.resolve()):
        raise StorageError(Problem("PATH", "the path leads out of the workspace", where=where))
    stat = _stat(path, where)
    if stat.st_size == 0:
        raise DataError(Problem("EMPTY", f"{contract.id} has no bytes", fix="ask its holder", where=where))
    try:
        digest, lines, clean, seems = _scan(path)
    except OSError:
        raise StorageError(Problem("FILE", "the file cannot be read", where=where)) from None
    return Source(contract, path, digest, stat.st_size, lines, clean, seems, stat.st_mtime_ns)


def _stat(path: Path, where: str) -> os.stat_result:
    try:
        stat = path.stat()
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise StorageError(
            Problem("FILE", reason, fix="check the path in `servers`", where=where)
        ) from None
    if not path.is_file():
        raise StorageError(
            Problem("FILE", "it is not a file", fix="check the path in `servers`", where=where)
        )
    return stat


def _scan(path: Path) -> tuple[str, int, bool, str]:
    digest, decoder = hashlib.sha256(), codecs.getincrementaldecoder("utf-8")()
    lines, clean, seems, last = 0, True, "", b""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if not last:
                seems = _wide(chunk)
            digest.update(chunk)
            lines += chunk.count(b"\n")
            clean = clean and b"\0" not in chunk and _decodes(decoder, chunk)
            last = chunk
    clean = clean and _decodes(decoder, b"", final=True)
    return digest.hexdigest(), lines + (not last.endswith(b"\n")), clean, seems


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _wide(chunk: bytes) -> str:
    nuls = chunk[:4096].count(b"\0")
    return "UTF-16" if chunk[:2] in _UTF16 or nuls * 4 > min(len(chunk), 4096) else ""


class Line(NamedTuple):
    """A line of text; where `sound` is false its bad bytes are written out as `\\xNN`."""

    number: int
    text: str
    sound: bool


@dataclass
class Encoding:
    """Which lines of a source could be decoded; `check` says whether the encoding as such is wrong."""

    source: Source
    odd: int = 0
    """Lines with a letter beyond ASCII that decoded."""
    bad: int = 0
    first: int = 0
    sample: bytearray = field(default_factory=bytearray)

    def lines(self) -> Iterator[Line]:
        """Each line without its end, without blank lines at the end of the file."""
        blank: list[Line] = []
        for line in self._wide_lines() if self._is_wide else self._narrow_lines():
            if line.text.strip():
                yield from blank
                blank.clear()
                yield line
            else:
                blank.append(line)

    @property
    def _is_wide(self) -> bool:
        return self.source.contract.server.encoding == "utf-16"

    def _narrow_lines(self) -> Iterator[Line]:
        encoding = self.source.contract.server.encoding
        with self.source.path.open("rb") as file:
            for number, data in enumerate(file, 1):
                line = data.removesuffix(b"\n").removesuffix(b"\r")
                if number == 1 and encoding == "utf-8":
                    line = line.removeprefix(codecs.BOM_UTF8)
                yield self._decoded(number, line, encoding)

    def _decoded(self, number: int, data: bytes, encoding: str) -> Line:
        if b"\0" not in data:
            try:
                text = data.decode(encoding)
            except UnicodeDecodeError:
                pass
            else:
                self.odd += not data.isascii()
                return Line(number, text, True)
        self.bad += 1
        self.first = self.first or number
        self.sample += data[:200] if len(self.sample) < 20_000 else b""
        return Line(number, data.decode(encoding, "backslashreplace").replace("\0", "\\x00"), False)

    def _wide_lines(self) -> Iterator[Line]:
        with self.source.path.open(encoding="utf-16", errors="backslashreplace", newline="\n") as file:
            try:
                for number, text in enumerate(file, 1):
                    yield Line(number, text.removesuffix("\n").removesuffix("\r"), "\0" not in text)
            except UnicodeError:  # it does not begin with the mark of its byte order
                raise self._error(1, "another") from None

    def check(self) -> None:
        """Raises DataError ENCODING: wide text, one line in twenty undecodable, or every accented line."""
        contract, told = self.source.contract, self.source.contract.server.encoding
        if self.source.seems and not self._is_wide:
            raise self._error(1, self.source.seems)
        if self.bad and (self.bad * 20 > self.source.lines or (self.bad > 2 and not self.odd)):
            raise self._error(self.first, self._guess() if told == "utf-8" else "another")
        if self.bad and contract.tolerance == 0:
            raise self._error(self.first, self._guess())

    def _guess(self) -> str:
        for encoding in ("utf-8", "windows-1252", "iso-8859-1"):
            try:
                self.sample.decode(encoding)
            except UnicodeDecodeError:
                continue
            return encoding
        return "another"

    def _error(self, line: int, seems: str) -> DataError:
        told = self.source.contract.server.encoding
        what = f"the file is not in {told}; it seems to be in {seems} encoding"
        fix = "set `encoding` in `servers`, or ask its holder for UTF-8"
        return DataError(Problem("ENCODING", what, "", fix, f"{self.source.where}:{line}"))
