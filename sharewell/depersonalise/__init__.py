"""depersonalise: what is the least identifying form that serves?

Keys made under an agreement's own secret, the keyring that holds, renews and destroys those secrets, tokens
that two officers can open together, and rules that make a column coarser. Names are loaded on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import loader

if TYPE_CHECKING:
    from .coarsen import RULES, Rule
    from .dual_control import approve, ask, reidentify
    from .keyring import Certificate, Keyring, Superseded, Use
    from .keys import key_column
    from .master import FileMasterKey, MasterKey
    from .officers import Officer, OpeningKey
    from .reidentification import Approval, Request
    from .rotation import Moving, Rotated, rewrap, rotate_file_master
    from .sealing import open_column, seal_column
    from .shares import Shares, split
    from .signing import Signer
    from .system_keyring import SystemMasterKey
    from .token_map import MapTerms, TokenMap, map_tokens
    from .vault import VaultMasterKey

_HOME = {
    "RULES": "coarsen",
    "Rule": "coarsen",
    "approve": "dual_control",
    "ask": "dual_control",
    "reidentify": "dual_control",
    "Certificate": "keyring",
    "Keyring": "keyring",
    "Superseded": "keyring",
    "Use": "keyring",
    "key_column": "keys",
    "FileMasterKey": "master",
    "MasterKey": "master",
    "Officer": "officers",
    "OpeningKey": "officers",
    "Approval": "reidentification",
    "Request": "reidentification",
    "Moving": "rotation",
    "Rotated": "rotation",
    "rewrap": "rotation",
    "rotate_file_master": "rotation",
    "open_column": "sealing",
    "seal_column": "sealing",
    "Shares": "shares",
    "split": "shares",
    "Signer": "signing",
    "SystemMasterKey": "system_keyring",
    "MapTerms": "token_map",
    "TokenMap": "token_map",
    "map_tokens": "token_map",
    "VaultMasterKey": "vault",
}

__all__ = [
    "RULES",
    "Approval",
    "Certificate",
    "FileMasterKey",
    "Keyring",
    "MapTerms",
    "MasterKey",
    "Moving",
    "Officer",
    "OpeningKey",
    "Request",
    "Rotated",
    "Rule",
    "Shares",
    "Signer",
    "Superseded",
    "SystemMasterKey",
    "TokenMap",
    "Use",
    "VaultMasterKey",
    "approve",
    "ask",
    "key_column",
    "map_tokens",
    "open_column",
    "reidentify",
    "rewrap",
    "rotate_file_master",
    "seal_column",
    "split",
]

__getattr__ = loader(__name__, _HOME)
