"""index: who is who, remembered for years: one encrypted file of records, edges, people and their history.

Each delivery of records changes only what it touches; the answer is the one that linking everything afresh
with the same model would give. A person is an opaque random id that no record could be guessed from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...lazy import loader

if TYPE_CHECKING:
    from .person_index import PersonIndex
    from .told import Act, Change

__all__ = ["Act", "Change", "PersonIndex"]

__getattr__ = loader(__name__, {"Act": "told", "Change": "told", "PersonIndex": "person_index"})
