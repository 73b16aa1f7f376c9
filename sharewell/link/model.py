"""The linkage model, compiled from the columns that the records hold: comparisons, training rules,
blocking keys.

Each level carries a documented default of m (how often matching pairs fall in it) and u (how often random
pairs do), used only where training had too little to go on. Levels of one field are one comparison, and
surname swaps and addresses are judged once, because the model multiplies evidence as if it were
independent.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from .standardise import FIELDS


@dataclass(frozen=True)
class Level:
    """One degree of agreement: SQL over columns suffixed _l and _r, with default m and u; `fixed`: u is
    not learnt.
    """

    name: str
    sql: str
    m: float
    u: float
    frequency: str = ""
    fixed: bool = False

    def as_splink(self) -> dict[str, Any]:
        level: dict[str, Any] = {"sql_condition": self.sql, "label_for_charts": self.name}
        level |= {"m_probability": self.m, "u_probability": self.u, "fix_u_probability": self.fixed}
        # A rare shared surname says more than a common one (Winkler 1988); the floor keeps a unique typo
        # modest.
        if self.frequency:
            level |= {"tf_adjustment_column": self.frequency, "tf_minimum_u_value": 1e-5}
        return level


@dataclass(frozen=True)
class Comparison:
    """Levels from the strongest to 'differs'; `missing` is when the field cannot say anything."""

    name: str
    needs: frozenset[str]
    missing: str
    levels: tuple[Level, ...]

    def without_frequency(self) -> Comparison:
        return replace(self, levels=tuple(replace(level, frequency="") for level in self.levels))

    def as_splink(self) -> dict[str, Any]:
        missing = {"sql_condition": self.missing, "label_for_charts": "missing", "is_null_level": True}
        levels = [missing, *(level.as_splink() for level in self.levels)]
        return {"output_column_name": self.name, "comparison_levels": levels}


def _either(column: str) -> str:
    return f"{column}_l IS NULL OR {column}_r IS NULL"


_SWAPPED = (
    "forename_l[1] = surname_r[1] AND surname_l[1] = forename_r[1] AND forename_l <> surname_l"
    " AND forename_l <> forename_r AND surname_l <> surname_r"
    " AND jaro_winkler_similarity(forename_l, surname_r) >= 0.9"
    " AND jaro_winkler_similarity(surname_l, forename_r) >= 0.9"
)

_FORENAME = Comparison(
    "forename",
    frozenset({"forename", "surname"}),
    _either("forename"),
    (
        Level("same", "forename_l = forename_r", 0.82, 0.008, frequency="forename"),
        Level("swapped with surname", _SWAPPED, 0.01, 0.0001),
        Level("same by another form", "given_l = given_r", 0.05, 0.001),
        Level(
            "initial fits",
            "(length(forename_l) = 1 OR length(forename_r) = 1) AND forename_l[1] = forename_r[1]",
            0.02,
            0.003,
        ),
        Level("nearly", "jaro_winkler_similarity(forename_l, forename_r) >= 0.9", 0.05, 0.003),
        Level("like", "jaro_winkler_similarity(forename_l, forename_r) >= 0.8", 0.02, 0.01),
        Level("differs", "ELSE", 0.03, 0.97),
    ),
)
_SURNAME = Comparison(
    "surname",
    frozenset({"forename", "surname"}),
    # A swap is judged once, with the forename.
    f"{_either('surname')} OR ({_SWAPPED})",
    (
        Level("same", "surname_l = surname_r", 0.85, 0.002, frequency="surname"),
        Level("nearly", "jaro_winkler_similarity(surname_l, surname_r) >= 0.92", 0.06, 0.001),
        Level("like", "jaro_winkler_similarity(surname_l, surname_r) >= 0.82", 0.02, 0.004),
        Level("differs", "ELSE", 0.07, 0.993),
    ),
)
_DAY_MONTH = "born_l[1:4] = born_r[1:4] AND born_l[5:6] = born_r[7:8] AND born_l[7:8] = born_r[5:6]"
_BORN = Comparison(
    "born",
    frozenset({"born"}),
    _either("born"),
    (
        Level("same", "born_l = born_r", 0.93, 0.00004),
        # Dates are of one width, so Hamming is enough, and far cheaper than an edit distance with
        # transpositions.
        Level(
            "one digit, or day and month swapped",
            f"hamming(born_l, born_r) = 1 OR ({_DAY_MONTH})",
            0.04,
            0.0008,
        ),
        Level("two digits", "hamming(born_l, born_r) = 2", 0.01, 0.008),
        Level(
            "same year, or same day of the year",
            "born_l[1:4] = born_r[1:4] OR born_l[5:8] = born_r[5:8]",
            0.01,
            0.012,
        ),
        Level("differs", "ELSE", 0.01, 0.98),
    ),
)
_SEX = Comparison(
    "sex",
    frozenset({"sex"}),
    _either("sex"),
    (Level("same", "sex_l = sex_r", 0.99, 0.5), Level("differs", "ELSE", 0.01, 0.5)),
)
_OTHER = Comparison(
    "other_id",
    frozenset({"other_id"}),
    _either("other_id"),
    (
        Level("same", "other_id_l = other_id_r", 0.92, 0.00001),
        Level(
            "nearly",
            "levenshtein(other_id_l, other_id_r) <= 1 OR (length(other_id_l) = length(other_id_r)"
            " AND levenshtein(other_id_l, other_id_r) = 2"
            " AND damerau_levenshtein(other_id_l, other_id_r) = 1)",
            0.05,
            0.00005,
        ),
        Level("differs", "ELSE", 0.03, 0.9999),
    ),
)


def _home(held: Collection[str]) -> Comparison | None:
    """Where someone lives, as one comparison: UPRN, postcode and address repeat each other."""
    door = "number_l = number_r" if "number" in held else ""
    street = "jaro_winkler_similarity(street_l, street_r) >= 0.85" if "street" in held else ""
    uprn = "uprn_l = uprn_r" if "uprn" in held else ""
    post = "postcode_l = postcode_r" if "postcode" in held else ""
    same = [uprn, *(_both(post, part) for part in (door, street)), _both(door, street)]
    levels = [("same home", " OR ".join(filter(None, same)), 0.7, 0.00005)]
    levels += [("same postcode", post, 0.08, 0.0002)]
    levels += [("same street", street, 0.03, 0.002)]
    if post:
        near = "postcode_l[1:-4] = postcode_r[1:-4] OR levenshtein(postcode_l, postcode_r) <= 1"
        levels += [("same area", near, 0.04, 0.05)]
    made = tuple(Level(name, f"({sql})", m, u) for name, sql, m, u in levels if sql)
    if not made:
        return None
    columns = frozenset({"uprn", "postcode", "number", "street"} & set(held))
    missing = " AND ".join(f"({_either(column)})" for column in sorted(columns))
    return Comparison("home", columns, missing, (*made, Level("differs", "ELSE", 0.15, 0.95)))


def _both(*parts: str) -> str:
    return f"({' AND '.join(parts)})" if all(parts) else ""


def comparisons(held: Collection[str]) -> list[Comparison]:
    """The comparisons that the held columns allow."""
    plain = [c for c in (_FORENAME, _SURNAME, _BORN, _SEX, _OTHER) if c.needs <= set(held)]
    home = _home(held)
    return [*plain, home] if home else plain


def within_home(held: Collection[str]) -> list[Comparison]:
    """Comparisons of people already known to share a home, where u is about families and not about
    strangers.

    There a shared surname says little and its frequency nothing; the forename and the sex decide.
    Relatives' forenames are as unlike as strangers', so that u is learnt; those of surname and sex are of
    families, and fixed.
    """
    chances = {
        "forename": (
            (0.72, 0.004),
            (0.002, 0.001),
            (0.02, 0.003),
            (0.2, 0.04),
            (0.03, 0.01),
            (0.01, 0.02),
            (0.018, 0.92),
        ),
        "surname": ((0.93, 0.7), (0.03, 0.02), (0.01, 0.02), (0.03, 0.26)),
        "sex": ((0.999, 0.4), (0.001, 0.6)),
    }
    made = []
    for comparison in (_FORENAME, _SURNAME, _SEX):
        if comparison.needs <= set(held):
            pairs = zip(comparison.levels, chances[comparison.name], strict=True)
            fixed = comparison.name != "forename"
            levels = tuple(replace(level, m=m, u=u, frequency="", fixed=fixed) for level, (m, u) in pairs)
            made.append(replace(comparison, levels=levels))
    return made


@dataclass(frozen=True)
class Rule:
    """Records that agree on all of these expressions are compared, or trained on. `needs` are columns."""

    keys: tuple[str, ...]
    needs: frozenset[str]

    def as_splink(self) -> str:
        """As a blocking rule of Splink's: each expression of the left record equal to that of the right."""
        columns = re.compile(rf"\b({'|'.join(sorted(self.needs))})\b")
        sides = [[columns.sub(rf"{side}.\1", key) for side in "lr"] for key in self.keys]
        return " AND ".join(f"{left} = {right}" for left, right in sides)

    @classmethod
    def of_splink(cls, sql: str) -> Rule | None:
        """The rule that a blocking rule of Splink's states, None if it is more than equalities."""
        keys = []
        for part in re.split(r"\s+AND\s+", _bare(sql), flags=re.IGNORECASE):
            sides = [_bare(side).replace('"', "") for side in _bare(part).split("=")]
            left, right = (re.sub(r"\b[lr]\.", "", side) for side in (sides[0], sides[-1]))
            if len(sides) != 2 or left != right or "l." not in sides[0] + sides[1]:
                return None
            keys.append(left)
        return cls(tuple(keys), frozenset(set(re.findall(r"\w+", " ".join(keys))) & set(FIELDS)))


def _bare(sql: str) -> str:
    """Without brackets about the whole."""
    sql = sql.strip()
    while sql.startswith("(") and sql.endswith(")"):
        depth = [sql[: at + 1].count("(") - sql[: at + 1].count(")") for at in range(len(sql))]
        if 0 in depth[:-1]:
            break
        sql = sql[1:-1].strip()
    return sql


def _rule(*keys: str, needs: str = "") -> Rule:
    return Rule(keys, frozenset(needs.split() or keys))


_OUTWARD = "postcode[1:-4]"
_PAIR = "least(forename, surname) || ' ' || greatest(forename, surname)"
_BLOCKS = (
    (_rule(_PAIR, "left(born, 4)", needs="forename surname born"),),
    (
        _rule(_PAIR, "left(street, 4)", needs="forename surname street"),
        _rule(_PAIR, "postcode", needs="forename surname postcode"),
        _rule(_PAIR, "uprn", needs="forename surname uprn"),
    ),
    (_rule("forename", "born"),),
    (_rule("surname", "born"),),
    (_rule("born", "left(street, 4)", needs="born street"), _rule("born", "postcode")),
    (
        _rule("number", "street", "left(forename, 1)", needs="number street forename"),
        _rule("forename", "postcode"),
        _rule("forename", "uprn"),
    ),
    (_rule("other_id"),),
)
"""Of each group the first rule that the columns allow. Every rule is narrow at a million people: a name
pair alone is not, so it brings a birth year or a place. Measured on the county, each further rule brought
under one true pair in ten thousand that these do not.
"""
_WITHOUT_BIRTH = (
    (
        _rule("number", "street", "left(surname, 1)", needs="number street surname"),
        _rule("surname", "postcode", "left(forename, 1)", needs="surname postcode forename"),
        _rule("surname", "uprn"),
    ),
    (_rule("forename", "postcode"),),
    (_rule("number", "postcode"), _rule("uprn")),
)
"""For the sources that tell no birth date, by home and part of a name."""

_WIDE = (
    _rule("number", "postcode"),
    _rule("born", "postcode"),
    _rule("forename", "postcode"),
    _rule("surname", "postcode"),
    _rule("surname", "uprn"),
    _rule("forename", "uprn"),
    _rule(_PAIR, "postcode", needs="forename surname postcode"),
    _rule("number", "street", "left(surname, 1)", needs="number street surname"),
    _rule("surname", "street", "left(forename, 1)", needs="surname street forename"),
)
WIDE_UP_TO = 500_000
"""Records up to which the wide rules are cheap."""

_TRAINING = (
    (_rule("forename", "surname"), _rule("surname", "number", "street"), _rule("surname", "postcode")),
    (
        _rule("born", "postcode"),
        _rule("number", "postcode"),
        _rule("born", "street"),
        _rule("born", "uprn"),
    ),
)
"""Two sessions of EM, each learning what the other blocks on; the first rule of each that the columns
allow.
"""


def blocks(held: Collection[str], lacking: Collection[str] = (), *, wide: bool = True) -> list[Rule]:
    """The blocking rules for records that hold these columns, some source lacking some of them.

    `wide` adds rules for fields that are often wrong, which bring few more matches and many more pairs.
    """
    groups = _BLOCKS if "born" in held and "born" not in lacking else (*_BLOCKS, *_WITHOUT_BIRTH)
    usable = set(held)
    chosen = [next((rule for rule in group if rule.needs <= usable), None) for group in groups]
    more = [rule for rule in _WIDE if wide and rule.needs <= usable]
    return list(dict.fromkeys(rule for rule in (*chosen, *more) if rule))


def training(held: Collection[str]) -> list[Rule]:
    chosen = (next((rule for rule in session if rule.needs <= set(held)), None) for session in _TRAINING)
    return [rule for rule in chosen if rule]


def doors(held: Collection[str]) -> list[Rule]:
    """Rules by which two records are of one home; the first is the one to learn from."""
    rules = (
        _rule("number", "postcode"),
        _rule("uprn"),
        _rule("number", "street", _OUTWARD, needs="number street postcode"),
    )
    return [rule for rule in rules if rule.needs <= set(held)]


def certain(held: Collection[str]) -> list[Rule]:
    """Rules whose pairs are nearly all matches, to gauge how many matches there are."""
    rules = (_rule("forename", "surname", "born"), _rule("forename", "surname", "number", "postcode"))
    return [rule for rule in rules if rule.needs <= set(held)][:1]
