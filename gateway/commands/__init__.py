"""One file per command of `pesachama`."""
