"""How well what was written agrees with an address of the gazetteer: one level a part, in bits.

The weight of a pair is the sum over parts of log2(m / u): m the share of records of a home at this level,
u that of records of its likeliest rivals (the same street, the same number elsewhere), after Fellegi and
Sunter (1969). Where the postcode agrees the town adds nothing. The shares are authored from how addresses
go wrong, and `benchmarks/addresses.py` measures whether the probabilities that follow are right.
"""

from __future__ import annotations

from math import log2

_NEAR = 0.88
"""Jaro-Winkler likeness of street names from which one is a misspelling of the other."""

SHARES: dict[str, dict[str, tuple[float, float]]] = {
    "postcode": {
        "same": (0.93, 0.02), "slip": (0.02, 0.002), "missing": (1, 1), "other": (0.03, 0.6),
    },
    "street": {
        "same": (0.90, 0.01), "kin": (0.04, 0.005), "near": (0.04, 0.005), "other type": (0.008, 0.004),
        "missing": (1, 1), "other": (0.01, 0.98),
    },
    "number": {
        "same": (0.96, 0.03), "none": (0.9, 0.1), "in range": (0.01, 0.002), "named": (1, 1),
        "moved": (0.01, 0.002), "missing": (0.01, 0.1), "other": (0.005, 0.9),
    },
    "unit": {
        "same": (0.95, 0.04), "none": (0.96, 0.5), "same place": (0.02, 0.01), "moved": (1, 1),
        "missing": (0.008, 0.6), "other": (0.005, 0.9),
    },
    "name": {"same": (0.9, 0.005), "missing": (1, 1), "other": (0.2, 0.9)},
    "town": {"same": (0.9, 0.05), "missing": (1, 1), "known": (1, 1), "other": (0.05, 0.6)},
}  # fmt: skip
"""(m, u) of each level of each part."""

PRIOR = -8.0
"""Bits for any one candidate to be the home before it is compared: rivals that no key finds, and homes that
the gazetteer does not hold."""

_LEVELS = {
    "postcode": """CASE WHEN r.postcode IS NULL OR c.postcode IS NULL THEN 'missing'
        WHEN r.postcode = c.postcode THEN 'same'
        WHEN levenshtein(r.postcode, c.postcode) = 1 THEN 'slip' ELSE 'other' END""",
    "street": f"""CASE WHEN r.after = '' OR c.after = '' THEN 'missing'
        WHEN r.stem = c.stem AND r.type = c.type THEN 'same'
        WHEN r.stem IS NULL AND c.stem IS NULL AND r.after = c.after THEN 'same'
        WHEN r.stem = c.stem THEN 'other type'
        WHEN r.stem IS NULL AND starts_with(r.after || ' ', c.stem || ' ') THEN 'kin'
        WHEN coalesce(r.low, c.low) IS NULL AND r.lead = c.lead
            AND (r.next = c.next OR r.stem IS NULL) THEN 'kin'
        WHEN replace(r.after, ' ', '') = replace(c.after, ' ', '') THEN 'kin'
        WHEN contains(' ' || r.after || ' ', ' ' || c.stem || ' ' || c.type || ' ') THEN 'kin'
        WHEN contains(' ' || c.after || ' ', ' ' || r.stem || ' ' || r.type || ' ') THEN 'kin'
        WHEN jaro_winkler_similarity(replace(coalesce(r.stem, left(r.after, length(c.stem))), ' ', ''),
            replace(coalesce(c.stem, c.after), ' ', '')) >= {_NEAR} THEN 'near' ELSE 'other' END""",
    "number": """CASE WHEN r.low = c.low AND r.high IS NOT DISTINCT FROM c.high
            AND r.suffix IS NOT DISTINCT FROM c.suffix THEN 'same'
        WHEN r.low IS NULL AND c.low IS NULL THEN 'none'
        WHEN r.low BETWEEN c.low AND coalesce(c.high, c.low)
            OR c.low BETWEEN r.low AND coalesce(r.high, r.low) THEN 'in range'
        WHEN {moved} THEN 'moved'
        WHEN (r.low IS NULL OR c.low IS NULL) AND {named} THEN 'named'
        WHEN r.low IS NULL OR c.low IS NULL THEN 'missing' ELSE 'other' END""",
    "unit": """CASE WHEN r.unit = c.unit THEN 'same' WHEN r.unit IS NULL AND c.unit IS NULL THEN 'none'
        WHEN {moved} THEN 'moved'
        WHEN r.unit IS NULL OR c.unit IS NULL THEN 'missing'
        WHEN {rank_r} = {rank_c} THEN 'same place' ELSE 'other' END""",
    "name": """CASE WHEN {named} THEN 'same' WHEN r.name IS NULL OR c.name IS NULL THEN 'missing'
        ELSE 'other' END""",
    "town": """CASE WHEN r.postcode = c.postcode THEN 'known' WHEN c.rest IS NULL THEN 'missing'
        WHEN contains(' ' || r.text || ' ', ' ' || c.rest || ' ') THEN 'same' 
        WHEN r.rest IS NULL THEN 'missing'
        WHEN jaro_winkler_similarity(r.rest, c.rest) >= 0.88 THEN 'same' ELSE 'other' END""",
}
# '3 Ashcombe Court' may be 'Flat 3, Ashcombe Court': the number of one is the unit of the other.
_MOVED = (
    "coalesce((r.low::VARCHAR = c.unit AND r.unit IS NULL AND c.low IS NULL)"
    " OR (c.low::VARCHAR = r.unit AND c.unit IS NULL AND r.low IS NULL), FALSE)"
)
_NAMED = (
    "coalesce(r.name = c.name OR (r.low IS NULL AND starts_with(r.after || ' ', c.name || ' '))"
    " OR (c.low IS NULL AND starts_with(c.after || ' ', r.name || ' ')), FALSE)"
)
# Third: 'Flat 3', 'Flat C', '12C', 'Room 3' and 'Third Floor Flat' may be one home.
_RANK = """CASE WHEN regexp_full_match({0}.unit, '(ROOM )?[A-Z]') THEN ascii(right({0}.unit, 1)) - 64
    ELSE coalesce(try_cast(regexp_extract({0}.unit, '\\d+$') AS INT), list_position(
        ['FIRST', 'SECOND', 'THIRD', 'FOURTH'], {0}.unit)) END"""


def level(part: str) -> str:
    """SQL for the level of one part of record `r` against candidate `c`; `low` and `high` are integers."""
    text = _LEVELS[part].replace("{moved}", _MOVED).replace("{named}", _NAMED)
    return text.replace("{rank_r}", _RANK.format("r")).replace("{rank_c}", _RANK.format("c"))


def weight() -> str:
    """SQL for the weight in bits from the columns of levels, PRIOR included."""
    return " + ".join([str(PRIOR), *(_bits(part, shares) for part, shares in SHARES.items())])


def _bits(part: str, shares: dict[str, tuple[float, float]]) -> str:
    cases = " ".join(f"WHEN '{name}' THEN {log2(m / u):.6f}" for name, (m, u) in shares.items())
    return f"CASE {part} {cases} END"
