"""What those who are on their way out change in a group's rounds. Reads only.

Who leaves before her turn pays no more rounds, and keeps her place: when it comes, those who were paid with her money
in this cycle pay it back, each what was due from her in that one's round, and nobody else pays anything. So she gets
what she gave, who was paid before pays as much as she got, and all the others are as if she had never been there;
nobody's turn moves. What she had not paid is owed, and comes out of that pot like any debt of a payee.

Who leaves after her turn goes on paying until the cycle is over, and stands in the order no more.
"""

from ledger.wires import Connection


def returning(conn: Connection, round_id: int) -> int | None:
    """The member to whom this round gives back what she paid in its cycle; None for any other round."""
    row = conn.execute(
        "SELECT x.member_id FROM rounds o JOIN motions x ON x.member_id = o.payee_member_id AND x.kind = 'exit' "
        "AND x.state = 'going' AND x.how = 'before_turn' AND x.cycle = o.cycle WHERE o.id = %s",
        [round_id],
    ).fetchone()
    return None if row is None else int(row[0])


def who_pays(conn: Connection, round_id: int, due_cents: int) -> dict[int, int]:
    """What each member is asked for in a round that opens, by member id, in cents: `due_cents`, or in the round of one
    who is leaving what each was paid with her money.
    """
    leaver = returning(conn, round_id)
    if leaver is not None:
        rows = conn.execute(
            """
            SELECT p.id, sum(k.due_cents)::bigint FROM rounds o
            JOIN rounds r ON (r.chama_id, r.cycle) = (o.chama_id, o.cycle) AND r.state IN ('completed', 'expired')
            JOIN contributions k ON k.round_id = r.id AND k.member_id = %(leaver)s AND k.state <> 'refunded'
            JOIN chama_members p ON p.id = r.payee_member_id AND p.status IN ('active', 'defaulted')
            WHERE o.id = %(round)s AND p.id <> %(leaver)s GROUP BY p.id ORDER BY p.id
            """,
            {"leaver": leaver, "round": round_id},
        ).fetchall()
        return {member_id: int(cents) for member_id, cents in rows}
    rows = conn.execute(
        """
        SELECT m.id FROM rounds o JOIN chama_members m ON m.chama_id = o.chama_id
        WHERE o.id = %s AND m.status IN ('active', 'defaulted') AND NOT EXISTS (
            SELECT FROM motions x WHERE x.member_id = m.id AND x.kind = 'exit' AND x.state = 'going'
            AND (x.how <> 'after_turn' OR x.cycle < o.cycle))
        ORDER BY m.id
        """,
        [round_id],
    ).fetchall()
    return {row[0]: due_cents for row in rows}
