"""Kinds of chart, a file each where they are large; `marks` holds what they share."""
