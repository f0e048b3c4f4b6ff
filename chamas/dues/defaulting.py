"""Default: who has not paid for several rounds, by the rules; her debts are set off, and who has paid is in again.

Theory of operation. When a round is over, and everybody has had her grace, each active member who is late with as many
rounds and parts of a loan as the newest rules say (`default_after`) is in default, and she and the officials hear of
it. What follows goes by her row and by nothing else, so that it is done once whatever dies:

    active -> defaulted   what she left as a deposit settles what she owes, in the order of the rules (setting_off.py);
                          so does the pot of her own turn, which nobody pays out to her meanwhile (round_payouts.py)
    defaulted -> active   as soon as she owes nothing for rounds that are over, and no fine

She goes on owing for every round that opens: default is no way out of the group's dues. A round that had not closed
when it was agreed that she leaves, and pays no more, puts nobody in default.
"""

from datetime import datetime
from functools import partial

from chamas import aside
from chamas.dues import setting_off
from chamas.members import register
from chamas.members.register import OFFICIALS, MemberStatus
from chamas.rulebook import rule_sets
from chamas.telling import notices
from chamas.telling.notices import Notice
from ledger.wires import Connection, Wires


def judge(conn: Connection, chama_id: int, *, at: datetime) -> list[int]:
    """Who of an active chama is in default from now on, by member id. The caller holds the chama."""
    rules = rule_sets.rules_at(conn, chama_id, at)
    if rules is None or not rules.rules.default_after:
        return []
    rows = conn.execute(
        """
        SELECT m.id, late.count FROM chama_members m JOIN chamas c ON c.id = m.chama_id AND c.status = 'active'
        CROSS JOIN LATERAL (
            SELECT (SELECT count(*) FROM contributions k
                    JOIN rounds r ON r.id = k.round_id AND r.state IN ('completed', 'expired')
                    JOIN rule_sets s ON s.id = r.rule_set_id
                    WHERE k.member_id = m.id AND k.paid_cents < k.due_cents AND k.state IN ('pending', 'failed')
                      AND r.closes_at + make_interval(secs => s.grace_seconds) <= %(at)s
                      AND NOT EXISTS (SELECT FROM motions x
                          WHERE (x.member_id, x.kind, x.state) = (m.id, 'exit', 'going') AND x.how <> 'after_turn'
                            AND x.agreed_at <= r.closes_at + make_interval(secs => s.grace_seconds)))
                   + (SELECT count(*) FROM instalments i WHERE i.member_id = m.id AND i.state = 'late') AS count) late
        WHERE m.chama_id = %(chama)s AND m.status = 'active' AND late.count >= %(after)s ORDER BY m.id
        """,
        {"chama": chama_id, "at": at, "after": rules.rules.default_after},
    ).fetchall()
    for member_id, count in rows:
        register.move_member(conn, member_id, MemberStatus.DEFAULTED)
        _tell(conn, "defaulted", member_id, at=at, count=count)
    return [member_id for member_id, _ in rows]


def go_on(wires: Wires) -> int:
    """Sets off the deposit of one who is in default, or takes one who owes nothing in again; returns 0 or 1."""
    at = wires.now()

    def settle(conn: Connection, member_id: int) -> None:
        [(chama_id,)] = conn.execute("SELECT chama_id FROM chama_members WHERE id = %s", [member_id]).fetchall()
        if setting_off.from_deposit(conn, chama_id, member_id, at=at, chance=wires.chance):
            return
        if setting_off.owed(conn, member_id, due_by=at):
            raise LookupError("a deposit with money in it that pays nothing")
        register.move_member(conn, member_id, MemberStatus.ACTIVE)
        _tell(conn, "default_over", member_id, at=at)

    return aside.one_at_a_time(wires, "defaults", partial(_in_default, at=at), settle)


def _in_default(conn: Connection, only: int | None, *, at: datetime) -> int | None:
    """A member in default about whom something can be done, held; others' are left."""
    row = conn.execute(
        """
        SELECT m.id FROM chama_members m JOIN chamas c ON c.id = m.chama_id AND c.status = 'active'
        CROSS JOIN LATERAL (SELECT EXISTS (SELECT FROM contributions k JOIN rounds r ON r.id = k.round_id
                                AND r.state IN ('completed', 'expired') WHERE k.member_id = m.id
                                AND k.paid_cents < k.due_cents AND k.state IN ('pending', 'failed'))
                            OR EXISTS (SELECT FROM penalties p WHERE p.member_id = m.id AND p.state = 'due')
                            OR EXISTS (SELECT FROM instalments i WHERE i.member_id = m.id AND i.state = 'late')
                            AS owes) AS d
        WHERE m.status = 'defaulted' AND (NOT d.owes OR EXISTS (SELECT FROM accounts a
            WHERE a.book_id = c.book_id AND a.code = 'deposit:' || m.id AND a.balance_cents > 0))
          AND (%(only)s::bigint IS NULL OR m.id = %(only)s)
          AND NOT EXISTS (SELECT FROM puzzles z WHERE (z.loop, z.row_id) = ('defaults', m.id) AND z.until > %(at)s)
        ORDER BY m.id LIMIT 1 FOR NO KEY UPDATE OF m SKIP LOCKED
        """,
        {"at": at, "only": only},
    ).fetchone()
    return None if row is None else int(row[0])


def _tell(conn: Connection, template: str, member_id: int, *, at: datetime, count: int = 0) -> None:
    """She and the officials hear of it."""
    [(chama_id, chama, name)] = conn.execute(
        "SELECT c.id, c.name, u.first_name FROM chama_members m JOIN chamas c ON c.id = m.chama_id "
        "JOIN users u ON u.id = m.user_id WHERE m.id = %s",
        [member_id],
    ).fetchall()
    told = conn.execute(
        "SELECT user_id FROM chama_members WHERE id = %s OR chama_id = %s AND role = ANY(%s) AND status = 'active' "
        "ORDER BY id",
        [member_id, chama_id, list(OFFICIALS)],
    ).fetchall()
    facts = {"chama": chama, "name": name, "count": count}
    key = f"{template}:{member_id}:{at.isoformat()}"
    news = [Notice(f"{key}:{user_id}", template, user_id, chama_id, facts) for (user_id,) in told]
    notices.queue(conn, news, at=at)
