"""Sharewell: executable agreements for sharing personal data between public bodies.

    import sharewell as sw
    space = sw.open("county")
    agreement = space.agreement("kent-integrated-dataset")
    agreement.explain()                       # every step, its place and form; touches no data
    agreement.run("a.khan@northshire-insight")

Names are loaded on first use, so that importing the package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .lazy import loader

if TYPE_CHECKING:
    from .agree.decide import Asked, Decision, Request
    from .errors import Problem, Refusal, SharewellError
    from .live import LiveAgreement
    from .proof import prove
    from .run import Outcome
    from .workspace import Workspace, init, open

__all__ = [
    "Asked",
    "Decision",
    "LiveAgreement",
    "Outcome",
    "Problem",
    "Refusal",
    "Request",
    "SharewellError",
    "Workspace",
    "init",
    "open",
    "prove",
]

_HOME = {
    "Asked": "agree.decide",
    "Decision": "agree.decide",
    "LiveAgreement": "live",
    "Outcome": "run",
    "Problem": "errors",
    "Refusal": "errors",
    "Request": "agree.decide",
    "SharewellError": "errors",
    "Workspace": "workspace",
    "init": "workspace",
    "open": "workspace",
    "prove": "proof",
}

__getattr__ = loader(__name__, _HOME)
