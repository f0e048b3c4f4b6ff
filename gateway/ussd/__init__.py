"""Where Africa's Talking calls: one turn of a phone in, one screen out."""
