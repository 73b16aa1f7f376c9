"""The papers of an agreement, written to a folder, all or none, from the text and its plan alone."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import DocumentError, Problem, StorageError

if TYPE_CHECKING:
    from ..papers import Paper
    from ..papers.block import Missing
    from .agreement import LiveAgreement


class Format(StrEnum):
    """The files that a paper can be. CSV is for those that are a row of a register."""

    HTML = "html"
    DOCX = "docx"
    PDF = "pdf"
    CSV = "csv"


@dataclass(frozen=True)
class WrittenPaper:
    """A paper with the files that it was written to."""

    paper: Paper
    paths: tuple[Path, ...]


def papers(
    live: LiveAgreement,
    folder: Path,
    kinds: Iterable[str] = (),
    formats: Iterable[Format] = tuple(Format),
    internal: bool = False,
) -> tuple[WrittenPaper, ...]:
    """Write papers of an agreement into a folder; all kinds, unless named.

    `internal` leaves nothing out, and marks the papers and the names of their files. Files that were there
    are replaced, once every new one is complete. DocumentError where the text does not compile, a redaction
    names no part of it, or there is no such paper; StorageError where the folder cannot be written.
    """
    from ..papers import PAPERS, Clauses, fill, form_named

    plan, faults = live.linted
    if plan is None:
        raise DocumentError(faults)
    named = (live.agreement.text.framework or "").partition("@")[0]
    clauses = Clauses(live.agreement, plan, live.space.frameworks.get(named), internal)
    forms = [form_named(kind) for kind in kinds] or list(PAPERS)
    chosen = tuple(formats)
    written: list[WrittenPaper] = []
    files: dict[Path, bytes] = {}
    for form in forms:
        paper = fill(form, clauses)
        ending = ".internal" if internal else ""
        made = {
            folder / f"{form.name}{ending}.{format_}": write_paper(paper, format_)
            for format_ in chosen
            if format_ is not Format.CSV or form.row
        }
        files |= made
        written.append(WrittenPaper(paper, tuple(made)))
    store(folder, files)
    return tuple(written)


@dataclass(frozen=True)
class Unsaid:
    """Something that papers ask for and the agreement does not say, and how many of them miss it."""

    part: Missing
    papers: int


def unsaid(written: Iterable[WrittenPaper]) -> tuple[Unsaid, ...]:
    """What the papers miss, each once, in the order of an agreement's chapters, nothing below another."""
    from ..agree.document import Text
    from ..papers.block import topmost
    from ..papers.place import leaves, position

    missed = [each.paper.missing for each in written]
    order = tuple(leaves(Text))
    parts = topmost(part for missing in missed for part in missing)
    return tuple(
        Unsaid(part, sum(any(_within(held.path, part.path) for held in missing) for missing in missed))
        for part in sorted(parts, key=lambda part: (position(part.path, order), part.path))
    )


def _within(path: str, above: str) -> bool:
    return path == above or path.startswith(f"{above}.")


def hard_words(live: LiveAgreement) -> tuple[Problem, ...]:
    """A warning where the public summary is too hard for a notice, with its hardest sentences."""
    from ..papers.reading import TARGET, hardest, readability

    summary = live.agreement.text.agree.transparency.summary or ""
    age = readability(summary).age
    if age <= TARGET:
        return ()
    what = (
        f"the summary asks for a reading age of {age:.0f}; {TARGET:.0f} is the most that a notice may ask"
    )
    hard = "; ".join(f"'{sentence}'" for sentence in hardest(summary))
    where = live.agreement.at("agree", "transparency", "summary")
    why = "half of the people whom it is for would not read it through"
    return (Problem("READING", what, why, f"use shorter words and sentences, here first: {hard}", where),)


def write_paper(paper: Paper, format_: Format) -> bytes:
    """A paper as the bytes of one kind of file."""
    if format_ is Format.HTML:
        from ..papers.html import write_html

        return write_html(paper)
    if format_ is Format.DOCX:
        from ..papers.docx import write_docx

        return write_docx(paper)
    if format_ is Format.PDF:
        from ..papers.pdf import write_pdf

        return write_pdf(paper)
    from ..papers.row import write_csv

    return write_csv(paper)


def store(folder: Path, files: Mapping[Path, bytes]) -> None:
    """Write files into a folder, all or none: each under a name of its own first, and in place at the end.

    StorageError where one cannot be written, or a folder has its name.
    """
    making = {path: path.with_name(f".{path.name}.writing") for path in files}
    there = [path.name for path in files if path.is_dir()]
    if there:
        what = f"{', '.join(there)} is a folder"
        raise StorageError(Problem("EXISTS", what, fix="name another folder", where=str(folder)))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in files.items():
            with making[path].open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        for path, made in making.items():
            made.replace(path)
    except OSError as error:
        for made in making.values():
            with suppress(OSError):
                made.unlink()
        reason = (error.strerror or "it cannot be written").lower()
        raise StorageError(
            Problem(
                "WRITE", f"the papers: {reason}", fix="free space, or check permissions", where=str(folder)
            )
        ) from None
