"""A contract as SQL: for each field, its value and the ways in which it can break its promise.

Each row gets one verdict: the number of the first condition that it breaks, in the order of the contract's
fields, or null. Text is trimmed of spaces; empty text is missing. Integers lie within +-2**53; dates in
years 1 to 9999.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..plan.schema import Type
from .contract import Contract, Property
from .readers import Reason
from .sql import literal, name

_SQL = {
    Type.TEXT: "VARCHAR",
    Type.INTEGER: "BIGINT",
    Type.NUMBER: "DOUBLE",
    Type.BOOLEAN: "BOOLEAN",
    Type.DATE: "DATE",
    Type.MOMENT: "TIMESTAMP",
}
_WHOLE = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "HUGEINT",
)
_BROKEN = ("FLOAT", "DOUBLE")
_MOMENTS = ("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS")
_EXACT = 2**53

# Letters of a date format (JDK's, as the contract standard has them): strptime's, and what they match.
_LETTERS = {
    "yyyy": ("%Y", "[0-9]{4}"),
    "MM": ("%m", "[0-9]{2}"),
    "dd": ("%d", "[0-9]{2}"),
    "HH": ("%H", "[0-9]{2}"),
    "mm": ("%M", "[0-9]{2}"),
    "ss": ("%S", "[0-9]{2}"),
}


@dataclass(frozen=True)
class Condition:
    """A way to break the contract: SQL that is true of a broken row, its reason and its field."""

    broken: str
    reason: Reason
    field: str


def date_format(of: Property) -> tuple[str, str]:
    """The format of a date or moment for strptime, and a pattern that its text must match whole."""
    told = of.logical_type_options.format or (
        "yyyy-MM-dd" if of.type is Type.DATE else "yyyy-MM-dd HH:mm:ss"
    )
    shape, pattern, rest = "", "", told
    while rest:
        letters = next((known for known in _LETTERS if rest.startswith(known)), "")
        if letters:
            parsed, matched = _LETTERS[letters]
        else:
            parsed, matched = rest[0], f"[{rest[0]}]"
        shape, pattern, rest = shape + parsed, pattern + matched, rest[len(letters) or 1 :]
    return shape, pattern


def given(of: Property, physical: str) -> str:
    """SQL: what a field of DuckDB's type `physical` holds; text is trimmed and never empty."""
    return f"nullif(trim({name(of.name)}), '')" if physical == "VARCHAR" else name(of.name)


def parsed(of: Property, physical: str) -> str:
    """SQL: a given field (`g:FIELD`) as its type; null where it cannot be."""
    column, kind = name(f"g:{of.name}"), physical.split("(")[0]
    text = column if kind == "VARCHAR" else f"CAST({column} AS VARCHAR)"
    match of.type:
        case Type.TEXT:
            return text
        case Type.INTEGER:
            return _integer(column, text, kind)
        case Type.NUMBER:
            return _number(column, text, kind)
        case Type.BOOLEAN:
            return column if kind == "BOOLEAN" else _boolean(text)
        case _:
            return _date(of, column, text, kind)


def _integer(column: str, text: str, kind: str) -> str:
    if kind in _WHOLE:
        return f"try_cast({column} AS BIGINT)"
    if kind in (*_BROKEN, "DECIMAL"):
        return f"CASE WHEN {column} = floor({column}) THEN try_cast({column} AS BIGINT) END"
    return f"CASE WHEN regexp_full_match({text}, '[+-]?[0-9]{{1,16}}') THEN try_cast({text} AS BIGINT) END"


def _number(column: str, text: str, kind: str) -> str:
    if kind in (*_WHOLE, *_BROKEN, "DECIMAL"):
        return f"try_cast({column} AS DOUBLE)"
    shape = "'[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,3})?'"
    return f"CASE WHEN regexp_full_match({text}, {shape}) THEN try_cast({text} AS DOUBLE) END"


def _boolean(text: str) -> str:
    return (
        f"CASE WHEN lower({text}) IN ('true', 't', 'yes', 'y', '1') THEN true "
        f"WHEN lower({text}) IN ('false', 'f', 'no', 'n', '0') THEN false END"
    )


def _date(of: Property, column: str, text: str, kind: str) -> str:
    date, typed = of.type is Type.DATE, f"try_cast({column} AS {_SQL[of.type]})"
    if kind == "DATE" or (kind in _MOMENTS and not date):
        return typed
    if kind in _MOMENTS:
        return f"CASE WHEN {column} = date_trunc('day', {column}) THEN {typed} END"
    if date or of.logical_type_options.format:
        shape, pattern = date_format(of)
        iso = date and shape == "%Y-%m-%d"
        cast = f"try_cast({text} AS DATE)" if iso else _parsed(text, shape, _SQL[of.type])
        return f"CASE WHEN regexp_full_match({text}, {literal(pattern)}) THEN {cast} END"
    iso_moment = "'[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?'"
    return f"CASE WHEN regexp_full_match({text}, {iso_moment}) THEN try_cast({text} AS TIMESTAMP) END"


def _parsed(text: str, shape: str, of: str) -> str:
    return f"CAST(try_strptime({text}, {literal(shape)}) AS {of})"


def value(of: Property) -> str:
    """SQL: a parsed field (`x:FIELD`) within what its type can hold; null beyond."""
    column = name(f"x:{of.name}")
    if of.type in _HELD:
        return f"CASE WHEN {_HELD[of.type].format(column)} THEN {column} END"
    return column


_HELD = {
    Type.INTEGER: f"{{0}} BETWEEN -{_EXACT} AND {_EXACT}",
    Type.NUMBER: "isfinite({0})",
    Type.DATE: "{0} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31'",
    Type.MOMENT: "{0} BETWEEN TIMESTAMP '0001-01-01' AND TIMESTAMP '9999-12-31 23:59:59.999999'",
}


def conditions(contract: Contract) -> tuple[Condition, ...]:
    """All ways in which a row can break the contract, over what is given (`g:`) and its value (`v:`)."""
    return tuple(c for p in contract.properties for c in _of(p))


def _of(p: Property) -> list[Condition]:
    told, typed, held = p.logical_type_options, name(f"v:{p.name}"), f"{name(f'g:{p.name}')} IS NOT NULL"
    found = []
    if p.mandatory:
        found.append(Condition(f"NOT ({held})", Reason.MISSING, p.name))
    if p.type is not Type.TEXT:
        reason = Reason.DATE if p.type in (Type.DATE, Type.MOMENT) else Reason.TYPE
        found.append(Condition(f"{held} AND {typed} IS NULL", reason, p.name))
    for bound, sign in (
        (told.minimum, "<"),
        (told.maximum, ">"),
        (told.exclusive_minimum, "<="),
        (told.exclusive_maximum, ">="),
    ):
        if bound is not None:
            found.append(Condition(f"{typed} {sign} {_bound(bound, p.type)}", Reason.RANGE, p.name))
    if told.min_length is not None:
        found.append(Condition(f"length({typed}) < {told.min_length}", Reason.LENGTH, p.name))
    if told.max_length is not None:
        found.append(Condition(f"length({typed}) > {told.max_length}", Reason.LENGTH, p.name))
    if told.pattern is not None:
        matched = f"NOT regexp_matches({typed}, {literal(told.pattern)})"
        found.append(Condition(matched, Reason.PATTERN, p.name))
    return found


def _bound(bound: int | float | str, of: Type) -> str:
    return f"CAST({literal(bound)} AS {_SQL[of]})"


def judged(
    contract: Contract, relation: str, physical: dict[str, str], found: tuple[Condition, ...]
) -> str:
    """SQL: `_line`, `_verdict` (-1 for a fault of the reader, else a place in `found`), the values."""
    fields = contract.properties
    givens = ", ".join(f"{given(p, physical[p.name])} AS {name(f'g:{p.name}')}" for p in fields)
    parses = ", ".join(f"{parsed(p, physical[p.name])} AS {name(f'x:{p.name}')}" for p in fields)
    values = ", ".join(f"{value(p)} AS {name(f'v:{p.name}')}" for p in fields)
    whens = " ".join(f"WHEN {condition.broken} THEN {i}" for i, condition in enumerate(found))
    outer = ", ".join(f"{name(f'v:{p.name}')} AS {name(p.name)}" for p in fields)
    # One layer a step: DuckDB then computes each expression once, not once for every mention.
    layers = f"(SELECT _line, _fault, {givens} FROM {name(relation)})"
    layers = f"(SELECT *, {parses} FROM {layers})"
    layers = f"(SELECT *, {values} FROM {layers})"
    return (
        f"SELECT _line, CAST(CASE WHEN _fault IS NOT NULL THEN -1 {whens} END AS INTEGER) AS _verdict, "
        f"{outer} FROM {layers}"
    )
