"""Day by day, what our books say beside what M-PESA lists of a shortcode, and what nobody told us in between."""
