"""The attacks, played on one release against what its recipient is known to hold.

    play(released, name=..., knowledge=[...], on=today) -> Played      rows about coded people
    play_tables(tables, name=..., width=10, on=today) -> Played        tables about groups

At the host the truth is at hand, so that success is measured and not supposed. Seeds are fixed: the
same release gives the same figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pyarrow as pa

from ...errors import DataError, Problem
from ...plan.released import CheckedTable
from .inference import infer
from .knowledge import Knowledge
from .linkability import link
from .played import Attempt, Bar, Played, add_months
from .singling_out import single_out
from .tables import EXACT, Making, attack_table

_STANDARD = Bar()


def play(
    released: pa.Table,
    *,
    name: str,
    on: date,
    knowledge: Sequence[Knowledge] = (),
    columns: Sequence[str] | None = None,
    sensitive: Sequence[str] = (),
    subject: str | None = None,
    tolerance: Mapping[str, float] | None = None,
    truth: pa.Table | None = None,
    population: pa.Table | None = None,
    control: pa.Table | None = None,
    bar: Bar = _STANDARD,
    months: int = 12,
    tries: int = 1000,
    seed: int = 0,
) -> Played:
    """Singling out by the release alone; linkage, and inference of each sensitive column, by each
    knowledge.

    subject: the column that codes the person, where a person may have several rows; it is never known to
    the recipient. columns: those that describe a person (default: all but the sensitive ones and the
    subject). truth: released rows as they are, in order. population, control: see `single_out` and
    `infer`. DataError where columns or true rows do not fit; months must be at least 1.
    """
    apart = {*sensitive, subject}
    described = (
        [name for name in released.column_names if name not in apart] if columns is None else list(columns)
    )
    _check(months, tries)
    attempts: list[Attempt] = list(
        single_out(
            released,
            described,
            subject=subject,
            population=population,
            control=control,
            tries=tries,
            seed=seed,
        )
    )
    for held in knowledge:
        attempts += link(released, held, subject=subject, tries=tries, seed=seed)
        attempts += [
            infer(
                released,
                held,
                column,
                subject=subject,
                truth=truth.column(column) if truth is not None else None,
                control=control,
                tolerance=(tolerance or {}).get(column),
                tries=tries,
                seed=seed,
            )
            for column in sensitive
            if column not in held.columns
        ]
    return Played(name, on, add_months(on, months), seed, bar, tuple(attempts))


def play_tables(
    tables: Sequence[CheckedTable],
    *,
    name: str,
    on: date,
    width: int,
    making: Mapping[str, Making] | None = None,
    truth: Mapping[str, CheckedTable] | None = None,
    bar: Bar = _STANDARD,
    months: int = 12,
    seed: int = 0,
) -> Played:
    """Every table of a release. width: the narrowest interval allowed (`Policy.protection`). making: how
    each table adds up and was rounded, which its certificate says; truth: the same rows with every count;
    both by table name.
    """
    _check(months, 1)
    attempts = [
        attempt
        for table in tables
        for attempt in attack_table(
            table,
            (making or {}).get(table.name, EXACT),
            width=width,
            truth=(truth or {}).get(table.name),
            seed=seed,
        )
        if attempt.tries
    ]
    return Played(name, on, add_months(on, months), seed, bar, tuple(attempts))


def _check(months: int, tries: int) -> None:
    if months < 1 or tries < 1:
        raise DataError(
            Problem("PLAY", "no months until the next review, or no tries", fix="at least one of each")
        )
