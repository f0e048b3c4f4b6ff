"""Offers unmatched money to its likely owners: who paid, what was typed, which prompt it is like, what is owed.

Theory of operation. Money in suspense is due for a look when it comes and once a day while it lies there, because
members join and numbers change. A look reads the evidence that proved the money, asks the register for members whom
something speaks for, grades them (likeness.py), and writes the best few as offers. An offer moves nothing: it is what
officials, and she herself, are shown. Two officials settle it (unmatched.py). Only money whose notice came late and
names a member is hers at once (late_notices.py).
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from psycopg import sql
from psycopg.rows import class_row

from chamas.arriving import late_notices
from chamas.arriving.likeness import Grade, Reason, grade, one_slip_off
from chamas.arriving.receivers import TAKES_MONEY
from ledger import piecemeal
from ledger.wires import Chance, Connection, Wires
from payments import suspense
from payments.evidence.notices import CLOCKS_APART
from payments.paybill import read_account
from payments.states import AttemptState
from payments.suspense import Unmatched

# Some queries for each; the loop comes back at once while there is more.
AT_ONCE = 20
# What puzzles is looked at again, and holds nobody up meanwhile.
SET_ASIDE_FOR = timedelta(minutes=10)
# A prompt that failed is made good by hand within the day, mostly within minutes.
LIKE_A_PROMPT_FOR = timedelta(days=1)
# More would be a list of the village, not an offer.
SHOWN = 5
# So many accounts one slip away: the group was typed without its member.
FEW = 3


@dataclass(frozen=True)
class Offer:
    """Unmatched money beside a member to whom it may belong: her first name, her number in the group. Cents; UTC."""

    receipt: str
    amount_cents: int
    paid_at: datetime
    member_id: int
    chama_id: int
    member: str
    number: int
    grade: Grade
    reasons: tuple[Reason, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "grade", Grade(self.grade))
        object.__setattr__(self, "reasons", tuple(map(Reason, self.reasons)))


def offer_due(wiring: Wires) -> int:
    """Looks for owners of money that is due for a look; returns how much of it was."""
    at = wiring.now()
    return piecemeal.work_off(
        wiring,
        lambda conn: suspense.claim(conn, at=at, back=at + SET_ASIDE_FOR, limit=AT_ONCE),
        partial(_look, at=at, chance=wiring.chance),
        suspense.note_failure,
    )


def _look(conn: Connection, receipt: str, *, at: datetime, chance: Chance) -> None:
    if late_notices.credit(conn, receipt, at=at, chance=chance):
        withdraw(conn, receipt)
        return
    money = suspense.find(conn, receipt)
    if money is not None:
        _write(conn, money, _spoken_for(conn, money), at=at)
        suspense.looked_at(conn, receipt, again_at=at + suspense.LOOK_EVERY)


def withdraw(conn: Connection, receipt: str) -> None:
    """It is somebody's, or back with who paid it: it is offered to nobody any more."""
    conn.execute("DELETE FROM suspense_offers WHERE receipt = %s", [receipt])


def of_chama(conn: Connection, chama_id: int) -> list[Offer]:
    """What may belong to members of this group, the likeliest first."""
    return _read(conn, _OF_CHAMA, chama_id)


def of_person(conn: Connection, user_id: int) -> list[Offer]:
    """Unmatched money that may well be this person's own, newest first: for her to ask an official about."""
    found = _read(conn, _OF_PERSON, user_id)
    return sorted((one for one in found if one.grade is not Grade.POSSIBLE), key=lambda one: one.paid_at, reverse=True)


def of_receipt(conn: Connection, receipt: str) -> list[Offer]:
    """To whom this money may belong, the likeliest first."""
    return _read(conn, _OF_RECEIPT, receipt)


def by_account(conn: Connection, typed: str) -> int | None:
    """The member whose account number this is, read as forgivingly as a payer's."""
    account = read_account(typed)
    row = (
        account
        and conn.execute(
            "SELECT m.id FROM chama_members m JOIN chamas c ON c.id = m.chama_id WHERE (c.number, m.number) = (%s, %s)",
            [account.chama_number, account.member_number],
        ).fetchone()
    )
    return int(row[0]) if row else None


_OFFERS = sql.SQL(
    "SELECT o.receipt, o.amount_cents, o.paid_at, o.member_id, o.chama_id, u.first_name AS member, m.number, o.grade, "
    "o.reasons FROM suspense_offers o JOIN chama_members m ON m.id = o.member_id JOIN users u ON u.id = m.user_id "
    "WHERE {} ORDER BY array_position(ARRAY['strong', 'likely', 'possible'], o.grade), o.paid_at DESC, o.member_id"
)
_OF_CHAMA = _OFFERS.format(sql.SQL("o.chama_id = %s"))
_OF_PERSON = _OFFERS.format(sql.SQL("m.user_id = %s"))
_OF_RECEIPT = _OFFERS.format(sql.SQL("o.receipt = %s"))


def _read(conn: Connection, query: sql.Composed, key: int | str) -> list[Offer]:
    with conn.cursor(row_factory=class_row(Offer)) as cursor:
        return cursor.execute(query, [key]).fetchall()


Seat = tuple[int, int]  # a member's id and her chama's


def _spoken_for(conn: Connection, money: Unmatched) -> dict[Seat, set[Reason]]:
    """Members whom something speaks for, and what."""
    found: dict[Seat, set[Reason]] = defaultdict(set)
    for seats in (_payers(conn, money), _slips(conn, money.whence.typed), _prompts(conn, money)):
        for seat, reasons in seats:
            found[seat] |= reasons
    ended = _ended(conn, [chama_id for _, chama_id in found])
    found = {seat: reasons for seat, reasons in found.items() if seat[1] not in ended}
    for member_id in _owing(conn, [member_id for member_id, _ in found], money.amount_cents):
        for seat, reasons in found.items():
            if seat[0] == member_id:
                reasons.add(Reason.SHE_OWES)
    return found


def _payers(conn: Connection, money: Unmatched) -> list[tuple[Seat, set[Reason]]]:
    payer = money.whence.payer
    rows = conn.execute(
        """
        SELECT m.id, m.chama_id,
               bool_or(coalesce(sha256(convert_to(n.digits, 'UTF8')) = %(key)s, FALSE)),
               bool_or(%(tail)s <> '' AND starts_with(n.digits, %(head)s) AND right(n.digits, %(ends)s) = %(tail)s),
               bool_or(lower(u.first_name) = lower(%(name)s))
        FROM users u JOIN chama_members m ON m.user_id = u.id
        CROSS JOIN LATERAL (
            SELECT substr(p.phone, 2) AS digits FROM (VALUES (u.phone), (u.contact_phone)) AS p (phone)
            WHERE p.phone IS NOT NULL) AS n
        WHERE u.status = 'active' AND m.status = ANY(%(takes)s)
          AND (sha256(convert_to(n.digits, 'UTF8')) = %(key)s
               OR (%(tail)s <> '' AND starts_with(n.digits, %(head)s) AND right(n.digits, %(ends)s) = %(tail)s))
        GROUP BY m.id LIMIT 100
        """,
        {
            "key": payer.key,
            "head": payer.head,
            "tail": payer.tail,
            "ends": len(payer.tail),
            "name": payer.first_name,
            "takes": list(TAKES_MONEY),
        },
    ).fetchall()
    said = (Reason.HER_PHONE, Reason.HER_MASK, Reason.HER_NAME)
    return [
        ((member_id, chama_id), {reason for reason, holds in zip(said, facts, strict=True) if holds})
        for member_id, chama_id, *facts in rows
    ]


def _slips(conn: Connection, typed: str) -> list[tuple[Seat, set[Reason]]]:
    accounts = one_slip_off(typed)
    if not accounts:
        return []
    seats = conn.execute(
        "SELECT m.id, m.chama_id FROM unnest(%s::text[], %s::integer[]) AS a (chama_number, member_number) "
        "JOIN chamas c ON c.number = a.chama_number "
        "JOIN chama_members m ON m.chama_id = c.id AND m.number = a.member_number "
        "WHERE m.status = ANY(%s) ORDER BY m.id",
        [[one.chama_number for one in accounts], [one.member_number for one in accounts], list(TAKES_MONEY)],
    ).fetchall()
    reason = Reason.ONE_SLIP if len(seats) <= FEW else Reason.SAME_GROUP
    return [((member_id, chama_id), {reason}) for member_id, chama_id in seats]


def _prompts(conn: Connection, money: Unmatched) -> list[tuple[Seat, set[Reason]]]:
    """Prompts over this amount that were not paid: she may have paid by hand instead, or somebody for her."""
    rows = conn.execute(
        "SELECT i.member_id, i.chama_id, a.phone FROM payment_attempts a JOIN payment_intents i ON i.id = a.intent_id "
        "JOIN chama_members m ON m.id = i.member_id WHERE i.shortcode_id = %s AND a.amount_cents = %s "
        "AND a.state <> ALL(%s) AND a.created_at BETWEEN %s AND %s AND m.status = ANY(%s) ORDER BY a.id DESC LIMIT 50",
        [
            money.shortcode_id,
            money.amount_cents,
            [AttemptState.PAID, AttemptState.PAID_OTHERWISE, AttemptState.PROVEN],
            money.paid_at - LIKE_A_PROMPT_FOR,
            money.paid_at + CLOCKS_APART,
            list(TAKES_MONEY),
        ],
    ).fetchall()
    payer = money.whence.payer
    shows = payer.key is not None or bool(payer.tail)
    return [
        ((member_id, chama_id), {Reason.HER_PROMPT if shows and payer.may_be(phone) else Reason.LIKE_HER_PROMPT})
        for member_id, chama_id, phone in rows
    ]


def _ended(conn: Connection, chama_ids: Collection[int]) -> set[int]:
    """Those of the groups that take no money any more: what came for them goes back to its payer."""
    rows = conn.execute(
        "SELECT id FROM chamas WHERE id = ANY(%s) AND status IN ('completed', 'cancelled')", [list(chama_ids)]
    ).fetchall()
    return {chama_id for (chama_id,) in rows}


def _owing(conn: Connection, member_ids: Collection[int], amount_cents: int) -> list[int]:
    """Those of the members who owe exactly this in the rounds that are open or in arrears."""
    rows = conn.execute(
        "SELECT k.member_id FROM contributions k JOIN rounds r ON r.id = k.round_id WHERE k.member_id = ANY(%s) "
        "AND k.paid_cents < k.due_cents AND r.state IN ('active', 'completed', 'expired') "
        "GROUP BY k.member_id HAVING sum(k.due_cents - k.paid_cents) = %s",
        [list(member_ids), amount_cents],
    ).fetchall()
    return [member_id for (member_id,) in rows]


def _write(conn: Connection, money: Unmatched, found: Mapping[Seat, Collection[Reason]], *, at: datetime) -> None:
    """The best few offers, in place of those of the last look."""
    graded = [(grade(reasons), seat, sorted(reasons)) for seat, reasons in found.items()]
    worth = [(one, seat, reasons) for one, seat, reasons in graded if one is not None]
    best = sorted(worth, key=lambda each: (list(Grade).index(each[0]), each[1]))[:SHOWN]
    withdraw(conn, money.receipt)
    for one, (member_id, chama_id), reasons in best:
        conn.execute(
            "INSERT INTO suspense_offers (receipt, member_id, chama_id, grade, reasons, amount_cents, paid_at, "
            "offered_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
            [money.receipt, member_id, chama_id, one, reasons, money.amount_cents, money.paid_at, at],
        )
