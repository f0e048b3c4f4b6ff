"""Statements: the entries of a book, or the postings of its accounts, each with the balance that runs on. Reads only.

Pages are cut by key, never by counting: a caller gives the key of the last row she has seen. The key begins with the
season, as the indexes do and the partitions are ordered: a page is read out of its own seasons and no other is opened.
The order is that of the books: the order in which entries were recorded, whatever day they are about.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Literal

from psycopg import sql

from ledger.seasons import season_at
from ledger.wires import Connection

Time = Literal["recorded", "occurred"]

# Above every season, page and account that can be.
LAST_SEASON, LAST_ID = 2**31 - 1, 2**63 - 1


@dataclass(frozen=True)
class Wanted:
    """Which rows, and from where on. `since` (from then on) and `until` (before then) look at one of the two instants
    of an entry: when it was recorded, or when what it tells occurred. `after` is the key of the last row seen."""

    kind: str | None = None
    season: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    time: Time = "recorded"
    oldest_first: bool = False
    after: tuple[int, int, int] | None = None
    limit: int = 50


@dataclass(frozen=True)
class Movement:
    """One posting, seen from its account: money in is positive on the account's normal side. Cents, instants in UTC.

    `id` is its place in the book: the page times 65,536 plus the line. `batch` is None until the entry is sealed.
    """

    id: int
    book_id: int
    season: int
    entry: int
    account_id: int
    account: str
    kind: str
    amount_cents: int
    balance_after_cents: int
    occurred_at: datetime
    recorded_at: datetime
    entry_hash: str
    code: str | None
    batch: int | None

    @property
    def key(self) -> tuple[int, int, int]:
        return self.season, self.entry, self.account_id


@dataclass(frozen=True)
class Entry:
    """One page of a book. `amount_cents` is what its debits add up to and `balance_after_cents` what all assets of the
    book are worth after it; in the statement of one account both are that account's, on its normal side."""

    entry: int
    season: int
    kind: str
    account_id: int | None
    account: str | None
    amount_cents: int
    balance_after_cents: int
    occurred_at: datetime
    recorded_at: datetime
    entry_hash: str
    code: str | None
    batch: int | None

    @property
    def key(self) -> tuple[int, int, int]:
        return self.season, self.entry, self.account_id or 0


# The season in which the page before ended and those that it did not reach are asked apart: a comparison of pairs
# (season, seq) beside one of seasons, which the partitions need, reads from the season's end on, not from the page.
# The entry of a posting is looked up row by row (LIMIT 1 keeps the planner from reading them all and sorting), so that
# the postings, which come out of their index in order, can stop as soon as the page is full.
MOVEMENTS = sql.SQL(
    """
    SELECT p.seq * 65536 + p.line, p.book_id, p.season, p.seq, p.account_id, a.code, p.kind, p.amount_cents * a.sign,
        p.balance_after_cents * a.sign, p.occurred_at, p.recorded_at, encode(p.hash, 'hex'), c.code, l.batch
    FROM (SELECT id, code, CASE normal_side WHEN 'debit' THEN 1 ELSE -1 END AS sign FROM accounts WHERE {accounts}) AS a
        CROSS JOIN LATERAL (
            SELECT p.book_id, p.season, p.seq, p.line, p.account_id, p.amount_cents, p.balance_after_cents,
                e.kind, e.occurred_at, e.recorded_at, e.hash
            FROM (
                (SELECT * FROM postings p
                WHERE p.account_id = a.id AND p.phase = 'posted' AND p.season BETWEEN %(first)s AND %(last)s
                    AND p.season = %(season)s AND p.seq {reaches} %(seq)s
                    AND (p.seq, p.account_id) {passes} (%(seq)s, %(account)s)
                ORDER BY p.season {order}, p.seq {order} {cut})
                UNION ALL
                (SELECT * FROM postings p
                WHERE p.account_id = a.id AND p.phase = 'posted' AND p.season BETWEEN %(first)s AND %(last)s
                    AND p.season {passes} %(season)s
                ORDER BY p.season {order}, p.seq {order} {cut})
                ORDER BY season {order}, seq {order} {cut}) AS p
                CROSS JOIN LATERAL (
                    SELECT e.kind, e.occurred_at, e.recorded_at, e.hash FROM entries e
                    WHERE (e.book_id, e.season, e.seq) = (p.book_id, p.season, p.seq)
                        AND e.season BETWEEN %(first)s AND %(last)s AND {filters}
                    LIMIT 1) AS e
            ORDER BY p.season {order}, p.seq {order} LIMIT %(limit)s) AS p
        LEFT JOIN entry_codes c ON (c.book_id, c.seq) = (p.book_id, p.seq)
        LEFT JOIN batch_leaves l ON (l.book_id, l.seq) = (p.book_id, p.seq)
    ORDER BY p.season {order}, p.seq {order}, p.account_id {order} LIMIT %(limit)s
    """
)

ENTRIES = sql.SQL(
    """
    SELECT e.seq, e.season, e.kind, NULL::bigint, NULL::text, moved.cents, held.cents, e.occurred_at, e.recorded_at,
        encode(e.hash, 'hex'), c.code, l.batch
    FROM (
        (SELECT e.book_id, e.season, e.seq, e.kind, e.occurred_at, e.recorded_at, e.hash FROM entries e
        WHERE e.book_id = %(book)s AND e.season BETWEEN %(first)s AND %(last)s
            AND e.season = %(season)s AND e.seq {passes} %(seq)s AND {filters}
        ORDER BY e.season {order}, e.seq {order} LIMIT %(limit)s)
        UNION ALL
        (SELECT e.book_id, e.season, e.seq, e.kind, e.occurred_at, e.recorded_at, e.hash FROM entries e
        WHERE e.book_id = %(book)s AND e.season BETWEEN %(first)s AND %(last)s
            AND e.season {passes} %(season)s AND {filters}
        ORDER BY e.season {order}, e.seq {order} LIMIT %(limit)s)
        ORDER BY season {order}, seq {order} LIMIT %(limit)s) AS e
        CROSS JOIN LATERAL (
            SELECT COALESCE(sum(amount_cents), 0)::bigint AS cents FROM postings p
            WHERE (p.book_id, p.season, p.seq) = (e.book_id, e.season, e.seq) AND p.amount_cents > 0
                AND p.phase <> 'released') AS moved
        CROSS JOIN LATERAL (
            SELECT COALESCE(sum(COALESCE(
                (SELECT p.balance_after_cents FROM postings p
                 WHERE p.account_id = a.id AND p.season = e.season AND p.seq <= e.seq
                 ORDER BY p.seq DESC, p.line DESC LIMIT 1),
                (SELECT p.balance_after_cents FROM postings p
                 WHERE p.account_id = a.id AND p.season < e.season
                 ORDER BY p.season DESC, p.seq DESC, p.line DESC LIMIT 1),
                -- What seasons that are put away have left.
                (SELECT sum(k.debits_cents - k.credits_cents) FROM positions k
                 WHERE (k.book_id, k.account_id) = (a.book_id, a.id) AND k.season < e.season))), 0)::bigint AS cents
            FROM accounts a
            WHERE a.book_id = %(book)s AND a.kind = 'asset') AS held
        LEFT JOIN entry_codes c ON (c.book_id, c.seq) = (e.book_id, e.seq)
        LEFT JOIN batch_leaves l ON (l.book_id, l.seq) = (e.book_id, e.seq)
    ORDER BY e.season {order}, e.seq {order}
    """
)


# The seasons and how much the accounts did in each, to know how far a page reaches before the partitions are looked at:
# planning for all of them costs more than reading the page.
REACH = sql.SQL(
    """
    SELECT p.season, sum(p.postings)::bigint
    FROM (SELECT id, book_id FROM accounts WHERE {accounts}) AS a
        JOIN positions p ON (p.book_id, p.account_id) = (a.book_id, a.id)
    WHERE p.season BETWEEN %(first)s AND %(last)s
    GROUP BY p.season ORDER BY p.season {order}
    """
)


def of_member(conn: Connection, member_id: int, wanted: Wanted) -> list[Movement]:
    """What moved on the accounts of a member."""
    return _movements(conn, sql.SQL("owner_member_id = %(owner)s"), {"owner": member_id}, wanted)


def of_account(conn: Connection, account_id: int, wanted: Wanted) -> list[Movement]:
    """What moved on one account."""
    return _movements(conn, sql.SQL("id = %(id)s"), {"id": account_id}, wanted)


def of_book(
    conn: Connection, book_id: int, wanted: Wanted, *, account: str | None = None, member_id: int | None = None
) -> list[Entry]:
    """The pages of a book; with the code of an account, or a member of it, only what moved there."""
    if account is None and member_id is None:
        query, values = _prepared(ENTRIES, wanted, {"book": book_id})
        _narrow_pages(conn, book_id, wanted, values)
        return [Entry(*row) for row in conn.execute(query, values).fetchall()]
    asked: list[tuple[object, sql.Composable]] = [
        (account, sql.SQL("code = %(code)s")),
        (member_id, sql.SQL("owner_member_id = %(owner)s")),
    ]
    accounts = _all_of(sql.SQL("book_id = %(book)s"), asked)
    found = _movements(conn, accounts, {"book": book_id, "code": account, "owner": member_id}, wanted)
    return [Entry(**{each.name: getattr(row, each.name) for each in fields(Entry)}) for row in found]


def _movements(conn: Connection, accounts: sql.Composable, named: dict[str, Any], wanted: Wanted) -> list[Movement]:
    query, values = _prepared(MOVEMENTS, wanted, named, accounts=accounts)
    _narrow_movements(conn, accounts, wanted, values)
    return [Movement(*row) for row in conn.execute(query, values).fetchall()]


def _prepared(
    template: sql.SQL, wanted: Wanted, named: dict[str, Any], **parts: sql.Composable
) -> tuple[sql.Composed, dict[str, Any]]:
    """The query in the wanted order with the wanted filters, and the values for its places."""
    oldest = wanted.oldest_first
    start = wanted.after or ((0, 0, 0) if oldest else (LAST_SEASON, LAST_ID, LAST_ID))
    first, last = _seasons(wanted)
    if wanted.after:
        first, last = (max(first, start[0]), last) if oldest else (first, min(last, start[0]))
    values = named | {"first": first, "last": last, "season": start[0], "seq": start[1], "account": start[2]}
    values |= {"kind": wanted.kind, "since": wanted.since, "until": wanted.until, "limit": wanted.limit}
    # A page of entries has no account in its key; one seen whole is passed by the page alone.
    query = template.format(
        **parts,
        filters=_filters(wanted),
        # Only when nothing is sifted are the first postings the ones that are wanted.
        cut=sql.SQL("" if _sifts(wanted) else "LIMIT %(limit)s"),
        order=sql.SQL("ASC" if oldest else "DESC"),
        reaches=sql.SQL(">=" if oldest else "<="),
        passes=sql.SQL(">" if oldest else "<"),
    )
    return query, values


def _narrow_movements(conn: Connection, accounts: sql.Composable, wanted: Wanted, values: dict[str, Any]) -> None:
    """Leaves out the seasons that the page will not reach. With a filter nobody knows how far it reaches."""
    order = sql.SQL("ASC" if wanted.oldest_first else "DESC")
    found = conn.execute(REACH.format(accounts=accounts, order=order), values).fetchall()
    reached, last = 0, values["first" if wanted.oldest_first else "last"]
    for season, postings in found:
        if reached >= wanted.limit and not _sifts(wanted):
            break
        last = season
        # Of the season that the page before ended in some rows were seen already.
        reached += 0 if wanted.after and season == wanted.after[0] else postings
    values["last" if wanted.oldest_first else "first"] = last


def _narrow_pages(conn: Connection, book_id: int, wanted: Wanted, values: dict[str, Any]) -> None:
    """The same for the pages of a book, which have no gaps: the number of the last one tells its season."""
    if wanted.season or _sifts(wanted):
        return
    step = wanted.limit if wanted.oldest_first else -wanted.limit
    row = conn.execute(
        # Behind OFFSET 0 the number is a plain column: row policies let only plain comparisons reach an index.
        "SELECT c.season FROM (SELECT greatest(least(%(seq)s::bigint, next_seq) + %(step)s, 1) AS seq "
        "FROM heads WHERE book_id = %(book)s OFFSET 0) AS last "
        "JOIN entry_codes c ON c.book_id = %(book)s AND c.seq = last.seq",
        {"book": book_id, "seq": values["seq"], "step": step},
    ).fetchone()
    if row is not None:
        name, choose = ("last", min) if wanted.oldest_first else ("first", max)
        values[name] = choose(values[name], row[0])


def _sifts(wanted: Wanted) -> bool:
    """Whether rows of a season may be left out."""
    return any(value is not None for value in (wanted.kind, wanted.since, wanted.until))


def _filters(wanted: Wanted) -> sql.Composed:
    at = sql.Identifier("e", f"{wanted.time}_at")
    asked: list[tuple[object, sql.Composable]] = [
        (wanted.kind, sql.SQL("e.kind = %(kind)s")),
        (wanted.since, sql.SQL("{} >= %(since)s").format(at)),
        (wanted.until, sql.SQL("{} < %(until)s").format(at)),
    ]
    return _all_of(sql.SQL("TRUE"), asked)


def _all_of(first: sql.SQL, asked: Sequence[tuple[object, sql.Composable]]) -> sql.Composed:
    """The clauses whose value was given; only they stand in the query, so that the planner sees an index for them."""
    return sql.SQL(" AND ").join([first, *(clause for value, clause in asked if value is not None)])


def _seasons(wanted: Wanted) -> tuple[int, int]:
    """The first and the last season that can hold such entries: an entry stands in the season it was recorded in."""
    first, last = (wanted.season, wanted.season) if wanted.season else (0, LAST_SEASON)
    if wanted.time == "recorded":
        first = max(first, season_at(wanted.since)) if wanted.since else first
        last = min(last, season_at(wanted.until)) if wanted.until else last
    return first, last
