"""What M-PESA charges the person who pays a paybill, in cents.

Safaricom's tariff in which the payer carries the whole charge, as published in 2024 and repeated in 2025 for amounts
up to KES 250,000. Shares of it that an operator takes over by contract (the other two tariffs) make the payer's part
smaller.
"""

from bisect import bisect_left

# (up to and including so many shillings, the payer's charge in shillings)
TARIFF = (
    (100, 0),
    (500, 5),
    (1_000, 10),
    (1_500, 15),
    (2_500, 20),
    (3_500, 25),
    (5_000, 34),
    (7_500, 42),
    (10_000, 48),
    (15_000, 57),
    (20_000, 62),
    (25_000, 67),
    (30_000, 72),
    (35_000, 83),
    (40_000, 99),
    (45_000, 103),
    (250_000, 108),
)

# The most that one M-PESA payment may move.
MOST_CENTS = TARIFF[-1][0] * 100

_UPPER_ENDS = [end for end, _charge in TARIFF]


def payer_fee_cents(amount_cents: int) -> int:
    """The charge on a payment of `amount_cents`. Raises ValueError above MOST_CENTS."""
    if amount_cents > MOST_CENTS:
        raise ValueError("more than one M-PESA payment may move")
    shillings = -(-amount_cents // 100)
    return TARIFF[bisect_left(_UPPER_ENDS, shillings)][1] * 100
