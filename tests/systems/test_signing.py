"""From `keys new` to a run that is permitted, on the command line; and everything that stops it again."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner
from workspace_example import ACTOR, NAME, Done, fresh, kinds, make, run

from sharewell import workspace
from sharewell.account.events import EventKind
from sharewell.agree import decide
from sharewell.agree.decide import Asked, Request, Verdict
from sharewell.agree.enrolment import Reason
from sharewell.agree.signing import Enrolment, SigningKey
from sharewell.agree.status import Status
from sharewell.cli import app
from sharewell.errors import DocumentError, Refusal
from sharewell.live.enrolment import enrol, enrolled, revoke
from sharewell.live.rehearsal import rehearse
from sharewell.live.signing import assess, meet, resume, sign, suspend, void
from sharewell.live.withdrawal import withdraw
from sharewell.workspace import Workspace

OK, DOCUMENT, REFUSED = 0, 2, 3
PASSPHRASE = "a passphrase that nobody else knows"
OFFICES = {
    "north-clinic": ("guardian@north-clinic", "caldicott guardian"),
    "north-council": ("siro@north-council", "senior information risk owner"),
    "north-energy": ("chief@north-energy", "chief executive"),
    "north-linker": ("siro@north-linker", "senior information risk owner"),
    "north-host": ("siro@north-host", "senior information risk owner"),
}
CLINIC, HOST = "guardian@north-clinic", "siro@north-host"
CONDITIONS = """\
  deliberation:
    event: The north workshop
    when: 2024-03-01
    conditions:
      leaflet: {text: A leaflet lies in every clinic, before: publication, owner: chair@panel}
      training: {text: Every analyst has been trained, before: first run, owner: chair@panel}
  benefits:"""


def ask(space: Workspace, *words: str, told: str = "") -> Result:
    """A command's answer; `told` is what is typed when it asks."""
    return CliRunner().invoke(
        app, [*words, "--space", str(space.folder)], input=told, env={"COLUMNS": "160"}
    )


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small workspace before anybody signed."""
    return make(tmp_path_factory.mktemp("drafted") / "north", signed=False).folder


@pytest.fixture
def draft(drafted: Path, tmp_path: Path) -> Workspace:
    return workspace.open(shutil.copytree(drafted, tmp_path / "north"))


def edit(space: Workspace, old: str, new: str) -> None:
    path = space.folder / "systems" / f"{NAME}.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def decided(space: Workspace) -> set[str]:
    """Why a run would be refused now; nothing where it is permitted."""
    return {reason.code for reason in fresh(space).foresee(Request(Asked.RUN, ACTOR)).reasons}


def test_the_whole_life_on_the_command_line(draft: Workspace, tmp_path: Path) -> None:
    edit(draft, "  benefits:", CONDITIONS)
    own = tmp_path / "own"
    own.mkdir()

    def status() -> str:
        return str(fresh(draft).status())

    def says(*words: str, told: str = "", code: int = OK) -> str:
        answer = ask(draft, *words, told=told)
        assert answer.exit_code == code, answer.output
        assert PASSPHRASE not in answer.output
        return answer.output.replace("\n", " ")

    assert status() == "draft"
    assert "Next: deliberate" in says("assess", NAME, "--as", CLINIC, "--dpo", "dpo@north-clinic")
    says("sign", NAME, "--as", CLINIC, "--key", str(own / "none.pem"), "--yes", code=1)
    assert "is deliberated" in says("deliberate", NAME, "--as", CLINIC)
    for party, (who, office) in OFFICES.items():
        key = str(own / f"{party}.pem")
        made = CliRunner().invoke(
            app, ["keys", "new", "--as", who, "--key", key], input=f"{PASSPHRASE}\n" * 2
        )
        assert made.exit_code == OK, made.output
        assert PASSPHRASE not in made.output
        enrolment = ("--who", who, "--party", party, "--office", office)
        asked = says("keys", "enrol", f"{key}.pub", "--as", HOST, *enrolment, told="y\n")
        assert "Did" in asked, "the operator is asked whether the fingerprint was compared"
        shown = says("sign", NAME, "--as", who, "--key", key, told=f"y\n{PASSPHRASE}\n")
        assert f"Signed for {party}" in shown
        for part in (fresh(draft).fingerprints.terms, fresh(draft).fingerprints.flow, "Plan clinics"):
            assert part in shown
    assert status() == "signed"
    assert "CONDITION" in says("publish", NAME, "--as", ACTOR, code=REFUSED)
    says("condition", NAME, "leaflet", "--as", "chair@panel", "--evidence", "minutes of May 2024")
    assert "Next: meet training (chair@panel)" in says("publish", NAME, "--as", ACTOR)
    assert "CONDITION" in says("decide", NAME, "--as", ACTOR, code=REFUSED)
    says("condition", NAME, "training", "--as", "chair@panel", "--evidence", "register of 2024-06-01")
    assert "PERMIT" in says("decide", NAME, "--as", ACTOR)
    assert "active" in says("status")
    assert "good" in says("keys", "list")

    assert "is suspended" in says("suspend", NAME, "--as", ACTOR, "--reason", "a mistake in a table")
    assert "SUSPENDED" in says("decide", NAME, "--as", ACTOR, code=REFUSED)
    assert "siro@north-host" in says("resume", NAME, "--as", CLINIC, "--reason", "mended", code=REFUSED)
    assert "is active" in says("resume", NAME, "--as", HOST, "--reason", "mended")
    assert "has withdrawn" in says("withdraw", NAME, "--as", CLINIC, "--reason", "no longer", told="y\n")
    assert "WITHDRAWN" in says("decide", NAME, "--as", ACTOR, code=REFUSED)
    held = b"".join(path.read_bytes() for path in draft.folder.rglob("*") if path.is_file())
    assert b"PRIVATE KEY" not in held
    assert PASSPHRASE.encode() not in held
    assert draft.account.verify().holds


def test_nothing_is_signed_without_yes(draft: Workspace, tmp_path: Path) -> None:
    assess(fresh(draft), CLINIC, "dpo@north-clinic", followed=True)
    CliRunner().invoke(
        app, ["keys", "new", "--as", CLINIC, "--key", str(tmp_path / "k"), "--no-passphrase"]
    )
    answer = ask(draft, "sign", NAME, "--as", CLINIC, "--key", str(tmp_path / "k"), told="n\n")
    assert answer.exit_code != OK
    assert "agree.signed" not in kinds(draft)


HARMS = {
    "one party did not sign": ("UNSIGNED", lambda facts: None),
    "a wrong signature": ("SIGNATURE", lambda facts: {**facts, "signature": "00" * 64}),
    "another key's": ("SIGNATURE", lambda facts: {**facts, "fingerprint": "ab" * 32}),
    "an older text's": ("SIGNATURE", lambda facts: {**facts, "terms": "ab" * 32}),
    "not a signatory's": ("SIGNATURE", lambda facts: {**facts, "who": "nurse@north-clinic"}),
}


@pytest.mark.parametrize("what", HARMS)
def test_a_missing_or_faulty_signature_stops_the_run(draft: Workspace, what: str) -> None:
    """An account written by hand: what `publish` would never have let through is refused at the run."""
    code, harm = HARMS[what]
    scratch = workspace.open(draft.folder)
    held = _rehearsed(scratch)
    for entry in held:
        harmed = entry.kind is EventKind.AGREE_SIGNED and entry.facts["party"] == "north-clinic"
        facts = harm(entry.facts) if harmed else entry.facts
        if facts is not None:
            draft.account.append_all([replace(entry, facts=facts)])
    assert decided(draft) == {code, "UNPUBLISHED"}
    with pytest.raises(Refusal, match=code):
        run(draft)


def _rehearsed(space: Workspace):  # type: ignore[no-untyped-def]
    """The entries of a rehearsal, caught before they are entered."""
    live, caught = fresh(space), []
    account = live.space.account
    append_all, account.append_all = account.append_all, caught.extend  # type: ignore[method-assign]
    try:
        rehearse(live)
    finally:
        account.append_all = append_all  # type: ignore[method-assign]
    return caught


def test_a_changed_text_outdates_every_signature(space: Workspace) -> None:
    assert decided(space) == set()
    edit(space, "retain: P90D", "retain: P60D")
    assert decided(space) == {"SIGNATURE", "UNPUBLISHED"}
    assert fresh(space).status() is Status.DRAFT
    edit(space, "retain: P60D", "retain: P90D   # a comment is no change")
    assert decided(space) == set()


def test_a_key_that_was_lost_stops_the_run_and_one_that_was_left_does_not(space: Workspace) -> None:
    key = next(k for k in enrolled(space) if k.enrolment.party == "north-clinic")
    revoke(space, key.enrolment.fingerprint[:12], Reason.LEFT, HOST)
    assert decided(space) == set()
    revoke(
        space,
        key.enrolment.fingerprint[:12],
        Reason.COMPROMISED,
        HOST,
        dt.datetime(2024, 5, 1, tzinfo=dt.UTC),
    )
    assert decided(space) == {"SIGNATURE"}
    with pytest.raises(Refusal, match="KEY"):
        revoke(space, "ffffffff", Reason.LEFT, HOST)


def test_enrolling_and_signing_refuse_who_may_not(draft: Workspace) -> None:
    key = SigningKey.new()
    clinic = Enrolment(CLINIC, "north-clinic", "caldicott guardian", key.public)
    for wrong, code in (
        (replace(clinic, office="data protection officer"), "OFFICE.*advises"),
        (replace(clinic, office="king"), "OFFICE"),
        (replace(clinic, key="abc"), "KEY"),
    ):
        with pytest.raises(Refusal, match=code):
            enrol(draft, wrong, HOST)
    with pytest.raises(Refusal, match=r"STATUS.*draft"):
        sign(fresh(draft), CLINIC, key)
    assess(fresh(draft), CLINIC, "dpo@north-clinic", followed=True)
    with pytest.raises(Refusal, match=r"UNENROLLED.*keys enrol"):
        sign(fresh(draft), CLINIC, key)
    enrol(draft, clinic, HOST)
    with pytest.raises(Refusal, match="TAKEN"):
        enrol(draft, replace(clinic, who=HOST, party="north-host"), HOST)
    second = replace(clinic, key=SigningKey.new().public)
    with pytest.raises(Refusal, match=r"VOUCHER.*guardian@north-clinic"):
        enrol(draft, second, HOST)
    with pytest.raises(Refusal, match="VOUCHER"):
        enrol(draft, second, HOST, SigningKey.new())
    enrol(draft, second, HOST, key)
    with pytest.raises(Refusal, match=r"NOT_SIGNATORY.*north-clinic: guardian@north-clinic"):
        sign(fresh(draft), "mallory@north-clinic", key)
    assert sign(fresh(draft), CLINIC, key) == ("north-clinic",)
    revoke(draft, clinic.fingerprint, Reason.REPLACED, HOST)
    with pytest.raises(Refusal, match="REVOKED"):
        sign(fresh(draft), CLINIC, key)


def test_each_act_is_refused_to_those_whom_the_agreement_does_not_name(space: Workspace) -> None:
    live, mallory = fresh(space), "mallory@elsewhere"
    acts = (
        lambda: assess(live, mallory, "dpo@north-clinic", followed=True),
        lambda: suspend(live, mallory, "because"),
        lambda: void(live, mallory, "because"),
        lambda: withdraw(live, mallory, "because"),
        lambda: withdraw(live, ACTOR, "a user binds nobody, and releases nobody"),
        lambda: live.publish(mallory),
    )
    before = kinds(space)
    for act in acts:
        with pytest.raises(Refusal, match="ROLE"):
            act()
    with pytest.raises(DocumentError, match="UNKNOWN"):
        meet(live, "leaflet", ACTOR, "none")
    with pytest.raises(Refusal, match="STATUS"):
        resume(live, HOST, "it was not suspended")
    assert kinds(space) == before


def test_advice_that_was_set_aside_needs_a_reason(draft: Workspace) -> None:
    with pytest.raises(Refusal, match="OVERRULED"):
        assess(fresh(draft), CLINIC, "dpo@north-clinic", followed=False)


def test_notice_is_waited_for(draft: Workspace) -> None:
    edit(draft, "  exit: destroy", "  exit: destroy\n  notice_days: 28")
    rehearse(fresh(draft))
    assert decided(draft) == set(), "a rehearsal dates itself back"
    for entry in (e for e in _rehearsed_on(draft) if e.kind is EventKind.AGREE_PUBLISHED):
        assert entry.at.date() == dt.date(2024, 5, 6)
    (draft.folder / "sharewell.toml").write_text('name = "north"\nsynthetic = true\nclock = 2024-06-02\n')
    assert decided(draft) == {"NOTICE"}
    decision = fresh(draft).decide(Request(Asked.RUN, ACTOR))
    assert "from 2024-06-03" in decision.reasons[0].fix
    assert "28 days" in decision.alternative


def _rehearsed_on(space: Workspace):  # type: ignore[no-untyped-def]
    return list(workspace.open(space.folder).account.events())


def test_a_run_stops_when_it_is_suspended_meanwhile(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sharewell.run.walk.LOOK_AGAIN", 0.0)
    stopped: list[str] = []

    def tell(text: str, _done: float) -> None:
        if text.startswith("link") and not stopped:
            stopped.append(text)
            suspend(fresh(space), ACTOR, "an incident at the linker")

    with pytest.raises(Refusal, match="SUSPENDED"):
        run(space, tell=tell)
    assert stopped
    assert "release.released" not in kinds(space)
    assert kinds(space)[-1] == "run.failed"


def test_the_last_minute_of_the_term(space: Workspace) -> None:
    live = fresh(space)
    plan, faults = live.linted
    for moment, verdict in (
        (dt.datetime(2024, 3, 31, 22, 59, tzinfo=dt.UTC), Verdict.DENY),
        (dt.datetime(2026, 3, 31, 22, 59, tzinfo=dt.UTC), Verdict.REVIEW),
        (dt.datetime(2026, 3, 31, 23, 0, tzinfo=dt.UTC), Verdict.DENY),
    ):
        told = decide(Request(Asked.RUN, ACTOR), live.agreement, plan, faults, live.state(), moment)
        assert told.verdict is verdict, moment


@pytest.fixture
def ran(done: Done, tmp_path: Path) -> Workspace:
    return workspace.open(shutil.copytree(done.space.folder, tmp_path / "north"))


def files(space: Workspace, place: str) -> int:
    return len(list((space.kept / "places" / place).rglob("*.parquet")))


def test_what_a_party_brought_is_destroyed_when_it_leaves(ran: Workspace) -> None:
    own, host = files(ran, "north-clinic"), files(ran, "north-host")
    council = files(ran, "north-council")
    done = withdraw(fresh(ran), CLINIC, "the clinic closes")
    assert (done.inputs, done.outputs, done.party) == ("destroy", "keep", "north-clinic")
    assert 0 < len(done.files) <= host
    assert files(ran, "north-host") == host - len([p for p in done.files if "north-host" in p.parts])
    assert (files(ran, "north-clinic"), files(ran, "north-council")) == (own, council)
    assert files(ran, "north-host") > 0, "what others brought stays"
    assert {product for product, _ in done.products} == {"asthma-gap", "damp-homes"}
    assert "release.withdrawn" not in kinds(ran)
    again = withdraw(fresh(ran), CLINIC, "the clinic closes")
    assert again.files == ()
    assert kinds(ran).count("agree.withdrawn") == 1
    assert decided(ran) == {"WITHDRAWN", "SIGNATURE"}


def test_pooled_outputs_are_withdrawn_where_the_agreement_says_so(space: Workspace) -> None:
    edit(space, "  exit: destroy", "  exit: destroy\n  withdrawal: {inputs: return, outputs: withdraw}")
    rehearse(fresh(space))
    run(space)
    before = files(space, "north-host")
    done = withdraw(fresh(space), "chief@north-energy", "sold to another company")
    assert (done.inputs, done.outputs) == ("return", "withdraw")
    assert done.files
    assert files(space, "north-host") == before
    assert {product for product, _ in done.products} == {"damp-homes"}, "the clinics' gap needs no customer"
    ended = list(workspace.open(space.folder).account.events(kind=EventKind.RELEASE_WITHDRAWN))
    assert {(e.facts["product"], e.facts["state"]) for e in ended} == {("damp-homes", "withdrawn")}
    withdraw(fresh(space), "chief@north-energy", "sold to another company")
    assert kinds(space).count("release.withdrawn") == len(ended)


def test_nobody_rehearses_among_real_people(draft: Workspace) -> None:
    (draft.folder / "sharewell.toml").write_text('name = "north"\nsynthetic = false\nclock = 2024-06-03\n')
    with pytest.raises(Refusal, match="REHEARSAL"):
        rehearse(fresh(draft))
    assert kinds(draft) == []


def test_a_party_without_a_signatory_cannot_be_rehearsed(draft: Workspace) -> None:
    edit(
        draft,
        "role: linker, signs: [{who: siro@north-linker, as: senior information risk owner}]",
        "role: linker",
    )
    with pytest.raises(DocumentError, match=r"SIGNATORY.*north-linker"):
        rehearse(fresh(draft))


def test_rehearsing_twice_changes_nothing_and_its_keys_are_spent(space: Workspace) -> None:
    before = kinds(space)
    rehearse(fresh(space))
    assert kinds(space) == before
    assert all(key.revoked is not None for key in enrolled(space))
    facts = [json.dumps(dict(e.facts)) for e in workspace.open(space.folder).account.events()]
    assert not any("PRIVATE" in told for told in facts)
