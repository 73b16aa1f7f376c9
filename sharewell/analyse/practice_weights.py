"""practice-weights: what each practice would get if its money followed the work its patients need.

Consultations are modelled by age, sex and deprivation, within practices; a practice's weight is what the
model expects of its list, times those indices of the formula in force that it does not replace. Weights
share out the same total, to the penny, and stand beside those in force with the part that each component
plays. The rate ratio of the most against the least deprived is told with its interval whether or not it
differs from one, and so is every practice that does not move. See `formula`.

Method: utilisation-based capitation (Carr-Hill et al. 1994, BMJ 309:1046), with practices' supply set apart
(Gravelle et al. 2003, JRSS A 166:409); parts of the variance by LMG (Gromping 2007).
"""

from __future__ import annotations

from collections.abc import Mapping

from ..plan.expressions import Col, Expression, Lit, call
from ..plan.figure import Figure
from ..plan.forms import AGGREGATE, DEPERSONALISED
from ..plan.recipe import Input, Parameter, Params, Recipe, Signature, Takes
from ..plan.schema import Type
from ..plan.steps import Aggregate, Derive, Group, Join, Keep, Stack, Step
from .formula.analysis import MAIN
from .formula.lists import INDEX, KEYS, PAYMENT
from .formula.report import fit
from .formula.story import tell
from .registry import RECIPES

_TEXT, _WHOLE, _NUMBERS = (Type.TEXT,), (Type.INTEGER,), (Type.INTEGER, Type.NUMBER)

SIGNATURE = Signature(
    name="practice-weights",
    question="Does the formula pay practices for the work that deprivation brings?",
    needs=DEPERSONALISED,
    yields=AGGREGATE,
    inputs=(
        Input("patients", "one row a registered patient"),
        Input("practices", "one row a practice, with what the formula in force gives it"),
    ),
    parameters=(
        Parameter("practice", Takes.COLUMN, "the patient's practice", True, of="patients", types=_TEXT),
        Parameter(
            "consultations", Takes.COLUMN, "consultations in the year", True, of="patients", types=_WHOLE
        ),
        Parameter(
            "exposure", Takes.COLUMN, "days on the list in the year", True, of="patients", types=_WHOLE
        ),
        Parameter("age_band", Takes.COLUMN, "the patient's age band", True, of="patients", types=_TEXT),
        Parameter("sex", Takes.COLUMN, "the patient's sex", True, of="patients", types=_TEXT),
        Parameter(
            "deprivation", Takes.COLUMN, "the fifth of where they live, 1 = most deprived", True,
            of="patients", types=_WHOLE,
        ),
        Parameter("paid_to", Takes.COLUMN, "the practice that is paid", True, of="practices", types=_TEXT),
        Parameter(
            "payment", Takes.COLUMN, "its yearly payment in pence", True, of="practices", types=_WHOLE
        ),
        Parameter(
            "components", Takes.COLUMNS, "the indices that the formula in force multiplies", True,
            of="practices", types=_NUMBERS,
        ),
        Parameter(
            "replaces", Takes.COLUMNS, "those of them that modelled need takes the place of", True,
            of="practices", types=_NUMBERS,
        ),
        Parameter("reference", Takes.INTEGER, "the fifth compared with", default=5, least=2, most=5),
        Parameter("expected_shares", Takes.MAPPING, "shares of the components as published", default={}),
        Parameter(
            "unmet", Takes.NUMBER, "need of the most deprived beyond use, to try", default=0.0,
            least=0, most=1,
        ),
        Parameter(
            "least_move", Takes.NUMBER, "share of its payment that counts as a move", True, least=0, most=1
        ),
        Parameter("least", Takes.INTEGER, "fewest patients of a practice weighed", True, least=10),
        Parameter("draws", Takes.INTEGER, "draws of the coefficients, for bands", default=2000, least=200),
        Parameter("seed", Takes.INTEGER, "for the draws", default=0, least=0),
        Parameter("hypothesis", Takes.TEXT, "what was expected, written before the data were seen", True),
    ),
    source="Carr-Hill et al. 1994; Gravelle et al. 2003; Gromping 2007",
    figures=(
        Figure("moved", "choices", "share_moved", {"analysis": MAIN}),
        Figure("rate_ratio", "choices", "rate_ratio", {"analysis": MAIN}, "low", "high"),
    ),
)  # fmt: skip


def prepare(inputs: Mapping[str, Step], params: Params) -> Step:
    """One row a practice, age band, sex and fifth, as `formula.lists.read_lists` takes it.

    Besides, one row for each practice that is paid and has no patients.
    """
    days, seen = Col(params["exposure"], Type.INTEGER), Col(params["consultations"], Type.INTEGER)
    whole = call("and", call("<", _integer(0), days), call("<=", _integer(0), seen))
    counts = (
        Aggregate("held", "rows"),
        Aggregate("patients", "rows", where=whole),
        Aggregate("days", "sum", days, where=whole),
        Aggregate("consulted", "sum", seen, where=whole),
    )
    counted = Group(inputs["patients"], tuple(params[name] for name in KEYS), counts)
    kinds = counted.shape.schema
    named: dict[str, Expression] = {name: Col(params[name], kinds[params[name]].type) for name in KEYS}
    named["consultations"] = Col("consulted", Type.INTEGER)
    ours = (*KEYS, "held", "patients", "days", "consultations")
    cells = Keep(Derive(counted, tuple(named.items())), ours)
    to, paid = params["paid_to"], _paid(inputs["practices"], params)
    names = (*ours, PAYMENT, *(INDEX + name for name in params["components"]))
    met = Keep(Join(cells, paid, (("practice", to),)), names)
    lone = Join(paid, cells, ((to, "practice"),), how="anti")
    blank = {name: _null(met.shape.schema[name].type) for name in ours}
    blank["practice"] = Col(to, Type.TEXT)
    return Stack((met, Keep(Derive(lone, tuple(blank.items())), names)))


def _paid(practices: Step, params: Params) -> Step:
    """What each practice is paid, and its indices, under names that no patient's column has."""
    schema = practices.shape.schema
    held: dict[str, Expression] = {PAYMENT: Col(params["payment"], Type.INTEGER)}
    held |= {INDEX + name: Col(name, schema[name].type) for name in params["components"]}
    return Keep(Derive(practices, tuple(held.items())), (params["paid_to"], *held))


def _integer(value: int) -> Lit:
    return Lit(value, Type.INTEGER)


def _null(kind: Type) -> Expression:
    """The language has no null constant: a case that never applies is one."""
    sample = Lit("", Type.TEXT) if kind is Type.TEXT else _integer(0)
    return call("case", Lit(False, Type.BOOLEAN), sample)


RECIPE = RECIPES.add(SIGNATURE.name, Recipe(SIGNATURE, prepare, fit, tell))
