"""The office: where somebody at the web reads and changes the register of a group that has not let her in yet.

Row-level security shows a person her own groups only; whoever founds, joins or invites touches rows that are not hers
yet. In the office the registers of all groups are seen and written, never books, money or PINs
(docs/decisions/0019-the-office.md). What may be done there is decided by chamas/members/access.py before anything is
written.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from psycopg.pq import TransactionStatus

from ledger.wires import Connection


@contextmanager
def office(conn: Connection) -> Iterator[None]:
    """Opens the office for the length of a block; whoever acted before acts again after it. The worker needs none."""
    [(before,)] = conn.execute("SELECT current_setting('app.acting', true)").fetchall()
    conn.execute("SELECT set_config('app.acting', 'office', true)")
    try:
        yield
    finally:
        # A transaction that failed ends anyway, and takes the context with it.
        if conn.info.transaction_status is TransactionStatus.INTRANS:
            conn.execute("SELECT set_config('app.acting', %s, true)", [before or ""])
