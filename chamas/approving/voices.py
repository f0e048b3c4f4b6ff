"""The members of a group as those whose word is asked for: all, one by number, a person as a member. Reads only."""

from psycopg.rows import class_row

from chamas.approving.approvers import SPEAKS, Voice
from chamas.members.refusals import UnknownMember
from ledger.wires import Connection


def voices_in(conn: Connection, chama_id: int) -> list[Voice]:
    """Everybody in the group, by number."""
    with conn.cursor(row_factory=class_row(Voice)) as cursor:
        return cursor.execute(
            "SELECT m.id AS member_id, m.user_id, m.number, m.role, m.status, m.role_since, u.first_name AS name, "
            "EXISTS (SELECT FROM motions x WHERE x.member_id = m.id AND x.kind = 'exit' AND x.state = 'going' "
            "AND x.how <> 'after_turn') AS leaving "
            "FROM chama_members m JOIN users u ON u.id = m.user_id WHERE m.chama_id = %s ORDER BY m.number",
            [chama_id],
        ).fetchall()


def member_beside(conn: Connection, member_id: int, user_id: int) -> int | None:
    """As which member this person is in the group of that member; None when she is in it no more, or never was."""
    row = conn.execute(
        "SELECT h.id FROM chama_members m JOIN chama_members h ON h.chama_id = m.chama_id "
        "WHERE m.id = %s AND h.user_id = %s AND h.status = ANY(%s)",
        [member_id, user_id, list(SPEAKS)],
    ).fetchone()
    return row[0] if row else None


def member_in(conn: Connection, chama_id: int, user_id: int) -> int | None:
    """As which member this person speaks in this group; None when she does not."""
    return next((one.member_id for one in voices_in(conn, chama_id) if one.user_id == user_id), None)


def by_number(conn: Connection, chama_id: int, number: int) -> Voice:
    """The member whose money it may become. Raises UnknownMember."""
    for one in voices_in(conn, chama_id):
        if one.number == number and one.inside:
            return one
    raise UnknownMember
