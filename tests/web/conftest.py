"""Every kind of page that the software writes, made once; and the system's own Chromium to look at them."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import pytest

for _near in ("systems", "unit"):
    sys.path.append(str(Path(__file__).parents[1] / _near))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a register, the papers, an incident pack and a report, of one small workspace."""
    from release_example import bundle, costs, eligibility, evaluation
    from workspace_example import ACTOR, fresh, make, run

    from sharewell import workspace
    from sharewell.agree.decide import Asked, Request
    from sharewell.live.balance import weigh
    from sharewell.live.benefits import measure
    from sharewell.live.gallery import build_gallery
    from sharewell.live.incident import open_incident, recall
    from sharewell.live.incident_pack import write_pack
    from sharewell.live.papers import Format, papers
    from sharewell.live.register import build
    from sharewell.live.rehearsal import rehearse
    from sharewell.live.workshop_report import write_report
    from sharewell.live.workshop_sheets import enter
    from sharewell.live.workshops import new
    from sharewell.release import render

    out = tmp_path_factory.mktemp("site")
    space = make(out / "north")
    run(space)
    live = fresh(space)
    live.decide(Request(Asked.RUN, "j.bloggs@the-daily"))
    measure(live, live.agreement.text.agree.benefits[0].measure, 0.25, ACTOR)
    build_gallery(space)
    held = open_incident(
        space, "A laptop was lost", space.now - dt.timedelta(hours=5), ACTOR, asset="clinic.patients"
    )
    recall(space, held.reference, ACTOR)
    write_pack(space, held.reference, out / "pack")
    build(space, out / "register")
    papers(live, out / "papers", formats=(Format.HTML,))
    shipped = workspace.init(out / "shipped", synthetic=True, clock=dt.date(2024, 6, 3))
    for name in ("community-safety", "tackling-fuel-poverty"):
        rehearse(shipped.agreement(name))
    build(shipped, out / "shipped-register")
    for internal in (False, True):
        papers(
            shipped.agreement("community-safety"),
            out / "shipped-papers",
            formats=(Format.HTML,),
            internal=internal,
        )
    new(shipped, "essex", like="essex")
    enter(shipped, "essex")
    write_report(shipped, "essex", (Format.HTML,))
    ranked = ("justice-data-lab", "tackling-fuel-poverty", "tackling-violence")
    weigh([shipped.agreement(name) for name in ranked], out / "balance", (Format.HTML,))
    (out / "report.html").write_text(render(bundle(evaluation(), costs(), eligibility())), encoding="utf-8")
    return out
