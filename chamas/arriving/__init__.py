"""Money that comes in, by M-PESA or as notes: whose it is, what for, and what nobody owns yet."""
