"""`python -m sharewell.cli`, where the script is not on the path."""

from . import app

app()
