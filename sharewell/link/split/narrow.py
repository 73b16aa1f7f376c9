"""What is encoded, and under which narrow rules two records may be compared at all."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

import pyarrow as pa


class Rule(NamedTuple):
    """Records that agree on all of `keys` (SQL over standard columns) may be compared. `needs`: columns."""

    keys: tuple[str, ...]
    needs: frozenset[str]


def _rule(*keys: str, needs: str = "") -> Rule:
    return Rule(keys, frozenset(needs.split() or keys))


_PAIR = "least(forename, surname) || ' ' || greatest(forename, surname)"
RULES = (
    _rule("nhs"),
    _rule("other_id"),
    _rule("forename", "born"),
    _rule("surname", "born"),
    _rule("born", "postcode"),
    _rule("born", "number", "left(street, 4)", needs="born number street"),
    _rule(_PAIR, "postcode", needs="forename surname postcode"),
    _rule(_PAIR, "left(born, 4)", "left(postcode, 2)", needs="forename surname born postcode"),
    _rule(_PAIR, "left(street, 4)", needs="forename surname street"),
    _rule("number", "postcode", "left(forename, 1)", needs="number postcode forename"),
    _rule("number", "street", "left(forename, 1)", needs="number street forename"),
    _rule("number", "street", "left(surname, 1)", needs="number street surname"),
    _rule("surname", "postcode", "left(forename, 1)", needs="surname postcode forename"),
    _rule("forename", "uprn"),
    _rule("surname", "uprn", "left(born, 4)", needs="surname uprn born"),
)
"""Each is narrow: two facts that are rarely shared by chance, or one number made to tell people apart."""


class Part(NamedTuple):
    """An encoded column: how it is made of a standard column. Columns of one `domain` can be compared."""

    column: str
    domain: str
    kind: str = "digest"
    sql: str = ""


PARTS: dict[str, Part] = {
    "forename": Part("forename", "name"),
    "forename_like": Part("forename", "name", "sketch"),
    "given": Part("given", "given"),
    "initial": Part("forename", "initial", sql="left(forename, 1)"),
    "alone": Part("forename", "initial", sql="CASE WHEN length(forename) = 1 THEN forename END"),
    "surname": Part("surname", "name"),
    "surname_like": Part("surname", "name", "sketch"),
    "born": Part("born", "born", "digits"),
    "born_turned": Part("born", "born", "digits", "born[1:4] || born[7:8] || born[5:6]"),
    "sex": Part("sex", "sex"),
    "nhs": Part("nhs", "nhs"),
    "postcode": Part("postcode", "postcode"),
    "area": Part("postcode", "area", sql="postcode[1:-4]"),
    "postcode_like": Part("postcode", "postcode", "digits", "rpad(postcode, 8, '.')"),
    "number": Part("number", "number"),
    "street": Part("street", "street"),
    "street_like": Part("street", "street", "sketch"),
    "uprn": Part("uprn", "uprn"),
    "other_id": Part("other_id", "other"),
    "other_like": Part("other_id", "other", "sketch"),
}
TYPES = {"digest": pa.uint32(), "sketch": pa.uint64(), "digits": pa.uint64()}


def rules(held: Collection[str]) -> list[tuple[int, Rule]]:
    """The rules that the agreed standard columns allow, each with its number."""
    return [(at, rule) for at, rule in enumerate(RULES) if rule.needs <= set(held)]


def parts(held: Collection[str]) -> dict[str, Part]:
    """The encoded columns that the agreed standard columns give."""
    return {name: part for name, part in PARTS.items() if part.column in held}


def schema(held: Collection[str]) -> pa.Schema:
    """Of the rows that go to the linker: record, rule, block, encoded columns (null where missing)."""
    fields = [("record", pa.string()), ("rule", pa.uint8()), ("block", pa.uint64())]
    return pa.schema([*fields, *((name, TYPES[part.kind]) for name, part in parts(held).items())])
