"""What programs ask about loans and the share-out of a group. A reader returns None when there is no such thing."""

from chamas import directory
from chamas.course import sharing
from chamas.course.sharing import ShareOut
from chamas.dues import loans
from chamas.dues.loans import Loan
from gateway.api.entry import Act
from ledger.wires import Connection


def of_chama(conn: Connection, chama_id: int, *, before: int | None, limit: int) -> list[Loan] | None:
    """Its loans, newest first, each with its parts."""
    if directory.chama(conn, chama_id) is None:
        return None
    found = sorted(loans.of_chama(conn, chama_id), key=lambda one: -one.id)
    return [one for one in found if before is None or one.id < before][:limit]


def share_out(conn: Connection, chama_id: int, *, act: Act) -> ShareOut | None:
    """What each would get if it shared out today, line by line."""
    if directory.chama(conn, chama_id) is None:
        return None
    return sharing.look(conn, chama_id, bands=act.bands)
