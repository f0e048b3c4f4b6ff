"""The record of actions that turns led to: `ussd_actions` is written here only.

A network repeats a turn, and two copies of it may arrive at once. The first one takes a lock that ends with its
transaction, acts, and writes the outcome in the same transaction; every other one finds the outcome. An answer that was
not acted on, because its session was lost or it was dialled ahead, is on record too: its repetition asks again.
"""

import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from psycopg import sql
from psycopg.types.json import Jsonb

from ledger.refusals import Refusal
from ledger.wires import Connection
from menus.dialog import Go
from menus.visit import Outcome, outcome_as_json, outcome_from_json

# What stands for an answer that was not acted on.
ASKED_AGAIN = "asked again"


@dataclass(frozen=True)
class Deeds:
    """The actions of one session. `reach` gives the turn's connection; `secret` and `session_key` make the keys."""

    reach: Callable[[], Connection]
    secret: bytes
    session_key: bytes
    user_id: int | None
    at: datetime

    def key(self, hop: int, said: str) -> bytes:
        """HMAC(session, hop, text): the same for every copy of one turn, and unreadable without the secret."""
        message = b"action\0" + self.session_key + hop.to_bytes(4, "big") + said.encode()
        return hmac.digest(self.secret, message, "sha256")

    def of(self, user_id: int) -> "Deeds":
        return replace(self, user_id=user_id)

    def recorded(self, hop: int, said: str) -> Outcome | None:
        if self.user_id is None:
            return None
        return self._find(self.reach(), self.key(hop, said))

    def once(self, hop: int, said: str, name: str, act: Callable[[bytes], Outcome]) -> Outcome:
        key, conn = self.key(hop, said), self.reach()
        lock = sql.Literal(int.from_bytes(key[:8], "big", signed=True))
        # A message of its own: a statement that waits for the lock would still look at the table as it was before.
        conn.execute(sql.SQL("SELECT pg_advisory_xact_lock({}); SAVEPOINT deed").format(lock), prepare=False)
        if outcome := self._find(conn, key):
            return outcome
        try:
            outcome = act(key)
        except Refusal:
            # Whatever it wrote before a rule said no is undone; the transaction goes on to show the screen again.
            conn.execute("ROLLBACK TO SAVEPOINT deed")
            raise
        conn.execute(
            "INSERT INTO ussd_actions (key, user_id, action, outcome, done_at) VALUES (%s, %s, %s, %s, %s)",
            [key, self.user_id, name, Jsonb(outcome_as_json(outcome)), self.at],
        )
        return outcome

    def decline(self, hop: int, said: str, asked: Go) -> None:
        if self.user_id is None:
            return
        self.reach().execute(
            "INSERT INTO ussd_actions (key, user_id, action, outcome, done_at) VALUES (%s, %s, %s, %s, %s) "
            "ON CONFLICT (key) DO NOTHING",
            [self.key(hop, said), self.user_id, ASKED_AGAIN, Jsonb(outcome_as_json(asked)), self.at],
        )

    def _find(self, conn: Connection, key: bytes) -> Outcome | None:
        row = conn.execute("SELECT outcome FROM ussd_actions WHERE key = %s", [key]).fetchone()
        return outcome_from_json(row[0]) if row else None


def forget(conn: Connection, user_id: int) -> int:
    """Takes her actions away, whose outcomes may name her; returns how many. No phone repeats her turns any more."""
    return conn.execute("DELETE FROM ussd_actions WHERE user_id = %s", [user_id]).rowcount
