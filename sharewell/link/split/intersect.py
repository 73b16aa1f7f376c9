"""Private set intersection: one party learns which of its records another holds too, or only how many.

Diffie and Hellman's exponents commute (Meadows 1986; Huberman, Franklin and Hogg 1999). The asker sends
a.H(x) for each of its items; the answerer returns b.a.H(x), and b.H(y) of its own; the asker makes a.b.H(y)
and compares. The group is Curve25519 by the coordinate u (RFC 7748), where multiplication needs no v and
clamped scalars clear the cofactor. H takes SHA-512 of item and counter until u is on the curve itself, not
on its twist: as a random oracle onto the group; how long it took is seen by nobody but its own party.

Who is held off: each party if it follows the protocol (semi-honest), under the decisional Diffie-Hellman
assumption. The answerer learns how many items the asker has, the asker how many the answerer has. An asker
who lies can ask about anybody it can name: the size of a question is in the answerer's hands, so look at
it. To count only, the answerer sorts what it returns, and no item can be told from another.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ...errors import LinkError, Problem
from ..session import session
from . import exchange
from .keys import Role, write_private
from .narrow import PARTS
from .terms import Terms

_PRIME = 2**255 - 19
_A = 486_662
_SCHEMA = pa.schema([("asked", pa.bool_()), ("point", pa.binary(32))])
_STEP = 500


@dataclass(frozen=True)
class Common:
    """How many items are common, of how many asked; `records` are the asker's own, None when counting."""

    count: int
    asked: int
    held: int
    records: list[str] | None


def ask(
    role: Role,
    terms: Terms,
    other: str,
    table: pa.Table,
    fields: tuple[str, ...],
    tell: exchange.Tell = exchange.silent,
    *,
    count: bool = False,
) -> Path:
    """Blind the party's items and seal them for `other`. `fields` are standard columns that make an item.

    Records that lack a field, or whose NHS number is false, are not asked about. LinkError FIELD, PURPOSE.
    """
    items = _items(role, terms, table, fields)
    scalar = os.urandom(32)
    points = _blind(terms, scalar, [item for item, _ in items], tell)
    # Sorted by the blinded point, the order says nothing of the table.
    ordered = sorted(zip(points, (records for _, records in items), strict=True))
    kept = {"scalar": scalar.hex(), "records": [records for _, records in ordered], "count": count}
    write_private(_kept(role, terms, other), json.dumps(kept).encode())
    told = {"fields": list(fields), "count": count}
    return _send(role, terms, "intersect-ask", other, [point for point, _ in ordered], [], told)


def answer(
    role: Role,
    terms: Terms,
    other: str,
    table: pa.Table,
    tell: exchange.Tell = exchange.silent,
    *,
    count: bool = False,
    most: int = 2_000_000,
) -> Path:
    """Answer what `other` asked, from this party's own items. Only the asker learns the result.

    LinkError MODE where the other asks for more than is given here, LARGE where it asks about more than
    `most`, POINT where something else than points was sent.
    """
    asked = exchange.latest(role, terms, "intersect-ask", other)
    if asked.told["count"] != count:
        what = f"{other} asks {'how many' if asked.told['count'] else 'which'} items are common"
        fix = "agree which it is; then answer with, or without, --count"
        raise LinkError(Problem("MODE", what, "this party would answer otherwise", fix))
    if len(asked.table) > most:
        what = f"{other} asks about {len(asked.table)} items, more than {most}"
        raise LinkError(Problem("LARGE", what, "it could be asking about everybody", "agree a size first"))
    scalar = os.urandom(32)
    items = _items(role, terms, table, tuple(asked.told["fields"]))
    own = sorted(
        _blind(terms, scalar, [item for item, _ in items], lambda text, done: tell(text, done / 2))
    )
    twice = list(_times(scalar, asked.table["point"].to_pylist(), lambda t, d: tell(t, 0.5 + d / 2)))
    if count:
        twice.sort()
    exchange.forget(role, terms, "intersect-ask")
    return _send(role, terms, "intersect-answer", other, twice, own, {"count": count})


def read(role: Role, terms: Terms, other: str, tell: exchange.Tell = exchange.silent) -> Common:
    """What the answer says. LinkError MISSING where nothing was asked or answered, MODE, POINT."""
    path = _kept(role, terms, other)
    if not path.exists():
        raise LinkError(
            Problem("MISSING", f"nothing was asked of {other}", fix="sharewell split intersect ask")
        )
    kept: dict[str, Any] = json.loads(path.read_bytes())
    got = exchange.latest(role, terms, "intersect-answer", other)
    mine = got.table.filter(got.table["asked"])["point"].to_pylist()
    theirs = got.table.filter(pc.invert(got.table["asked"]))["point"].to_pylist()
    if got.told["count"] != kept["count"] or len(mine) != len(kept["records"]):
        what = "this answer is not to what was asked last"
        raise LinkError(Problem("MODE", what, fix="ask again, and open the answer to it"))
    held = set(_times(bytes.fromhex(kept["scalar"]), theirs, tell))
    common = [at for at, point in enumerate(mine) if point in held]
    exchange.forget(role, terms, "intersect-answer")
    path.unlink()
    records = None if kept["count"] else sorted(each for at in common for each in kept["records"][at])
    return Common(len(common), len(mine), len(theirs), records)


def _kept(role: Role, terms: Terms, other: str) -> Path:
    return role.state(terms.agreement) / f"asked-{other}.secret"


def _send(
    role: Role, terms: Terms, purpose: str, other: str, asked: list[bytes], own: list[bytes], told: Any
) -> Path:
    flags = pa.array([True] * len(asked) + [False] * len(own), pa.bool_())
    table = pa.table([flags, pa.array([*asked, *own], pa.binary(32))], schema=_SCHEMA)
    return exchange.send(role, terms, purpose, other, _SCHEMA, table.to_batches(20_000), told)


def _items(
    role: Role, terms: Terms, table: pa.Table, fields: tuple[str, ...]
) -> list[tuple[str, list[str]]]:
    """Each item once, with the records that have it: standardised fields, each with its length."""
    from .encoding import identify

    unknown = sorted(set(fields) - {part.column for part in PARTS.values()})
    if unknown or not fields:
        known = ", ".join(sorted({part.column for part in PARTS.values()}))
        raise LinkError(
            Problem("FIELD", f"no such field to compare: {', '.join(unknown)}", fix=f"use: {known}")
        )
    party = terms.party(role.name)
    columns = {name: table[own].cast(pa.string()) for name, own in party.identifiers.items()}
    records = pa.table({"record": table[party.record].cast(pa.string()), **columns})
    with session(2, spills=False) as con:
        con.execute("SET enable_progress_bar = false")
        identify(con, records, tuple(columns))
        known = " AND ".join(f"{name} IS NOT NULL" for name in fields)
        item = " || ".join(f"length({name}) || ':' || {name}" for name in fields)
        found = con.execute(
            f"SELECT {item} AS item, list(DISTINCT record ORDER BY record) FROM identified WHERE {known}"
            " GROUP BY item ORDER BY item"
        )
        return [(each, held) for each, held in found.fetchall()]


def _blind(terms: Terms, scalar: bytes, items: list[str], tell: exchange.Tell) -> list[bytes]:
    return list(_times(scalar, [_point(terms, item) for item in items], tell))


def _point(terms: Terms, item: str) -> bytes:
    """H: a point of the curve (its u) that nobody knows the logarithm of, another under other terms."""
    start = b"sharewell split intersect 1\0" + bytes.fromhex(terms.hash) + item.encode()
    counter = 0
    while True:
        u = int.from_bytes(hashlib.sha512(counter.to_bytes(4, "big") + start).digest(), "little") % _PRIME
        if pow((u * u + _A * u + 1) * u, (_PRIME - 1) // 2, _PRIME) == 1:
            return u.to_bytes(32, "little")
        counter += 1


def _times(scalar: bytes, points: Iterable[bytes], tell: exchange.Tell) -> Iterator[bytes]:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

    key = X25519PrivateKey.from_private_bytes(scalar)
    held = list(points)
    for at, point in enumerate(held):
        if at % _STEP == 0:
            tell("multiplying points", at / len(held))
        try:
            yield key.exchange(X25519PublicKey.from_public_bytes(point))
        except ValueError:
            what = "something other than points of the curve was sent"
            raise LinkError(
                Problem("POINT", what, "it could be made to draw out this party's key")
            ) from None
