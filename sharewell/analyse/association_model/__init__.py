"""Association: a linear mixed model, and what is said of it without a causal word."""
