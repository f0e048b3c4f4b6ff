"""The people of the demo: a chama in its seventh round, one that is still recruiting, and a stranger.

The money they bring is booked as what it is, an opening balance held at a bank: M-PESA never saw it, so it has no
receipt, and Safaricom's own book stays equal to ours.
"""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Literal

from chamas.cycle import rounds
from chamas.cycle.rounds import RoundState
from chamas.dues import contributions, turnover
from chamas.dues.allocation import Arrived
from chamas.members import pins, register, standing
from chamas.members.register import ChamaStatus, MemberStatus, Role
from chamas.rulebook.calendar import Frequency, boundary
from gateway.api import tokens
from gateway.commands.migrate import register_first_shortcode
from gateway.desk.passwords import hash_password
from gateway.wiring import Wiring
from ledger import nairobi
from ledger.books import Draft, Line, account_id, open_account, post
from ledger.wires import Chance, Connection

ADMIN_EMAIL = "admin@umoja.example"
ISSUED_AS = "demo"

# What the first five minutes of the README ask for.
ROUND_CENTS = 50_000
# Enough of a past for a statement and a first look at arrears.
ROUNDS_OVER = 6
# In a week's round: enough of it is over that some have paid, and enough is left to look around.
DAYS_LEFT = 5


@dataclass(frozen=True)
class Player:
    """One person as seeded. `position` is her place in the order of payout, `paid_cents` her part of this round."""

    name: str
    phone: str
    role: Role
    pin: str = field(repr=False)
    language: Literal["en", "sw"] = "sw"
    position: int | None = None
    paid_cents: int = 0


UMOJA = (
    Player("Amina", "+254700000001", Role.CHAIRPERSON, "48271", "en", position=7),
    Player("Baraka", "+254700000002", Role.TREASURER, "90315", "sw", position=8),
    Player("Chebet", "+254700000003", Role.SECRETARY, "26748", "en", position=9),
    Player("Njeri", "+254700000004", Role.MEMBER, "38064", "en", position=1),
    Player("Wanjiku", "+254700000005", Role.MEMBER, "71529", "sw", position=2),
    Player("Kiprop", "+254700000006", Role.MEMBER, "83950", "en", position=3, paid_cents=ROUND_CENTS),
    Player("Otieno", "+254700000007", Role.MEMBER, "59137", "sw", position=4, paid_cents=ROUND_CENTS // 2),
    Player("Akinyi", "+254700000008", Role.MEMBER, "62417", "sw", position=5, paid_cents=ROUND_CENTS),
    Player("Wairimu", "+254700000009", Role.MEMBER, "14682", "sw", position=6, paid_cents=ROUND_CENTS),
    Player("Mutiso", "+254700000013", Role.MEMBER, "47093", "en", position=10),
    Player("Nekesa", "+254700000014", Role.MEMBER, "80426", "sw", position=11),
    Player("Barasa", "+254700000015", Role.MEMBER, "36518", "en", position=12),
)

TUMAINI = (
    Player("Zawadi", "+254700000010", Role.CHAIRPERSON, "35892", "sw"),
    Player("Juma", "+254700000011", Role.TREASURER, "70246", "sw"),
    Player("Halima", "+254700000012", Role.SECRETARY, "91573", "en"),
)

# In nobody's register: whoever dials from here is welcomed in two languages.
STRANGER = {
    "id": None,
    "name": "Daudi",
    "phone": "+254700000099",
    "role": "stranger",
    "chama": None,
    "pin": None,
    "language": "sw",
}


def seed(wiring: Wiring, *, admin_password: str) -> list[dict[str, Any]]:
    """Seeds what is missing and returns the cast: `id` is the number of a membership, None for the stranger.

    The seasons around now must be open. A second call only renews the admin's password.
    """
    at, chance, pepper = wiring.now(), wiring.chance, wiring.settings.pin_pepper
    password_hash = hash_password(admin_password)
    with wiring.transaction() as conn:
        if not _seeded(conn):
            register_first_shortcode(conn, wiring)
            _seed_umoja(conn, pepper=pepper, at=at, chance=chance)
            _seed_tumaini(conn, pepper=pepper, at=at, chance=chance)
        register.seat_operator(
            conn, email=ADMIN_EMAIL, password_hash=password_hash, first_name="Admin", platform_role="admin", at=at
        )
        return [*_listed(conn, UMOJA), *_listed(conn, TUMAINI), dict(STRANGER)]


def issue_token(wiring: Wiring) -> str:
    """A fresh bearer token of the admin for the API; the one of an earlier start ends."""
    at = wiring.now()
    with wiring.transaction() as conn:
        admin_id = register.operator_id(conn, ADMIN_EMAIL)
        if admin_id is None:
            raise LookupError("seed the cast first")
        tokens.revoke(conn, ISSUED_AS, admin_id, at)
        return tokens.issue(conn, ISSUED_AS, admin_id, at, wiring.chance)


def _seeded(conn: Connection) -> bool:
    return register.find_by_phone(conn, UMOJA[0].phone) is not None


def _seed_umoja(conn: Connection, *, pepper: str, at: datetime, chance: Chance) -> None:
    """Three officials and nine members, six rounds behind them, in the middle of the seventh."""
    chama_id = _found(conn, "48213", "Umoja", target=len(UMOJA), at=at)
    member_ids = [_enter(conn, chama_id, player, pepper=pepper, at=at, chance=chance) for player in UMOJA]
    for status in (ChamaStatus.RECRUITING, ChamaStatus.WAITING, ChamaStatus.ACTIVE):
        register.move_chama(conn, chama_id, status)
    for member_id in member_ids:
        register.move_member(conn, member_id, MemberStatus.ACTIVE)
    anchor = _first_opening(at)
    rounds.adopt_rules(
        conn, chama_id=chama_id, contribution_cents=ROUND_CENTS, frequency=Frequency.WEEKLY, in_force_from=anchor
    )
    for over in range(ROUNDS_OVER):
        past = turnover.open_round(conn, chama_id, at=boundary(anchor, Frequency.WEEKLY, over))
        rounds.move(conn, past.id, RoundState.COMPLETED)
    turnover.open_round(conn, chama_id, at=boundary(anchor, Frequency.WEEKLY, ROUNDS_OVER))
    for player, member_id in zip(UMOJA, member_ids, strict=True):
        brought = ROUNDS_OVER * ROUND_CENTS + player.paid_cents
        _bring_forward(conn, chama_id, member_id, brought, at=at, chance=chance)
    for player, member_id in zip(UMOJA, member_ids, strict=True):
        if player.position is not None and player.position <= ROUNDS_OVER:
            _pay_forward(conn, chama_id, member_id, len(UMOJA) * ROUND_CENTS, at=at, chance=chance)


def _seed_tumaini(conn: Connection, *, pepper: str, at: datetime, chance: Chance) -> None:
    """Three officials who are looking for members."""
    chama_id = _found(conn, "51907", "Tumaini", target=10, at=at)
    for player in TUMAINI:
        _enter(conn, chama_id, player, pepper=pepper, at=at, chance=chance)
    register.move_chama(conn, chama_id, ChamaStatus.RECRUITING)


def _found(conn: Connection, number: str, name: str, *, target: int, at: datetime) -> int:
    return register.create_chama(
        conn,
        number=number,
        name=name,
        kind="rosca",
        frequency=Frequency.WEEKLY,
        contribution_cents=ROUND_CENTS,
        member_target=target,
        at=at,
    )


def _enter(conn: Connection, chama_id: int, player: Player, *, pepper: str, at: datetime, chance: Chance) -> int:
    user_id = register.create_person(conn, phone=player.phone, first_name=player.name, language=player.language, at=at)
    pins.set_pin(conn, user_id, player.pin, phone=player.phone, pepper=pepper, at=at, chance=chance)
    return register.add_member(
        conn,
        chama_id=chama_id,
        user_id=user_id,
        role=player.role,
        status=MemberStatus.CONFIRMED,
        join_method="creator" if player.role is Role.CHAIRPERSON else "number",
        position=player.position,
        at=at,
    )


def _first_opening(at: datetime) -> datetime:
    """When round 1 opened, so that the seventh has been open for a day or two and closes at 6 PM, five days from now.

    On whichever weekday that is: with one day chosen for good, either a fresh demo would meet a round that has not
    opened, or one that closes within the hour.
    """
    local = nairobi.local(at)
    closes = datetime.combine(local.date() + timedelta(days=DAYS_LEFT), time(18), nairobi.EAT)
    return boundary(closes, Frequency.WEEKLY, -(ROUNDS_OVER + 1))


def _bring_forward(
    conn: Connection, chama_id: int, member_id: int, amount_cents: int, *, at: datetime, chance: Chance
) -> None:
    """One opening balance: the bank holds it, the group owes it to the member, and it pays her rounds so far."""
    book_id = register.lock_chama(conn, chama_id)
    bank_id = open_account(conn, book_id=book_id, code="opening", kind="asset")
    hers_id = account_id(conn, book_id, f"member:{member_id}")
    if hers_id is None:
        raise LookupError(f"member {member_id} has no account")
    lines = (Line(bank_id, amount_cents), Line(hers_id, -amount_cents))
    draft = _opening(book_id, f"member:{member_id}", lines, "Brought forward, held at bank", at=at)
    posted = post(conn, draft, at=at, chance=chance)
    contributions.settle(conn, [Arrived(member_id, book_id, posted.seq, amount_cents)])


def _pay_forward(
    conn: Connection, chama_id: int, member_id: int, amount_cents: int, *, at: datetime, chance: Chance
) -> None:
    """The pot of a round that is over: the bank paid it to the member whose turn it was, before we knew the group."""
    book_id = register.lock_chama(conn, chama_id)
    bank_id = open_account(conn, book_id=book_id, code="opening", kind="asset")
    out_id = open_account(conn, book_id=book_id, code=f"paid_out:{member_id}", kind="asset")
    lines = (Line(out_id, amount_cents), Line(bank_id, -amount_cents))
    post(
        conn,
        _opening(book_id, f"paid_out:{member_id}", lines, "Pot of an earlier round", at=at),
        at=at,
        chance=chance,
    )


def _opening(book_id: int, key: str, lines: tuple[Line, ...], text: str, *, at: datetime) -> Draft:
    return Draft(
        book_id=book_id, kind="opening", occurred_at=at, lines=lines, scope="opening", key=key, note={"text": text}
    )


def _listed(conn: Connection, players: tuple[Player, ...]) -> list[dict[str, Any]]:
    """Those who are there: whoever tries `pesachama erase`, or keeps a demo of an older version, lacks some."""
    return [listed for player in players if (listed := _as_cast(conn, player))]


def _as_cast(conn: Connection, player: Player) -> dict[str, Any] | None:
    person = register.find_by_phone(conn, player.phone)
    membership = next(iter(standing.memberships(conn, person.id)), None) if person else None
    if person is None or membership is None:
        return None
    return {
        "id": membership.id,
        "name": player.name,
        "phone": player.phone,
        "role": player.role.value,
        "chama": membership.chama_name,
        "pin": player.pin,
        "language": person.language,
    }
