"""The rules a group agreed on, as data, and the calendar that they set. Asks nothing of the other rooms here."""
