"""Two pseudonyms for each record: one that the linker sees, one that content stands under.

The party makes the second from its record number (HMAC under a secret of its own and of this agreement).
The first is the second under AES-256, a permutation of 16 bytes, with a key that only the party and the
host have. So the linker's files and the host's content share no value, and stay apart if both are stolen;
the host alone can turn one into the other, and forgets how when it has joined.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def for_linker(key: bytes, own: npt.NDArray[np.uint8]) -> list[str]:
    """The linker's pseudonyms, in hex, of pseudonyms of 16 bytes each."""
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    # Each block is a different pseudonym, encrypted once: a permutation is what is wanted, not a mode.
    cipher = Cipher(algorithms.AES(key), modes.ECB())
    made = cipher.encryptor().update(own.tobytes())
    return [made[at : at + 16].hex() for at in range(0, len(made), 16)]
