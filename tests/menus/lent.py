"""Loans of a group, for talks and walks: who may borrow, and who has a loan that runs."""

from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from chamas.dues import contributions, loans, schedule
from chamas.dues.allocation import Arrived, Share
from ledger import books
from tests.instruments import SeededChance
from tests.menus import village
from tests.menus.village import Village

RULES = {"loans": True, "loan_tenths": 100, "loan_months": 3, "loan_times": 3, "loan_fine_cents": 50_00}


def lends(conn: Connection[Any], settled: Village, *, at: datetime, cents: int, **rules: Any) -> None:
    """A group that saves and lends; each has put in so much."""
    conn.execute("UPDATE chamas SET kind = 'asca' WHERE id = %s", [settled.chama_id])
    conn.execute(
        "UPDATE rule_sets SET more = more || %s, in_force_from = least(in_force_from, %s) WHERE chama_id = %s",
        [Jsonb({**RULES, **rules}), at, settled.chama_id],
    )
    for place in range(1, len(settled.members) + 1):
        paid = village.pay(conn, settled, place=place, cents=cents, at=at)
        money = Arrived(settled.members[place - 1], settled.book_id, paid.seq, cents)
        contributions.allot(conn, [(money, Share(None, cents))])


def running(conn: Connection[Any], settled: Village, *, place: int, cents: int, months: int, lent_at: datetime) -> None:
    """A loan that M-PESA paid to the member at this place, with its first part asked for."""
    member = settled.members[place - 1]
    request_id = village.one(
        conn,
        "INSERT INTO disbursement_requests (chama_id, shortcode_id, payee_member_id, asked_by, amount_cents, "
        "charge_cents, phone, digest, needed, wait_seconds, purpose, freezers, state, asked_at, expires_at, "
        "loan_months) "
        "SELECT %s, min(id), %s, %s, %s, 0, '+254700000000', %s, 1, 0, 'loan', 2, 'rejected', %s, %s, %s "
        "FROM shortcodes RETURNING id",
        [settled.chama_id, member, member, cents, bytes(32), lent_at, lent_at, months],
    )
    rule_set_id = village.one(conn, "SELECT max(id) FROM rule_sets WHERE chama_id = %s", [settled.chama_id])
    loans.begin(
        conn,
        chama_id=settled.chama_id,
        member_id=member,
        request_id=request_id,
        rule_set_id=rule_set_id,
        amount_cents=cents,
        parts=schedule.parts(cents, tenths=100, months=months, lent_at=lent_at),
        lent_at=lent_at,
    )
    claim = books.open_account(conn, book_id=settled.book_id, code=f"loan:{member}", kind="asset")
    mpesa = books.account_id(conn, settled.book_id, f"mpesa:{village.PAYBILL}")
    assert mpesa is not None
    lines = (books.Line(claim, cents), books.Line(mpesa, -cents))
    with conn.transaction():
        draft = books.Draft(settled.book_id, "payout", lent_at, lines, "payout", f"loan {request_id}")
        books.post(conn, draft, at=lent_at + timedelta(seconds=1), chance=SeededChance(7_000 + request_id))
    conn.execute("UPDATE instalments SET state = 'due' WHERE number = 1")
