"""What a reader sees of a pair, on the screen or in a sheet: both records side by side, and no weight.

A sheet is a CSV file that only its owner may read, encrypted if a key is given (AES-256-GCM). Values are in
it: it is part of the session, to be destroyed when the answers are in.
"""

from __future__ import annotations

import csv
import hashlib
import hmac
import io
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ...errors import LinkError, Problem, StorageError
from .readings import Answer, Reviews
from .states import Reason, State, Verdict
from .waterfall import Sides, Step

_MAGIC = b"SHAREWELL-SHEET-1\n"
_NONCE = 12
_HEADS = ("pair", "answer", "reason")
# A spreadsheet would run these as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Line:
    """One comparison: what either side holds, and how they compare in words."""

    comparison: str
    one: str = field(repr=False)
    other: str = field(repr=False)
    outcome: str = ""


@dataclass(frozen=True)
class Question:
    """A pair as put to a reader. Its values are never printed with it."""

    pair: str
    lines: tuple[Line, ...]


def question(pair: str, steps: Sequence[Step], shown: Sides) -> Question:
    """A pair's question from its waterfall and values: neither weights nor how rare a value is."""
    outcomes: dict[str, str] = {}
    for step in steps:
        outcomes.setdefault(step.comparison, step.outcome)
    lines = (Line(name, *both, outcomes.get(name, "")) for name, both in shown.by_comparison.items())
    return Question(pair, tuple(lines))


def write_sheet(path: Path, questions: Sequence[Question], key: bytes | None = None) -> None:
    """A new file, its owner's alone, a row a pair, with columns for answer and reason; encrypted if `key`.

    StorageError if the file is there already or cannot be written.
    """
    text = io.StringIO(newline="")
    names = list(dict.fromkeys(line.comparison for asked in questions for line in asked.lines))
    heads = [f"{name}: {part}" for name in names for part in ("one", "other", "outcome")]
    sheet = csv.writer(text)
    sheet.writerow([*_HEADS, *heads])
    for asked in questions:
        by = {line.comparison: line for line in asked.lines}
        cells = [by.get(name, Line(name, "", "")) for name in names]
        flat = [_inert(cell) for line in cells for cell in (line.one, line.other, line.outcome)]
        sheet.writerow([asked.pair, "", "", *flat])
    content = text.getvalue().encode("utf-8")
    if key is not None:
        content = _sealed(content, key)
    write_new(path, content)


def write_new(path: Path, content: bytes) -> None:
    """A new file that only its owner may read. StorageError if it is there or cannot be written."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    except OSError as error:
        what = f"the file was not written: {(error.strerror or 'it cannot be').lower()}"
        raise StorageError(Problem("SHEET", what, fix="give the path of a new file")) from None


def open_sheet(path: Path, key: bytes | None = None) -> str:
    """The text of a sheet, deciphered if it is encrypted. StorageError if it cannot be read, LinkError if
    the key is not its own.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StorageError(Problem("SHEET", f"the sheet was not read: {error.strerror}")) from None
    if content.startswith(_MAGIC):
        content = _unsealed(content[len(_MAGIC) :], key)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise LinkError(
            Problem("SHEET", "the sheet is not UTF-8 text", fix="save it as CSV, UTF-8")
        ) from None


def answers(sheet: str, reader: str, at: datetime) -> list[Answer]:
    """The answered rows of a sheet. LinkError with every faulty line; an empty answer is none yet.

    An answer's id is of the pair and the reader, so that the same sheet sent twice counts once.
    """
    found, problems = [], []
    rows = csv.DictReader(io.StringIO(sheet, newline=""))
    if missing := sorted(set(_HEADS) - set(rows.fieldnames or ())):
        raise LinkError(Problem("SHEET", f"the sheet lacks the columns {', '.join(missing)}"))
    for row in rows:
        where = f"line {rows.line_num}"
        verdict, reason = ((row[name] or "").strip().lower() for name in ("answer", "reason"))
        wrong = _wrong(row["pair"] or "", verdict, reason, where) if verdict else []
        problems += wrong
        if verdict and not wrong:
            pair = (row["pair"] or "").strip()
            own = hashlib.sha256(f"{pair} {reader}".encode()).hexdigest()[:32]
            given = Reason(reason) if reason else None
            found.append(Answer(own, pair, reader, Verdict(verdict), at, given))
    if problems:
        raise LinkError(problems)
    return found


def answer_all(reviews: Reviews, given: Sequence[Answer]) -> Mapping[State, int]:
    """Add every answer; answers how many pairs came to stand in each state.

    LinkError with a problem for each that was refused, after all others are in: the sheet can be mended and
    sent again whole.
    """
    states: dict[State, int] = {}
    problems = []
    for at, each in enumerate(given, 1):
        try:
            now = reviews.answer(each)
            states[now] = states.get(now, 0) + 1
        except LinkError as error:
            problems += [
                Problem(found.code, found.what, found.why, found.fix, f"answer {at}")
                for found in error.problems
            ]
    if problems:
        raise LinkError(problems)
    return states


def _wrong(pair: str, verdict: str, reason: str, where: str) -> list[Problem]:
    """What is written is not quoted: someone may have typed a name there."""
    told = (
        (not pair.strip(), "the pair's id is missing", "leave the first column as it was"),
        (verdict not in set(Verdict), "the answer is none of the three", f"write {_or(Verdict)}"),
        (
            bool(reason) and reason not in set(Reason),
            "the reason is not of the list",
            f"write {_or(Reason)}",
        ),
    )
    return [Problem("SHEET", what, fix=fix, where=where) for bad, what, fix in told if bad]


def _or(words: type[Verdict] | type[Reason]) -> str:
    return ", ".join(word.value for word in words)


def _inert(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _cipher(key: bytes) -> bytes:
    return hmac.digest(key, b"review sheet", "sha256")


def _sealed(content: bytes, key: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = os.urandom(_NONCE)
    return _MAGIC + nonce + AESGCM(_cipher(key)).encrypt(nonce, content, _MAGIC)


def _unsealed(content: bytes, key: bytes | None) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if key is None:
        raise LinkError(Problem("SHEET", "the sheet is encrypted", fix="give the key it was made with"))
    try:
        return AESGCM(_cipher(key)).decrypt(content[:_NONCE], content[_NONCE:], _MAGIC)
    except (InvalidTag, ValueError):
        what = "the sheet does not open: another key, or it was changed"
        raise LinkError(Problem("SHEET", what)) from None
