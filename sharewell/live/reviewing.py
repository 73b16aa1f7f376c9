"""Reviewing a standing index: readers at a desk, what they settle passed on, and what the linkage misses.

A reader sees names, so that more is asked of them than of who tends the index: that their role in the
agreement says `may: [review]`, and that they are of the body that keeps the index, where the names lie
already. Each session is entered in the account in counts; the index is open only for each look, so that two
people can read at once.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..account.events import JSON, EventKind
from ..agree.decide import Asked, Decision, Request, Verdict
from ..errors import DocumentError, LinkError, Problem
from ..run.groups import read_groups
from ..run.indexes import index_path, opened
from ..run.walk import must_permit
from .agreement import VERDICTS
from .linking import Named, Reading, enter, hand_keys_on, only_unit

if TYPE_CHECKING:
    import pyarrow as pa

    from ..link.index import Change, PersonIndex
    from ..link.review import Design, Desk, Settled
    from .agreement import LiveAgreement

MAY = "review"
"""What a role must allow, in the words of `users:`."""

BUDGET = 400
"""Pairs drawn for the first batch: two people read so many in about two days."""


@contextmanager
def desk(live: LiveAgreement, reader: str, because: str, *, draw: int = 0) -> Iterator[Desk]:
    """A reader's desk, for one permitted session. It goes on with the last batch; `draw` draws a new
    one of so many pairs, and where there is none one is drawn when the first pair is asked for.

    As it ends, counts of what was done are entered, and pairs that are settled since are passed on to the
    index as decisions of those who read them. Raises Refusal, and LinkError UNBUILT, BUSY, NO-PAIRS.
    """
    from ..link.review import Desk

    room = _room(live, reader, because)
    with room.index() as index:
        model = index.model
    made = Desk(
        room.path, room.key, room.last(), reader, model, room.look, lambda: live.space.now,
        known=room.known, begin=lambda: room.draw(BUDGET), within=room.within,
        scope=_scope(room.floor(model)), least=minimum(),
        band=lambda born: _band(born, live.space.now.date()),
    )  # fmt: skip
    try:
        if draw:
            made.batch = room.draw(draw)
        yield made
        made.done.update(room.pass_on())
    finally:
        room.enter(made)


@dataclass
class _Room:
    """What is behind a desk: the index, opened for each look, and the file of its reviews beside it."""

    live: LiveAgreement
    unit: str
    reader: str
    because: str
    path: Path
    key: bytes = field(repr=False)
    seen: set[Named] = field(default_factory=set, repr=False)

    @contextmanager
    def index(self) -> Iterator[PersonIndex]:
        place = self.live.agreement.text.link[self.unit].at
        with opened(self.live.space, self.live.name, self.unit, place) as index:
            yield index

    def last(self) -> str:
        from ..link.review import Reviews

        with Reviews.open(self.path, self.key) as reviews:
            made: list[str] = reviews.batches()["batch"].to_pylist()
        return made[-1] if made else ""

    def floor(self, model: Any) -> float:
        from ..link.index.edges import floor

        return floor(model)

    def draw(self, budget: int) -> str:
        """Queue a new sample of the pairs that the index keeps. LinkError NO-PAIRS where it keeps none."""
        from ..link.review import Design, Reviews, draw

        with self.index() as index:
            pairs, threshold = index.scored(), index.model.least
        if not pairs.num_rows:
            what, why = "there is no pair to read", "verified numbers settle all that this index holds"
            raise LinkError(Problem("NO-PAIRS", what, why, "review when it holds records without a number"))
        with Reviews.open(self.path, self.key) as reviews:
            design: Design = Design(threshold, budget=budget, seed=reviews.batches().num_rows + 1)
            return reviews.add(draw(pairs, design, self.key), design, self.live.space.now)

    def look(self, wanted: Sequence[Named]) -> pa.Table:
        with self.index() as index:
            held = index.held(wanted)
        self.seen |= set(zip(held["source"].to_pylist(), held["record"].to_pylist(), strict=True))
        return held

    def within(self, record: Named) -> pa.Table:
        with self.index() as index:
            return index.scored(record)

    def known(self, named: Named) -> Named:
        from ..depersonalise import Use

        secret = self.live.space.keyring.secret(self.live.name, Use.ACCOUNT)
        with self.index() as index:
            return Reading(self.live, self.unit, index, secret).known(named)

    def pass_on(self) -> Counter[str]:
        """Tell the index what readers settled; answers how many pairs were the same and different, and how
        many the index would not take, which are tried again with the next session."""
        from ..link.review import Reviews

        told: Counter[str] = Counter()
        with Reviews.open(self.path, self.key) as reviews:
            due = reviews.due()
        if not due:
            return told
        with self.index() as index:
            for each in due:
                try:
                    change = self._decide(index, each)
                except LinkError:
                    told["refused by the index"] += 1
                    continue
                with Reviews.open(self.path, self.key) as reviews:
                    reviews.pass_on(each.pair.pair, self.live.space.now)
                if change is not None:
                    told[each.verdict.value] += 1
        return told

    def _decide(self, index: PersonIndex, each: Settled) -> Change | None:
        """One decision, in the names of those who read the pair; None if a record of it is gone."""
        from ..link.index import Act

        live, pair = self.live, each.pair
        readers, why = ", ".join(each.readers), f"review: read by {len(each.readers)}"
        if index.held([pair.left, pair.right]).num_rows < 2:
            return None
        decide = index.same if each.verdict.value == "same" else index.different
        change = decide(pair.left, pair.right, Act(readers, live.name, live.space.now, why))
        hand_keys_on(live, self.unit, change)
        counts: dict[str, JSON] = {name: int(count) for name, count in change.counts.items()}
        facts: dict[str, JSON] = {
            "unit": self.unit,
            "act": each.verdict.value,
            "because": why,
            "index": counts,
        }
        enter(live, EventKind.LINK_DECIDED, readers, facts)
        return change

    def enter(self, made: Desk) -> None:
        """What was done, in counts: a session of reading, or one look."""
        done = made.done
        read = bool(made.batch) and any(done[name] for name in ("shown", "answered"))
        asked = "review" if read else "metrics" if made.figured else "explain"
        counts: dict[str, JSON] = {name: count for name, count in sorted(done.items()) if count}
        facts: dict[str, JSON] = {"unit": self.unit, "asked": asked, "because": self.because}
        facts |= {"records": 0 if asked == "metrics" else len(self.seen), "done": counts}
        if made.batch:
            facts["batch"] = made.batch
        kind = EventKind.LINK_REVIEWED if read else EventKind.LINK_READ
        enter(self.live, kind, self.reader, facts)


def _scope(floor: float) -> str:
    return (
        "Recall is among the pairs that the index keeps: brought together by blocking, of"
        f" {floor:+.1f} bits or more, and not both of verified numbers of their own. Matches outside these"
        " are missed and not counted here. Figures are of the model when the pairs were drawn, not of what"
        " readers have put right since."
    )


def _room(live: LiveAgreement, reader: str, because: str) -> _Room:
    from ..depersonalise import Use

    unit = only_unit(live)
    if not because.strip():
        raise DocumentError(Problem("BECAUSE", "it is not said why", "every look is accounted for"))
    must_permit(permitted(live, unit, reader, because))
    live.space.keyring.issue(live.name, at=live.space.now)
    key = live.space.keyring.secret(live.name, Use.INDEX)
    return _Room(live, unit, reader, because, _reviews_path(live, unit), key)


def permitted(live: LiveAgreement, unit: str, reader: str, because: str) -> Decision:
    """May this person read? Whatever stands against tending the index stands against reading it, but for
    who may; entered in the account like any decision.
    """
    users, place = live.agreement.text.agree.users, live.agreement.text.link[unit].at
    tends = [who for user in users if "link" in user.may for who in user.who]
    held = live.foresee(Request(Asked.LINK, tends[0] if tends else reader, reason=because))
    reasons = list(held.reasons)
    may = sorted(who for user in users if MAY in user.may for who in user.who if _of(who) == place)
    verdict = held.verdict
    if reader not in may:
        verdict = Verdict.DENY
        fix = (
            f"ask one of those who may: {', '.join(may)}"
            if may
            else f"name somebody of {place} in `users:`, with `may: [{MAY}]`"
        )
        what = f"only who may {MAY} under this agreement, and is of {place}, reads pairs"
        why, where = (
            "a reader sees names, and they are at the linker alone",
            live.agreement.at("agree", "users"),
        )
        reasons.append(Problem("ACTOR", what, why, fix, where))
    codes: list[JSON] = [*sorted({reason.code for reason in reasons})]
    enter(live, VERDICTS[verdict], reader, {"asked": MAY, "product": "all", "codes": codes})
    return Decision(verdict, tuple(reasons), held.alternative)


def _of(who: str) -> str:
    return who.rpartition("@")[2]


def _band(born: dt.date, on: dt.date) -> str:
    """The age band of one birth, as match rates by age tell it."""
    import pyarrow as pa

    one = pa.table({"value": [born], "records": [1], "found": [1]})
    return str(read_groups(one, "age", on)["group"][0].as_py())


def minimum() -> int:
    """How many a figure about the data themselves must rest on."""
    from ..check import POLICIES
    from ..run.publication import QUALITY_POLICY

    return POLICIES[QUALITY_POLICY].minimum


def forget(live: LiveAgreement, unit: str, record: Named) -> int:
    """Forget in the reviews which record was meant; answers in how many pairs. For a record, as the index
    knows it, that is erased, severed or withdrawn."""
    from ..depersonalise import Use
    from ..link.review import Reviews

    path = _reviews_path(live, unit)
    if not path.exists():
        return 0
    with Reviews.open(path, live.space.keyring.secret(live.name, Use.INDEX)) as reviews:
        return reviews.erase(*record)


def _reviews_path(live: LiveAgreement, unit: str) -> Path:
    place = live.agreement.text.link[unit].at
    path = index_path(live.space, live.name, unit, place)
    if not path.exists():
        what, fix = f"{live.name} has no index of {unit} yet", f"sharewell link run {live.name}"
        raise LinkError(Problem("UNBUILT", what, "there is nothing to read", fix))
    return path.with_name(f"{unit}.reviews.duckdb")
