"""Deliveries: each asset that a run admits is entered in the account, and held against earlier ones.

A delivery is its bytes and the day it describes: the contract's custom property `as_of`, or else the day
by the workspace's clock when those bytes first came. The same bytes for the same day are the same
delivery, however often an agreement is run over them; bytes that are still there after the next delivery
was due were supplied twice. A delivery that came twice, is older than one held, or follows a missing one
is told in the data-quality statement; where the contract's custom property `feed_severity` is `error`, it
stops the run as doubtful quality.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from ..account.events import EventKind
from ..errors import DataError, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..account import Account
    from ..describe import Admitted, Contract, Feed, Measured

RULES = {
    "TWICE": "no delivery is supplied twice",
    "OLD": "no delivery is older than one held",
    "LATE": "no delivery is missing or late",
}
"""What a delivery is held to, by the code of `describe.check_feed`."""


@dataclass(frozen=True)
class Delivery:
    """One delivery in the light of those before it. `new` says that the account does not hold it yet."""

    feed: Feed
    earlier: tuple[Feed, ...]
    measured: tuple[Measured, ...]
    new: bool

    @property
    def rows(self) -> list[int]:
        """The rows of each earlier delivery."""
        return [feed.rows for feed in self.earlier]


def keyed(digest: str, secret: bytes) -> str:
    """A digest that only the account's key can make: a bare one of a small file can be guessed."""
    return hmac.new(secret, digest.encode(), hashlib.sha256).hexdigest()


def judge(
    account: Account, agreement: str, contract: Contract, admitted: Admitted, key: str, on: date
) -> Delivery:
    """Hold what was admitted on a day against earlier deliveries. DataError AS_OF for no date."""
    from ..describe import Feed, check_feed
    from ..describe.feed import due_by

    held = _held(account, agreement, contract.id)
    stated = _stated(contract)
    as_of = stated or on
    if stated is None:
        same = max((feed.as_of for feed in held if feed.digest == key), default=None)
        due = due_by(same, contract) if same else None
        as_of = same if same and (due is None or on <= due) else on
    known = [(feed.digest, feed.as_of) for feed in held]
    new = (key, as_of) not in known
    earlier = held if new else held[: known.index((key, as_of))]
    # Without a stated day, other bytes on the same day are a correction.
    earlier = [feed for feed in earlier if stated or feed.as_of < as_of]
    problems = check_feed(key, as_of, earlier, contract)
    measured = tuple(_measured(problem, contract, admitted) for problem in problems)
    return Delivery(Feed(key, as_of, admitted.rows), tuple(earlier), measured, new)


def _held(account: Account, agreement: str, asset: str) -> Sequence[Feed]:
    from ..describe import Feed

    return [
        Feed(str(told["digest"]), date.fromisoformat(str(told["as_of"])), int(str(told["rows"])))
        for event in account.events(agreement=agreement, kind=EventKind.DESCRIBE_ADDED)
        if (told := event.facts)["asset"] == asset
    ]


def _stated(contract: Contract) -> date | None:
    told = contract.custom("as_of")
    try:
        return date.fromisoformat(str(told[0])) if told else None
    except ValueError:
        fix = "write it as YYYY-MM-DD"
        raise DataError(Problem("AS_OF", "`as_of` is not a date", "", fix, contract.id)) from None


def _measured(problem: Problem, contract: Contract, admitted: Admitted) -> Measured:
    from ..describe import Measured
    from ..describe.rules import Metric

    strict = "error" in contract.custom("feed_severity")
    return Measured(
        rule=RULES[problem.code],
        asset=contract.id,
        metric=Metric.VOLUME,
        fields=(),
        dimension="currency",
        measured=None,
        limit="as promised",
        holds=False,
        severity="error" if strict else "warning",
        rows=admitted.rows,
        note=f"{problem.code}: {problem.what}",
    )
