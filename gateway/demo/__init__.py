"""What a demo has that a real house has not: people, and everything started in one go."""
