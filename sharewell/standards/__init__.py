"""One agreement in the words of the standards: JSON-LD that other people's software can read.

DPV 2.3 says why and about whom, ODRL who may do what, DCAT 3 which assets, PROV-O what was done. The
document is made from the agreement, its plan, its contracts and the account, and never read back as one:
the text that was signed stays the source. Names are loaded on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import loader

if TYPE_CHECKING:
    from .agreement_graph import agreement_document
    from .dataset_graph import dataset_document
    from .facts import Dataset, Field, Generated, Run
    from .terms import unknown_codes
    from .usage import ProductFields, product_fields
    from .validation import check_conforms, faults, graph_of

_HOMES = {
    "agreement_document": "agreement_graph",
    "dataset_document": "dataset_graph",
    "Dataset": "facts",
    "Field": "facts",
    "Generated": "facts",
    "Run": "facts",
    "unknown_codes": "terms",
    "ProductFields": "usage",
    "product_fields": "usage",
    "check_conforms": "validation",
    "faults": "validation",
    "graph_of": "validation",
}
__all__ = [
    "Dataset",
    "Field",
    "Generated",
    "ProductFields",
    "Run",
    "agreement_document",
    "check_conforms",
    "dataset_document",
    "faults",
    "graph_of",
    "product_fields",
    "unknown_codes",
]

__getattr__ = loader(__name__, _HOMES)
