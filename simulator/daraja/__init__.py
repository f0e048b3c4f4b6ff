"""Safaricom's Daraja: one file per API."""
