"""Roles that Safaricom says our initiator lacks, by the last answer of each API. Reads only; for the doctor.

Result 21 means that the operator may not ask for this. The roles' names are those of the organisation's portal.
"""

from ledger.wires import Connection

# Source: Safaricom's pages of B2C, Transaction Status and Reversal; that of Account Balance is not named there.
ROLES = {
    "b2c_result": "ORG B2C API Initiator",
    "status_result": "Transaction Status query ORG API",
    "reversal_result": "Org Reversals Initiator",
    "balance_result": "a role that may ask for the balance",
}
LACKS = "%lacks the role%"


def missing(conn: Connection) -> list[str]:
    """The names of the roles, in the order of ROLES; an API whose last answer was another one lacks nothing."""
    rows = conn.execute(
        "SELECT source FROM (SELECT DISTINCT ON (source) source, reason FROM evidence WHERE source = ANY(%s) "
        "AND verdict NOT IN ('unread', 'unmatched', 'unreadable') ORDER BY source, id DESC) AS last "
        "WHERE reason LIKE %s",
        [list(ROLES), LACKS],
    ).fetchall()
    lacking = {source for (source,) in rows}
    return [role for source, role in ROLES.items() if source in lacking]
