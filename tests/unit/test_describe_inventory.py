"""Lists that offices already keep, in CSV and Excel: understood, drafted, and held back with a reason."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from sharewell.describe import inventory, load_contract
from sharewell.describe.drafting import drafts, write_drafts
from sharewell.describe.headings import Listing, recognise
from sharewell.describe.inventory import Inventory, read_inventory
from sharewell.errors import DataError, SharewellError, StorageError
from sharewell.text import load_yaml

HEADER = "Asset Name,Asset owner,Description,Location,File format,Update frequency,Marking,Data items,Code"
ROWS = (
    'Housing register,Northshire Housing,Who waits,On-prem,CSV,Monthly,OFFICIAL,"NHS Number; Ward",X1',
    ",Northshire Housing,No name at all,,,,,,",
    "Housing  register,Northshire Housing,The same again,,,,,,",
    'Lettings,Northshire Housing,"Homes let,\nand to whom",,Excel,every quarter,,,',
    "=1+1,Northshire Housing,@SUM(A1),,,,,,",
    "Too,many,,,,,,,,and another",
    "No owner,,,,,,,,",
)


def csv_file(folder: Path, text: str, name: str = "assets (old).csv", encoding: str = "utf-8") -> Path:
    (folder / name).write_bytes(text.encode(encoding))
    return folder / name


def listed(folder: Path) -> Inventory:
    return read_inventory(csv_file(folder, "\n".join([HEADER, *ROWS]) + "\n"))


def test_an_asset_list_is_recognised_by_its_headings(tmp_path: Path) -> None:
    found = listed(tmp_path)
    assert found.listing is Listing.ASSETS
    assert found.mapping == {
        "name": "Asset Name", "owner": "Asset owner", "description": "Description", "location": "Location",
        "format": "File format", "frequency": "Update frequency", "classification": "Marking",
        "fields": "Data items",
    }  # fmt: skip
    assert found.unused == ("Code",)


def test_each_row_becomes_a_draft_or_is_held_back_with_its_line_and_reason(tmp_path: Path) -> None:
    made, held = drafts(listed(tmp_path))
    assert [(draft.line, draft.name) for draft in made] == [
        (2, "northshire-housing.housing_register"),
        (5, "northshire-housing.lettings"),
        (7, "northshire-housing.x_1_1"),
    ]
    assert list(held) == [
        (3, "it has no asset name"),
        (4, "it has the name of the row at line 2"),
        (8, "too many or too few fields"),
        (9, "it names no owner"),
    ]
    assert len(made) + len(held) == len(ROWS)


def test_drafts_are_contracts_that_the_catalogue_reads(tmp_path: Path) -> None:
    made, _ = drafts(listed(tmp_path))
    for path in write_drafts(made, tmp_path / "out"):
        assert load_contract(path).status == "draft"
    register = load_contract(tmp_path / "out/catalogue/northshire-housing.housing_register.yaml")
    assert [(p.name, str(p.classification)) for p in register.properties] == [
        ("nhs_number", "identifier"), ("ward", "identifier"),
    ]  # fmt: skip
    assert (register.domain, register.server.format) == ("northshire-housing", "csv")
    assert [(s.property, s.value, s.unit) for s in register.sla_properties] == [("frequency", 1, "month")]
    assert register.custom("listed_classification") == ("OFFICIAL",)


def test_a_formula_is_text(tmp_path: Path) -> None:
    made, _ = drafts(listed(tmp_path))
    (path,) = write_drafts(made[2:], tmp_path / "out")
    contract = load_contract(path)
    assert (contract.name, contract.description.purpose) == ("=1+1", "@SUM(A1)")


def test_nothing_is_overwritten_and_then_nothing_is_written(tmp_path: Path) -> None:
    made, _ = drafts(listed(tmp_path))
    (there,) = write_drafts(made[1:2], tmp_path / "out")
    before = there.read_bytes()
    with pytest.raises(StorageError, match="EXISTS"):
        write_drafts(made, tmp_path / "out")
    assert [path.name for path in (tmp_path / "out/catalogue").iterdir()] == [there.name]
    assert there.read_bytes() == before


# A record of processing, in Excel

ROPA = (
    "Business function", "Purpose of processing",
    "Name and contact details of joint controller (if applicable)",
    "Categories of individuals", "Categories of personal data", "Categories of recipients",
    "Retention schedule (if possible)",
    "General description of technical and organisational security measures",
    "Article 6 lawful basis for processing personal data",
    "Article 9 basis for processing special category data",
    "Link to privacy notice",
)  # fmt: skip
PROCESSING = (
    "Housing options", "Prevent homelessness before it happens", "Northshire Council",
    "People who ask for help with housing", "Name and address; Date of birth", "Voluntary sector",
    "Six years after the case is closed", "Staff sign in with two factors", "public task, I think", "",
    "https://housing.example/notice",
)  # fmt: skip


def workbook(folder: Path, name: str = "ropa.xlsx") -> Path:
    with xlsxwriter.Workbook(str(folder / name)) as book:
        sheet = book.add_worksheet("Controller")
        sheet.write(0, 0, "Record of processing activities")
        sheet.write(1, 0, "Last reviewed by the office")
        sheet.write_row(3, 0, ROPA)
        sheet.write_row(4, 0, PROCESSING)
        sheet.write_row(6, 0, ("Housing options", ""))
        sheet.write_formula(7, 0, "=1/0", None, "#DIV/0!")
        sheet.write_formula(8, 0, '=CONCAT("House","s")', None, "Houses")
        sheet.write(8, 1, "Repair the houses of the council")
    return folder / name


def test_a_record_of_processing_is_found_below_its_titles(tmp_path: Path) -> None:
    found = read_inventory(workbook(tmp_path))
    assert (found.listing, len(found.mapping), found.unused) == (Listing.ROPA, len(ROPA), ())
    assert [row.line for row in found.rows] == [5, 7, 9]
    assert found.held == ((8, "an error in a cell"),)


def test_it_gives_a_part_of_an_agreement_in_its_own_words(tmp_path: Path) -> None:
    made, held = drafts(read_inventory(workbook(tmp_path)))
    section = made[0].section
    assert section is not None
    (purpose,) = section["purposes"].values()
    assert purpose == {"statement": "Prevent homelessness before it happens"}
    assert section["law"] == {"article_6": "public task, I think"}  # as it stood, and nothing for Article 9
    assert section["parties"]["northshire-council"]["role"] == "joint controller"
    assert section["subjects"] == [{"who": "People who ask for help with housing"}]
    assert section["transparency"] == {"notice": "https://housing.example/notice"}
    assert made[1].section == {
        "purposes": {"repair-the-houses-of-the-council": {"statement": "Repair the houses of the council"}},
        "parties": {"houses": {"role": "controller", "name": "Houses"}},
    }
    assert list(held) == [(7, "it states no purpose"), (8, "an error in a cell")]
    names = {path.parent.name for path in write_drafts(made, tmp_path / "out")}
    assert names == {"catalogue", "drafts"}
    (path, _) = sorted((tmp_path / "out/drafts").iterdir())
    assert load_yaml(path).value == {"agree": made[1].section if "houses" in path.name else section}


# What else arrives


@pytest.mark.parametrize(
    ("encoding", "mark"), [("windows-1252", ";"), ("utf-16", "\t"), ("utf-8-sig", ",")]
)
def test_any_common_encoding_and_delimiter(tmp_path: Path, encoding: str, mark: str) -> None:
    text = mark.join(["Dataset", "Owner"]) + "\n" + mark.join(["Café register", "north"]) + "\n"
    found = read_inventory(csv_file(tmp_path, text, encoding=encoding))
    assert found.rows[0].said == {"name": "Café register", "owner": "north"}


def test_headings_are_known_by_near_names_and_never_twice() -> None:
    header = ["Asset nmae", "Ownr", "Descripton", "Shoe size", "Owner"]
    assert recognise(header, Listing.ASSETS) == {"name": 0, "owner": 4, "description": 2}


@pytest.mark.parametrize(
    ("text", "code"), [("a,b\n1,2\n", "HEADINGS"), ("Asset name\nx\n", "HEADINGS"), ("", "EMPTY")]
)
def test_a_file_that_is_no_list_is_refused_without_repeating_it(
    tmp_path: Path, text: str, code: str
) -> None:
    with pytest.raises(DataError) as caught:
        read_inventory(csv_file(tmp_path, text))
    assert [problem.code for problem in caught.value.problems] == [code]


def test_no_cell_stands_in_a_message_or_a_reason(tmp_path: Path) -> None:
    secret = "Quorvanna Zimbrdolph"
    rows = [f",{secret},,,,,,,", f"{secret},,,,,,,,", f"a,b,,,,,,,,{secret}", f'"{secret}', f"{secret},x"]
    _, held = drafts(read_inventory(csv_file(tmp_path, "\n".join([HEADER, *rows]) + "\n")))
    assert len(held) >= 4
    assert secret not in repr(held)
    for text in (f"{secret},{secret}\n1,2\n", f"{secret}\n"):
        with pytest.raises(SharewellError) as caught:
            read_inventory(csv_file(tmp_path, text))
        assert secret not in str(caught.value)


def test_a_workbook_that_grows_when_it_is_opened_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inventory, "LARGEST", 10_000)
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/worksheets/sheet1.xml", b"0" * 1_000_000)
    assert (tmp_path / "bomb.xlsx").stat().st_size < 10_000
    with pytest.raises(StorageError, match="SIZE"):
        read_inventory(tmp_path / "bomb.xlsx")


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.xlsx").write_bytes(b"not a workbook")
    (tmp_path / "x.pdf").write_bytes(b"%PDF")
    for name, code in (("x.xlsx", "FILE"), ("x.pdf", "FORMAT"), ("gone.csv", "FILE")):
        with pytest.raises(SharewellError) as caught:
            read_inventory(tmp_path / name)
        assert [problem.code for problem in caught.value.problems] == [code]
    with pytest.raises(DataError, match="SHEET"):
        read_inventory(workbook(tmp_path, "y.xlsx"), sheet="Nowhere")
