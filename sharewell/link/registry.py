"""The linkers by name: what an agreement may ask for under `link`."""

from __future__ import annotations

from collections.abc import Callable

from ..registry import Registry
from .settings import Linked

linkers: Registry[Callable[..., Linked]] = Registry("link", "linker", ("sharewell.link.units",))
"""Each takes (tables, *, settings, progress) as `people` does, and gives Linked."""
