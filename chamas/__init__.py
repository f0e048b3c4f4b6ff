"""The group and its rules."""
