"""What waits for other people's yes, and whose yes counts."""
