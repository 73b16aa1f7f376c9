"""A model fitted on a survey, held out, and carried to small areas: ranks with intervals, never counts."""
