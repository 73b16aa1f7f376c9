"""Every rule shows itself: its faulty lines, put into one sound agreement, are told by it and by nothing else."""

# ruff: noqa: E501 - a table reads best with a case a line
from __future__ import annotations

import json
import re
import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest
from agreement_example import NAMES, TODAY, load, published, text
from agreement_example import shelf as shipped_shelf
from click.testing import Result
from rules_example import SOUND, shelf, told
from typer.testing import CliRunner

from sharewell.agree import Request, decide, lint, load_agreement
from sharewell.agree.clauses import clause, shown
from sharewell.agree.decide import Asked
from sharewell.agree.lint import RULES, advise, rule
from sharewell.agree.rules import Rule, Weight
from sharewell.cli import app
from sharewell.describe import load_contract
from sharewell.errors import DocumentError, UnknownName

HERE = Path(__file__).parent


def edited(*changes: tuple[str, str]) -> set[str]:
    """What is told of the sound agreement with some of its words replaced."""
    made = SOUND
    for old, new in changes:
        assert old in made, old
        made = made.replace(old, new, 1)
    return told(made)


def test_the_sound_agreement_is_told_nothing() -> None:
    assert told(SOUND) == set()


@pytest.mark.parametrize("shown_rule", RULES, ids=lambda held: held.code)
def test_an_example_breaks_its_rule_and_its_fix_mends_it(shown_rule: Rule) -> None:
    assert edited((shown_rule.fix, shown_rule.example)) == {shown_rule.code}


@pytest.mark.parametrize("shown_rule", RULES, ids=lambda held: held.code)
def test_a_rule_says_why_and_on_whose_authority(shown_rule: Rule) -> None:
    assert re.fullmatch(r"[A-Z][A-Z_0-9]+", shown_rule.code)
    assert re.search(r"[a-z]", shown_rule.source)
    assert shown_rule.why[0].islower()
    assert shown_rule.reason.endswith(".")
    assert 100 < len(shown_rule.reason) < 600, "one paragraph"
    assert not (shown_rule.red_line and shown_rule.weight is Weight.ADVISES), "a veto is no advice"


MORE = [
    ("a party for which nobody may sign", {"SIGNATORY"}, ("signs: [{who: siro@north-host, as: senior information risk owner}]", "signs: []")),
    ("who signs for another body", {"SIGNATORY"}, ("siro@north-council, as", "siro@north-clinic, as")),
    ("joint controllers without an arrangement", {"JOINT_CONTROL"}, ("  joint_control: {", "  joint_control: null # {")),
    ("a sole joint controller", {"JOINT_CONTROL"}, ("north-council: {role: joint controller", "north-council: {role: controller")),
    ("a host without terms", {"PROCESSOR"}, ('    north-host:   {terms: "Contract NH-2', '    # {terms: "Contract NH-2')),
    ("terms for no party", {"PROCESSOR"}, ("  abroad: []", '    north-cloud: {terms: "Contract NH-3: on written instructions"}\n  abroad: []')),
    ("law enforcement by no party", {"PART_3"}, ("part_3: false", "part_3: {authority: The Crown, condition: paragraph 1, logging: Each use is logged by name}")),
    ("sensitive law enforcement without a condition", {"PART_3"}, ("part_3: false", "part_3: {authority: North Council, logging: Each use is logged by name}")),
    ("law enforcement that is not logged", {"PART_3"}, ("part_3: false", "part_3: {authority: North Council, condition: paragraph 1}")),
    ("offences with an authority under Part 3", set(), ("part_3: false", "part_3: {authority: North Council, condition: paragraph 1, logging: Each use is logged by name}"), ("article_10: Schedule 1 paragraph 6", "article_10: null")),
    ("a condition that asks for no policy document", set(), ("dpa_schedule_1: paragraph 6\n    policy_document: Policy document NH-3", "dpa_schedule_1: paragraph 2\n    policy_document: null"), ("article_10: Schedule 1 paragraph 6", "article_10: null"), ("part_3: false", "part_3: {authority: North Council, condition: paragraph 1, logging: Each use is logged by name}")),
    ("offences need a policy document", {"POLICY_DOCUMENT"}, ("dpa_schedule_1: paragraph 6\n    policy_document: Policy document NH-3", "dpa_schedule_1: paragraph 2\n    policy_document: null")),
    ("section 251 meets confidence", set(), ("section_251: null\n    confidentiality: explicit consent, taken at the clinic", "section_251: CAG-NS-1\n    confidentiality: null")),
    ("questions through a policy for rows", {"QUESTIONS"}, ("policy: official-statistics, limit", "policy: records, limit")),
    ("questions that nobody may ask", {"QUESTIONS"}, ("may: [run, ask, release]", "may: [run, release]")),
    ("re-identification of no product", {"REIDENTIFY"}, ("    damp-homes: {by: [nurse]", "    damp-house: {by: [nurse]")),
    ("re-identification by a role that may not", {"REIDENTIFY"}, ("{by: [nurse]", "{by: [analyst]")),
    ("a right to re-identify and no product", {"REIDENTIFY"}, ("  reidentification:\n    damp-homes: {", "  reidentification: {} # {")),
    ("onward to a party by the back door", {"ONWARD"}, ("to: regional-observatory", "to: north-clinic")),
    ("onward to a party that receives it anyhow", set(), ("to: regional-observatory", "to: north-council")),
    ("onward of a unit", set(), ("{what: asthma-gap, to: regional", "{what: home, to: regional")),
    ("a decision on no product", {"AUTOMATED", "DECISION"}, ("automated:\n    damp-homes:", "automated:\n    damp-house:")),
    ("nobody decides, and it can be looked at again", set(), ("human: A tariff adviser checks each offer", "contest: Anybody may ask the council to look again")),
    ("nobody decides on what sensitive fields say", {"AUTOMATED"}, ("subjects: {from: customers, add: {damp: {any: tenants, by: home, where: damp}}}", "subjects: {from: customers, add: {damp: {any: tenants, by: home, where: damp}, ill: {any: patients, by: home, where: asthma}}}"), ("rule: \"opened <= :at and damp\"", "rule: \"opened <= :at and damp and ill\""), ("home:   {of: [tenants, customers]", "home:   {of: [patients, tenants, customers]"), ("human: A tariff adviser checks each offer", "contest: Anybody may ask the council to look again")),
    ("a benefit that is measured elsewhere", set(), ("measure: asthma-gap.gap", "measure: calls to the helpline")),
    ("a risk of nobody", {"RISK_OWNER"}, ("residual: 2, owner: siro@north-host", 'residual: 2, owner: " "')),
    ("a risk owned by a post in words", set(), ("residual: 2, owner: siro@north-host", "residual: 2, owner: head of housing")),
    ("a redaction of nothing", {"DELIBERATION"}, ("agree.risks[1].measure", "agree.risks[2].measure")),
    ("rows kept longer than the agreement runs", {"RETENTION"}, ("keep: P90D", "keep: P9Y")),
    ("a view of one record, at each request", set(), ("as: [csv], every: year", "as: [view], every: request")),
    ("a view that is made each year", {"VIEW"}, ("as: [csv], every: year", "as: [view], every: year")),
    ("a file at each request", {"VIEW"}, ("as: [csv], every: year", "as: [csv], every: request")),
    ("a view of figures", {"VIEW"}, ("as: [csv, parquet, report], every: once", "as: [view], every: request")),
    ("a code of another scheme", set(), ("codes: [dpv:PublicBenefit]", "codes: [hdruk:planning]")),
    ("a consent about nothing", {"ORPHAN"}, ("consents: {tenancy:", "consents: {treasury: A consent to nothing here, tenancy:")),
    ("a Cyrillic letter in a body's full name", {"CONFUSABLE"}, ("name: North Council", "name: North C\u043euncil")),
    ("accents are no disguise", set(), ("name: North Council", "name: Cyngor Môn a Łódź")),
    ("another script is no disguise", set(), ("name: North Council", "name: North Council (Северный совет)")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "codes", "changes"), [(m[0], m[1], m[2:]) for m in MORE], ids=[m[0] for m in MORE]
)
def test_what_else_a_rule_sees_and_lets_pass(
    what: str, codes: set[str], changes: tuple[tuple[str, str], ...]
) -> None:
    assert edited(*changes) == codes


def test_advice_is_apart_from_faults() -> None:
    """It never reaches `lint`, and so neither a publication nor a decision."""
    agreement = load_agreement(SOUND.replace("notice_days: 28", "notice_days: 0"), "explained.yaml")
    plan, faults = lint(agreement, shelf())
    assert faults == ()
    assert [problem.code for problem in advise(agreement, plan, shelf())] == ["NOTICE_DAYS"]


def test_a_view_may_be_agreed_and_is_made_by_no_run_yet() -> None:
    written = SOUND.replace("as: [csv], every: year", "as: [view], every: request")
    agreement = load_agreement(written, "explained.yaml")
    plan, faults = lint(agreement, shelf())
    state = published(agreement, plan)
    run = Request(Asked.RUN, "a.khan@north-host", product="damp-homes")
    decision = decide(run, agreement, plan, faults, state, TODAY)
    assert [reason.code for reason in decision.reasons] == ["VIEW"]
    assert decision.alternative.startswith("The other products, each by its name")
    every = decide(replace(run, product=None), agreement, plan, faults, state, TODAY)
    assert "VIEW" in {reason.code for reason in every.reasons}, "a view is in the whole of it"
    other = Request(Asked.RUN, "a.khan@north-host", product="asthma-gap")
    assert decide(other, agreement, plan, faults, state, TODAY)


def test_a_misspelt_code_of_a_purpose_is_told_with_the_nearest() -> None:
    agreement = load_agreement(SOUND.replace("dpv:PublicBenefit", "dpv:PublicBenifit"), "explained.yaml")
    (told_of,) = advise(agreement, None, shelf())
    assert (told_of.code, told_of.where) == ("CODE", "explained.yaml:9")
    assert "did you mean dpv:PublicBenefit?" in told_of.fix


def test_every_code_can_be_looked_up() -> None:
    assert [rule(held.code.lower()) for held in RULES] == list(RULES)
    with pytest.raises(UnknownName, match="did you mean 'SIGNATORY'"):
        rule("SIGNATURY")


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("agree.risks[1].measure", ("agree", "risks", 0, "measure")),
        ("agree.law", ("agree", "law")),
        ("a.b.c", ("a.b", "c")),
        ("a.d", ("a", "d")),
        ("agree.risks[0]", None),
        ("agree.risks[9]", None),
        ("agree.risks.measure", None),
        ("agree.laws", None),
        ("agree.law.x", None),
        (".agree", None),
        ("agree..law", None),
    ],
)
def test_a_clause_is_found_by_its_path(path: str, found: tuple[str | int, ...] | None) -> None:
    said = {"agree": {"risks": [{"measure": "m"}], "law": "x"}, "a.b": {"c": 1}, "a": {"b": 2, "d": 3}}
    place = clause(said, path)
    assert place == found
    assert place is None or shown(place) == path


def test_a_contract_says_which_categories_it_holds(tmp_path: Path) -> None:
    written = (HERE / "warm-homes/catalogue/clinic.patients.yaml").read_text(encoding="utf-8")
    path = tmp_path / "clinic.patients.yaml"
    path.write_text(written + "customProperties: [{property: category, value: [health, children]}]\n")
    assert load_contract(path).asset().categories == {"health", "children"}
    path.write_text(written + "customProperties: [{property: category, value: helth}]\n")
    with pytest.raises(
        DocumentError, match="category is one of children, criminal-offence, health, not helth"
    ):
        load_contract(path)


def test_the_shipped_agreements_are_linted_quickly() -> None:
    """All of them, read, compiled, linted and advised: under a second, after import."""
    shelf_of = shipped_shelf()
    for name in NAMES:
        load(text(name))
    took = []
    for _ in range(3):
        began = time.process_time()
        for name in NAMES:
            agreement = load(text(name))
            plan, _ = lint(agreement, shelf_of)
            advise(agreement, plan, shelf_of)
        took.append(time.process_time() - began)
    assert min(took) < 1.0, took


def ask(*words: str) -> Result:
    return CliRunner().invoke(app, [*words], env={"COLUMNS": "160"})


@pytest.fixture
def space(tmp_path: Path) -> Path:
    """The small workspace, without data."""
    folder = shutil.copytree(HERE / "warm-homes", tmp_path / "north")
    (folder / "sharewell.toml").write_text('name = "north"\nclock = 2024-06-03\n')
    return folder


def test_lint_tells_advice_apart(space: Path) -> None:
    told_once = ask("lint", "--space", str(space))
    assert told_once.exit_code == 0
    assert "systems/warm-homes.yaml:6 ABROAD (advice)" in told_once.stdout
    assert told_once.stderr == ""
    assert ask("lint", "--strict", "--space", str(space)).exit_code == 2
    listed = json.loads(ask("lint", "--json", "--space", str(space)).stdout)
    assert {problem["weight"] for problem in listed} == {"advises"}


def test_a_rule_explains_itself() -> None:
    for words in (("rule", "split"), ("lint", "--rule", "SPLIT")):
        said = ask(*words)
        assert said.exit_code == 0
        for word in ("SPLIT (refuses)", "Source: ONS split-file practice", "Faulty:", "Mended:"):
            assert word in said.stdout
    assert "Red line: purpose creep" in ask("rule", "UNUSED").stdout
    every = json.loads(ask("rule", "--json").stdout)
    assert [held["code"] for held in every] == [held.code for held in RULES]
    assert all(held.values() for held in [{**held, "red_line": "-"} for held in every])
    assert ask("rule").stdout.count("refuses") + ask("rule").stdout.count("advises") >= len(RULES)
    assert (ask("rule", "NOPE").exit_code, "RULE" in ask("rule", "NOPE").stderr) == (2, True)


def test_example_shelf_differs_only_in_what_the_law_treats_apart() -> None:
    for name, asset in shelf().assets.items():
        plain = load_contract(HERE / "warm-homes/catalogue" / f"{name}.yaml").asset()
        assert replace(asset, categories=frozenset(), restrictions=frozenset()) == plain
