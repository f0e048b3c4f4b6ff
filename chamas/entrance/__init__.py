"""How people and whole groups come in."""
