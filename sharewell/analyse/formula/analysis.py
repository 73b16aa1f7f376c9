"""A formula analysed once, from lists to weights, components and other choices; the report shows it.

Kept apart from the report, so that a simulation can call it for hundreds of seeds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...plan.recipe import Params
from .components import Parts, decompose
from .lists import Lists
from .weights import Shared, share_out
from .workload import Ratio, Workload, fit_workload

Floats = NDArray[np.float64]

MAIN = "Main analysis"
AGE_SEX, DEPRIVATION = "age and sex, by this analysis", "deprivation, by this analysis"


@dataclass(frozen=True)
class Analysis:
    """Lists with their model and what follows from it."""

    lists: Lists
    model: Workload
    kept: tuple[str, ...]
    shared: Shared
    params: Params

    @property
    def most_deprived(self) -> Ratio:
        """The rate ratio of the most deprived fifth against the reference."""
        return self.model.ratio(self.lists.fifths.index(1))

    @property
    def in_force(self) -> Parts | None:
        """What each component plays in what practices are paid for each patient now."""
        practices = self.lists.practices
        return decompose(practices.payment / practices.size, practices.indices, practices.size)

    @property
    def anew(self) -> tuple[tuple[str, ...], Parts | None]:
        """The same of the new weights: the two factors of need, and the indices that are kept."""
        practices = self.lists.practices
        columns = [self.shared.age_sex, self.shared.deprivation]
        columns += [practices.indices[:, practices.components.index(name)] for name in self.kept]
        parts = decompose(self.shared.weight, np.column_stack(columns), practices.size)
        return (AGE_SEX, DEPRIVATION, *self.kept), parts


def analyse(lists: Lists, params: Params) -> Analysis:
    """The main analysis. FitError as `fit_workload`."""
    model = fit_workload(lists, params["reference"])
    kept = tuple(name for name in params["components"] if name not in params["replaces"])
    return Analysis(lists, model, kept, _shared(lists, model, kept, params), params)


def _shared(
    lists: Lists, model: Workload, kept: tuple[str, ...], params: Params, unmet: float = 0.0
) -> Shared:
    practices = lists.practices
    columns = [practices.components.index(name) for name in kept]
    factor = np.prod(practices.indices[:, columns], axis=1)
    return share_out(lists, model, factor, draws=params["draws"], seed=params["seed"], unmet=unmet)


def others(made: Analysis) -> Iterator[tuple[str, Ratio, Shared]]:
    """The ratio and the weights under other choices, the main ones first."""
    lists, params = made.lists, made.params
    first = lists.fifths.index(1)
    yield MAIN, made.most_deprived, made.shared
    for label, within, adjusted in (
        ("What practices offer is not set apart", False, True),
        ("Neither practice, age nor sex is held alike", False, False),
    ):
        model = fit_workload(lists, params["reference"], within=within, adjusted=adjusted)
        yield label, model.ratio(first), _shared(lists, model, made.kept, params)
    if unmet := params["unmet"]:
        label = f"The most deprived need {unmet:.0%} more than they consult"
        main = made.most_deprived
        more = 1 + unmet
        ratio = Ratio(main.value * more, main.low * more, main.high * more, main.p)
        yield label, ratio, _shared(lists, made.model, made.kept, params, unmet)
