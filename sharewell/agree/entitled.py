"""Who may do what to an agreement, by what its text says: sign for a party, or speak for it at all."""

from __future__ import annotations

from .document import Agreement
from .terms import Office


def may_sign(agreement: Agreement, who: str, party: str, office: str) -> bool:
    """Whether this person, in this office, may sign for this party. A data protection officer never may."""
    held = agreement.text.agree.parties.get(party)
    if held is None or office == Office.DPO:
        return False
    return any(s.who == who and s.as_ == office for s in held.signs)


def signatories(agreement: Agreement, party: str) -> tuple[str, ...]:
    """Who may sign for a party."""
    held = agreement.text.agree.parties[party]
    return tuple(s.who for s in held.signs if s.as_ is not Office.DPO)


def named(agreement: Agreement) -> frozenset[str]:
    """Everyone whom the agreement names: signatories, users and data protection officers of its parties."""
    agree = agreement.text.agree
    found = {signatory.who for party in agree.parties.values() for signatory in party.signs}
    found |= {party.dpo for party in agree.parties.values() if party.dpo}
    return frozenset(found | {who for user in agree.users for who in user.who})


def party_of(agreement: Agreement, who: str) -> str:
    """The party that somebody speaks for: the one they sign for, or the body in their name; or none."""
    parties = agreement.text.agree.parties
    signs = (name for name in parties if who in signatories(agreement, name))
    body = who.partition("@")[2]
    return next(signs, body if body in parties else "")
