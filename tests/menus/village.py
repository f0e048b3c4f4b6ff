"""A small village for talks and walks: one chama in an open round, with whom one can dial."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from chamas.arriving import cash, cash_claims
from chamas.entrance import founding, joining
from chamas.rulebook.calendar import Frequency
from chamas.telling import notices, preferences
from chamas.telling.notices import Notice
from chamas.telling.preferences import Preferences
from ledger import books
from payments import pushes
from tests.instruments import START, SeededChance

# The cast of the talks: Umoja's nine members by number, with the phones and languages that they have in the demo.
NAMES = ("Amina", "Baraka", "Chebet", "Njeri", "Wanjiku", "Kiprop", "Otieno", "Akinyi", "Wairimu")
LANGUAGES = ("en", "sw", "en", "en", "sw", "en", "sw", "sw", "sw")
ROLES = ("chairperson", "treasurer", "secretary")
PAYBILL = "600123"
STRANGER = "+254700000099"

# The longest that a screen must bear: names at their limits, amounts of seven characters.
LONG_CHAMA, LONG_NAME, LONG_CENTS = "Mwangazabora", "Wairimukam", 999_999_00


@dataclass(frozen=True)
class Village:
    """Ids in the order of the names given; phones are +2547000000NN."""

    chama_id: int
    book_id: int
    round_id: int
    users: tuple[int, ...]
    members: tuple[int, ...]


def phone_of(index: int) -> str:
    """The phone of the member at this place in the list, counted from 1."""
    return f"+254700000{index:03}"


def settle(
    conn: Connection[Any],
    at: datetime,
    *,
    name: str = "Umoja",
    number: str = "48213",
    people: tuple[str, ...] = NAMES,
    cents: int = 500_00,
    paid: tuple[int, ...] = (),
    languages: tuple[str, ...] = LANGUAGES,
    first_phone: int = 1,
) -> Village:
    """Founds a chama in its seventh round, which began yesterday and ends in a week. `paid` are places from 1."""
    paybill(conn, at)
    book_id = books.open_book(conn, kind="chama", name=name, at=at)
    chama_id = one(
        conn,
        "INSERT INTO chamas (number, name, kind, status, frequency, contribution_cents, member_target, book_id, "
        "created_at) VALUES (%s, %s, 'rosca', 'active', 'weekly', %s, %s, %s, %s) RETURNING id",
        [number, name, cents, max(len(people), 2), book_id, at],
    )
    users, members = [], []
    for place, first_name in enumerate(people, 1):
        users.append(
            person(conn, at, first_name, phone_of(first_phone + place - 1), languages[(place - 1) % len(languages)])
        )
        members.append(join(conn, at, chama_id, users[-1], place, position=(place + 2) % len(people) + 1))
        books.open_account(
            conn, book_id=book_id, code=f"member:{members[-1]}", kind="liability", owner_member_id=members[-1]
        )
    round_id = open_round(conn, at, chama_id, cents=cents, members=members, paid=paid)
    return Village(chama_id, book_id, round_id, tuple(users), tuple(members))


def paybill(conn: Connection[Any], at: datetime) -> None:
    """The shortcode that all members pay to."""
    if conn.execute("SELECT TRUE FROM shortcodes WHERE number = %s", [PAYBILL]).fetchone():
        return
    book_id = books.open_book(conn, kind="shortcode", name=PAYBILL, at=at)
    conn.execute(
        "INSERT INTO shortcodes (number, kind, name, book_id) VALUES (%s, 'paybill', 'PESACHAMA', %s)",
        [PAYBILL, book_id],
    )


def person(conn: Connection[Any], at: datetime, first_name: str, phone: str, language: str) -> int:
    """One row of users, found again by phone."""
    return one(
        conn,
        "INSERT INTO users (phone, first_name, language, created_at) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (phone) DO UPDATE SET first_name = EXCLUDED.first_name RETURNING id",
        [phone, first_name, language, at],
    )


def shares(conn: Connection[Any], user_id: int, phone: str) -> None:
    """She has no phone of her own any more, and uses this one."""
    conn.execute(
        "UPDATE users SET phone = NULL, contact_phone = %s, private_phone = TRUE WHERE id = %s", [phone, user_id]
    )


def join(conn: Connection[Any], at: datetime, chama_id: int, user_id: int, place: int, *, position: int) -> int:
    """An active membership; the position is the place in the order of payout."""
    role = ROLES[place - 1] if place <= len(ROLES) else "member"
    return one(
        conn,
        "INSERT INTO chama_members (chama_id, user_id, number, role, status, join_method, position, joined_at) "
        "VALUES (%s, %s, %s, %s, 'active', 'invitation', %s, %s) RETURNING id",
        [chama_id, user_id, place, role, position, at + timedelta(seconds=place)],
    )


def open_round(
    conn: Connection[Any], at: datetime, chama_id: int, *, cents: int, members: list[int], paid: tuple[int, ...]
) -> int:
    """Rules, six rounds that are over and the open one, with what each member owes for it."""
    rules = one(
        conn,
        "INSERT INTO rule_sets (chama_id, version, contribution_cents, frequency, in_force_from) "
        "VALUES (%s, 1, %s, 'weekly', %s) RETURNING id",
        [chama_id, cents, at],
    )
    opening = at.replace(hour=21, minute=0, second=0, microsecond=0) - timedelta(days=1)
    for number in range(1, 8):
        begin = opening - timedelta(weeks=7 - number)
        round_id = one(
            conn,
            "INSERT INTO rounds (chama_id, number, rule_set_id, state, opens_at, closes_at, anchor_at, turn, "
            "payee_member_id) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
            [chama_id, number, rules, "active" if number == 7 else "completed", begin, begin + timedelta(weeks=1),
             begin, (number - 1) % len(members) + 1, members[(number - 1) % len(members)]],
        )  # fmt: skip
    for place, member_id in enumerate(members, 1):
        done = place in paid
        conn.execute(
            "INSERT INTO contributions (round_id, member_id, due_cents, paid_cents, state) VALUES (%s, %s, %s, %s, %s)",
            [round_id, member_id, cents, cents if done else 0, "paid" if done else "pending"],
        )
    return round_id


def recruiting(
    conn: Connection[Any],
    at: datetime,
    *,
    name: str = "Upendo",
    people: tuple[str, str, str] = ("Zawadi", "Juma", "Halima"),
    first_phone: int = 10,
) -> int:
    """A chama that takes people by the number 51907: the first of the people founded it, the second asks to be let in,
    and the third is invited. Their phones follow one another; returns its id.
    """
    founder = joining.enter(conn, phone=phone_of(first_phone), first_name=people[0], language="sw", at=at)
    chance = SeededChance(51907)
    seat = founding.found(
        conn,
        founder_id=founder,
        name=name,
        number="51907",
        contribution_cents=500_00,
        frequency=Frequency.WEEKLY,
        member_target=10,
        deposit_cents=1_000_00,
        at=at,
        chance=chance,
    )
    founding.recruit(conn, seat.chama_id, by_user_id=founder, at=at)
    joining.invite(
        conn,
        seat.chama_id,
        by_user_id=founder,
        phone=phone_of(first_phone + 2),
        first_name=people[2],
        language="en",
        at=at,
        chance=chance,
    )
    juma = joining.enter(conn, phone=phone_of(first_phone + 1), first_name=people[1], language="sw", at=at)
    joining.ask(conn, seat.chama_id, user_id=juma, at=at)
    return seat.chama_id


def cash_given(
    conn: Connection[Any], settled: Village, at: datetime, *, places: tuple[int, ...], cents: int, by: int = 2
) -> None:
    """Baraka, the treasurer, or the official at this place, wrote that the members at these places gave cash."""
    for place in places:
        cash.record(
            conn,
            by_user_id=settled.users[by - 1],
            chama_id=settled.chama_id,
            number=place,
            amount_cents=cents,
            at=at - timedelta(days=1),
        )


def boxed(conn: Connection[Any], settled: Village, at: datetime) -> None:
    """What members were written down with was counted into the box, and who was written down last has confirmed it."""
    with conn.transaction():
        cash.fill_box(conn, settled.chama_id, [], at=at, chance=SeededChance())
        claim = cash_claims.listed(conn, settled.chama_id)[0]
        said = {"user_id": claim.user_id, "said_cents": claim.amount_cents}
        cash.confirm(conn, claim.id, **said, at=at, chance=SeededChance())


def held_back(conn: Connection[Any], settled: Village, *, place: int, name: str, at: datetime) -> None:
    """News that the member at this place has not read: she is told on the screen only, and what is longest of all."""
    user_id = settled.users[place - 1]
    preferences.choose(conn, user_id, Preferences(sms=False), at=at)
    facts = {"chama": name, "round": 9_999, "missing_cents": LONG_CENTS, "closes_at": at.isoformat()}
    joined = {"chama": name, "name": LONG_NAME, "number": 10}
    told = [("joined", joined), ("reminder", facts)]
    messages = [Notice(f"{what}:{user_id}", what, user_id, settled.chama_id, values) for what, values in told]
    notices.queue(conn, messages, at=at)


def one(conn: Connection[Any], query: Any, given: Any) -> int:
    """The single number that a statement returns."""
    row = conn.execute(query, given).fetchone()
    assert row
    return int(row[0])


def done_before(conn: Connection[Any]) -> int:
    """How much was paid or asked for here: numbers that come from it are the same whatever ran before this village."""
    return one(conn, "SELECT (SELECT count(*) FROM idempotency_keys) + (SELECT count(*) FROM payment_intents)", [])


def pay(conn: Connection[Any], settled: Village, *, place: int, cents: int, at: datetime) -> books.Posted:
    """Posts a payment of the member at this place into the chama's book."""
    mpesa = books.open_account(conn, book_id=settled.book_id, code=f"mpesa:{PAYBILL}", kind="asset")
    hers = books.account_id(conn, settled.book_id, f"member:{settled.members[place - 1]}")
    assert hers is not None
    number = done_before(conn) + 1
    draft = books.Draft(
        book_id=settled.book_id,
        kind="contribution",
        occurred_at=at,
        lines=(books.Line(mpesa, cents), books.Line(hers, -cents)),
        scope="receipt",
        key=f"T{number:09}",
    )
    with conn.transaction():
        return books.post(conn, draft, at=at, chance=SeededChance(number))


def push_out(conn: Connection[Any], settled: Village, *, place: int, cents: int, at: datetime) -> pushes.Attempt:
    """A prompt that is on the phone of the member at this place."""
    number = done_before(conn) + 1
    paybill_id = one(conn, "SELECT id FROM shortcodes WHERE number = %s", [PAYBILL])
    wish = pushes.Wish(
        shortcode_id=paybill_id,
        chama_id=settled.chama_id,
        member_id=settled.members[place - 1],
        payer_id=settled.users[place - 1],
        phone=phone_of(place),
        amount_cents=cents,
        chama_name="Umoja",
        purpose="contribution",
        wish_key=f"push {number}".encode(),
    )
    with conn.transaction():
        return pushes.wish(conn, wish, at=at, chance=SeededChance(number))


def receipt(conn: Connection[Any], code: str, page: tuple[int, int], cents: int = 500_00) -> None:
    """Money that was sent straight to the paybill, booked on this page of a book."""
    evidence = one(
        conn,
        "INSERT INTO evidence (source, token_hash, body_sha256, body, headers, remote_ip, received_at) "
        "VALUES ('c2b_confirmation', sha256(%(code)s), sha256(%(code)s), %(code)s, '{}', '127.0.0.1', %(at)s) "
        "RETURNING id",
        {"code": code.encode(), "at": START},
    )
    conn.execute(
        "INSERT INTO receipts "
        "(receipt, shortcode_id, kind, amount_cents, paid_at, evidence_id, proved_at, book_id, seq) "
        "VALUES (%s, (SELECT min(id) FROM shortcodes), 'c2b', %s, %s, %s, %s, %s, %s)",
        [code, cents, START, evidence, START, *page],
    )


def unmatched(conn: Connection[Any], settled: Village, *, place: int, code: str, cents: int) -> None:
    """Money that named nobody, offered as likely to be of the member at this place."""
    receipt(conn, code, (one(conn, "SELECT min(book_id) FROM shortcodes", []), place), cents)
    conn.execute("INSERT INTO suspense (receipt, reason, state, opened_at) VALUES (%s, '-', 'open', %s)", [code, START])
    conn.execute(
        "INSERT INTO suspense_offers (receipt, member_id, chama_id, amount_cents, paid_at, grade, reasons, offered_at) "
        "VALUES (%s, %s, %s, %s, %s, 'likely', %s, %s)",
        [code, settled.members[place - 1], settled.chama_id, cents, START, ["her_phone"], START],
    )
