"""Rules that judge one table, one a module: each gives the rows that break it, and why in plain words."""
