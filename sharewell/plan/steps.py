"""The steps that a plan is made of, by what they touch: tables, identity, recipients.

Constructors refuse what may not be: columns that do not fit, tables at different places, a form more
identifying than was agreed, a transfer of anything unchecked. A step that exists is a step that may run.
"""

from .awaited import Awaited
from .crossing import RECORDS, REFERENCE, Check, Fit, Transfer
from .labels import derived
from .personal import Coarsen, Key, Link
from .ranking import Rank
from .recognise import Beside, Recognise
from .relational import AGGREGATES, Aggregate, Derive, Filter, Group, Join, Keep, Pick, Read, Stack
from .step import About, Shape, Step, walk

__all__ = [
    "AGGREGATES",
    "RECORDS",
    "REFERENCE",
    "About",
    "Aggregate",
    "Awaited",
    "Beside",
    "Check",
    "Coarsen",
    "Derive",
    "Filter",
    "Fit",
    "Group",
    "Join",
    "Keep",
    "Key",
    "Link",
    "Pick",
    "Rank",
    "Read",
    "Recognise",
    "Shape",
    "Stack",
    "Step",
    "Transfer",
    "derived",
    "walk",
]
