"""Council homes improved from 2016 on, deaths, and the emergency care of everybody over the same years."""

from __future__ import annotations

from .keeping import SERVICE

__all__ = ["SERVICE"]
