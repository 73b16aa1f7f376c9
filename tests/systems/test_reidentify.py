"""From sealed tokens to people again: by two together, once, on the command line; every other way is
refused."""

from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path

import pyarrow as pa
import pytest
from click.testing import Result
from typer.main import get_command
from typer.testing import CliRunner
from workspace_example import ACTOR, NAME, events, fresh, make, people

from sharewell import workspace
from sharewell.cli import app
from sharewell.errors import AccountError, Refusal
from sharewell.live.officers import officers
from sharewell.live.rehearsal import rehearse
from sharewell.live.reidentification import seal
from sharewell.live.signing import suspend
from sharewell.live.withdrawal import withdraw

OK, FAILED, DOCUMENT, REFUSED, UNPROVEN = 0, 1, 2, 3, 4
PRODUCT = "damp-homes"
NURSE, OTHER, GUARDIAN = "m.lee@north-clinic", "j.fox@north-clinic", "guardian@north-clinic"
IDS = [p.nhs for p in people()[:3]]
USERS = "  users:\n"
NURSES = (
    f"    - {{role: nurse, who: [{NURSE}, {OTHER}], may: [reidentify], "
    "training: [data security awareness]}\n"
)
CONTROL = (
    f"  reidentification:\n    {PRODUCT}: {{by: [nurse], trigger: A home is dangerous to who lives there, "
    f"approver: {GUARDIAN}, relationship: A nurse who cares for them}}\n"
)


class Desk:
    """A workspace, a folder of everybody's own files, and what is typed there."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.own = folder / "north", folder / "own"
        self.request, self.people = self.own / "request", self.own / "people.csv"

    @property
    def live(self):
        return fresh(workspace.open(self.folder))

    def give(self, *words: object, space: bool = True, told: str = "") -> Result:
        typed = [str(word) for word in words] + (["-s", str(self.folder)] if space else [])
        result = CliRunner().invoke(app, typed, input=told, env={"COLUMNS": "160"})
        assert not [who for who in IDS if who in result.output], "a value was printed"
        assert "DEFECT" not in result.output, result.output
        return result

    def says(self, *words: object, code: int = OK, space: bool = True, told: str = "") -> str:
        result = self.give(*words, space=space, told=told)
        assert result.exit_code == code, result.output
        return " ".join(result.output.split())

    def key(self, who: str) -> Path:
        return self.own / f"{who}.key"

    def enrolled(self, who: str, *more: str) -> None:
        self.says("keys", "new", "--as", who, "--key", self.key(who), "--no-passphrase", space=False)
        self.says("reidentify", "card", NAME, "--as", who, "--key", self.key(who))
        self.says("reidentify", "enrol", NAME, f"{self.key(who)}.card", "--as", ACTOR, *(more or ["--yes"]))

    def tokens(self, *values: str) -> Path:
        path = self.own / "tokens"
        held = seal(self.live, PRODUCT, pa.array(values or IDS[:2])).to_pylist()
        path.write_text("\n".join(held) + "\n")
        return path

    def ask(self, *more: object, who: str = NURSE, key: str = "", code: int = OK, tokens=None) -> str:
        given = {"--tokens": tokens or self.own / "tokens", "--because": "mould was reported"}
        given |= {"--key": self.key(key or who), "--as": who, "--out": self.request}
        return self.says(
            "reidentify", "ask", NAME, *(w for p in given.items() for w in p), *more, code=code
        )

    def approve(self, *more: object, who: str = GUARDIAN, key: str = "", code: int = OK, file=None) -> str:
        words = ("--key", self.key(key or who), "--as", who, "--yes")
        return self.says("reidentify", "approve", file or self.request, *words, *more, code=code)

    def open(self, *more: object, who: str = NURSE, key: str = "", code: int = OK) -> str:
        words = ("--tokens", self.own / "tokens", "--key", self.key(key or who), "--as", who)
        return self.says("reidentify", "open", self.request, *words, "--out", self.people, *more, code=code)

    def kinds(self) -> list[str]:
        return [str(event.kind) for event in events(workspace.open(self.folder))]

    def last(self) -> dict:
        return dict(events(workspace.open(self.folder))[-1].facts)

    def clock(self, day: str) -> None:
        path = self.folder / "sharewell.toml"
        path.write_text(path.read_text().replace("2024-06-03", day))

    def edit(self, path: Path, **changes: object) -> None:
        path.write_text(json.dumps(json.loads(path.read_text()) | changes))


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An agreement in force, both offices enrolled and their shares made; two tokens. To be copied."""
    folder = tmp_path_factory.mktemp("reidentify")
    desk = Desk(folder)
    space = make(desk.folder, signed=False)
    path = space.folder / "systems" / f"{NAME}.yaml"
    text = path.read_text()
    assert USERS in text
    path.write_text(
        text.replace(USERS, USERS + NURSES, 1).replace("  parameters:", CONTROL + "  parameters:")
    )
    rehearse(workspace.open(space.folder).agreement(NAME))
    desk.own.mkdir()
    for who in (NURSE, GUARDIAN):
        desk.enrolled(who)
    assert f"without a share: {OTHER}" in desk.says("reidentify", "prepare", NAME, "--as", ACTOR)
    desk.tokens()
    return folder


@pytest.fixture
def desk(prepared: Path, tmp_path: Path) -> Desk:
    return Desk(shutil.copytree(prepared, tmp_path / "desk"))


def unopened(desk: Desk) -> None:
    assert not desk.people.exists()
    assert "depersonalise.reidentified" not in desk.kinds()


def test_asked_approved_and_opened_into_the_askers_own_file(desk: Desk) -> None:
    assert f"Send {desk.request} to {GUARDIAN}" in desk.ask()
    assert stat.S_IMODE(desk.request.stat().st_mode) == 0o600
    told = desk.approve()
    assert "because mould was reported" in told
    assert "only if A home is dangerous" in told
    assert "2 opened" in desk.open()
    assert stat.S_IMODE(desk.people.stat().st_mode) == 0o600
    tokens = (desk.own / "tokens").read_text().split()
    rows = [f"{token},{who}" for token, who in zip(tokens, IDS, strict=False)]
    assert desk.people.read_text().splitlines() == ["token,identifier", *rows]
    assert not (desk.own / "request.session").exists()
    facts = desk.last()
    assert (facts["people"], facts["officers"], facts["product"]) == (2, [NURSE, GUARDIAN], PRODUCT)
    assert all(subject.startswith("ref:") for subject in facts["subjects"])
    assert not set(facts["subjects"]) & set(json.loads(desk.request.read_text())["subjects"])
    body = json.dumps([dict(event.facts) for event in events(workspace.open(desk.folder))])
    assert not [secret for secret in (*IDS, *tokens) if secret in body]
    assert workspace.open(desk.folder).account.verify().holds
    listed = desk.says("reidentify", "requests", NAME)
    assert "opened" in listed
    assert "mould was reported" in listed


def test_requests_are_listed_as_they_stand(desk: Desk) -> None:
    def state() -> str:
        return desk.says("reidentify", "requests", NAME).split()[-1]

    desk.ask()
    assert state() == "asked"
    desk.approve()
    assert state() == "approved"
    desk.clock("2024-06-05")
    assert state() == "lapsed"


def test_nothing_is_opened_without_the_approver(desk: Desk) -> None:
    desk.ask()
    assert "ACTOR" in desk.approve(who=NURSE, code=REFUSED)
    assert "UNENROLLED" in desk.approve(key=NURSE, code=REFUSED)
    assert "APPROVAL" in desk.open("--approval", desk.request, code=DOCUMENT)
    desk.approve()
    approval = desk.own / "request.approval"
    nurse = next(officer for officer in officers(desk.live) if officer.who == NURSE)
    desk.edit(approval, officer=vars(nurse))
    assert "OFFICERS" in desk.open(code=FAILED)
    assert desk.last() == {"asked": "reidentify", "product": PRODUCT, "codes": ["OFFICERS", "SIGNATURE"]}
    unopened(desk)


def test_a_request_opens_once(desk: Desk) -> None:
    desk.ask()
    desk.approve()
    session = (desk.own / "request.session").read_bytes()
    desk.open()
    desk.people.unlink()
    (desk.own / "request.session").write_bytes(session)
    (desk.own / "request.session").chmod(0o600)
    assert "REPLAY" in desk.open(code=REFUSED)
    shutil.rmtree(desk.folder / ".sharewell" / "reidentified")
    assert "REPLAY" in desk.open(code=REFUSED)
    assert "REPLAY" in desk.approve("--out", desk.own / "again", code=REFUSED)
    assert not desk.people.exists()


@pytest.mark.parametrize(
    "change",
    [{"reason": "for fun"}, {"expires": "2024-06-06T09:00:00+00:00"}, {"subjects": ["00" * 32]},
     {"asked_by": OTHER}, {"unit": "asthma-gap"}, {"purpose": "planning"}, {"opens_to": "22" * 32}],
)  # fmt: skip
def test_an_altered_request_is_refused_by_everybody(desk: Desk, change: dict) -> None:
    desk.ask()
    desk.approve()
    desk.edit(desk.request, **change)
    for told in (desk.approve("--out", desk.own / "again", code=REFUSED), desk.open(code=REFUSED)):
        assert "UNASKED" in told
        assert "SIGNATURE" in told
    unopened(desk)


@pytest.mark.parametrize(
    "change",
    [{"agreement": "../warm-homes.yaml"}, {"agreement": 3}, {"generation": "1"}, {"reason": "a\x1b[2J"},
     {"more": 1}, {"subjects": 4}, {"subjects": [None]}],
)  # fmt: skip
def test_what_is_no_request_is_not_read(desk: Desk, change: dict) -> None:
    desk.ask()
    desk.edit(desk.request, **change)
    assert "REQUEST" in desk.approve(code=DOCUMENT)
    assert "\x1b" not in desk.approve(code=DOCUMENT)


def test_a_request_is_for_its_agreement_time_and_tokens(desk: Desk) -> None:
    desk.ask("--hours", 24)
    desk.approve()
    desk.tokens(*IDS)
    assert "SUBJECTS" in desk.open(code=FAILED)
    desk.tokens()
    path = desk.folder / "systems" / "neighbours.yaml"
    text = (desk.folder / "systems" / f"{NAME}.yaml").read_text()
    path.write_text(text.replace(f"agreement: {NAME}", "agreement: neighbours"))
    held = desk.request.read_text()
    desk.edit(desk.request, agreement="neighbours")
    assert "UNSIGNED" in desk.open(code=REFUSED)
    desk.request.write_text(held)
    desk.clock("2024-06-04")
    assert "LAPSED" in desk.open(code=REFUSED)
    assert "LAPSED" in desk.approve("--out", desk.own / "again", code=REFUSED)
    unopened(desk)


def test_who_may_not_ask_is_refused(desk: Desk) -> None:
    for who, key in ((ACTOR, NURSE), (GUARDIAN, GUARDIAN), ("nobody@nowhere", NURSE)):
        assert "ACTOR" in desk.ask(who=who, key=key, code=REFUSED)
        assert desk.last()["codes"] == ["ACTOR"]
    assert "UNENROLLED" in desk.ask(who=OTHER, key=NURSE, code=REFUSED)
    assert "PRODUCT" in desk.ask("--product", "asthma-gap", code=REFUSED)
    numbers = desk.own / "numbers"
    numbers.write_text("\n".join(IDS))
    assert "TOKENS" in desk.ask(tokens=numbers, code=REFUSED)
    numbers.write_text("")
    assert "1 to 100 tokens" in desk.ask(tokens=numbers, code=REFUSED)
    assert "REQUEST" in desk.ask("--because", "", code=REFUSED)
    assert "looks like an NHS number" in desk.ask("--because", "about a patient, 9434765919", code=UNPROVEN)
    assert not desk.request.exists()
    assert not (desk.own / "request.session").exists()
    assert "WORKSPACE" in desk.ask("--out", desk.folder / "request", code=REFUSED)


def test_another_asker_has_a_share_of_their_own_and_opens_no_others(desk: Desk) -> None:
    desk.enrolled(OTHER)
    assert "UNSHARED" in desk.ask(who=OTHER, code=REFUSED)
    desk.says("reidentify", "prepare", NAME, "--as", ACTOR)
    desk.ask()
    desk.approve()
    assert "ACTOR" in desk.open(who=OTHER, code=REFUSED)
    assert "FILE" in desk.open("--approval", desk.own / "none", code=DOCUMENT)
    desk.open()
    desk.request.unlink()
    desk.ask(who=OTHER)
    (desk.own / "request.approval").unlink()
    desk.people.unlink()
    desk.approve()
    desk.open(who=OTHER)
    assert IDS[0] in desk.people.read_text()


def test_an_objection_stops_what_is_under_way(desk: Desk) -> None:
    objectors = desk.own / "objectors"
    objectors.write_text(f"{IDS[0]}\n")
    words = ("reidentify", "object", NAME, "--people", objectors, "--because", "told to the clinic")
    desk.ask()
    desk.approve()
    assert "ROLE" in desk.says(*words, "--as", "nobody@nowhere", code=REFUSED)
    assert "1 people object" in desk.says(*words, "--as", NURSE)
    assert not [secret for secret in IDS if secret in json.dumps(desk.last())]
    assert "1 of 2 object" in desk.open(code=REFUSED)
    assert "OBJECTION" in desk.approve("--out", desk.own / "again", code=REFUSED)
    assert "OBJECTION" in desk.ask("--out", desk.own / "again", code=REFUSED)
    unopened(desk)
    assert "ACTOR" in desk.says(*words, "--as", NURSE, "--lifted", code=REFUSED)
    desk.says(*words, "--as", GUARDIAN, "--lifted")
    desk.open()


def test_an_agreement_that_is_not_in_force_opens_nobody(desk: Desk) -> None:
    desk.ask()
    desk.approve()
    suspend(desk.live, ACTOR, "a drill")
    for told in (
        desk.open(code=REFUSED),
        desk.approve("--out", desk.own / "again", code=REFUSED),
        desk.ask("--out", desk.own / "again", code=REFUSED),
    ):
        assert "SUSPENDED" in told
    with pytest.raises(Refusal, match="SUSPENDED"):
        seal(desk.live, PRODUCT, pa.array(IDS))
    withdraw(desk.live, GUARDIAN, "the partnership has ended")
    assert "WITHDRAWN" in desk.open(code=REFUSED)
    desk.clock("2025-06-03")
    assert "REVIEW_DUE" in desk.open(code=REFUSED)
    unopened(desk)


def test_an_expired_agreement_opens_nobody(desk: Desk) -> None:
    desk.clock("2026-04-01")
    assert "EXPIRED" in desk.ask(code=REFUSED)
    assert not desk.request.exists()


def test_a_destroyed_secret_opens_nobody(desk: Desk) -> None:
    desk.ask()
    desk.approve()
    shares = desk.folder / ".sharewell" / "keys" / "shares" / f"{NAME}.json"
    assert stat.S_IMODE(shares.stat().st_mode) == 0o600
    desk.live.destroy(ACTOR)
    assert not shares.exists()
    assert "DESTROYED" in desk.open(code=REFUSED)
    assert "DESTROYED" in desk.says("reidentify", "prepare", NAME, "--as", ACTOR, code=FAILED)
    with pytest.raises(Refusal, match="DESTROYED"):
        seal(desk.live, PRODUCT, pa.array(IDS))


def test_who_is_dismissed_asks_and_approves_no_more(desk: Desk) -> None:
    words = ("reidentify", "dismiss", NAME, GUARDIAN, "--as", NURSE, "--because", "left")
    desk.ask()
    desk.approve()
    desk.says(*words)
    assert "OFFICER" in desk.says(*words, code=REFUSED)
    assert "UNSHARED" in desk.open(code=REFUSED)
    assert "UNENROLLED" in desk.approve("--out", desk.own / "again", code=REFUSED)
    card = f"{desk.key(GUARDIAN)}.card"
    assert "TAKEN" in desk.says("reidentify", "enrol", NAME, card, "--as", ACTOR, "--yes", code=REFUSED)
    desk.key(GUARDIAN).rename(desk.own / "old")
    for left in desk.own.glob(f"{GUARDIAN}.key*"):
        left.unlink()
    desk.enrolled(GUARDIAN)
    assert "UNSHARED" in desk.open(code=REFUSED)
    desk.says("reidentify", "prepare", NAME, "--as", ACTOR)
    assert "OFFICERS" in desk.open(code=FAILED)
    unopened(desk)


def test_a_card_is_its_owners_in_an_office_of_the_text(desk: Desk) -> None:
    key = desk.key(OTHER)
    desk.says("keys", "new", "--as", OTHER, "--key", key, "--no-passphrase", space=False)
    assert "ACTOR" in desk.says("reidentify", "card", NAME, "--as", ACTOR, "--key", key, code=REFUSED)
    desk.says("reidentify", "card", NAME, "--as", OTHER, "--key", key)
    card = Path(f"{key}.card")
    enrol = ("reidentify", "enrol", NAME, card, "--yes", "--as")
    assert "ROLE" in desk.says(*enrol, "nobody@nowhere", code=REFUSED)
    held = card.read_text()
    desk.edit(card, who=NURSE)
    assert "CARD" in desk.says(*enrol, ACTOR, code=REFUSED)
    desk.edit(card, who=3)
    assert "CARD" in desk.says(*enrol, ACTOR, code=DOCUMENT)
    card.write_text(held)
    answer = desk.give("reidentify", "enrol", NAME, card, "--as", ACTOR, told="n\n")
    assert answer.exit_code == FAILED
    assert "Did" in answer.output
    assert "officer-enrolled" not in desk.kinds()[-1]


def test_a_body_with_keys_vouches_for_its_officers(desk: Desk) -> None:
    voucher = desk.own / "voucher.key"
    desk.says("keys", "new", "--as", GUARDIAN, "--key", voucher, "--no-passphrase", space=False)
    office = ("--who", GUARDIAN, "--office", "caldicott guardian", "--yes")
    desk.says("keys", "enrol", f"{voucher}.pub", "--as", ACTOR, *office)
    desk.says("keys", "new", "--as", OTHER, "--key", desk.key(OTHER), "--no-passphrase", space=False)
    desk.says("reidentify", "card", NAME, "--as", OTHER, "--key", desk.key(OTHER))
    enrol = ("reidentify", "enrol", NAME, f"{desk.key(OTHER)}.card", "--as", ACTOR)
    assert "VOUCHER" in desk.says(*enrol, "--yes", code=REFUSED)
    assert "VOUCHER" in desk.says(*enrol, "--voucher", desk.key(NURSE), code=REFUSED)
    assert f"Enrolled: {OTHER}" in desk.says(*enrol, "--voucher", voucher)


def test_a_revoked_signing_key_counts_for_nothing(desk: Desk) -> None:
    office = ("--who", GUARDIAN, "--office", "caldicott guardian", "--yes")
    told = desk.says("keys", "enrol", f"{desk.key(GUARDIAN)}.pub", "--as", ACTOR, *office)
    desk.ask()
    desk.approve()
    fingerprint = told.split("fingerprint ")[1].split()[0]
    desk.says("keys", "revoke", fingerprint, "--as", ACTOR, "--reason", "compromised")
    assert "UNSHARED" in desk.open(code=REFUSED)
    unopened(desk)


def test_keys_may_be_locked_by_a_passphrase(desk: Desk) -> None:
    key, words = desk.key(OTHER), "a passphrase nobody else knows"
    typed = f"{words}\n"
    desk.says("keys", "new", "--as", OTHER, "--key", key, space=False, told=typed * 2)
    desk.says("reidentify", "card", NAME, "--as", OTHER, "--key", key, told=typed)
    desk.says("reidentify", "enrol", NAME, f"{key}.card", "--as", ACTOR, "--yes")
    desk.says("reidentify", "prepare", NAME, "--as", ACTOR)
    for kind in ("opening", "card"):
        assert stat.S_IMODE(Path(f"{key}.{kind}").stat().st_mode) == 0o600
    given = ("--tokens", desk.own / "tokens", "--key", key, "--as", OTHER)
    desk.says("reidentify", "ask", NAME, *given, "--because", "x", "--out", desk.request, told=typed)
    desk.approve()
    assert b"ENCRYPTED" in (desk.own / "request.session").read_bytes()
    desk.says("reidentify", "open", desk.request, *given, "--out", desk.people, told="wrong\n", code=FAILED)
    desk.says("reidentify", "open", desk.request, *given, "--out", desk.people, told=typed)


def test_a_file_that_is_there_is_not_written_over_and_the_request_is_not_spent(desk: Desk) -> None:
    desk.ask()
    desk.approve()
    desk.people.write_text("yesterday's")
    assert "EXISTS" in desk.open(code=FAILED)
    assert "WORKSPACE" in desk.open("--out", desk.folder / "people.csv", code=REFUSED)
    assert desk.people.read_text() == "yesterday's"
    desk.people.unlink()
    desk.open()


def test_what_cannot_be_entered_is_not_opened(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.ask()
    desk.approve()

    def refuse(*_given: object) -> None:
        raise AccountError.of("STORE", "the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr("sharewell.live.reidentification._enter_opened", refuse)
        assert "STORE" in desk.open(code=UNPROVEN)
    unopened(desk)
    assert "REPLAY" in desk.open(code=FAILED), "a request whose opening began is spent"


def test_where_nothing_is_said_nobody_is_ever_named_again(published: Path, tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="NO_REIDENTIFICATION"):
        seal(workspace.open(published).agreement(NAME), PRODUCT, pa.array(IDS))
    desk = Desk(tmp_path)
    shutil.copytree(published, desk.folder)
    desk.own.mkdir()
    assert "NO_REIDENTIFICATION" in desk.says("reidentify", "prepare", NAME, "--as", ACTOR, code=REFUSED)


def test_a_token_of_one_product_is_nothing_in_another(desk: Desk) -> None:
    with pytest.raises(Refusal, match="PRODUCT"):
        seal(desk.live, "asthma-gap", pa.array(IDS))


def test_the_commands_of_the_how_to_page_are_there() -> None:
    page = Path(__file__).parents[2] / "docs/how-to/re-identify-under-dual-control.md"
    text = page.read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.split() for line in text.splitlines() if line.startswith("sharewell ")]
    assert len(lines) == 8
    for _, *words in lines:
        command = get_command(app)
        while hasattr(command, "commands"):
            command = command.commands[words.pop(0)]
        known = {option for part in command.params for option in part.opts}
        assert {word for word in words if word.startswith("--")} <= known
