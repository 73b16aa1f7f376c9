"""The report: one file, nothing fetched, every part present, and marked up so that anyone can read it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

import pytest
from release_example import bundle, checked, costs, eligibility, evaluation

from sharewell.errors import PlanError
from sharewell.plan.released import Headline
from sharewell.release import render
from sharewell.release.figures import decimals, heading, write_figure

VOID = {"meta", "br", "img", "link", "input", "hr", "path", "line", "rect", "circle"}


@dataclass
class Node:
    tag: str
    at: dict[str, str | None]
    text: str = ""
    inner: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """The elements of a page in order, each with its attributes, its text and the tags inside it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.nodes: list[Node] = []
        self._open: list[Node] = []
        self.feed(text)
        assert not self._open, "an element was left open"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, dict(attrs))
        for outer in self._open:
            outer.inner.append(tag)
        self.nodes.append(node)
        if tag not in VOID:
            self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        for node in self._open:
            node.text += data

    def all(self, *tags: str) -> list[Node]:
        return [node for node in self.nodes if node.tag in tags]

    def values(self, attribute: str) -> list[str]:
        return [value for node in self.nodes if (value := node.at.get(attribute)) is not None]


@pytest.fixture(scope="module")
def text() -> str:
    return render(bundle(evaluation(), costs(), eligibility()))


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page(text)


def test_language_title_and_landmarks(page: Page) -> None:
    (html,) = page.all("html")
    assert html.at == {"lang": "en-GB"}
    assert "Northshire" in page.all("title")[0].text
    for landmark in ("main", "header", "footer", "nav"):
        assert len(page.all(landmark)) == 1
    skip = page.all("a")[0]
    assert skip.at["href"] == "#main"


def test_one_first_heading_and_no_level_skipped(page: Page) -> None:
    levels = [int(node.tag[1]) for node in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_every_part_is_there_in_order(page: Page) -> None:
    assert [node.text for node in page.all("h2")] == [
        "Contents",
        "The answer",
        "What was done",
        "By which authority",
        "What was found",
        "What was withheld, and why",
        "How good the data are",
        "Method and source",
        "What to bear in mind",
        "Proof",
    ]


def test_the_plain_answer_comes_first(text: str) -> None:
    answer = text.index("We found no difference")
    assert text.index("<h1>") < answer < text.index("Eight services described 14 tables")


def test_tables_have_captions_and_scoped_headers(page: Page) -> None:
    tables = page.all("table")
    assert tables
    for table in tables:
        assert "caption" in table.inner
    for header in page.all("th"):
        assert header.at.get("scope") in {"col", "row"}


def test_ids_are_distinct_and_every_reference_lands(page: Page) -> None:
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    named = [name for value in page.values("aria-labelledby") for name in value.split()]
    linked = [href[1:] for href in page.values("href") if href.startswith("#")]
    assert set(named + linked) <= set(ids)


def test_drawings_are_named_images(page: Page) -> None:
    drawings = page.all("svg")
    assert len(drawings) == 12
    for node in drawings:
        assert node.at["role"] == "img"
        assert {"title", "desc"} <= set(node.inner)


def test_nothing_runs_and_nothing_is_fetched(page: Page, text: str) -> None:
    assert not page.all("script", "link", "iframe", "img", "object", "embed")
    assert not page.values("src")
    assert not [name for node in page.nodes for name in node.at if name.startswith("on")]
    assert "@import" not in text
    assert "url(http" not in text
    away = [href for href in page.values("href") if href.startswith("http")]
    assert away == ["https://northshire.example/notices/integrated-dataset"]


def test_each_chart_stands_on_its_table_and_its_file(page: Page, text: str) -> None:
    assert text.index("Rate of A&amp;E attendance, visited") < text.index(
        'href="tables/fire-visits/effect.csv"'
    )
    files = [href for href in page.values("href") if href.endswith(".csv")]
    assert len(files) == len(set(files)) == 9


def test_a_list_shows_counts_and_no_rows(text: str) -> None:
    assert "The rows themselves went only to brightwater-energy" in text
    assert "4,210" in text


def test_the_notice_is_shown_only_for_synthetic_data(text: str) -> None:
    assert "Every person in this report is invented" in text
    real = render(replace(bundle(eligibility()), synthetic=False))
    assert "invented" not in real
    assert "Synthetic" not in real


def test_withheld_figures_and_missing_papers_are_said(text: str) -> None:
    assert ">[c]</abbr>" in text
    assert "Fewer than 10 people of this age were visited." in text
    assert "Not stated" in text
    bare = render(replace(bundle(eligibility()), quality=()))
    assert "No figure had to be withheld." in bare
    assert "should not be relied on" in bare


def test_text_from_outside_cannot_become_markup() -> None:
    sly = "<script>alert(1)</script>"
    table = checked("t", sly, {sly: [sly], "n": [12]}, notes=(sly,))
    product = replace(eligibility(), question=sly, tables=(table,), method=sly)
    out = render(replace(bundle(product), title=sly, authority={sly: (sly, "javascript:alert(1)")}))
    assert "<script" not in out
    assert 'href="javascript' not in out


def test_long_tables_open_on_request() -> None:
    table = checked("t", "T", {"p": [f"P{n:04}" for n in range(600)], "n": list(range(600))})
    out = render(bundle(replace(eligibility(), tables=(table,))))
    assert "Show 480 more rows" in out
    assert "P0499" in out
    assert "P0500" not in out
    assert "100 further rows are in the file only." in out


def test_a_headline_is_read_from_the_checked_table(text: str) -> None:
    assert "<dd>1.01\N{MULTIPLICATION SIGN}</dd>" in text
    assert "<dd>£1,432.50</dd>" in text
    held = Headline("held", "effect", "rate_ratio", {"estimate": "Aged 16 to 24"})
    assert "<dd>[c]</dd>" in render(bundle(replace(evaluation(), charts=(), headlines=(held,))))
    vague = Headline("vague", "effect", "rate_ratio")
    with pytest.raises(PlanError, match="points at 5 rows"):
        render(bundle(replace(evaluation(), charts=(), headlines=(vague,))))


@pytest.mark.parametrize(
    ("values", "written"),
    [
        ([12, 1234567, None], ["12", "1,234,567", "\N{EN DASH}"]),
        ([0.957, 1.07, -2.5], ["0.96", "1.07", "\N{MINUS SIGN}2.50"]),
        ([0.021, 0.42], ["0.021", "0.420"]),
        ([97.8, 99.0], ["97.8", "99.0"]),
        ([1432.5, 12.0], ["1,432.50", "12.00"]),
        ([123456.78, 1.0], ["123,457", "1"]),
        ([-0.0001, 0.5], ["0.000", "0.500"]),
        ([float("nan"), 3.0], ["\N{EN DASH}", "3"]),
        ([True, "text"], ["yes", "text"]),
    ],
)
def test_figures_are_written_for_people(values: list[object], written: list[str]) -> None:
    places = decimals(values)
    assert [write_figure(value, places) for value in values] == written


def test_column_names_become_headings() -> None:
    assert [heading(name) for name in ("smd_before", "ci_low", "pounds_per_head")] == [
        "SMD before",
        "CI low",
        "Pounds per head",
    ]
