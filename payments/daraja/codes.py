"""What Safaricom's codes mean. The key is (api, code): 2001 is a wrong PIN on a prompt and a wrong initiator in a B2C.

`treat_as` is the state that a result code proposes for the attempt. A code that is not in the table proves nothing: the
attempt stays open and is asked about again. Grades: O Safaricom's own page, S seen in the sandbox, C told by others.
docs/codes.md is drawn from here, from payout_codes.py and from errors.py: `make codes`.
"""

from dataclasses import dataclass
from enum import StrEnum

from payments.states import AttemptState

STK = "stk"
STATUS = "status"
REVERSAL = "reversal"
# A transfer to another paybill: nothing here asks for one yet.
B2B_EXPRESS = "b2b_express"
# What M-PESA's core says to any request of an initiator, whatever it is about. A prompt's 17 and 26 are not these.
G2 = "g2"


class Retry(StrEnum):
    """When the same may be tried again, by a person or by us."""

    NO = "no"
    ASK = "never before it is known: it is asked about"
    AT_ONCE = "at once"
    A_MINUTE = "after a minute"
    TWO_MINUTES = "after two minutes"
    LATER = "later"
    TOMORROW = "tomorrow"
    CHANGED = "with another amount, number or balance"
    REPAIRED = "once it is repaired"


@dataclass(frozen=True)
class Code:
    """`words` is the English msgid that a member is told, empty for what she did herself or needs no word about.

    `repair` is what an operator must do, empty where there is nothing to repair.
    """

    meaning: str
    treat_as: AttemptState
    words: str
    grade: str
    retry: Retry
    repair: str = ""

    @property
    def operator(self) -> bool:
        """Only the operator can repair it."""
        return bool(self.repair)


_PAID, _SOFT, _FINAL = AttemptState.PROVEN, AttemptState.FAILED_SOFT, AttemptState.FAILED_FINAL
_OPEN = AttemptState.UNCLEAR

NO_ANSWER = "You did not answer the M-PESA prompt in time."
TROUBLE = "M-PESA could not take the payment. We have been told."
# No result of M-PESA's: the prompt never left us.
NEVER_SENT = "We could not reach M-PESA."
EARLIER_CAME = "Your earlier payment of it came after all."

# What the operator is told where several codes need the same.
INITIATOR = "Set the initiator's password anew in the portal and here, then pesachama doctor --ask-again."
UNLOCK = "Unlock the initiator in the portal first: every further request keeps it locked."
ROLE = "Give the initiator the role for this API in the portal."
KIND = "Compare the shortcode's kind, paybill or till, with the portal: pesachama shortcodes list."
FLOAT = "Move money into the utility account in the portal."
FULL = "Move money out of the receiving account in the portal."
ACCOUNT = "Ask Safaricom's business support: an account of the shortcode is not active."
REQUEST = "A request of ours is not what Daraja documents: tell the developers its code."
PROMPT = "Shorten the group's name: the prompt has more than 182 characters."
WAIT = "Nothing, unless it lasts: then Safaricom's status page or support."

CODES: dict[tuple[str, str], Code] = {
    (STK, "0"): Code("success", _PAID, "", "O", Retry.NO),
    (STK, "1"): Code("insufficient balance", _FINAL, "There is not enough money in your M-PESA.", "O", Retry.CHANGED),
    (STK, "2"): Code("below the minimum", _FINAL, "The amount is too small for M-PESA.", "O", Retry.CHANGED),
    (STK, "3"): Code("above the maximum", _FINAL, "The amount is too big for M-PESA.", "O", Retry.CHANGED),
    (STK, "4"): Code("daily limit", _FINAL, "You have reached your M-PESA limit for today.", "O", Retry.TOMORROW),
    (STK, "8"): Code(
        "balance limit", _FINAL, "The receiving account is full. We have been told.", "O", Retry.REPAIRED, FULL
    ),
    (STK, "17"): Code("rule limited", _FINAL, "The same amount again: wait 2 minutes.", "O", Retry.TWO_MINUTES),
    (STK, "26"): Code("traffic blocking", _OPEN, "", "C", Retry.ASK),
    (STK, "1001"): Code(
        "subscriber locked", _SOFT, "Another M-PESA request is open on your phone.", "C", Retry.A_MINUTE
    ),
    (STK, "1019"): Code("expired", _SOFT, NO_ANSWER, "O", Retry.LATER),
    (STK, "1025"): Code("push error, prompt too long", _FINAL, TROUBLE, "O", Retry.REPAIRED, PROMPT),
    (STK, "1031"): Code("cancelled", _SOFT, "", "C", Retry.AT_ONCE),
    (STK, "1032"): Code("cancelled by user", _FINAL, "", "O", Retry.AT_ONCE),
    (STK, "1036"): Code("SMSC ACK timeout", _SOFT, NO_ANSWER, "C", Retry.LATER),
    (STK, "1037"): Code("no response from user", _SOFT, NO_ANSWER, "O", Retry.AT_ONCE),
    (STK, "2001"): Code("wrong PIN", _FINAL, "The M-PESA PIN was wrong.", "O", Retry.AT_ONCE),
    (STK, "2028"): Code("transaction type or PartyB not allowed", _FINAL, TROUBLE, "O", Retry.REPAIRED, KIND),
    (STK, "4999"): Code("still processing", AttemptState.PENDING, "", "C", Retry.ASK),
    (STK, "8006"): Code("credential locked", _FINAL, "Your M-PESA PIN is locked: call 100.", "O", Retry.LATER),
    (STK, "9999"): Code("push error", _FINAL, TROUBLE, "C", Retry.REPAIRED, PROMPT),
    (STK, "SFC_IC0003"): Code("operator does not exist", _FINAL, TROUBLE, "O", Retry.REPAIRED, KIND),
    # Not about the transaction but about us: who asks on with a wrong password locks the initiator.
    (STATUS, "18"): Code("initiator credential", _OPEN, "", "O", Retry.REPAIRED, INITIATOR),
    (STATUS, "21"): Code("initiator lacks the role", _OPEN, "", "O", Retry.REPAIRED, ROLE),
    (STATUS, "22"): Code("initiator lacks permission", _OPEN, "", "O", Retry.REPAIRED, ROLE),
    (STATUS, "2001"): Code("initiator's name or password is wrong", _OPEN, "", "O", Retry.REPAIRED, INITIATOR),
    (STATUS, "8006"): Code("initiator is locked", _OPEN, "", "O", Retry.REPAIRED, UNLOCK),
    # A reversal that is not done has moved nothing; FAILED_FINAL says so, there is no attempt that it moves.
    (REVERSAL, "0"): Code("success", _PAID, "", "O", Retry.NO),
    (REVERSAL, "1"): Code("the utility account is too small", _FINAL, "", "O", Retry.REPAIRED, FLOAT),
    (REVERSAL, "11"): Code("the debit party is in an invalid state", _FINAL, "", "O", Retry.REPAIRED, ACCOUNT),
    (REVERSAL, "21"): Code("initiator lacks the role Org Reversals Initiator", _FINAL, "", "O", Retry.REPAIRED, ROLE),
    (REVERSAL, "2001"): Code("initiator's name or password is wrong", _FINAL, "", "O", Retry.REPAIRED, INITIATOR),
    (REVERSAL, "2006"): Code("the account is not active", _FINAL, "", "O", Retry.REPAIRED, ACCOUNT),
    (REVERSAL, "2028"): Code("not allowed for this product", _FINAL, "", "O", Retry.REPAIRED, KIND),
    (REVERSAL, "8006"): Code("initiator is locked", _FINAL, "", "O", Retry.REPAIRED, UNLOCK),
    (REVERSAL, "R000001"): Code("reversed already", _PAID, "", "O", Retry.NO),
    (REVERSAL, "R000002"): Code("the original receipt is not valid", _FINAL, "", "O", Retry.NO, REQUEST),
    (B2B_EXPRESS, "4001"): Code("cancelled by user", _FINAL, "", "O", Retry.AT_ONCE),
    # The core itself. None of these says that nothing has moved, but for the ones about who asks.
    (G2, "15"): Code("duplicate", _OPEN, "", "O", Retry.ASK),
    (G2, "17"): Code("internal failure, or anything else", _OPEN, "", "O", Retry.ASK),
    (G2, "18"): Code("initiator credential", _OPEN, "", "O", Retry.REPAIRED, INITIATOR),
    (G2, "19"): Code("sequencing", _OPEN, "", "O", Retry.ASK, REQUEST),
    (G2, "20"): Code("unresolved initiator", _OPEN, "", "O", Retry.REPAIRED, INITIATOR),
    (G2, "21"): Code("initiator lacks permission for the primary party", _OPEN, "", "O", Retry.REPAIRED, ROLE),
    (G2, "22"): Code("initiator lacks permission for the receiver party", _OPEN, "", "O", Retry.REPAIRED, ROLE),
    (G2, "24"): Code("something mandatory is missing", _OPEN, "", "O", Retry.REPAIRED, REQUEST),
    (G2, "25"): Code("invalid parameters", _OPEN, "", "O", Retry.REPAIRED, REQUEST),
    (G2, "26"): Code("traffic blocking", _OPEN, "", "O", Retry.ASK, WAIT),
    (G2, "29"): Code("invalid command", _OPEN, "", "O", Retry.REPAIRED, REQUEST),
    (G2, "100000000"): Code("cached, waiting to be sent again", _OPEN, "", "O", Retry.ASK, WAIT),
    (G2, "100000001"): Code("overload", _OPEN, "", "O", Retry.ASK, WAIT),
    (G2, "100000002"): Code("throttling", _OPEN, "", "O", Retry.ASK, WAIT),
    (G2, "100000004"): Code("internal server error", _OPEN, "", "O", Retry.ASK, WAIT),
    (G2, "100000005"): Code("invalid input", _OPEN, "", "O", Retry.ASK, REQUEST),
    (G2, "100000007"): Code("service status abnormal", _OPEN, "", "O", Retry.ASK, WAIT),
    (G2, "100000009"): Code("API status abnormal", _OPEN, "", "O", Retry.ASK, WAIT),
    (G2, "100000010"): Code("insufficient permissions", _OPEN, "", "O", Retry.ASK, ROLE),
    (G2, "100000011"): Code("request rate exceeded", _OPEN, "", "O", Retry.ASK, WAIT),
    (G2, "00.002.1001"): Code("maintenance", _OPEN, "", "O", Retry.ASK, WAIT),
}

UNHEARD_OF = Code("not in the table", _OPEN, "", "-", Retry.ASK, "Look at the evidence, and tell the developers of it.")


def refuses_initiator(code: str) -> bool:
    """Whether this result of a Transaction Status is about who asks: asking again can only make it worse."""
    return (STATUS, code) in CODES


def look_up(api: str, code: str) -> Code:
    """The row of the table; UNHEARD_OF proposes nothing."""
    return CODES.get((api, code), UNHEARD_OF)


def explained(api: str, code: str) -> Code:
    """The row for people: what the core says of any request where the API's own page is silent."""
    found = look_up(api, code)
    return look_up(G2, code) if found is UNHEARD_OF and api != STK else found
