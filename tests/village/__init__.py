"""Many groups over years of a virtual clock: `make village`, docs/village.md."""
