"""Degrees of agreement between encoded records: the comparisons of `link.model`, read from digests.

Sketches take the place of spelling similarity: two unlike names differ in about half of 64 bits (standard
deviation 4), a name and its misspelling in about a quarter.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple


class Level(NamedTuple):
    """A degree of agreement: SQL over encoded columns suffixed _l and _r, and default m and u."""

    name: str
    sql: str
    m: float
    u: float


class Comparison(NamedTuple):
    """Levels from the strongest to `differs`; `missing`: when nothing can be said. `of`: plain columns."""

    name: str
    of: frozenset[str]
    missing: str
    levels: tuple[Level, ...]


def _bits(column: str, most: int) -> str:
    return f"bit_count(xor({column}_l, {column}_r)) <= {most}"


def _places(left: str, right: str) -> str:
    bytes_ = (f"((xor({left}, {right}) >> {8 * place}) & 255 <> 0)::INT" for place in range(8))
    return f"({' + '.join(bytes_)})"


def _either(column: str) -> str:
    return f"{column}_l IS NULL OR {column}_r IS NULL"


_SWAPPED = "forename_l = surname_r AND surname_l = forename_r AND forename_l <> surname_l"
_BORN = _places("born_l", "born_r")
# The first four bytes are the year's, in the order of memory.
_YEAR, _DAY = "(xor(born_l, born_r) & 4294967295) = 0", "(xor(born_l, born_r) >> 32) = 0"
_DIFFERS = "TRUE"


def _plain(column: str, m: float, u: float) -> Comparison:
    same = Level("same", f"{column}_l = {column}_r", m, u)
    return Comparison(
        column, frozenset({column}), _either(column), (same, Level("differs", _DIFFERS, 1 - m, 1 - u))
    )


COMPARISONS = (
    _plain("nhs", 0.985, 1e-7),
    Comparison(
        "forename",
        frozenset({"forename", "surname"}),
        _either("forename"),
        (
            Level("same", "forename_l = forename_r", 0.82, 0.008),
            Level("swapped with surname", _SWAPPED, 0.01, 0.0001),
            Level("same by another form", "given_l = given_r", 0.05, 0.001),
            Level("initial fits", "alone_l = initial_r OR initial_l = alone_r", 0.02, 0.003),
            Level("nearly", _bits("forename_like", 16), 0.05, 0.002),
            Level("like", _bits("forename_like", 21), 0.03, 0.01),
            Level("same initial", "initial_l = initial_r", 0.01, 0.06),
            Level("differs", _DIFFERS, 0.02, 0.92),
        ),
    ),
    Comparison(
        "surname",
        frozenset({"forename", "surname"}),
        f"{_either('surname')} OR coalesce({_SWAPPED}, FALSE)",
        (
            Level("same", "surname_l = surname_r", 0.85, 0.002),
            Level("nearly", _bits("surname_like", 16), 0.06, 0.001),
            Level("like", _bits("surname_like", 21), 0.03, 0.006),
            Level("differs", _DIFFERS, 0.06, 0.99),
        ),
    ),
    Comparison(
        "born",
        frozenset({"born"}),
        _either("born"),
        (
            Level("same", "born_l = born_r", 0.93, 0.00004),
            Level("one digit, or turned", f"{_BORN} = 1 OR born_l = born_turned_r", 0.04, 0.0008),
            Level("two digits", f"{_BORN} = 2", 0.01, 0.008),
            Level("same year, or same day of the year", f"{_YEAR} OR {_DAY}", 0.01, 0.012),
            Level("differs", _DIFFERS, 0.01, 0.98),
        ),
    ),
    _plain("sex", 0.99, 0.5),
    Comparison(
        "other_id",
        frozenset({"other_id"}),
        _either("other_id"),
        (
            Level("same", "other_id_l = other_id_r", 0.92, 0.00001),
            Level("nearly", _bits("other_like", 19), 0.05, 0.002),
            Level("differs", _DIFFERS, 0.03, 0.998),
        ),
    ),
)


def _home(held: Collection[str]) -> Comparison | None:
    """Where someone lives, as one comparison, because its fields repeat each other."""
    door = "number_l = number_r" if "number" in held else ""
    street = f"(street_l = street_r OR {_bits('street_like', 16)})" if "street" in held else ""
    post = "postcode_l = postcode_r" if "postcode" in held else ""
    same = ["uprn_l = uprn_r" if "uprn" in held else "", _both(post, door), _both(post, street)]
    near = f"area_l = area_r OR {_places('postcode_like_l', 'postcode_like_r')} = 1" if post else ""
    levels = (
        ("same home", " OR ".join(filter(None, [*same, _both(door, street)])), 0.7, 0.00005),
        ("same postcode", post, 0.08, 0.0002),
        ("same street", street, 0.05, 0.002),
        ("same area", near, 0.04, 0.05),
    )
    made = tuple(Level(name, f"({sql})", m, u) for name, sql, m, u in levels if sql)
    columns = sorted({"uprn", "postcode", "number", "street"} & set(held))
    if not made:
        return None
    missing = " AND ".join(f"({_either(column)})" for column in columns)
    return Comparison("home", frozenset(columns), missing, (*made, Level("differs", _DIFFERS, 0.13, 0.95)))


def _both(*sql: str) -> str:
    return f"({' AND '.join(sql)})" if all(sql) else ""


def comparisons(held: Collection[str]) -> list[Comparison]:
    """Those that the agreed standard columns allow."""
    home = _home(held)
    # A forename is judged with the surname, for swaps.
    plain = [each for each in COMPARISONS if each.of <= set(held)]
    return [*plain, home] if home else plain


def sql_of(compared: Sequence[Comparison]) -> str:
    """SQL: for each comparison the number of the level that holds, -1 where nothing can be said."""
    made = []
    for each in compared:
        cases = " ".join(f"WHEN {level.sql} THEN {at}" for at, level in enumerate(each.levels))
        made.append(f"(CASE WHEN {each.missing} THEN -1 {cases} END)::TINYINT AS {each.name}")
    return ", ".join(made)
