"""Linking in a run: for this run alone, into the agreement's own standing index, or by that of another.

What leaves the linker is always a key that only this agreement can make: an HMAC of the found person under
its linking secret. An index's own ids are seen by nobody, and no two agreements' keys can be joined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from ..account.events import EventKind
from ..errors import LinkError
from ..plan.steps import Link
from .golden import survival
from .index_asking import Asking, placed
from .indexes import by_source, copied, linked_keys, opened, settings_of
from .superseded import hand_on

if TYPE_CHECKING:
    import pyarrow as pa

    from ..link import Settings
    from ..link.index import PersonIndex
    from .walk import Runner

Tables = Mapping[str, "pa.Table"]
Facts = dict[str, Any]
Found = tuple["pa.Table", Facts]
"""(source, record, person), with persons as they are called outside `link`; and facts for the account."""


def link(runner: Runner, step: Link) -> tuple[Any, Facts]:
    """Find which records are the same, at the linker, and tell the account how many were, by source."""

    def make() -> Any:
        tables = {
            name: runner.engine.to_arrow(runner.values[table])
            for name, table in zip(step.names, step.tables, strict=True)
        }
        way: Callable[[Runner, Link, Tables], Found]
        way = _own if step.standing else _foreign if step.index else _once
        found, facts = way(runner, step, tables)
        sources = {"sources": by_source(found)} if "sources" not in facts else {}
        if survived := survival(runner, step, tables, found):
            facts["golden"] = survived
        runner.enter(EventKind.LINK_FINISHED, {"unit": step.unit, **facts, **sources})
        table = found.select(["record", "person"]).rename_columns(["record", step.unit])
        return runner.engine.from_arrow(table)

    table, _ = runner.checkpoint(step, make)
    for event in runner.events(EventKind.LINK_FINISHED):
        if event.facts["unit"] == step.unit:
            runner.outcome.linked[step.unit] = event.facts["sources"]
            runner.outcome.doubts[step.unit] = cast("list[dict[str, str]]", event.facts.get("doubts", []))
            if "golden" in event.facts:
                runner.outcome.golden[step.unit] = event.facts["golden"]
    return table, {"unit": step.unit, "linker": step.linker}


def _once(runner: Runner, step: Link, tables: Tables) -> Found:
    """For this run alone; the linker's own counts by source are kept."""
    from ..link import link as link_records

    settings = settings_of(step, runner.link_secret)
    found = link_records(
        tables, settings=settings, progress=lambda text, _: runner.tell(f"link: {text}", -1.0)
    )
    table = found.table.rename_columns(["source", "record", "person"])
    return table, {"sources": found.evidence["sources"], **_doubts(found.evidence.get("doubts", ()))}


def _doubts(found: Iterable[Mapping[str, Any]]) -> Facts:
    """What linking noticed about its input, in words and whole percents; nothing where there was
    nothing."""
    told = ("source", "field", "kind", "what", "done", "fix")
    doubts = [{name: doubt[name] for name in told} for doubt in found]
    return {"doubts": doubts} if doubts else {}


def _own(runner: Runner, step: Link, tables: Tables) -> Found:
    """Into the agreement's own index, as a change of what it held: new, changed and gone records."""
    from ..link.doubts import delivered
    from ..link.index import Act

    settings = settings_of(step, runner.link_secret)
    tables, doubts = delivered(tables, settings)
    name, now = runner.live.name, runner.space.now
    act = Act(runner.request.actor, name, now, f"run {runner.outcome.run}")
    with opened(runner.space, name, step.unit, step.shape.place, create=True) as index:
        held = _settings(index)
        if held is None:
            runner.tell("link: the model of the index is trained", -1.0)
            changes = [index.train(tables, settings, act)]
        else:
            runner.tell("link: the index is brought up to date", -1.0)
            changes = [index.apply(tables, whole=True, removed=_gone(index, tables), act=act)]
            if runner.anew or replace(held, secret=settings.secret, threads=settings.threads) != settings:
                runner.tell("link: the model of the index is trained anew", -1.0)
                changes.append(index.train({}, settings, act))
        people, model = index.people(), index.model.version
    for change in changes:
        hand_on(runner.live, step.unit, change, runner.engine)
    counts = {name: sum(int(c.counts[name]) for c in changes) for name in changes[0].counts}
    everyone = {"people": len(people["person"].unique()), "rows": people.num_rows}
    facts = {"index": counts, "model": model, **everyone, **_doubts(doubts)}
    return _called(runner, step, people), facts


def _settings(index: PersonIndex) -> Settings | None:
    """What the index's model was trained with; None before there is one."""
    try:
        return index.settings
    except LinkError as error:
        if any(problem.code != "MODEL" for problem in error.problems):
            raise
        return None


def _gone(index: PersonIndex, tables: Tables) -> dict[str, list[str]]:
    """The records of sources that the agreement no longer links."""
    import pyarrow.compute as pc

    held = index.people()
    left = [name for name in held["source"].unique().to_pylist() if name not in tables]
    return {name: held.filter(pc.equal(held["source"], name))["record"].to_pylist() for name in left}


def _foreign(runner: Runner, step: Link, tables: Tables) -> Found:
    """By the index of another agreement, which is read and not written.

    A record that it holds takes its person. Others are told to a copy, which places them as the index would
    and is then destroyed: so they are matched by the same model, and nothing of them is kept.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    asking, place = Asking.of(runner.live.name, step, tables), step.shape.place
    runner.tell(f"link: the index of {step.index} is read", -1.0)
    with opened(runner.space, step.index, step.unit, place) as index:
        held = index.people()
    strange = asking.unknown(held)
    known = held
    if strange:
        runner.tell(f"link: others are matched against the index of {step.index}", -1.0)
        known = pa.concat_tables([held, placed(held, _told(runner, step, strange), strange)])
    found = asking.answered(known)
    named = found.filter(pc.is_in(found["person"], held["person"].unique()))
    facts = {"rows": named.num_rows, "not_in_index": found.num_rows - named.num_rows}
    return _called(runner, step, found), facts | _entered(runner, step, named)


def _told(runner: Runner, step: Link, strange: Tables) -> pa.Table:
    """The people of the index as they would be, had it these records too."""
    from ..link.index import Act

    act = Act(runner.request.actor, runner.live.name, runner.space.now, f"run {runner.outcome.run}")
    scratch = runner.places.path(step.shape.place, f"copy-{step.unit}").with_suffix(".duckdb")
    with copied(runner.space, step.index, step.unit, step.shape.place, scratch) as copy:
        copy.apply(strange, act=act)
        return copy.people()


def _entered(runner: Runner, step: Link, named: pa.Table) -> Facts:
    """Who read whose index, and how many persons of it: in the accounts of both agreements."""
    read = {"unit": step.unit, "people": len(named["person"].unique()), "rows": named.num_rows}
    runner.enter(EventKind.LINK_READ, {"index": step.index, **read})
    runner.space.account.append(
        EventKind.LINK_READ,
        at=runner.space.now,
        actor=runner.request.actor,
        agreement=step.index,
        facts={"by": runner.live.name, **read},
    )
    return {"index_of": step.index, **read}


def _called(runner: Runner, step: Link, table: pa.Table) -> pa.Table:
    """(source, record, person) with each person as this agreement calls them."""
    import pyarrow as pa

    keys = linked_keys(runner.space, runner.live.name, step.unit, table["person"])
    return pa.table({"source": table["source"], "record": table["record"], "person": keys})
