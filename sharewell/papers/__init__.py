"""Papers made from an agreement and its plan: declared as data, filled in by one gate, in four formats."""

from __future__ import annotations

from ..errors import DocumentError, Problem, among
from .algorithm_record import ALGORITHM_RECORD
from .block import Paper
from .clauses import Clauses
from .data_use import DATA_USE
from .dpia import DPIA
from .economy_act import ECONOMY_ACT
from .form import Form, fill
from .privacy_notice import PRIVACY_NOTICE
from .processing_record import PROCESSING_RECORD
from .sharing_agreement import SHARING_AGREEMENT

PAPERS: tuple[Form, ...] = (
    DPIA,
    SHARING_AGREEMENT,
    PRIVACY_NOTICE,
    PROCESSING_RECORD,
    ECONOMY_ACT,
    DATA_USE,
    ALGORITHM_RECORD,
)
"""The papers that Sharewell writes, in the order in which they are read."""

__all__ = ["PAPERS", "Clauses", "Form", "Paper", "fill", "form_named"]


def form_named(name: str) -> Form:
    """A paper by its name. DocumentError where there is none."""
    found = next((form for form in PAPERS if form.name == name), None)
    if found is None:
        fix = among(name, (form.name for form in PAPERS))
        raise DocumentError(Problem("PAPER", f"there is no paper called {name!r}", fix=fix))
    return found
