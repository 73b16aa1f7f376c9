"""Who may do what, for which purpose, on what authority: the document, its rules, plan and decisions."""

from .compile import compile_plan
from .decide import Decision, Request, State, decide
from .document import Agreement, load_agreement
from .lint import lint

__all__ = ["Agreement", "Decision", "Request", "State", "compile_plan", "decide", "lint", "load_agreement"]
