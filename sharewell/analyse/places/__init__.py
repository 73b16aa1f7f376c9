"""Places: a description put on the map, gathering on a grid, repeats, hours of the week, harm,
reporting."""
