"""What must hold of the books at the end of each day, looked at by what the day brought; each look names what is wrong.

Theory of operation. Yesterday evening every book and every account was found right, and how it stood is kept beside the
database (`Kept`). So today is right when the new pages go on where the kept ones ended, each page's postings balance,
and every account stands where it stood and what was posted since lead to: the work of a day, however old the village
is. The hashes of pages are made again, and all of the past is added up anew, on the evenings of `pesachama verify`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from psycopg import Connection

from ledger.verify import AWAY, QUERIES

# Checks of `pesachama verify` whose cost is that of the accounts, however many pages there are.
STANDING = tuple(one for one in QUERIES if one[0].split()[0] in ("I8", "I9", "I12", "I17"))


@dataclass
class Kept:
    """How the books stood: (season, seq, hash) of each book's last page, and debits and credits, posted and pending, of
    each account.
    """

    pages: dict[int, tuple[int, int, bytes]] = field(default_factory=dict)
    accounts: dict[int, tuple[int, int, int, int]] = field(default_factory=dict)


def wrong(conn: Connection[Any], kept: Kept) -> Iterator[str]:
    """What does not hold of what was posted since `kept`, which is how the books stand now from then on."""
    yield from _pages(conn, kept)
    for name, _table, query in STANDING:
        yield from (f"{name}: {one}" for (one,) in conn.execute(query.replace("{away}", AWAY).encode()))


def since(conn: Connection[Any], kept: Kept) -> list[list[int]]:
    """Books with new pages, and season and number of the last page that is `kept` of each: three lists."""
    found = [
        (book_id, *kept.pages.get(book_id, (0, 0))[:2])
        for book_id, last in conn.execute("SELECT book_id, next_seq - 1 FROM heads ORDER BY book_id").fetchall()
        if last > kept.pages.get(book_id, (0, 0))[1]
    ]
    return [[place[part] for place in found] for part in range(3)]


def _pages(conn: Connection[Any], kept: Kept) -> Iterator[str]:
    given = since(conn, kept)
    for book_id, season, seq, prev_hash, own in conn.execute(
        "SELECT e.book_id, e.season, e.seq, e.prev_hash, e.hash "
        "FROM unnest(%s::bigint[], %s::integer[], %s::bigint[]) AS s (book_id, season, seq) "
        "JOIN entries e ON e.book_id = s.book_id AND e.season >= s.season AND e.seq > s.seq ORDER BY 1, 2, 3",
        given,
    ):
        last_season, last, link = kept.pages.get(book_id, (0, 0, bytes(32)))
        if seq != last + 1 or season < last_season or prev_hash != link:
            yield f"page {seq} of book {book_id} does not follow page {last}"
        kept.pages[book_id] = (season, seq, own)
    moved: dict[int, list[int]] = {}
    sums: dict[tuple[int, int, bool], int] = {}
    for book_id, seq, account_id, phase, cents in conn.execute(
        "SELECT p.book_id, p.seq, p.account_id, p.phase, p.amount_cents "
        "FROM unnest(%s::bigint[], %s::integer[], %s::bigint[]) AS s (book_id, season, seq) "
        "JOIN postings p ON p.book_id = s.book_id AND p.season >= s.season AND p.seq > s.seq",
        given,
    ):
        place = (book_id, seq, phase == "released")
        sums[place] = sums.get(place, 0) + cents
        of = moved.setdefault(account_id, [0, 0, 0, 0])
        if phase == "released":  # what was held on a side is held there no more
            of[2 + (cents < 0)] -= abs(cents)
        else:
            of[(2 if phase == "pending" else 0) + (cents < 0)] += abs(cents)
    yield from (f"page {seq} of book {book_id} does not balance" for (book_id, seq, _), cents in sums.items() if cents)
    yield from _accounts(conn, kept, moved)


def _accounts(conn: Connection[Any], kept: Kept, moved: dict[int, list[int]]) -> Iterator[str]:
    now = conn.execute(
        "SELECT id, debits_posted_cents, credits_posted_cents, debits_pending_cents, credits_pending_cents "
        "FROM accounts"
    ).fetchall()
    for account_id, *stands in now:
        stood, change = kept.accounts.get(account_id, (0, 0, 0, 0)), moved.get(account_id, (0, 0, 0, 0))
        led_to = [one + more for one, more in zip(stood, change, strict=True)]
        if led_to != stands:
            yield f"account {account_id} stands at {stands}, its postings lead to {led_to}"
        kept.accounts[account_id] = tuple(stands)
