"""Every question that pages, phones and programs ask of the books, and how PostgreSQL answers each.

`explained` puts each to a database and has every statement that names a table of the books explained while it runs.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, ClassVar

import psycopg
from psycopg import sql

from chamas import directory
from chamas.arriving import latest
from chamas.dues import fining, holdings, owing
from chamas.entrance import doorstep
from chamas.members.on_pages import on_pages
from chamas.ruling import preview
from ledger import books, history, overview, passbook, positions, proofs, statements
from ledger.statements import Wanted
from ledger.wires import Connection
from payments import charges_told, movements, timeline
from payments.overview import arrivals
from payments.payouts import listing
from payments.reconciliation import days

# The tables that grow with every entry.
GROWING = re.compile(r"\b(entries|postings|entry_codes|entry_notes|positions|receipts|idempotency_keys)(_\d{5})?\b")
# What is smaller is read as quickly whole.
SMALL_ROWS = 1_000


@dataclass(frozen=True)
class Subject:
    """Whom and what is asked about: a member in the middle of things, and a page in the middle of her book."""

    chama_id: int
    book_id: int
    member_id: int
    account_id: int
    float_id: int
    phone: str
    now: datetime
    season: int
    seq: int
    code: str
    at: datetime


@dataclass(frozen=True)
class Reading:
    """How one question was answered: statements asked, rows of the largest, partitions of entries and postings that
    were opened, 8 kB pages touched, rows that were read and then left out, time taken, and whole tables that were read
    (there should be none)."""

    name: str
    statements: int
    rows: int
    partitions: int
    pages: int
    sifted: int
    milliseconds: float
    read_whole: tuple[str, ...]


class Explaining(psycopg.Cursor[Any]):
    """A cursor that has each of its questions about the books explained before it asks it."""

    plans: ClassVar[list[dict[str, Any]]] = []
    texts: ClassVar[set[str]] = set()

    def execute(self, query: Any, params: Any = None, **how: Any) -> Any:
        text = query.as_string(self) if isinstance(query, sql.Composable) else str(query)
        if text.lstrip().startswith(("SELECT", "WITH", "(SELECT")) and "set_config" not in text:
            whole = sql.SQL("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ") + sql.SQL(text)
            [((plan,),)] = psycopg.Cursor(self.connection).execute(whole, params).fetchall()
            self.plans.append(plan)
            self.texts.add(text)
        return super().execute(query, params, **how)


READERS: dict[str, Callable[[Connection, Subject], Any]] = {
    "member, newest page": lambda conn, her: statements.of_member(conn, her.member_id, Wanted()),
    "member, a page in the middle": lambda conn, her: statements.of_member(conn, her.member_id, middle(her)),
    "member, oldest first": lambda conn, her: statements.of_member(conn, her.member_id, Wanted(oldest_first=True)),
    "member, one kind": lambda conn, her: statements.of_member(conn, her.member_id, Wanted(kind="fee")),
    "member, one season": lambda conn, her: statements.of_member(conn, her.member_id, Wanted(season=her.season)),
    "member, a month": lambda conn, her: statements.of_member(conn, her.member_id, _month(her)),
    "member, a month in which it occurred": lambda conn, her: statements.of_member(
        conn, her.member_id, replace(_month(her), time="occurred")
    ),
    "account, newest page": lambda conn, her: statements.of_account(conn, her.float_id, Wanted()),
    "account, a page in the middle": lambda conn, her: statements.of_account(
        conn, her.float_id, Wanted(after=(her.season, her.seq, her.float_id))
    ),
    "book, newest page": lambda conn, her: statements.of_book(conn, her.book_id, Wanted()),
    "book, a page in the middle": lambda conn, her: statements.of_book(conn, her.book_id, middle(her)),
    "book, oldest first": lambda conn, her: statements.of_book(conn, her.book_id, Wanted(oldest_first=True)),
    "book, one kind": lambda conn, her: statements.of_book(conn, her.book_id, Wanted(kind="fee")),
    "book, a kind that never was": lambda conn, her: statements.of_book(conn, her.book_id, Wanted(kind="never")),
    "book, a month": lambda conn, her: statements.of_book(conn, her.book_id, _month(her)),
    "book, one account of it": lambda conn, her: statements.of_book(
        conn, her.book_id, Wanted(), account=f"member:{her.member_id}"
    ),
    "positions over all seasons": lambda conn, her: positions.positions(conn, her.member_id),
    "trial balance now": lambda conn, her: history.trial_balance(conn, her.book_id),
    "trial balance at a page": lambda conn, her: history.trial_balance(conn, her.book_id, seq=her.seq),
    "trial balance recorded by an instant": lambda conn, her: history.trial_balance(conn, her.book_id, recorded=her.at),
    "trial balance of what occurred": lambda conn, her: history.trial_balance(conn, her.book_id, occurred=her.at),
    "balance at a page": lambda conn, her: history.balance_at(conn, her.account_id, seq=her.seq),
    "balance recorded by an instant": lambda conn, her: history.balance_at(conn, her.account_id, recorded=her.at),
    "balance of what occurred": lambda conn, her: history.balance_at(conn, her.account_id, occurred=her.at),
    "phone: last five": lambda conn, her: passbook.statement(conn, her.account_id, limit=5),
    "phone: last five of hers": lambda conn, her: holdings.moves(conn, her.member_id, limit=5),
    "phone: what the group has": lambda conn, her: holdings.of_group(conn, her.book_id),
    "phone: newest page and its words": lambda conn, her: books.page(conn, her.book_id),
    "phone: words of an older page": lambda conn, her: books.page(conn, her.book_id, her.seq),
    "phone: home": lambda conn, her: owing.dues(conn, her.member_id, her.now),
    "phone: who has paid": lambda conn, her: owing.who_has_paid(conn, her.chama_id, her.now),
    "phone: what she owes and why": lambda conn, her: owing.reckoned(conn, her.member_id),
    "phone: who is there": lambda conn, her: doorstep.recognise(conn, her.phone, her.now),
    "message: total after an entry": lambda conn, her: books.balances_after(
        conn, [(books.Posted(her.book_id, her.season, her.seq, b"", her.code, True), her.float_id)]
    ),
    "receipt page": lambda conn, her: proofs.proof_of(conn, her.code),
    "status page: what is held": lambda conn, _her: overview.held(conn),
    "status page: newest payments": lambda conn, _her: arrivals(conn),
    "desk: whose money pages moved": lambda conn, her: on_pages(conn, her.book_id, her.season, [her.seq - 1, her.seq]),
    "desk: a group's payments": lambda conn, her: latest.latest(conn, her.chama_id),
    "desk: a group's day": lambda conn, her: latest.since(conn, her.chama_id, her.now - timedelta(days=1)),
    "program: groups": lambda conn, _her: directory.chamas(conn),
    "program: members": lambda conn, her: directory.members(conn, her.chama_id),
    "program: money that a preview of rules replays": lambda conn, her: preview.brought(conn, her.chama_id),
    "reconciliation: a day of a shortcode": lambda conn, her: movements.between(
        conn, 1, her.at, her.at + timedelta(days=1)
    ),
    "reconciliation: charges of a day": lambda conn, her: charges_told.booked(
        conn, 1, her.at, her.at + timedelta(days=1)
    ),
    "fines: who was late for a round": lambda conn, her: fining.late(conn, 1, her.at),
    "fines: those that stand": lambda conn, her: fining.put_off(conn, her.now),
    "payouts: a group's list": lambda conn, her: listing.listed(conn, chama_id=her.chama_id),
    "payouts: the pages of one": lambda conn, _her: listing.pages(conn, 1),
    "certificates: days to look at": lambda conn, her: days.due_days(conn, 1, at=her.now),
    "program: money from the paybill": lambda conn, _her: timeline.from_paybill(conn, receipt="TKK3ABCDEF"),
    "program: payments of everybody": lambda conn, _her: timeline.everything(conn),
    "program: payments of a member": lambda conn, her: timeline.everything(conn, member_id=her.member_id),
    "old tools: a member's transactions": lambda conn, her: conn.execute(
        "SELECT * FROM transactions WHERE member_id = %s ORDER BY created_at DESC LIMIT 50", [her.member_id]
    ).fetchall(),
    "old tools: a group's fees": lambda conn, her: conn.execute(
        "SELECT * FROM transactions WHERE chama_id = %s AND type = 'fee' LIMIT 50", [her.chama_id]
    ).fetchall(),
    "old tools: one M-PESA transaction": lambda conn, _her: conn.execute(
        "SELECT * FROM transactions WHERE mpesa_transaction_id = 'TKK3ABCDEF'"
    ).fetchall(),
}


def middle(her: Subject) -> Wanted:
    return Wanted(after=(her.season, her.seq, her.account_id))


def _month(her: Subject) -> Wanted:
    return Wanted(since=her.at, until=her.at + timedelta(days=30))


def subject(conn: Connection, now: datetime, number: int = 0) -> Subject:
    """A member of the decade, another for each number; the page is the middle one of her book."""
    [row] = conn.execute(
        "SELECT c.id, c.book_id, m.id, a.id, f.id, u.phone FROM accounts a"
        " JOIN chama_members m ON m.id = a.owner_member_id JOIN users u ON u.id = m.user_id"
        " JOIN chamas c ON c.id = m.chama_id JOIN accounts f ON f.book_id = c.book_id AND f.kind = 'asset'"
        " WHERE c.name LIKE 'Decade%%' ORDER BY m.id OFFSET %s %% (SELECT count(*) FROM chama_members) LIMIT 1",
        [number * 7_919],
    ).fetchall()
    [(seq,)] = conn.execute("SELECT next_seq / 2 FROM heads WHERE book_id = %s", [row[1]]).fetchall()
    [(season, code, at)] = conn.execute(
        "SELECT c.season, c.code, e.recorded_at FROM entry_codes c JOIN entries e USING (book_id, season, seq)"
        " WHERE c.book_id = %s AND c.seq = %s",
        [row[1], seq],
    ).fetchall()
    chama_id, book_id, member_id, account_id, float_id, phone = row
    return Subject(chama_id, book_id, member_id, account_id, float_id, phone, now, season, seq, code, at)


def explained(conn: Connection, her: Subject, names: Iterable[str] = tuple(READERS)) -> Iterator[Reading]:
    """How each of READERS is answered, or those called so; whole growing tables that were read are named."""
    sizes = dict(conn.execute("SELECT relname, reltuples::bigint FROM pg_class WHERE relkind = 'r'").fetchall())
    conn.cursor_factory = Explaining
    for name in names:
        Explaining.plans.clear()
        READERS[name](conn, her)
        nodes = list(worked())
        opened = {node["Relation Name"] for node in nodes if re.match(r"(entries|postings)_\d", _relation(node))}
        whole = {
            node["Relation Name"]
            for node in nodes
            if node["Node Type"].endswith("Seq Scan")
            and GROWING.fullmatch(_relation(node))
            and sizes[node["Relation Name"]] > SMALL_ROWS
        }
        tops = [plan["Plan"] for plan in Explaining.plans]
        yield Reading(
            name=name,
            statements=len(tops),
            rows=max((round(top["Actual Rows"]) for top in tops), default=0),
            partitions=len(opened),
            pages=sum(top["Shared Hit Blocks"] + top["Shared Read Blocks"] for top in tops),
            sifted=sum(
                round(node.get(why, 0) * node["Actual Loops"])
                for node in nodes
                # A table that fits into a few pages is read whole or by its index, as the planner likes.
                if not 0 < sizes.get(_relation(node), 0) <= SMALL_ROWS
                for why in ("Rows Removed by Filter", "Rows Removed by Join Filter")
            ),
            milliseconds=sum(plan["Planning Time"] + plan["Execution Time"] for plan in Explaining.plans),
            read_whole=tuple(sorted(whole)),
        )
    conn.cursor_factory = psycopg.Cursor


def worked() -> Iterator[dict[str, Any]]:
    """The nodes of the plans so far that did something."""
    for plan in Explaining.plans:
        yield from (node for node in _nodes(plan["Plan"]) if node["Actual Loops"] > 0)


def _relation(node: dict[str, Any]) -> str:
    return str(node.get("Relation Name", ""))


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", []):
        yield from _nodes(inner)
