"""How a group starts and ends, and who leaves it on the way."""
