"""The lists of practices as counted cells, beside what each practice is paid, checked and in a fixed order.

Cells of practice, age band, sex and deprivation are enough: with a log-linear rate model they give the same
coefficients, and with practices as clusters the same errors, as the patients one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ...errors import FitError, Problem
from ...plan.recipe import Params

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

FEWEST = 3
"""Practices among which money can be shared out and its shares be explained."""
KEYS = ("practice", "age_band", "sex", "deprivation")
PAYMENT = "paid in pence"
INDEX = "index "
"""What stands before the name of a component in the prepared table."""


@dataclass(frozen=True)
class Practices:
    """The practices that are weighed, by name: patients on the list, pence paid, and indices (n, k)."""

    names: tuple[str, ...]
    size: Floats
    payment: Ints
    components: tuple[str, ...]
    indices: Floats

    @property
    def total(self) -> int:
        """Pence to share out."""
        return int(self.payment.sum())


@dataclass(frozen=True)
class Lists:
    """Cells of patients of the practices that are weighed.

    `practice` is a position in `practices`; `profile` in `profiles` (age band, sex); `fifth` in `fifths`
    (1 is the most deprived). `years` are person-years. `flow`: patients left at each stage. `notes`: who
    was set aside, and why.
    """

    practices: Practices
    practice: Ints
    profile: Ints
    fifth: Ints
    profiles: tuple[tuple[str, str], ...]
    fifths: tuple[int, ...]
    patients: Floats
    years: Floats
    consultations: Floats
    flow: tuple[tuple[str, int], ...]
    notes: tuple[str, ...]

    @property
    def rate(self) -> float:
        """Consultations a person-year."""
        return float(self.consultations.sum() / self.years.sum())


def read_lists(table: pa.Table, params: Params) -> Lists:
    """The lists in `table`: KEYS, held, patients, days, consultations, PAYMENT, and an INDEX a component.

    One row a cell; a practice without patients stands once with `held` null. Raises FitError with all of
    PAYMENT, INDEX, COMPONENT, or then TOO_FEW, NO_OUTCOME, CONSTANT, QUINTILE: what cannot be weighed
    whole is refused, and a practice that lacks something is set aside with a note.
    """
    components = tuple(params["components"])
    problems = [*_component_problems(components, params["replaces"]), *_money_problems(table, components)]
    if problems:
        raise FitError(problems)
    table = table.take(pc.sort_indices(table, [(name, "ascending") for name in KEYS]))
    names = table["practice"].combine_chunks().dictionary_encode()
    of = pc.fill_null(names.indices, -1).to_numpy(zero_copy_only=False).astype(np.int64)
    held = _numbers(table["held"])
    known = np.logical_and.reduce([_is_known(table[name]) for name in KEYS])
    patients = np.where(known, _numbers(table["patients"]), 0.0)
    consulted = np.where(known, _numbers(table["consultations"]), 0.0)
    weighed, notes = _weighed(
        table, of, len(names.dictionary), held, patients, consulted, components, params
    )
    if weighed.sum() < FEWEST:
        what = f"fewer than {FEWEST} practices can be weighed"
        raise FitError(
            Problem(
                "TOO_FEW", what, "; ".join(notes) or "money is shared out among several", "add practices"
            )
        )
    inside = (of >= 0) & weighed[np.maximum(of, 0)]
    cells = table.filter(pa.array(inside & (patients > 0)))
    flow = (
        ("In the extract", int(held.sum())),
        ("Age, sex, deprivation, time on the list and consultations known", int(patients.sum())),
        ("On the list of a practice that is weighed", int(patients[inside].sum())),
    )
    practices = _practices(table, of, held, np.flatnonzero(weighed), names.dictionary, components)
    return _lists(cells, practices, flow, notes, params)


def _component_problems(components: Sequence[str], replaces: Sequence[str]) -> Iterator[Problem]:
    unknown = sorted(set(replaces) - set(components))
    if unknown:
        what = f"{', '.join(unknown)} is to be replaced and is no component of the formula"
        yield Problem("COMPONENT", what, fix=f"name some of: {', '.join(components)}")


def _money_problems(table: pa.Table, components: Sequence[str]) -> Iterator[Problem]:
    held = pc.drop_null(table[PAYMENT])
    if pc.any(pc.less_equal(held, 0)).as_py():
        what = "a practice is paid nothing, or less than nothing"
        yield Problem("PAYMENT", what, "a share of it cannot move", "correct the payment, or leave it out")
    for name in components:
        if pc.any(pc.less_equal(pc.drop_null(table[INDEX + name]), 0)).as_py():
            what = f"the index {name} of a practice is zero or negative"
            yield Problem("INDEX", what, "indices multiply, so that nothing would be left", "correct it")


def _weighed(
    table: pa.Table, of: Ints, count: int, held: Floats, patients: Floats, consulted: Floats,
    components: Sequence[str], params: Params,
) -> tuple[Bools, tuple[str, ...]]:  # fmt: skip
    """Which practices can be weighed, and in words how many cannot, for each reason."""

    def any_of(rows: Bools) -> Bools:
        found = np.zeros(count, bool)
        found[of[rows & (of >= 0)]] = True
        return found

    lacking = np.logical_or.reduce([~_is_known(table[INDEX + name]) for name in components])
    complete = np.bincount(of[of >= 0], patients[of >= 0], count)
    reasons = (
        ("no payment is known of them", any_of(~_is_known(table[PAYMENT]))),
        ("an index of the formula in force is not known of them", any_of(lacking)),
        ("they have no patients in the extract", ~any_of(held > 0)),
        (f"fewer than {params['least']} of their patients can be used", complete < params["least"]),
        ("none of their patients consulted", ~any_of(consulted > 0)),
    )
    weighed = np.ones(count, bool)
    notes = []
    for why, bad in reasons:
        if many := int((bad & weighed).sum()):
            subject = "1 practice keeps" if many == 1 else f"{many} practices keep"
            notes.append(f"{subject} what is paid now and is not weighed: {why}.")
        weighed &= ~bad
    return weighed, tuple(notes)


def _practices(
    table: pa.Table, of: Ints, held: Floats, chosen: Ints, names: pa.Array, components: tuple[str, ...]
) -> Practices:
    """Of each chosen practice; the list is all its patients, of whom those known stand for the rest."""
    first = np.array([int(np.flatnonzero(of == practice)[0]) for practice in chosen])
    indices = np.column_stack([_numbers(table[INDEX + name])[first] for name in components])
    size = np.bincount(of[of >= 0], held[of >= 0], len(names))[chosen].astype(np.float64)
    payment = _numbers(table[PAYMENT])[first].astype(np.int64)
    return Practices(tuple(names.take(pa.array(chosen)).to_pylist()), size, payment, components, indices)


def _lists(
    cells: pa.Table, practices: Practices, flow: tuple[tuple[str, int], ...], notes: tuple[str, ...],
    params: Params,
) -> Lists:  # fmt: skip
    place = {name: position for position, name in enumerate(practices.names)}
    pairs = list(zip(cells["age_band"].to_pylist(), cells["sex"].to_pylist(), strict=True))
    profiles = tuple(sorted(set(pairs)))
    position = {pair: at for at, pair in enumerate(profiles)}
    value = _numbers(cells["deprivation"]).astype(np.int64)
    fifths = tuple(int(fifth) for fifth in np.unique(value))
    consultations = _numbers(cells["consultations"])
    _check_fifths(fifths, value, consultations, params["reference"])
    more = [*notes]
    if len({sex for _, sex in profiles}) == 1 or len({band for band, _ in profiles}) == 1:
        more.append("All patients are of one sex or one age band, so that it is not adjusted for.")
    if gone := sorted({1, 2, 3, 4, 5} - set(fifths)):
        more.append(f"No patient lives in fifth {', '.join(map(str, gone))} of deprivation.")
    return Lists(
        practices,
        np.array([place[name] for name in cells["practice"].to_pylist()], np.int64),
        np.array([position[pair] for pair in pairs], np.int64),
        np.searchsorted(fifths, value).astype(np.int64),
        profiles,
        fifths,
        _numbers(cells["patients"]),
        _numbers(cells["days"]) / 365.25,
        consultations,
        flow,
        tuple(more),
    )


def _check_fifths(fifths: tuple[int, ...], value: Ints, consultations: Floats, reference: int) -> None:
    if len(fifths) == 1:
        what = "all patients live in one fifth of deprivation"
        raise FitError(Problem("CONSTANT", what, "there is nothing to compare", "add other practices"))
    problems = [
        Problem(
            "QUINTILE",
            f"no patient of fifth {fifth} {'is there' if fifth not in fifths else 'consulted'}",
            "the most deprived and the reference are what the question compares",
            "choose another `reference`, or add the practices where they live",
        )
        for fifth in dict.fromkeys((1, reference, *fifths))
        if fifth not in fifths or consultations[value == fifth].sum() <= 0
    ]
    if problems:
        raise FitError(problems)


def _is_known(column: pa.ChunkedArray) -> Bools:
    return np.asarray(pc.is_valid(column).combine_chunks().to_numpy(zero_copy_only=False))


def _numbers(column: pa.ChunkedArray) -> Floats:
    """A column as float64, with zero for null."""
    filled = pc.fill_null(pc.cast(column, pa.float64()), 0.0)
    return np.asarray(filled.combine_chunks().to_numpy(zero_copy_only=False))
