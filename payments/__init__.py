"""Money moving, and the proof that it moved."""
