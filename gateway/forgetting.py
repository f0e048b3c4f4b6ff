"""Erases a person from the whole house: the rooms below, what the doors keep, and her live sessions in Redis."""

from chamas.persons import erasure, files, looks
from chamas.persons.erasure import Erased
from gateway import incidents
from gateway.api import repeats, tokens
from gateway.desk import sessions as browsers
from gateway.ussd import actions, ended, sessions, trails
from gateway.wiring import Wiring
from ledger.retries import transact
from ledger.wires import Connection


class Rehearsed(Exception):
    """Everything was done and is taken back now; carries what went."""

    def __init__(self, erased: Erased) -> None:
        super().__init__()
        self.erased = erased


def erase(
    wiring: Wiring,
    user_id: int,
    *,
    reason: str,
    asked_by: int | None,
    leave_money: bool = False,
    rehearse: bool = False,
) -> Erased:
    """Erases in one transaction, or in none; with `rehearse` it is taken back, and tells what would have gone.

    Raises what `chamas.erasure.erase_person` raises. Redis comes last: who dials in between finds nobody behind her.
    """

    lying: list[str] = []

    def work(conn: Connection) -> Erased:
        # All evidence is read: longer than any statement of the worker may otherwise take.
        conn.execute("SELECT set_config('statement_timeout', '0', true)")
        lying[:] = [file.shelf_name for file in files.of_person(conn, user_id)]
        doors = {
            "browsers": browsers.end_all(conn, user_id),
            "tokens": tokens.forget(conn, user_id),
            "api_repeats": repeats.forget(conn, user_id=user_id),
            "ussd_actions": actions.forget(conn, user_id),
            "ussd_sessions": ended.forget(conn, user_id),
            "ussd_turns": trails.forget(conn, user_id),
            "incidents": incidents.forget(conn, user_id),
            "looks": looks.forget(conn, user_id),
        }
        erased = erasure.erase_person(
            conn,
            user_id,
            reason=reason,
            asked_by=asked_by,
            at=wiring.now(),
            payers=wiring.payers,
            leave_money=leave_money,
            doors=doors,
        )
        if rehearse:
            raise Rehearsed(erased)
        return erased

    try:
        erased = transact(wiring, work)
    except Rehearsed as done:
        return done.erased
    # After the commit: what a crash leaves lying here the hourly sweep finds.
    wiring.shelf.remove(lying)
    sessions.forget(wiring.redis, user_id)
    return erased
