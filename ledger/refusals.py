"""Refusals: what a rule says no to, in a form that a screen, a page and a program can each show.

A refusal carries a code for programs, an HTTP status, and words: an English msgid with named places, so that whoever
shows it can translate first and fill in afterwards. Every room raises its own, beside the rule.
"""

from typing import ClassVar


class Refusal(Exception):
    """Base of all refusals. `named` holds the values for the places in `words`."""

    code: ClassVar[str]
    status: ClassVar[int]
    words: ClassVar[str]

    def __init__(self, **named: object) -> None:
        super().__init__(self.words.format(**named))
        self.named = named


class KeyReused(Refusal):
    """The idempotency key has answered another request before."""

    code = "key_reused"
    status = 409
    words = "This key was used before for another request."


class OutOfBounds(Refusal):
    """A balance would pass its floor or its ceiling. Kept with the key: the same request stays refused."""

    code = "out_of_bounds"
    status = 409
    words = "There is not enough money for this."


class AccountClosed(Refusal):
    """A posting names a closed account. Kept with the key: the same request stays refused."""

    code = "account_closed"
    status = 409
    words = "This account is closed."


class Unbalanced(Refusal):
    """Debits and credits of an entry differ."""

    code = "unbalanced"
    status = 422
    words = "Debits and credits of this entry are not equal."


class NoSeason(Refusal):
    """No season is open for the instant, or the instant lies in a season that this book has left."""

    code = "no_season"
    status = 503
    words = "The books are not open for this date."


class UnknownBook(Refusal):
    """There is no such book."""

    code = "unknown_book"
    status = 404
    words = "There is no such book."


class UnknownAccount(Refusal):
    """The book has no such account."""

    code = "unknown_account"
    status = 404
    words = "This book has no such account."


class NotAnAmount(Refusal):
    """What was typed is no amount of money."""

    code = "not_an_amount"
    status = 422
    words = "Type an amount in shillings, for example 500."
