"""What an error answer of Daraja means for the request: the errorCode alone is not enough.

500.001.1001 stands for a wrong password, a locked subscriber, a request in flight and an id that nobody knows, so the
rule is found by code and by words of the message. What no rule knows is Unknown: the cautious reading.
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
    """Holds when the errorCode begins with `code` and the message, in small letters, contains `words`."""

    code: str
    words: str
    meaning: Meaning


# The first that holds decides.
RULES = (
    Rule("404.001.03", "", Meaning.TOKEN),
    Rule("400.003.01", "", Meaning.TOKEN),
    Rule("401.002.01", "", Meaning.TOKEN),
    Rule("401.003.01", "", Meaning.TOKEN),
    Rule("404.001.04", "", Meaning.TOKEN),
    Rule("400.008.", "", Meaning.CREDENTIALS),
    Rule("400.", "", Meaning.INVALID),
    Rule("404.", "", Meaning.INVALID),
    Rule("405.", "", Meaning.INVALID),
    Rule("500.001.1001", "being processed", Meaning.IN_FLIGHT),
    Rule("500.001.1001", "transaction does not exist", Meaning.NO_SUCH_ID),
    Rule("500.001.1001", "merchant does not exist", Meaning.CREDENTIALS),
    Rule("500.001.1001", "wrong credentials", Meaning.CREDENTIALS),
    Rule("500.001.1001", "unable to lock subscriber", Meaning.LATER),
    # Under the same code as "System internal error", which proves nothing at all.
    Rule("500.002.1001", "duplicate", Meaning.DUPLICATE),
    # The gateway in front of M-PESA counts requests and turns surplus ones away; "System is busy" under the same code
    # comes from behind it and proves nothing.
    Rule("500.003.02", "spike arrest", Meaning.LATER),
    Rule("500.003.03", "quota", Meaning.LATER),
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
