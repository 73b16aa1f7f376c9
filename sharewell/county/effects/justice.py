"""What is planted among the sentenced: who joins the programme, and what it does."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Justice:
    """Parameters of the sentenced of the whole country, and of one charity's programme.

    `sentenced`: people on the police record (None: six for every ten residents of the county). `sent`:
    people on the charity's list (None: 2% of the sentenced). Of these, the share `on_record` has a police
    record, and of those the share `eligible` an index sentence in the window before the programme began.

    `rate`: one-year proven reoffending of everybody with an index sentence. `like`: what it would be
    without the programme among those who join, who are less likely to reoffend from the start. The
    programme changes it by `difference` (0: a planted null). So naively it seems to change it by about
    like + difference - rate. `reoffenders`: exactly how many of the eligible reoffend, in place of what
    these rates give.
    """

    sentenced: int | None = None
    sent: int | None = None
    on_record: float = 0.9
    eligible: float = 0.9
    rate: float = 0.347
    like: float = 0.26
    difference: float = -0.07
    reoffenders: int | None = None
