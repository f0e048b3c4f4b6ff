"""Cash: what an official writes down, what the member says of it, and how it comes into the books.

Nothing is hers before she has typed, on her own phone and without being shown the figure, what she gave, and her chama
PIN (the states: cash_claims.py). An official's own cash is recorded by another one. What she has not confirmed after
ESCALATES_AFTER the other officials hear of; it stays as it is, and is shown as unconfirmed.

Where a meeting counts its box, the money that lies in it is in the books at once: what is written and not yet confirmed
goes to the account `cash`, and is owed by `cash_unconfirmed` to nobody by name. Her word moves it from there to her
(docs/decisions/0029-meetings.md).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from chamas.arriving import cash_box, cash_claims
from chamas.arriving.cash_box import UNCONFIRMED, NotInTheBox, open_box
from chamas.arriving.cash_claims import CashState, Claim, find
from chamas.dues import contributions, penalties
from chamas.dues.allocation import Arrived, Share
from chamas.members import pins, register, standing
from chamas.members.access import IN_OFFICE, PLAYING, Action
from chamas.members.office import office
from chamas.members.refusals import NotNow, OwnCash, UnfitAmount, UnknownMember, demand
from chamas.members.register import OFFICIALS
from chamas.telling import notices
from chamas.telling.notices import Notice
from ledger import books, holds
from ledger.books import Draft, Line, Posted
from ledger.refusals import Refusal
from ledger.wires import Chance, Connection, Wires
from ledger.words import words

# A group meets weekly: at the next meeting the others know what was not confirmed at the last.
ESCALATES_AFTER = timedelta(days=7)
# As M-PESA's own limit for one payment: what is more is counted again.
MOST_CENTS = 250_000_00
# One statement of a few milliseconds for the hour's job.
ESCALATED_AT_ONCE = 200


def record(conn: Connection, *, by_user_id: int, chama_id: int, number: int, amount_cents: int, at: datetime) -> Claim:
    """An official says that the member of this number gave cash; she is asked by SMS how much.

    Raises OfficialsOnly, NotNow, UnknownMember, OwnCash, UnfitAmount.
    """
    demand(standing.group(conn, chama_id=chama_id, user_id=by_user_id), Action.RECORD_CASH, at=at)
    fit(amount_cents)
    member_id, user_id = member_of(conn, chama_id, number)
    if user_id == by_user_id:
        raise OwnCash
    claim = cash_claims.add(
        conn, chama_id=chama_id, member_id=member_id, recorded_by=by_user_id, amount_cents=amount_cents, at=at
    )
    _tell(conn, claim, "cash_to_confirm", [user_id], at=at)
    return claim


def fit(amount_cents: int) -> None:
    """Raises UnfitAmount unless somebody can have given this much in notes and coins."""
    if not 0 < amount_cents <= MOST_CENTS or amount_cents % 100:
        raise UnfitAmount


def member_of(conn: Connection, chama_id: int, number: int) -> tuple[int, int]:
    """Who pays in this chama under this number: member and person. Raises UnknownMember."""
    row = conn.execute(
        "SELECT id, user_id FROM chama_members WHERE (chama_id, number) = (%s, %s) AND status = ANY(%s)",
        [chama_id, number, list(PLAYING)],
    ).fetchone()
    if row is None:
        raise UnknownMember
    return row[0], row[1]


def say(conn: Connection, claim_id: int, *, user_id: int, said_cents: int, at: datetime) -> Claim:
    """She says how much she gave; 0 is none. Another amount than the official's ends it; who wrote it is told, and the
    other officials.

    The same amount changes nothing yet: her PIN is asked for, and `confirm` books it. Raises NotNow.
    """
    claim = _hers(conn, claim_id, user_id)
    if said_cents == claim.amount_cents:
        return claim
    cash_claims.move(conn, claim, CashState.DISPUTED, said_cents=said_cents, at=at)
    _tell(conn, claim, "cash_disputed", _officials(conn, claim), said_cents=said_cents, at=at)
    _tell(conn, claim, "cash_denied", [claim.recorded_by], said_cents=said_cents, at=at)
    return find(conn, claim_id)


def confirm(
    conn: Connection,
    claim_id: int,
    *,
    user_id: int,
    said_cents: int,
    at: datetime,
    chance: Chance,
    but_not_the_fine: bool = False,
) -> tuple[Claim, Posted]:
    """Both said the same: it is hers, pays the fine that is written of it, and is shared over what else she owes. The
    caller has checked her PIN. `but_not_the_fine`: she says that it is wrong; it is disputed and nothing settles it.

    Raises NotNow, PinTooNew.
    """
    pins.demand_decides(conn, user_id, at=at)
    claim = _hers(conn, claim_id, user_id)
    if said_cents != claim.amount_cents:
        raise NotNow
    hers = books.account_id(conn, claim.chama_book_id, f"member:{claim.member_id}")
    if hers is None:
        raise LookupError(f"member {claim.member_id} has no account")
    posted = books.post(conn, _as_hers(conn, claim, hers), at=at, chance=chance)
    with office(conn):
        register.lock_chamas(conn, [claim.chama_id])
    fine_cents = 0 if but_not_the_fine else claim.fine_cents
    if claim.fine_cents:
        penalty_id = penalties.add_beside(conn, claim_id=claim.id, at=at)
        if but_not_the_fine:
            penalties.dispute(conn, penalty_id, member_id=claim.member_id, at=at)
        else:
            fine = Arrived(claim.member_id, posted.book_id, posted.seq, fine_cents)
            contributions.allot(conn, [(fine, Share(None, fine_cents, penalty_id=penalty_id))])
    if left_cents := claim.amount_cents - fine_cents:
        contributions.settle(conn, [Arrived(claim.member_id, posted.book_id, posted.seq, left_cents)])
    page = (posted.book_id, posted.seq)
    cash_claims.move(conn, claim, CashState.CONFIRMED, said_cents=said_cents, at=at, page=page)
    # The worker moves the fine to the group's own account (fining.py): it is none of her total any more.
    total_cents = books.balance(conn, hers) - fine_cents
    told = {"total_cents": total_cents, "page": posted.seq, "words": words(posted.hash), "code": posted.code}
    if claim.fine_cents:
        told["fine_cents"] = claim.fine_cents
    template = "cash_booked_fined" if fine_cents else "cash_booked_disputed" if claim.fine_cents else "cash_booked"
    _tell(conn, claim, template, [user_id], at=at, **told)
    return find(conn, claim_id), posted


def _as_hers(conn: Connection, claim: Claim, hers: int) -> Draft:
    """The entry that her word makes: out of the box's unconfirmed part, or into the box."""
    book_id = claim.chama_book_id
    if claim.in_the_box:
        source = books.open_account(conn, book_id=book_id, code=UNCONFIRMED, kind="liability", floor_cents=0)
    else:
        source = open_box(conn, book_id)
    return Draft(
        book_id=book_id,
        kind="contribution",
        occurred_at=claim.recorded_at,
        lines=(Line(source, claim.amount_cents), Line(hers, -claim.amount_cents)),
        scope="cash",
        key=f"claim:{claim.id}",
        note={"cash": claim.id},
    )


def fill_box(conn: Connection, chama_id: int, given: Sequence[Claim], *, at: datetime, chance: Chance) -> list[Posted]:
    """The box is about to be counted: whatever was written and not confirmed goes into it, in one set that stands or
    falls together, `given` at this meeting included; who gave it is asked by SMS. Raises what posting refuses.
    """
    claims = cash_claims.hold_open(conn, chama_id)
    drafts = [_into_box(conn, claim) for claim in claims]
    answers = books.post_set(conn, drafts, at=at, chance=chance, bonds=[1] * len(drafts))
    posted = []
    for answer in answers:
        if isinstance(answer, Refusal):
            raise answer
        posted.append(answer)
    cash_claims.put_in_box(conn, [(claim.id, page.seq) for claim, page in zip(claims, posted, strict=True)])
    for claim in given:
        _tell(conn, claim, "cash_to_confirm", [claim.user_id], at=at)
    return posted


def _into_box(conn: Connection, claim: Claim) -> Draft:
    book_id = claim.chama_book_id
    box = open_box(conn, book_id)
    waiting = books.open_account(conn, book_id=book_id, code=UNCONFIRMED, kind="liability", floor_cents=0)
    return Draft(
        book_id=book_id,
        kind="cash_held",
        occurred_at=claim.recorded_at,
        lines=(Line(box, claim.amount_cents), Line(waiting, -claim.amount_cents)),
        scope="cash",
        key=f"held:{claim.id}",
        note={"cash": claim.id, **({"meeting": claim.meeting_id} if claim.meeting_id else {})},
    )


def withdraw(conn: Connection, claim_id: int, *, by_user_id: int, at: datetime, chance: Chance) -> Claim:
    """What was written is taken back, and what lay in the counted box for it leaves the box again.

    Who wrote it may, as long as she has not answered; what she disputes another official may, not herself.
    Raises NotNow, and NotInTheBox for notes that are in the box no more: they cannot be handed back out of it.
    """
    claim = cash_claims.lock(conn, claim_id)
    if claim.state is CashState.RECORDED:
        may = claim.recorded_by == by_user_id
    else:
        may = claim.state is CashState.DISPUTED and by_user_id in _officials(conn, claim)
    if not may:
        raise NotNow
    if claim.in_the_box and claim.held_seq is not None:
        if cash_box.lock(conn, claim.chama_id).held_cents < claim.amount_cents:
            raise NotInTheBox
        request = holds.Request("cash", f"back:{claim.id}", at, {"cash": claim.id})
        holds.reverse(conn, claim.chama_book_id, claim.held_seq, request, at=at, chance=chance)
    cash_claims.move(conn, claim, CashState.WITHDRAWN, said_cents=claim.said_cents, at=at)
    return find(conn, claim_id)


def escalate(wiring: Wires) -> int:
    """Tells the other officials, once, of cash that nobody has confirmed for a week; returns of how much."""
    at = wiring.now()
    with wiring.transaction() as conn:
        old = cash_claims.escalate(conn, recorded_before=at - ESCALATES_AFTER, at=at, limit=ESCALATED_AT_ONCE)
        for claim in old:
            _tell(conn, claim, "cash_unconfirmed", _officials(conn, claim), at=at)
    return len(old)


def _hers(conn: Connection, claim_id: int, user_id: int) -> Claim:
    claim = cash_claims.lock(conn, claim_id)
    if claim.user_id != user_id or claim.state is not CashState.RECORDED:
        raise NotNow
    return claim


def _officials(conn: Connection, claim: Claim) -> Sequence[int]:
    """The officials beside the one who wrote it, and beside the member herself."""
    rows = conn.execute(
        "SELECT user_id FROM chama_members WHERE chama_id = %s AND role = ANY(%s) AND status = ANY(%s) "
        "AND user_id <> ALL(%s) ORDER BY id",
        [claim.chama_id, list(OFFICIALS), list(IN_OFFICE), [claim.recorded_by, claim.user_id]],
    ).fetchall()
    return [user_id for (user_id,) in rows]


def _tell(conn: Connection, claim: Claim, template: str, user_ids: Sequence[int], *, at: datetime, **more: Any) -> None:
    facts = {
        "chama": claim.chama,
        "name": claim.member,
        "official": claim.official,
        "amount_cents": claim.amount_cents,
        "paid_at": claim.recorded_at.isoformat(),
        **more,
    }
    if template == "cash_to_confirm":
        # She is not shown the official's figure anywhere before she has said hers.
        del facts["amount_cents"]
    with office(conn):
        notices.queue(
            conn,
            [
                Notice(f"{template}:{claim.id}:{user_id}", template, user_id, claim.chama_id, facts)
                for user_id in user_ids
            ],
            at=at,
        )
