"""C, tackling fuel poverty: its acceptance, line by line."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ..account.events import EventKind
from ..agree.decide import Asked, Request
from ..county import Effects
from .line import Line, exactly, within
from .stage import Staged, Tell, staged

PEOPLE = 100_000
SERVICES = ("dwp", "hmrc", "voa", "energy")
LISTS = {"brightwater-rebate": "brightwater", "fenland-rebate": "fenland"}
RECIPIENTS = {"brightwater-rebate": "brightwater-energy", "fenland-rebate": "fenland-power"}


def prove(seed: int, seeds: int, tell: Tell) -> list[Line]:
    """Every line of C; none of them is a rate, so `seeds` changes nothing."""
    with staged("tackling-fuel-poverty", PEOPLE, seed, SERVICES, Effects(), tell) as done:
        return [*_match(done), *_lists(done), *_refusals(done), _account(done)]


def _match(done: Staged) -> list[Line]:
    """Yes on a bill against the truth: entitled, and claimant or partner named on it."""
    truth = done.truth["eligibility"]
    due = pa.table({"customer_ref": truth["customer_ref"], "due": pc.not_equal(truth["eligible"], "no")})
    told = pa.concat_tables([done.outcome.checked[name].data for name in LISTS])
    both = told.join(due, keys="customer_ref", join_type="inner")
    right = pc.sum(pc.and_(both["eligible"], both["due"])).as_py()
    return [
        within("precision of yes >= 99.5%", right / pc.sum(both["eligible"]).as_py(), 0.995, 1),
        within("automatic recall >= 92% of those due", right / pc.sum(both["due"]).as_py(), 0.92, 1),
        exactly("customers without an answer", truth.num_rows - both.num_rows, 0),
    ]


def _lists(done: Staged) -> list[Line]:
    """What left: two columns, to the own supplier, about its own customers; nothing of anybody else."""
    columns, strangers = set(), 0
    for name, folder in done.outcome.lists.items():
        held = pq.read_table(folder / f"{name}.parquet")
        columns.add(tuple(held.column_names))
        own = done.folder / "data" / LISTS[name] / "customers.parquet"
        refs = set(pq.read_table(own, columns=["customer_ref"])["customer_ref"].to_pylist())
        strangers += len(set(held["customer_ref"].to_pylist()) - refs)
    outbox = done.live.space.kept / "outbox"
    told = {path.name for path in outbox.iterdir()}
    return [
        exactly("columns that left", columns, {("customer_ref", "eligible")}, "customer_ref, eligible"),
        exactly("recipients of a list", told, set(RECIPIENTS.values()), ", ".join(sorted(told))),
        exactly("records of anybody but the supplier's own customers", strangers, 0),
    ]


def _refusals(done: Staged) -> list[Line]:
    """A further field, a second purpose, another supplier's customer: refused, and in the account."""
    live = done.live
    who = done.runner.request.actor
    asked = {
        "a further field": Request(
            Asked.RELEASE, who, "rebate", "brightwater-rebate", fields=("eligible", "income")
        ),
        "a second purpose": Request(Asked.RELEASE, who, "marketing", "brightwater-rebate"),
        "another supplier's customers": Request(
            Asked.RELEASE, who, "rebate", "brightwater-rebate", recipient="fenland-power"
        ),
    }
    allowed = Request(
        Asked.RELEASE, who, "rebate", "brightwater-rebate", "brightwater-energy", ("eligible",)
    )
    lines = []
    for what, request in asked.items():
        before = _refused(done)
        decision = live.decide(request)
        codes = ", ".join(sorted({reason.code for reason in decision.reasons}))
        lines.append(
            exactly(
                f"{what} is refused and logged",
                (bool(decision), _refused(done) - before),
                (False, 1),
                codes,
            )
        )
    return [*lines, exactly("what was agreed is permitted", bool(live.decide(allowed)), True)]


def _refused(done: Staged) -> int:
    events = done.live.space.account.events(agreement=done.live.name, kind=EventKind.DECIDE_REFUSED)
    return sum(1 for _ in events)


def _account(done: Staged) -> Line:
    return exactly("the account holds", done.live.space.account.verify().holds, True)
