"""What another version widens and narrows, in plain words; and nothing that changed is passed over in silence."""

# ruff: noqa: E501 - a table reads best with a case a line
from __future__ import annotations

import copy
import json
import shutil
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from rules_example import SOUND
from typer.testing import CliRunner

from sharewell import workspace
from sharewell.agree import load_agreement
from sharewell.agree.compare import Change, Direction, compare, differences, judge_of
from sharewell.agree.compared_flow import FLOW
from sharewell.agree.compared_terms import TERMS
from sharewell.agree.comparers import Entries, Judge, Members, Said, Words
from sharewell.agree.document import Text
from sharewell.cli import app
from sharewell.cli.checking import version
from sharewell.live.changes import changes

HERE = Path(__file__).parent
WIDER, NARROWER, NEUTRAL = Direction


def versions(*edits: tuple[str, str]) -> tuple[Change, ...]:
    """What changed between the sound agreement and the same with some of its words replaced."""
    made = SOUND
    for old, new in edits:
        assert made.count(old) >= 1, old
        made = made.replace(old, new, 1)
    return compare(load_agreement(SOUND, "old.yaml"), load_agreement(made, "new.yaml"))


def back(*edits: tuple[str, str]) -> tuple[Change, ...]:
    """The same the other way round."""
    made = SOUND
    for old, new in edits:
        made = made.replace(old, new, 1)
    return compare(load_agreement(made, "old.yaml"), load_agreement(SOUND, "new.yaml"))


# What is done to the sound agreement, what is then said, and which way; the other way round the opposite holds.
WIDENED = [
    ("a field", ("use: [damp]", "use: [damp, sex]"), "fields of tenants that go to the host: sex is added"),
    ("a linking field", ("link: [address, postcode]", "link: [address, postcode, surname]"), "fields of customers that go to the linker: surname is added"),
    ("a field that leaves", ("fields: [customer_ref, eligible]", "fields: [customer_ref, eligible, opened]"), "fields of damp-homes that leave: opened is added"),
    ("a recipient", ("damp-homes: {to: [north-energy]", "damp-homes: {to: [north-energy, north-council]"), "recipients of damp-homes: north-council is added"),
    ("a form", ("form: aggregate, as: [csv, parquet, report]", "form: de-personalised, as: [csv, parquet, report]"), "form of asthma-gap: is more identifying"),
    ("a party", ("    north-host:    {role: host,", "    north-school:  {role: recipient, signs: []}\n    north-host:    {role: host,"), "parties: north-school is added"),
    ("a purpose", ("    repairs:  {statement", "    marketing: {statement: Tell customers of other offers}\n    repairs:  {statement"), "purposes: marketing is added"),
    ("a use that was ruled out", (", never: [Decisions about one patient's care]", ""), "what planning may never be used for: Decisions about one patient's care is removed"),
    ("retention", ("retain: P90D", "retain: P180D"), "how long intermediate tables are kept: is more"),
    ("retention in other units", ("retain: P90D", "retain: P3M"), "how long intermediate tables are kept"),
    ("keeping by recipients", ("keep: P90D", "keep: P91D"), "how long recipients keep damp-homes: is more"),
    ("keeping without end", (", keep: P90D", ""), "how long recipients keep damp-homes: is more"),
    ("frequency", ("as: [csv], every: year", "as: [csv], every: month"), "how often damp-homes is released: is wider"),
    ("a file format", ("as: [csv], every: year", "as: [csv, parquet], every: year"), "file formats of damp-homes: parquet is added"),
    ("the end of the term", ("end: 2026-03-31", "end: 2027-03-31"), "end of the term: is more, or later"),
    ("an earlier start", ("start: 2024-04-01", "start: 2024-03-01"), "start of the term: is less, or earlier"),
    ("a later review", ("review: 2025-04-01", "review: 2025-10-01"), "review: is more, or later"),
    ("a user", ("who: [a.khan@north-host]", "who: [a.khan@north-host, b.lee@north-host]"), "accounts of analyst: b.lee@north-host is added"),
    ("a right of a user", ("may: [run, ask, release]", "may: [run, ask, release, view]"), "what analyst may do: view is added"),
    ("a role", ("    - {role: nurse,", "    - {role: clerk, who: [c@north-host], may: [view]}\n    - {role: nurse,"), "users: clerk is added"),
    ("less training", ("training: [data security awareness]", "training: []"), "training of nurse: data security awareness is removed"),
    ("no relationship", ("], relationship: A nurse who cares for the person}\n  questions", "]}\n  questions"), "what nurse must be to the person: is no longer said"),
    ("onward sharing", ("onward: [", "onward: [{what: home, to: the-region, why: It counts its homes}, "), "further sharing: home / the-region is added"),
    ("abroad", ("abroad: []", "abroad: [{to: Ireland, safeguard: Adequacy regulations of 2020}]"), "transfers abroad: Ireland is added"),
    ("silence on abroad", ("  abroad: []\n", ""), "transfers abroad: it is no longer said whether there are any"),
    ("re-identification", ("    damp-homes: {by: [nurse]", "    asthma-gap: {by: [nurse], trigger: A child is in danger, approver: g@north-clinic}\n    damp-homes: {by: [nurse]"), "re-identification: asthma-gap is added"),
    ("who re-identifies", ("{by: [nurse]", "{by: [nurse, analyst]"), "who may re-identify damp-homes: analyst is added"),
    ("no human", ("\n      human: A tariff adviser checks each offer", ""), "human who decides on damp-homes: is no longer said"),
    ("fewer days of notice", ("notice_days: 28", "notice_days: 7"), "days of notice before the first run: is less"),
    ("more answers", ("limit: 50}", "limit: 500}"), "number of answers: is more"),
    ("a smaller least number", ("with: {minimum: 12}", "with: {minimum: 5}"), "least number of people behind a figure of asthma-gap: is less"),
    ("a condition removed", ("conditions: {tariff", "conditions: {} # {tariff"), "conditions: tariff-published is removed"),
    ("a safeguard removed", ("security: [Every party holds Cyber Essentials Plus]", "security: []"), "security: Every party holds Cyber Essentials Plus is removed"),
    ("a consent beyond a restriction", ("consents: {tenancy", "consents: {treasury: They consent to this as well, tenancy"), "consents to go beyond a restriction: treasury is added"),
    ("off the register", ("register: public", "register: withheld"), "place in the register: is wider"),
    ("no notice", ("notice: https://north.example/warm-homes", "notice: null"), "public notice: is no longer said"),
    ("a coarsening removed", ("patients: {born: {to: month}}", "patients: {}"), "fields of patients made less telling: born is removed"),
    ("a source", ("  areas:     {from", "  streets:   {from: north-council, asset: council.areas}\n  areas:     {from"), "sources: streets is added"),
    ("a product", ("  damp-homes:\n    purpose: repairs", "  damp-streets:\n    purpose: repairs\n    question: Which streets are damp?\n    recipe: needs-gap\n    tables: {people: {from: tenants}}\n  damp-homes:\n    purpose: repairs"), "products: damp-streets is added"),
    ("children", ("subjects: [{who: Patients and tenants of North, number: 300, children: true}]", "subjects: [{who: Patients and tenants of North, number: 300, children: true, vulnerable: true}]"), "vulnerable people among Patients and tenants of North: is wider"),
    ("more people", ("number: 300", "number: 3000"), "number of Patients and tenants of North: is more"),
    ("a redaction", ("redactions: [{part", "redactions: [{part: describe, why: It is a secret now, by: siro@north-host}, {part"), "redactions: describe is added"),
    ("return in place of destruction", ("exit: destroy", "exit: return"), "what is done at the end: is wider"),
    ("return to a party that left", ("inputs: destroy, outputs", "inputs: return, outputs"), "records of a party that leaves: is wider"),
    ("a later word to partners", ("within_hours: 24", "within_hours: 72"), "hours until partners are told of a breach: is more"),
    ("a subprocessor", ("subprocessors: [North Cloud]", "subprocessors: [North Cloud, South Cloud]"), "whom north-linker engages in turn: South Cloud is added"),
    ("all controllers instruct", ("{for: [north-energy], terms", "{terms"), "who instructs north-linker: all, unless named"),
    ("a linked source", ("home:   {of: [tenants, customers]", "home:   {of: [tenants, customers, patients]"), "sources linked into home: patients is added"),
    ("unregistered", ("    registered: 2024-03-01\n    recipe: association", "    recipe: association"), "registration of damp-and-asthma: is no longer said"),
    ("a greater residual risk", ("residual: 2,", "residual: 3,"), "what is left of A supplier learns of damp homes: is more"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "edit", "said"), WIDENED, ids=[case[0] for case in WIDENED])
def test_a_widening_is_told_as_one(what: str, edit: tuple[str, str], said: str) -> None:
    found = [change for change in versions(edit) if change.what.startswith(said)]
    assert [change.direction for change in found] == [WIDER]
    assert found[0].old_where.startswith("old.yaml:")
    assert found[0].new_where.startswith("new.yaml:")


UNORDERED = {"retention in other units"}


@pytest.mark.parametrize(("what", "edit", "said"), WIDENED, ids=[case[0] for case in WIDENED])
def test_the_other_way_round_it_narrows(what: str, edit: tuple[str, str], said: str) -> None:
    directions = {change.direction for change in back(edit)}
    assert directions == ({WIDER} if what in UNORDERED else {NARROWER})


JUDGED = [
    ("the words of a purpose", ("Plan clinics where asthma goes", "Plan where asthma goes"), "`agree.purposes.planning.statement`: changed, and cannot be put in an order"),
    ("the purpose of a product", ("purpose: repairs\n", "purpose: planning\n"), "purpose of damp-homes: changed"),
    ("a gateway", ("Invented Act 2020 section 1", "Invented Act 2020 section 2"), "`agree.law.gateway`: changed"),
    ("a rule", ("opened <= :at and damp", "opened <= :at or damp"), "`analyse.damp-homes.with.rule`: changed"),
    ("a parameter", ("parameters: {at: 2024-04-01}", "parameters: {at: 2023-04-01}"), "`agree.parameters.at`: changed"),
    ("a policy", ("damp-and-asthma: {policy: official-statistics}", "damp-and-asthma: {policy: hes}"), "policy that damp-and-asthma passes: changed"),
    ("a setting that had a default", (", with: {minimum: 12}", ""), "least number of people behind a figure of asthma-gap: changed"),
    ("a role", ("north-energy:  {role: controller", "north-energy:  {role: recipient"), "`agree.parties.north-energy.role`: changed"),
    ("the trigger of a re-identification", ("A home is dangerous to", "A home may be dangerous to"), "`agree.reidentification.damp-homes.trigger`: changed"),
    ("a decision that is no longer told", ("  automated:\n    damp-homes:\n      decision: A customer in a damp home is offered a heating tariff\n      logic: The council's record says that the home is damp\n      human: A tariff adviser checks each offer\n", ""), "automated decisions: damp-homes is removed"),
    ("a risk that is no longer told", ("text: A supplier learns of damp homes", "text: A supplier learns of damp flats"), "risks told: A supplier learns of damp homes is removed"),
    ("a form that is simply different", ("form: yes/no, fields", "form: de-personalised, fields"), "form of damp-homes: is more identifying, or tells something else"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "edit", "said"), JUDGED, ids=[case[0] for case in JUDGED])
def test_what_cannot_be_ordered_is_judged_wider_both_ways(
    what: str, edit: tuple[str, str], said: str
) -> None:
    assert [c.direction for c in versions(edit) if c.what.startswith(said)] == [WIDER]
    assert WIDER in {change.direction for change in back(edit)}


def test_wording_is_neutral() -> None:
    found = versions(
        ("version: 1\n", "version: 2\n"),
        ("title: An agreement that says everything", "title: An agreement which says everything"),
        ("name: North Council", "name: The Council of North"),
        ("contact: office@north-clinic", "contact: front-desk@north-clinic"),
    )
    assert {change.direction for change in found} == {NEUTRAL}
    assert [change.path for change in found] == [
        "version",
        "title",
        "agree.parties.north-clinic.contact",
        "agree.parties.north-council.name",
    ]
    assert (found[0].before, found[0].after) == ("1", "2")


def test_comments_and_order_are_nothing() -> None:
    assert versions(("sharewell: 1\n", "sharewell: 1\n# a comment\n\n")) == ()
    planning, repairs = (
        line for line in SOUND.splitlines() if line.strip().startswith(("planning: {", "repairs:  {"))
    )
    assert versions((f"{planning}\n{repairs}", f"{repairs}\n{planning}")) == ()
    (order,) = versions(("use: [born, area, asthma]", "use: [area, born, asthma]"))
    assert (order.direction, order.what) == (
        NEUTRAL,
        "fields of patients that go to the host: in another order",
    )


def test_a_product_that_ends_narrows_and_takes_its_check_with_it() -> None:
    old = load_agreement(SOUND, "old.yaml")
    text = SOUND.replace("  damp-and-asthma: {policy: official-statistics}\n", "")
    text = text.replace(
        "  damp-and-asthma: {to: [north-council], form: aggregate, as: [csv], every: once}\n", ""
    )
    start, end = text.index("  damp-and-asthma:\n"), text.index("  damp-homes:\n    purpose")
    found = compare(old, load_agreement(text[:start] + text[end:], "new.yaml"))
    assert {change.direction for change in found} == {NARROWER}
    assert {change.what for change in found} == {
        "products: damp-and-asthma is removed",
        "releases: damp-and-asthma is removed",
    }


def test_a_field_that_leaves_takes_its_coarsening_with_it() -> None:
    found = versions(
        ("use: [born, area, asthma]", "use: [area, asthma]"), ("patients: {born: {to: month}}", "{}")
    )
    assert [(c.direction, c.what) for c in found] == [
        (NARROWER, "fields of patients that go to the host: born is removed")
    ]
    kept = versions(("patients: {born: {to: month}}", "{}"))
    assert [c.direction for c in kept] == [WIDER]


def test_each_change_is_told_at_both_lines() -> None:
    edited = SOUND.replace("sharewell: 1\n", "sharewell: 1\n# one line more\n").replace(
        "retain: P90D", "retain: P80D"
    )
    (found,) = compare(load_agreement(SOUND, "old.yaml"), load_agreement(edited, "new.yaml"))
    line = SOUND[: SOUND.index("retain:")].count("\n") + 1
    assert (found.old_where, found.new_where) == (f"old.yaml:{line}", f"new.yaml:{line + 1}")
    assert (found.before, found.after, found.path) == ("P90D", "P80D", "account.retain")


# --- nothing is passed over ------------------------------------------------------------------------------


def plain() -> dict[str, Any]:
    """The sound agreement as it was understood, with the parts that it leaves out filled in."""
    said = load_agreement(SOUND).text.model_dump(mode="json", by_alias=True)
    said["framework"] = "north@1"
    said["agree"]["law"]["part_3"] = {"authority": "North Council", "condition": "1", "logging": "by name"}
    said["agree"]["abroad"] = [{"to": "Ireland", "safeguard": "adequacy"}]
    said["agree"]["questions"]["with"] = {"minimum": 10}
    said["describe"]["patients"]["derive"] = {"age": "1"}
    said["link"]["home"]["with"] = {"x": 1}
    preferred = [{"trusted": ["patients"], "recent": None}, {"trusted": None, "recent": "born"}, "common"]
    said["link"]["home"]["golden"] = {"where": {"fields": ["address"], "by": preferred}}
    said["depersonalise"]["patients"]["born"]["with"] = {"x": 1}
    said["analyse"]["asthma-gap"]["tables"]["people"]["add"] = {
        "n": {"rows": "tenants", "any": None, "sum": None, "least": None, "most": None, "of": "x", "by": "home", "where": "damp", "lookup": {"areas": "area"}}
    }  # fmt: skip
    return said


Place = tuple[str | int, ...]


def leaves(value: Any, place: Place = ()) -> Iterator[Place]:
    """Every place that holds no further places, empty ones among them."""
    inside = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    held = list(inside)
    if not held:
        yield place
    for key, part in held:
        yield from leaves(part, (*place, key))


def at(value: Any, place: Place) -> Any:
    for part in place:
        value = value[part]
    return value


def with_changed(place: Place, changed: Any) -> dict[str, Any]:
    made = copy.deepcopy(plain())
    at(made, place[:-1])[place[-1]] = changed
    return made


def others(value: Any) -> list[Any]:
    """Values that are not this one, of its kind and of none."""
    of_kind: dict[type, list[Any]] = {
        str: [f"{value} and more", ""],
        bool: [not value],
        int: [2, 10**6],
        float: [0.5],
        list: [["x"]],
        dict: [{"x": "y"}],
    }
    found = of_kind.get(type(value), ["something"])
    return [other for other in [*found, None] if json.dumps(other) != json.dumps(value)]


HARMLESS = {place for place, judge in {**TERMS, **FLOW}.items() if isinstance(judge, Words)}
REWORDED = {"agree.transparency.notice", "agree.transparency.summary", "agree.joint_control.published"}
UNTIL_NOW_UNSAID = {
    "agree.benefits",
    "agree.risks",
    "agree.equality",
    "agree.consulted",
    "agree.deliberation.findings",
}
"""Lists in which one more entry is no more allowed than before, and is told as neutral."""


def pattern(place: Place) -> str:
    """The place as the tables of judges write it."""
    words: list[str] = []
    for part in place:
        names = tuple(words)
        own = judge_of((*names, str(part))) is None and isinstance(judge_of(names), Entries)
        words.append("*" if own or isinstance(part, int) else str(part))
    return ".".join(words)


@pytest.mark.parametrize("place", list(leaves(plain())), ids=lambda place: ".".join(map(str, place)))
def test_whatever_is_mutated_is_told(place: Place) -> None:
    """Each place of a full agreement, changed and emptied: always told, and as wording only where it is listed as such."""
    for other in others(at(plain(), place)):
        found = list(differences(plain(), with_changed(place, other)))
        assert found, (place, other)
        judged = {difference.judged.direction for difference in found}
        if pattern(place) not in HARMLESS | REWORDED:
            assert judged - {NEUTRAL} or pattern(place) in UNTIL_NOW_UNSAID, (place, other, found)


def paths(annotation: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every place of the schema that holds no further places; entries by name are `*`."""
    if hasattr(annotation, "__metadata__"):
        annotation = annotation.__origin__
    origin, inside = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            yield from paths(field.annotation, (*place, field.alias or name))
    elif origin in (Union, types.UnionType):
        for part in inside:
            yield from paths(part, place)
    elif origin is Annotated:
        yield from paths(inside[0], place)
    elif origin in (dict, tuple) and Literal not in map(get_origin, inside):
        yield from paths(inside[-1] if origin is dict else inside[0], (*place, "*"))
    else:
        yield place


def test_the_full_agreement_holds_every_place_of_the_schema() -> None:
    """So that the mutations above reach all of it: a new term that nobody mutates fails here."""
    held = {
        tuple("*" if isinstance(part, int) else str(part) for part in place) for place in leaves(plain())
    }

    def reached(path: tuple[str, ...]) -> bool:
        return any(
            len(got) >= len(path) - 1
            and all(a in (b, "*") or b == "*" for a, b in zip(path, got, strict=False))
            for got in held
        )

    missing = {path for path in set(paths(Text)) if not reached(path)}
    assert missing == set()


def test_every_judge_judges_a_place_that_there_is() -> None:
    """A judge of a place that the schema does not have would judge nothing."""
    known = {path[:n] for path in paths(Text) for n in range(1, len(path) + 1)}

    def there(place: str) -> bool:
        parts = tuple(place.split("."))
        return any(
            len(k) == len(parts) and all(a == b or "*" in (a, b) for a, b in zip(parts, k, strict=True))
            for k in known
        )

    within_settings = {place for place in {**TERMS, **FLOW} if ".with." in place}
    assert [place for place in {**TERMS, **FLOW} if not there(place) and place not in within_settings] == []
    assert within_settings == {"agree.questions.with.minimum", "check.*.with.minimum"}


def test_no_name_is_judged_by_both_tables() -> None:
    assert not TERMS.keys() & FLOW.keys()


Values = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.floats(-3, 3)
    | st.sampled_from(["", "P3D", "P1M", "P" + "9" * 30 + "D", "2024-04-01", "aggregate", "x"])
    | st.lists(st.sampled_from(["a", "b"]), max_size=3)
)
Nested = st.recursive(
    Values,
    lambda inner: st.dictionaries(st.sampled_from(["a", "with", "minimum", "*", "to"]), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.sampled_from(
        sorted(
            place
            for place, judge in {**TERMS, **FLOW}.items()
            if not isinstance(judge, Entries | Members | Said)
        )
    ),
    Values,
    Values,
)
def test_whatever_two_values_a_judge_is_given_it_answers(place: str, old: Any, new: Any) -> None:
    """Settings may hold anything; a judge never fails on it, and never passes a difference over."""
    judge: Judge = {**TERMS, **FLOW}[place]
    judged = list(judge.judge(old, new))
    assert judged or json.dumps(old) == json.dumps(new)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(Nested, Nested)
def test_settings_of_any_shape_are_compared(old: Any, new: Any) -> None:
    names = ("check", "asthma-gap", "with")
    found = list(differences({"k": old}, {"k": new}, names))
    assert bool(found) == (json.dumps(old, sort_keys=True) != json.dumps(new, sort_keys=True))
    assert all(difference.judged.direction is WIDER for difference in found)


# --- the workspace and the command line ------------------------------------------------------------------


@pytest.fixture
def space(tmp_path: Path) -> Path:
    """The small workspace, without data, and a second version of its agreement beside it."""
    folder = shutil.copytree(HERE / "warm-homes", tmp_path / "north")
    (folder / "sharewell.toml").write_text('name = "north"\nclock = 2024-06-03\n')
    return folder


def another(space: Path, *edits: tuple[str, str]) -> str:
    text = (space / "systems/warm-homes.yaml").read_text(encoding="utf-8")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    path = space / "second.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def ask(*words: str) -> tuple[int, str]:
    told = CliRunner().invoke(app, ["diff", *words], env={"COLUMNS": "160"})
    return told.exit_code, told.output


def test_diff_says_what_becomes_of_the_signatures(space: Path) -> None:
    same = ask("warm-homes", another(space), "--space", str(space))
    assert same[0] == 0
    assert same[1].endswith("What was signed has not changed: every signature holds.\n")
    wider = ask("warm-homes", another(space, ("retain: P90D", "retain: P1Y")), "--space", str(space))[1]
    assert "Widened: 1\n" in wider
    assert "every signature is void" in wider
    narrower = ask("warm-homes", another(space, ("retain: P90D", "retain: P30D")), "--space", str(space))[1]
    assert "Narrowed: 1\n" in narrower
    assert "it needs new signatures too" in narrower
    words = ask(
        "warm-homes", another(space, ("title: Asthma that", "title: Asthma which")), "--space", str(space)
    )[1]
    assert "Only wording changed" in words
    assert ask("warm-homes", "nobody", "--space", str(space))[0] == 2


def test_diff_in_json(space: Path) -> None:
    code, told = ask(
        "warm-homes", another(space, ("use: [damp]", "use: [damp, sex]")), "--json", "--space", str(space)
    )
    answer = json.loads(told)
    assert (code, answer["widened"], answer["same"]) == (0, True, False)
    assert [change["what"] for change in answer["changes"]] == [
        "fields of tenants that go to the host: sex is added"
    ]
    assert answer["changes"][0]["old_where"].startswith("systems/warm-homes.yaml:")


def test_each_version_is_read_under_the_framework_around_it(space: Path, tmp_path: Path) -> None:
    """An old text stands under the framework of its own workspace: what that said is compared as well."""
    second = shutil.copytree(space, tmp_path / "later")
    for folder, hours in ((space, 24), (second, 72)):
        (folder / "frameworks").mkdir()
        (folder / "frameworks/north.yaml").write_text(
            "sharewell: 1\nframework: north\nversion: 1\ntitle: The framework of North\n"
            "members: {north-clinic: {name: North Clinic}}\n"
            f"standing:\n  breach: {{report_to: a@north, within_hours: {hours}, steps: Stop everything at once}}\n"
            "term: {start: 2023-01-01, review: 2025-01-01, end: 2028-01-01}\n"
        )
        path = folder / "systems/warm-homes.yaml"
        path.write_text(path.read_text().replace("version: 1\n", "version: 1\nframework: north@1\n", 1))
    here = workspace.open(second)
    found = changes(version(str(space / "systems/warm-homes.yaml"), here), version("warm-homes", here))
    assert [(change.what, change.before, change.after) for change in found.changes] == [
        ("hours until partners are told of a breach: is more, or later", "24", "72")
    ]
    assert found.changes[0].old_where == "frameworks/north.yaml:7"


def test_what_changes_beneath_equal_texts_is_judged_wider(space: Path, tmp_path: Path) -> None:
    second = shutil.copytree(space, tmp_path / "later")
    contract = second / "catalogue/council.tenants.yaml"
    contract.write_text(
        contract.read_text().replace(
            "name: damp, logicalType: boolean, classification: plain",
            "name: damp, logicalType: boolean, classification: sensitive",
        )
    )
    here = workspace.open(second)
    found = changes(version(str(space / "systems/warm-homes.yaml"), here), version("warm-homes", here))
    assert found.widened
    assert [change.path for change in found.changes] == [""]
