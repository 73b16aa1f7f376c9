"""The reference pages are written by `docs.make`; all others by hand."""
