"""Private set intersection: the asker learns what is common, the answerer how many were asked about."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from sharewell.errors import LinkError
from sharewell.link.split import exchange, intersect, keys
from sharewell.link.split.keys import Role
from sharewell.link.split.terms import Terms

FIELDS = ("surname", "born")


def party(once: bool = True) -> dict[str, object]:
    identifiers = {"surname": "s", "born": "b", "nhs_number": "n"}
    return {"host": "lab", "record": "id", "identifiers": identifiers, "once": once}


TERMS = Terms.of(
    {"agreement": "x", "purpose": "p", "linker": "t", "parties": {"alice": party(), "bob": party()}}
)


@pytest.fixture
def roles(tmp_path: Path) -> tuple[Role, Role]:
    alice, bob = (keys.create(tmp_path / name, name) for name in ("alice", "bob"))
    keys.trust(alice, bob.card)
    keys.trust(bob, alice.card)
    return alice, bob


def table(*people: tuple[str, str, str | None]) -> pa.Table:
    ids, surnames, born = zip(*people, strict=True)
    return pa.table({"id": ids, "s": surnames, "b": born, "n": ["9434765919"] * len(ids)})


ALICE = table(("a1", "Okafor", "1980-01-02"), ("a2", "o'kafor", "02/01/1980"), ("a3", "Lis", "1970-05-05"),
              ("a4", "Wu", None), ("a5", "Nowak", "1999-09-09"))  # fmt: skip
BOB = table(("b1", "OKAFOR", "19800102"), ("b2", "Nowak", "1999-09-09"), ("b3", "Wu", "2000-01-01"))


def exchanged(roles: tuple[Role, Role], *, count: bool) -> intersect.Common:
    alice, bob = roles
    asked = intersect.ask(alice, TERMS, "bob", ALICE, FIELDS, count=count)
    exchange.accept(bob, TERMS, asked)
    answered = intersect.answer(bob, TERMS, "alice", BOB, count=count)
    exchange.accept(alice, TERMS, answered)
    return intersect.read(alice, TERMS, "bob")


def test_which_records_are_common(roles: tuple[Role, Role]) -> None:
    common = exchanged(roles, count=False)
    # Spelling and the form of the date do not matter; a record without a date is not asked about.
    assert common == intersect.Common(2, 3, 3, ["a1", "a2", "a5"])


def test_only_how_many(roles: tuple[Role, Role]) -> None:
    assert exchanged(roles, count=True) == intersect.Common(2, 3, 3, None)


def test_what_travels_is_other_each_time_and_no_hash_of_an_item(roles: tuple[Role, Role]) -> None:
    alice, bob = roles
    seen: list[set[bytes]] = []
    for _ in range(2):
        exchange.accept(bob, TERMS, intersect.ask(alice, TERMS, "bob", ALICE, FIELDS))
        got = exchange.latest(bob, TERMS, "intersect-ask", "alice").table["point"].to_pylist()
        seen.append(set(got))
    items = ["6:OKAFOR8:19800102", "3:LIS8:19700505"]
    guesses = {intersect._point(TERMS, item) for item in items}
    assert not seen[0] & seen[1]
    assert not guesses & (seen[0] | seen[1])


def test_counting_answers_in_an_order_that_tells_nothing(roles: tuple[Role, Role]) -> None:
    alice, bob = roles
    exchange.accept(bob, TERMS, intersect.ask(alice, TERMS, "bob", ALICE, FIELDS, count=True))
    exchange.accept(alice, TERMS, intersect.answer(bob, TERMS, "alice", BOB, count=True))
    got = exchange.latest(alice, TERMS, "intersect-answer", "bob").table
    mine = got.filter(got["asked"])["point"].to_pylist()
    assert mine == sorted(mine)


def test_the_answerer_decides(roles: tuple[Role, Role]) -> None:
    alice, bob = roles
    exchange.accept(bob, TERMS, intersect.ask(alice, TERMS, "bob", ALICE, FIELDS))
    for options, code in (({"count": True}, "MODE"), ({"most": 2}, "LARGE")):
        with pytest.raises(LinkError) as error:
            intersect.answer(bob, TERMS, "alice", BOB, **options)  # type: ignore[arg-type]
        assert error.value.problems[0].code == code
    with pytest.raises(LinkError) as error:
        intersect.ask(alice, TERMS, "bob", ALICE, ("shoe",))
    assert error.value.problems[0].code == "FIELD"


def test_points_of_small_order_are_refused(roles: tuple[Role, Role]) -> None:
    alice, bob = roles
    exchange.accept(bob, TERMS, intersect._send(alice, TERMS, "intersect-ask", "bob", [bytes(32)], [],
                                                {"fields": ["surname"], "count": False}))  # fmt: skip
    with pytest.raises(LinkError) as error:
        intersect.answer(bob, TERMS, "alice", BOB)
    assert error.value.problems[0].code == "POINT"


def test_exponents_commute_and_points_are_on_the_curve() -> None:
    def silent(text: str, done: float) -> None:
        return

    points = [intersect._point(TERMS, str(at)) for at in range(50)]
    one, two = bytes(range(32)), bytes(range(32, 64))
    there = list(intersect._times(one, intersect._times(two, points, silent), silent))
    back = list(intersect._times(two, intersect._times(one, points, silent), silent))
    assert there == back
    assert len(set(there)) == 50
    prime, a = 2**255 - 19, 486_662
    for point in points:
        u = int.from_bytes(point, "little")
        assert pow((u**3 + a * u * u + u) % prime, (prime - 1) // 2, prime) == 1
