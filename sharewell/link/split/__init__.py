"""split: linking without anyone seeing both halves, over three roles that share nothing but packages.

             identifiers, pseudonym a                 (a -> linkage key), for that host alone
    PARTY  ---------------------------->  LINKER  ------------------------------>  HOST
      |                                                                             ^
      +---- content, pseudonym c; and, for the host alone, how c becomes a ---------+

The linker sees who, or with keyed encodings not even that, and never what; the host sees what, and never
who. `keys` are a role's own, `envelope` and `exchange` carry packages, `party`, `linker` and `host` are the
three roles, `encoding`, `levels`, `weights` and `resolve` link records that show no name, and `intersect`
answers whether a person is held by two parties. What each can and cannot withstand: decisions/0021.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...lazy import loader

if TYPE_CHECKING:
    from .exchange import accept
    from .host import join
    from .keys import Card, Role, create, load, trust
    from .linker import answer
    from .party import prepare, share_key, take_key
    from .resolve import people_encoded
    from .terms import Terms

__all__ = [
    "Card",
    "Role",
    "Terms",
    "accept",
    "answer",
    "create",
    "join",
    "load",
    "people_encoded",
    "prepare",
    "share_key",
    "take_key",
    "trust",
]

_HOMES = {
    "Card": "keys",
    "Role": "keys",
    "Terms": "terms",
    "accept": "exchange",
    "answer": "linker",
    "create": "keys",
    "join": "host",
    "load": "keys",
    "people_encoded": "resolve",
    "prepare": "party",
    "share_key": "party",
    "take_key": "party",
    "trust": "keys",
}

__getattr__ = loader(__name__, _HOMES)
