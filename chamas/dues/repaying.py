"""The worker's part of money that comes back: moves what was set aside for a loan to where the group has it.

    what was lent   Dr member:<member> / Cr loan:<member>     the claim of the group shrinks
    interest        Dr member:<member> / Cr loan_interest     income of the group, when it is paid and not before

Of each part what was lent is paid first, so that no income stands in the books for money that may never come back.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from chamas import aside
from chamas.dues import contributions, loans
from chamas.dues.allocation import Arrived
from chamas.members import register
from chamas.telling import notices
from chamas.telling.notices import Notice
from ledger.books import Draft, Line, Posted, account_ids, open_account, post
from ledger.wires import Chance, Connection, Wires

SCOPE = "loan"
INTEREST = "loan_interest"
KIND = "loan_repaid"


def go_on(wires: Wires) -> int:
    """Moves the money of one part, or ends one loan of which nothing is owed any more; returns 0 or 1."""
    at = wires.now()
    return aside.one_at_a_time(
        wires, "loan_money", partial(_to_book, at=at), partial(_book, at=at, chance=wires.chance)
    ) or aside.one_at_a_time(wires, "loan_ends", partial(_to_end, at=at), partial(_end, at=at))


def move_all(conn: Connection, chama_id: int, *, at: datetime, chance: Chance) -> None:
    """What members of this group set aside for their loans is the group's at once, before anything goes back."""
    for (instalment_id,) in conn.execute(
        "SELECT id FROM instalments WHERE chama_id = %s AND paid_cents > booked_cents ORDER BY id FOR NO KEY UPDATE",
        [chama_id],
    ).fetchall():
        _book(conn, instalment_id, at=at, chance=chance)


def moved(principal_cents: int, booked_cents: int, cents: int) -> tuple[int, int]:
    """Of so much that moves of a part, what was lent and what is interest; of what comes back, negative, interest is
    first. Pure.
    """
    before = min(booked_cents, principal_cents)
    lent_cents = min(booked_cents + cents, principal_cents) - before
    return lent_cents, cents - lent_cents


def enter(
    conn: Connection,
    book_id: int,
    member_id: int,
    debits: Mapping[str, int],
    credits: tuple[int, int],
    *,
    key: str,
    at: datetime,
    chance: Chance,
) -> Posted:
    """One entry that pays so much of what was lent, and so much interest, out of these accounts of hers. Posts only."""
    lent_cents, interest_cents = credits
    claim = f"loan:{member_id}"
    open_account(conn, book_id=book_id, code=claim, kind="asset")
    open_account(conn, book_id=book_id, code=INTEREST, kind="income")
    moves = {**debits, claim: -lent_cents, INTEREST: -interest_cents}
    ids = account_ids(conn, [(book_id, code) for code in moves])
    lines = tuple(Line(ids[book_id, code], cents) for code, cents in moves.items() if cents)
    return post(conn, Draft(book_id, KIND, at, lines, SCOPE, key), at=at, chance=chance)


def _to_book(conn: Connection, only: int | None, *, at: datetime) -> int | None:
    row = conn.execute(
        "SELECT i.id FROM instalments i WHERE i.paid_cents > i.booked_cents "
        "AND (%(only)s::bigint IS NULL OR i.id = %(only)s) "
        "AND NOT EXISTS (SELECT FROM puzzles z WHERE (z.loop, z.row_id) = ('loan_money', i.id) AND z.until > %(at)s) "
        "ORDER BY i.id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED",
        {"at": at, "only": only},
    ).fetchone()
    return None if row is None else int(row[0])


def _book(conn: Connection, instalment_id: int, *, at: datetime, chance: Chance) -> None:
    [(chama_id, book_id, member_id, principal_cents, booked_cents, cents, turns)] = conn.execute(
        "SELECT c.id, c.book_id, i.member_id, i.principal_cents, i.booked_cents, i.paid_cents - i.booked_cents, "
        "(SELECT count(*) FROM allocations a WHERE a.instalment_id = i.id) "
        "FROM instalments i JOIN chamas c ON c.id = i.chama_id WHERE i.id = %s",
        [instalment_id],
    ).fetchall()
    parts = moved(principal_cents, booked_cents, cents)
    hers, key = {f"member:{member_id}": cents}, f"{instalment_id}:in:{turns}"
    posted = enter(conn, book_id, member_id, hers, parts, key=key, at=at, chance=chance)
    register.lock_chama(conn, chama_id)
    contributions.take_instalment(conn, Arrived(member_id, book_id, posted.seq, cents), instalment_id)
    loans.booked(conn, instalment_id, cents)


def _to_end(conn: Connection, only: int | None, *, at: datetime) -> int | None:
    """A running loan of which all came back that was lent, and the interest of every month that has begun."""
    row = conn.execute(
        "SELECT l.id FROM loans l WHERE l.state = 'running' AND (%(only)s::bigint IS NULL OR l.id = %(only)s) "
        "AND NOT EXISTS (SELECT FROM instalments i WHERE i.loan_id = l.id AND (i.state IN ('begun', 'due', 'late') "
        "OR i.state = 'planned' AND i.paid_cents < i.principal_cents OR i.paid_cents > i.booked_cents)) "
        "AND NOT EXISTS (SELECT FROM puzzles z WHERE (z.loop, z.row_id) = ('loan_ends', l.id) AND z.until > %(at)s) "
        "ORDER BY l.id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED",
        {"at": at, "only": only},
    ).fetchone()
    return None if row is None else int(row[0])


def _end(conn: Connection, loan_id: int, *, at: datetime) -> None:
    loans.end(conn, loan_id, at=at)
    [(chama_id, chama, user_id, cents)] = conn.execute(
        "SELECT c.id, c.name, m.user_id, l.amount_cents FROM loans l JOIN chamas c ON c.id = l.chama_id "
        "JOIN chama_members m ON m.id = l.member_id WHERE l.id = %s",
        [loan_id],
    ).fetchall()
    facts = {"chama": chama, "amount_cents": cents}
    # A payment that is taken back makes it run again, and it ends once more.
    key = f"loan_repaid:{loan_id}:{at.isoformat()}"
    notices.queue(conn, [Notice(key, "loan_repaid", user_id, chama_id, facts)], at=at)
