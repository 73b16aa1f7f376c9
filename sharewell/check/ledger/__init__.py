"""What releases tell together: every published cell on record, and what their differences would reveal."""
