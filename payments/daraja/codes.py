"""What Safaricom's codes mean. The key is (api, code): 2001 is a wrong PIN on a prompt and a wrong initiator in a B2C.

`treat_as` is the state that a result code proposes for the attempt. A code that is not in the table proves nothing: the
attempt stays open and is asked about again. Grades: O Safaricom's own page, S seen in the sandbox, C told by others.
"""

from dataclasses import dataclass

from payments.states import AttemptState

STK = "stk"
STATUS = "status"
REVERSAL = "reversal"


@dataclass(frozen=True)
class Code:
    """`words` is the English msgid that a member is told, empty for what she did herself or needs no word about.

    `operator` marks what only the operator can repair.
    """

    meaning: str
    treat_as: AttemptState
    words: str
    grade: str
    operator: bool = False


_PAID, _SOFT, _FINAL = AttemptState.PROVEN, AttemptState.FAILED_SOFT, AttemptState.FAILED_FINAL

NO_ANSWER = "You did not answer the M-PESA prompt in time."
TROUBLE = "M-PESA could not take the payment. We have been told."
# No result of M-PESA's: the prompt never left us.
NEVER_SENT = "We could not reach M-PESA."
EARLIER_CAME = "Your earlier payment of it came after all."

CODES: dict[tuple[str, str], Code] = {
    (STK, "0"): Code("success", _PAID, "", "O"),
    (STK, "1"): Code("insufficient balance", _FINAL, "There is not enough money in your M-PESA.", "O"),
    (STK, "2"): Code("below the minimum", _FINAL, "The amount is too small for M-PESA.", "O"),
    (STK, "3"): Code("above the maximum", _FINAL, "The amount is too big for M-PESA.", "O"),
    (STK, "4"): Code("daily limit", _FINAL, "You have reached your M-PESA limit for today.", "O"),
    (STK, "8"): Code("balance limit", _FINAL, "The receiving account is full. We have been told.", "O", operator=True),
    (STK, "17"): Code("rule limited", _FINAL, "The same amount again: wait 2 minutes.", "O"),
    (STK, "26"): Code("traffic blocking", AttemptState.UNCLEAR, "", "C"),
    (STK, "1001"): Code("subscriber locked", _SOFT, "Another M-PESA request is open on your phone.", "C"),
    (STK, "1019"): Code("expired", _SOFT, NO_ANSWER, "O"),
    (STK, "1025"): Code("push error, prompt too long", _FINAL, TROUBLE, "O", operator=True),
    (STK, "1031"): Code("cancelled", _SOFT, "", "C"),
    (STK, "1032"): Code("cancelled by user", _FINAL, "", "O"),
    (STK, "1036"): Code("SMSC ACK timeout", _SOFT, NO_ANSWER, "C"),
    (STK, "1037"): Code("no response from user", _SOFT, NO_ANSWER, "O"),
    (STK, "2001"): Code("wrong PIN", _FINAL, "The M-PESA PIN was wrong.", "O"),
    (STK, "2028"): Code("transaction type or PartyB not allowed", _FINAL, TROUBLE, "O", operator=True),
    (STK, "4999"): Code("still processing", AttemptState.PENDING, "", "C"),
    (STK, "8006"): Code("credential locked", _FINAL, "Your M-PESA PIN is locked: call 100.", "O"),
    (STK, "9999"): Code("push error", _FINAL, TROUBLE, "C", operator=True),
    (STK, "SFC_IC0003"): Code("operator does not exist", _FINAL, TROUBLE, "O", operator=True),
    # Not about the transaction but about us: who asks on with a wrong password locks the initiator.
    (STATUS, "18"): Code("initiator credential", AttemptState.UNCLEAR, "", "O", operator=True),
    (STATUS, "21"): Code("initiator lacks the role", AttemptState.UNCLEAR, "", "O", operator=True),
    (STATUS, "22"): Code("initiator lacks permission", AttemptState.UNCLEAR, "", "O", operator=True),
    (STATUS, "2001"): Code("initiator's name or password is wrong", AttemptState.UNCLEAR, "", "O", operator=True),
    (STATUS, "8006"): Code("initiator is locked", AttemptState.UNCLEAR, "", "O", operator=True),
    # A reversal that is not done has moved nothing; FAILED_FINAL says so, there is no attempt that it moves.
    (REVERSAL, "0"): Code("success", _PAID, "", "O"),
    (REVERSAL, "1"): Code("the utility account is too small", _FINAL, "", "O", operator=True),
    (REVERSAL, "11"): Code("the debit party is in an invalid state", _FINAL, "", "O", operator=True),
    (REVERSAL, "21"): Code("initiator lacks the role Org Reversals Initiator", _FINAL, "", "O", operator=True),
    (REVERSAL, "2001"): Code("initiator's name or password is wrong", _FINAL, "", "O", operator=True),
    (REVERSAL, "2006"): Code("the account is not active", _FINAL, "", "O", operator=True),
    (REVERSAL, "2028"): Code("not allowed for this product", _FINAL, "", "O", operator=True),
    (REVERSAL, "8006"): Code("initiator is locked", _FINAL, "", "O", operator=True),
    (REVERSAL, "R000001"): Code("reversed already", _PAID, "", "O"),
    (REVERSAL, "R000002"): Code("the original receipt is not valid", _FINAL, "", "O", operator=True),
}

UNHEARD_OF = Code("not in the table", AttemptState.UNCLEAR, "", "-", operator=True)


def refuses_initiator(code: str) -> bool:
    """Whether this result of a Transaction Status is about who asks: asking again can only make it worse."""
    return (STATUS, code) in CODES


def look_up(api: str, code: str) -> Code:
    """The row of the table; UNHEARD_OF proposes nothing."""
    return CODES.get((api, code), UNHEARD_OF)
