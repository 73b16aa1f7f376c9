"""The policies that an agreement may name, each with its source. A local one is a mapping in the agreement.

    sdap                  minimum 10, degrees of freedom 10, p% and (n, k) on sums
    opensafely            7 or fewer withheld, then the nearest 5
    opensafely-midpoint   counts to the midpoint of their run of six, which alone covers small ones
    hes-sub-national      1 to 7 withheld, then the nearest 5
    rule-of-10            under 10 withheld, nobody included
    abs                   under 10 withheld; no difference under 10 between releases; degrees of freedom 10
    official-statistics   under 10 withheld, then the nearest 5
    cell-key              ONS 10-5: under 10 withheld, nobody included; others by cell key to multiples of 5
    differential-privacy  noise with a budget in place of withholding and rounding

Each keeps the table-level protection of `complementary` whether or not its source asks for it by name: a
policy that withholds a cell and then lets it be subtracted out has withheld nothing.
"""

from __future__ import annotations

from ..plan.finding import Output
from ..registry import Registry
from .policy import Noise, Policy

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
    source="OpenSAFELY (University of Oxford), documentation, Safe outputs (from 2021): redact counts of 7"
    " or fewer, then round counts to the nearest 5; figures derived from counts use the rounded ones",
    minimum=8,
    rounding=5,
    figures=3,
)
"""Seven or fewer withheld, everything else to the nearest five. A true zero stays."""

OPENSAFELY_MIDPOINT = Policy(
    name="opensafely-midpoint",
    source="OpenSAFELY (University of Oxford), documentation, Safe outputs: midpoint 6 rounding, the"
    " alternative to redacting and rounding: ceil(n / 6) x 6 - 3, a true zero stays; figures derived from"
    " counts use the rounded ones",
    minimum=7,
    rounding=6,
    rounding_method="midpoint",
    figures=3,
)
"""One to six become 3, seven to twelve 9. Rows with other figures than counts and shares of them still lose
all their figures where fewer than seven people stand behind them."""

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

ABS = Policy(
    name="abs",
    source="Australian Bureau of Statistics, DataLab, Input and output clearance: output rules (2021):"
    " ten unweighted contributors to every figure and no difference under ten between tables, dominance"
    " (1, 50) and (2, 67), degrees of freedom. Here p% of 100, which withholds all that the two dominance"
    " rules do and a little more",
    minimum=10,
    difference=10,
    p_percent=100,
    degrees_of_freedom=10,
)
"""The rule of ten, for differences too. (1, 50): where the largest has more than half, all others together
have less than the largest. (2, 67): where the two largest have more than 67%, the larger has over a third
and the rest under it. In both cases total - first - second < first, which is the p% rule at 100."""

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

CELL_KEY = Policy(
    name="cell-key",
    source="Office for National Statistics, Cell Key Perturbation user guide and its perturbation table for"
    " the 10-5 rule (2023 to 2025); Thompson, Broadfoot and Elazar, Methodology for the automatic"
    " confidentialisation of statistical outputs from remote servers (ABS, 2013): under 10 withheld, nobody"
    " included, others perturbed by cell key to multiples of 5",
    minimum=10,
    zero_is_small=True,
    rounding=5,
    cell_key="10-5",
    figures=3,
)
"""Same people, same figure, wherever they are counted. Tables must bring their cell keys as evidence."""

DIFFERENTIAL_PRIVACY = Policy(
    name="differential-privacy",
    source="Dwork, McSherry, Nissim and Smith, Calibrating noise to sensitivity in private data analysis"
    " (Theory of Cryptography, 2006): noise scaled to what one person can change; epsilon is a choice of"
    " the custodian, here 1 for a release, and the account keeps the sum",
    minimum=10,
    noise=Noise(epsilon=1.0),
    outputs=frozenset({Output.FREQUENCY, Output.MAGNITUDE}),
)
"""Noise with a budget. Sums need `bounds`, which only an agreement can give: a local policy writes them."""

PRESETS = (
    SDAP,
    OPENSAFELY,
    OPENSAFELY_MIDPOINT,
    HES_SUB_NATIONAL,
    RULE_OF_10,
    ABS,
    OFFICIAL_STATISTICS,
    CELL_KEY,
    DIFFERENTIAL_PRIVACY,
)
for _preset in PRESETS:
    POLICIES.add(_preset.name, _preset)
