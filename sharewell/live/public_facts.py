"""What an agreement says, as facts that anyone may read: redacted where it says so, and without names.

Each account (`name@body`) is told as a post and a body. What is redacted is replaced by why it is not
published, before anything is taken from it. No number of people is among them: an agreement's own estimate
of how many it concerns is left to its notice, which is written for that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from ..agree.clauses import clause
from ..agree.document import Agreement, Text
from ..agree.realised import came
from ..errors import DocumentError, Problem
from ..plan.plan import Plan
from ..plan.steps import About, Transfer
from .benefits import observation

if TYPE_CHECKING:
    from ..describe import Contract

JSON = dict[str, Any]

_LAW = {
    "gateway": "Power or duty to share",
    "article_6": "UK GDPR Article 6",
    "article_9": "UK GDPR Article 9 (sensitive data)",
    "article_10": "UK GDPR Article 10 (criminal offences)",
    "dpa_schedule_1": "Data Protection Act 2018 Schedule 1",
    "policy_document": "Appropriate policy document",
    "section_251": "Support under section 251, NHS Act 2006",
    "confidentiality": "Duty of confidence",
    "human_rights": "Human Rights Act 1998, Article 8",
    "opt_out": "Opt-out",
    "part_3": "Law-enforcement processing (Part 3)",
}
_RIGHTS = {
    "contact": "Where to ask",
    "access": "To see what is held",
    "correction": "To have a mistake put right",
    "objection": "To object",
    "erasure": "To have it erased",
    "complaint": "To complain",
}


def redacted(text: Text) -> JSON:
    """The text as plain JSON, with each redacted part replaced by why it is not published.

    DocumentError REDACTION where one names no part of it: what it meant to hide would be published.
    """
    said: JSON = text.model_dump(mode="json", by_alias=True)
    for redaction in text.agree.redactions:
        place = clause(said, redaction.part)
        if not place:
            what, why = (
                f"there is no part {redaction.part!r} to leave out",
                "it would be published all the same",
            )
            raise DocumentError(
                Problem("REDACTION", what, why, "write the path of a part of this agreement")
            )
        held: Any = said
        for key in place[:-1]:
            held = held[key]
        held[place[-1]] = {"withheld": redaction.why}
    return said


def is_hidden(value: Any) -> bool:
    """Whether a part was redacted."""
    return isinstance(value, dict) and "withheld" in value


def take(part: Any, name: str) -> Any:
    """A part of a part; why it is hidden, where the whole is."""
    return part if is_hidden(part) else part.get(name)


def _named(part: Any) -> Iterator[tuple[str, Any]]:
    return iter(()) if is_hidden(part) else iter((part or {}).items())


def _listed(part: Any) -> list[Any]:
    return [] if is_hidden(part) else list(part or ())


def _picked(part: Any, names: tuple[str, ...]) -> JSON:
    return {name: take(part, name) for name in names}


def contacts(text: Text) -> frozenset[str]:
    """The addresses that are there to be written to, but for those of anyone who signs or uses."""
    agree = text.agree
    found = {party.contact for party in agree.parties.values()} | {p.dpo for p in agree.parties.values()}
    found |= {agree.rights.contact} if agree.rights else set()
    staff = {who for user in agree.users for who in user.who}
    staff |= {signatory.who for party in agree.parties.values() for signatory in party.signs}
    return frozenset(found - staff - {""})


def text_facts(agreement: Agreement, plan: Plan, contracts: Mapping[str, Contract]) -> JSON:
    """Everything on an agreement's page that its text says."""
    said = redacted(agreement.text)
    agree, account = said["agree"], said["account"]
    return {
        **_meaning(agree),
        **_standing(agree),
        "sources": list(_sources(said, plan, contracts)),
        "products": list(_products(said)),
        "remembered": [
            {"unit": unit, **_picked(told, ("standing", "from"))} for unit, told in _named(said["link"])
        ],
        "host": plan.host,
        "term": take(account, "term") if not is_hidden(take(account, "term")) else _term(account),
        "retain": take(account, "retain"),
        "exit": take(account, "exit"),
        "redactions": [
            _picked(part, ("part", "why", "by", "until")) for part in agree_redactions(agreement)
        ],
    }


def agree_redactions(agreement: Agreement) -> list[JSON]:
    """The redactions themselves are never redacted."""
    return [part.model_dump(mode="json") for part in agreement.text.agree.redactions]


def _term(account: Any) -> JSON:
    hidden = account if is_hidden(account) else account["term"]
    return {"start": hidden, "review": hidden, "end": hidden}


def _meaning(agree: Any) -> JSON:
    parties = [
        {"id": name, "name": take(p, "name") or name, **_picked(p, ("role", "contact", "dpo"))}
        for name, p in _named(take(agree, "parties"))
    ]
    users = [
        {
            **_picked(u, ("role", "training")),
            "may": _listed(take(u, "may")),
            "bodies": _bodies(take(u, "who")),
        }
        for u in _listed(take(agree, "users"))
    ]
    transparency = take(agree, "transparency")
    return {
        "summary": take(transparency, "summary"),
        "notice": take(transparency, "notice"),
        "purposes": [
            {"name": name, **_picked(p, ("statement", "never", "codes"))}
            for name, p in _named(take(agree, "purposes"))
        ],
        "parties": parties,
        "users": users,
    }


def _bodies(who: Any) -> Any:
    return who if is_hidden(who) else sorted({actor.partition("@")[2] for actor in who})


def _standing(agree: Any) -> JSON:
    law, rights = take(agree, "law"), take(agree, "rights") or {}
    deliberation = take(agree, "deliberation") or {}
    return {
        "law": [[label, _legal(take(law, name))] for name, label in _LAW.items()],
        "rights": [[label, take(rights, name)] for name, label in _RIGHTS.items()],
        "risks": [
            _picked(p, ("text", "to", "measure", "likelihood", "severity", "residual", "owner"))
            for p in _listed(take(agree, "risks"))
        ],
        "benefits": [
            _picked(p, ("claim", "to", "measure", "baseline", "target", "due"))
            for p in _listed(take(agree, "benefits"))
        ],
        "necessity": [
            {"product": name, **_picked(p, ("why", "rejected", "signed"))}
            for name, p in _named(take(agree, "necessity"))
        ],
        "automated": [
            {"product": name, **_picked(p, ("decision", "logic", "human", "contest"))}
            for name, p in _named(take(agree, "automated"))
        ],
        "deliberation": _weighed(take(agree, "deliberation")),
        "conditions": [
            {"name": name, **_picked(p, ("text", "before", "owner"))}
            for name, p in _named(take(deliberation, "conditions"))
        ],
        "abroad": take(agree, "abroad"),
        "onward": take(agree, "onward"),
    }


def _weighed(deliberation: Any) -> JSON | None:
    """The event and what was found; None where there was none. `claims` holds the records of the weighing.

    Its conditions stand by themselves; here is only why they do not, where they are not published.
    """
    if deliberation is None or is_hidden(deliberation):
        return deliberation if deliberation is None else dict(deliberation)
    found, asked = take(deliberation, "findings"), take(deliberation, "conditions")
    return {
        **_picked(deliberation, ("event", "when", "who")),
        "findings": found if is_hidden(found) else [_picked(p, ("said", "clause")) for p in _listed(found)],
        "conditions": asked if is_hidden(asked) else None,
        "claims": [],
    }


def _legal(value: Any) -> Any:
    """Law in one line; `part_3: false` is a statement, and so is shown."""
    if value is False:
        return "No"
    return (
        "; ".join(str(p) for p in value.values() if p)
        if isinstance(value, dict) and not is_hidden(value)
        else value
    )


def _sources(said: JSON, plan: Plan, contracts: Mapping[str, Contract]) -> Iterator[JSON]:
    arrives = {step.what.removeprefix("content of "): step for step in plan.transfers}
    for name, source in _named(said["describe"]):
        asset = take(source, "asset")
        contract = contracts.get(asset) if isinstance(asset, str) else None
        coarse = take(said["depersonalise"], name)
        units = (
            []
            if is_hidden(source)
            else [u for _, u in _named(said["link"]) if name in (take(u, "of") or ())]
        )
        yield {
            "source": name,
            "title": contract.name or asset if contract else asset,
            "asset": asset,
            "from": take(source, "from"),
            "link": take(source, "link"),
            "use": take(source, "use"),
            "coarse": {field: take(rule, "to") for field, rule in _named(coarse)},
            "form": _form(arrives.get(name)),
            "linked_at": sorted({at for u in units if isinstance(at := take(u, "at"), str)}),
        }


def _form(step: Transfer | None) -> str:
    if step is None:
        return "Only what is needed to link it is sent"
    return "about places" if step.shape.about is About.PLACES else step.form.word


def _products(said: JSON) -> Iterator[JSON]:
    for name, analysis in _named(said["analyse"]):
        release = take(said["release"], name)
        yield {
            "product": name,
            **_picked(analysis, ("purpose", "question", "recipe")),
            **_picked(release, ("to", "form", "fields", "every")),
        }


def verdict(benefit: JSON, as_of: date) -> str:
    """Whether a benefit came, as `agree.realised` has it; what is redacted of it is as if it were not
    said.
    """
    baseline, target = (
        float(figure) if isinstance(figure, int | float) else None
        for figure in (benefit["baseline"], benefit["target"])
    )
    due = date.fromisoformat(benefit["due"]) if isinstance(benefit["due"], str) else None
    observed = observation(benefit["claims"][-1]) if benefit["claims"] else None
    return came(baseline, target, due, observed, as_of)
