"""What was actually used over a period, against what was allowed: over-collection seen at review.

Read off the account: which products were released and which questions were answered on which days. A
product uses the fields that its plan needs of each source (column liveness); a question, those that its
footprint names. A run of another text than the one at hand is counted and told, and not taken apart: the
fields of that text are not known here.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from ..account.events import Event, EventKind
from ..agree.conditions import day_of
from ..errors import DocumentError, Problem
from ..plan.plan import LINKING, Plan
from ..plan.steps import Transfer

if TYPE_CHECKING:
    from .agreement import LiveAgreement

QUESTIONS = "questions"
"""What an analyst's own questions are counted under, beside the products."""

LEAVE_OUT = "leave it out"
_NAMED = re.compile(r"([a-z][a-z0-9_.-]*)\.([a-z][a-z0-9_]*)")
Field = tuple[str, str, Literal["link", "use"]]
"""Source, field, and whether it goes to the linker or to the host."""


@dataclass(frozen=True)
class FieldUse:
    """One field that the agreement allows: by which products it was used, and how often.

    `where` is the `file:line` that allows it.
    """

    source: str
    asset: str
    field: str
    goes_to: Literal["link", "use"]
    by: Mapping[str, int]
    where: str

    @property
    def times(self) -> int:
        return sum(self.by.values())

    @property
    def advice(self) -> str:
        """What to do at review."""
        return "" if self.times else LEAVE_OUT


@dataclass(frozen=True)
class Usage:
    """The footprint of a period. `runs` are of the text at hand, `other_runs` of earlier texts."""

    agreement: str
    start: date
    end: date
    runs: int
    other_runs: int
    questions: int
    fields: tuple[FieldUse, ...]

    @property
    def unused(self) -> tuple[FieldUse, ...]:
        """What was allowed and never used: over-collection, unless an earlier text used it."""
        return tuple(field for field in self.fields if not field.times)

    def as_mapping(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "agreement": self.agreement,
            "from": self.start.isoformat(),
            "to": self.end.isoformat(),
            "runs": self.runs,
            "other_runs": self.other_runs,
            "questions": self.questions,
            "fields": [
                {**vars(f), "by": dict(f.by), "times": f.times, "advice": f.advice} for f in self.fields
            ],
        }

    def as_csv(self) -> str:
        """One line a field."""
        out = io.StringIO()
        written = csv.writer(out, lineterminator="\n")
        written.writerow(("source", "asset", "field", "goes to", "times", "by", "advice", "where"))
        for field in self.fields:
            by = "; ".join(f"{name} {times}" for name, times in field.by.items())
            written.writerow(
                (
                    field.source,
                    field.asset,
                    field.field,
                    field.goes_to,
                    field.times,
                    by,
                    field.advice,
                    field.where,
                )
            )
        return out.getvalue()


def usage(live: LiveAgreement, start: date, end: date) -> Usage:
    """What was used of an agreement from one day to another, both in it (days in the United Kingdom).

    DocumentError where the days are in the wrong order, or the text has no plan.
    """
    if end < start:
        raise DocumentError(Problem("PERIOD", f"{end} is before {start}", fix="give the earlier day first"))
    plan = live.plan()
    events = [e for e in live.space.account.events(agreement=live.name) if start <= day_of(e.at) <= end]
    flows = _flows(live)
    of_text = {run for run, flow in flows.items() if flow == live.fingerprints.flow}
    ran = {event.run for event in events if event.kind is EventKind.RUN_FINISHED and event.run}
    counted = _products(plan, events, of_text)
    asked = list(_asked(events))
    for fields in asked:
        for field in _known(live, fields):
            counted.setdefault(field, Counter())[QUESTIONS] += 1
    return Usage(
        agreement=live.name,
        start=start,
        end=end,
        runs=len(ran & of_text),
        other_runs=len(ran - of_text),
        questions=len(asked),
        fields=tuple(_fields(live, counted)),
    )


def _flows(live: LiveAgreement) -> dict[str, str]:
    """The flow that each run walked, whenever it began."""
    started = live.space.account.events(agreement=live.name, kind=EventKind.RUN_STARTED)
    return {event.run: str(event.facts.get("flow", "")) for event in started if event.run}


def _products(plan: Plan, events: list[Event], of_text: set[str]) -> dict[Field, Counter[str]]:
    """How often each field served a product: once a run that released it, to however many recipients."""
    made = {
        (event.run, str(event.facts["product"]))
        for event in events
        if event.kind is EventKind.RELEASE_RELEASED and event.run in of_text
    }
    times = Counter(product for _, product in made)
    found: dict[Field, Counter[str]] = {}
    for product in plan.products:
        if times[product.name]:
            for field in _needs(plan, product.name):
                found.setdefault(field, Counter())[product.name] += times[product.name]
    return found


def _needs(plan: Plan, name: str) -> set[Field]:
    """The fields of each source that a product needs: content that is live, and names that link it."""
    product = plan.product(name)
    found: set[Field] = set()
    for step in product.steps if product else ():
        if not isinstance(step, Transfer):
            continue
        content, source = step.purpose != LINKING, step.what.partition(" of ")[2]
        for column in plan.live[step] & set(step.shape.schema.names):
            origins = step.shape.schema[column].origins
            names = {column, *(origin.rpartition(".")[2] for origin in origins)}
            found |= {(source, field, "use" if content else "link") for field in names}
    return found


def _asked(events: list[Event]) -> Iterator[list[str]]:
    """The fields of each question that was let near the data."""
    for event in events:
        if event.kind is EventKind.ANALYSE_ASKED and event.facts.get("outcome") != "refused":
            fields = event.facts.get("fields")
            yield [str(field) for field in fields] if isinstance(fields, list) else []


def _known(live: LiveAgreement, fields: list[str]) -> set[Field]:
    """The fields that a footprint names, by source or by asset."""
    found: set[Field] = set()
    for told in fields:
        match = _NAMED.match(told)
        for name, source in live.agreement.text.describe.items() if match else ():
            if match and match[1] in (name, source.asset) and match[2] in source.use:
                found.add((name, match[2], "use"))
    return found


def _fields(live: LiveAgreement, counted: dict[Field, Counter[str]]) -> Iterator[FieldUse]:
    kinds: tuple[Literal["link", "use"], ...] = ("link", "use")
    for name, source in live.agreement.text.describe.items():
        for kind in kinds:
            for number, field in enumerate(source.link if kind == "link" else source.use):
                by = counted.get((name, field, kind), Counter())
                where = live.agreement.at("describe", name, kind, number)
                yield FieldUse(name, source.asset, field, kind, dict(sorted(by.items())), where)
