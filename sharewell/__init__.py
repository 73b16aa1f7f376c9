"""Sharewell: executable agreements for sharing personal data between public bodies."""
