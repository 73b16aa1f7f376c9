"""Run a plan: walk its steps in order and ask each one's stage to do it, at its place, into the account."""

from .outcome import Outcome, Tell
from .starting import run, start
from .walk import Runner, must_permit

__all__ = ["Outcome", "Runner", "Tell", "must_permit", "run", "start"]
