"""Two versions of an agreement, compared: what widened, what narrowed, and what is wording alone.

Compared is what was understood, with what either inherits of its framework: comments and the order of
named entries are nothing. Every place is judged by the rule listed for it (`compared_terms`,
`compared_flow`), and where none is listed a change is judged wider: nothing passes as harmless by silence.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from .clauses import shown
from .compared_flow import FLOW
from .compared_terms import TERMS
from .comparers import Direction, Entries, Judge, Judged, Part, is_unsaid
from .document import Agreement

__all__ = ["Change", "Difference", "Direction", "compare", "differences", "judge_of"]

Path = tuple[str | int, ...]
_ABSENT = None
_BRIEF = 120


@dataclass(frozen=True)
class Change:
    """One difference in plain words, the values before and after, and where each stands as `file:line`."""

    direction: Direction
    what: str
    path: str
    before: str
    after: str
    old_where: str
    new_where: str


@dataclass(frozen=True)
class Difference:
    """One difference as it was found: names from the root, the place in each text, and the judgement."""

    names: tuple[str, ...]
    old_at: Path
    new_at: Path
    noun: str
    judged: Judged


def compare(old: Agreement, new: Agreement) -> tuple[Change, ...]:
    """Every difference of the new text from the old: widened first, then narrowed, then wording."""
    before, after = _said(old), _said(new)
    _align(before, after)
    found = [_change(difference, old, new) for difference in differences(before, after)]
    order = list(Direction)
    return tuple(sorted(found, key=lambda change: order.index(change.direction)))


def _said(agreement: Agreement) -> dict[str, Any]:
    said: dict[str, Any] = agreement.text.model_dump(mode="json", by_alias=True)
    return said


def differences(
    old: Any, new: Any, names: tuple[str, ...] = (), old_at: Path = (), new_at: Path = ()
) -> Iterator[Difference]:
    """Each difference between two plain values, judged at the nearest place that has a judge."""
    if _same(old, new):
        return
    judge = judge_of(names)
    if isinstance(judge, Entries):
        yield from _of_entries(judge, old, new, names, old_at, new_at)
    elif isinstance(judge, Part) and not is_unsaid(old) and not is_unsaid(new):
        yield from _of_parts(old, new, names, old_at, new_at)
    elif judge is not None:
        for judged in judge.judge(old, new):
            yield Difference(names, old_at, new_at, judge.noun, judged)
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _of_parts(old, new, names, old_at, new_at)
    else:
        noun = f"`{shown(new_at)}`"
        for judged in Judge(noun).judge(old, new):
            yield Difference(names, old_at, new_at, _literal(noun), judged)


def _of_parts(
    old: Mapping[str, Any], new: Mapping[str, Any], names: tuple[str, ...], old_at: Path, new_at: Path
) -> Iterator[Difference]:
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name, _ABSENT), new.get(name, _ABSENT)
        if (name in old) is not (name in new) and before is after is None:
            before, after = ("null", _ABSENT) if name in old else (_ABSENT, "null")
        yield from differences(before, after, (*names, name), (*old_at, name), (*new_at, name))


def _of_entries(
    judge: Entries, old: Any, new: Any, names: tuple[str, ...], old_at: Path, new_at: Path
) -> Iterator[Difference]:
    for judged in judge.judge(old, new):
        key: Path = () if judged.entry is None else (judged.entry,)
        there = (*old_at, *key) if judged.new is None else old_at
        here = (*new_at, *key) if judged.old is None else new_at
        yield Difference(names, there, here, judge.noun, judged)
    before, after = judge.named(old), judge.named(new)
    for name in (name for name in before if name in after):
        (there_key, value), (here_key, changed) = before[name], after[name]
        yield from differences(value, changed, (*names, name), (*old_at, there_key), (*new_at, here_key))


def _same(old: Any, new: Any) -> bool:
    """Equal as written: 1 is neither 1.0 nor true."""
    return json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True)


@cache
def _places() -> dict[str, Any]:
    """The judges as a tree of names; a judge stands under the empty name."""
    root: dict[str, Any] = {}
    for place, judge in {**TERMS, **FLOW}.items():
        node = root
        for part in place.split("."):
            node = node.setdefault(part, {})
        node[""] = judge
    return root


def judge_of(names: tuple[str, ...]) -> Judge | None:
    """The judge listed for exactly this place."""
    node = _places()
    for name in names:
        node = node.get(name) or node.get("*") or {}
    found: Judge | None = node.get("")
    return found


def _wild(names: tuple[str, ...]) -> list[str]:
    """The names on the way that are of this agreement's own choosing."""
    node, own = _places(), list[str]()
    for name in names:
        if name not in node:
            own.append(name)
        node = node.get(name) or node.get("*") or {}
    return own


def _literal(noun: str) -> str:
    return noun.replace("{", "{{").replace("}", "}}")


def _change(found: Difference, old: Agreement, new: Agreement) -> Change:
    own = _wild(found.names)
    noun = found.noun.format(*own, *[""] * 2)
    judged = found.judged
    return Change(
        judged.direction,
        f"{noun}: {judged.said}",
        shown(found.new_at),
        _brief(judged.old),
        _brief(judged.new),
        old.at(*found.old_at),
        new.at(*found.new_at),
    )


def _brief(value: Any) -> str:
    """A value in a line; empty where there is none."""
    if value is None:
        return ""
    told = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return told if len(told) <= _BRIEF else f"{told[: _BRIEF - 3]}..."


def _align(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Take out what only follows from a product, source, field or party that one side does not have.

    A product that is gone takes its check with it; that is no check removed. It is told as the product.
    """
    for one, other in ((old, new), (new, old)):
        for product in one["analyse"].keys() - other["analyse"].keys():
            one["check"].pop(product, None)
            one["agree"]["automated"].pop(product, None)
        for party in one["agree"]["parties"].keys() - other["agree"]["parties"].keys():
            one["agree"]["processing"].pop(party, None)
        for source, fields in list(one["depersonalise"].items()):
            theirs = other["describe"].get(source, {}).get("use", ())
            for field in [field for field in fields if field not in theirs]:
                del fields[field]
            if not fields and not other["depersonalise"].get(source):
                del one["depersonalise"][source]
