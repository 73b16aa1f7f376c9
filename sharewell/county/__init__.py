"""The synthetic county: invented people, homes and services, with effects planted and the truth kept apart.

Loaded on first use, so that importing the package costs nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..lazy import loader

if TYPE_CHECKING:
    from .answers import truth
    from .building import Built, build
    from .effects import Effects
    from .services import SERVICES
    from .simulate import Simulated, simulate_outcomes

__all__ = ["SERVICES", "Built", "Effects", "Simulated", "build", "simulate_outcomes", "truth"]

_HOME = {
    "Built": "building",
    "build": "building",
    "Effects": "effects",
    "SERVICES": "services",
    "Simulated": "simulate",
    "simulate_outcomes": "simulate",
    "truth": "answers",
}

__getattr__ = loader(__name__, _HOME)
