"""Why, about whom and on what authority, in DPV: one process a product, with its risks and benefits."""

from __future__ import annotations

from collections.abc import Iterator

from ..agree.document import Agreement
from ..agree.terms import Law, Role
from ..plan.forms import Form, Who
from ..plan.plan import Plan, Product
from ..plan.schema import Kind
from .dataset_graph import asset_iri, field_iri, form_iri, party_iri
from .facts import Dataset
from .nodes import Nodes
from .terms import provisions
from .usage import product_fields

_ROLES = {
    Role.CONTROLLER: ("dpv:DataController",),
    Role.JOINT_CONTROLLER: ("dpv:DataController", "dpv:JointDataControllers"),
    Role.PROCESSOR: ("dpv:DataProcessor",),
    Role.LINKER: ("sw:Linker",),
    Role.HOST: ("sw:Host",),
    Role.RECIPIENT: ("dpv:Recipient",),
}
"""A linker and a host are told by what they do: whether each is a processor, the agreement may not say."""

_CONTROLLERS = (Role.CONTROLLER, Role.JOINT_CONTROLLER)
_ARTICLES = {"article_6": "6", "article_9": "9"}
_LAW = {
    "gateway": "Legal gateway",
    "article_6": "UK GDPR Article 6",
    "article_9": "UK GDPR Article 9",
    "article_10": "UK GDPR Article 10",
    "dpa_schedule_1": "Data Protection Act 2018, Schedule 1",
    "section_251": "NHS Act 2006, section 251",
    "confidentiality": "Common-law duty of confidence",
    "human_rights": "Human Rights Act 1998, Article 8",
}


def form_types(form: Form) -> tuple[str, ...]:
    """What a product is in DPV, by whom its rows are about."""
    return {
        Who.GROUP: ("dpv:AnonymisedData",),
        Who.CODED: ("dpv:PseudonymisedData",),
        Who.NAMED: ("dpv:IdentifyingPersonalData",),
    }[form.who]


class Processes:
    """The processes of one agreement, hung on its node."""

    def __init__(
        self, nodes: Nodes, agreement: Agreement, plan: Plan, root: str, datasets: dict[str, Dataset]
    ) -> None:
        self.nodes, self.text, self.plan, self.root = nodes, agreement.text, plan, root
        self.datasets = datasets

    def add(self) -> None:
        """Parties, law, subjects, risks, benefits, and a process for each product."""
        self._parties()
        together: dict[str, object] = {
            "dpv:hasLegalBasis": list(self._law()),
            "dpv:hasDataSubject": list(self._subjects()),
            "dpv:hasNotice": self._notice(),
            "dpv:hasStorageCondition": self._storage(),
            "dpv:hasRisk": list(self._risks()),
            "dpv:hasTechnicalOrganisationalMeasure": list(self._security()),
        }
        processes = [self._process(product, together) for product in self.plan.products]
        told = {"sw:process": processes, "sw:benefit": list(self._benefits())}
        self.nodes.add(self.root, (), told)

    def _parties(self) -> None:
        for name, party in self.text.agree.parties.items():
            told = {
                "dcterms:identifier": name,
                "dpv:hasName": party.name or name,
                "dpv:hasContact": party.contact,
                "dpv:hasIdentifier": party.registration,
            }
            kinds = ("dpv:Organisation", "prov:Organization", "odrl:Party", *_ROLES[party.role])
            self.nodes.add(party_iri(name), kinds, told)
        for product in self.plan.products:
            for name in product.recipients:
                known = {"dcterms:identifier": name}
                known |= {"dpv:hasName": "Everyone"} if name not in self.text.agree.parties else {}
                self.nodes.add(party_iri(name), ("dpv:Recipient", "odrl:Party"), known)

    def _having(self, *roles: Role) -> list[str]:
        return [party_iri(name) for name, p in self.text.agree.parties.items() if p.role in roles]

    def _process(self, product: Product, together: dict[str, object]) -> str:
        fields = product_fields(self.plan, product)
        personal, other = self._told_apart(fields.content | fields.linking)
        purpose = self.text.agree.purposes[product.purpose]
        codes = [code for code in purpose.codes if code.startswith("dpv:")]
        told = {
            "dcterms:description": purpose.statement,
            "sw:code": [c for c in purpose.codes if c not in codes],
        }
        purpose_iri = self.nodes.add(
            f"{self.root}/purpose/{product.purpose}", ("dpv:Purpose", *codes), told
        )
        sensitive = self._special() if any(self._is_sensitive(field) for field in fields.content) else []
        process = {
            **together,
            "dcterms:title": product.question,
            "dpv:hasPurpose": purpose_iri,
            "dpv:hasPersonalData": [*(field_iri(field) for field in personal), *sensitive],
            "dpv:hasData": [field_iri(field) for field in other],
            "dpv:hasDataSource": [asset_iri(name) for name in fields.assets],
            "dpv:hasRecipient": [party_iri(name) for name in product.recipients],
            "dpv:hasDataController": self._having(*_CONTROLLERS),
            "dpv:hasDataProcessor": self._having(Role.PROCESSOR),
            "sw:linkingField": [field_iri(field) for field in sorted(fields.linking)],
            "sw:product": self._product(product, fields.assets),
        }
        return self.nodes.add(f"{self.root}/process/{product.name}", ("dpv:Process",), process)

    def _product(self, product: Product, assets: tuple[str, ...]) -> str:
        told = {
            "dcterms:identifier": product.name,
            "dcterms:title": product.question,
            "dcterms:isPartOf": self.root,
            "prov:wasDerivedFrom": [asset_iri(name) for name in assets],
            "sw:recipe": product.recipe,
            "sw:policy": product.policy,
            "sw:every": self.text.release[product.name].every,
            "sw:form": form_iri(product.form),
        }
        kinds = ("odrl:Asset", "prov:Entity", "sw:Product", *form_types(product.form))
        return self.nodes.add(f"{self.root}/product/{product.name}", kinds, told)

    def _told_apart(self, fields: frozenset[str]) -> tuple[list[str], list[str]]:
        """Fields about people, and fields about places and prices."""
        personal = [f for f in sorted(fields) if self.datasets[f.rpartition(".")[0]].about_people]
        return personal, sorted(fields - set(personal))

    def _is_sensitive(self, field: str) -> bool:
        asset, _, name = field.rpartition(".")
        held = {f.name: f.kind for f in self.datasets[asset].fields}
        return held.get(name) is Kind.SENSITIVE

    def _special(self) -> list[str]:
        """Special-category data, only where the agreement itself states a condition for them."""
        said = self.text.agree.law.article_9
        if said is None:
            return []
        told = {"dcterms:description": f"Special-category data, under: {said}"}
        name = f"{self.root}/special-category"
        return [self.nodes.add(name, ("dpv:SpecialCategoryPersonalData",), told)]

    def _law(self) -> Iterator[str]:
        """Each authority as text; as a term too where the text names a provision exactly."""
        law: Law = self.text.agree.law
        for part, label in _LAW.items():
            said = getattr(law, part)
            if said is None:
                continue
            terms = (
                [self._provision(p) for p in provisions(said, _ARTICLES[part])] if part in _ARTICLES else []
            )
            told = {"dcterms:title": label, "dcterms:description": said, "sw:provision": terms}
            yield self.nodes.add(f"{self.root}/law/{part.replace('_', '-')}", ("dpv:LegalBasis",), told)
        if law.part_3:
            told = {
                "dcterms:title": "Data Protection Act 2018, Part 3",
                "dcterms:description": law.part_3.authority,
            }
            yield self.nodes.add(f"{self.root}/law/part-3", ("dpv:LegalBasis",), told)

    def _provision(self, name: str) -> str:
        """A provision of the UK GDPR: a term of this project, close to the EU's of the same number."""
        article, paragraph, letter = name.removeprefix("A").split("-")
        told = {
            "skos:prefLabel": f"UK GDPR Article {article}({paragraph})({letter})",
            "skos:closeMatch": f"eu-gdpr:{name}",
        }
        return self.nodes.add(f"sw:uk-gdpr-{name}", ("skos:Concept",), told)

    def _subjects(self) -> Iterator[str]:
        for number, who in enumerate(self.text.agree.subjects, start=1):
            kinds = ["dpv:DataSubject"]
            kinds += ["dpv:Child"] * who.children + ["dpv:VulnerableDataSubject"] * who.vulnerable
            told = {"dcterms:description": who.who, "sw:number": who.number}
            yield self.nodes.add(f"{self.root}/subjects/{number}", kinds, told)

    def _notice(self) -> str | None:
        said = self.text.agree.transparency
        if said.notice is None:
            return None
        told = {"dcterms:source": said.notice, "dcterms:description": said.summary}
        return self.nodes.add(f"{self.root}/notice", ("dpv:PrivacyNotice",), told)

    def _storage(self) -> str:
        told = {"dpv:hasDuration": self.text.account.retain, "sw:exit": self.text.account.exit}
        return self.nodes.add(f"{self.root}/storage", ("dpv:StorageDuration",), told)

    def _risks(self) -> Iterator[str]:
        for number, risk in enumerate(self.text.agree.risks, start=1):
            name = f"{self.root}/risk/{number}"
            measure = self.nodes.add(
                f"{name}/measure", ("dpv:RiskMitigationMeasure",), {"dcterms:description": risk.measure}
            )
            left = self.nodes.add(f"{name}/residual", ("dpv:ResidualRisk",), {"sw:score": risk.residual})
            told = {
                "dcterms:description": risk.text,
                "sw:borneBy": risk.to,
                "sw:likelihood": risk.likelihood,
                "sw:severity": risk.severity,
                "sw:owner": risk.owner,
                "dpv:isMitigatedByMeasure": measure,
                "dpv:hasResidualRisk": left,
            }
            yield self.nodes.add(name, ("dpv:Risk",), told)

    def _security(self) -> Iterator[str]:
        for number, said in enumerate(self.text.agree.security, start=1):
            name = f"{self.root}/measure/{number}"
            yield self.nodes.add(name, ("dpv:OrganisationalMeasure",), {"dcterms:description": said})

    def _benefits(self) -> Iterator[str]:
        for number, benefit in enumerate(self.text.agree.benefits, start=1):
            told = {
                "dcterms:description": benefit.claim,
                "sw:gainedBy": benefit.to,
                "sw:measure": benefit.measure,
                "sw:baseline": None if benefit.baseline is None else _decimal(benefit.baseline),
                "sw:target": None if benefit.target is None else _decimal(benefit.target),
                "sw:due": benefit.due.isoformat() if benefit.due else None,
            }
            yield self.nodes.add(f"{self.root}/benefit/{number}", ("sw:Benefit",), told)


def _decimal(number: float) -> str:
    """A number in the lexical form of xsd:decimal, which knows no exponent."""
    return f"{number:.6f}".rstrip("0").rstrip(".") or "0"
