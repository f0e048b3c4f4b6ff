"""Changing the rules: proposed, previewed, answered, adopted."""
