"""What must hold at the end of each day of the village; each look names what is wrong."""

from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256

from chamas.dues import fining, owing
from chamas.rulebook import rule_sets
from chamas.rulebook.rules import Penalty, Rules
from gateway import checks
from ledger.seasons import season_at
from payments.charges import cost
from payments.payouts.orders import LEAST_CENTS
from tests.village import books, holdings
from tests.village.days import Village

# So often all of the past is looked at again (`pesachama verify`) and everybody's dues are reckoned anew; those of one
# in so many every evening, beside all that have moved.
WHOLE, ONE_IN = 30, 30
DAY = timedelta(days=1)
# A round's fines are assessed within three days of its end, at the longest grace.
FINES_LOOKED_AT = timedelta(days=4)


def wrong(village: Village, *, last: bool) -> list[str]:
    """Everything that does not hold today: of what the day has changed, and every thirtieth day of all there ever was.

    On the last day of all and on the first of a season each page is hashed again; every thirtieth day those since then.
    """
    life = village.life
    today = life.clock.now()
    everything = last or season_at(today) != season_at(today - DAY)
    whole = everything or life.days % WHOLE == 0
    found = checks.all_findings(village.wiring, new_only=not everything) if whole else []
    failed = [f"{one.name}: {one.detail}" for one in found if not one.ok]
    came = _brought(village)
    looks = (came, books.wrong(village.conn, life.kept), _dues(village, everybody=whole), _fines(village))
    others = (_pots(village), _twice(village), holdings.wrong(village))
    return [*failed, *(one for look in (*looks, *others) for one in look)]


def _brought(village: Village) -> list[str]:
    """What each brought is what the books have of her: today's pages are added to what they had yesterday."""
    life = village.life
    for kind, member_id, cents in village.conn.execute(
        "SELECT e.kind, a.member_id, sum(a.amount_cents)::bigint "
        "FROM unnest(%s::bigint[], %s::integer[], %s::bigint[]) AS s (book_id, season, seq) "
        "CROSS JOIN LATERAL (SELECT book_id, seq, kind FROM entries e WHERE e.book_id = s.book_id "
        "AND e.season >= s.season AND e.seq > s.seq AND kind IN ('contribution', 'deposit') OFFSET 0) AS e "
        "JOIN allocations a ON (a.book_id, a.seq) = (e.book_id, e.seq) GROUP BY 1, 2",
        books.since(village.conn, life.kept),
    ):
        had = life.brought if kind == "contribution" else life.deposited
        had[member_id] = had.get(member_id, 0) + cents
    return [
        f"member {one.member_id} gave {one.given}, the books have {life.brought.get(one.member_id, 0)}"
        for group in life.groups
        for one in group.people
        if one.given != life.brought.get(one.member_id, 0)
    ]


def _dues(village: Village, *, everybody: bool) -> Iterator[str]:
    """In groups that run what each owes is what rounds asked for less what she brought, and the sum as words is that
    sum: of everybody whose dues have moved since they were last reckoned, and of some beside.
    """
    life = village.life
    told = village.conn.execute(
        """
        SELECT m.id, (coalesce(k.owed, 0) + coalesce(p.owed, 0))::bigint, coalesce(k.asked, 0), coalesce(p.owed, 0)
        FROM chama_members m JOIN chamas c ON c.id = m.chama_id AND c.status = 'active'
        LEFT JOIN (SELECT k.member_id, sum(k.due_cents - k.paid_cents)::bigint AS owed, count(*) AS asked
                   FROM contributions k JOIN rounds r ON r.id = k.round_id
                   AND r.state IN ('active', 'completed', 'expired') GROUP BY 1) k ON k.member_id = m.id
        LEFT JOIN (SELECT member_id, sum(due_cents - paid_cents)::bigint AS owed FROM penalties WHERE state = 'due'
                   GROUP BY 1) p ON p.member_id = m.id
        ORDER BY m.id
        """
    ).fetchall()
    owes, asked = {}, []
    for member_id, owed, *rest in told:
        owes[member_id], now = owed, (owed, life.brought.get(member_id, 0), *rest)
        if everybody or now != life.explained.get(member_id) or member_id % ONE_IN == life.days % ONE_IN:
            asked.append(member_id)
            life.explained[member_id] = now
    life.did["dues explained"] += len(asked)
    for member_id, reckoned in owing.reckoned_each(village.conn, asked).items():
        if reckoned.owed_cents != owes[member_id] or bool(reckoned.why) != bool(owes[member_id]):
            yield f"member {member_id} owes {owes[member_id]}, explained are {reckoned.owed_cents}: {reckoned.why}"


def _fines(village: Village) -> Iterator[str]:
    """Of the rounds of the last days: whoever was late has the fine of that round's rules, and nobody else has one."""
    late = """
        SELECT k.id, k.due_cents, p.id, p.due_cents, p.state,
               k.due_cents > coalesce(came.cents, 0)
               -- Who was on her way out by then pays no more rounds.
               AND NOT EXISTS (SELECT FROM motions x WHERE (x.member_id, x.kind) = (m.id, 'exit')
                               AND x.how <> 'after_turn' AND x.state IN ('going', 'done')
                               AND x.agreed_at <= r.closes_at + make_interval(secs => s.grace_seconds)),
               r.id
        FROM rounds r JOIN rule_sets s ON s.id = r.rule_set_id
        JOIN chamas c ON c.id = r.chama_id AND c.status = 'active'
        JOIN contributions k ON k.round_id = r.id AND k.state <> 'refunded'
        JOIN chama_members m ON m.id = k.member_id AND m.status IN ('active', 'defaulted')
        LEFT JOIN penalties p ON p.contribution_id = k.id
        CROSS JOIN LATERAL (
            SELECT sum(a.amount_cents) AS cents FROM allocations a
            JOIN entry_codes c ON (c.book_id, c.seq) = (a.book_id, a.seq)
            JOIN entries e ON (e.book_id, e.season, e.seq) = (c.book_id, c.season, c.seq)
            WHERE a.contribution_id = k.id
              AND e.occurred_at <= r.closes_at + make_interval(secs => s.grace_seconds)) AS came
        WHERE r.state IN ('completed', 'expired') AND r.fines_due_at IS NULL AND r.closes_at > %s ORDER BY k.id
        """
    rules: dict[int, Rules] = {}  # by round
    for contribution_id, due, penalty_id, cents, state, was_late, round_id in village.conn.execute(
        late.encode(), [village.life.clock.now() - FINES_LOOKED_AT]
    ).fetchall():
        if round_id not in rules:
            rules[round_id] = rule_sets.rules_of(village.conn, round_id).rules
        most = fining.fine_for(rules[round_id], due, 0)
        if penalty_id is None and was_late and rules[round_id].penalty is not Penalty.NONE:
            yield f"contribution {contribution_id} was late without a fine"
        elif penalty_id is not None and not was_late and state != "waived":
            yield f"fine {penalty_id} is for a contribution that was not late"
        elif penalty_id is not None and (cents > most or (cents < most and not rules[round_id].penalty_cap_cents)):
            yield f"fine {penalty_id} is {cents}, by the rules {most}"


def _pots(village: Village) -> Iterator[str]:
    """Each debtor of a round owes what its rules say; what left is never more than what came in; and a round of which
    nothing more is to come has paid all but what M-PESA cannot carry.
    """
    wrong_dues = village.conn.execute(
        "SELECT DISTINCT r.id FROM rounds r JOIN rule_sets s ON s.id = r.rule_set_id "
        "JOIN contributions k ON k.round_id = r.id WHERE k.due_cents <> s.contribution_cents "
        # The round of who leaves before her turn gives back what she gave.
        "AND NOT EXISTS (SELECT FROM motions x WHERE x.member_id = r.payee_member_id AND x.cycle = r.cycle "
        "AND x.how = 'before_turn' AND x.state IN ('going', 'done')) ORDER BY 1"
    ).fetchall()
    yield from (f"round {round_id} asks for another amount than its rules" for (round_id,) in wrong_dues)
    pots = village.conn.execute(
        """
        SELECT r.id, r.pot_due_at IS NULL AND r.payee_member_id IS NOT NULL AND r.state = 'completed' AS over,
               coalesce(i.cents, 0)::bigint, (r.set_off_cents + coalesce(o.cents, 0))::bigint
        FROM rounds r JOIN chamas c ON c.id = r.chama_id AND c.status = 'active'
        LEFT JOIN (SELECT round_id, sum(paid_cents) AS cents FROM contributions GROUP BY 1) i ON i.round_id = r.id
        LEFT JOIN (SELECT round_id, sum(amount_cents + charge_cents) AS cents FROM disbursement_requests
                   WHERE state IN ('approved', 'sending', 'unclear', 'completed') GROUP BY 1) o ON o.round_id = r.id
        WHERE r.state IN ('completed', 'expired') ORDER BY r.id
        """
    ).fetchall()
    too_little = LEAST_CENTS + cost(LEAST_CENTS, village.wiring.payout_bands).charge_cents
    for round_id, over, collected, left in pots:
        if left > collected:
            yield f"round {round_id} collected {collected} and let {left} go"
        if over and collected - left >= too_little:
            yield f"round {round_id} is over and let {left} of {collected} go"


def _twice(village: Village) -> Iterator[str]:
    """One payee a turn, one turn a member and cycle, one arrival a payout."""
    again = village.conn.execute(
        "SELECT chama_id, cycle, payee_member_id FROM rounds WHERE state <> 'cancelled' "
        "AND payee_member_id IS NOT NULL GROUP BY 1, 2, 3 HAVING count(*) > 1"
    ).fetchall()
    yield from (f"member {member} has two turns in cycle {cycle} of chama {chama}" for chama, cycle, member in again)
    arrived = village.life.arrived
    yield from (f"payout {one} arrived {times} times" for one, times in arrived.items() if times != 1)
    [(paid,)] = village.conn.execute("SELECT count(*) FROM payouts WHERE state = 'paid'").fetchall()
    if paid != len(arrived):
        yield f"M-PESA paid {len(arrived)} payouts, the books have {paid}"


def digest(village: Village) -> str:
    """Of all that groups and books came to: equal for equal seeds."""
    made = sha256()
    for query in (
        "SELECT chama_id, number, state, cycle, turn, payee_member_id, opened_at, closed_at FROM rounds ORDER BY 1, 2",
        "SELECT round_id, member_id, due_cents, paid_cents, state FROM contributions ORDER BY 1, 2",
        "SELECT id, state, amount_cents, charge_cents, receipt FROM payouts ORDER BY 1",
        "SELECT book_id, code, balance_cents FROM accounts ORDER BY 1, 2",
        "SELECT book_id, next_seq, encode(head_hash, 'hex') FROM heads ORDER BY 1",
    ):
        for row in village.conn.execute(query.encode()):
            made.update(repr(row).encode())
    return made.hexdigest()
