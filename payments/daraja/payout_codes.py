"""What Safaricom's codes mean for a payout, keyed (api, code) like those of prompts: 2001 is no customer's PIN here.

Only a code that is known to end a payment proves that no money moved. Any other proves nothing: the payout stays open
and is asked about. Grades: O Safaricom's own page, C told by others.
"""

from dataclasses import dataclass

from payments.daraja.codes import ACCOUNT, FLOAT, INITIATOR, KIND, ROLE, UNLOCK, Retry

B2C = "b2c"
B2B = "b2b"


@dataclass(frozen=True)
class PayoutCode:
    """`failed`: no money has moved, and none will. `stops`: every further request only brings the initiator's lock
    nearer.

    `words` is the English msgid that the group's officials are told, `repair` what the operator must do.
    """

    meaning: str
    failed: bool
    words: str
    grade: str
    retry: Retry
    repair: str = ""
    stops: bool = False


TOO_SMALL = "The amount is too small for M-PESA."
TOO_BIG = "The amount is too big for M-PESA."
NO_SUCH_BANK = "M-PESA does not know this paybill or account."
NOT_ON_MPESA = "This number is not registered with M-PESA."
OPERATOR = "M-PESA could not send it. The operator has been told."

PAYOUT_CODES: dict[tuple[str, str], PayoutCode] = {
    (B2C, "0"): PayoutCode("success", False, "", "O", Retry.NO),
    (B2C, "1"): PayoutCode("utility account too small", True, OPERATOR, "O", Retry.REPAIRED, FLOAT),
    (B2C, "2"): PayoutCode("below the minimum", True, TOO_SMALL, "O", Retry.CHANGED),
    (B2C, "3"): PayoutCode("above the maximum", True, TOO_BIG, "O", Retry.CHANGED),
    (B2C, "4"): PayoutCode(
        "daily limit", True, "The receiver's M-PESA limit for today is reached.", "O", Retry.TOMORROW
    ),
    (B2C, "8"): PayoutCode(
        "receiver's balance limit", True, "The receiver's M-PESA account is full.", "O", Retry.CHANGED
    ),
    (B2C, "11"): PayoutCode("debit party invalid", True, OPERATOR, "O", Retry.REPAIRED, ACCOUNT),
    # The same id again: something with it was taken before, and is asked about.
    (B2C, "15"): PayoutCode("duplicate", False, "", "O", Retry.ASK),
    (B2C, "21"): PayoutCode("initiator lacks the role", True, OPERATOR, "O", Retry.REPAIRED, ROLE, stops=True),
    (B2C, "2001"): PayoutCode(
        "initiator's name or password is wrong", True, OPERATOR, "O", Retry.REPAIRED, INITIATOR, stops=True
    ),
    (B2C, "2006"): PayoutCode(
        "account not active", True, "The receiver's M-PESA account is not active.", "O", Retry.LATER
    ),
    (B2C, "2028"): PayoutCode("product not allowed", True, OPERATOR, "O", Retry.REPAIRED, KIND),
    (B2C, "2040"): PayoutCode("receiver not registered", True, NOT_ON_MPESA, "O", Retry.CHANGED),
    (B2C, "8006"): PayoutCode("initiator is locked", True, OPERATOR, "O", Retry.REPAIRED, UNLOCK, stops=True),
    (B2C, "SFC_IC0003"): PayoutCode("number not on M-PESA", True, NOT_ON_MPESA, "O", Retry.CHANGED),
    # Safaricom's page of B2B lists hardly any: these are of the core that B2C shares, as others have met them.
    (B2B, "0"): PayoutCode("success", False, "", "O", Retry.NO),
    (B2B, "1"): PayoutCode("working account too small", True, OPERATOR, "C", Retry.REPAIRED, FLOAT),
    (B2B, "2"): PayoutCode("below the minimum", True, TOO_SMALL, "C", Retry.CHANGED),
    (B2B, "3"): PayoutCode("above the maximum", True, TOO_BIG, "C", Retry.CHANGED),
    (B2B, "11"): PayoutCode("debit party invalid", True, OPERATOR, "C", Retry.REPAIRED, ACCOUNT),
    (B2B, "12"): PayoutCode("credit party invalid", True, NO_SUCH_BANK, "C", Retry.CHANGED),
    (B2B, "21"): PayoutCode("initiator lacks the role", True, OPERATOR, "O", Retry.REPAIRED, ROLE, stops=True),
    (B2B, "2001"): PayoutCode(
        "initiator's name or password is wrong", True, OPERATOR, "O", Retry.REPAIRED, INITIATOR, stops=True
    ),
    (B2B, "2028"): PayoutCode("product not allowed", True, OPERATOR, "C", Retry.REPAIRED, KIND),
    (B2B, "8006"): PayoutCode("initiator is locked", True, OPERATOR, "C", Retry.REPAIRED, UNLOCK, stops=True),
}

UNHEARD_OF = PayoutCode("not in the table", False, "", "-", Retry.ASK)


def look_up(code: str, api: str = B2C) -> PayoutCode:
    """The row of the table; UNHEARD_OF proves nothing."""
    return PAYOUT_CODES.get((api, code), UNHEARD_OF)
