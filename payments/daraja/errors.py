"""What an error answer of Daraja means for the request: the errorCode alone is not enough.

500.001.1001 stands for a wrong password, a locked subscriber, a request in flight and an id that nobody knows, so the
rule is found by code and by words of the message. What no rule knows is Unknown: the cautious reading.
Every code that Safaricom's own pages name has a rule of its own, for docs/codes.md (`make codes`).
"""

from dataclasses import dataclass
from enum import StrEnum


class Meaning(StrEnum):
    TOKEN = "token"  # noqa: S105 - a meaning, not a secret
    INVALID = "invalid"
    CREDENTIALS = "credentials"
    LATER = "later"
    IN_FLIGHT = "in_flight"
    NO_SUCH_ID = "no_such_id"
    DUPLICATE = "duplicate"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Rule:
    """Holds when the errorCode begins with `code` and the message, in small letters, contains `words`.

    `says` is what it is about, for people.
    """

    code: str
    words: str
    meaning: Meaning
    says: str


# The first that holds decides.
RULES = (
    Rule("404.001.03", "", Meaning.TOKEN, "the token is not valid (any more)"),
    Rule("400.003.01", "", Meaning.TOKEN, "the token is not valid"),
    Rule("401.002.01", "", Meaning.TOKEN, "the token is not valid"),
    Rule("401.003.01", "", Meaning.TOKEN, "the token is not valid"),
    Rule("404.001.04", "", Meaning.TOKEN, "the Authorization header is not valid"),
    Rule("400.008.01", "", Meaning.CREDENTIALS, "the consumer key and secret are not taken"),
    Rule("400.008.02", "", Meaning.CREDENTIALS, "the grant type is not taken"),
    Rule("400.008.", "", Meaning.CREDENTIALS, "the credentials are not taken"),
    Rule("400.002.02", "", Meaning.INVALID, "a field is not valid: the message names it"),
    Rule("400.002.05", "", Meaning.INVALID, "the body is not valid"),
    Rule("400.003.02", "", Meaning.INVALID, "a bad request"),
    Rule("400.", "", Meaning.INVALID, "a bad request"),
    Rule("404.001.01", "", Meaning.INVALID, "no such resource"),
    Rule("404.002.01", "", Meaning.INVALID, "no such resource"),
    Rule("404.003.01", "", Meaning.INVALID, "no such resource"),
    Rule("404.", "", Meaning.INVALID, "no such resource"),
    Rule("405.001", "", Meaning.INVALID, "the method is not allowed"),
    Rule("405.", "", Meaning.INVALID, "the method is not allowed"),
    Rule("500.001.1001", "being processed", Meaning.IN_FLIGHT, "the prompt is still out"),
    Rule("500.001.1001", "transaction does not exist", Meaning.NO_SUCH_ID, "an id that it does not know"),
    Rule("500.001.1001", "merchant does not exist", Meaning.CREDENTIALS, "the shortcode is not that of the keys"),
    Rule("500.001.1001", "wrong credentials", Meaning.CREDENTIALS, "the passkey is wrong"),
    Rule("500.001.1001", "unable to lock subscriber", Meaning.LATER, "another request is open on that phone"),
    Rule("500.001.1001", "", Meaning.UNKNOWN, "anything else"),
    Rule("500.002.1001", "duplicate", Meaning.DUPLICATE, "our name of this request was taken before"),
    Rule("500.002.1001", "", Meaning.UNKNOWN, "an internal error"),
    Rule("500.003.1001", "", Meaning.UNKNOWN, "an internal error; of a registration: the addresses are registered"),
    # The gateway in front of M-PESA counts requests and turns surplus ones away; "System is busy" under the same code
    # comes from behind it and proves nothing.
    Rule("500.003.02", "spike arrest", Meaning.LATER, "too many requests at once"),
    Rule("500.003.02", "", Meaning.UNKNOWN, "the system is busy"),
    Rule("500.003.03", "quota", Meaning.LATER, "the quota is used up"),
    Rule("500.003.03", "", Meaning.UNKNOWN, "anything else"),
)

# Nothing was executed.
NOT_EXECUTED = frozenset({Meaning.TOKEN, Meaning.INVALID, Meaning.CREDENTIALS, Meaning.LATER})
WORTH_ANOTHER_TRY = frozenset({Meaning.TOKEN, Meaning.LATER})


def meaning_of(code: str, message: str) -> Meaning:
    """The meaning of an errorCode with its errorMessage."""
    said = message.lower()
    for rule in RULES:
        if code.startswith(rule.code) and rule.words in said:
            return rule.meaning
    return Meaning.UNKNOWN
