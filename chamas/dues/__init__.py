"""What each member owes, why, what being late costs, and what a round has collected."""
