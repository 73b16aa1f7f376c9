"""depersonalise: what is the least identifying form that serves?

Keys made under an agreement's own secret, the keyring that holds and destroys those secrets, and rules that
make a column coarser. Names are loaded on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import loader

if TYPE_CHECKING:
    from .coarsen import RULES, Rule
    from .keyring import Certificate, Keyring, Use
    from .keys import key_column
    from .master import FileMasterKey, MasterKey
    from .signing import Signer

_HOME = {
    "RULES": "coarsen",
    "Rule": "coarsen",
    "Certificate": "keyring",
    "Keyring": "keyring",
    "Use": "keyring",
    "key_column": "keys",
    "FileMasterKey": "master",
    "MasterKey": "master",
    "Signer": "signing",
}

__all__ = [
    "RULES",
    "Certificate",
    "FileMasterKey",
    "Keyring",
    "MasterKey",
    "Rule",
    "Signer",
    "Use",
    "key_column",
]

__getattr__ = loader(__name__, _HOME)
