"""An agreement of a workspace in the words of the standards: its contracts and its runs handed over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..account.events import Event, EventKind
from ..standards.facts import Dataset, Field, Generated, Run

if TYPE_CHECKING:
    from ..account import Account
    from ..describe import Contract
    from ..workspace import Workspace
    from .agreement import LiveAgreement


def dataset_of(contract: Contract) -> Dataset:
    """A contract as a dataset: what it is, who holds it, its fields and their kinds; not where it lies."""
    said = contract.description
    told = (said.purpose, said.limitations, said.usage)
    every = next((s for s in contract.sla_properties if s.property == "frequency"), None)
    return Dataset(
        name=contract.id,
        title=contract.name or contract.id,
        description=" ".join(part for part in told if part),
        holder=contract.domain,
        version=contract.version,
        fields=tuple(Field(p.name, p.type, p.classification, p.description) for p in contract.properties),
        about_people="places" not in contract.custom("subject"),
        restrictions=tuple(sorted(contract.restrictions)),
        categories=tuple(sorted(contract.categories)),
        tags=tuple(contract.tags),
        every=(int(every.value), every.unit) if every is not None else None,
    )


def kept_account(space: Workspace) -> Account | None:
    """The workspace's account to read, or None where nothing was entered yet; none is made by looking."""
    path = space.kept / "account.db"
    if not path.exists():
        return None
    from ..account import Account

    return Account.open(path)


def runs_of(live: LiveAgreement) -> tuple[Run, ...]:
    """The runs of an agreement as the account tells them, in order."""
    account = kept_account(live.space)
    if account is None:
        return ()
    with account:
        events = list(account.events(agreement=live.name))
    return tuple(_runs(events))


def _runs(events: list[Event]) -> Iterator[Run]:
    for begun in (event for event in events if event.kind is EventKind.RUN_STARTED and event.run):
        own = [event for event in events if event.run == begun.run]
        ends = [e for e in own if e.kind in (EventKind.RUN_FINISHED, EventKind.RUN_FAILED)]
        reads = [e.facts for e in own if e.kind is EventKind.STEP_DONE and e.facts.get("do") == "read"]
        made = [e.facts for e in own if e.kind is EventKind.RELEASE_RELEASED]
        yield Run(
            name=str(begun.run),
            body=begun.actor.rpartition("@")[2],
            terms=str(begun.facts["terms"]),
            flow=str(begun.facts["flow"]),
            started=begun.at,
            ended=ends[-1].at if ends else None,
            failed=bool(ends) and ends[-1].kind is EventKind.RUN_FAILED,
            used=tuple(sorted({str(told["asset"]) for told in reads if "asset" in told})),
            generated=tuple(
                Generated(str(told["product"]), str(told["recipient"]), str(told["digest"]))
                for told in made
            ),
        )


def document(live: LiveAgreement) -> dict[str, Any]:
    """An agreement as JSON-LD, checked against the shapes.

    DocumentError with every fault where the agreement does not compile, or the document falls short.
    """
    from ..standards.agreement_graph import agreement_document
    from ..standards.validation import check_conforms

    plan = live.plan()
    names = sorted({read.asset.name for read in plan.reads})
    datasets = [dataset_of(live.space.contracts[name]) for name in names]
    made = agreement_document(live.agreement, plan, datasets, runs_of(live))
    check_conforms(made)
    return made


def document_text(live: LiveAgreement) -> str:
    """The checked document as text, the same for the same agreement and account."""
    from ..standards.nodes import written

    return written(document(live))
