"""Safaricom's HTTP, its code table and the shapes of its bodies. Only this folder knows how Daraja spells."""
