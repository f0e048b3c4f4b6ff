"""A copy of the whole database in one file, and its way back into an empty database."""
