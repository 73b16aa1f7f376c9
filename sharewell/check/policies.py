"""The policies that an agreement may name, each with its source. A local one is a mapping in the agreement.

    sdap                 minimum 10, degrees of freedom 10, p% and (n, k) on sums
    opensafely           7 or fewer withheld, then the nearest 5
    hes-sub-national     1 to 7 withheld, then the nearest 5
    rule-of-10           under 10 withheld, nobody included
    official-statistics  under 10 withheld, then the nearest 5

Each keeps the table-level protection of `complementary` whether or not its source asks for it by name: a
policy that withholds a cell and then lets it be subtracted out has withheld nothing.
"""

from __future__ import annotations

from ..registry import Registry
from .policy import Policy

POLICIES: Registry[Policy] = Registry("check", "policy", (__name__,))

SDAP = Policy(
    name="sdap",
    source="Griffiths et al., Handbook on Statistical Disclosure Control for Outputs, Safe Data Access"
    " Professionals working group (2019; second edition 2024): threshold 10, ten residual degrees of"
    " freedom; p% and (n, k) as ACRO's defaults apply them (10%; n = 2, k = 0.9)",
    minimum=10,
    p_percent=10,
    dominance=(2, 0.9),
    degrees_of_freedom=10,
)
"""The handbook of the UK's trusted research environments."""

OPENSAFELY = Policy(
    name="opensafely",
    source="OpenSAFELY documentation, Safe outputs: redact counts of 7 or fewer, then round counts to the"
    " nearest 5; figures derived from counts use the rounded ones",
    minimum=8,
    rounding=5,
    figures=3,
)
"""Seven or fewer withheld, everything else to the nearest five. A true zero stays."""

HES_SUB_NATIONAL = Policy(
    name="hes-sub-national",
    source="NHS England (NHS Digital), Disclosure control methodology for Hospital Episode Statistics and"
    " the Emergency Care Data Set, from September 2018, sub-national counts: 0 shown, 1 to 7 withheld, all"
    " others to the nearest 5",
    minimum=8,
    rounding=5,
    figures=3,
)
"""Hospital Episode Statistics below national level."""

RULE_OF_10 = Policy(
    name="rule-of-10",
    source="the stricter reading of the threshold of 10, used where a custodian counts nobody as a small"
    " number: nothing under 10 is shown, zero included",
    minimum=10,
    zero_is_small=True,
)
"""Under ten withheld; an empty cell is withheld too, because it says something of everybody in its row."""

OFFICIAL_STATISTICS = Policy(
    name="official-statistics",
    source="Government Statistical Service, guidance on disclosure control for tables produced from"
    " administrative sources (2014): threshold and rounding chosen by the producer, here 10 and 5;"
    " withheld figures marked [c]",
    minimum=10,
    rounding=5,
    figures=3,
    p_percent=10,
)
"""Tables for the public: under ten withheld, then the nearest five; sums also pass the p% rule."""

PRESETS = (SDAP, OPENSAFELY, HES_SUB_NATIONAL, RULE_OF_10, OFFICIAL_STATISTICS)
for _preset in PRESETS:
    POLICIES.add(_preset.name, _preset)
