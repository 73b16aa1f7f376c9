"""What runs the relational steps of a plan: the reference engine (the judge) and DuckDB through Ibis."""
