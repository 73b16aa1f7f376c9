"""Withhold more cells until none that is withheld can be worked out from the rest, and prove it."""
