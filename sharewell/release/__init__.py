"""release: who receives what, in which form. Outputs are written whole or not at all, and never changed."""

from .bundle import Bundle, Proof, RoadStep
from .charts import draw, drawable
from .folder import Written, WrittenFile
from .output import write, write_list
from .report import render
from .state import TRANSITIONS, Event, Role, State, Transition, allowed, diagram, move

__all__ = [
    "TRANSITIONS",
    "Bundle",
    "Event",
    "Proof",
    "RoadStep",
    "Role",
    "State",
    "Transition",
    "Written",
    "WrittenFile",
    "allowed",
    "diagram",
    "draw",
    "drawable",
    "move",
    "render",
    "write",
    "write_list",
]
