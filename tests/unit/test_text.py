"""The strict reader: what it takes, everything that it refuses, and how it says so."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field

from sharewell.errors import DocumentError, Problem, SharewellError, StorageError
from sharewell.text import check_document, load_yaml


def refused(source: str | bytes) -> list[tuple[str, str]]:
    """The (code, where) of every problem."""
    with pytest.raises(DocumentError) as caught:
        load_yaml(source, "f.yaml")
    return [(p.code, p.where) for p in caught.value.problems]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("True", "True"),
        ("true", True),
        ("false", False),
        ("null", None),
        ("", None),
        ("2026-09-01", "2026-09-01"),
        ("007", "007"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("12:30:45", "12:30:45"),
        ("-12", -12),
        ("0", 0),
        ("4.50", 4.5),
        ("1.0e999", "1.0e999"),
        (".inf", ".inf"),
        ("1.0.0", "1.0.0"),
        ("'12'", "12"),
        ("9" * 30, "9" * 30),
    ],
)
def test_scalars_mean_what_they_look_like(written: str, value: object) -> None:
    found = load_yaml(f"a: {written}\n").value["a"]
    assert found == value
    assert type(found) is type(value)


HOSTILE = {
    "aliases of a billion laughs": ("a: &a [x, x]\nb: [*a, *a]\n", {"ANCHOR", "ALIAS"}),
    "an anchor": ("a: &x 1\n", {"ANCHOR"}),
    "a repeated key": ("a: 1\na: 2\n", {"TWICE"}),
    "a python tag": ("a: !!python/object/apply:os.system ['true']\n", {"TAG"}),
    "an own tag": ("a: !mine 1\n", {"TAG"}),
    "a merge key": ("a: {b: 1}\n<<: {c: 2}\n", {"MERGE"}),
    "two documents": ("a: 1\n---\nb: 2\n", {"DOCUMENTS"}),
    "a directive": ("%YAML 1.1\n---\na: 1\n", {"DIRECTIVE"}),
    "a tab": ("a:\n\tb: 1\n", {"TAB"}),
    "a NUL": ("a: b\0c\n", {"CHARACTER"}),
    "an escaped NUL": ('a: "\\0"\n', {"CHARACTER"}),
    "a right-to-left override": ("a: b\u202ec\n", {"CHARACTER"}),
    "a zero-width space in a key": ("par\u200bties: 1\n", {"CHARACTER"}),
    "invalid UTF-8": (b"a: 1\nb: \xff\n", {"ENCODING"}),
    "UTF-16": ("a: 1\n".encode("utf-16"), {"ENCODING"}),
    "a lone surrogate": ("a: \ud800\n", {"ENCODING"}),
    "text not in normal form C": ("a: cafe\u0301\n", {"NORMAL_FORM"}),
    "a Cyrillic letter in a Latin key": ("p\u0430rties: 1\n", {"CONFUSABLE"}),
    "a Cyrillic twin of a Latin key": ("cap: 1\n\u0441\u0430\u0440: 2\n", {"CONFUSABLE"}),
    "full-width letters": ("\uff41b: 1\n", {"CONFUSABLE"}),
    "deep lists": ("a: " + "[" * 500 + "]" * 500, {"DEPTH"}),
    "deep dashes": ("- " * 500 + "a", {"DEPTH"}),
    "two megabytes": ("a: " + "x" * 2_000_000, {"SIZE"}),
    "a list as key": ("? [1, 2]\n: 3\n", {"KEY"}),
    "an empty key": ("'': 3\n", {"KEY"}),
    "an open bracket": ("a: [1, 2\n", {"SYNTAX"}),
    "nothing": ("", {"EMPTY"}),
    "only a comment": ("# a\n", {"EMPTY"}),
    "a list at the top": ("- 1\n", {"SHAPE"}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_refused_at_once(name: str) -> None:
    source, codes = HOSTILE[name]
    began = time.perf_counter()
    assert {code for code, _ in refused(source)} == codes
    assert time.perf_counter() - began < 1.0


def test_every_fault_is_told_with_its_line() -> None:
    assert refused("a: 1\nb: &x 2\na: 3\nc: !t 4\n") == [
        ("ANCHOR", "f.yaml:2"),
        ("TWICE", "f.yaml:3"),
        ("TAG", "f.yaml:4"),
    ]


def test_invalid_utf8_is_placed() -> None:
    with pytest.raises(DocumentError, match=r"f\.yaml:2 ENCODING byte 8 \(column 4\).*0xff"):
        load_yaml(b"a: 1\nb: \xff\n", "f.yaml")


def test_lines_fall_back_to_the_nearest_ancestor() -> None:
    lines = load_yaml("a:\n  b:\n    - {c: 1}\n    - d\n", "f.yaml").lines
    assert lines.at(("a", "b", 1)) == "f.yaml:4"
    assert lines.at(("a", "b", 0, "c")) == "f.yaml:3"
    assert lines.at(("a", "b", 0, "zz", "y")) == "f.yaml:3"
    assert lines.at(("a", "nowhere")) == "f.yaml:1"
    assert lines.at(()) == "f.yaml:1"


def test_a_file_and_its_name(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    assert load_yaml(path).value == {"a": 1, "b": 2}
    with pytest.raises(StorageError, match=r"nothing\.yaml FILE no such file"):
        load_yaml(tmp_path / "nothing.yaml")
    with pytest.raises(StorageError):
        load_yaml(tmp_path)


def test_120_lines_are_read_quickly() -> None:
    text = "\n".join(f"key{i}:\n  - {{a: 1, b: text, c: [1, 2, 3]}}" for i in range(60))
    load_yaml(text)
    took = []
    for _ in range(5):
        began = time.perf_counter()
        load_yaml(text)
        took.append(time.perf_counter() - began)
    assert min(took) < 0.015


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.text(max_size=80) | st.binary(max_size=80))
def test_any_text_is_read_or_refused(source: str | bytes) -> None:
    problems = faults(source)
    assert all(p.where and p.what for p in problems)


def faults(source: str | bytes) -> tuple[Problem, ...]:
    try:
        value = load_yaml(source).value
    except SharewellError as error:
        return error.problems
    assert isinstance(value, dict)
    return ()


class Party(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    role: Literal["controller", "processor"]
    people: int | None = None
    short_name: str = Field("", alias="shortName")


class Document(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    purpose: str
    parties: dict[str, Party]
    list_of: list[Party] = []


def told(text: str) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        check_document(Document, load_yaml(text, "d.yaml"))
    return [str(p) for p in caught.value.problems]


def test_validation_speaks_plain_english() -> None:
    text = (
        "purpse: x\nparties:\n  a:\n    role: controler\n    people: many\n"
        "  b: {role: processor, shortname: 4}\n  c: 3\n  d: {role: processor, shortName: 4}\n"
        "list_of:\n  - {people: 1}\n"
    )
    assert told(text) == [
        "d.yaml:1 FIELD the field 'purpse' of the document is not known; did you mean 'purpose'?",
        "d.yaml:4 VALUE parties.a.role must be one of: controller or processor; it is 'controler'; "
        "did you mean 'controller'?",
        "d.yaml:5 TYPE parties.a.people must be a whole number, and is text",
        "d.yaml:6 FIELD the field 'shortname' of parties.b is not known; did you mean 'shortName'?",
        "d.yaml:7 TYPE parties.c must be a mapping, and is a number",
        "d.yaml:8 TYPE parties.d.shortName must be text, and is a number; put it in quotes",
        "d.yaml:10 MISSING list_of[1] has no 'role'; add `role:`",
    ]


def test_long_values_are_not_repeated() -> None:
    secret = "s" * 400
    (line,) = told(f"purpose: x\nparties: {{a: {{role: {secret}}}}}\n")
    assert secret not in line
    assert "text of 400 characters" in line
