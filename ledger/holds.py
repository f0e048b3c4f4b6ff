"""Money that is held before it moves, and entries that take others back.

Theory of operation. A hold is a draft with `expires_at`: its lines are pending, count against the bounds of their
accounts and never in a balance, so that what is held cannot be spent twice. It ends once, by an entry of its own:

    held -> posted    before its expiry; for all that is held, or for less, and then the rest is free again
         -> voided    at any time
         -> expired   at its expiry or later, by the loop that asks for due holds; until it comes, nothing is posted

A posted entry is never changed: `reverse` posts its mirror, once. Which entry ended which is unique by constraint.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from psycopg.rows import scalar_row

from ledger import refusals
from ledger.bisection import post_bisected
from ledger.books import Draft, Line, Posted, Resolution, post
from ledger.retries import transact
from ledger.wires import Chance, Connection, Wires

# One set of a few tens of milliseconds; the loop comes back at once while there is more.
EXPIRE_AT_ONCE = 500

# The keys of expiries: the hold itself is the request, so however often it is made, it is made once.
EXPIRY_SCOPE = "expiry"


@dataclass(frozen=True)
class Request:
    """Who asks for the end of an entry, when, and under which key; `note` stays erasable, as that of a draft."""

    scope: str
    key: str
    occurred_at: datetime
    note: Mapping[str, Any] | None = None
    actor_id: int | None = None

    def draft(
        self,
        book_id: int,
        kind: str,
        *,
        lines: Sequence[Line] = (),
        resolves_seq: int | None = None,
        resolution: Resolution | None = None,
        reverses_seq: int | None = None,
    ) -> Draft:
        """The entry that this request asks for."""
        return Draft(
            book_id,
            kind,
            self.occurred_at,
            tuple(lines),
            self.scope,
            self.key,
            self.note or {},
            self.actor_id,
            reverses_seq=reverses_seq,
            resolves_seq=resolves_seq,
            resolution=resolution,
        )


def settle(
    conn: Connection,
    book_id: int,
    seq: int,
    request: Request,
    *,
    lines: Sequence[Line] = (),
    at: datetime,
    chance: Chance,
) -> Posted:
    """Posts what page `seq` holds: all of it, or `lines`, each at most what is held on its account and side.

    Raises UnknownEntry, NotAHold, MoreThanHeld; AlreadyResolved and HoldExpired stay with their key.
    """
    draft = request.draft(book_id, "settlement", lines=lines, resolves_seq=seq, resolution="posted")
    return post(conn, draft, at=at, chance=chance)


def void(conn: Connection, book_id: int, seq: int, request: Request, *, at: datetime, chance: Chance) -> Posted:
    """Frees what page `seq` holds. Raises UnknownEntry and NotAHold; AlreadyResolved stays with its key."""
    draft = request.draft(book_id, "void", resolves_seq=seq, resolution="voided")
    return post(conn, draft, at=at, chance=chance)


def reverse(conn: Connection, book_id: int, seq: int, request: Request, *, at: datetime, chance: Chance) -> Posted:
    """Posts the mirror of page `seq`. What settled a hold can be reversed, the hold itself only be voided.

    Raises UnknownEntry and NothingPosted; AlreadyReversed, OutOfBounds and AccountClosed stay with their key.
    """
    return post(conn, request.draft(book_id, "reversal", reverses_seq=seq), at=at, chance=chance)


def expire_due(wiring: Wires) -> int:
    """Frees what is held beyond its time, oldest first; returns how many holds ended."""
    at = wiring.now()
    return transact(wiring, lambda conn: expire(conn, at=at, chance=wiring.chance))


def expire(conn: Connection, *, at: datetime, chance: Chance) -> int:
    """Expires up to EXPIRE_AT_ONCE due holds; returns how many ended, 0 when none can be.

    One that was settled or voided meanwhile is left alone. One that puzzles stays, and verify names it; however many do
    and however old they are, they are passed over.
    """
    after = (datetime.min.replace(tzinfo=UTC), 0, 0)
    while due := _due(conn, at, after):
        drafts = [
            Request(EXPIRY_SCOPE, f"{book_id}:{seq}", expires_at).draft(
                book_id, "expiry", resolves_seq=seq, resolution="expired"
            )
            for expires_at, book_id, seq in due
        ]
        answers = post_bisected(conn, drafts, at=at, chance=chance)
        if ended := sum(isinstance(answer, Posted) and not answer.repeated for answer in answers):
            return ended
        after = due[-1]
    return 0


def _due(conn: Connection, at: datetime, after: tuple[datetime, int, int]) -> list[tuple[datetime, int, int]]:
    """The next holds that are due, each by its expiry, book and page."""
    return conn.execute(
        "SELECT expires_at, book_id, seq FROM open_holds WHERE expires_at <= %s AND (expires_at, book_id, seq) > "
        "(%s, %s, %s) ORDER BY expires_at, book_id, seq LIMIT %s",
        [at, *after, EXPIRE_AT_ONCE],
    ).fetchall()


def available(conn: Connection, account_id: int) -> int:
    """What can be taken from the account, in cents: its balance without what is held; raises UnknownAccount."""
    cursor = conn.cursor(row_factory=scalar_row)
    cents: int | None = cursor.execute(
        "SELECT balance_cents - CASE normal_side WHEN 'debit' THEN credits_pending_cents ELSE debits_pending_cents END "
        "FROM accounts WHERE id = %s",
        [account_id],
    ).fetchone()
    if cents is None:
        raise refusals.UnknownAccount
    return cents
