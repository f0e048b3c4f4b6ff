"""Meetings: when, who came, what was put on the table, the minutes, and what members say of their balance."""
