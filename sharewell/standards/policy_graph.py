"""Who may do what, in ODRL: one permission for each use and each delivery, and what is prohibited.

Every permission is bounded by purpose, form and term. What no permission covers is prohibited, and said so.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..agree.document import Agreement
from ..agree.terms import Role
from ..plan.forms import IDENTIFIABLE, Form
from ..plan.plan import Plan, Product
from ..plan.steps import Link, Read
from .dataset_graph import asset_iri, form_iri, party_iri
from .nodes import Node, Nodes, link, typed
from .usage import product_fields


class Policy:
    """The rules of one agreement, hung on its node."""

    def __init__(self, nodes: Nodes, agreement: Agreement, plan: Plan, root: str) -> None:
        self.nodes, self.text, self.plan, self.root = nodes, agreement.text, plan, root
        self.purposes = [f"{root}/purpose/{name}" for name in self.text.agree.purposes]

    def add(self) -> None:
        """All permissions and prohibitions, and what is owed at the end."""
        permissions, assets = list[str](), set[str]()
        for product in self.plan.products:
            read = product_fields(self.plan, product).assets
            assets.update(read)
            permissions += [self._use(product, read), *self._deliveries(product)]
        permissions += self._linking()
        targets = [asset_iri(name) for name in sorted(assets)]
        told = {
            "odrl:permission": permissions,
            "odrl:prohibition": [*self._never(targets), *self._otherwise(targets)],
            "odrl:obligation": self._exit(targets),
            "odrl:conflict": "odrl:prohibit",
        }
        self.nodes.add(self.root, ("odrl:Agreement",), told)

    def _use(self, product: Product, assets: tuple[str, ...]) -> str:
        """The host may use what the parties bring, to make the product."""
        holders = sorted({step.asset.holder for step in product.steps if isinstance(step, Read)})
        told = {
            "odrl:assigner": [party_iri(name) for name in holders],
            "odrl:assignee": party_iri(self.plan.host),
            "odrl:target": [asset_iri(name) for name in assets],
            "odrl:action": "odrl:use",
            "odrl:constraint": self._bounds(product),
        }
        return self.nodes.add(f"{self.root}/permission/use/{product.name}", ("odrl:Permission",), told)

    def _deliveries(self, product: Product) -> Iterator[str]:
        """Each recipient may read the product."""
        keep = self.text.release[product.name].keep
        for recipient in product.recipients:
            told = {
                "odrl:assigner": party_iri(self.plan.host),
                "odrl:assignee": party_iri(recipient),
                "odrl:target": f"{self.root}/product/{product.name}",
                "odrl:action": "odrl:read",
                "odrl:constraint": [*self._bounds(product), *self._kept(keep)],
            }
            name = f"{self.root}/permission/read/{product.name}/{recipient}"
            yield self.nodes.add(name, ("odrl:Permission",), told)

    def _linking(self) -> Iterator[str]:
        """Each linker may compare identities, to find which records are of the same unit, and no more."""
        for step in (step for step in self.plan.steps if isinstance(step, Link)):
            told = {
                "dcterms:description": f"To find which records are of one {step.unit}, and nothing else"
            }
            purpose = self.nodes.add(f"{self.root}/linking/{step.unit}", ("dpv:Purpose",), told)
            reads = {read.asset.name: read.asset for read in step.walk() if isinstance(read, Read)}
            rule = {
                "odrl:assigner": [party_iri(asset.holder) for asset in reads.values()],
                "odrl:assignee": party_iri(step.shape.place),
                "odrl:target": [asset_iri(name) for name in reads],
                "odrl:action": "odrl:use",
                "odrl:constraint": self._bounded(f"linking/{step.unit}", purpose, IDENTIFIABLE),
            }
            yield self.nodes.add(f"{self.root}/permission/link/{step.unit}", ("odrl:Permission",), rule)
            self.purposes.append(purpose)

    def _bounds(self, product: Product) -> list[str]:
        name = f"purpose/{product.purpose}"
        return self._bounded(name, f"{self.root}/{name}", product.form)

    def _bounded(self, name: str, purpose: str, form: Form) -> list[str]:
        term = self.text.account.term
        told = {
            "skos:prefLabel": form.word,
            "sw:who": form.who.name.lower(),
            "sw:what": form.what.name.lower(),
        }
        self.nodes.add("sw:form", ("odrl:LeftOperand",), {"skos:prefLabel": "the form of the data"})
        allowed = self.nodes.add(form_iri(form), ("sw:Form", "skos:Concept"), told)
        kind = form_iri(form).removeprefix("sw:form-")
        return [
            self._constraint(name, "odrl:purpose", "odrl:eq", link(purpose)),
            self._constraint(f"form/{kind}", "sw:form", "odrl:lteq", link(allowed)),
            self._constraint("from", "odrl:dateTime", "odrl:gteq", typed(term.start.isoformat(), "date")),
            self._constraint("until", "odrl:dateTime", "odrl:lteq", typed(term.end.isoformat(), "date")),
        ]

    def _kept(self, span: str | None) -> list[str]:
        if span is None:
            return []
        return [self._constraint(f"kept/{span}", "odrl:elapsedTime", "odrl:lteq", typed(span, "duration"))]

    def _constraint(self, name: str, left: str, operator: str, right: Node | list[Node]) -> str:
        told = {"odrl:leftOperand": left, "odrl:operator": operator, "odrl:rightOperand": right}
        return self.nodes.add(f"{self.root}/constraint/{name}", ("odrl:Constraint",), told)

    def _never(self, targets: list[str]) -> Iterator[str]:
        """What each purpose says that the data are never to be used for."""
        for purpose, said in self.text.agree.purposes.items():
            for number, sentence in enumerate(said.never, start=1):
                name = f"{purpose}/{number}"
                use = self.nodes.add(
                    f"{self.root}/never/{name}", ("sw:ProhibitedUse",), {"dcterms:description": sentence}
                )
                bound = self._constraint(f"never/{name}", "odrl:purpose", "odrl:isA", link(use))
                told = {
                    "dcterms:description": sentence,
                    "sw:underPurpose": f"{self.root}/purpose/{purpose}",
                }
                yield self._prohibition(f"never/{name}", "odrl:use", targets, [bound], told)

    def _otherwise(self, targets: list[str]) -> Iterator[str]:
        """What is not permitted may not be done: another purpose, another recipient, turning codes back."""
        stated = [link(purpose) for purpose in self.purposes]
        bound = self._constraint("other-purpose", "odrl:purpose", "odrl:isNoneOf", stated)
        why = {"dcterms:description": "No use for any purpose that this agreement does not state"}
        yield self._prohibition("other-purpose", "odrl:use", targets, [bound], why)
        known = sorted({name for product in self.plan.products for name in product.recipients})
        bound = self._constraint(
            "other-recipient", "odrl:recipient", "odrl:isNoneOf", [link(party_iri(name)) for name in known]
        )
        products = [f"{self.root}/product/{product.name}" for product in self.plan.products]
        why = {"dcterms:description": "No delivery to anybody whom this agreement does not name"}
        yield self._prohibition("other-recipient", "odrl:distribute", products, [bound], why)
        closed = [p.name for p in self.plan.products if p.name not in self.text.agree.reidentification]
        if closed:
            self.nodes.add("sw:reidentify", ("odrl:Action",), {"odrl:includedIn": "odrl:use"})
            products = [f"{self.root}/product/{name}" for name in closed]
            why = {"dcterms:description": "Nobody may turn a code or a group back into a person"}
            yield self._prohibition("reidentification", "sw:reidentify", products, [], why)

    def _prohibition(
        self, name: str, action: str, targets: list[str], constraints: list[str], told: dict[str, str]
    ) -> str:
        rule = {"odrl:action": action, "odrl:target": targets, "odrl:constraint": constraints, **told}
        return self.nodes.add(f"{self.root}/prohibition/{name}", ("odrl:Prohibition",), rule)

    def _exit(self, targets: list[str]) -> str:
        """At the end the host and the linkers destroy, or give back, what they hold."""
        told, parties = self.text.account, self.text.agree.parties
        holding = [self.plan.host, *(n for n, p in parties.items() if p.role is Role.LINKER)]
        by = self._constraint(
            "until", "odrl:dateTime", "odrl:lteq", typed(told.term.end.isoformat(), "date")
        )
        rule = {
            "odrl:assignee": [party_iri(name) for name in holding],
            "odrl:target": targets,
            "odrl:action": {"destroy": "odrl:delete", "return": "odrl:give"}[told.exit],
            "odrl:constraint": by,
            "dcterms:description": f"At the end of the term: {told.exit}",
        }
        return self.nodes.add(f"{self.root}/obligation/exit", ("odrl:Duty",), rule)
