"""Money as people write it: the one place where cents are printed and shillings are read. Integers only."""

import re

from ledger.refusals import NotAnAmount

CENTS_PER_SHILLING = 100  # senti; M-PESA moves whole shillings only

# Longer than all the money there is, and still far inside a bigint.
MAX_DIGITS = 13

# 1250, 1,250, KES 1250, Ksh. 1,250/=, 1,250.50: as M-PESA messages and receipt books have it. [0-9], because \d would
# also let through digits of other scripts.
_SHILLINGS = re.compile(
    r"(?:(?:KES|KSHS?|SH)\.?)?\s*(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.(?P<cents>[0-9]{2}))?\s*(?:/[=-])?",
    re.IGNORECASE,
)


def print_kes(cents: int) -> str:
    """Cents as shillings without the currency: 125000 is "1,250", 125050 is "1,250.50", -5 is "-0.05"."""
    shillings, rest = divmod(abs(cents), CENTS_PER_SHILLING)
    sign = "-" if cents < 0 else ""
    return f"{sign}{shillings:,}.{rest:02}" if rest else f"{sign}{shillings:,}"


def parse_shillings(text: str) -> int:
    """What a person typed, in cents: "1,250" is 125000. Raises NotAnAmount for anything else, for zero too."""
    match = _SHILLINGS.fullmatch(text.strip())
    if match is None:
        raise NotAnAmount
    whole = match["whole"].replace(",", "")
    cents = int(whole[-MAX_DIGITS - 1 :]) * CENTS_PER_SHILLING + int(match["cents"] or 0)
    if len(whole) > MAX_DIGITS or cents == 0:
        raise NotAnAmount
    return cents
