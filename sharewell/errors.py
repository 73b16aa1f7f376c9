"""Everything that Sharewell raises, in one tree.

    SharewellError
    |-- DocumentError     the text of an agreement, asset or configuration is faulty
    |-- PlanError         the steps asked for cannot be built (a form too identifying, a type that does
    not fit)
    |-- Refusal           a decision said no; it carries every reason and the lawful alternative
    |-- DataError         the data are not what their contract says, or cannot be read
    |-- LinkError         records cannot be linked as asked
    |-- FitError          a method cannot give an honest answer on these data
    |-- GateError         the disclosure gate holds something back, and therefore stops
    |-- SecretError         a secret is missing, destroyed or bound to another agreement
    |-- AccountError      the account does not prove what it claims
    |-- EngineError       an engine failed; its own text is withheld, because it may quote a row
    |-- StorageError      a place could not be read or written (disk full, no permission)
    `-- UnknownName       a name that no registry holds

Each is a list of `Problem`s, all causes at once. A problem never holds a row's value.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One cause: where, a stable code in capitals, what is wrong, why it matters, and what to do."""

    code: str
    what: str
    why: str = ""
    fix: str = ""
    where: str = ""

    def __str__(self) -> str:
        head = f"{self.where} {self.code} {self.what}".strip()
        return "; ".join(part for part in (head, self.why, self.fix) if part)


def among(name: str, known: Iterable[str]) -> str:
    """What to write in place of an unknown name: the nearest there is, and all that there are."""
    names = tuple(str(each) for each in known)
    near = difflib.get_close_matches(name, names, n=1)
    there = f"there are: {', '.join(names) or 'none'}"
    return f"did you mean {near[0]!r}? {there}" if near else there


class SharewellError(Exception):
    """The root: one or more problems, each saying what, why and what to do."""

    exit_code = 1

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    @classmethod
    def of(cls, code: str, what: str, why: str = "", fix: str = "", where: str = "") -> SharewellError:
        """One problem, raised as this class."""
        return cls(Problem(code, what, why, fix, where))


class DocumentError(SharewellError):
    """The text of an agreement, asset or configuration is faulty."""

    exit_code = 2


class PlanError(SharewellError):
    """The steps asked for cannot be built."""

    exit_code = 2


class Refusal(SharewellError):  # noqa: N818 - a refusal is an answer, not a fault
    """A decision said no; every reason and the lawful alternative."""

    exit_code = 3


class DataError(SharewellError):
    """The data are not what their contract says, or cannot be read."""


class LinkError(SharewellError):
    """Records cannot be linked as asked."""


class FitError(SharewellError):
    """A method cannot give an honest answer on these data."""


class GateError(SharewellError):
    """The disclosure gate stops."""

    exit_code = 3


class SecretError(SharewellError):
    """A secret is missing, destroyed or bound to another agreement."""


class AccountError(SharewellError):
    """The account does not prove what it claims."""

    exit_code = 4


class EngineError(SharewellError):
    """An engine failed; its own text is withheld, because it may quote a row."""


class StorageError(SharewellError):
    """A place could not be read or written."""


class UnknownName(SharewellError):  # noqa: N818 - reads as the thing it is
    """A name that no registry holds."""

    exit_code = 2
