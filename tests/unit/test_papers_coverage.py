"""Every field that an official template asks for is answered by the schema, a view, or somebody named."""

from __future__ import annotations

from itertools import chain

import pytest
from papers_example import all_papers, complete
from papers_templates import TEMPLATES

from sharewell.agree.document import Text
from sharewell.papers import PAPERS, Form
from sharewell.papers.form import Ask, Each, Elsewhere, Note, Show, View, paths
from sharewell.papers.place import covers, leaves

SCHEMA = tuple(leaves(Text))
FORMS = {form.name: form for form in PAPERS}


def test_the_schema_is_walked_to_its_leaves() -> None:
    assert "agree.law.policy_document" in SCHEMA
    assert "agree.parties.*.signs.*.who" in SCHEMA
    assert "agree.law.opt_out.scheme" in SCHEMA
    assert "account.withdrawal.inputs" in SCHEMA


@pytest.mark.parametrize(("name", "asked"), [(name, a) for name, all_ in TEMPLATES.items() for a in all_])
def test_each_field_of_a_template_is_answered_or_said_to_be_elsewhere(name: str, asked: str) -> None:
    answered = [part for part in FORMS[name].parts if not isinstance(part, Note) and asked in part.asks]
    assert answered, f"{name} does not answer {asked!r}"
    for part in answered:
        if isinstance(part, Elsewhere):
            assert len(part.why) > 20
        else:
            assert list(paths(part))


def test_no_paper_claims_a_template_field_that_there_is_not() -> None:
    for form in PAPERS:
        claimed = {asked for part in form.parts if not isinstance(part, Note) for asked in part.asks}
        assert claimed == set(TEMPLATES[form.name]), form.name


def test_the_data_use_row_has_its_31_columns_in_order() -> None:
    columns = [part.asks[0] for part in FORMS["data-use"].parts if isinstance(part, Ask | Elsewhere)]
    assert columns == list(TEMPLATES["data-use"])
    assert len(columns) == 31


@pytest.mark.parametrize("form", PAPERS, ids=lambda form: form.name)
def test_every_path_that_a_paper_shows_is_in_the_schema(form: Form) -> None:
    strange = [path for path in form.paths if not any(covers(path, leaf) for leaf in SCHEMA)]
    assert strange == []


@pytest.mark.parametrize("form", PAPERS, ids=lambda form: form.name)
def test_every_view_shows_something(form: Form) -> None:
    views = [part.view for part in form.parts if isinstance(part, Show)]
    views += [of for part in form.parts if isinstance(part, Ask) for of in part.of if isinstance(of, View)]
    assert all((view.blocks is None) != (view.lines is None) for view in views)


def test_every_term_of_the_agree_and_account_chapters_stands_in_some_paper() -> None:
    shown = set(chain.from_iterable(form.paths for form in PAPERS))
    unused = [
        leaf
        for leaf in SCHEMA
        if leaf.startswith(("agree.", "account."))
        and not leaf.startswith("agree.redactions")
        and not any(leaf == path or leaf.startswith(path + ".") for path in shown)
    ]
    assert unused == []


def test_whatever_is_written_can_be_read_on_some_paper() -> None:
    agreement, words = complete()
    text = repr(all_papers(agreement, internal=True))
    assert len(words) > 90
    assert {path for word, path in words.items() if word not in text} == set()


def test_a_table_of_entries_names_only_columns_that_its_entries_have() -> None:
    for form in PAPERS:
        for part in form.parts:
            if isinstance(part, Each):
                assert all(any(covers(path, leaf) for leaf in SCHEMA) for path in paths(part)), part.caption
