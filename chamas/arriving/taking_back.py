"""Taking back what M-PESA does not know, or gave back itself: one official asks, another agrees, it is reversed.

Operators ask, because they alone see M-PESA's lists; an official of the member's group or another operator agrees, and
never the member herself. Neither can do it against M-PESA's own word (payments/take_backs.py). What is agreed on is the
row, by its digest (approvals.py). The worker asks the officials by SMS; when one has agreed it posts the mirror of the
page that credited her, opens again what that money had settled, the newest first, and tells her; what lay in suspense
only leaves it.
"""

from datetime import datetime, timedelta
from functools import partial

from chamas.approving import approvals
from chamas.approving.approvals import Subject, Word
from chamas.approving.approvers import NEW_FOR
from chamas.approving.deciders import EXPIRES_AFTER, NEEDED, AlreadyDecided, hear, operates
from chamas.arriving import unmatched
from chamas.dues import handing, owed_again
from chamas.members import deposits, register
from chamas.members.access import IN_OFFICE
from chamas.members.register import OFFICIALS
from chamas.telling import notices
from chamas.telling.notices import Notice
from ledger import holds, piecemeal
from ledger.books import Posted
from ledger.holds import Request
from ledger.refusals import Refusal
from ledger.wires import Chance, Connection, Wires
from ledger.words import words
from payments import suspense, take_backs
from payments.take_backs import TakeBack, TakeBackState, Why

SCOPE = "take_back"
# A book that refuses now may take it later; a person looks at what stays.
POSTPONED_FOR = timedelta(minutes=10)


class OperatorsAsk(Refusal):
    """Who asks cannot see M-PESA's lists, or who answers is neither an operator nor an official of that group."""

    code = "operators_ask"
    status = 403
    words = "Operators ask for this, and officials of the group or other operators agree."


class NotDenied(Refusal):
    """No list of M-PESA's says that the money is not there, or there is no such money in the books."""

    code = "not_denied"
    status = 409
    words = "No list of M-PESA's says that this money is not there. Import the statement of its day first."


def digest_of(one: TakeBack) -> bytes:
    """Of exactly what is agreed on."""
    named = (one.id, one.receipt, one.amount_cents, one.why, one.return_receipt, one.chama_id, one.member_id)
    return approvals.digest(Subject.TAKE_BACK, *named, one.asked_by, one.asked_at)


def ask(
    conn: Connection, receipt: str, why: Why, *, return_receipt: str | None = None, by: int, at: datetime
) -> TakeBack:
    """An operator asks. `return_receipt` is M-PESA's name of the way back, for what was returned at the portal.

    Raises OperatorsAsk, NotDenied, AlreadyDecided.
    """
    if not operates(conn, by):
        raise OperatorsAsk
    given = return_receipt or None if why == "returned" else None
    if not take_backs.allowed(conn, receipt, why, given):
        raise NotDenied
    made = take_backs.ask(conn, receipt, why, given, _seat(conn, receipt), by=by, at=at)
    if made is None:
        raise AlreadyDecided
    return take_backs.read(conn, [made])[0]


def decide(conn: Connection, take_back_id: int, word: Word) -> TakeBack:
    """Another official, or another operator, says yes or no to exactly what she was shown.

    Raises OperatorsAsk, AnotherMustAgree, AlreadyDecided; the last also for what has changed or was asked too long ago.
    """
    found = take_backs.read(conn, [take_back_id])
    if not found:
        raise OperatorsAsk
    one = found[0]
    waits = one.state is TakeBackState.ASKED
    agreed = hear(conn, Subject.TAKE_BACK, one, word, waits=waits, digest=digest_of(one), stranger=OperatorsAsk)
    to = TakeBackState.APPROVED if agreed else TakeBackState.REFUSED
    if not take_backs.decide(conn, one.id, to, by=word.user_id, at=word.at):
        raise AlreadyDecided
    return take_backs.read(conn, [one.id])[0]


def settle_due(wiring: Wires) -> int:
    """Books what two have agreed on, and ends what nobody answered; returns how many wishes it took."""
    at = wiring.now()
    return piecemeal.work_off(
        wiring,
        lambda conn: take_backs.claim(conn, at=at, back_at=at + POSTPONED_FOR),
        partial(_settle, at=at, chance=wiring.chance),
        take_backs.note_failure,
    )


def _settle(conn: Connection, take_back_id: int, *, at: datetime, chance: Chance) -> None:
    [one] = take_backs.read(conn, [take_back_id], lock=True)
    if one.state not in (TakeBackState.ASKED, TakeBackState.APPROVED):
        return
    if one.state is TakeBackState.ASKED and at < one.asked_at + EXPIRES_AFTER:
        _ask_officials(conn, one, at=at)
        take_backs.wait(conn, one, one.asked_at + EXPIRES_AFTER)
        return
    # Whoever changes what was agreed on, behind our back, has nobody's yes to it; and M-PESA may have found it since.
    agreed = len(approvals.said(conn, Subject.TAKE_BACK, one.id, digest_of(one)).yes) >= NEEDED
    stands = take_backs.allowed(conn, one.receipt, one.why, one.return_receipt) and _seat(conn, one.receipt) == (
        None if one.member_id is None or one.chama_id is None else (one.member_id, one.chama_id)
    )
    if one.state is TakeBackState.ASKED or not agreed or not stands:
        take_backs.end(conn, one, TakeBackState.VOID, at=at)
        return
    book_id, seq = _page(conn, one)
    request = Request(SCOPE, one.receipt, at, {"receipt": one.receipt}, one.asked_by)
    if one.chama_id is not None:
        deposits.hold(conn, one.chama_id)
    # Whoever has taken over her place since has what this money had paid, and owes it again.
    now_id = None if one.member_id is None else handing.holder(conn, one.member_id)
    back = None
    if now_id is not None:
        owed_again.free(conn, now_id, (book_id, seq), at=at, chance=chance)
    if one.member_id is not None and now_id is not None and now_id != one.member_id:
        whose = {"member_id": one.member_id, "now_id": now_id}
        back = handing.give_back(conn, (book_id, seq), **whose, key=one.receipt, at=at, chance=chance)
    posted = holds.reverse(conn, book_id, seq, request, at=at, chance=chance)
    if one.member_id is None or one.chama_id is None:
        suspense.resolve(conn, one.receipt, at=at)
        unmatched.overtaken(conn, one.receipt, at=at)
    else:
        register.lock_chama(conn, one.chama_id)
        taken = posted if back is None else back
        owed_again.owe_again(conn, now_id or one.member_id, (book_id, seq), (taken.book_id, taken.seq))
        if back is not None:
            handing.allot_back(conn, (book_id, seq), one.member_id, back, posted)
        _tell(conn, one, posted, now_id or one.member_id, at=at)
    take_backs.gone(conn, one, (posted.book_id, posted.seq))
    take_backs.end(conn, one, TakeBackState.DONE, (posted.book_id, posted.seq), at=at)


def _ask_officials(conn: Connection, one: TakeBack, *, at: datetime) -> None:
    """Those whose word to it counts; for what lies in suspense only operators' words do."""
    if one.chama_id is None:
        return
    rows = conn.execute(
        "SELECT m.user_id, c.name FROM chama_members m JOIN chamas c ON c.id = m.chama_id "
        "WHERE m.chama_id = %s AND m.role = ANY(%s) AND m.status = ANY(%s) AND m.id <> %s AND m.user_id <> %s "
        "AND (m.role_since IS NULL OR m.role_since <= %s) ORDER BY m.id",
        [one.chama_id, list(OFFICIALS), list(IN_OFFICE), one.member_id, one.asked_by, one.asked_at - NEW_FOR],
    ).fetchall()
    key, facts = f"take_back_asked:{one.id}", {"amount_cents": one.amount_cents, "receipt": one.receipt}
    asked = [
        Notice(f"{key}:{user_id}", "take_back_asked", user_id, one.chama_id, facts | {"chama": chama})
        for user_id, chama in rows
    ]
    notices.queue(conn, asked, at=at)


def _tell(conn: Connection, one: TakeBack, posted: Posted, now_id: int, *, at: datetime) -> None:
    """Whose it was, and who has her place now."""
    rows = conn.execute(
        "SELECT m.id, m.user_id, c.name FROM chama_members m JOIN chamas c ON c.id = m.chama_id WHERE m.id = ANY(%s)",
        [[one.member_id, now_id]],
    ).fetchall()
    template = "contribution_taken_back" if one.why == "unknown" else "contribution_returned"
    told = []
    for member_id, user_id, chama in rows:
        facts = {"chama": chama, "amount_cents": one.amount_cents, "receipt": one.receipt}
        facts |= {"page": posted.seq, "words": words(posted.hash)}
        key = f"taken_back:{one.receipt}" + ("" if member_id == one.member_id else f":{member_id}")
        told.append(Notice(key, template, user_id, one.chama_id, facts))
    notices.queue(conn, told, at=at)


def _seat(conn: Connection, receipt: str) -> tuple[int, int] | None:
    """The member whose it is in the books and her chama; None for what lies in suspense."""
    row = conn.execute(
        "SELECT a.member_id, m.chama_id FROM allocations a JOIN chama_members m ON m.id = a.member_id "
        "WHERE (a.book_id, a.seq) IN (SELECT book_id, seq FROM receipts WHERE receipt = %(receipt)s UNION ALL "
        "SELECT book_id, seq FROM idempotency_keys WHERE (scope, key) = ('suspense', %(receipt)s) AND seq IS NOT NULL) "
        "LIMIT 1",
        {"receipt": receipt},
    ).fetchone()
    return None if row is None else (int(row[0]), int(row[1]))


def _page(conn: Connection, one: TakeBack) -> tuple[int, int]:
    """Where it stands now: on the page that came out of suspense, else on its own."""
    row = conn.execute(
        "SELECT coalesce(s.book_id, r.book_id), coalesce(s.seq, r.seq) FROM receipts r LEFT JOIN idempotency_keys s "
        "ON (s.scope, s.key) = ('suspense', r.receipt) AND s.seq IS NOT NULL "
        "WHERE r.receipt = %(receipt)s AND r.seq IS NOT NULL",
        {"receipt": one.receipt},
    ).fetchone()
    if row is None:
        raise LookupError("it is not booked")
    return int(row[0]), int(row[1])
