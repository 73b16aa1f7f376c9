"""Rows about people on their way to their one recipient: held to what was agreed, made alike, attacked.

Rows about coded people are made as alike as the agreement asks; then an intruder tries to single somebody
out of what is left. Both are written into the certificate that goes with the rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..account.events import EventKind
from ..plan.forms import Who
from ..plan.plan import Product
from ..plan.released import CheckedList
from ..plan.schema import Schema, Type
from .attacking import enter, told
from .beside import knowledge, log_of, told_of

if TYPE_CHECKING:
    import pyarrow as pa

    from ..check.intruder.knowledge import Knowledge
    from ..check.microdata.hierarchy import Generalisation
    from .walk import Runner


def checked_rows(runner: Runner, product: Product, recipient: str) -> CheckedList:
    """A list as its one recipient gets it, in order: the gate looks at every row once more."""
    from ..check import gate_records
    from ..release.linkage import warnings_for

    step, coded = product.result, product.form.who is Who.CODED
    fields = list(step.shape.schema.names)
    rows = runner.engine.to_arrow(runner.values[step]).sort_by([(name, "ascending") for name in fields])
    rows, certificate = _alike(runner, product, rows)
    checked = gate_records(
        rows,
        fields=fields,
        unique_by=list(step.parameters.get("unique_by")),
        recipient=recipient,
        recipients=runner.live.agreement.text.release[product.name].to,
        name=product.name,
        coded=coded,
    )
    runner.outcome.checked[product.name] = checked
    runner.enter(EventKind.CHECK_CERTIFIED, {"product": product.name, "rows": checked.data.num_rows})
    attacked = _attacked(runner, product, checked.data, certificate) if coded else {}
    unequal = warnings_for(product.name, runner.outcome.linkage)
    notes = (*unequal, *_alike_told(product, certificate), *attacked.get("told", ()))
    made = {"agreement": runner.live.name, "run": runner.outcome.run, "made": runner.began.isoformat()}
    whole = {**made, **checked.certificate, **certificate, **attacked} if coded else {}
    return CheckedList(product.name, recipient, product.purpose, product.form, checked.data, notes, whole)


def _alike(runner: Runner, product: Product, rows: pa.Table) -> tuple[pa.Table, dict[str, Any]]:
    """Rows as alike as the agreement asks, and the certificate of it; as they are where it asks nothing."""
    from ..check.microdata.anonymity import Anonymity
    from ..check.microdata.recode import anonymise

    told = product.result.parameters.plain()
    if "anonymity" not in told or not told["quasi"]:
        return rows, {}
    quasi, sensitive = list(told["quasi"]), list(told["sensitive"])
    runner.tell(f"check: making rows of {product.name} alike", -1.0)
    done = anonymise(
        rows,
        quasi=quasi,
        sensitive=sensitive,
        other=[name for name in rows.column_names if name not in (*quasi, *sensitive)],
        hierarchies=_hierarchies(product.result.shape.schema, quasi, told["coarser"]),
        wanted=Anonymity.from_mapping(told["anonymity"]),
        name=product.name,
    )
    return done.data, {"alike": done.certificate}


def _alike_told(product: Product, certificate: Mapping[str, Any]) -> Iterator[str]:
    """For the reader of the rows: how many are not there, and which columns say less than they did."""
    made = certificate.get("alike")
    if made is None:
        return
    gone, left, schema = made["suppressed_rows"], made["published"], product.result.shape.schema
    if gone:
        yield f"Left out because too few others were like them: {gone:,} of {gone + left:,} rows."
    coarser = product.result.parameters.plain()["coarser"]
    for name, level in made["levels"].items():
        steps = tuple(coarser.get(name, ()))
        if level and level <= len(steps):
            how = "in bands of {}" if schema[name].type is Type.INTEGER else "by its first {} characters"
            yield f"{name} is shown {how.format(steps[level - 1])}."
        elif level:
            yield f"{name} is shown coarser than it is held, or as *."


def _hierarchies(
    schema: Schema, quasi: list[str], coarser: Mapping[str, list[int]]
) -> dict[str, Generalisation]:
    """How each column may be made coarser: bands, prefixes, parts of a date; else exact or left out."""
    from ..check.microdata.hierarchy import Bands, Dates, Prefixes, Suppressible

    made: dict[str, Generalisation] = {}
    for name in quasi:
        kind, steps = schema[name].type, tuple(coarser.get(name, ()))
        if steps:
            made[name] = Bands(steps) if kind is Type.INTEGER else Prefixes(steps)
        else:
            made[name] = Dates() if kind in (Type.DATE, Type.MOMENT) else Suppressible()
    return made


def _attacked(
    runner: Runner, product: Product, rows: pa.Table, certificate: Mapping[str, Any]
) -> dict[str, Any]:
    """Whether somebody can be singled out by what the rows say of them, the code itself left aside, or be
    found by what the recipient is known to hold."""
    from ..check.intruder.play import play

    step = product.result
    codes = set(step.parameters.get("unique_by"))
    sensitive = [name for name in step.parameters.get("sensitive", ()) if name in rows.column_names]
    columns = [name for name in rows.column_names if name not in codes and name not in sensitive]
    if not columns or not rows.num_rows:
        return {}
    held = _known(runner, product, rows, sensitive, certificate)
    played = play(
        rows,
        name=f"{product.name} of {runner.live.name}",
        on=runner.began,
        knowledge=held,
        columns=columns,
        sensitive=sensitive,
        subject=next(iter(step.parameters.get("unique_by")), None),
    )
    enter(runner, product.name, played)
    runner.outcome.attacked[product.name] = played
    sentences = dict.fromkeys((*told_of(held, played), *told(played)))
    return {"attack": played.as_mapping(), "told": list(sentences)}


def _known(
    runner: Runner, product: Product, rows: pa.Table, sensitive: list[str], certificate: Mapping[str, Any]
) -> list[Knowledge]:
    """What the recipient is said to hold, recoded as the rows were."""
    log = log_of(runner, product)
    if log is None:
        return []
    coarser = product.result.parameters.plain().get("coarser", {})
    made = certificate.get("alike", {})
    hierarchies = _hierarchies(product.result.shape.schema, list(made.get("quasi", ())), coarser)
    return knowledge(log, rows, sensitive, hierarchies, made.get("levels", {}))
