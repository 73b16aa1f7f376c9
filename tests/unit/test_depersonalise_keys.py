"""Keys are HMAC-SHA256, one agreement's are useless in another, and no two people share one unseen."""

from __future__ import annotations

import hmac

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharewell.depersonalise import key_column, keys
from sharewell.errors import DataError, SecretError

HERE, THERE = b"h" * 32, b"t" * 32
PEOPLE = pa.array(["9434765919", None, "9434765870", "9434765919"])


@pytest.mark.parametrize("bits", [64, 128])
@given(
    values=st.lists(st.text(min_size=1) | st.none(), max_size=20),
    secret=st.binary(min_size=32, max_size=80),
)
def test_a_key_is_the_hmac_of_unit_and_identifier(bits, values, secret):
    keyed = key_column(pa.array(values, pa.string()), secret, "person", bits=bits).to_pylist()
    assert keyed == [
        None
        if value is None
        else hmac.digest(secret, b"person\0" + value.encode(), "sha256")[: bits // 8].hex()
        for value in values
    ]


def test_nulls_stay_null_and_equal_people_stay_equal():
    first, missing, second, again = key_column(PEOPLE, HERE, "person").to_pylist()
    assert missing is None
    assert first == again != second
    assert len(first) == 32


def test_a_key_from_one_agreement_is_useless_in_another():
    ids = pa.array([f"{n:010d}" for n in range(5000)])
    here, there = key_column(ids, HERE, "person").to_pylist(), key_column(ids, THERE, "person").to_pylist()
    assert not set(here) & set(there)
    # Nor does knowing both keys of some people tell which bit of one follows another.
    agree = sum(a == b for x, y in zip(here, there, strict=True) for a, b in zip(x, y, strict=True))
    assert agree / (5000 * 32) == pytest.approx(1 / 16, abs=0.005)


def test_a_household_key_is_not_a_person_key():
    assert key_column(PEOPLE, HERE, "person")[0] != key_column(PEOPLE, HERE, "household")[0]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())])
def test_every_storage_of_text_gives_the_same_keys_in_the_same_chunks(kind):
    chunks = pa.chunked_array([PEOPLE, PEOPLE.slice(2), pa.array([], pa.string())]).cast(kind)
    keyed = key_column(chunks, HERE, "person")
    assert [len(chunk) for chunk in keyed.chunks if len(chunk)] == [4, 2]
    assert keyed.to_pylist() == [k for part in chunks.chunks for k in _keyed(part)]
    assert keyed.type == pa.string()


def _keyed(part):
    return key_column(part.cast(pa.string()), HERE, "person").to_pylist()


@pytest.mark.parametrize("values", [pa.array([], pa.string()), pa.array([None, None], pa.string())])
def test_nothing_to_key(values):
    keyed = key_column(values, HERE, "person")
    assert keyed.equals(pa.array(values.to_pylist(), pa.string()))
    assert key_column(pa.chunked_array([], pa.string()), HERE, "person").to_pylist() == []


def test_a_collision_is_an_error(monkeypatch):
    """Keys so short that people must share one: 300 people, 256 keys."""
    monkeypatch.setattr(keys, "WIDTHS", (8,))
    with pytest.raises(SecretError, match="COLLISION"):
        key_column(pa.array([str(n) for n in range(300)]), HERE, "person", bits=8)


def test_the_two_widths_find_no_collision_among_many():
    for bits in keys.WIDTHS:
        assert (
            len(set(key_column(pa.array([str(n) for n in range(20000)]), HERE, "p", bits=bits).to_pylist()))
            == 20000
        )


def test_what_is_asked_wrongly_is_refused_all_at_once():
    with pytest.raises(SecretError) as refused:
        key_column(PEOPLE, b"short", "", bits=32)
    assert [problem.code for problem in refused.value.problems] == ["SECRET", "UNIT", "WIDTH"]


@pytest.mark.parametrize(("values", "code"), [([1, 2], "TYPE"), (["a", ""], "EMPTY")])
def test_values_that_cannot_be_keyed(values, code):
    with pytest.raises(DataError, match=code):
        key_column(pa.array(values), HERE, "person")
