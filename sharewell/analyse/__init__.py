"""Analyse: one recipe a file, on method modules that know nothing of agreements."""

from .registry import RECIPES

__all__ = ["RECIPES"]
