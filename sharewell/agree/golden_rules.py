"""Rules about golden records: whose value survives where records of one person differ."""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import among
from .document import Agreement
from .flow import Preferred, Survivor, Unit
from .rules import Found, Rule


class GoldenRule(Rule):
    """Where records of one person differ, the agreement says beforehand whose value survives: the most
    trusted source's, the most recent, the most complete or the most common. It can only choose among fields
    that the linker is sent, from sources that it links; a rule about anything else would be obeyed by
    nobody, and one about a field that another rule chooses would contradict it.
    """

    code = "GOLDEN"
    why = "a value can survive only from a field and a source that the linker is sent"
    source = "UK GDPR Article 5(1)(d); Government Data Quality Framework (2020)"
    example = (
        "person: {of: [patients, tenants], linker: nhs-then-splink, at: north-linker,"
        " golden: {address: {fields: [address], by: [{trusted: [neighbours]}]}}}"
    )
    fix = "person: {of: [patients, tenants], linker: nhs-then-splink, at: north-linker}"

    def in_text(self, agreement: Agreement) -> Iterator[Found]:
        for name, unit in agreement.text.link.items():
            chosen: dict[str, str] = {}
            for called, survivor in unit.golden.items():
                where = agreement.at("link", name, "golden", called)
                for field in survivor.fields:
                    if field in chosen:
                        what = f"{field} is chosen by {chosen[field]} and by {called}"
                        yield Found(what, f"leave it out of {called}", where)
                    chosen.setdefault(field, called)
                for what, fix in _faults(agreement, unit, called, survivor):
                    yield Found(what, fix, where)


def _faults(agreement: Agreement, unit: Unit, called: str, survivor: Survivor) -> Iterator[tuple[str, str]]:
    described = agreement.text.describe
    sent = sorted({field for name in unit.of if name in described for field in described[name].link})
    preferred = [one for one in survivor.by if isinstance(one, Preferred)]
    dates = [one.recent for one in preferred if one.recent is not None]
    for field in (*survivor.fields, *dates):
        if field not in sent:
            yield f"{called}: no source of this unit sends the linker a field {field!r}", among(field, sent)
    for one in preferred:
        if (one.trusted is None) == (one.recent is None):
            what = f"{called}: a preference is `trusted:` or `recent:`, and exactly one of them"
            yield what, "write each as an entry of its own"
        for source in one.trusted or ():
            if source not in unit.of:
                yield f"{called} trusts {source}, which is not linked", among(source, unit.of)
