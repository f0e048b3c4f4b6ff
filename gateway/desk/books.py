"""A group's book as its officials read it, by season, whole or one member's, on the page and as a file for a sheet."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from flask import Response, abort, render_template, request

from chamas import directory
from chamas.directory import Chama
from chamas.members.on_pages import on_pages
from gateway.desk.guard import at_desk
from gateway.here import wiring
from ledger import archive, statements
from ledger.nairobi import local
from ledger.seasons import season_at
from ledger.statements import Entry, Wanted
from ledger.wires import Connection

# What is read on a screen; a file is cut into larger pieces, and has all of them.
SHOWN, A_PIECE = 50, 500
# Ten times the largest group that there is.
PEOPLE = 500
# A sheet would take a name that begins so for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = ("page", "recorded", "occurred", "what", "whose", "account", "kes", "kes_after", "code", "sealed_in_batch")


@dataclass(frozen=True)
class Asked:
    """Whose book, which half year of it, one member or all; `after` is the key of the last row that was seen."""

    chama: Chama
    book_id: int
    season: int
    seasons: tuple[int, ...]
    member: directory.Member | None
    people: tuple[directory.Member, ...]
    after: tuple[int, int, int] | None


def book(chama_id: int) -> str:
    """One screen of it, newest page first."""
    with at_desk() as conn:
        asked = _asked(conn, chama_id)
        rows = _rows(conn, asked, limit=SHOWN + 1)
        whose = on_pages(conn, asked.book_id, asked.season, [row.entry for row in rows])
    shown, more = rows[:SHOWN], rows[SHOWN:]
    older = f"{shown[-1].entry}-{shown[-1].account_id or 0}" if more else ""
    return render_template("desk/book.html", asked=asked, rows=shown, whose=whose, older=older)


def file(chama_id: int) -> Response:
    """All pages of that season, oldest first, as CSV: Nairobi's time, shillings with two digits of cents."""
    with at_desk() as conn:
        asked = _asked(conn, chama_id)
        body = "".join(_lines(conn, asked))
    parts = [asked.chama.number, str(asked.season), *([str(asked.member.number)] if asked.member else [])]
    name = "-".join(parts)
    answer = Response(body, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="book-{name}.csv"'
    return answer


def _asked(conn: Connection, chama_id: int) -> Asked:
    found, book_id = directory.chama(conn, chama_id), directory.book_of(conn, chama_id)
    if found is None or book_id is None:
        abort(404, "There is no such group.")
    people = tuple(directory.members(conn, chama_id, limit=PEOPLE))
    member_id = request.args.get("member", 0, int)
    member = next((one for one in people if one.id == member_id), None)
    if member_id and member is None:
        abort(404, "This group has no such member.")
    this = season_at(wiring().now())
    at_hand = tuple(one.number for one in archive.all_seasons(conn) if one.attached and one.number <= this)
    season = request.args.get("season", this, int)
    if season not in at_hand:
        abort(404, "This half year is not at hand: it is put away, or there was none.")
    seen = re.fullmatch(r"(\d{1,15})-(\d{1,15})", request.args.get("older", ""))
    after = (season, int(seen[1]), int(seen[2])) if seen else None
    return Asked(found, book_id, season, at_hand[::-1], member, people, after)


def _rows(conn: Connection, asked: Asked, *, limit: int, wanted: Wanted | None = None) -> list[Entry]:
    wanted = wanted or Wanted(season=asked.season, after=asked.after, limit=limit)
    return statements.of_book(conn, asked.book_id, wanted, member_id=asked.member.id if asked.member else None)


def _lines(conn: Connection, asked: Asked) -> Iterator[str]:
    yield _line(COLUMNS)
    after = None
    while True:
        wanted = Wanted(season=asked.season, oldest_first=True, after=after, limit=A_PIECE)
        rows = _rows(conn, asked, limit=A_PIECE, wanted=wanted)
        whose = on_pages(conn, asked.book_id, asked.season, [row.entry for row in rows])
        for row in rows:
            yield _line((
                str(row.entry),
                f"{local(row.recorded_at):%Y-%m-%d %H:%M:%S}",
                f"{local(row.occurred_at):%Y-%m-%d %H:%M:%S}",
                row.kind,
                _harmless(whose.get(row.entry, "")),
                row.account or "",
                shillings(row.amount_cents),
                shillings(row.balance_after_cents),
                row.code or "",
                "" if row.batch is None else str(row.batch),
            ))  # fmt: skip
        if len(rows) < A_PIECE:
            return
        after = rows[-1].key


def _line(cells: tuple[str, ...]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerow(cells)
    return written.getvalue()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def shillings(cents: int) -> str:
    """`-1234.05`: for a program, without separators."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole}.{rest:02}"
