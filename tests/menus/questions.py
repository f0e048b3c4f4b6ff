"""What waits for the village: its order of payout in question, a meeting, a balance that a member is asked about."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from psycopg import Connection

from chamas.cycle import swaps
from chamas.meeting import meetings
from chamas.members import register
from chamas.persons import looks
from ledger import books
from tests.instruments import SeededChance
from tests.menus.village import PAYBILL, Village, done_before, one


def order_open(conn: Connection[Any], settled: Village, at: datetime, *, places: tuple[int, int]) -> None:
    """The order of payout is in question: these two ask each other to swap, and a ballot waits for their numbers."""
    conn.execute("""UPDATE rule_sets SET more = '{"order": "ballot"}' WHERE chama_id = %s""", [settled.chama_id])
    first, second = places
    for asker, other in ((first, second), (second, first)):
        swaps.ask(conn, settled.chama_id, by_user_id=settled.users[asker - 1], number=other, at=at)
    conn.execute(
        "INSERT INTO ballots (chama_id, rule_set_id, called_by, state, roster, seal, called_at, closes_at, reveal_by) "
        "SELECT %(chama)s, max(id), %(user)s, 'collecting', %(roster)s, sha256(''), %(at)s, "
        "%(at)s + interval '2 days', %(at)s + interval '3 days' FROM rule_sets WHERE chama_id = %(chama)s",
        {"chama": settled.chama_id, "user": settled.users[0], "roster": sorted(places), "at": at},
    )


def meeting_set(conn: Connection[Any], chama_id: int, by_user_id: int, at: datetime, *, begun: bool = False) -> int:
    """A meeting in eight days at this hour, or one that is on; returns its id."""
    if begun:
        return meetings.convene(conn, chama_id, by_user_id=by_user_id, at=at).id
    starts_at = at + timedelta(days=8, hours=3)
    return meetings.schedule(conn, chama_id, by_user_id=by_user_id, starts_at=starts_at, at=at).id


def asked(conn: Connection[Any], settled: Village, *, place: int, cents: int, at: datetime) -> None:
    """The member at this place was drawn to say whether her balance is right."""
    her = settled.members[place - 1]
    drawn = "INSERT INTO samples (chama_id, seed, roster, seq, drawn_at, ends_at) VALUES (%s, %s, %s, 9999, %s, %s) "
    sample = one(conn, drawn + "RETURNING id", [settled.chama_id, bytes(16), [her], at, at + timedelta(days=14)])
    conn.execute("INSERT INTO confirmations VALUES (%s, %s, %s, 'asked')", [sample, her, cents])


def paid_out(conn: Connection[Any], settled: Village, *, place: int, cents: int, at: datetime) -> books.Posted:
    """A payout to the member at this place has left the chama's M-PESA."""
    mpesa = books.open_account(conn, book_id=settled.book_id, code=f"mpesa:{PAYBILL}", kind="asset")
    hers = f"paid_out:{settled.members[place - 1]}"
    out = books.open_account(conn, book_id=settled.book_id, code=hers, kind="asset")
    lines = (books.Line(out, cents), books.Line(mpesa, -cents))
    draft = books.Draft(settled.book_id, "payout", at, lines, scope="payout", key=f"P{done_before(conn):09}")
    with conn.transaction():
        return books.post(conn, draft, at=at, chance=SeededChance(cents))


def looked_at(conn: Connection[Any], user_ids: Iterable[int], at: datetime, *, by: str) -> None:
    """Somebody of the house has seen everything of these people, today and yesterday."""
    seat = {"email": f"{by.lower()}@house.example", "password_hash": "-", "first_name": by}
    seer = register.seat_operator(conn, **seat, platform_role="admin", at=at)
    with conn.transaction():
        for user_id in user_ids:
            for day in (1, 0):
                for what in looks.Sight:
                    looks.write_down(conn, user_id, what, by_user_id=seer, at=at - timedelta(days=day))
