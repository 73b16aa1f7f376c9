"""Rows about coded people: how alike they are, how they are made more alike, and what risk is left."""
