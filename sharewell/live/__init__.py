"""Agreements at work in a workspace: its catalogue, clock, keys and account meet here."""

from .agreement import LiveAgreement

__all__ = ["LiveAgreement"]
