"""From what a workshop found to the lines of the agreements that it changes.

The lines are printed for people to paste: an agreement is a signed text, and nobody but its owner edits it.
An agreement holds one deliberation, so what a later day adds is joined to what stands there. Findings and
conditions that stand there are kept to the letter: a condition that was met is known by its words, and
stays met.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from ..agree.clauses import clause
from ..agree.document import Text
from ..agree.weighing import Condition, Deliberation, Finding
from ..errors import Problem, among
from .day import DayText
from .figures import Figures
from .sayings import Found, due_of, say_before

_SETTLE = "mend the row, type its sheet again with `settled` as its entry, enter it and conclude again"
_CONDITIONS = "agree.deliberation.conditions"
_WORDS = 5
_LONGEST = 60


@dataclass(frozen=True)
class Conclusion:
    """What a day adds to an agreement.

    deliberation: the whole of it, as YAML would hold it, what stood there first; empty if nothing is new.
    fresh: how many findings and conditions are new. standing: how many of the day's stand there already.
    faults: what cannot be put into the agreement as it was typed, and why.
    """

    deliberation: Mapping[str, Any]
    fresh: int
    standing: int
    faults: tuple[Problem, ...]


def by_agreement(found: Iterable[Found]) -> dict[str, list[Found]]:
    """The findings by the agreement that they name, in its order; those that name none are under ""."""
    told: dict[str, list[Found]] = {}
    for each in found:
        told.setdefault(each.agreement or "", []).append(each)
    return dict(sorted(told.items()))


def about_none(found: Iterable[Found]) -> list[Problem]:
    """Of findings that name no agreement: each condition, which nothing would hold."""
    why = "a condition holds back the runs of one agreement, and of nothing else"
    return [
        Problem("AGREEMENT", f"it is not said which agreement must wait for: {_short(asked)}", why, _SETTLE)
        for asked in (each.condition for each in found)
        if asked
    ]


def conclusion(day: DayText, figures: Figures, found: Sequence[Found], agreement: Text) -> Conclusion:
    """What the findings about an agreement add to its text."""
    draft = _Draft(agreement)
    for each in found:
        draft.take(each)
    held = agreement.agree.deliberation
    if not draft.fresh and (draft.faults or (held is not None and _is_named(day, held))):
        return Conclusion({}, 0, draft.standing, tuple(draft.faults))
    told = {**_event(day, _who(day, figures), held), "findings": draft.findings}
    if draft.conditions:
        told["conditions"] = draft.conditions
    return Conclusion(told, draft.fresh, draft.standing, tuple(draft.faults))


def as_yaml(deliberation: Mapping[str, Any]) -> str:
    """The lines to paste under `agree:`."""
    import yaml

    told: str = yaml.safe_dump(
        {"deliberation": dict(deliberation)}, sort_keys=False, allow_unicode=True, width=100
    )
    return "".join(f"  {line}\n" for line in told.splitlines())


class _Draft:
    """The findings and conditions of an agreement, to which those of a day are added."""

    def __init__(self, agreement: Text) -> None:
        held = agreement.agree.deliberation
        told = held.model_dump() if held else {}
        self.said, self.name = agreement.model_dump(by_alias=True), agreement.agreement
        self.findings: list[dict[str, Any]] = list(told.get("findings", ()))
        self.conditions: dict[str, dict[str, Any]] = dict(told.get("conditions", {}))
        self.fresh = self.standing = 0
        self.faults: list[Problem] = []

    def take(self, each: Found) -> None:
        """Add a finding, and the condition that it sets; or what stands in the way of either."""
        condition = self._condition(each) if each.condition else ""
        if any(_alike(held["said"], each.said) and _fits(held, each.clause) for held in self.findings):
            self.standing += 1
            return
        # What asks for something, and changes no other clause, has made its condition a clause.
        path = each.clause or (f"{_CONDITIONS}.{condition}" if condition else "")
        if path and (not each.clause or clause(self.said, path) is not None):
            made = {"said": each.said, "clause": path}
            if self._can_stand(Finding, made, each.said):
                self.findings.append(made)
                self.fresh += 1
        elif path:
            self._fault("CLAUSE", f"{path!r} is no clause of it: {_short(each.said)}", self._near(path))
        elif not each.condition:  # without an owner it has a fault already
            self._fault("CLAUSE", f"no clause of it is named by: {_short(each.said)}", "name the clause")

    def _condition(self, each: Found) -> str:
        """The name of the condition that a finding sets; empty where it cannot be one."""
        assert each.condition is not None
        for name, held in self.conditions.items():
            if _alike(held["text"], each.condition) and each.before in (None, str(held["before"])):
                self.standing += 1
                return name
        due = due_of(each.before)
        if due is None:
            self._fault(
                "BEFORE", f"nothing can be due as it was typed: {_short(each.condition)}", say_before()
            )
        if not each.owner:
            fix = "have people agree which post sees to it, and write that under `owner`"
            self._fault("OWNER", f"it is not said who sees to: {_short(each.condition)}", fix)
        made = {"text": each.condition, "before": due, "owner": each.owner}
        if due is None or not each.owner or not self._can_stand(Condition, made, each.condition):
            return ""
        name = _name(each.condition, self.conditions)
        self.conditions[name] = made
        self.fresh += 1
        return name

    def _can_stand(
        self, model: type[Finding] | type[Condition], made: Mapping[str, Any], words: str
    ) -> bool:
        try:
            model.model_validate(made)
        except ValidationError as error:
            reasons = ", ".join(f"{each['loc'][0]}: {each['msg']}" for each in error.errors())
            self._fault("WORDS", f"an agreement cannot hold {_short(words)} ({reasons})", "say it in full")
            return False
        return True

    def _fault(self, code: str, what: str, fix: str) -> None:
        self.faults.append(Problem(code, what, _WHY[code], f"{fix}; {_SETTLE}", self.name))

    def _near(self, path: str) -> str:
        """What stands in the agreement where a path leaves it."""
        known = path
        while (place := clause(self.said, known)) is None:
            known = known.rpartition(".")[0]
        held: Any = self.said
        for key in place:
            held = held[key]
        if not isinstance(held, Mapping):
            return f"{known} has no parts that bear names"
        wrong = path.removeprefix(known).removeprefix(".").partition(".")[0]
        return f"{known or 'the agreement'}: {among(wrong, held)}"


_WHY = {
    "CLAUSE": "what people found is traced to the clause that it changed, and lint stops at any other",
    "BEFORE": "it would be held back until nobody knows when",
    "OWNER": "what is nobody's to do is done by nobody, and would hold the agreement for ever",
    "WORDS": "everybody who signs it must understand it",
}


def _is_named(day: DayText, held: Deliberation) -> bool:
    """Whether a deliberation is, or already names, this day."""
    return held.when == day.held.on or f"({day.held.on})" in held.event


def _event(day: DayText, who: str, held: Deliberation | None) -> dict[str, Any]:
    """The event, its day and who came; of several, the last day, and every earlier one behind its event."""
    on = day.held.on
    if held is None:
        return {"event": day.title, "when": on, "who": who}
    told: dict[str, Any] = {"event": held.event, "when": held.when}
    if held.who:
        told["who"] = held.who
    if _is_named(day, held):
        return told
    if on > held.when:
        told |= {"event": f"{held.event} ({held.when}); {day.title}", "when": on}
    else:
        told["event"] = f"{day.title} ({on}); {held.event}"
    return told | {
        "who": " ".join((f"{held.who.rstrip('.')}." if held.who else "", f"On {on}: {who}")).strip()
    }


def _who(text: DayText, figures: Figures) -> str:
    people = (
        "How many came was not written down" if figures.people is None else f"{figures.people} people came"
    )
    gone = [group.who for group in text.invited if group.came == 0]
    return f"{people}." + (f" Nobody came from: {'; '.join(gone)}." if gone else "")


def _alike(one: str, other: str) -> bool:
    """Whether two say the same but for spaces, capitals and the last full stop."""
    first, second = (" ".join(text.split()).casefold().rstrip(".") for text in (one, other))
    return first == second


def _fits(held: Mapping[str, Any], path: str | None) -> bool:
    return path is None or held["clause"] == path


def _short(words: str) -> str:
    return words if len(words) <= _LONGEST else f"{words[: _LONGEST - 1].rstrip()}\N{HORIZONTAL ELLIPSIS}"


def _name(condition: str, taken: Mapping[str, Any]) -> str:
    """A name from the first words of a condition, with a number where that is taken."""
    words = re.findall(r"[a-z]+", condition.lower())[:_WORDS]
    first = "-".join(words)[:_LONGEST].rstrip("-") or "condition"
    number, name = 1, first
    while name in taken:
        number += 1
        name = f"{first}-{number}"
    return name
