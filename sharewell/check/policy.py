"""A disclosure policy: the numbers that the gate's rules use, under a name and with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Literal

from ..errors import DocumentError, Problem
from ..plan.finding import Output
from .policy_limits import CELL_KEYS, LIMITS, NEEDED, NOISE_LIMITS

RoundingMethod = Literal["nearest", "midpoint", "controlled"]


@dataclass(frozen=True)
class Noise:
    """Differential privacy: what one release may spend, and what each figure is held within.

    epsilon, delta: the privacy loss of one release (Dwork and Roth, The Algorithmic Foundations of
        Differential Privacy, 2014); delta 0 is pure differential privacy.
    bounds: measure -> (least, greatest) contribution of one person. They must come from what the figure
        means, never from the data; a sum without bounds cannot be released.
    """

    epsilon: float
    delta: float = 0.0
    bounds: Mapping[str, tuple[float, float]] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        problems = [
            Problem("POLICY", f"{name} of the noise {fault}", fix=fix)
            for name, (fits, fault, fix) in NOISE_LIMITS.items()
            if not fits(getattr(self, name))
        ]
        if problems:
            raise DocumentError(problems)

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any]) -> Noise:
        """Noise as an agreement writes it; DocumentError with every fault at once."""
        names = [each.name for each in fields(cls)]
        problems = [
            Problem("POLICY", f"noise has no setting {name!r}", fix=f"use: {', '.join(names)}")
            for name in given
            if name not in names
        ]
        if "epsilon" not in given:
            problems.append(Problem("POLICY", "noise needs epsilon", fix="for example 1.0"))
        bounds = given.get("bounds", {})
        if isinstance(bounds, Mapping):
            bounds = {
                name: tuple(pair) if isinstance(pair, list) else pair for name, pair in bounds.items()
            }
        values = {name: given[name] for name in names if name in given} | {"bounds": bounds}
        problems += [
            Problem("POLICY", f"{name} of the noise {fault}", fix=fix)
            for name, (fits, fault, fix) in NOISE_LIMITS.items()
            if name in values and not fits(values[name])
        ]
        if problems:
            raise DocumentError(problems)
        return cls(**values)


@dataclass(frozen=True)
class Policy:
    """What may leave. Every number is a parameter of an agreement, none is a constant of the code.

    name, source: what it is called, and the document it comes from.
    minimum: the least number of people a published figure may rest on (10 means that 9 is withheld).
    zero_is_small: whether a count of nobody is withheld too.
    rounding: the base to which counts are rounded; None publishes them as they are.
    rounding_method: how. "nearest" multiple; "midpoint" of the run of `rounding` counts that holds it (of
        6: 1 to 6 become 3, 7 to 12 become 9, nobody stays 0); "controlled": each to one of the two
        multiples around it, so chosen that all totals still add up (it needs rounding >= minimum).
    cell_key: the perturbation table of the cell key method, by name; its base is given as `rounding`.
    figures: significant figures of all other measures. Needed with rounding, because an exact mean beside
        an exact sum gives the exact count back.
    p_percent: a sum is withheld if its second largest contributor can estimate the largest to within this
        per cent, that is if total - largest - second < p/100 x largest.
    dominance: (n, k): a sum is withheld if its n largest contributions (n is 1 or 2) exceed the share k of
    it.
    width: the narrowest interval, in people, to which an attacker may narrow a withheld count; the default,
        None, is `minimum`, so that no interval lies within the small numbers.
    difference: the least count that may follow from the difference between releases; None means `minimum`.
    coalition: how many contributors of one cell are taken to pool what they know of themselves.
    at_risk: the least number of people at risk up to which a survival curve is drawn; None means `minimum`.
    noise: differential privacy in place of rounding; None adds none.
    full_cells: whether a category that holds everybody of its group is withheld (group disclosure).
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
    rounding_method: RoundingMethod = "nearest"
    cell_key: str | None = None
    difference: int | None = None
    coalition: int = 1
    at_risk: int | None = None
    noise: Noise | None = None
    full_cells: bool = False

    def __post_init__(self) -> None:
        problems = [
            Problem("POLICY", f"{name} of policy {self.name!r} {fault}", fix=fix)
            for name, (fits, fault, fix) in LIMITS.items()
            if not fits(getattr(self, name))
        ]
        if not problems:
            problems = [
                Problem("POLICY", f"policy {self.name!r} {what}", why, fix)
                for what, why, fix in self._clashes()
            ]
        if problems:
            raise DocumentError(problems)

    def _clashes(self) -> list[tuple[str, str, str]]:
        """Settings that do not go together: what, why, and what to do."""
        found = []
        if self.rounding is not None and self.figures is None:
            found.append(
                (
                    "rounds counts but leaves other figures exact",
                    "an exact sum and an exact mean give the exact count back",
                    "set figures, for example to 3",
                )
            )
        if self.rounding is None and self.rounding_method != "nearest":
            found.append(
                (
                    f"names {self.rounding_method} rounding without a base",
                    "what to round to is not said",
                    "set rounding, for example to 6",
                )
            )
        if self.rounding_method == "controlled" and (self.rounding or self.minimum) < self.minimum:
            found.append(
                (
                    f"has controlled rounding to {self.rounding} and a minimum of {self.minimum}",
                    "a count published as 0 stands for any up to the base less one: a smaller base would"
                    " tell some small numbers apart",
                    "set rounding to at least minimum",
                )
            )
        if self.cell_key is not None and (
            self.rounding != CELL_KEYS[self.cell_key] or self.rounding_method != "nearest"
        ):
            found.append(
                (
                    f"has cell key table {self.cell_key!r} and another rounding beside it",
                    "the table decides alone how a count is changed",
                    f"set rounding to {CELL_KEYS[self.cell_key]} and leave out rounding_method",
                )
            )
        if self.noise is not None and (self.rounding is not None or self.cell_key is not None):
            found.append(
                (
                    "has both noise and rounding",
                    "one perturbation of a count can be accounted for, two cannot",
                    "leave out rounding and cell_key, or noise",
                )
            )
        return found

    @property
    def protection(self) -> int:
        """The narrowest interval allowed for a withheld count, in people."""
        return self.minimum if self.width is None else self.width

    @property
    def arm(self) -> int:
        """The least number of people in an arm of an estimate."""
        return self.minimum if self.minimum_arm is None else max(self.minimum, self.minimum_arm)

    @property
    def least_difference(self) -> int:
        """The least count that may follow from the difference between two releases."""
        return self.minimum if self.difference is None else self.difference

    @property
    def least_at_risk(self) -> int:
        """The least number of people at risk at a step of a survival curve."""
        return self.minimum if self.at_risk is None else max(self.minimum, self.at_risk)

    @property
    def rounding_covers(self) -> bool:
        """Whether rounding alone makes every small number one figure with others, so that a table of counts
        needs nothing withheld: all of 1 to minimum - 1 under midpoint, 0 to minimum - 1 under controlled.
        """
        if self.rounding is None or self.zero_is_small:
            return False
        if self.rounding_method == "midpoint":
            return self.rounding >= self.minimum - 1
        return self.rounding_method == "controlled"

    @classmethod
    def from_mapping(cls, given: Mapping[str, Any], where: str = "") -> Policy:
        """A local policy as an agreement writes it; DocumentError with every fault at once."""
        problems = [
            Problem(
                "POLICY",
                f"a policy has no setting {name!r}",
                fix=f"use: {', '.join(_names())}",
                where=where,
            )
            for name in given
            if name not in _names()
        ]
        problems += [
            Problem("POLICY", f"a policy needs {name}", fix=fix, where=where)
            for name, fix in NEEDED.items()
            if name not in given
        ]
        values = {name: value for name, value in given.items() if name in _names()}
        problems += _read(values, where)
        problems += [
            Problem("POLICY", f"{name} {fault}", fix=fix, where=where)
            for name, (fits, fault, fix) in LIMITS.items()
            if name in values and not fits(values[name])
        ]
        if problems:
            raise DocumentError(problems)
        try:
            return cls(**values)
        except DocumentError as error:
            raise DocumentError(
                Problem(p.code, p.what, p.why, p.fix, where) for p in error.problems
            ) from None

    def as_mapping(self) -> dict[str, Any]:
        """The policy as JSON can hold it; `from_mapping` reads it back."""
        mapping = asdict(self) | {
            "outputs": sorted(self.outputs),
            "dominance": list(self.dominance) if self.dominance else None,
        }
        if self.noise is not None:
            bounds = {name: list(pair) for name, pair in self.noise.bounds.items()}
            mapping["noise"] = {"epsilon": self.noise.epsilon, "delta": self.noise.delta, "bounds": bounds}
        return mapping


def _names() -> list[str]:
    return [each.name for each in fields(Policy)]


def _read(values: dict[str, Any], where: str) -> list[Problem]:
    """Lists and mappings, as a document writes them, made what Policy holds, in place."""
    problems = []
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
        values["outputs"] = frozenset(Output(word) for word in values["outputs"] if word in list(Output))
    if isinstance(values.get("noise"), Mapping):
        try:
            values["noise"] = Noise.from_mapping(values["noise"])
        except DocumentError as error:
            problems += [Problem(p.code, p.what, p.why, p.fix, where) for p in error.problems]
            del values["noise"]
    elif values.get("noise") is not None and not isinstance(values["noise"], Noise):
        problems.append(Problem("POLICY", "noise is not a mapping", fix="write epsilon: 1.0", where=where))
        del values["noise"]
    return problems
