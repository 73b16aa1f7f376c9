"""Gaps between what is recorded and what would be expected."""
