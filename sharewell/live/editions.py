"""The texts that were published, kept as they were understood: what stands today is held against them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from ..account.events import EventKind
from ..agree.document import Agreement, Text
from ..errors import AccountError, DocumentError, Problem, StorageError
from ..plan.canonical import digest
from ..plan.fingerprint import Fingerprints, terms
from ..text import Lines
from .folders import write_file

if TYPE_CHECKING:
    from ..workspace import Workspace
    from .agreement import LiveAgreement


def keep(live: LiveAgreement) -> None:
    """Write the text, with all that it inherits, before it is entered as published. Whole or not at all."""
    path = _path(live.space, live.name, live.fingerprints)
    text = json.dumps(live.agreement.text.model_dump(mode="json", by_alias=True), ensure_ascii=False)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = (error.strerror or "cannot be written").lower()
        raise StorageError(
            Problem("FILE", f"{path.name}: {reason}", fix="free space, or check permissions")
        ) from None
    write_file(path, text + "\n", over=True)


def last_published(live: LiveAgreement) -> LiveAgreement:
    """The agreement as it was last published.

    DocumentError EDITION where it never was; AccountError where what was kept is not what was published.
    """
    from .agreement import LiveAgreement

    events = list(live.space.account.events(agreement=live.name, kind=EventKind.AGREE_PUBLISHED))
    if not events:
        what, why = f"{live.name} was never published", "there is nothing to hold it against"
        fix = "name two versions: sharewell diff OLD NEW"
        raise DocumentError(Problem("EDITION", what, why, fix, live.agreement.at("agreement")))
    facts = events[-1].facts
    hashes = Fingerprints(str(facts["terms"]), str(facts["flow"]))
    try:
        said = json.loads(_path(live.space, live.name, hashes).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        said = None
    if not isinstance(said, dict) or digest(terms(said)) != hashes.terms:
        what, why = (
            f"the text of {live.name} as it was published is gone, or was changed",
            "its hash differs",
        )
        raise AccountError(Problem("EDITION", what, why, "name the older file: sharewell diff OLD NEW"))
    name = f"{live.name} as published on {events[-1].at.date()}"
    return LiveAgreement(live.space, Agreement(Text.model_validate(said), Lines(name, {})))


def _path(space: Workspace, name: str, hashes: Fingerprints) -> Path:
    return space.kept / "editions" / name / f"{hashes.terms[:16]}-{hashes.flow[:16]}.json"
