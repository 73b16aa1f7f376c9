"""An agreement's life is worked out from what was entered: nothing counts but what was done in order."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from life_example import (
    CONDITIONS,
    HASHES,
    OTHER,
    PARTIES,
    START,
    about,
    agreement,
    enrol,
    key_of,
    met,
    revoke,
    sign,
    signed_by_all,
    stands,
)

from sharewell.agree.life import Fault, Record
from sharewell.agree.signing import Enrolment
from sharewell.agree.status import TRANSITIONS, Act, Status, allowed, check_allowed, diagram, text_diagram
from sharewell.errors import Refusal

CLINIC = "north-clinic"
LATER = START + dt.timedelta(days=1)
PUBLISH = about(Act.PUBLISH)


def test_the_whole_life_step_by_step() -> None:
    told: list[Record] = []
    weighed = agreement(deliberated=True)

    def then(record: Record, now: dt.datetime = START) -> Status:
        told.append(record)
        return stands(told, weighed, now).status

    assert stands(told, weighed).status is Status.DRAFT
    assert then(about(Act.ASSESS)) is Status.ASSESSED
    assert then(about(Act.DELIBERATE)) is Status.DELIBERATED
    for party in PARTIES:
        told.append(enrol(party))
    for party in PARTIES[:-1]:
        assert then(sign(party)) is Status.DELIBERATED
    assert then(sign(PARTIES[-1])) is Status.SIGNED
    assert then(PUBLISH) is Status.SIGNED, "a condition before publication is not met"
    assert then(met("leaflet")) is Status.SIGNED, (
        "and what was published too early does not count afterwards"
    )
    assert then(PUBLISH) is Status.PUBLISHED
    assert then(met("training")) is Status.ACTIVE
    assert stands(told, weighed, dt.datetime(2024, 8, 31, 22, 59, tzinfo=dt.UTC)).status is Status.ACTIVE
    assert stands(told, weighed, dt.datetime(2024, 8, 31, 23, 0, tzinfo=dt.UTC)).status is Status.PUBLISHED
    september = dt.datetime(2024, 9, 1, 9, tzinfo=dt.UTC)
    assert then(met("audit"), september) is Status.ACTIVE
    assert then(about(Act.SUSPEND, party=CLINIC, reason="a mistake"), september) is Status.SUSPENDED
    assert then(about(Act.RESUME, party="north-host"), september) is Status.SUSPENDED, (
        "the clinic stopped it"
    )
    assert then(about(Act.RESUME, party=CLINIC), september) is Status.ACTIVE
    assert then(about(Act.WITHDRAW, party=CLINIC, reason="no longer"), september) is Status.WITHDRAWN
    assert stands(told, weighed, dt.datetime(2026, 3, 31, 22, 59, tzinfo=dt.UTC)).status is Status.WITHDRAWN
    assert stands(told, weighed, dt.datetime(2026, 3, 31, 23, 0, tzinfo=dt.UTC)).status is Status.EXPIRED


FAULTY = {
    "wrong signature": ([enrol(CLINIC), sign(CLINIC, signature="00" * 64)], Fault.WRONG),
    "signed at another time": (
        [enrol(CLINIC), sign(CLINIC, signature=sign(CLINIC, at=LATER).facts["signature"])], Fault.WRONG,
    ),
    "another's key": ([enrol(CLINIC), sign(CLINIC, which="second")], Fault.UNENROLLED),
    "nobody's key": ([sign(CLINIC)], Fault.UNENROLLED),
    "enrolled only afterwards": ([sign(CLINIC), enrol(CLINIC)], Fault.UNENROLLED),
    "key of another office": ([enrol(CLINIC, office="chief executive"), sign(CLINIC)], Fault.UNENROLLED),
    "key of another person": ([enrol(CLINIC, who="nurse@north-clinic"), sign(CLINIC)], Fault.UNENROLLED),
    "key of another party": ([enrol(CLINIC, party="north-host"), sign(CLINIC)], Fault.UNENROLLED),
    "not a signatory": ([enrol(CLINIC), sign(CLINIC, who="nurse@north-clinic")], Fault.NOT_SIGNATORY),
    "another office": ([enrol(CLINIC), sign(CLINIC, office="chief executive")], Fault.NOT_SIGNATORY),
    "the data protection officer": (
        [enrol(CLINIC), sign(CLINIC, office="data protection officer")], Fault.NOT_SIGNATORY,
    ),
    "another text": ([enrol(CLINIC), sign(CLINIC, of=OTHER)], Fault.OUTDATED),
    "revoked before": ([enrol(CLINIC), revoke(CLINIC, "left"), sign(CLINIC)], Fault.REVOKED),
    "lost since always": ([enrol(CLINIC), sign(CLINIC), revoke(CLINIC, "compromised")], Fault.REVOKED),
    "lost since before": (
        [enrol(CLINIC), sign(CLINIC), revoke(CLINIC, "compromised", "2024-06-03T08:59")], Fault.REVOKED,
    ),
    "voided": ([enrol(CLINIC), sign(CLINIC), about(Act.VOID)], Fault.VOIDED),
    "voided, entered again": ([enrol(CLINIC), sign(CLINIC), about(Act.VOID), sign(CLINIC)], Fault.VOIDED),
    "party withdrew": ([enrol(CLINIC), sign(CLINIC), about(Act.WITHDRAW, party=CLINIC)], Fault.VOIDED),
    "unvouched second key": (
        [enrol(CLINIC), enrol(CLINIC, "second"), sign(CLINIC, which="second")], Fault.UNENROLLED,
    ),
    "a revoked key brought back": (
        [enrol(CLINIC), revoke(CLINIC, "left"), enrol(CLINIC), sign(CLINIC)], Fault.REVOKED,
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", FAULTY)
def test_a_signature_that_does_not_count(what: str) -> None:
    records, fault = FAULTY[what]
    life = stands([about(Act.ASSESS), *records])
    assert life.signatures[CLINIC].fault is fault
    assert CLINIC in life.missing


COUNTS = {
    "plain": [enrol(CLINIC), sign(CLINIC)],
    "of one who left afterwards": [enrol(CLINIC), sign(CLINIC), revoke(CLINIC, "left")],
    "of a key replaced afterwards": [enrol(CLINIC), sign(CLINIC), revoke(CLINIC, "replaced")],
    "before the key was lost": [
        enrol(CLINIC), sign(CLINIC), revoke(CLINIC, "compromised", "2024-06-03T09:01"),
    ],
    "by a second key that the first vouched for": [
        enrol(CLINIC), enrol(CLINIC, "second", "first"), sign(CLINIC, which="second"),
    ],
    "by a new first key where none stands": [
        enrol(CLINIC), revoke(CLINIC, "compromised"), enrol(CLINIC, "second"), sign(CLINIC, which="second"),
    ],
    "a good one beside a bad one": [enrol(CLINIC), sign(CLINIC), sign(CLINIC, signature="00")],
    "given anew once voided": [enrol(CLINIC), sign(CLINIC), about(Act.VOID), sign(CLINIC, at=LATER)],
    "another text's was voided": [enrol(CLINIC), sign(CLINIC), about(Act.VOID, of=OTHER)],
}  # fmt: skip


@pytest.mark.parametrize("what", COUNTS)
def test_a_signature_that_counts(what: str) -> None:
    assert stands([about(Act.ASSESS), *COUNTS[what]]).signed == (CLINIC,)


def test_a_voucher_of_another_party_vouches_for_nothing() -> None:
    told = enrol(CLINIC, "second", "first")
    given_by_host = key_of("north-host").sign(
        Enrolment(*(told.facts[name] for name in ("who", "party", "office", "key"))).content()
    )
    forged = Record(Act.ENROL, START, "x@y", {**told.facts, "vouched": given_by_host})
    life = stands([enrol(CLINIC), enrol("north-host"), forged, sign(CLINIC, which="second")])
    assert life.signatures[CLINIC].fault is Fault.UNENROLLED


def test_notice_is_counted_from_the_first_publication() -> None:
    noticed = agreement(notice=28)
    told = [*signed_by_all(), PUBLISH, about(Act.PUBLISH, START + dt.timedelta(days=20))]
    assert stands(told, noticed, START + dt.timedelta(days=27)).status is Status.PUBLISHED
    assert stands(told, noticed, START + dt.timedelta(days=28)).status is Status.ACTIVE
    assert stands(told, noticed).runs_from == dt.date(2024, 7, 1)


def test_what_was_published_before_all_had_signed_does_not_count() -> None:
    early = signed_by_all()
    told = [*early[:-1], PUBLISH, early[-1]]
    assert stands(told).status is Status.SIGNED
    assert stands([*told, PUBLISH]).status is Status.ACTIVE


def test_a_party_that_withdrew_may_join_again() -> None:
    told = [*signed_by_all(), PUBLISH, about(Act.WITHDRAW, party=CLINIC, reason="no longer")]
    life = stands(told)
    assert (life.status, life.beneath, life.missing) == (Status.WITHDRAWN, Status.ASSESSED, (CLINIC,))
    assert stands([*told, sign(CLINIC)]).status is Status.WITHDRAWN, "the old signature, entered again"
    assert stands([*told, sign(CLINIC, at=LATER)]).status is Status.ACTIVE


def test_a_condition_that_was_reworded_is_another() -> None:
    weighed = agreement(deliberated=True)
    told = [about(Act.ASSESS), about(Act.DELIBERATE), *signed_by_all()[1:], met("leaflet"), met("training")]
    assert stands([*told, PUBLISH], weighed).status is Status.ACTIVE
    harmed = [
        r if r.act is not Act.MEET else Record(r.act, r.at, r.actor, {"digest": "e" * 64}) for r in told
    ]
    assert stands([*harmed, PUBLISH], weighed).status is Status.SIGNED


def _deck() -> list[Record]:
    one_each = [record for party in PARTIES for record in (enrol(party), sign(party))]
    about_text = [about(act) for act in (Act.ASSESS, Act.DELIBERATE, Act.PUBLISH, Act.PUBLISH, Act.VOID)]
    stops = [about(act, party=CLINIC) for act in (Act.SUSPEND, Act.RESUME, Act.WITHDRAW)]
    keys = [revoke(CLINIC, "left"), revoke("north-host", "compromised"), enrol(CLINIC, "second", "first")]
    others = [sign(CLINIC, of=OTHER), sign("north-host", signature="00"), sign(CLINIC, at=LATER)]
    return [*one_each, *about_text, *stops, *keys, *others, *map(met, CONDITIONS)]


DECK = _deck()


@settings(max_examples=120, deadline=None)
@given(st.permutations(DECK), st.integers(0, len(DECK)), st.booleans())
def test_no_order_of_events_makes_it_active_without_every_signature(
    records: list[Record], kept: int, weighed: bool
) -> None:
    told = records[:kept]
    life = stands(told, agreement(deliberated=weighed))
    good = {
        r.text("party")
        for r in told
        if r.act is Act.SIGN and r.is_of(HASHES) and r.text("signature") != "00"
    }
    assert set(life.signed) <= good
    if life.status is Status.ACTIVE:
        assert set(life.signed) == set(PARTIES)
        assert life.published
        assert {Act.ASSESS, Act.PUBLISH} <= {r.act for r in told}
    if life.status in (Status.SIGNED, Status.PUBLISHED, Status.ACTIVE):
        assert not life.missing


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False), st.booleans())
def test_every_open_act_leads_where_the_table_says(rng: random.Random, weighed: bool) -> None:
    """A walk that takes only open acts: each ends in a status of its row, or where it was."""
    text, told = agreement(deliberated=weighed), list(map(enrol, PARTIES))
    for _ in range(12):
        before = stands(told, text)
        record = rng.choice([r for r in DECK if r.act is not Act.ENROL])
        try:
            before.check(record.act)
        except Refusal:
            continue
        told.append(record)
        after = stands(told, text).status
        rows = [row for row in allowed(before.status) if row.act is record.act]
        assert after is before.status or any(after in row.to for row in rows), (before.status, record.act)


def test_what_is_not_open_is_refused_with_what_is() -> None:
    with pytest.raises(Refusal, match="STATUS an agreement that is draft takes no act 'sign'") as refused:
        check_allowed(Status.DRAFT, Act.SIGN)
    assert "assess (by anyone named)" in refused.value.problems[0].fix
    with pytest.raises(Refusal, match="next version"):
        check_allowed(Status.EXPIRED, Act.SUSPEND)


def test_the_drawings_say_what_the_table_says() -> None:
    drawn, told = diagram(), text_diagram()
    assert drawn.startswith("stateDiagram-v2\n    [*] --> draft\n")
    for row in TRANSITIONS:
        assert row.effect in told
        for before in row.during:
            for after in set(row.to) - {before}:
                assert f"    {before} --> {after} : {row.act} by {row.who}\n" in drawn
    assert "expired -->" not in drawn.replace("expired --> [*]", "")
