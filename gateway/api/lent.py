"""What programs ask about loans out of a group's money. A reader returns None when there is no such thing."""

from chamas import directory
from chamas.dues import loans
from chamas.dues.loans import Loan
from ledger.wires import Connection


def of_chama(conn: Connection, chama_id: int, *, before: int | None, limit: int) -> list[Loan] | None:
    """Its loans, newest first, each with its parts."""
    if directory.chama(conn, chama_id) is None:
        return None
    found = sorted(loans.of_chama(conn, chama_id), key=lambda one: -one.id)
    return [one for one in found if before is None or one.id < before][:limit]
