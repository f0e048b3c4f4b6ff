"""Safaricom, Africa's Talking, a chain and three phones, as servers of their own."""
