"""What must hold each evening of boxes, deposits, meetings and ended groups; each look names what is wrong."""

from collections.abc import Iterator
from datetime import timedelta

from chamas.course import giving_back, winding
from payments.charges import cost
from payments.payouts import money
from payments.payouts.orders import LEAST_CENTS
from tests.village.days import Village
from tests.village.money import PAYBILL

DAY = timedelta(days=1)
# Days of the worker after which what goes back has gone: windings are looked at each day, and M-PESA pays after that.
GONE_AFTER = 3


def wrong(village: Village) -> Iterator[str]:
    yield from _boxes(village)
    yield from _deposits(village)
    yield from _meetings(village)
    yield from _ends(village)


def _boxes(village: Village) -> Iterator[str]:
    """What lies in a group's box is what its people put there and did not bring away."""
    held = dict(
        village.conn.execute(
            "SELECT c.id, a.balance_cents FROM chamas c JOIN accounts a ON (a.book_id, a.code) = (c.book_id, 'cash')"
        ).fetchall()
    )
    for group in village.life.groups:
        if held.get(group.chama_id, 0) != group.box_cents:
            yield f"the box of {group.number} holds {group.box_cents}, the books have {held.get(group.chama_id, 0)}"


def _deposits(village: Village) -> Iterator[str]:
    """What each left is what the books have of her; and as much of a group as its deposits is with M-PESA."""
    life = village.life
    for one in (one for group in life.groups for one in group.people):
        if one.deposited != life.deposited.get(one.member_id, 0):
            yield f"member {one.member_id} left {one.deposited}, the books have {life.deposited.get(one.member_id, 0)}"
    for number, kept, there in village.conn.execute(
        """
        SELECT c.number, sum(a.balance_cents) FILTER (WHERE a.code LIKE 'deposit:%%') AS kept,
               sum(a.balance_cents) FILTER (WHERE a.code = 'mpesa:' || %(paybill)s) AS there
        FROM chamas c JOIN accounts a ON a.book_id = c.book_id WHERE c.deposit_cents > 0
        GROUP BY c.id HAVING sum(a.balance_cents) FILTER (WHERE a.code LIKE 'deposit:%%')
            > coalesce(sum(a.balance_cents) FILTER (WHERE a.code = 'mpesa:' || %(paybill)s), 0) ORDER BY c.id
        """,
        {"paybill": PAYBILL},
    ).fetchall():
        yield f"{number} keeps deposits of {kept} and has {there}"


def _meetings(village: Village) -> Iterator[str]:
    """Of the meetings of a day: the count held, and what each put on the table is asked of her, and nothing else."""
    for number, held, table, asked in village.conn.execute(
        """
        SELECT c.number, b.asserted_cents = b.found_cents,
               (SELECT coalesce(sum(cash_cents + fine_cents), 0) FROM attendance x WHERE x.meeting_id = g.id),
               (SELECT coalesce(sum(amount_cents), 0) FROM cash_claims k WHERE k.meeting_id = g.id)
        FROM meetings g JOIN chamas c ON c.id = g.chama_id LEFT JOIN balance_assertions b ON b.id = g.assertion_id
        WHERE g.state = 'completed' AND g.ended_at > %s ORDER BY g.id
        """,
        [village.life.clock.now() - DAY],
    ).fetchall():
        if not held or table != asked:
            yield f"{number} met: the count held {held}, {table} lay on the table, {asked} are asked about"


def _ends(village: Village) -> Iterator[str]:
    """A group that has ended keeps nothing that M-PESA could carry to a member whom it owes."""
    least = LEAST_CENTS + cost(LEAST_CENTS, village.wiring.payout_bands).charge_cents
    for group in village.life.groups:
        if group.moved_on is None or village.life.worked < group.moved_on + GONE_AFTER:
            continue
        [(book_id, under_names)] = village.conn.execute(
            "SELECT c.book_id, coalesce(sum(a.balance_cents - a.debits_pending_cents), 0)::bigint FROM chamas c "
            "LEFT JOIN accounts a ON a.book_id = c.book_id AND a.code LIKE 'refund:%%' WHERE c.id = %s GROUP BY 1",
            [group.chama_id],
        ).fetchall()
        free = money.spendable(village.conn, book_id, PAYBILL) - under_names
        held = giving_back.holdings(village.conn, group.chama_id)
        owed = {one: back.total_cents for one in held if (back := winding.owed(held[one])).total_cents >= least}
        if owed and free >= least * len(held):
            yield f"{group.number} has ended with {free} left, and owes {owed}"
