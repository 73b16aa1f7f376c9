"""What is asked of an agreement, what is known when it is asked, and what is answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ..errors import Problem


class Verdict(StrEnum):
    PERMIT = "PERMIT"
    REVIEW = "REVIEW"
    DENY = "DENY"


class Asked(StrEnum):
    """The kinds of request. Those that no agreement can grant yet are denied like any unknown."""

    RUN = "run"
    VIEW = "view"
    RELEASE = "release"
    ASK = "ask"
    LINK = "link"


OF_ONE_PRODUCT = (Asked.VIEW, Asked.RELEASE)
"""Requests that must say which product they are of."""


@dataclass(frozen=True)
class Request:
    """Who asks for what. `product` None means all; `fields`, `form`, `recipient` narrow a release.

    `products` are several by name, for a run of these alone. What is asked of all products, or of several,
    must be agreed for each of them.
    """

    kind: Asked
    actor: str
    purpose: str | None = None
    product: str | None = None
    recipient: str | None = None
    fields: tuple[str, ...] = ()
    form: str | None = None
    reason: str = ""
    products: tuple[str, ...] = ()

    @property
    def named(self) -> tuple[str, ...]:
        """The products that it names; none where it is of all."""
        return self.products if self.product is None else (self.product, *self.products)


@dataclass(frozen=True)
class Quality:
    """The outcome of one quality rule on one asset, as last measured."""

    asset: str
    rule: str
    holds: bool
    severity: str


OF_THE_INDEX = (Asked.LINK,)
"""Requests about the standing index of an agreement: no product is in them."""


@dataclass(frozen=True)
class IndexState:
    """Another agreement's standing index: where that agreement stands, and whether the index is there to be
    read."""

    agreement: str
    unit: str
    status: str
    built: bool


@dataclass(frozen=True)
class State:
    """What the account says of an agreement now; nothing is signed, published or met unless it says so.

    `published`: the two hashes of a text, and the first day on which it counts as published. `signed`: the
    two hashes, and a party whose signature of that text counts. `faulty`: a party, who signed for it, and
    why that does not count. `met`: digests of conditions. `withdrawn`: a party and its reason. `indexes`:
    the standing indexes of others that it reads. `unmeasured`: claims of benefits whose day is past and
    that nobody has measured.
    """

    published: tuple[tuple[str, str, date], ...] = ()
    suspended: str = ""
    first_run: date | None = None
    quality: tuple[Quality, ...] = ()
    signed: tuple[tuple[str, str, str], ...] = ()
    faulty: tuple[tuple[str, str, str], ...] = ()
    met: frozenset[str] = frozenset()
    withdrawn: tuple[tuple[str, str], ...] = ()
    indexes: tuple[IndexState, ...] = ()
    unmeasured: tuple[str, ...] = ()


@dataclass(frozen=True)
class Decision:
    """The verdict, every reason, and what would be allowed. Truthy only for PERMIT."""

    verdict: Verdict
    reasons: tuple[Problem, ...] = ()
    alternative: str = ""

    def __bool__(self) -> bool:
        return self.verdict is Verdict.PERMIT
