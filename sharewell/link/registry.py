"""The linkers by name: what an agreement may ask for under `link`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..registry import Registry

if TYPE_CHECKING:
    from .methods import Linker

linkers: Registry[Linker] = Registry("link", "linker", ("sharewell.link.methods",))
