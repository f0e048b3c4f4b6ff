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


class NoPage(Refusal):
    """The book has no page of this number yet."""

    code = "no_page"
    status = 404
    words = "This book has no such page."


class SeasonArchived(Refusal):
    """The pages asked for stand in a season that is put away."""

    code = "season_archived"
    status = 503
    words = "These pages are put away. The operator can bring them back."


class SeasonInUse(Refusal):
    """A season can leave when it is over, all of it is sealed and settled, and no older one is at hand."""

    code = "season_in_use"
    status = 409
    words = "This season cannot be moved now: it is open, has something unsealed or held, or is out of turn."


class NotAnAmount(Refusal):
    """What was typed is no amount of money."""

    code = "not_an_amount"
    status = 422
    words = "Type an amount in shillings, for example 500."


class UnknownEntry(Refusal):
    """The book has no page of this number."""

    code = "unknown_entry"
    status = 404
    words = "This book has no such page."


class NotAHold(Refusal):
    """What is to be resolved holds nothing: only a pending entry is posted, voided or expired."""

    code = "not_a_hold"
    status = 409
    words = "No money is held by this page."


class NothingPosted(Refusal):
    """What is to be reversed posted nothing: a hold is voided instead."""

    code = "nothing_posted"
    status = 409
    words = "This page moved no money: there is nothing to reverse."


class AlreadyResolved(Refusal):
    """The hold has ended before. Kept with the key: the same request stays refused."""

    code = "already_resolved"
    status = 409
    words = "This held money was settled before."


class AlreadyReversed(Refusal):
    """The entry was reversed before. Kept with the key: the same request stays refused."""

    code = "already_reversed"
    status = 409
    words = "This page was reversed before."


class HoldExpired(Refusal):
    """The hold's time is over, so it cannot be posted any more. Kept with the key."""

    code = "hold_expired"
    status = 409
    words = "The time to settle this held money is over."


class HoldAlive(Refusal):
    """The hold's time is not over: it can be voided, not expired."""

    code = "hold_alive"
    status = 409
    words = "The time to settle this held money is not over yet."


class MoreThanHeld(Refusal):
    """A hold is posted for at most what it holds, on the accounts and sides where it holds it."""

    code = "more_than_held"
    status = 422
    words = "This is more than was held."


# What post_entries answers, by code.
OF_POSTING: dict[str, type[Refusal]] = {
    refusal.code: refusal
    for refusal in (
        KeyReused,
        OutOfBounds,
        AccountClosed,
        Unbalanced,
        NoSeason,
        UnknownBook,
        UnknownAccount,
        UnknownEntry,
        NotAHold,
        NothingPosted,
        AlreadyResolved,
        AlreadyReversed,
        HoldExpired,
        HoldAlive,
        MoreThanHeld,
    )
}
