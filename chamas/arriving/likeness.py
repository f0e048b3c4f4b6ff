"""How likely unmatched money is somebody's, and why: grades out of what speaks for it. Pure.

Each reason has a weight, and a grade its sum. One that names a person alone weighs much: the phone that paid. One that
fits many weighs little: three digits that a mask leaves, an amount that she owes. What speaks against somebody is not
asked: two officials look, and the money waits for them.
"""

from collections.abc import Collection, Iterator
from enum import StrEnum

from payments.paybill import Account, read_account


class Grade(StrEnum):
    """How likely, the likeliest first."""

    STRONG = "strong"
    LIKELY = "likely"
    POSSIBLE = "possible"


class Reason(StrEnum):
    """What speaks for it; the words of pages and screens stand with them."""

    HER_PHONE = "her_phone"
    HER_MASK = "her_mask"
    HER_NAME = "her_name"
    ONE_SLIP = "one_slip"
    SAME_GROUP = "same_group"
    HER_PROMPT = "her_prompt"
    LIKE_HER_PROMPT = "like_her_prompt"
    SHE_OWES = "she_owes"


WEIGHTS = {
    Reason.HER_PHONE: 4,
    Reason.HER_PROMPT: 3,
    Reason.ONE_SLIP: 3,
    Reason.HER_NAME: 2,
    Reason.HER_MASK: 1,
    Reason.LIKE_HER_PROMPT: 1,
    Reason.SAME_GROUP: 1,
    Reason.SHE_OWES: 1,
}
# A name is shared by many, and an amount by all: alone they are no reason to show somebody's money to anybody.
NOT_ALONE = frozenset({Reason.HER_NAME, Reason.SHE_OWES, Reason.SAME_GROUP})
STRONG_FROM, LIKELY_FROM = 5, 3

DIGITS = "0123456789"
# Longer than any account number with a digit too many.
LONGEST_TYPED = 9


def grade(reasons: Collection[Reason]) -> Grade | None:
    """The grade of what speaks for somebody; None when it says too little."""
    if set(reasons) <= NOT_ALONE:
        return None
    weight = sum(WEIGHTS[reason] for reason in set(reasons))
    if weight >= STRONG_FROM:
        return Grade.STRONG
    return Grade.LIKELY if weight >= LIKELY_FROM else Grade.POSSIBLE


def one_slip_off(typed: str) -> set[Account]:
    """Accounts that one slip makes into what was typed: a digit wrong, missing or too many, or two swapped."""
    digits = "".join(letter for letter in typed if letter.isdigit())
    if not 4 <= len(digits) <= LONGEST_TYPED:
        return set()
    read = (read_account(variant) for variant in _slips(digits) if variant != digits)
    return {account for account in read if account is not None}


def _slips(digits: str) -> Iterator[str]:
    for place in range(len(digits) + 1):
        before, after = digits[:place], digits[place:]
        for digit in DIGITS:
            yield before + digit + after
            if after:
                yield before + digit + after[1:]
        if after:
            yield before + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
