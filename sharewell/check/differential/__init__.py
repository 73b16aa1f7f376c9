"""Differential privacy through OpenDP: noise whose budget is kept for each asset and population."""
