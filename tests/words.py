"""What a member says to what she was shown, with her chama PIN."""

from typing import Any

from psycopg import Connection

from chamas.approving.approvals import Proof, Vote, Word


def word(conn: Connection[Any], member_id: int, digest: bytes, vote: Vote = Vote.APPROVE, **more: Any) -> Word:
    """`more` is at least `at`: when (UTC)."""
    [(user_id,)] = conn.execute("SELECT user_id FROM chama_members WHERE id = %s", [member_id]).fetchall()
    return Word(vote, digest, user_id=user_id, **{"proof": Proof.PIN, **more})
