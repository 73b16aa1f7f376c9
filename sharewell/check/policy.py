"""A disclosure policy: the numbers that the gate's rules use, under a name and with its source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from ..errors import DocumentError, Problem
from ..plan.finding import Output


@dataclass(frozen=True)
class Policy:
    """What may leave. Every number is a parameter of an agreement, none is a constant of the code.

    name, source: what it is called, and the document it comes from.
    minimum: the least number of people a published figure may rest on (10 means that 9 is withheld).
    zero_is_small: whether a count of nobody is withheld too.
    rounding: counts are published to the nearest multiple of this; None publishes them as they are.
    figures: significant figures of all other measures. Needed with rounding, because an exact mean beside
    an
        exact sum gives the exact count back.
    p_percent: a sum is withheld if its second largest contributor can estimate the largest to within this
        per cent, that is if total - largest - second < p/100 x largest.
    dominance: (n, k): a sum is withheld if its n largest contributions (n is 1 or 2) exceed the share k of
    it.
    width: the narrowest interval, in people, to which an attacker may narrow a withheld count; the default,
        None, is `minimum`, so that no interval lies within the small numbers.
    share: the same for a withheld sum, as a share of the most that it could be (see `complementary`).
    degrees_of_freedom: the least residual degrees of freedom of a published estimate.
    minimum_arm: the least number of people in each arm of an estimate; None means `minimum`.
    outputs: the kinds of output that the policy can judge; any other is refused and goes to review.
    """

    name: str
    source: str
    minimum: int
    zero_is_small: bool = False
    rounding: int | None = None
    figures: int | None = None
    p_percent: float | None = None
    dominance: tuple[int, float] | None = None
    width: int | None = None
    share: float = 0.1
    degrees_of_freedom: int = 0
    minimum_arm: int | None = None
    outputs: frozenset[Output] = frozenset(Output)

    def __post_init__(self) -> None:
        problems = [
            Problem("POLICY", f"{name} of policy {self.name!r} {fault}", fix=fix)
            for name, (fits, fault, fix) in _LIMITS.items()
            if not fits(getattr(self, name))
        ]
        if self.rounding is not None and self.figures is None:
            problems.append(
                Problem(
                    "POLICY",
                    f"policy {self.name!r} rounds counts but leaves other figures exact",
                    "an exact sum and an exact mean give the exact count back",
                    "set figures, for example to 3",
                )
            )
        if problems:
            raise DocumentError(problems)

    @property
    def protection(self) -> int:
        """The narrowest interval allowed for a withheld count, in people."""
        return self.minimum if self.width is None else self.width

    @property
    def arm(self) -> int:
        """The least number of people in an arm of an estimate."""
        return self.minimum if self.minimum_arm is None else max(self.minimum, self.minimum_arm)

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any], where: str = "") -> Policy:
        """A local policy as an agreement writes it; DocumentError with every fault at once."""
        names = [field.name for field in fields(cls)]
        problems = [
            Problem(
                "POLICY", f"a policy has no setting {name!r}", fix=f"use: {', '.join(names)}", where=where
            )
            for name in given
            if name not in names
        ]
        problems += [
            Problem("POLICY", f"a policy needs {name}", fix=fix, where=where)
            for name, fix in _NEEDED.items()
            if name not in given
        ]
        values = {name: value for name, value in given.items() if name in names}
        if isinstance(values.get("dominance"), list):
            values["dominance"] = tuple(values["dominance"])
        if isinstance(values.get("outputs"), list | tuple):
            problems += [
                Problem(
                    "POLICY",
                    "outputs names a kind of output that is not known",
                    where=where,
                    fix=f"use: {', '.join(Output)}",
                )
                for word in values["outputs"]
                if word not in list(Output)
            ]
            values["outputs"] = frozenset(
                Output(word) for word in values["outputs"] if word in list(Output)
            )
        problems += [
            Problem("POLICY", f"{name} {fault}", fix=fix, where=where)
            for name, (fits, fault, fix) in _LIMITS.items()
            if name in values and not fits(values[name])
        ]
        if problems:
            raise DocumentError(problems)
        return cls(**values)

    def as_mapping(self) -> dict[str, Any]:
        """The policy as JSON can hold it; `from_mapping` reads it back."""
        return asdict(self) | {
            "outputs": sorted(self.outputs),
            "dominance": list(self.dominance) if self.dominance else None,
        }


def _is_whole(least: int, optional: bool = False) -> Callable[[Any], bool]:
    def fits(value: Any) -> bool:
        if value is None:
            return optional
        return isinstance(value, int) and not isinstance(value, bool) and value >= least

    return fits


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_dominance(value: Any) -> bool:
    if value is None:
        return True
    return (
        isinstance(value, tuple)
        and len(value) == 2
        and value[0] in (1, 2)
        and _is_number(value[1])
        and 0 < value[1] < 1
    )


_NEEDED = {
    "name": "give it a name",
    "source": "say which document it comes from",
    "minimum": "say the least number of people a figure may rest on",
}
_LIMITS: dict[str, tuple[Callable[[Any], bool], str, str]] = {
    "name": (lambda v: isinstance(v, str) and v != "", "is not a name", "write a word"),
    "source": (lambda v: isinstance(v, str) and v != "", "is not a source", "cite the document"),
    "minimum": (_is_whole(2), "is not a whole number of at least 2", "for example 10"),
    "zero_is_small": (lambda v: isinstance(v, bool), "is neither true nor false", "write true or false"),
    "rounding": (_is_whole(2, True), "is not a whole number of at least 2", "for example 5"),
    "figures": (_is_whole(1, True), "is not a whole number of at least 1", "for example 3"),
    "p_percent": (
        lambda v: v is None or (_is_number(v) and 0 < v <= 100),
        "is not between 0 and 100",
        "for example 10",
    ),
    "dominance": (
        _is_dominance,
        "is not (n, k) with n 1 or 2 and k between 0 and 1",
        "for example [2, 0.9]",
    ),
    "width": (_is_whole(1, True), "is not a whole number of at least 1", "leave it out to use minimum"),
    "share": (lambda v: _is_number(v) and 0 < v < 1, "is not between 0 and 1", "for example 0.1"),
    "degrees_of_freedom": (_is_whole(0), "is not a whole number", "for example 10"),
    "minimum_arm": (
        _is_whole(2, True),
        "is not a whole number of at least 2",
        "leave it out to use minimum",
    ),
    "outputs": (lambda v: isinstance(v, frozenset) and bool(v), "names no kind of output", "leave it out"),
}
