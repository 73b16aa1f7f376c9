"""Pseudonyms of a million identifiers: person keys (HMAC-SHA256) and tokens that open again (AES-SIV).

python -m benchmarks.pseudonyms [--size 1m|100k] [--json]

Peers, in the same run and on the same identifiers: the standard library's `hmac.digest` and the
`cryptography` package's AESSIV, value by value as one would write it, whose answers must be equal to ours;
and, in the interpreter that PSEUDONYMS_PYTHON names, ff3 (format-preserving encryption, which NIST
withdrew), on a hundredth of them and scaled. It is timed to show what is not missed.
"""

from __future__ import annotations

import argparse
import hmac
import json
import os
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pyarrow as pa
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from sharewell.depersonalise import key_column
from sharewell.depersonalise.sealing import open_column, seal_column

SIZES = {"1m": 1_000_000, "100k": 100_000}
SECRET = bytes(range(32))
_FF3 = """
import time
from ff3 import FF3Cipher
cipher = FF3Cipher("2DE79D232DF5585D68CE47882AE256D6", "CBD09280979564")
start = time.perf_counter()
for n in range({count}):
    cipher.encrypt(f"{{n:010d}}")
print(time.perf_counter() - start)
"""


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    found = work()
    return time.perf_counter() - start, found


def by_hmac(texts: list[str]) -> list[str]:
    return [hmac.digest(SECRET, b"person\0" + text.encode(), "sha256")[:16].hex() for text in texts]


def by_siv(texts: list[str]) -> list[str]:
    cipher = AESSIV(HKDFExpand(SHA256(), 64, b"sharewell/1/aes-256-siv").derive(SECRET))
    return [cipher.encrypt(text.encode(), [b"istv", b"person"]).hex() for text in texts]


def by_ff3(count: int) -> float | None:
    """Seconds for `count` identifiers, by a hundredth of them; None where there is no such interpreter."""
    python = os.environ.get("PSEUDONYMS_PYTHON")
    if python is None:
        return None
    done = subprocess.run([python, "-c", _FF3.format(count=count // 100)], capture_output=True, text=True)
    return float(done.stdout) * 100 if done.returncode == 0 else None


def measure(count: int) -> dict[str, Any]:
    texts = [f"{n:010d}" for n in range(count)]
    column = pa.array(texts)
    keyed, keys = timed(lambda: key_column(column, SECRET, "person"))
    plain, expected = timed(lambda: by_hmac(texts))
    sealed, tokens = timed(lambda: seal_column(column, SECRET, "istv", "person"))
    loop, wanted = timed(lambda: by_siv(texts))
    opened, identifiers = timed(lambda: open_column(tokens, SECRET, "istv", "person"))
    equal = keys.to_pylist() == expected and tokens.to_pylist() == wanted and identifiers.equals(column)
    seconds = {
        "key_column": keyed,
        "hmac.digest": plain,
        "seal_column": sealed,
        "AESSIV": loop,
        "open_column": opened,
        "ff3": by_ff3(count),
    }
    return {"identifiers": count, "equal": equal, "seconds": seconds}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="1m")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    found = measure(SIZES[asked.size])
    if asked.json:
        print(json.dumps(found))
        return
    print(f"{found['identifiers']:,} identifiers; answers {'equal' if found['equal'] else 'DIFFER'}")
    for name, seconds in found["seconds"].items():
        print(f"  {name:12} {'not installed' if seconds is None else f'{seconds:.2f} s'}")


if __name__ == "__main__":
    main()
