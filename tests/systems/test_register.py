"""The public register: readable without script, silent about people, and impossible to change unseen."""

from __future__ import annotations

import json
import re
import shutil
import xml.etree.ElementTree as ET
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner
from workspace_example import ACTOR, NAME, Done, events, identifiers, leaks

from sharewell import workspace
from sharewell.account.notes import read_checkpoint, read_keys, verifier_key
from sharewell.agree.decide import Asked, Request
from sharewell.cli import app
from sharewell.depersonalise.signing import Signer
from sharewell.errors import DocumentError, StorageError
from sharewell.live import register
from sharewell.live.benefits import measure
from sharewell.live.register import build, verify
from sharewell.public.site import digest, read_site, render_site
from sharewell.workspace import Workspace

PAGE = f"agreements/{NAME}/"
STRANGER = "j.bloggs@the-daily"
Change = Callable[[Path], object]


@pytest.fixture(scope="module")
def place(done: Done, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A workspace that ran, refused a stranger twice, and measured what it promised."""
    space = workspace.open(
        shutil.copytree(done.space.folder, tmp_path_factory.mktemp("register") / "north")
    )
    live = space.agreement(NAME)
    live.decide(Request(Asked.RUN, STRANGER))
    live.decide(Request(Asked.RELEASE, ACTOR, product="mary-smith-of-7-high-street"))
    measure(live, "asthma-gap.gap", 0.25, ACTOR)
    return space


@pytest.fixture(scope="module")
def built(place: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(place, tmp_path_factory.mktemp("site") / "site")


@pytest.fixture
def site(built: Path, tmp_path: Path) -> Path:
    """A copy to tamper with."""
    return shutil.copytree(built, tmp_path / "site")


@pytest.fixture(scope="module")
def key(place: Workspace) -> str:
    assert place.account.signer is not None
    return verifier_key(place.account.signer)


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def facts(folder: Path, page: str = PAGE) -> dict[str, object]:
    told: dict[str, object] = json.loads((folder / page / "facts.json").read_bytes())["facts"]
    return told


def shown(folder: Path, page: str = PAGE) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", (folder / page / "index.html").read_text()).split())


def test_it_holds_without_the_account_and_with_it(built: Path, place: Workspace, key: str) -> None:
    for verified in (verify(built), verify(built, key=key), verify(built, space=place)):
        assert verified.faults == ()
        assert verified.proofs > 10


def test_the_same_checkpoint_gives_the_same_bytes(built: Path, place: Workspace, tmp_path: Path) -> None:
    again = build(workspace.open(place.folder), tmp_path / "again")
    assert files(again) == files(built)


def test_a_resident_reads_why_who_and_what_was_refused(built: Path) -> None:
    text = shown(built)
    for words in (
        "Plan clinics where asthma goes unrecorded",
        "Invented Act 2020 section 1",
        "Warmer homes and fewer attacks",
        "0.25 on 3 June 2024",
        "2 requests were refused",
        "Somebody asked who may not",
        "Read the figures",
        "It finished",
    ):
        assert words in text
    assert "Not stated" in text, "what the agreement does not say must be seen to be missing"
    assert "2 refusals" in shown(built, "")


def test_public_figures_are_those_that_left(built: Path, place: Workspace) -> None:
    (released,) = [r for r in facts(built)["releases"] if r["figures"]]  # type: ignore[attr-defined]
    left = place.kept / "releases" / "public" / NAME / released["run"]
    assert files(built / "figures" / NAME / released["run"]) == files(left)


def test_no_person_is_named_and_no_person_counted(built: Path, place: Workspace) -> None:
    assert list(leaks(built, identifiers(), outside=())) == []
    text = place.agreement(NAME).agreement.text
    people = {event.actor for event in events(place)} | {w for u in text.agree.users for w in u.who}
    people |= {s.who for party in text.agree.parties.values() for s in party.signs}
    people |= {"mary-smith-of-7-high-street"}
    for name, held in files(built).items():
        assert [who for who in people if who.encode() in held] == [], name
    told = b"".join(held for name, held in files(built).items() if name.endswith("facts.json"))
    assert (
        set(re.findall(rb'"(\w+)":', told)) & {b"rows", b"people", b"quarantined", b"records", b"actor"}
        == set()
    )


class Outline(HTMLParser):
    """What a screen reader meets: elements with their attributes, and headings in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.met: list[tuple[str, dict[str, str]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.met.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attrs for name, attrs in self.met if name == tag]


def test_every_page_can_be_used_without_script_sight_or_mouse(built: Path) -> None:
    pages = sorted(path for path in built.rglob("index.html") if "figures" not in path.parts)
    assert len(pages) > 10
    for path in pages:
        text = path.read_text()
        page = Outline(text)
        ids = [attrs["id"] for _, attrs in page.met if "id" in attrs]
        headings = [int(tag[1]) for tag, _ in page.met if re.fullmatch("h[1-6]", tag)]
        assert len(ids) == len(set(ids)), path
        assert headings[0] == 1, path
        assert headings.count(1) == 1, path
        assert all(after - before <= 1 for before, after in pairwise(headings)), path
        assert page.all("html") == [{"lang": "en-GB"}]
        assert [len(page.all(tag)) for tag in ("main", "header", "footer")] == [1, 1, 1], path
        assert page.all("a")[0] == {"class": "skip", "href": "#main"}
        assert len(page.all("table")) == len(page.all("caption")), path
        assert all(head.get("scope") in ("col", "row") for head in page.all("th")), path
        assert all("aria-label" in nav or "aria-labelledby" in nav for nav in page.all("nav")), path
        labelled = [a["aria-labelledby"] for _, a in page.met if "aria-labelledby" in a]
        assert set(labelled) <= set(ids), path
        assert not {"script", "img", "iframe", "form"} & {tag for tag, _ in page.met}, path
        assert not [
            a for _, a in page.met if any(name == "style" or name.startswith("on") for name in a)
        ], path


def test_nothing_is_fetched_and_no_link_is_broken(built: Path) -> None:
    for path in built.rglob("index.html"):
        for attrs in Outline(path.read_text()).all("a"):
            target, _, anchor = attrs["href"].partition("#")
            if "://" in target:
                continue
            there = (path.parent / target).resolve() if target else path
            there = there / "index.html" if there.is_dir() else there
            assert there.exists(), f"{path}: {attrs['href']}"
            if anchor:
                assert f'id="{anchor}"' in there.read_text(), f"{path}: {attrs['href']}"


def test_the_policy_allows_the_one_sheet_and_nothing_else(built: Path) -> None:
    import base64
    import hashlib

    text = (built / PAGE / "index.html").read_text()
    (sheet,) = re.findall(r"(?s)<style>(.*?)</style>", text)
    hashed = base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()
    assert f"default-src &#39;none&#39;; style-src &#39;sha256-{hashed}&#39;" in text or (
        f"default-src 'none'; style-src 'sha256-{hashed}'" in text
    )


def test_feeds_can_be_read(place: Workspace, tmp_path: Path) -> None:
    folder = build(place, tmp_path / "site", "https://register.example/")
    atom = "{http://www.w3.org/2005/Atom}"
    for name in ("feed.atom", PAGE + "feed.atom"):
        feed = ET.fromstring((folder / name).read_bytes())
        assert all(feed.find(atom + part) is not None for part in ("id", "title", "updated"))
        entries = feed.findall(atom + "entry")
        assert entries
        ids = [entry.findtext(atom + "id") for entry in entries]
        assert len(ids) == len(set(ids))
    told = json.loads((folder / "feed.json").read_bytes())
    assert told["version"] == "https://jsonfeed.org/version/1.1"
    assert told["items"][0]["url"].startswith("https://register.example/agreements/")
    sitemap = ET.fromstring((folder / "sitemap.xml").read_bytes())
    assert len(sitemap) == len(list(read_site(files(folder)).pages))
    assert verify(folder, space=place).faults == ()


def edit(name: str, old: str, new: str) -> Change:
    def change(folder: Path) -> None:
        held = (folder / name).read_text()
        assert old in held, f"nothing to change in {name}"
        (folder / name).write_text(held.replace(old, new, 1))

    return change


def drop_refusal(folder: Path) -> None:
    path = folder / PAGE / "facts.json"
    told = json.loads(path.read_bytes())
    told["facts"]["refusals"].pop()
    path.write_text(json.dumps(told))


TAMPERED: dict[str, tuple[Change, str]] = {
    "a date": (edit(PAGE + "facts.json", '"at": "2024-06-03"', '"at": "2024-06-02"'), "PAGE"),
    "a count": (edit("refusals/facts.json", '"count": 2', '"count": 1'), "PAGE"),
    "a dropped refusal": (drop_refusal, "PAGE"),
    "a word of a page": (edit(PAGE + "index.html", "Invented Act", "Invented Law"), "PAGE"),
    "a proof": (edit(PAGE + "proof.json", '"path": [\n    "', '"path": [\n    "00'), "PROOF"),
    "a feed": (edit("feed.atom", "Refused", "Praised"), "PAGE"),
    "a leaf": (edit(PAGE + "facts.json", '"leaf": "', '"leaf": "ff'), "PROOF"),
    "the checkpoint": (edit("checkpoint.txt", "number ", "number 1"), "SIGNATURE"),
    "the sums": (edit("SHA256SUMS", "a", "b"), "SIGNATURE"),
    "a page taken away": (lambda folder: (folder / "refusals/index.html").unlink(), "GONE"),
    "a page added": (lambda folder: (folder / "log/more.html").write_text("all is well"), "STRAY"),
    "public figures": (
        lambda folder: next(folder.glob("figures/**/*.csv")).write_text("ward,count\n"),
        "CHANGED",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERED)
def test_what_is_changed_is_found(what: str, site: Path, key: str, place: Workspace) -> None:
    change, code = TAMPERED[what]
    change(site)
    assert code in {problem.code for problem in verify(site, key=key).faults}
    assert not verify(site).holds
    assert not verify(site, space=place).holds


def forge(site: Path, signer: Signer | None) -> None:
    """Drop a refusal and make the whole site agree with itself, signed where one can."""
    drop_refusal(site)
    made = read_site(files(site))
    for name, held in render_site(made).items():
        (site / name).write_bytes(held)
    for page in made.pages:
        path = site / page.path / "proof.json"
        told = json.loads(path.read_bytes())
        told["facts"] = digest((site / page.path / "facts.json").read_bytes())
        path.write_bytes(register.canonical(told))
    if signer is not None:
        (site / "key.txt").write_text(verifier_key(signer) + "\n")
    held = {n: h for n, h in files(site).items() if n not in (register.SUMS, register.SIGNED)}
    (site / register.SUMS).write_bytes(register._sums(held))
    if signer is not None:
        checkpoint = read_checkpoint(held["checkpoint.txt"], read_keys([held_key(site)]))
        account = SimpleNamespace(signer=signer)
        note = register._signed(account, (site / register.SUMS).read_bytes(), checkpoint)  # type: ignore[arg-type]
        (site / register.SIGNED).write_bytes(note)


def held_key(site: Path) -> str:
    return (site / "log/facts.json").read_text().split('"key": "')[1].split('"')[0]


def test_a_site_that_agrees_with_itself_still_lacks_the_signature(site: Path, key: str) -> None:
    forge(site, None)
    assert {problem.code for problem in verify(site, key=key).faults} == {"SIGNATURE"}


def test_another_signature_is_not_the_accounts(site: Path, key: str) -> None:
    forge(site, Signer("account", b"7" * 32))
    assert "SIGNATURE" in {problem.code for problem in verify(site, key=key).faults}


def test_whoever_holds_the_key_and_lies_is_found_by_an_auditor(
    site: Path, key: str, place: Workspace
) -> None:
    signer = place.account.signer
    assert isinstance(signer, Signer)
    forge(site, signer)
    assert verify(site, key=key).holds, "no reader without the log can know what was left out"
    assert {problem.code for problem in verify(site, space=place).faults} == {"REBUILT"}


def test_an_account_that_was_changed_is_no_witness(place: Workspace, built: Path, tmp_path: Path) -> None:
    import sqlite3

    copy = shutil.copytree(place.folder, tmp_path / "north")
    with sqlite3.connect(copy / ".sharewell/account.db") as held:
        held.execute("DROP TRIGGER IF EXISTS account_event_update")
        for (name,) in held.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            held.execute(f'DROP TRIGGER "{name}"')
        held.execute("UPDATE account_event SET body = replace(body, 'decide.refused', 'decide.permitted')")
    assert not verify(built, space=workspace.open(copy)).holds


@pytest.fixture
def other(place: Workspace, tmp_path: Path) -> Workspace:
    """A copy whose agreement may be rewritten."""
    return workspace.open(shutil.copytree(place.folder, tmp_path / "north"))


def rewrite(space: Workspace, old: str, new: str) -> Workspace:
    path = space.folder / "systems" / f"{NAME}.yaml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    return workspace.open(space.folder)


def test_a_withheld_agreement_is_counted_and_not_named(other: Workspace, tmp_path: Path) -> None:
    space = rewrite(other, "register: public", "register: withheld")
    folder = build(space, tmp_path / "site")
    assert "1 agreement is withheld" in shown(folder, "")
    assert [n for n, held in files(folder).items() if NAME.encode() in held or NAME in n] == []
    assert verify(folder, space=space).holds


def test_a_text_that_changed_since_is_not_passed_off_as_published(other: Workspace, tmp_path: Path) -> None:
    folder = build(rewrite(other, "Plan clinics where", "Sell clinics where"), tmp_path / "site")
    text = shown(folder)
    assert "Sell clinics" not in text
    assert "Its text has changed since it was published" in text
    assert "Somebody asked who may not" in text, "what was done stays"


def redact(space: Workspace, part: str) -> Workspace:
    why = "It would help somebody who means harm"
    line = f"  redactions: [{{part: '{part}', why: {why}, by: chief officer}}]\n"
    return rewrite(space, "  risks:", line + "  risks:")


@pytest.mark.parametrize(
    ("part", "gone"),
    [
        ("describe.tenants.use", '"damp"'),
        ("describe.tenants", "council.tenants"),
        ("agree.law.gateway", "Invented Act"),
    ],
)
def test_what_is_redacted_is_gone_from_every_file_and_said_to_be(
    part: str, gone: str, other: Workspace, tmp_path: Path
) -> None:
    from sharewell.live.rehearsal import rehearse

    space = redact(other, part)
    rehearse(space.agreement(NAME))
    folder = build(space, tmp_path / "site")
    ours = {n: held for n, held in files(folder).items() if not n.startswith("figures/")}
    assert [name for name, held in ours.items() if gone.encode() in held] == []
    assert "Not published: It would help somebody who means harm" in shown(folder)
    assert part in shown(folder)
    assert verify(folder, space=space).holds


@pytest.mark.parametrize("part", ["agree.law.no_such_clause", "agree.risks[9]", "descrobe.tenants"])
def test_a_redaction_that_leads_nowhere_stops_the_register(part: str, other: Workspace) -> None:
    """Lint refuses such a path; if one gets through, nothing is published."""
    from sharewell.live.public_facts import redacted

    with pytest.raises(DocumentError, match="REDACTION"):
        redacted(redact(other, part).agreement(NAME).agreement.text)


def test_no_stale_page_is_left_and_nobody_elses_folder_is_taken(other: Workspace, tmp_path: Path) -> None:
    folder = build(other, tmp_path / "site")
    assert (folder / PAGE).exists()
    build(rewrite(other, "register: public", "register: withheld"), folder)
    assert not (folder / PAGE).exists()
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis/chapter.txt").write_text("years of work")
    with pytest.raises(StorageError, match="EXISTS"):
        build(other, tmp_path / "thesis")
    assert (tmp_path / "thesis/chapter.txt").read_text() == "years of work"


def test_from_the_command_line(place: Workspace, tmp_path: Path) -> None:
    runner = CliRunner()
    where = str(place.folder)
    out = str(tmp_path / "site")
    assert runner.invoke(app, ["register", "build", "--out", out, "--space", where]).exit_code == 0
    held = runner.invoke(app, ["register", "verify", out, "--space", where])
    assert (held.exit_code, "The register holds" in held.output) == (0, True)
    edit(PAGE + "index.html", "Invented Act", "Invented Law")(tmp_path / "site")
    broken = runner.invoke(app, ["register", "verify", out])
    assert (broken.exit_code, "does NOT hold" in broken.output) == (4, True)


def test_what_an_agreement_says_is_text_and_never_markup(other: Workspace, tmp_path: Path) -> None:
    from sharewell.live.rehearsal import rehearse

    evil = "<script>alert(1)</script><svg onload=alert(1)>"
    space = rewrite(
        other, "north-clinic:  {role: controller,", f"north-clinic:  {{role: controller, name: '{evil}',"
    )
    space = rewrite(space, "title: Asthma", f"title: {evil} Asthma")
    rehearse(space.agreement(NAME))
    folder = build(space, tmp_path / "site")
    pages = list(folder.rglob("index.html"))
    assert any("&lt;script&gt;" in path.read_text() for path in pages)
    for path in pages:
        assert not {"script"} & {tag for tag, _ in Outline(path.read_text()).met}, path
        assert "<svg onload" not in path.read_text(), path
    assert verify(folder, space=space).holds
