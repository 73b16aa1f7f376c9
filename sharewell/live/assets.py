"""The registry of assets: what is held, by whom, how good, who may use it for what.

It is answered from contracts, agreements and the account. No data file is opened, and no number is told
that did not pass the gate: of a measurement, only when it was made and which rules failed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from ..account.events import Event, EventKind
from ..errors import Problem, SharewellError, UnknownName, among
from ..plan.plan import Plan, Product
from ..standards.usage import product_fields
from .standards import kept_account

if TYPE_CHECKING:
    from ..agree.document import Agreement
    from ..describe import Contract
    from ..workspace import Workspace


@dataclass(frozen=True)
class Use:
    """One field, in one product of one agreement. `linking`: only to find whose records are the same.

    `product` is empty where the agreement does not compile: then it names the field, and what it would do
    with it cannot be told. `published`: as the account stands, it is published and not stopped since.
    """

    agreement: str
    product: str
    purpose: str
    statement: str
    form: str
    recipients: tuple[str, ...]
    linking: bool
    published: bool


@dataclass(frozen=True)
class FieldEntry:
    """A field as its contract describes it, and every use of it."""

    name: str
    type: str
    kind: str
    description: str
    uses: tuple[Use, ...]


@dataclass(frozen=True)
class Quality:
    """How good an asset is known to be. `measured` is the day of the last profile or run that judged it."""

    rules: tuple[str, ...]
    measured: date | None
    failed: tuple[str, ...]


@dataclass(frozen=True)
class AssetEntry:
    """One asset in the registry."""

    name: str
    title: str
    holder: str
    description: str
    version: str
    status: str
    about_people: bool
    restrictions: tuple[str, ...]
    tags: tuple[str, ...]
    fields: tuple[FieldEntry, ...]
    quality: Quality

    @property
    def agreements(self) -> tuple[str, ...]:
        """The agreements that touch it, sorted."""
        return tuple(sorted({use.agreement for field in self.fields for use in field.uses}))


@dataclass(frozen=True)
class Registry:
    """Every asset by name, and the faults of agreements that could not be read or do not compile."""

    entries: dict[str, AssetEntry]
    faulty: dict[str, tuple[Problem, ...]]


def assets(space: Workspace) -> Registry:
    """The registry of a workspace. DocumentError with the faults of its contracts, if they have any."""
    measured = _measurements(space)
    uses, faulty = _uses(space, measured.published)
    entries = {name: _entry(contract, uses, measured) for name, contract in sorted(space.contracts.items())}
    return Registry(entries, faulty)


def asset(space: Workspace, name: str) -> AssetEntry:
    """One asset. UnknownName, with the nearest names, where no contract describes it."""
    return _named(assets(space), name)


def _named(registry: Registry, name: str) -> AssetEntry:
    if name not in registry.entries:
        what = f"{name!r} is not in the catalogue"
        raise UnknownName(Problem("ASSET", what, fix=among(name, registry.entries)))
    return registry.entries[name]


def field_uses(space: Workspace, name: str, field: str) -> tuple[Use, ...]:
    """Who may use one field for what. UnknownName where there is no such asset, or field of it."""
    entry = asset(space, name)
    for held in entry.fields:
        if held.name == field:
            return held.uses
    fix = among(field, [held.name for held in entry.fields])
    raise UnknownName(Problem("FIELD", f"{name} has no field {field!r}", fix=fix))


def _uses(
    space: Workspace, published: frozenset[str]
) -> tuple[dict[str, list[Use]], dict[str, tuple[Problem, ...]]]:
    """Every use by "asset.field", and the agreements that say what cannot be followed."""
    found: dict[str, list[Use]] = defaultdict(list)
    faulty: dict[str, tuple[Problem, ...]] = {}
    for name in space.agreements():
        try:
            live = space.agreement(name)
        except SharewellError as error:
            faulty[name] = error.problems
            continue
        plan, faults = live.linted
        if plan is None:
            faulty[name] = faults
            _by_text(live.agreement, found)
        else:
            _by_plan(live.agreement, plan, name in published, found)
    return found, faulty


def _by_plan(agreement: Agreement, plan: Plan, published: bool, found: dict[str, list[Use]]) -> None:
    for product in plan.products:
        fields = product_fields(plan, product)
        for linking, held in ((False, fields.content), (True, fields.linking)):
            use = _use(agreement, product, linking, published)
            for field in held:
                found[field].append(use)


def _use(agreement: Agreement, product: Product, linking: bool, published: bool) -> Use:
    return Use(
        agreement.name,
        product.name,
        product.purpose,
        agreement.text.agree.purposes[product.purpose].statement,
        product.form.word,
        product.recipients,
        linking,
        published,
    )


def _by_text(agreement: Agreement, found: dict[str, list[Use]]) -> None:
    """What an agreement that does not compile names: that it does, and no more, can be told."""
    for source in agreement.text.describe.values():
        for field in dict.fromkeys((*source.link, *source.use)):
            linking = field not in source.use
            use = Use(agreement.name, "", "", "", "", (), linking, False)
            if use not in found[f"{source.asset}.{field}"]:
                found[f"{source.asset}.{field}"].append(use)


_STOPS = (EventKind.AGREE_WITHDRAWN, EventKind.AGREE_SUSPENDED, EventKind.AGREE_VOIDED)


@dataclass(frozen=True)
class _Measured:
    days: dict[str, date]
    failed: dict[str, tuple[str, ...]]
    published: frozenset[str]


def _measurements(space: Workspace) -> _Measured:
    """What the account says of assets; none is made by looking."""
    account = kept_account(space)
    if account is None:
        return _Measured({}, {}, frozenset())
    days: dict[str, date] = {}
    failed: dict[str, tuple[str, ...]] = {}
    published = set[str]()
    read: dict[str | None, set[str]] = defaultdict(set)
    with account:
        for event in account.events():
            if event.kind in (EventKind.AGREE_PUBLISHED, EventKind.AGREE_RESUMED):
                published.add(str(event.agreement))
            elif event.kind in _STOPS:
                published.discard(str(event.agreement))
            elif event.kind is EventKind.STEP_DONE and "asset" in event.facts:
                read[event.run].add(str(event.facts["asset"]))
            elif event.kind is EventKind.DESCRIBE_PROFILED:
                for name, rules in _judged(event, read[event.run]):
                    days[name] = event.at.date()
                    failed[name] = failed.get(name, ()) if rules is None else rules
    return _Measured(days, failed, frozenset(published))


def _judged(event: Event, read: set[str]) -> Iterable[tuple[str, tuple[str, ...] | None]]:
    """The assets that an event judged, each with the rules that failed; None where it does not say."""
    if "asset" in event.facts:
        return [(str(event.facts["asset"]), None)]
    told = event.facts.get("failed", [])
    pairs = [str(entry).partition(": ") for entry in told] if isinstance(told, list) else []
    return [(name, tuple(rule for asset, _, rule in pairs if asset == name)) for name in sorted(read)]


def _entry(contract: Contract, uses: dict[str, list[Use]], measured: _Measured) -> AssetEntry:
    said = contract.description
    fields = tuple(
        FieldEntry(
            p.name,
            p.type.value,
            p.classification.value,
            p.description,
            tuple(sorted(uses.get(f"{contract.id}.{p.name}", []), key=lambda u: (u.agreement, u.product))),
        )
        for p in contract.properties
    )
    quality = Quality(
        tuple(f"{rule.name}: {rule.limit}" for rule in contract.rules),
        measured.days.get(contract.id),
        measured.failed.get(contract.id, ()),
    )
    return AssetEntry(
        name=contract.id,
        title=contract.name or contract.id,
        holder=contract.domain,
        description=" ".join(part for part in (said.purpose, said.limitations, said.usage) if part),
        version=contract.version,
        status=contract.status,
        about_people="places" not in contract.custom("subject"),
        restrictions=tuple(sorted(contract.restrictions)),
        tags=tuple(contract.tags),
        fields=fields,
        quality=quality,
    )
