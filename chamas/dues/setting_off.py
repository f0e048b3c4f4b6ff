"""What a member owes her group comes out of what the group would give her: entries, never a debt forgotten.

    out of her round's pot   Dr paid_out:<member> / Cr member:<member>: she was paid so much, and paid it in again
    out of her deposit       Dr deposit:<member> / Cr member:<member>: it covers her debts, or goes back to her

The allocations then say which of her debts it settled, in the order of the rules. When she leaves or the group ends, a
loan that was called in comes out of what it would give her, deposit first and then what she saved (`a_loan`).
"""

from datetime import datetime

from chamas.cycle import rounds
from chamas.dues import contributions, loans, pots, repaying
from chamas.dues.allocation import Arrived
from chamas.dues.borrowing import BY_TURNS
from chamas.members import deposits, register
from chamas.members.deposits import DepositState
from chamas.telling import notices
from chamas.telling.notices import Notice
from ledger.books import Draft, Line, account_ids, open_account, post
from ledger.wires import Chance, Connection

SCOPE = "set_off"


def owed(conn: Connection, member_id: int, *, due_by: datetime | None = None) -> int:
    """What she owes for rounds that are over, for late parts of a loan, and in fines that she does not dispute; cents.
    With `due_by` (UTC) only of rounds whose own end has come by then: what officials close early is due on the day that
    the calendar says.
    """
    [(cents,)] = conn.execute(
        "SELECT ((SELECT coalesce(sum(k.due_cents - k.paid_cents), 0) FROM contributions k "
        "JOIN rounds r ON r.id = k.round_id AND r.state IN ('completed', 'expired') "
        "WHERE k.member_id = %(member)s AND k.state IN ('pending', 'failed') "
        "AND (%(by)s::timestamptz IS NULL OR r.closes_at <= %(by)s)) "
        "+ (SELECT coalesce(sum(due_cents - paid_cents), 0) FROM penalties "
        "WHERE member_id = %(member)s AND state = 'due') "
        "+ (SELECT coalesce(sum(principal_cents + interest_cents - lapsed_cents - paid_cents), 0) FROM instalments "
        "WHERE member_id = %(member)s AND state = 'late'))::bigint",
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


def a_loan(
    conn: Connection, chama_id: int, member_id: int, *, at: datetime, chance: Chance, ended: bool = False
) -> int:
    """What is late of her loans comes out of her deposit, then out of what she saved; returns how many cents. She is
    told. Where rounds pay one after the other, what she paid in is what others had, until the group has `ended`.

    Holds the deposits, posts, and only then holds the chama, as everybody does.
    """
    deposit_id = deposits.hold(conn, chama_id).get(member_id)
    taken_cents = 0
    for loan in loans.of_member(conn, member_id):
        for part in loan.parts:
            if part.state is loans.InstalmentState.LATE:
                taken_cents += _a_part(conn, member_id, part, deposit_id, at=at, chance=chance, ended=ended)
    if taken_cents:
        [(user_id, chama)] = conn.execute(
            "SELECT m.user_id, c.name FROM chama_members m JOIN chamas c ON c.id = m.chama_id WHERE m.id = %s",
            [member_id],
        ).fetchall()
        facts = {"chama": chama, "amount_cents": taken_cents}
        news = Notice(f"loan_set_off:{member_id}:{at.isoformat()}", "loan_set_off", user_id, chama_id, facts)
        notices.queue(conn, [news], at=at)
    return taken_cents


def _a_part(
    conn: Connection,
    member_id: int,
    part: loans.Instalment,
    deposit_id: int | None,
    *,
    at: datetime,
    chance: Chance,
    ended: bool,
) -> int:
    [(chama_id, book_id, kind, deposit_cents, saved_cents)] = conn.execute(
        "SELECT c.id, c.book_id, c.kind, "
        "coalesce(sum(a.balance_cents) FILTER (WHERE a.code LIKE 'deposit:%%'), 0)::bigint, "
        "coalesce(sum(CASE WHEN a.code LIKE 'member:%%' THEN a.balance_cents WHEN a.code LIKE 'paid_out:%%' "
        "THEN -a.balance_cents END), 0)::bigint FROM chama_members m JOIN chamas c ON c.id = m.chama_id "
        "LEFT JOIN accounts a ON a.book_id = c.book_id "
        "AND a.code IN ('deposit:' || m.id, 'member:' || m.id, 'paid_out:' || m.id) WHERE m.id = %s "
        "GROUP BY c.id",
        [member_id],
    ).fetchall()
    # What is set aside for a fine or a loan is none of her savings any more.
    saved_cents = max(0, min(saved_cents, contributions.of_no_fine(conn, member_id)))
    if kind in BY_TURNS and not ended:
        saved_cents = 0
    missing_cents = part.missing_cents
    from_deposit = min(missing_cents, deposit_cents) if deposit_id is not None else 0
    from_savings = min(missing_cents - from_deposit, saved_cents)
    cents = from_deposit + from_savings
    if cents <= 0:
        return 0
    credits = repaying.moved(part.principal_cents, part.paid_cents, cents)
    debits = {f"deposit:{member_id}": from_deposit, f"member:{member_id}": from_savings}
    debits = {code: taken for code, taken in debits.items() if taken}
    key = f"{part.id}:set_off:{part.paid_cents}"
    posted = repaying.enter(conn, book_id, member_id, debits, credits, key=key, at=at, chance=chance)
    register.lock_chama(conn, chama_id)
    money = Arrived(member_id, book_id, posted.seq, from_deposit)
    if deposit_id is not None and from_deposit:
        contributions.take_deposit(conn, money, deposit_id, DepositState.FORFEITED)
    if from_savings:
        contributions.take_back(conn, money._replace(amount_cents=from_savings))
    loans.settle(conn, part.id, cents)
    return int(cents)
