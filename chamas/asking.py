"""Asking for money of a group, and answering: what may be asked, by whom, and whose answer counts.

Nothing moves here: rows are written, and the worker counts them (disbursing.py). The phone, the desk and programs call
`ask`, `vote` and, for what to show, `waiting_for` and `may_be_frozen` of disbursements.py.
"""

from datetime import datetime, timedelta

from chamas import disbursements
from chamas.approvers import SPEAKS, approvers
from chamas.disbursements import REASONS, DisbursementState, Request, Vote, by_id, members, whose_yes
from chamas.register import OFFICIALS
from ledger.preimage import hash_fields
from ledger.refusals import Refusal
from ledger.wires import Connection
from payments import payouts, shortcodes
from payments.charges import TARIFF, Bands, cost
from payments.payouts import NotEnoughMoney, PayoutOutOfRange
from payments.payouts.orders import LEAST_CENTS, MOST_CENTS

DIGEST_FORM = b"pesachama-disbursement/1"

# One official asks and two others agree: three people would have to be in league.
NEEDED = 2
# A meeting's decision is acted on within days; a yes of last week was given in another situation.
EXPIRES_AFTER = timedelta(hours=72)
# Long enough for an SMS to be read by those who were not asked.
WAIT = timedelta(hours=1)


class MayNotAsk(Refusal):
    """Who asks is neither an official of the group nor the receiver, or the receiver is not in it."""

    code = "may_not_ask"
    status = 403
    words = "Only an official, or the member herself, can ask for this payout."


class NoPayoutPhone(Refusal):
    """The receiver has no number of her own."""

    code = "no_payout_phone"
    status = 409
    words = "This member has no phone number that M-PESA could pay."


class TooFewApprovers(Refusal):
    """There are not enough other members to say yes."""

    code = "too_few_approvers"
    status = 409
    words = "The group has too few other members to approve this."


class NotYourVoice(Refusal):
    """Her yes or no does not count here: she asked, she would receive it, or others are asked."""

    code = "not_your_voice"
    status = 403
    words = "Others must answer this request, not you."


class NotAsShown(Refusal):
    """What she answered is not what is asked, or it is decided already."""

    code = "not_as_shown"
    status = 409
    words = "This request has changed or is decided. Look at it again."


def ask(
    conn: Connection,
    *,
    asker_member_id: int,
    payee_member_id: int,
    amount_cents: int,
    at: datetime,
    bands: Bands = TARIFF,
    round_id: int | None = None,
    wait: timedelta = WAIT,
) -> Request:
    """A request to pay this member of the same group; what it costs is in it.

    Raises MayNotAsk, NoPayoutPhone, TooFewApprovers, PayoutOutOfRange, NotEnoughMoney; UniqueViolation for a round that
    is asked for already.
    """
    row = conn.execute(
        "SELECT a.chama_id, a.role, a.status, p.status, u.phone, c.book_id FROM chama_members a "
        "JOIN chama_members p ON p.chama_id = a.chama_id JOIN users u ON u.id = p.user_id "
        "JOIN chamas c ON c.id = a.chama_id WHERE a.id = %s AND p.id = %s AND c.status = 'active'",
        [asker_member_id, payee_member_id],
    ).fetchone()
    if row is None or row[2] not in SPEAKS or row[3] not in SPEAKS:
        raise MayNotAsk
    chama_id, role, _, _, phone, book_id = row
    if role not in OFFICIALS and asker_member_id != payee_member_id:
        raise MayNotAsk
    if phone is None:
        raise NoPayoutPhone
    shortcode = shortcodes.of_chama(conn, chama_id)
    if shortcode is None or amount_cents % 100 or not LEAST_CENTS <= amount_cents <= MOST_CENTS:
        raise PayoutOutOfRange
    costs = cost(amount_cents, bands)
    if payouts.spendable(conn, book_id, shortcode.number) < costs.total_cents:
        raise NotEnoughMoney
    voices = members(conn, chama_id)
    if len(approvers(voices, payee=payee_member_id, asker=asker_member_id, needed=NEEDED)) < NEEDED:
        raise TooFewApprovers
    expires_at = at + EXPIRES_AFTER
    said = {
        "chama_id": chama_id,
        "shortcode_id": shortcode.id,
        "payee_member_id": payee_member_id,
        "asked_by": asker_member_id,
        "round_id": round_id,
        "amount_cents": amount_cents,
        "charge_cents": costs.charge_cents,
        "asked_at": at,
        "expires_at": expires_at,
        "needed": NEEDED,
        "wait_seconds": int(wait.total_seconds()),
    }
    # Nobody's number is in it: a hash of one is found by trying. Who changes hers voids the request (disbursing.py).
    digest = hash_fields((DIGEST_FORM, *said.values()))
    return by_id(conn, disbursements.add(conn, {**said, "digest": digest, "phone": phone}))


def vote(
    conn: Connection,
    request_id: int,
    *,
    member_id: int,
    vote: Vote,
    digest: bytes,
    at: datetime,
    reason: int | None = None,
) -> Request:
    """A member's answer to what she was shown: `digest` is that of the request on her screen, `reason` one of REASONS
    for a no. The same answer twice is one. Whoever calls has made sure that it is she (PIN, step-up).

    Raises NotYourVoice, NotAsShown.
    """
    request = by_id(conn, request_id)
    voices = members(conn, request.chama_id)
    if vote is Vote.FREEZE:
        may = any(one.member_id == member_id and one.status in SPEAKS for one in voices)
        open_to_it = request.state in (DisbursementState.PENDING, DisbursementState.APPROVED)
        may = may and member_id != request.payee_member_id
    else:
        may, open_to_it = member_id in whose_yes(voices, request), request.state is DisbursementState.PENDING
    if not may:
        raise NotYourVoice
    if digest != request.digest or not open_to_it or (vote is Vote.REJECT) != (reason in REASONS):
        raise NotAsShown
    disbursements.add_vote(conn, request, member_id, vote, reason=reason, at=at)
    return request
