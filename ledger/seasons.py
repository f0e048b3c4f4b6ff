"""Seasons: the periods into which the history of all books is cut, half a year each.

Season 20262 is July to December 2026 on the calendar of Nairobi. Entries and postings are partitioned by it. There is
no partition for the rest: an entry without a season is refused, and the job that calls `open_ahead` is to be mended.
"""

from datetime import datetime

from ledger.nairobi import EAT, local
from ledger.wires import Connection

# With the half of a calendar year ends what auditors ask for.
FIRST_HALF_ENDS = 6


def season_at(at: datetime) -> int:
    """The number of the season that the instant lies in: the year and its half, for example 20262."""
    day = local(at)
    return day.year * 10 + (1 if day.month <= FIRST_HALF_ENDS else 2)


def opens_at(season: int) -> datetime:
    """The first instant of a season; its last lies just before the first of the next."""
    year, half = divmod(season, 10)
    return datetime(year, 1 if half == 1 else FIRST_HALF_ENDS + 1, 1, tzinfo=EAT)


def season_after(season: int) -> int:
    year, half = divmod(season, 10)
    return year * 10 + 2 if half == 1 else (year + 1) * 10 + 1


def season_before(season: int) -> int:
    year, half = divmod(season, 10)
    return year * 10 + 1 if half == 2 else (year - 1) * 10 + 2


def open_ahead(conn: Connection, at: datetime) -> list[int]:
    """Opens the season of `at` and the next one, with their guarded partitions; returns what was not open before."""
    this = season_at(at)
    return [season for season in (this, season_after(this)) if open_one(conn, season)]


def missing(conn: Connection, at: datetime) -> list[int]:
    """Which of the season of `at` and the next one cannot be posted to: not opened, or without its two partitions."""
    this = season_at(at)
    rows = conn.execute(
        "SELECT s.number FROM seasons s WHERE s.source = 'books' AND s.number >= %s AND 2 = ("
        "SELECT count(*) FROM pg_inherits WHERE inhparent IN ('entries'::regclass, 'postings'::regclass) "
        "AND NOT inhdetachpending "
        "AND inhrelid IN (to_regclass('entries_' || s.number), to_regclass('postings_' || s.number)))",
        [this],
    ).fetchall()
    ready = {number for (number,) in rows}
    return [season for season in (this, season_after(this)) if season not in ready]


def open_one(conn: Connection, season: int) -> bool:
    """Opens a season with its guarded partitions; False when it was open already."""
    row = conn.execute(
        "SELECT open_season(%s, %s, %s)", [season, opens_at(season), opens_at(season_after(season))]
    ).fetchone()
    return row == (True,)
