"""An agreement that says everything the schema can hold, each text with a word of its own to look for."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from sharewell import workspace
from sharewell.agree import Agreement, lint, load_agreement
from sharewell.agree.document import Agree
from sharewell.agree.flow import Accounting
from sharewell.agree.framework import load_framework
from sharewell.agree.shelf import Shelf
from sharewell.papers import PAPERS, Clauses, Paper, fill
from sharewell.papers.place import branches
from sharewell.plan.plan import Plan
from sharewell.text import load_yaml

KENT = "kent-integrated-dataset"
_FOLDER = tempfile.TemporaryDirectory()  # contracts are read when they are first named


@cache
def shelf() -> Shelf:
    """Everything that the shipped agreements may name."""
    return workspace.init(Path(_FOLDER.name) / "space").shelf


@cache
def shipped(name: str) -> Agreement:
    """A shipped agreement with what it inherits."""
    path = workspace.shipped("systems") / f"{name}.yaml"
    found = (load_framework(each) for each in workspace.shipped("frameworks").glob("*.yaml"))
    return load_agreement(path, path.name, {framework.text.framework: framework for framework in found})


def planned(agreement: Agreement) -> Plan:
    """Its plan, whatever rules it breaks: papers are written of drafts too."""
    plan, faults = lint(agreement, shelf())
    assert plan is not None, "\n".join(map(str, faults))
    return plan


def kent(**agree: Any) -> dict[str, Any]:
    """The Kent agreement as values under no framework, with terms of `agree` set or replaced."""
    value = load_yaml(workspace.shipped("systems") / f"{KENT}.yaml").value
    value.pop("framework", None)
    for name, party in value["agree"]["parties"].items():
        party.setdefault("name", shipped(KENT).text.agree.parties[name].name)
    value["agree"].update(agree)
    return value


def said(value: dict[str, Any]) -> Agreement:
    """Values as an agreement with a line for each of its parts."""
    return load_agreement(json.dumps(value, indent=1, default=str), "draft.yaml")


def all_papers(agreement: Agreement, internal: bool = False) -> tuple[Paper, ...]:
    """Every paper of an agreement."""
    clauses = Clauses(agreement, planned(agreement), None, internal)
    return tuple(fill(form, clauses) for form in PAPERS)


class Filled:
    """Values for every field of a model; texts hold a made-up word each, which stands nowhere else."""

    def __init__(self) -> None:
        self.words: dict[str, str] = {}

    def word(self, path: str) -> str:
        made = f"zq{len(self.words):03d}vex"
        self.words[made] = path
        return made

    def model(self, model: type[BaseModel], path: str) -> dict[str, Any]:
        return {
            (field.alias or name): self.value(
                field.annotation, f"{path}.{field.alias or name}", field.metadata
            )
            for name, field in model.model_fields.items()
        }

    def value(self, annotation: Any, path: str, metadata: Any = ()) -> Any:
        rules = [*metadata, *getattr(annotation, "__metadata__", ())]
        chosen = [b for b in branches(annotation) if b is not type(None)]
        richest = next((b for b in chosen if isinstance(b, type) and issubclass(b, BaseModel)), chosen[0])
        if isinstance(richest, type) and issubclass(richest, BaseModel):
            return self.model(richest, path)
        if isinstance(richest, type) and issubclass(richest, Enum):
            return next(iter(richest)).value
        if get_origin(richest) is Literal:
            return get_args(richest)[0]
        if get_origin(richest) is tuple:
            return [self.value(get_args(richest)[0], path)]
        if get_origin(richest) is dict:
            return {"entry": self.value(get_args(richest)[1], f"{path}.*")}
        return self.plain(richest, path, rules, annotation)

    def plain(self, kind: Any, path: str, rules: list[Any], annotation: Any) -> Any:
        if kind is bool:
            return True
        if kind is int or kind is float:
            return 3
        if kind is date:
            return (date(2031, 1, 1) + timedelta(days=len(self.words))).isoformat()
        word = self.word(path)
        patterns = "".join(
            str(getattr(rule, "pattern", None) or "") for rule in [*rules, *_inner(annotation)]
        )
        if "@" in patterns:
            return f"{word}@body"
        if "https" in patterns:
            return f"https://{word}.example"
        if patterns.startswith("^P"):
            self.words.pop(word)
            return "P11D"
        return word if patterns else f"These words say {word} here"


def _inner(annotation: Any) -> Iterator[Any]:
    for part in get_args(annotation):
        yield from getattr(part, "__metadata__", ())
    yield from getattr(annotation, "__metadata__", ())


@cache
def complete() -> tuple[Agreement, dict[str, str]]:
    """The agreement with all terms said, and the words to look for with the path of each."""
    filled = Filled()
    base = kent()
    agree = filled.model(Agree, "agree")
    parties = base["agree"]["parties"]
    told = agree["parties"]["entry"]
    agree["parties"] = {**parties, "northshire-gp": {**told, "role": "controller"}}
    agree["purposes"] = {**base["agree"]["purposes"], "evaluation": agree["purposes"]["entry"]}
    agree["parameters"] = base["agree"]["parameters"]
    agree["redactions"] = []
    account = filled.model(Accounting, "account")
    base["agree"], base["account"] = agree, account
    held = json.dumps(base)
    words = {word: path for word, path in filled.words.items() if re.search(word, held)}
    return said(base), words
