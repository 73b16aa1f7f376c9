"""Every request that could be put to the fuel-poverty agreement: only what was agreed is permitted."""

from __future__ import annotations

from itertools import product

import pytest
from agreement_example import FUEL, TODAY, compiled, published, text

from sharewell.agree import Request, decide
from sharewell.agree.decide import Asked, Verdict

ACTORS = ("r.osei@rebate-office", "clerk@rebate-office", "a.khan@brightwater-energy", "")
KINDS = (*Asked, "match", "re-identification")
PRODUCTS = (None, "brightwater-rebate", "fenland-rebate", "income-list")
RECIPIENTS = (None, "brightwater-energy", "fenland-power", "dwp", "rebate-office", "public")
FIELDS = ((), ("customer_ref",), ("customer_ref", "eligible"), ("eligible", "income"), ("surname",))
FORMS = (None, "yes/no", "aggregate", "identifiable", "hologram")
PURPOSES = (None, "rebate", "marketing")
OWN = {"brightwater-rebate": "brightwater-energy", "fenland-rebate": "fenland-power"}
MAY = {("r.osei@rebate-office", Asked.RUN), ("r.osei@rebate-office", Asked.RELEASE)}


def agreed(
    actor: str, kind: object, of: str | None, to: str | None, fields: tuple[str, ...], form: str | None
) -> bool:
    """The agreement, written once more by hand."""
    if (
        (actor, kind) not in MAY
        or form not in (None, "yes/no")
        or not set(fields) <= {"customer_ref", "eligible"}
    ):
        return False
    if of is None:
        return kind is Asked.RUN and to is None
    return of in OWN and to in (None, OWN[of])


@pytest.mark.parametrize("purpose", PURPOSES)
def test_only_what_was_agreed_is_permitted(purpose: str | None) -> None:
    agreement, plan = compiled(text(FUEL))
    state = published(agreement, plan)
    seen = 0
    for actor, kind, of, to, fields, form in product(ACTORS, KINDS, PRODUCTS, RECIPIENTS, FIELDS, FORMS):
        request = Request(kind, actor, purpose, of, to, fields, form)  # type: ignore[arg-type]
        decision = decide(request, agreement, plan, (), state, TODAY)
        right = agreed(actor, kind, of, to, fields, form) and purpose in (None, "rebate")
        assert bool(decision) is right, request
        assert decision.verdict in (Verdict.PERMIT, Verdict.DENY)
        assert right or (decision.reasons and decision.alternative)
        seen += right
    assert seen == (0 if purpose == "marketing" else 2 * 2 * 2 * 3 * 2 + 3 * 2)


def test_deciding_is_pure() -> None:
    agreement, plan = compiled(text(FUEL))
    state, request = published(agreement, plan), Request(Asked.RUN, "mallory@elsewhere", "marketing")
    first = decide(request, agreement, plan, (), state, TODAY)
    assert first == decide(request, agreement, plan, (), state, TODAY)
