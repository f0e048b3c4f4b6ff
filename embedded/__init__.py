"""PostgreSQL, Redis and a chain that come as wheels, for the demo and the tests."""
