"""The door: HTTP, Redis, SMS, jobs and the command line."""
