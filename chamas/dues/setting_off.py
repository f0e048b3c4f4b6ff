"""What a member owes her group comes out of what the group would give her: entries, never a debt forgotten.

    out of her round's pot   Dr paid_out:<member> / Cr member:<member>: she was paid so much, and paid it in again
    out of her deposit       Dr deposit:<member> / Cr member:<member>: it covers her debts, or goes back to her

The allocations then say which of her debts it settled, in the order of the rules.
"""

from datetime import datetime

from chamas.cycle import rounds
from chamas.dues import contributions, pots
from chamas.dues.allocation import Arrived
from chamas.members import deposits, register
from chamas.members.deposits import DepositState
from chamas.telling import notices
from chamas.telling.notices import Notice
from ledger.books import Draft, Line, account_ids, open_account, post
from ledger.wires import Chance, Connection

SCOPE = "set_off"


def owed(conn: Connection, member_id: int, *, due_by: datetime | None = None) -> int:
    """What she owes for rounds that are over, and in fines that she does not dispute, in cents. With `due_by` (UTC)
    only of rounds whose own end has come by then: what officials close early is due on the day that the calendar says.
    """
    [(cents,)] = conn.execute(
        "SELECT ((SELECT coalesce(sum(k.due_cents - k.paid_cents), 0) FROM contributions k "
        "JOIN rounds r ON r.id = k.round_id AND r.state IN ('completed', 'expired') "
        "WHERE k.member_id = %(member)s AND k.state IN ('pending', 'failed') "
        "AND (%(by)s::timestamptz IS NULL OR r.closes_at <= %(by)s)) "
        "+ (SELECT coalesce(sum(due_cents - paid_cents), 0) FROM penalties "
        "WHERE member_id = %(member)s AND state = 'due'))::bigint",
        {"member": member_id, "by": due_by},
    ).fetchall()
    return int(cents)


def from_deposit(conn: Connection, chama_id: int, member_id: int, *, at: datetime, chance: Chance) -> int:
    """Her deposit pays what she owes and is due by the calendar; returns how many cents. She is told.

    Holds the deposits, posts, and only then holds the chama, as everybody does.
    """
    deposit_id = deposits.hold(conn, chama_id).get(member_id)
    found = conn.execute(
        "SELECT d.paid_cents, c.book_id, m.user_id, c.name FROM deposits d JOIN chamas c ON c.id = d.chama_id "
        "JOIN chama_members m ON m.id = d.member_id WHERE d.id = %s AND d.paid_cents > 0 AND d.state <> 'refunded'",
        [deposit_id],
    ).fetchone()
    if found is None or deposit_id is None:
        return 0
    paid_cents, book_id, user_id, chama = found
    cents = min(owed(conn, member_id, due_by=at), int(paid_cents))
    if cents <= 0:
        return 0
    ids = account_ids(conn, [(book_id, f"deposit:{member_id}"), (book_id, f"member:{member_id}")])
    lines = (Line(ids[book_id, f"deposit:{member_id}"], cents), Line(ids[book_id, f"member:{member_id}"], -cents))
    # What is left of it makes each time another key.
    key = f"deposit:{deposit_id}:{paid_cents}"
    posted = post(conn, Draft(book_id, "set_off", at, lines, SCOPE, key), at=at, chance=chance)
    register.lock_chama(conn, chama_id)
    money = Arrived(member_id, book_id, posted.seq, cents)
    contributions.take_deposit(conn, money, deposit_id, DepositState.FORFEITED)
    contributions.settle(conn, [money])
    facts = {"chama": chama, "amount_cents": cents, "page": posted.seq}
    news = Notice(f"set_off:{deposit_id}:{posted.seq}", "set_off_from_deposit", user_id, chama_id, facts)
    notices.queue(conn, [news], at=at)
    return cents


def from_pot(conn: Connection, round_id: int, member_id: int, *, at: datetime, chance: Chance) -> int:
    """What the payee owes and is due by the calendar comes out of her round's pot; returns how many cents. She is told.

    The caller holds the round. Posts first, and only then holds the chama, as everybody does.
    """
    # What a set-off of her own part of this round brings is in the pot again: only what is in can be taken.
    found = pots.pot(conn, round_id)
    cents = min(owed(conn, member_id, due_by=at), found.collected_cents - found.promised_cents)
    if cents <= 0:
        return 0
    [(chama_id, book_id, user_id, chama, set_off_cents)] = conn.execute(
        "SELECT c.id, c.book_id, m.user_id, c.name, r.set_off_cents FROM chama_members m "
        "JOIN chamas c ON c.id = m.chama_id JOIN rounds r ON r.id = %s WHERE m.id = %s",
        [round_id, member_id],
    ).fetchall()
    open_account(conn, book_id=book_id, code=f"paid_out:{member_id}", kind="asset")
    ids = account_ids(conn, [(book_id, f"paid_out:{member_id}"), (book_id, f"member:{member_id}")])
    lines = (Line(ids[book_id, f"paid_out:{member_id}"], cents), Line(ids[book_id, f"member:{member_id}"], -cents))
    # What was set off before only grows; what was promised falls with a refused payout, and comes to a sum of before.
    key = f"round:{round_id}:after:{set_off_cents}"
    posted = post(conn, Draft(book_id, "set_off", at, lines, SCOPE, key), at=at, chance=chance)
    register.lock_chama(conn, chama_id)
    contributions.settle(conn, [Arrived(member_id, book_id, posted.seq, cents)])
    rounds.look_at_pot(conn, round_id, at, set_off_cents=cents)
    facts = {"chama": chama, "amount_cents": cents, "page": posted.seq}
    news = Notice(f"set_off:{round_id}:{posted.seq}", "set_off_from_pot", user_id, chama_id, facts)
    notices.queue(conn, [news], at=at)
    return cents
