"""From what the gate let through to what each recipient holds: one report a recipient, one list a supplier.

A recipient's report holds the products that the agreement sends there and no others. Rows about people go
to their recipient's outbox; the host's report tells of them only in gated counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ..account.events import EventKind
from ..agree.document import Text
from ..plan.explain import Told, summary
from ..plan.finding import Output, ResultTable
from ..plan.forms import What, Who
from ..plan.plan import Product as Planned
from ..plan.recipe import Story
from ..plan.released import CheckedTable, Product
from ..plan.schema import Type
from ..plan.steps import Fit
from .attacking import attack, told
from .benefits import measure
from .boundaries import placed
from .fairness import strictest, tally
from .golden import survival_tables
from .ledger import record
from .linkage import linkage_of, with_rates
from .registering import told as registered
from .rows import checked_rows

if TYPE_CHECKING:
    from .walk import Runner

QUALITY_POLICY = "official-statistics"
"""The policy of figures about the data themselves: rows read, quarantined, linked."""


def publish(runner: Runner) -> None:
    """Write every report and list of a run, and enter each release in the account.

    A run that was broken off here goes on: what it had written must be the very same bytes, and is left.
    """
    from ..release import write, write_list

    lists = {p.name: p for p in runner.plan.products if p.form.who is not Who.GROUP}
    quality = _quality(runner)
    for name in runner.outcome.findings:
        if (played := attack(runner, name)) is not None:
            runner.outcome.attacked[name] = played
    record(runner)
    runner.tell("release: lists", -1.0)
    for name, product in lists.items():
        for delivery in product.deliveries:
            rows = checked_rows(runner, product, delivery.to)
            written = write_list(runner.space.kept / "outbox", runner.live.name, runner.outcome.run, rows)
            runner.outcome.lists[name] = written.folder
            runner.released(name, delivery.to, written)
    for recipient, products in _by_recipient(runner, lists).items():
        runner.tell(f"release: report for {recipient}", -1.0)
        folder = runner.space.kept / "releases" / recipient / runner.live.name / runner.outcome.run
        bundle = _bundle(runner, recipient, products, quality)
        written = write(folder, bundle, lambda doing: runner.tell(f"release: {doing}", -1.0))
        runner.outcome.releases[recipient] = written.folder
        for product in products:
            runner.released(product.name, recipient, written)
    measure(runner)


def _by_recipient(runner: Runner, lists: dict[str, Planned]) -> dict[str, list[Planned]]:
    """The products that each recipient's report holds; lists are told of, in counts, to the host alone."""
    found: dict[str, list[Planned]] = {}
    for product in runner.plan.products:
        if product.name in runner.outcome.held:
            continue
        recipients = [runner.plan.host] if product.name in lists else [d.to for d in product.deliveries]
        for recipient in recipients:
            found.setdefault(recipient, []).append(product)
    return found


def _bundle(
    runner: Runner, recipient: str, products: list[Planned], quality: tuple[CheckedTable, ...]
) -> Any:
    from ..release import Bundle, RoadStep
    from ..release.linkage import warned

    live, text = runner.live, runner.live.agreement.text
    made = tuple(warned(_product(runner, product), runner.outcome.linkage) for product in products)
    runner.outcome.answers |= {product.name: product.story.sentences[0] for product in made}
    certificates = {
        product.name: runner.outcome.checked[product.name].certificate.as_mapping()
        for product in products
        if product.name in runner.outcome.findings
    }
    statements = [
        text.agree.purposes[name].statement for name in dict.fromkeys(p.purpose for p in products)
    ]
    return Bundle(
        agreement=live.name,
        title=text.title,
        purpose="; ".join(statements),
        run=runner.outcome.run,
        made=runner.began.isoformat(),
        products=made,
        road=tuple(RoadStep(*line) for line in _road(runner, products)),
        authority=_authority(text),
        proof=_proof(runner, recipient),
        quality=quality,
        certificate=certificates,
        synthetic=live.space.synthetic,
        linkage=runner.outcome.linkage,
        attacked={
            product.name: {"told": told(played), "played": played.as_mapping()}
            for product in products
            if (played := runner.outcome.attacked.get(product.name)) is not None
        },
    )


def _road(runner: Runner, products: list[Planned]) -> list[Told]:
    """What was done for these products, with the decision that let it be and the account that holds it."""
    text, hashes = runner.live.agreement.text, runner.live.fingerprints
    agreed = (
        f"permits the run under version {text.version}, terms {hashes.terms[:12]}, flow {hashes.flow[:12]}"
    )
    held = f"holds run {runner.outcome.run}, every step and every decision of it"
    told = summary(runner.plan, {product.name for product in products})
    return [("agree", agreed, "", "", ""), *told, ("account", held, "", "", "")]


def _proof(runner: Runner, recipient: str) -> Any:
    """Where the request for this report stands in the account; a run that goes on has asked already."""
    from ..release import Proof

    def asked() -> list[int]:
        events = runner.events(EventKind.RELEASE_REQUESTED)
        return [event.index for event in events if event.facts["recipient"] == recipient]

    if not asked():
        runner.enter(EventKind.RELEASE_REQUESTED, {"recipient": recipient})
    account = runner.space.account
    size = asked()[0] + 1
    return Proof(size - 1, size, account.root(size).hex(), f"sharewell account verify --event {size - 1}")


def _product(runner: Runner, product: Planned) -> Product:
    """A product as a reader sees it, told only from what passed the gate."""
    purpose = runner.live.agreement.text.agree.purposes[product.purpose].statement
    to = tuple(delivery.to for delivery in product.deliveries)
    if product.name not in runner.outcome.findings:
        counts = _counts(runner, product)
        return Product(
            product.name, product.question, _told_list(counts, to), counts.tables, withheld=counts.withheld,
            purpose=purpose, to=to, form=product.form,
        )  # fmt: skip
    finding, checked = runner.outcome.findings[product.name], runner.outcome.checked[product.name]
    recipe = runner.space.shelf.recipes[product.recipe]
    fit = product.result.of
    assert isinstance(fit, Fit)
    story: Story = recipe.tell({t.name: t.data for t in checked.tables}, fit.parameters.plain())
    charts, undrawn = placed(runner.space, finding.charts)
    caveats = tuple(dict.fromkeys((*story.caveats, *finding.caveats, *undrawn)))
    story = replace(story, caveats=caveats)
    return Product(
        product.name, product.question, story, checked.tables, charts, (), checked.withheld,
        finding.method, finding.source, purpose, to, product.form, registered(runner, product.name),
    )  # fmt: skip


def _counts(runner: Runner, product: Planned) -> Any:
    """How many got each answer, through the gate like any other table."""
    from ..check import POLICIES, gate
    from ..plan.finding import Finding

    rows: pa.Table = runner.outcome.checked[product.name].data
    flags = [c.name for c in product.result.shape.schema if c.type is Type.BOOLEAN]
    if product.form.what is What.FLAG and flags:
        yes = sum(1 for value in rows[flags[0]].to_pylist() if value)
        data = pa.table({"answer": ["Yes", "No"], "customers": [yes, rows.num_rows - yes]})
    else:
        data = pa.table({"answer": ["On the list"], "customers": [rows.num_rows]})
    table = ResultTable(
        "answers", "How many were told each answer", Output.FREQUENCY, data, ("answer",), ("customers",)
    )
    return gate(Finding((table,)), POLICIES[QUALITY_POLICY])


def _told_list(counts: Any, to: Iterable[str]) -> Story:
    table = counts.tables[0].data.to_pylist()
    parts = [
        f"{row['answer'].lower()} for {row['customers']:,}" for row in table if row["customers"] is not None
    ]
    said = f"The answer was {' and '.join(parts)}." if parts else "How many is withheld."
    return Story((said, f"Each answer went to {', '.join(to)} about its own records, and to nobody else."))


def _quality(runner: Runner) -> tuple[CheckedTable, ...]:
    """The data-quality statement: rows admitted, rules held, records linked; each through the gate."""
    from ..check import POLICIES, gate
    from ..plan.finding import Finding

    policy = strictest(runner, POLICIES[QUALITY_POLICY])
    tallies = tally(runner, policy.minimum, runner.began)
    by_group = [table for unit in tallies for table in unit.tables()]
    tables = [_admitted(runner), *_rules(runner), *_linked(runner), *by_group]
    tables += survival_tables(runner.outcome.golden)
    checked = gate(Finding(tuple(tables)), policy).tables
    runner.outcome.linkage = linkage_of(runner, tallies, {t.name: t for t in checked}, policy.rounding or 0)
    grouped = {table.name for table in by_group}
    return tuple(with_rates(table) if table.name in grouped else table for table in checked)


def _admitted(runner: Runner) -> ResultTable:
    found = list(runner.outcome.admitted.values())
    data = pa.table(
        {
            "asset": [a.asset for a in found],
            "rows admitted": [a.rows for a in found],
            "rows quarantined": [a.held for a in found],
        }
    )
    title = "Rows that kept their contract, and rows set aside with a reason"
    return ResultTable(
        "admitted", title, Output.FREQUENCY, data, ("asset",), ("rows admitted", "rows quarantined")
    )


def _rules(runner: Runner) -> list[ResultTable]:
    from .. import describe

    rows = {a.asset: a.rows for a in runner.outcome.admitted.values()}
    measured = runner.outcome.measured
    return [describe.statement(measured, min(rows[m.asset] for m in measured))] if measured else []


def _linked(runner: Runner) -> list[ResultTable]:
    tables = []
    for unit, sources in runner.outcome.linked.items():
        data = pa.table(
            {
                "source": list(sources),
                "records": [told["records"] for told in sources.values()],
                "found elsewhere": [told["linked_elsewhere"] for told in sources.values()],
            }
        )
        title = f"Records of each source, and how many were found in another as the same {unit}"
        counts = ("records", "found elsewhere")
        tables.append(ResultTable(f"linked-{unit}", title, Output.FREQUENCY, data, ("source",), counts))
    return tables


def _authority(text: Text) -> dict[str, str | tuple[str, ...]]:
    """By which authority: what the agreement says, in reading order; what it does not say is left visibly
    out."""
    law, term = text.agree.law, text.account.term
    said: dict[str, str | tuple[str, ...] | None] = {
        "Agreement": f"{text.agreement}, version {text.version}",
        "Legal gateway": law.gateway,
        "UK GDPR Article 6": law.article_6,
        "UK GDPR Article 9": law.article_9,
        "UK GDPR Article 10": law.article_10,
        "Data Protection Act 2018 Schedule 1": law.dpa_schedule_1,
        "Confidentiality": law.confidentiality,
        "Opt-out": str(law.opt_out) if law.opt_out else None,
        "Consents": tuple(law.consents.values()) or None,
        "Parties": tuple(f"{p.name or name} ({p.role})" for name, p in text.agree.parties.items()),
        "Public notice": text.agree.transparency.notice,
        "In plain words": text.agree.transparency.summary,
        "Term": f"{term.start} to {term.end}, reviewed by {term.review}",
        "Kept for": text.account.retain,
    }
    return {label: value if value is not None else "none stated" for label, value in said.items()}
