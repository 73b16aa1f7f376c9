"""A county built and an agreement run for a proof, in a folder that is thrown away."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa

from .. import workspace
from ..agree.decide import Asked, Request
from ..county import Effects, build, truth
from ..live import LiveAgreement
from ..live.rehearsal import rehearse
from ..run import Outcome, Runner, start

CLOCK = date(2024, 6, 3)
Tell = Callable[[str, float], None]


@dataclass
class Staged:
    """A finished run and all that a proof may look at: the truth, and what each place still holds."""

    folder: Path
    live: LiveAgreement
    runner: Runner
    truth: dict[str, pa.Table]

    @property
    def outcome(self) -> Outcome:
        return self.runner.outcome

    def held_at(self, place: str) -> dict[str, pa.Table]:
        """Every table of the run that a place holds, decrypted, by name of file."""
        folder = self.runner.places.path(place, "x").parent
        names = sorted(path.stem for path in folder.glob("*.parquet"))
        return {name: self.runner.engine.to_arrow(self.runner.places.read(place, name)) for name in names}


@contextmanager
def staged(
    system: str,
    people: int,
    seed: int,
    services: tuple[str, ...],
    effects: Effects,
    tell: Tell,
    products: tuple[str, ...] = (),
) -> Iterator[Staged]:
    """Build the services that a system reads, sign and publish its agreement in rehearsal, and run it, or
    these products of it alone."""
    folder = Path(tempfile.mkdtemp(prefix="sharewell-prove-"))
    try:
        space = workspace.init(folder / "county", synthetic=True, clock=CLOCK)
        build(space.folder, people=people, seed=seed, services=services, effects=effects, progress=tell)
        live = space.agreement(system)
        who = live.operator
        rehearse(live)
        runner = start(live, Request(Asked.RUN, who, products=products), tell)
        try:
            runner.go()
            yield Staged(space.folder, live, runner, truth(space.folder))
        finally:
            runner.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
