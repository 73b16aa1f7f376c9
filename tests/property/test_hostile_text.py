"""Hostile agreements: each refused by its code, quickly; and any bytes give an agreement or a refusal."""

# ruff: noqa: E501 - a table reads best with a case a line

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharewell import workspace
from sharewell.agree.document import Agreement, load_agreement
from sharewell.agree.framework import Framework, load_framework
from sharewell.errors import DocumentError, SharewellError, StorageError
from sharewell.text import load_yaml
from sharewell.text.characters import LIMIT, MOST
from sharewell.text.loader import VALUES

SECONDS = 2.0
FULL = LIMIT - 1_000
"""As large as a document may be."""


@cache
def frameworks() -> dict[str, Framework]:
    found = (load_framework(path) for path in workspace.shipped("frameworks").glob("*.yaml"))
    return {framework.text.framework: framework for framework in found}


@cache
def shipped() -> str:
    path = workspace.shipped("systems") / "tackling-fuel-poverty.yaml"
    return path.read_text(encoding="utf-8")


def edit(old: str, new: str) -> Callable[[], bytes]:
    """The shipped agreement with one of its words replaced."""

    def made() -> bytes:
        assert old in shipped()
        return shipped().replace(old, new, 1).encode("utf-8", "surrogatepass")

    return made


def filled(unit: str, head: str = "", tail: str = "") -> Callable[[], bytes]:
    """A document of one thing, over and over, up to the limit of its size."""

    def made() -> bytes:
        whole = (head + unit * ((FULL - len(head) - len(tail)) // len(unit.encode())) + tail).encode()
        assert len(whole) <= LIMIT
        return whole

    return made


def laughs() -> bytes:
    """Nine levels of nine: a billion, if anything expanded it."""
    lines = ["l0: &l0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 10)]
    return "\n".join(lines).encode()


def keys(count: int, head: str = "", indent: str = "") -> Callable[[], bytes]:
    return lambda: (head + "".join(f"{indent}k{n}: 1\n" for n in range(count))).encode()


HOSTILE: dict[str, tuple[Callable[[], bytes], set[str]]] = {
    "a billion laughs": (laughs, {"ANCHOR", "ALIAS"}),
    "an anchor and its alias": (edit("version: 1", "version: &v 1"), {"ANCHOR"}),
    "anchors without end": (filled("- &a x\n"), {"ANCHOR"}),
    "aliases without end": (filled("- *a\n"), {"ALIAS"}),
    "a merge key": (edit("  law:\n", "  <<: {a: 1}\n  law:\n"), {"MERGE"}),
    "a python object": (edit("version: 1", "version: !!python/object/apply:os.system [id]"), {"TAG"}),
    "tags without end": (filled("- !x y\n"), {"TAG"}),
    "ten megabytes": (lambda: b"#" * 10_000_000, {"SIZE"}),
    "ten megabytes of a sound agreement": (lambda: shipped().encode() + b" \n" * 5_000_000, {"SIZE"}),
    "a hundred thousand keys": (keys(100_000), {"SIZE"}),
    "a hundred thousand keys in a chapter": (keys(100_000, "agree:\n", " "), {"SIZE"}),
    "as many unknown fields as there may be": (keys(VALUES - 10), {"FIELD", "MISSING"}),
    "one key without end": (filled("a: 1\n"), {"TWICE"}),
    "empty keys without end": (filled("'': 1\n"), {"KEY"}),
    "a list without end": (filled("1,", "a: [", "]"), {"SIZE"}),
    "documents without end": (filled("---\n"), {"DOCUMENTS"}),
    "tabs": (filled("\t"), {"TAB"}),
    "a tab for an indent": (edit("  law:\n", "\tlaw:\n"), {"TAB"}),
    "NULs": (filled("\0"), {"CHARACTER"}),
    "a NUL in a name": (edit("role: linker", "role: lin\0ker"), {"CHARACTER"}),
    "an escaped NUL": (edit("hmrc: \"Commissioners'", "hmrc: \"\\0Commissioners'"), {"CHARACTER"}),
    "a right-to-left override": (edit("name: Rebate office", "name: \u202eeciffo etabeR"), {"CHARACTER"}),
    "an escaped right-to-left override": (edit('hmrc: "', 'hmrc: "\\u202e'), {"CHARACTER"}),
    "right-to-left marks without end": (filled("\u202e"), {"CHARACTER"}),
    "a zero-width joiner in a party": (edit("    dwp:  ", "    d\u200dwp:  "), {"CHARACTER"}),
    "byte order marks without end": (filled("\ufeff"), {"CHARACTER"}),
    "UTF-16": (lambda: shipped().encode("utf-16"), {"ENCODING"}),
    "UTF-16 without a mark": (lambda: shipped().encode("utf-16-le"), {"CHARACTER"}),
    "UTF-32": (lambda: shipped().encode("utf-32"), {"ENCODING"}),
    "Latin-1": (
        lambda: shipped().replace("Rebate office", "Caf\u00e9 office").encode("latin-1"),
        {"ENCODING"},
    ),
    "two encodings": (lambda: shipped().encode() + "# caf\u00e9\n".encode("cp1252"), {"ENCODING"}),
    "over-long UTF-8": (lambda: shipped().encode() + b"# \xc0\xaf\n", {"ENCODING"}),
    "a lone surrogate": (edit("Rebate office", "Rebate \ud800ffice"), {"ENCODING"}),
    "letters in two forms": (edit("Rebate office", "Cafe\u0301 office"), {"NORMAL_FORM"}),
    "a party's key with a Cyrillic letter": (edit("    hmrc:  ", "    hmr\u0441:  "), {"CONFUSABLE"}),
    "a party's key all in Cyrillic": (edit("    voa:  ", "    \u0441\u0430\u0440:  "), {"VALUE"}),
    "a source from a Cyrillic twin": (edit("{from: hmrc,", "{from: hmr\u0441,"), {"VALUE"}),
    "a recipient that is a Cyrillic twin": (
        edit("{to: [fenland-power]", "{to: [fenland-p\u043ewer]"),
        {"VALUE"},
    ),
    "a signatory of a Cyrillic twin": (edit("who: siro@dwp", "who: siro@d\u0461p"), {"VALUE"}),
    "full-width letters": (edit("    voa:  ", "    \uff56oa:  "), {"CONFUSABLE"}),
    "look-alike keys without end": (
        lambda: "".join(f"\u0430{n}a: 1\n" for n in range(60_000)).encode(),
        {"CONFUSABLE"},
    ),
    "deep mappings": (filled("{a: "), {"DEPTH"}),
    "deep lists": (filled("["), {"DEPTH"}),
    "deep dashes": (filled("- "), {"DEPTH"}),
    "deep keys": (filled("? "), {"KEY", "DEPTH"}),
    "a chapter twice": (edit("\nlink:\n", "\nlink: {}\nlink:\n"), {"TWICE"}),
    "a number too long to be one": (edit("version: 1", "version: " + "9" * 5_000), {"VALUE"}),
    "a number too large": (edit("version: 1", "version: 1.0e999"), {"TYPE"}),
    "not a number": (edit("version: 1", "version: .nan"), {"TYPE"}),
    "a version past counting": (edit("residual: 4", "residual: " + "9" * 18), {"VALUE"}),
    "one long value": (filled("x", "sharewell: "), {"VALUE", "MISSING"}),
    "a directive": (lambda: b"%YAML 1.1\n---\n" + shipped().encode(), {"DIRECTIVE"}),
    "a second agreement": (lambda: shipped().encode() * 2, {"TWICE"}),
    "a second document": (lambda: shipped().encode() + b"---\n" + shipped().encode(), {"DOCUMENTS"}),
    "nothing": (lambda: b"", {"EMPTY"}),
    "only newlines": (filled("\n"), {"EMPTY"}),
    "only a comment": (filled("#"), {"EMPTY"}),
    "a program": (lambda: b"\x7fELF\x02\x01\x01\x00" + bytes(range(256)) * 200, {"ENCODING"}),
    "a PDF": (lambda: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"x" * 1_000, {"ENCODING"}),
    "JSON lines": (lambda: b'{"a": 1}\n{"a": 2}\n', {"SYNTAX"}),
    "a list": (lambda: b"- a\n" * 1_000, {"SHAPE"}),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_agreement_is_refused_by_its_code(what: str, tmp_path: Path) -> None:
    make, codes = HOSTILE[what]
    path = tmp_path / "hostile.yaml"
    path.write_bytes(make())
    began = time.process_time()
    with pytest.raises(DocumentError) as caught:
        load_agreement(path, "hostile.yaml", frameworks())
    assert time.process_time() - began < SECONDS
    assert {problem.code for problem in caught.value.problems} == codes
    assert len(caught.value.problems) <= 2 * MOST
    assert all(len(str(problem)) < 2_000 for problem in caught.value.problems)


def test_a_folder_a_pipe_and_a_device_are_no_agreements(tmp_path: Path) -> None:
    """The last two have no end: they are never read."""
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    for path in (tmp_path, pipe, Path("/dev/zero"), tmp_path / "nowhere.yaml"):
        with pytest.raises(StorageError) as caught:
            load_agreement(path)
        assert [problem.code for problem in caught.value.problems] == ["FILE"]


def test_a_document_of_the_largest_size_is_read_quickly() -> None:
    text = "".join(f"k{n}: 1\n" for n in range(VALUES - 10))
    began = time.process_time()
    assert len(load_yaml(text).value) == VALUES - 10
    assert time.process_time() - began < SECONDS


@cache
def sound() -> bytes:
    return shipped().encode()


Edits = st.lists(
    st.tuples(
        st.integers(0, 10_000_000), st.integers(0, 8), st.binary(max_size=8) | st.sampled_from(
            [b"&a ", b"*a", b"!!int ", b"<<: ", b"\t", b"\0", b"{", b"}", b"[", b"]", b": ", b"- ", b"? ", b"\n", b"#",
             b"'", b'"', b"|\n", b"null", b"---\n", b"%", b"\xd0\xb0", b"\xe2\x80\xae", b"\xff", b"-1", b"1.0e9", b"P9D"]
        ),
    ),
    min_size=1,
    max_size=4,
)  # fmt: skip


@settings(max_examples=120, deadline=None, derandomize=True)
@given(Edits)
def test_any_edit_of_its_bytes_gives_an_agreement_or_a_refusal(edits: list[tuple[int, int, bytes]]) -> None:
    """Bytes cut out and put in anywhere: never another exception, and never a message without a place."""
    data = sound()
    for at, cut, put in edits:
        start = at % (len(data) + 1)
        data = data[:start] + put + data[start + cut :]
    read = reading(data)
    if isinstance(read, DocumentError):
        assert all(problem.code and problem.what for problem in read.problems)
        assert all(problem.where.startswith("fuzzed.yaml") for problem in read.problems)
    else:
        assert isinstance(read, Agreement)


def reading(data: bytes) -> Agreement | SharewellError:
    """What reading some bytes gives, or raises; any other exception fails the test that asked."""
    try:
        load_yaml(data, "fuzzed.yaml")  # bytes as they stand in a file, their encoding included
        return load_agreement(data.decode("utf-8-sig"), "fuzzed.yaml", frameworks())
    except SharewellError as error:
        return error
