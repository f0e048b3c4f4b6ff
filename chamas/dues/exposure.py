"""What a group would lose if a member stopped paying today, or after her turn, and what her deposit covers. Reads only.

Exposure is what she was paid less what she has paid in. Who is paid early is owed most by the others: the order of
payout and the deposit decide how much, and are what can be changed.
"""

from dataclasses import dataclass

from psycopg.rows import class_row

from ledger.wires import Connection


@dataclass(frozen=True)
class Exposure:
    """One member; cents. `received_cents` were paid out to her, `paid_cents` she has paid in, `deposit_cents` she left.

    `after_turn_cents` is what she will have received above what she has paid when her turn of this cycle comes and
    everybody has paid until then; None without a turn ahead. `exposed_cents` is what the group loses if she stops
    today, before her deposit; `uncovered_cents` what of the worse of the two no deposit covers.
    """

    member_id: int
    number: int
    name: str
    position: int | None
    received_cents: int
    paid_cents: int
    deposit_cents: int
    after_turn_cents: int | None
    exposed_cents: int
    uncovered_cents: int


def of_chama(conn: Connection, chama_id: int) -> list[Exposure]:
    """Everybody who is in the group, by number.

    The pot of her turn is what everybody in the order pays for a round by the rules of the open one; until then she
    pays each round herself, less what she has paid of the open one. Without an open round there is no turn ahead.
    """
    found = conn.cursor(row_factory=class_row(Exposure))
    found.execute(
        """
        WITH held AS (
            SELECT m.id,
                   coalesce(sum(a.balance_cents) FILTER (WHERE a.code = 'paid_out:' || m.id), 0)::bigint AS received,
                   coalesce(sum(a.balance_cents) FILTER (WHERE a.code = 'member:' || m.id), 0)::bigint AS paid,
                   coalesce(sum(a.balance_cents) FILTER (WHERE a.code = 'deposit:' || m.id), 0)::bigint AS deposit
            FROM chama_members m JOIN chamas c ON c.id = m.chama_id
            LEFT JOIN accounts a ON a.book_id = c.book_id
                AND a.code IN ('paid_out:' || m.id, 'member:' || m.id, 'deposit:' || m.id)
            WHERE m.chama_id = %(chama)s GROUP BY m.id),
        ordered AS (
            SELECT m.id, m.position, row_number() OVER (ORDER BY m.position) AS place, count(*) OVER () AS turns
            FROM chama_members m
            WHERE m.chama_id = %(chama)s AND m.position IS NOT NULL AND m.status IN ('active', 'defaulted')),
        ahead AS (
            SELECT o.id, o.turns * s.contribution_cents
                       - (o.place - (SELECT count(*) FROM ordered d WHERE d.position < r.turn)) * s.contribution_cents
                       + coalesce(k.paid_cents, 0) AS gained
            FROM ordered o JOIN rounds r ON r.chama_id = %(chama)s AND r.state = 'active' AND o.position >= r.turn
            JOIN rule_sets s ON s.id = r.rule_set_id
            LEFT JOIN contributions k ON (k.round_id, k.member_id) = (r.id, o.id))
        SELECT m.id AS member_id, m.number, u.first_name AS name, m.position, h.received AS received_cents,
               h.paid AS paid_cents, h.deposit AS deposit_cents, w.after_turn_cents, w.exposed_cents,
               GREATEST(0, w.exposed_cents - h.deposit, w.after_turn_cents - h.deposit)::bigint AS uncovered_cents
        FROM chama_members m JOIN users u ON u.id = m.user_id JOIN held h ON h.id = m.id
        LEFT JOIN ahead n ON n.id = m.id
        CROSS JOIN LATERAL (
            SELECT CASE WHEN n.id IS NOT NULL
                       THEN GREATEST(0, h.received - h.paid + n.gained)::bigint END AS after_turn_cents,
                   GREATEST(0, h.received - h.paid)::bigint AS exposed_cents) AS w
        WHERE m.chama_id = %(chama)s AND m.status IN ('confirmed', 'active', 'defaulted')
        ORDER BY m.number
        """,
        {"chama": chama_id},
    )
    return found.fetchall()
