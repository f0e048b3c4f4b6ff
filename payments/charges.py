"""What M-PESA charges the business for a payout to a registered customer, in cents: told before anybody approves.

TARIFF is Safaricom's bulk payment tariff form in which the receiver pays nothing and his withdrawal is his own affair,
as others have published it (grade C; the bands up to KES 20,000 were seen, the last one agrees with what the press
told of the cut of 2022 to within the excise duty since). What an operator has agreed on is his contract's: the setting
MPESA_PAYOUT_CHARGES says it in the same form. Whoever shows a charge says of when it is: `as_of`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

# (up to and including so many shillings, the charge in cents), rising.
TARIFF_SEEN = "11/2026"
TARIFF = ((100, 0), (1_500, 500), (5_000, 900), (20_000, 1_100), (250_000, 1_300))

Bands = Sequence[tuple[int, int]]


class BadTariff(ValueError):
    """The text is no tariff; the message says what of it."""


@dataclass(frozen=True)
class Cost:
    """A payout and what it takes: `total_cents` leaves the group."""

    amount_cents: int
    charge_cents: int

    @property
    def total_cents(self) -> int:
        return self.amount_cents + self.charge_cents


def cost(amount_cents: int, bands: Bands = TARIFF) -> Cost:
    """What a payout of `amount_cents` costs under these bands. Raises ValueError above the last of them."""
    shillings = -(-amount_cents // 100)
    for end, charge_cents in bands:
        if shillings <= end:
            return Cost(amount_cents, charge_cents)
    raise ValueError("more than one M-PESA payment may move")


def as_of(bands: Bands) -> str:
    """When the published tariff was collected (month/year); empty for what an operator's contract says."""
    return TARIFF_SEEN if bands == TARIFF else ""


def read_bands(text: str) -> Bands:
    """Bands out of a setting, `1500:5, 250000:13` in shillings (a charge may have cents: 22.40). Raises BadTariff.

    An empty text is TARIFF.
    """
    if not text.strip():
        return TARIFF
    bands: list[tuple[int, int]] = []
    for part in text.split(","):
        end, _, charge = part.strip().partition(":")
        whole, _, hundredths = charge.strip().partition(".")
        digits = (hundredths + "00")[:2]
        if not (end.strip().isdecimal() and whole.isdecimal() and digits.isdecimal() and len(hundredths) <= 2):
            raise BadTariff("a band is written as shillings:charge, for example 1500:5")
        bands.append((int(end), int(whole) * 100 + int(digits)))
    if [end for end, _ in bands] != sorted({end for end, _ in bands}):
        raise BadTariff("bands rise")
    return tuple(bands)
