"""`run --suggest`: what it says would let more figures leave does; where nothing would, it says so."""

from __future__ import annotations

from pathlib import Path

from gate_example import agreed, give, place, said
from workspace_example import ACTOR, NAME, identifiers, make, run

from sharewell.check import Policy, gate
from sharewell.check.suggestions import measure, suggest

POLICY = "asthma-gap: {policy: official-statistics}"
STRICT = "asthma-gap: {policy: sdap, with: {minimum: 20}}"


def test_what_is_suggested_holds_when_it_is_followed(tmp_path: Path) -> None:
    space = place(tmp_path, agreed().replace(POLICY, STRICT))
    result = give(space, "run", NAME, "--as", ACTOR, "--suggest")
    assert result.exit_code == 0, result.output
    assert "asthma-gap: what would let more figures leave" in said(result)
    assert not [secret for secret in identifiers() if secret in said(result)]
    outcome = run(space)
    finding, checked = outcome.findings["asthma-gap"], outcome.checked["asthma-gap"]
    before = measure(checked)[0] / measure(checked)[1]
    assert before < 1, "the plant: something is withheld"
    found = suggest(finding, Policy.from_mapping(checked.certificate.policy), gate)
    assert found
    for suggestion in found:
        assert suggestion.text in said(result)
        shown, figures, _ = measure(gate(suggestion.finding, suggestion.policy))
        assert (shown, figures) == (suggestion.shown, suggestion.figures)
        assert shown / figures > before


def test_where_nothing_is_withheld_nothing_is_suggested(tmp_path: Path) -> None:
    result = give(make(tmp_path / "north"), "run", NAME, "--as", ACTOR, "--suggest")
    assert result.exit_code == 0
    assert "No single change would let more figures leave." in result.stdout
    assert "what would let more" not in result.stdout
