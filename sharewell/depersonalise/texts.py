"""Texts made coarser: postcodes to district and sector, names to a letter.

As in the expression language, only a-z are raised to capitals: the rest of Unicode differs between engines.
"""

from __future__ import annotations

import re
from string import ascii_lowercase, ascii_uppercase
from typing import TYPE_CHECKING

from ..plan.schema import Kind, Type
from .coarsen import RULES, Rule, Settings

if TYPE_CHECKING:
    import ibis.expr.types as ir

# A full postcode once its spaces are out: outward 2 to 4, inward a digit and two letters (BS 7666).
_POSTCODE = "^[A-Za-z]{1,2}[0-9][0-9A-Za-z]?[0-9][A-Za-z]{2}$"
_INWARD = 3


def _raised(text: str) -> str:
    return text.translate(str.maketrans(ascii_lowercase, ascii_uppercase))


def _upper(text: str | None, _: Settings) -> str | None:
    return None if text is None else _raised(text)


def _upper_column(text: ir.StringValue, _: Settings) -> ir.StringValue:
    return text.translate(ascii_lowercase, ascii_uppercase)


def _first_letter(text: str | None, _: Settings) -> str | None:
    return None if text is None else _raised(text.lstrip(" ")[:1]) or None


def _first_letter_column(text: ir.StringValue, settings: Settings) -> ir.Value:
    first = text.re_replace("^ +", "").substr(0, 1)
    return _upper_column(first, settings).nullif("")


def _postcode(text: str | None) -> str | None:
    close = "" if text is None else text.replace(" ", "")
    return _raised(close) if re.fullmatch(_POSTCODE.strip("^$"), close) else None


def _postcode_column(text: ir.StringValue) -> ir.Value:
    import ibis

    close = text.replace(" ", "")
    return ibis.cases((close.re_search(_POSTCODE), _upper_column(close, {})))


def _district(text: str | None, _: Settings) -> str | None:
    postcode = _postcode(text)
    return None if postcode is None else postcode[:-_INWARD]


def _district_column(text: ir.StringValue, _: Settings) -> ir.Value:
    postcode = _postcode_column(text)
    return postcode.substr(0, postcode.length() - _INWARD)


def _sector(text: str | None, _: Settings) -> str | None:
    postcode = _postcode(text)
    return None if postcode is None else f"{postcode[:-_INWARD]} {postcode[-_INWARD]}"


def _sector_column(text: ir.StringValue, settings: Settings) -> ir.Value:
    postcode = _postcode_column(text)
    return _district_column(text, settings) + " " + postcode.substr(postcode.length() - _INWARD, 1)


_RULES = (
    Rule("postcode-district", "the outward half of a postcode (AB12)", (Type.TEXT,), Type.TEXT,
         Kind.QUASI, _district, _district_column),
    Rule("postcode-sector", "the outward half and the next digit (AB12 3)", (Type.TEXT,), Type.TEXT,
         Kind.QUASI, _sector, _sector_column),
    Rule("first-letter", "the first letter, as a capital", (Type.TEXT,), Type.TEXT, Kind.QUASI,
         _first_letter, _first_letter_column),
    # Capitals hide nothing: an identifier remains one.
    Rule("upper", "a-z as capitals", (Type.TEXT,), Type.TEXT, Kind.IDENTIFIER, _upper, _upper_column),
)  # fmt: skip

for _rule in _RULES:
    RULES.add(_rule.name, _rule)
