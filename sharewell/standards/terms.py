"""The terms that a document may use, by name: those of DPV 2.3, and those of UK law that DPV has not.

DPV is the Data Privacy Vocabulary 2.3 of the W3C Data Privacy Vocabularies and Controls Community Group
(https://w3id.org/dpv/2.3). Only names stand here: what they mean is said there.
"""

from __future__ import annotations

import re

from ..agree.purposes import PURPOSES, unknown_codes

__all__ = ["DPV", "EU_GDPR", "KNOWN", "OTHERS", "PURPOSES", "provisions", "unknown_codes"]

DPV = "https://w3id.org/dpv#"
EU_GDPR = "https://w3id.org/dpv/legal/eu/gdpr#"

_OTHERS = """
    AnonymisedData Child DataController DataProcessor DataSubject IdentifyingPersonalData
    JointDataControllers LegalBasis NonPersonalData Organisation OrganisationalMeasure PersonalData
    PrivacyNotice Process PseudonymisedData Recipient ResidualRisk Risk RiskMitigationMeasure
    SensitivePersonalData SpecialCategoryPersonalData StorageDuration VulnerableDataSubject hasContact
    hasData hasDataController hasDataProcessor hasDataSource hasDataSubject hasDuration hasIdentifier
    hasLegalBasis hasName hasNotice hasPersonalData hasPurpose hasRecipient hasResidualRisk hasRisk
    hasStorageCondition hasTechnicalOrganisationalMeasure isMitigatedByMeasure
"""
OTHERS = frozenset(_OTHERS.split())
"""The other terms of DPV 2.3 that a document uses."""

KNOWN = PURPOSES | OTHERS


_LEAD = r"(?:UK GDPR,?\s+)?(?:Art(?:icle|\.)?\s*)?"
_JOIN = r"\s*(?:,|;|and|&)\s*"
_PROVISIONS = {"6": r"6\(1\)\(([a-f])\)", "9": r"9\(2\)\(([a-j])\)"}
_DENIES = re.compile(r"\b(?:not|nor|no|none|never|neither|unless|except|without|rather)\b", re.IGNORECASE)


def provisions(text: str | None, article: str) -> tuple[str, ...]:
    """The provisions of UK GDPR Article 6 or 9 that a text begins by naming exactly, as `A6-1-e`.

    A legal basis is never inferred: text that names none exactly, or that denies or excepts anything, maps
    to nothing and is carried as text alone.
    """
    one = _LEAD + _PROVISIONS[article]
    found = re.match(rf"\s*{one}(?:{_JOIN}{one})*(?![\w(])", text or "")
    if found is None or _DENIES.search(text or ""):
        return ()
    paragraph = "1" if article == "6" else "2"
    letters = re.findall(_PROVISIONS[article], found.group())
    return tuple(f"A{article}-{paragraph}-{letter}" for letter in dict.fromkeys(letters))
