"""The same people before and after their home was changed. Behind within-person-rates."""
