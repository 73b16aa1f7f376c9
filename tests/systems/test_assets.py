"""The registry of assets and the standards, over whole workspaces: right, searchable, without any row."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import xlsxwriter
from click.testing import Result
from typer.testing import CliRunner
from workspace_example import NAME, Done, identifiers

from sharewell import workspace
from sharewell.cli import app
from sharewell.errors import UnknownName
from sharewell.live.asset_search import find, search, stem
from sharewell.live.assets import Registry, asset, assets, field_uses
from sharewell.live.standards import document
from sharewell.standards import faults, graph_of
from sharewell.workspace import Workspace

OPENED: list[str] = []
"""Every file opened while it is watched; an audit hook cannot be taken away, so it stays and is silent."""
_watching = False


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    if _watching and event == "open" and isinstance(arguments[0], (str, bytes)):
        OPENED.append(os.fsdecode(arguments[0]))


sys.addaudithook(_hook)


@pytest.fixture
def watched() -> Iterator[list[str]]:
    global _watching
    OPENED.clear()
    _watching = True
    yield OPENED
    _watching = False


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Every contract and agreement that ships, and no data at all."""
    return workspace.init(tmp_path_factory.mktemp("shipped") / "space")


@pytest.fixture(scope="module")
def registry(shipped: Workspace) -> Registry:
    """What the registry answers there, worked out once."""
    return assets(shipped)


def ask(*words: str, space: Workspace | None = None) -> Result:
    given = [*words, "--space", str(space.folder)] if space else list(words)
    return CliRunner().invoke(app, given, env={"COLUMNS": "200"})


def test_the_hook_does_see_a_file_that_is_opened(tmp_path: Path, watched: list[str]) -> None:
    (tmp_path / "seen").write_text("x")
    assert str(tmp_path / "seen") in watched


def test_registry_is_answered_without_a_data_folder_and_writes_nothing(shipped: Workspace) -> None:
    assert not (shipped.folder / "data").exists()
    before = sorted(shipped.folder.rglob("*"))
    assert set(assets(workspace.open(shipped.folder)).entries) == set(shipped.contracts)
    assert sorted(shipped.folder.rglob("*")) == before


def test_no_data_file_is_opened(done: Done, watched: list[str]) -> None:
    space = workspace.open(done.space.folder)
    assets(space)
    search(space, "tenants damp")
    document(space.agreement(NAME))
    opened = [Path(path) for path in watched]
    inside = [path for path in opened if path.is_absolute() and path.is_relative_to(space.folder)]
    assert any("catalogue" in path.parts for path in inside)
    assert not [path for path in inside if {"data", "places", "outbox", "keys"} & set(path.parts)]


def test_each_field_says_who_may_use_it_for_what(done: Done) -> None:
    space = workspace.open(done.space.folder)
    (damp,) = field_uses(space, "council.tenants", "damp")
    assert (damp.agreement, damp.product, damp.purpose, damp.form) == (
        NAME,
        "damp-homes",
        "repairs",
        "yes/no",
    )
    assert (damp.recipients, damp.linking, damp.published) == (("north-energy",), False, True)
    linked = field_uses(space, "clinic.patients", "nhs_number")
    assert {use.product for use in linked} >= {"asthma-gap"}
    assert all(use.linking for use in linked)
    born = {(use.product, use.linking) for use in field_uses(space, "clinic.patients", "born")}
    assert ("asthma-gap", False) in born
    assert asset(space, "council.tenants").agreements == (NAME,)


def test_quality_says_when_and_which_rules_and_never_how_many(done: Done) -> None:
    entry = asset(workspace.open(done.space.folder), "clinic.patients")
    assert (str(entry.quality.measured), entry.quality.failed) == ("2024-06-03", ())
    told = ask("assets", "show", "clinic.patients", "--json", space=done.space).output
    assert "300" not in told
    assert not [secret for secret in identifiers() if secret in told]


def test_an_agreement_that_does_not_compile_is_shown_as_such(space: Workspace) -> None:
    path = space.folder / "systems" / f"{NAME}.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("recipe: eligibility", "recipe: eligibilities"), encoding="utf-8")
    (space.folder / "systems" / "torn.yaml").write_text("sharewell: 1\n", encoding="utf-8")
    registry = assets(workspace.open(space.folder))
    assert set(registry.faulty) == {NAME, "torn"}
    uses = {field.name: field.uses for field in registry.entries["council.tenants"].fields}
    assert [(use.agreement, use.product, use.linking) for use in uses["damp"]] == [(NAME, "", False)]
    assert [use.linking for use in uses["surname"]] == [True]
    told = ask("assets", space=space)
    assert (told.exit_code, "torn does not compile" in told.output) == (0, True)


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("tax credits", "hmrc.tax_credits"),
        ("fraility", "gp.patients"),  # a slip
        ("hospital admission", "acute.admissions"),  # another ending
        ("dwp pension", "dwp.pension_credit"),
        ("Brightwater", "brightwater.customers"),
    ],
)
def test_search_finds_by_any_word_near_spelling_or_ending(
    registry: Registry, words: str, first: str
) -> None:
    assert find(registry, words)[0].asset.name == first


def test_search_puts_first_what_holds_every_word_and_says_where(registry: Registry) -> None:
    hit = find(registry, "frailty practice")[0]
    assert (hit.asset.name, hit.places[0]) == ("gp.patients", "field frailty")
    assert find(registry, "xylophone qqqq") == ()
    assert find(registry, "of the and") == ()
    assert {stem("admissions"), stem("admission")} == {"admiss"}


def test_unknown_names_are_told_the_nearest(shipped: Workspace) -> None:
    with pytest.raises(UnknownName, match=r"hmrc\.tax_credits"):
        asset(shipped, "hmrc.tax_credit")
    with pytest.raises(UnknownName, match="'income'"):
        field_uses(shipped, "hmrc.tax_credits", "incomes")


# The standards


def test_every_shipped_agreement_goes_out_and_conforms(shipped: Workspace) -> None:
    """`document` raises where a shape is broken."""
    for name in shipped.agreements():
        made = document(shipped.agreement(name))
        assert [n for n in made["@graph"] if n["@type"] == "odrl:Permission"], name
    kent = {n["@id"]: n for n in document(shipped.agreement("kent-integrated-dataset"))["@graph"]}
    about_nobody = [n for i, n in kent.items() if i.startswith("id:asset/places.") and "/field/" in i]
    assert about_nobody
    assert all("dpv:NonPersonalData" in n["@type"] for n in about_nobody)


def test_a_run_is_in_the_document_as_the_account_has_it(done: Done) -> None:
    made = document(workspace.open(done.space.folder).agreement(NAME))
    assert faults(graph_of(made)) == ()
    (run,) = [n for n in made["@graph"] if n["@type"] == "prov:Activity"]
    assert (run["dcterms:identifier"], run["sw:state"]) == (done.outcome.run, "finished")
    assert set(run["prov:used"]) == {f"id:asset/{name}" for name in done.outcome.admitted}
    releases = [n for n in made["@graph"] if "sw:Release" in n["@type"]]
    assert {n["prov:wasAttributedTo"] for n in releases} >= {"id:party/north-energy", "id:party/public"}
    text = json.dumps(made)
    assert "a.khan" not in text
    assert not [secret for secret in identifiers() if secret in text]


# The command line


def test_assets_in_three_forms(done: Done) -> None:
    space = done.space
    listed = json.loads(ask("assets", "--json", space=space).output)
    rows = list(csv.DictReader(io.StringIO(ask("assets", "--csv", space=space).output)))
    assert [row["asset"] for row in listed] == [row["asset"] for row in rows] == sorted(space.contracts)
    told = ask("assets", "search", "asthma", space=space)
    assert (told.exit_code, "clinic.patients" in told.output) == (0, True)
    shown = ask("assets", "show", "council.areas", space=space)
    assert (shown.exit_code, "measured: 2024-06-03" in shown.output) == (0, True)
    assert ask("assets", "show", "nowhere", space=space).exit_code == 2


def test_export_checks_then_writes_and_never_over_a_file(shipped: Workspace, tmp_path: Path) -> None:
    out = tmp_path / "kid.jsonld"
    told = ask("export", "kent-integrated-dataset", "--out", str(out), space=shipped)
    assert told.exit_code == 0, told.output
    assert json.loads(out.read_text(encoding="utf-8"))["@graph"]
    again = ask("export", "kent-integrated-dataset", "--out", str(out), space=shipped)
    assert (again.exit_code, "EXISTS" in again.output) == (1, True)
    assert ask("export", "kent-integrated-dataset", "--as", "xml", space=shipped).exit_code == 2


def test_what_does_not_conform_is_not_written(space: Workspace, tmp_path: Path) -> None:
    path = space.folder / "systems" / f"{NAME}.yaml"
    text = path.read_text(encoding="utf-8").replace("dpv:PublicBenefit", "dpv:PublicBenefits")
    path.write_text(text, encoding="utf-8")
    told = ask("export", NAME, "--out", str(tmp_path / "x.jsonld"), space=space)
    assert (told.exit_code, "TERM" in told.output, list(tmp_path.glob("x.*"))) == (2, True, [])


def test_a_contract_goes_out_and_comes_in_again(shipped: Workspace, tmp_path: Path) -> None:
    told = ask("assets", "export", "hmrc.tax_credits", space=shipped)
    (tmp_path / "c.yaml").write_text(told.output, encoding="utf-8")
    brought = ask("assets", "import", str(tmp_path / "c.yaml"), "--out", str(tmp_path / "new"))
    assert (brought.exit_code, "1 files written" in brought.output) == (0, True), brought.output
    held = tmp_path / "new/catalogue/hmrc.tax_credits.yaml"
    assert "status: draft" in held.read_text(encoding="utf-8")
    dcat = ask("assets", "export", "hmrc.tax_credits", "--as", "dcat", space=shipped)
    assert faults(graph_of(json.loads(dcat.output))) == ()


def test_a_list_brought_into_a_workspace_is_in_its_registry(shipped: Workspace, tmp_path: Path) -> None:
    folder = shutil.copytree(shipped.folder, tmp_path / "space")
    with xlsxwriter.Workbook(str(tmp_path / "list.xlsx")) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ("Asset name", "Owner", "Description", "Data items"))
        sheet.write_row(1, 0, ("Allotment register", "Parks", "Who rents an allotment", "name; plot"))
        sheet.write_row(2, 0, ("", "Parks", "No name", ""))
    told = ask("assets", "import", str(tmp_path / "list.xlsx"), "--out", str(folder), "--json")
    answer = json.loads(told.output)
    assert answer["written"] == ["catalogue/parks.allotment_register.yaml"]
    assert answer["held"] == [{"line": 3, "reason": "it has no asset name"}]
    space = workspace.open(folder)
    assert asset(space, "parks.allotment_register").status == "draft"
    assert search(space, "allotments")[0].asset.name == "parks.allotment_register"
