"""Forecasts: small people by ward, pressure by month, and how wrong each method has been."""
