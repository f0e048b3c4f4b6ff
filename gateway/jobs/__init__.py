"""What the worker does: resident loops over due rows, and the few jobs that come with the calendar."""
