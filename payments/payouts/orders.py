"""The door of this room for money that goes out: an authorised payout comes in, and waits for its sending.

Who may order is decided above: what comes in here is authorised, by whom and how is in the room that sent it. What is
decided here is that it is whole shillings within M-PESA's limits, that the group has the money, and what it costs.

The same key is the same payout, for ever. Its OriginatorConversationID is made of what the order says, the moment of
its authorisation included, so that an order which a restored backup has forgotten gets the same name when it is made
again, and Safaricom does not pay it twice.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from ledger.books import post_all
from ledger.preimage import hash_fields
from ledger.refusals import KeyReused, Refusal
from ledger.wires import Chance, Connection
from payments import shortcodes
from payments.charges import TARIFF, Bands, cost
from payments.payouts import gates, money, rows
from payments.payouts.rows import Payout, Step
from payments.payouts.states import ENDED, PayoutState, Way

# The portal's limits for one payout (grade C, 2026).
LEAST_CENTS = 10_00
MOST_CENTS = 250_000_00

# Held money is the group's again when nothing has left by then: an approval of last week is no approval.
HELD_FOR = timedelta(days=7)

ORIGINATOR_FORM = b"pesachama-payout/1"


class PayoutOutOfRange(Refusal):
    """Not whole shillings, or outside what one payout can carry."""

    code = "payout_out_of_range"
    status = 422
    words = "M-PESA pays out whole shillings, from 10 to 250,000 at a time."


class TooLate(Refusal):
    """What is to be withdrawn has left the house, or has ended."""

    code = "too_late"
    status = 409
    words = "This payout has left already."


@dataclass(frozen=True)
class Order:
    """An authorised payout: who gets how much of which group's money. `phone` is E.164, `authorised_at` UTC. With an
    `account` it goes to a bank, whose paybill `phone` is then.

    `source_account_id` is the account of the group's book that it is for; `user_id` and `member_id` are the receiver's.
    """

    key: str
    shortcode_id: int
    chama_id: int
    book_id: int
    source_account_id: int
    phone: str
    amount_cents: int
    authorised_at: datetime
    member_id: int | None = None
    user_id: int | None = None
    account: str | None = None


def order(
    conn: Connection,
    wanted: Order,
    *,
    at: datetime,
    chance: Chance,
    due_at: datetime | None = None,
    bands: Bands = TARIFF,
) -> Payout:
    """The payout of this key, made at the first call, with its money held; sent from `due_at` on, or once `release`d.

    Raises PayoutOutOfRange, NotEnoughMoney, KeyReused for a key that ordered something else, and what posting refuses;
    undo the transaction then.
    """
    if wanted.amount_cents % 100 or not LEAST_CENTS <= wanted.amount_cents <= MOST_CENTS:
        raise PayoutOutOfRange
    # Two at the same moment: the second waits here and then sees the first one's payout.
    conn.execute("SELECT pg_advisory_xact_lock(hashtextextended('payout:' || %s, 0))", [wanted.key])
    shortcode = shortcodes.by_id(conn, wanted.shortcode_id)
    name = originator(shortcode.number, wanted)
    made = rows.by_key(conn, wanted.key)
    if made is not None:
        if (made.originator, made.phone, made.book_id, made.account) != (
            name, wanted.phone, wanted.book_id, wanted.account
        ):  # fmt: skip
            raise KeyReused
        return made
    charge_cents = cost(wanted.amount_cents, bands).charge_cents
    expires_at = at + HELD_FOR
    held = money.hold(
        conn,
        book_id=wanted.book_id,
        shortcode=shortcode.number,
        source_account_id=wanted.source_account_id,
        order_key=wanted.key,
        amount_cents=wanted.amount_cents,
        charge_cents=charge_cents,
        at=at,
        expires_at=expires_at,
        chance=chance,
    )
    columns = {
        "shortcode_id": wanted.shortcode_id,
        "chama_id": wanted.chama_id,
        "member_id": wanted.member_id,
        "user_id": wanted.user_id,
        "book_id": wanted.book_id,
        "source_account_id": wanted.source_account_id,
        "order_key": wanted.key,
        "originator": name,
        "phone": wanted.phone,
        "amount_cents": wanted.amount_cents,
        "charge_cents": charge_cents,
        "hold_seq": held.seq,
        "due_at": due_at,
        "expires_at": expires_at,
        "way": Way.B2B if wanted.account else Way.B2C,
        "account": wanted.account,
    }
    return rows.add(conn, columns, at=at)


def originator(shortcode: str, wanted: Order) -> str:
    """The one name under which Safaricom ever hears of this order; nothing of a person is in it."""
    said = (ORIGINATOR_FORM, shortcode, wanted.key, wanted.amount_cents, wanted.authorised_at)
    return f"{shortcode}-{hash_fields(said).hex()[:24]}"


def release(conn: Connection, payout_id: int, *, at: datetime) -> None:
    """An ordered payout that waited for this may leave; any other stays as it is.

    M-PESA is asked first what the utility account has, when what is known of it is old: an answer takes seconds, and
    money may have been moved by hand at the portal. One that does not come holds nobody up.
    """
    [payout] = rows.lock(conn, [payout_id])
    if payout.state is PayoutState.ORDERED and payout.sent_seq is None:
        due_at = gates.ask_utility(conn, payout.shortcode_id, known_for=gates.UTILITY_GOOD_FOR, at=at)
        rows.move(conn, [Step(payout, payout.state, at, due_at=due_at)])


def withdraw(conn: Connection, payout_id: int, *, reason: str, at: datetime, chance: Chance) -> None:
    """Takes an order back that has never left; its money is free. Raises TooLate."""
    [payout] = rows.lock(conn, [payout_id])
    if payout.state in ENDED and payout.sent_seq is None:
        return
    if payout.state is not PayoutState.ORDERED or payout.sent_seq is not None:
        raise TooLate
    [back] = post_all(conn, [money.given_back(payout, at=at)], at=at, chance=chance)
    rows.move(conn, [Step(payout, PayoutState.FAILED_PROVEN, at, reason=reason, end_seq=back.seq)])
