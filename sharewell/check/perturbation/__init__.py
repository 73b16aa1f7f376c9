"""Change published counts a little: to a base, additively, or by cell key."""
