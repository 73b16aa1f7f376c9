"""The account holds names, counts and hashes: a person's value is refused, and never repeated."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sharewell.account import Entry, EventKind, mentioning, person_reference
from sharewell.account.events import read_event
from sharewell.account.facts import is_nhs_number
from sharewell.errors import AccountError

NOW = datetime(2026, 9, 1, tzinfo=UTC)
NHS = "9434765919"


def entry(**facts):
    return Entry(EventKind.STEP_DONE, NOW, "a.khan@northshire", "kid", "run-1", facts)


def test_check_digit():
    assert is_nhs_number(NHS)
    assert is_nhs_number("4010232137")  # the NHS Data Dictionary's example
    assert not is_nhs_number("4010232138")
    assert not is_nhs_number("401023213")
    assert sum(is_nhs_number(f"{n:010d}") for n in range(10**9, 10**9 + 11000)) == pytest.approx(
        1000, abs=100
    )


@pytest.mark.parametrize(
    "value",
    [
        NHS,
        "patient 943 476 5919 seen",
        "943-476-5919",
        int(NHS),
        "CT1 2EH",
        "at ct1 2eh",
        "SW1A2AA",
        "GIR 0AA",
        ["fine", {"deep": ["M1 1AE"]}],
        {NHS: 1},
        {"CT1 2EH": 3},
        None,
        NOW,
        b"x",
        {1: 2},
        float("nan"),
        2**60,
        "x" * 501,
        "\ud800",
    ],
)
def test_refused_and_not_repeated(value):
    with pytest.raises(AccountError) as refused:
        entry(step=value)
    said = str(refused.value)
    assert "facts.step" in said
    for secret in (NHS, "5919", "2EH", "2eh", "2AA", "1AE"):
        assert secret not in said


@pytest.mark.parametrize(
    "value",
    [
        "4010232138",  # ten digits that are no NHS number
        "kent-integrated-dataset",
        "systems/kid.yaml:24",
        "2026-09-01T00:00:00+00:00",
        "E01024022",  # an area's code
        "CT1",  # a district
        {"rows": 1_500_000, "share": 0.25, "done": True, "assets": ["gp.patients"]},
        {"cost_pence": int(NHS), "ledger": {"bytes": int(NHS)}},
    ],
)
def test_names_counts_and_hashes_pass(value):
    assert entry(step=value).facts["step"] == value


@given(content=st.binary(max_size=40), number=st.integers(0, 2**128 - 1), person=st.text(max_size=12))
def test_no_hash_identifier_or_reference_is_mistaken(content, number, person):
    entry(
        hash=sha256(content).hexdigest(),
        short=sha256(content).hexdigest()[:16],
        id=str(UUID(int=number)),
        person=person_reference(content.ljust(32, b"k"), person),
    )


def test_actor_agreement_and_run_are_guarded_too():
    with pytest.raises(AccountError) as refused:
        Entry(EventKind.STEP_DONE, datetime(2026, 9, 1), "", NHS, "CT1 2EH")
    assert [p.code for p in refused.value.problems] == ["FACT", "FACT", "FACT", "TIME"]
    assert NHS not in str(refused.value)


def test_a_kind_knows_its_stage():
    road = {"describe", "agree", "link", "depersonalise", "analyse", "check", "release", "account"}
    assert {kind.stage for kind in EventKind} == road


SAFE = st.text("abcdefgh é_", max_size=10)
JSON = st.recursive(
    SAFE | st.integers(-1000, 1000) | st.booleans() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SAFE, inner, max_size=3),
    max_leaves=8,
)


@given(facts=st.dictionaries(SAFE, JSON, max_size=4), index=st.integers(0, 2**40))
def test_a_body_is_canonical_and_reads_back(facts, index):
    made = Entry(EventKind.STEP_DONE, NOW, "a.khan", None, None, facts)
    backwards = Entry(EventKind.STEP_DONE, NOW, "a.khan", None, None, dict(reversed(facts.items())))
    body = made.body(index)
    assert body == backwards.body(index)
    event = read_event(body, b"leaf")
    assert (event.facts, event.index, event.at, event.agreement, event.leaf) == (
        facts,
        index,
        NOW,
        None,
        b"leaf",
    )


def test_references_find_a_persons_events_and_only_theirs():
    mine, theirs = (person_reference(b"k" * 32, who) for who in ("a", "b"))
    bodies = [entry(person=mine), entry(people=[theirs, {"x": mine}]), entry(person=theirs)]
    events = [read_event(made.body(n), b"") for n, made in enumerate(bodies)]
    assert [event.index for event in mentioning(events, mine)] == [0, 1]
    assert person_reference(b"k" * 32, "a", "household") != mine
    assert person_reference(b"o" * 32, "a") != mine
