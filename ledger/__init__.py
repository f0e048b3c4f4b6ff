"""What is true: books, entries that balance, and what proves them. Knows nothing of phones, HTTP, M-PESA or Redis."""

from ledger.books import (
    Draft,
    Line,
    Page,
    Posted,
    account_id,
    balance,
    open_account,
    open_book,
    page,
    post,
    post_all,
    post_set,
)
from ledger.findings import Finding
from ledger.history import trial_balance
from ledger.holds import Request, available, expire, reverse, settle, void
from ledger.money import parse_shillings, print_kes
from ledger.pairs import post_pair
from ledger.passbook import StatementLine, statement
from ledger.refusals import Refusal
from ledger.seasons import open_ahead, season_at
from ledger.verify import verify
from ledger.words import words

__all__ = [
    "Draft",
    "Finding",
    "Line",
    "Page",
    "Posted",
    "Refusal",
    "Request",
    "StatementLine",
    "account_id",
    "available",
    "balance",
    "expire",
    "open_account",
    "open_ahead",
    "open_book",
    "page",
    "parse_shillings",
    "post",
    "post_all",
    "post_pair",
    "post_set",
    "print_kes",
    "reverse",
    "season_at",
    "settle",
    "statement",
    "trial_balance",
    "verify",
    "void",
    "words",
]
