"""Split files over three folders: the clusters of clear text, and no half ever beside the other."""

from __future__ import annotations

import io
import json
import random
import re
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from sharewell.cli import app
from sharewell.link import Settings, people, split
from sharewell.link.split import exchange, keys
from sharewell.link.split.terms import Terms

FORENAMES = (
    "Amara",
    "Bilal",
    "Chidi",
    "Dolores",
    "Esme",
    "Faisal",
    "Gwen",
    "Hari",
    "Ines",
    "Jonah",
    "Kavya",
)
SURNAMES = (
    "Quillfeather",
    "Rasmussen",
    "Sandoval",
    "Thistlewood",
    "Umeh",
    "Vandermeer",
    "Wojcik",
    "Xanthos",
)
ROLES = ("gp", "council", "linker", "lab")
IDENTIFIERS = {"forename": "first", "surname": "last", "born": "dob", "postcode": "pc", "nhs_number": "nhs"}


def nhs_number(at: int) -> str:
    """The next number from `at` whose check digit is one that is issued."""
    while True:
        digits = f"{400_000_000 + at:09d}"
        check = (
            11
            - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=True)) % 11
        )
        if check != 10:
            return f"{digits}{check % 11}"
        at += 1_000_003


def planted(count: int = 400) -> dict[str, pa.Table]:
    """Two parties who share three in four of their people; one in six records has a slip of the pen."""
    pen = random.Random(4)
    rows: dict[str, list[dict[str, str | None]]] = {"gp": [], "council": []}
    for at in range(count):
        born = f"{pen.randrange(1930, 2010)}-{pen.randrange(1, 13):02d}-{pen.randrange(1, 29):02d}"
        person = {
            "first": pen.choice(FORENAMES) + pen.choice("abcdefghij"),
            "last": pen.choice(SURNAMES) + pen.choice("klmnopqrst"),
            "dob": born,
            "pc": f"AB{pen.randrange(1, 60)} {pen.randrange(1, 9)}QZ",
            "nhs": nhs_number(at * 7919),
        }
        for party, own in rows.items():
            if pen.random() < 0.87:
                told: dict[str, str | None] = dict(person)
                if pen.random() < 0.17:
                    told["last"] = told["last"][1:] if told["last"] else None
                if party == "council" and pen.random() < 0.5:
                    told["nhs"] = None
                own.append({"id": f"{party}{at}", **told, "note": f"note-canary-{party}{at}", "extra": "z"})
    for own in rows.values():
        pen.shuffle(own)
    return {party: pa.Table.from_pylist(own) for party, own in rows.items()}


def terms(encoded: bool) -> dict[str, object]:
    party = {"host": "lab", "record": "id", "identifiers": IDENTIFIERS, "content": ["note"], "once": True}
    return {
        "agreement": "falls",
        "purpose": "to plan care",
        "linker": "linker",
        "encoded": encoded,
        "parties": {"gp": party, "council": party},
    }


def sharewell(*words: object) -> str:
    done = CliRunner().invoke(app, ["split", *(str(word) for word in words)])
    assert done.exit_code == 0, done.output
    return done.output


def refused(*words: object) -> str:
    done = CliRunner().invoke(app, ["split", *(str(word) for word in words)])
    assert done.exit_code == 1, done.output
    return done.output


def send(path: Path, name: str) -> None:
    """Carry every package in an outbox to the one it is for, who opens it."""
    for package in sorted((path / name / "outbox").glob("*.split")):
        to = package.name.split("-to-")[1].split("-")[0]
        sharewell("open", package, "--folder", path / to, "--terms", path / "terms.json")
        package.unlink()


def setting(path: Path, encoded: bool, tables: Mapping[str, pa.Table]) -> None:
    (path / "terms.json").write_text(json.dumps(terms(encoded)))
    for role in ROLES:
        sharewell("keys", "new", "--name", role, "--folder", path / role)
    for role in ROLES:
        for other in ROLES:
            if other != role:
                sharewell("keys", "trust", path / other / "card.json", "--folder", path / role, "--yes")
    for party, table in tables.items():
        pa.csv.write_csv(table, path / f"{party}.csv")
    if encoded:
        sharewell("keys", "share", "--folder", path / "gp", "--terms", path / "terms.json")
        send(path, "gp")


def run(path: Path) -> dict[str, pa.Table]:
    """The whole road; what the host wrote."""
    agreed = ("--terms", path / "terms.json")
    for party in ("gp", "council"):
        told = sharewell("prepare", path / f"{party}.csv", "--folder", path / party, *agreed)
        assert "stayed here: extra" in told.replace("\n", " ")
        send(path, party)
    sharewell("link", "--folder", path / "linker", *agreed, "--keep")
    send(path, "linker")
    sharewell("join", "--folder", path / "lab", *agreed, "--out", path / "out", "--keep")
    return {party: pq.read_table(path / "out" / f"{party}.parquet") for party in ("gp", "council")}


def partition(tables: Mapping[str, pa.Table]) -> set[frozenset[str]]:
    """Own record numbers by key, read from the content."""
    groups: dict[str, set[str]] = {}
    for table in tables.values():
        for key, note in zip(table["key"].to_pylist(), table["note"].to_pylist(), strict=True):
            groups.setdefault(key, set()).add(note.removeprefix("note-canary-"))
    return {frozenset(group) for group in groups.values()}


def truth(tables: Mapping[str, pa.Table]) -> set[frozenset[str]]:
    groups: dict[str, set[str]] = {}
    for table in tables.values():
        for record in table["id"].to_pylist():
            groups.setdefault(re.sub("[a-z]+", "", record), set()).add(record)
    return {frozenset(group) for group in groups.values()}


def seen_by(path: Path, role: str, encoded: bool) -> bytes:
    """Every byte in a role's folder, and every byte within the packages that it can open."""
    holder, agreed = keys.load(path / role), Terms.of(terms(encoded))
    whole = io.BytesIO()
    for file in sorted((path / role).rglob("*")):
        whole.write(file.read_bytes() if file.is_file() else b"")
    for purpose in ("identifiers", "content"):
        for party in ("gp", "council"):
            if exchange.allowed(agreed, purpose, party, role):
                held = exchange.latest(holder, agreed, purpose, party)
                with pa.ipc.new_stream(whole, held.table.schema) as writer:
                    writer.write_table(held.table)
                whole.write(json.dumps(dict(held.told)).encode())
    return whole.getvalue()


@pytest.fixture(scope="module")
def tables() -> dict[str, pa.Table]:
    return planted()


@pytest.fixture(scope="module")
def clear(tmp_path_factory: pytest.TempPathFactory, tables: dict[str, pa.Table]) -> Path:
    path = tmp_path_factory.mktemp("clear")
    setting(path, False, tables)
    run(path)
    return path


@pytest.fixture(scope="module")
def blind(tmp_path_factory: pytest.TempPathFactory, tables: dict[str, pa.Table]) -> Path:
    path = tmp_path_factory.mktemp("blind")
    setting(path, True, tables)
    run(path)
    return path


def written(path: Path) -> dict[str, pa.Table]:
    return {party: pq.read_table(path / "out" / f"{party}.parquet") for party in ("gp", "council")}


def test_the_clusters_are_those_of_clear_text(clear: Path, tables: dict[str, pa.Table]) -> None:
    renamed = {}
    for party, table in tables.items():
        own = {mine: name for name, mine in IDENTIFIERS.items()} | {"id": "record"}
        renamed[party] = table.rename_columns([own.get(name, name) for name in table.column_names])
    columns = tuple(sorted(IDENTIFIERS))
    once = frozenset(tables)
    direct = people(renamed, settings=Settings(b"s" * 32, one_per_source=once, columns=columns)).table
    groups: dict[str, set[str]] = {}
    for record, cluster in zip(direct["record"].to_pylist(), direct["cluster"].to_pylist(), strict=True):
        groups.setdefault(cluster, set()).add(record)
    assert partition(written(clear)) == {frozenset(group) for group in groups.values()}
    assert max(len(group) for group in groups.values()) == 2


def test_encoded_clusters_are_the_truth_but_for_a_few(blind: Path, tables: dict[str, pa.Table]) -> None:
    found, true = partition(written(blind)), truth(tables)
    assert not {group for group in found if len(group) > 1} - true, "nobody is joined to somebody else"
    pairs = {group for group in true if len(group) == 2}
    assert len(pairs) > 200
    assert len(pairs & found) >= 0.97 * len(pairs)


@pytest.mark.parametrize("encoded", [False, True])
def test_no_content_reaches_the_linker_and_no_name_the_host(
    request: pytest.FixtureRequest, encoded: bool, tables: dict[str, pa.Table]
) -> None:
    path = request.getfixturevalue("blind" if encoded else "clear")
    linker, host = seen_by(path, "linker", encoded), seen_by(path, "lab", encoded)
    assert b"note-canary" in host, "the search can find"
    assert b"note-canary" not in linker
    names = {
        name.encode()
        for table in tables.values()
        for field in ("first", "last")
        for name in table[field].to_pylist()
        if len(name) > 5  # a shorter one can stand in base64 by chance
    }
    numbers = {each.encode() for each in tables["gp"]["nhs"].to_pylist()}
    both = names | numbers
    assert not [value for value in both if value in host]
    if encoded:
        upper = {name.upper() for name in both}
        assert not [value for value in both | upper if value in linker]
    else:
        assert all(value in linker for value in numbers), "the search can find"


def test_no_value_and_no_order_is_common_to_linker_and_content(clear: Path) -> None:
    agreed = Terms.of(terms(False))
    linker, host = keys.load(clear / "linker"), keys.load(clear / "lab")
    one = exchange.latest(linker, agreed, "identifiers", "gp").table
    two = exchange.latest(host, agreed, "content", "gp").table
    assert not set(one["record"].to_pylist()) & set(two["record"].to_pylist())
    known = {f"note-canary-{gp}": at for at, gp in enumerate(two["note"].to_pylist())}
    assert len(known) == len(two)
    for table in (one, two):
        assert table["record"].to_pylist() == sorted(table["record"].to_pylist())


def test_what_leaves_the_host_holds_keys_and_content_alone(clear: Path, blind: Path) -> None:
    for path in (clear, blind):
        for party, table in written(path).items():
            assert table.column_names == ["key", "note"]
            assert (path / "out" / f"{party}.parquet").stat().st_mode & 0o077 == 0
    assert not set(written(clear)["gp"]["key"].to_pylist()) & set(written(blind)["gp"]["key"].to_pylist())


def test_two_hosts_get_their_own_records_under_keys_of_their_own(tmp_path: Path) -> None:
    told = terms(False)
    told["parties"]["council"] = {**told["parties"]["council"], "host": "ward"}  # type: ignore[index]
    agreed, small = Terms.of(told), planted(60)
    made = {name: split.create(tmp_path / name, name) for name in (*ROLES, "ward")}
    for role in made.values():
        for other in made.values():
            if other is not role:
                split.trust(role, other.card)
    for party, table in small.items():
        prepared = split.prepare(made[party], agreed, table)
        split.accept(made["linker"], agreed, prepared.identifiers)
        split.accept(made[agreed.party(party).host], agreed, prepared.content)
    answered = split.answer(made["linker"], agreed)
    joined = {}
    for host, package in answered.packages.items():
        split.accept(made[host], agreed, package)
        seen = exchange.latest(made[host], agreed, "links", "linker").table
        assert len(set(seen["party"].to_pylist())) == 1
        joined |= split.join(made[host], agreed)
    assert {name: len(table) for name, table in joined.items()} == {
        name: len(t) for name, t in small.items()
    }
    assert not set(joined["gp"]["key"].to_pylist()) & set(joined["council"]["key"].to_pylist())


def test_a_second_round_and_an_old_package(clear: Path, tmp_path: Path) -> None:
    agreed = ("--terms", clear / "terms.json")
    before = partition(written(clear))
    sharewell("prepare", clear / "gp.csv", "--folder", clear / "gp", *agreed)
    kept = tmp_path / "old.split"
    for package in (clear / "gp" / "outbox").glob("*identifiers.split"):
        kept.write_bytes(package.read_bytes())
    send(clear, "gp")
    told = refused("open", kept, "--folder", clear / "linker", *agreed)
    assert "REPLAYED" in told
    sharewell("link", "--folder", clear / "linker", *agreed)
    send(clear, "linker")
    sharewell("join", "--folder", clear / "lab", *agreed, "--out", clear / "out")
    assert partition(written(clear)) == before
    assert list((clear / "linker" / "inbox").glob("*.split")) == []
    assert list((clear / "lab" / "inbox").glob("*.split")) == []


def test_roles_are_refused_each_others_work(blind: Path) -> None:
    agreed = ("--terms", blind / "terms.json")
    for words in (
        ("link", "--folder", blind / "lab"),
        ("join", "--folder", blind / "linker", "--out", blind / "no"),
        ("prepare", blind / "gp.csv", "--folder", blind / "linker"),
        ("keys", "share", "--folder", blind / "linker"),
    ):
        assert "do:" in refused(*words, *agreed)
    pa.csv.write_csv(pa.table({"id": ["1"], "first": ["x"]}), blind / "short.csv")
    assert "COLUMN" in refused("prepare", blind / "short.csv", "--folder", blind / "gp", *agreed)


def test_two_parties_intersect_by_number(blind: Path, tables: dict[str, pa.Table]) -> None:
    agreed, common = ("--terms", blind / "terms.json"), blind / "common.txt"
    sharewell(
        "intersect",
        "ask",
        blind / "gp.csv",
        "--with",
        "council",
        "--field",
        "nhs",
        "--folder",
        blind / "gp",
        *agreed,
    )
    send(blind, "gp")
    sharewell(
        "intersect", "answer", blind / "council.csv", "--with", "gp", "--folder", blind / "council", *agreed
    )
    send(blind, "council")
    sharewell("intersect", "read", "--with", "council", "--folder", blind / "gp", *agreed, "--out", common)
    own = dict(zip(tables["gp"]["nhs"].to_pylist(), tables["gp"]["id"].to_pylist(), strict=True))
    theirs = set(tables["council"]["nhs"].to_pylist())
    assert common.read_text().split() == sorted(record for nhs, record in own.items() if nhs in theirs)
