"""Unmatched money and two officials: one asks what shall be done with it, another agrees, then it is booked.

Officials of the group to whose member it goes may ask and agree, and operators of the desk; two of them, never the one
whose money it would become, and nobody who is new in her office. What is agreed is the row (settlements.py): who agrees
names its digest, and shows that it is she (approvals.py). The web writes rows, the worker books them, because suspense
lies in a book that no member may post to. `return` sends the money back to who paid it (payments/reversals.py);
operators alone decide about that, since it is no group's. What nobody answers in time is void, and may be asked again.
What was settled another way meanwhile is void at once, and whoever asked or agreed is told so.
"""

from datetime import datetime, timedelta
from functools import partial

from chamas.approving import approvals
from chamas.approving.approvals import Subject, Word
from chamas.approving.deciders import (
    EXPIRES_AFTER,
    NEEDED,
    AlreadyDecided,
    AnotherMustAgree,
    hear,
    officiates,
    operates,
)
from chamas.arriving import arrivals, concierge, receivers, settlements
from chamas.arriving.settlements import SETTLEMENT_MOVES, Settlement, SettlementState
from chamas.members.refusals import NotNow
from chamas.members.states import ChamaStatus
from chamas.telling import notices
from chamas.telling.notices import Notice
from ledger import piecemeal
from ledger.refusals import Refusal
from ledger.wires import Chance, Connection, Wires
from payments import reversals, suspense
from payments.reversals import ReversalState

# An entry or two each; the loop comes back at once while there is more.
AT_ONCE = 20
# A book that refuses now may take it later; a person looks at what stays.
POSTPONED_FOR = timedelta(minutes=10)


class NotYours(Refusal):
    """Who asks is no official of that group and no operator, or the money was not offered to that member."""

    code = "not_an_official"
    status = 403
    words = "Only officials decide about unmatched money."


def ask_credit(conn: Connection, receipt: str, member_id: int, *, by: int, at: datetime) -> int:
    """An official asks that this money become this member's; returns the settlement's id.

    Raises NotYours, AnotherMustAgree for her own money, AlreadyDecided where it is not offered (any more), NotNow where
    the group has ended.
    """
    row = conn.execute(
        "SELECT m.chama_id, m.user_id, c.status, "
        "EXISTS (SELECT FROM suspense_offers o WHERE (o.receipt, o.member_id) = (%s, m.id)) "
        "FROM chama_members m JOIN chamas c ON c.id = m.chama_id WHERE m.id = %s AND m.status = ANY(%s)",
        [receipt, member_id, list(receivers.TAKES_MONEY)],
    ).fetchone()
    if row is None:
        raise NotYours
    chama_id, hers, status, offered = row
    # Without an offer nothing says that it may be hers: an operator has other papers, an official only the offer.
    if not operates(conn, by):
        if not officiates(conn, by, chama_id):
            raise NotYours
        if not offered:
            # Nothing is offered of what is settled, either.
            raise AlreadyDecided
    if hers == by:
        raise AnotherMustAgree
    if status in (ChamaStatus.COMPLETED, ChamaStatus.CANCELLED):
        # It would be shared with the others: it goes back to who paid it (`ask_return`).
        raise NotNow
    return _ask(conn, receipt, "credit", chama_id, member_id, by=by, at=at)


def ask_return(conn: Connection, receipt: str, *, by: int, at: datetime) -> int:
    """An operator asks that this money go back to who paid it. Raises NotYours, AlreadyDecided."""
    if not operates(conn, by):
        raise NotYours
    return _ask(conn, receipt, "return", None, None, by=by, at=at)


def decide(conn: Connection, settlement_id: int, word: Word) -> Settlement:
    """Another official says yes or no to exactly what she was shown.

    Raises NotYours, AnotherMustAgree, AlreadyDecided; the last also for what has changed or was asked too long ago.
    """
    found = settlements.read(conn, [settlement_id])
    if not found:
        raise NotYours
    one = found[0]
    waits = one.state is SettlementState.ASKED
    agreed = hear(conn, Subject.SETTLEMENT, one, word, waits=waits, digest=one.digest, stranger=NotYours)
    to = SettlementState.APPROVED if agreed else SettlementState.REFUSED
    decided = conn.execute(
        "UPDATE settlements SET state = %s, decided_by = %s, decided_at = %s, due_at = %s "
        "WHERE id = %s AND state = ANY(%s)",
        [to, word.user_id, word.at, word.at if agreed else None, settlement_id, list(SETTLEMENT_MOVES.leading_to(to))],
    )
    if decided.rowcount != 1:
        raise AlreadyDecided
    return settlements.read(conn, [settlement_id])[0]


def waiting(conn: Connection, chama_id: int | None) -> list[Settlement]:
    """What waits for another official's word: of one group, or for None of all that the caller sees."""
    rows = conn.execute(
        "SELECT id FROM settlements WHERE state = 'asked' AND (%s::bigint IS NULL OR chama_id = %s) ORDER BY id",
        [chama_id, chama_id],
    ).fetchall()
    return settlements.read(conn, [settlement_id for (settlement_id,) in rows])


def under_way(conn: Connection) -> list[Settlement]:
    """All that is asked or agreed on and not booked yet, as far as the caller sees it."""
    rows = conn.execute("SELECT id FROM settlements WHERE state IN ('asked', 'approved') ORDER BY id").fetchall()
    return settlements.read(conn, [settlement_id for (settlement_id,) in rows])


def settle_due(wiring: Wires) -> int:
    """Books what two officials have agreed on, and ends what nobody answered; returns how many settlements it took."""
    at = wiring.now()
    settle = partial(_settle, at=at, chance=wiring.chance)
    return piecemeal.work_off(wiring, partial(_claim, at=at), settle, _note_failure)


def _claim(conn: Connection, at: datetime) -> list[int]:
    rows = conn.execute(
        "UPDATE settlements SET due_at = %s WHERE id IN (SELECT id FROM settlements WHERE due_at <= %s "
        "ORDER BY due_at, id LIMIT %s FOR UPDATE SKIP LOCKED) RETURNING id",
        [at + POSTPONED_FOR, at, AT_ONCE],
    ).fetchall()
    return sorted(settlement_id for (settlement_id,) in rows)


def _settle(conn: Connection, settlement_id: int, *, at: datetime, chance: Chance) -> None:
    [one] = settlements.read(conn, [settlement_id], lock=True)
    if one.state is SettlementState.ASKED:
        _move(conn, one, SettlementState.VOID)
    if one.state is not SettlementState.APPROVED:
        return
    # Whoever changes what was agreed on, behind our back, has nobody's yes to it.
    if len(approvals.said(conn, Subject.SETTLEMENT, one.id, one.digest).yes) < NEEDED:
        _move(conn, one, SettlementState.VOID)
        return
    if one.kind == "return":
        _give_back(conn, one, at=at)
        return
    money = suspense.lock(conn, one.receipt)
    if money is None or one.member_id is None or one.chama_id is None:
        _void(conn, one, at=at)
        return
    # The sum that the two of them read, not another.
    fits = money.amount_cents == one.amount_cents
    if not (fits and receivers.takes_money(conn, one.member_id, money.amount_cents)):
        _void(conn, one, at=at)
        return
    posted = arrivals.credit_suspended(conn, money, one.chama_id, one.member_id, by=one.asked_by, at=at, chance=chance)
    suspense.resolve(conn, one.receipt, at=at)
    concierge.withdraw(conn, one.receipt)
    _move(conn, one, SettlementState.DONE, (posted.book_id, posted.seq))


def overtaken(conn: Connection, receipt: str, *, at: datetime) -> None:
    """It left suspense another way: what was asked for is void, and it is offered to nobody any more."""
    concierge.withdraw(conn, receipt)
    rows = conn.execute(
        "SELECT id FROM settlements WHERE receipt = %s AND state IN ('asked', 'approved') ORDER BY id", [receipt]
    ).fetchall()
    for one in settlements.read(conn, [settlement_id for (settlement_id,) in rows], lock=True):
        _void(conn, one, at=at)


def _void(conn: Connection, one: Settlement, *, at: datetime) -> None:
    """Nothing comes of it; the officials who asked and agreed believe otherwise until they are told."""
    _move(conn, one, SettlementState.VOID)
    if one.chama_id is None:
        return
    facts = {"amount_cents": one.amount_cents, "paid_at": one.paid_at.isoformat(), "name": one.member}
    rows = conn.execute(
        "SELECT u.id, c.name FROM users u, chamas c WHERE u.id IN (%s, %s) AND c.id = %s "
        # Operators have no phone: they read it on the desk.
        "AND u.platform_role IS NULL ORDER BY u.id",
        [one.asked_by, one.decided_by, one.chama_id],
    ).fetchall()
    told = [
        Notice(
            f"settlement_void:{one.id}:{user_id}", "settlement_void", user_id, one.chama_id, facts | {"chama": chama}
        )
        for user_id, chama in rows
    ]
    notices.queue(conn, told, at=at)


def _give_back(conn: Connection, one: Settlement, *, at: datetime) -> None:
    """Begins the reversal; one that Safaricom has refused since this was agreed on ends the agreement."""
    begun, agreed_at = reversals.find(conn, one.receipt), one.decided_at
    refused = begun is not None and begun.state is ReversalState.REFUSED
    since = refused and begun is not None and agreed_at is not None and begun.created_at >= agreed_at
    if since or suspense.lock(conn, one.receipt) is None:
        _move(conn, one, SettlementState.VOID)
    else:
        reversals.wish(conn, one.receipt, at=at)


def returned(conn: Connection, receipt: str, page: tuple[int, int], *, at: datetime) -> None:
    """It is back with who paid it, and booked: what was asked for is done, where it still stood."""
    rows = conn.execute("SELECT id FROM settlements WHERE receipt = %s AND kind = 'return'", [receipt]).fetchall()
    for one in settlements.read(conn, [settlement_id for (settlement_id,) in rows], lock=True):
        if one.state in SETTLEMENT_MOVES.leading_to(SettlementState.DONE):
            _move(conn, one, SettlementState.DONE, page)
    overtaken(conn, receipt, at=at)


def _note_failure(conn: Connection, settlement_id: int, failure: str) -> None:
    """It comes back, and stands on the desk with this meanwhile."""
    conn.execute("UPDATE settlements SET failure = %s WHERE id = %s", [failure, settlement_id])


def _move(conn: Connection, one: Settlement, to: SettlementState, page: tuple[int, int] | None = None) -> None:
    SETTLEMENT_MOVES.require(one.state, to)
    conn.execute(
        "UPDATE settlements SET state = %s, due_at = NULL, book_id = %s, seq = %s WHERE id = %s",
        [to, *(page or (None, None)), one.id],
    )


def _ask(
    conn: Connection, receipt: str, kind: str, chama_id: int | None, member_id: int | None, *, by: int, at: datetime
) -> int:
    row = conn.execute(
        # An official sees the money only as an offer, an operator also what is offered to nobody.
        "INSERT INTO settlements (receipt, amount_cents, paid_at, kind, chama_id, member_id, state, asked_by, "
        "asked_at, due_at) SELECT %(receipt)s, money.amount_cents, money.paid_at, %(kind)s, %(chama_id)s, "
        "%(member_id)s, 'asked', %(by)s, %(at)s, %(until)s FROM (SELECT r.amount_cents, r.paid_at "
        "FROM suspense s JOIN receipts r USING (receipt) WHERE s.receipt = %(receipt)s AND s.state = 'open' UNION ALL "
        "SELECT amount_cents, paid_at FROM suspense_offers WHERE receipt = %(receipt)s LIMIT 1) money "
        "ON CONFLICT (receipt) WHERE state IN ('asked', 'approved', 'done') DO NOTHING RETURNING id",
        {
            "receipt": receipt,
            "kind": kind,
            "chama_id": chama_id,
            "member_id": member_id,
            "by": by,
            "at": at,
            "until": at + EXPIRES_AFTER,
        },
    ).fetchone()
    if row is None:
        raise AlreadyDecided
    return int(row[0])
