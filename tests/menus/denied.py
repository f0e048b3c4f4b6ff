"""Money that M-PESA denies, for talks and walks."""

from datetime import timedelta
from typing import Any

from psycopg import Connection

from tests.instruments import START
from tests.menus import village


def asked(conn: Connection[Any], settled: village.Village, *, place: int, code: str, cents: int) -> int:
    """Money of the member at this place that an operator asks be taken back, because M-PESA does not know it."""
    posted = village.pay(conn, settled, place=place, cents=cents, at=START)
    village.receipt(conn, code, (settled.book_id, posted.seq), cents)
    operator = village.person(conn, START, "Ops", "+254700000990", "en")
    return village.one(
        conn,
        "INSERT INTO take_backs (receipt, why, chama_id, member_id, state, asked_by, asked_at, due_at) "
        "VALUES (%s, 'unknown', %s, %s, 'asked', %s, %s, %s) RETURNING id",
        [code, settled.chama_id, settled.members[place - 1], operator, START, START + timedelta(days=3)],
    )


def gone(conn: Connection[Any], settled: village.Village, take_back_id: int) -> None:
    """It has been taken back, on the newest page of the book."""
    [(seq,)] = conn.execute("SELECT next_seq - 1 FROM heads WHERE book_id = %s", [settled.book_id]).fetchall()
    conn.execute(
        "UPDATE take_backs SET state = 'done', book_id = %s, seq = %s, done_at = %s, due_at = NULL, decided_by = %s, "
        "decided_at = %s WHERE id = %s",
        [settled.book_id, seq, START, settled.users[0], START, take_back_id],
    )
