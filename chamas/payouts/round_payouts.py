"""The payouts of rounds: when a round is over its payee's money is asked for, and topped up as debts land.

Theory of operation. A closed round stays due here (`rounds.pot_due_at`) until its pot is whole and paid out. Each time
it is looked at, and nothing of it is under way, what its payee owes for rounds that are over is set off, and what the
pot has collected and not promised yet is asked for in her name, like any payout: other people say yes, everybody is
told, it waits, members can stop it, and it leaves under one name for ever (asking.py, disbursing.py). So a debt that
lands later is one more request for that much, and rounds that were short first are filled first, because money settles
the oldest debts first where the rules say so.

After a no, a stop or a failure nothing is asked again by itself: somebody asks anew (`ask_anew`). When nobody answered,
or the payee's number has changed, it is asked again. A payee who is not in the group any more, or in default, is paid
nothing: officials are told why. A round without a payee is nobody's, and is never looked at.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from psycopg.rows import class_row

from chamas import aside
from chamas.approving.approvers import SPEAKS
from chamas.cycle import rounds
from chamas.dues import pots, setting_off
from chamas.dues.pots import Pot
from chamas.members.register import OFFICIALS, ChamaStatus, MemberStatus
from chamas.payouts import asking, pot_looks
from chamas.payouts.disbursements import Request
from chamas.payouts.pot_looks import ASKED_AGAIN, LOOKED_AT_AGAIN, LOOKED_AT_EVERY, UNDER_WAY
from chamas.rulebook.rules import ShortPot
from chamas.telling import notices
from chamas.telling.notices import Notice
from ledger.refusals import Refusal
from ledger.wires import Connection
from payments import payouts, shortcodes
from payments.charges import Bands, cost
from payments.wires import Wires


class PayeeGone(Refusal):
    """Whose turn the round was is not in the group any more."""

    code = "payee_gone"
    status = 409
    words = "The receiver is not in the chama any more. The money stays in the chama."


class PayeeInDefault(Refusal):
    """She owes more than her round has."""

    code = "payee_in_default"
    status = 409
    words = "The receiver is in default. Settle what she owes first."


@dataclass(frozen=True)
class Due:
    """A closed round whose pot is not paid out. `last` is the state of its newest request with its `reason`, None
    without one; `late_at` (UTC) is when who has not paid is late, by the round's own end, however early people close
    it.
    """

    round_id: int
    chama_id: int
    chama: str
    chama_status: ChamaStatus
    book_id: int
    payee_member_id: int
    payee: str
    payee_status: MemberStatus
    closed_at: datetime
    late_at: datetime
    last: str | None
    reason: str | None

    def __post_init__(self) -> None:
        object.__setattr__(self, "chama_status", ChamaStatus(self.chama_status))
        object.__setattr__(self, "payee_status", MemberStatus(self.payee_status))

    @property
    def waits(self) -> bool:
        """Whether something of it is under way, or people have to say something first."""
        stopped = self.last in ("rejected", "failed") and self.reason not in ASKED_AGAIN
        return self.last in UNDER_WAY or stopped


def follow_due(wires: Wires) -> int:
    """Puts off the pots of which nothing can be paid yet, and looks at the one of the others that has been due for the
    longest; returns how many it took.
    """
    at = wires.now()

    def look(conn: Connection, round_id: int) -> None:
        rounds.look_at_pot(conn, round_id, _next_look(conn, _due(conn, round_id), wires, at))

    with wires.transaction() as conn:
        idle = pot_looks.put_off(conn, at)
    return idle + aside.one_at_a_time(wires, "pots", partial(_lock_next, at=at), look)


def ask_anew(conn: Connection, round_id: int, *, by_member_id: int, at: datetime, bands: Bands) -> Request:
    """After a no, a stop or a failure: an official, or the payee, asks for what the round can pay now.

    Raises MoreThanThePot when that is nothing, and what asking refuses.
    """
    row = conn.execute(
        "SELECT c.id, c.book_id, r.payee_member_id FROM rounds r JOIN chamas c ON c.id = r.chama_id WHERE r.id = %s",
        [round_id],
    ).fetchone()
    if row is None:
        raise pots.MoreThanThePot
    chama_id, book_id, payee = row
    policy = rounds.rules_of(conn, round_id).rules.short_pot
    cents = pots.next_payment(pots.pot(conn, round_id, policy), policy, _free(conn, chama_id, book_id), _charges(bands))
    if not cents:
        raise pots.MoreThanThePot
    return asking.ask(
        conn,
        asker_member_id=by_member_id,
        payee_member_id=payee,
        amount_cents=cents,
        at=at,
        bands=bands,
        round_id=round_id,
    )


def stopped(conn: Connection, chama_id: int) -> list[tuple[int, int, str]]:
    """Rounds of a chama whose payout somebody refused or stopped, or that failed, and that nobody asked for anew: id,
    number, and the payee's name.
    """
    return conn.execute(
        """
        SELECT r.id, r.number, u.first_name FROM rounds r JOIN chama_members m ON m.id = r.payee_member_id
        JOIN users u ON u.id = m.user_id
        JOIN LATERAL (SELECT d.state, d.reason FROM disbursement_requests d WHERE d.round_id = r.id
                      ORDER BY d.id DESC LIMIT 1) AS last ON last.state IN ('rejected', 'failed')
        WHERE r.chama_id = %s AND r.pot_due_at IS NOT NULL AND NOT coalesce(last.reason, '') = ANY(%s)
        ORDER BY r.number
        """,
        [chama_id, sorted(ASKED_AGAIN)],
    ).fetchall()


def _next_look(conn: Connection, due: Due, wires: Wires, at: datetime) -> datetime | None:
    """Asks for what can be paid now; returns when to look again, None when nothing is left to do."""
    if due.chama_status is not ChamaStatus.ACTIVE:
        return None
    if due.waits:
        return at + (LOOKED_AT_EVERY if due.last in UNDER_WAY else LOOKED_AT_AGAIN)
    owed_cents = setting_off.owed(conn, due.payee_member_id)
    if owed_cents:
        if at < due.late_at:
            _tell_what_it_waits_for(conn, due, owed_cents, at)
            return due.late_at
        if setting_off.from_pot(conn, due.round_id, due.payee_member_id, at=at, chance=wires.chance):
            return at
    bands = wires.payout_bands
    policy = rounds.rules_of(conn, due.round_id).rules.short_pot
    found = pots.pot(conn, due.round_id, policy)
    cents = pots.next_payment(found, policy, _free(conn, due.chama_id, due.book_id), _charges(bands))
    if not cents:
        return None if _over(found, policy, bands) else pot_looks.again(due.closed_at, at)
    return _ask_in_savepoint(conn, due, cents, bands, at)


def _ask_in_savepoint(conn: Connection, due: Due, cents: int, bands: Bands, at: datetime) -> datetime:
    """Asks in the payee's name; what stands against it is told to officials, and it is tried again another day."""
    try:
        with conn.transaction():
            if due.payee_status not in SPEAKS:
                raise PayeeInDefault if due.payee_status is MemberStatus.DEFAULTED else PayeeGone
            asking.ask(
                conn,
                asker_member_id=due.payee_member_id,
                payee_member_id=due.payee_member_id,
                amount_cents=cents,
                at=at,
                bands=bands,
                round_id=due.round_id,
            )
    except Refusal as refusal:
        _tell_officials(conn, due, refusal, cents, at)
        return at + LOOKED_AT_AGAIN
    return at + LOOKED_AT_EVERY


def _free(conn: Connection, chama_id: int, book_id: int) -> int:
    """What the group has in M-PESA, in cents, beside its members' deposits and what rounds have asked for already:
    asked for twice, it would be agreed on twice, and missing the second time.
    """
    shortcode = shortcodes.of_chama(conn, chama_id)
    if shortcode is None:
        return 0
    [(kept,)] = conn.execute(
        "SELECT ((SELECT coalesce(sum(balance_cents), 0) FROM accounts WHERE book_id = %s AND code LIKE 'deposit:%%') "
        "+ (SELECT coalesce(sum(amount_cents + charge_cents), 0) FROM disbursement_requests "
        "WHERE chama_id = %s AND state = 'pending' AND round_id IS NOT NULL))::bigint",
        [book_id, chama_id],
    ).fetchall()
    return payouts.spendable(conn, book_id, shortcode.number) - int(kept)


def _over(found: Pot, policy: ShortPot, bands: Bands) -> bool:
    """Whether all has come that ever will, and what is left of it is less than M-PESA can carry."""
    return found.whole and not pots.next_payment(found, policy, found.left_cents, _charges(bands))


def _charges(bands: Bands) -> Callable[[int], int]:
    return lambda amount: cost(amount, bands).charge_cents


def _lock_next(conn: Connection, only: int | None, *, at: datetime) -> int | None:
    row = conn.execute(
        "SELECT id FROM rounds r WHERE pot_due_at <= %(at)s AND (%(only)s::bigint IS NULL OR id = %(only)s) "
        "AND NOT EXISTS (SELECT FROM puzzles z WHERE (z.loop, z.row_id) = ('pots', r.id) AND z.until > %(at)s) "
        "ORDER BY pot_due_at, id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED",
        {"at": at, "only": only},
    ).fetchone()
    return None if row is None else int(row[0])


def _due(conn: Connection, round_id: int) -> Due:
    found = conn.cursor(row_factory=class_row(Due))
    found.execute(
        """
        SELECT r.id AS round_id, c.id AS chama_id, c.name AS chama, c.status AS chama_status, c.book_id,
               r.payee_member_id, u.first_name AS payee, m.status AS payee_status, r.closed_at,
               r.closes_at + make_interval(secs => s.grace_seconds) AS late_at,
               last.state AS last, last.reason
        FROM rounds r JOIN chamas c ON c.id = r.chama_id JOIN rule_sets s ON s.id = r.rule_set_id
        JOIN chama_members m ON m.id = r.payee_member_id JOIN users u ON u.id = m.user_id
        LEFT JOIN LATERAL (SELECT q.state, q.reason FROM disbursement_requests q WHERE q.round_id = r.id
                           ORDER BY q.id DESC LIMIT 1) AS last ON TRUE
        WHERE r.id = %s
        """,
        [round_id],
    )
    [due] = found.fetchall()
    return due


def _tell_officials(conn: Connection, due: Due, refusal: Refusal, cents: int, at: datetime) -> None:
    """Once for each reason: why this round's payout cannot be asked for."""
    facts = {"chama": due.chama, "name": due.payee, "amount_cents": cents, "why": refusal.words}
    news = [
        Notice(f"pot_stuck:{due.round_id}:{refusal.code}:{member}", "pot_stuck", user, due.chama_id, facts)
        for member, user, official in _officials_and_payee(conn, due)
        if official
    ]
    notices.queue(conn, news, at=at)


def _tell_what_it_waits_for(conn: Connection, due: Due, owed_cents: int, at: datetime) -> None:
    """Once: what the payee owes comes first. Until she is late it is not taken out of her money."""
    facts = {"chama": due.chama, "name": due.payee, "amount_cents": owed_cents}
    news = [
        Notice(f"pot_waits:{due.round_id}:{member}", "pot_waits", user, due.chama_id, facts)
        for member, user, _ in _officials_and_payee(conn, due)
    ]
    notices.queue(conn, news, at=at)


def _officials_and_payee(conn: Connection, due: Due) -> list[tuple[int, int, bool]]:
    """Members with their users, and whether each is an official."""
    return conn.execute(
        "SELECT id, user_id, role = ANY(%(officials)s) AND status = 'active' FROM chama_members "
        "WHERE chama_id = %(chama)s AND (role = ANY(%(officials)s) AND status = 'active' OR id = %(payee)s) "
        "ORDER BY id",
        {"chama": due.chama_id, "officials": list(OFFICIALS), "payee": due.payee_member_id},
    ).fetchall()
