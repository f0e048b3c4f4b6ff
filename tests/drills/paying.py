"""Work for the loops that pay a group's money out: orders, and requests that everybody has said yes to."""

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from chamas.approving.voices import voices_in
from chamas.payouts import asking, requested
from ledger.books import open_account
from payments import payouts
from payments.payouts import Order
from tests.whole import Whole
from tests.words import word

if TYPE_CHECKING:
    from tests.drills.one_loop import Scene

# More than one, so that one which dies has others behind it.
AGREED = 4
# Of the dozen of Umoja so many pay in a drill: some before and some behind the one in question.
PAYERS = 6


def people_of(at: "Scene") -> list[str]:
    return [person["name"] for person in at.whole.people if person["chama"] == "Umoja"]


def pay_out(at: "Scene") -> None:
    """Ten shillings for each who has paid, out of what came in; the first one shows that we may."""
    if at.loop.name == "disbursements":
        everybody_says_yes(at)
        return
    if at.loop.name == "payout questions":
        at.whole.simulator.wish("pays_silently", api="b2c", phone="*", times=PAYERS)
    else:
        order_for(at, people_of(at)[:1], "first")
        at.others_rest()
        at.loop.work()
        at.others_rest()
    order_for(at, people_of(at)[:PAYERS], "all")
    at.others_rest()
    if at.loop.name == "payout questions":
        at.whole.simulator.advance(31)
        at.whole.refresh()


def everybody_says_yes(at: "Scene") -> None:
    """KES 10 for each of a few of Umoja is agreed on: each takes a dozen yeses."""
    agree_to_pay(at.whole, members_of(at.whole)[:AGREED])


def members_of(whole: Whole) -> list[int]:
    """Umoja's, by their numbers."""
    return [row["id"] for row in whole.rows(
        "SELECT m.id FROM chama_members m JOIN chamas c ON c.id = m.chama_id WHERE c.name = 'Umoja' ORDER BY m.number"
    )]  # fmt: skip


def agree_to_pay(whole: Whole, payees: Iterable[int]) -> None:
    """One official asks for KES 10 for each of these, and everybody else says yes; it may leave at once."""
    now, officials = whole.worker.now(), members_of(whole)[:2]
    with whole.worker.transaction() as conn:
        for payee in payees:
            asker = next(one for one in officials if one != payee)
            request = asking.ask(
                conn, asker_member_id=asker, payee_member_id=payee, amount_cents=1000, at=now, wait=timedelta(0)
            )
            for member in requested.whose_yes(voices_in(conn, request.chama_id), request):
                asking.vote(conn, request.id, word(conn, member, request.digest, at=now))


def order_for(at: "Scene", people: list[str], key: str) -> None:
    """Orders KES 10 for each of these, due at once."""
    now, chance = at.whole.worker.now(), at.whole.worker.chance
    with at.whole.worker.transaction() as conn:
        for person in people:
            [(user_id, member_id, chama_id, book_id, shortcode_id)] = conn.execute(
                "SELECT u.id, m.id, c.id, c.book_id, (SELECT min(id) FROM shortcodes) FROM users u "
                "JOIN chama_members m ON m.user_id = u.id JOIN chamas c ON c.id = m.chama_id WHERE u.phone = %s",
                [at.whole.phone(person)],
            ).fetchall()
            wanted = Order(
                key=f"{key}:{member_id}",
                shortcode_id=shortcode_id,
                chama_id=chama_id,
                book_id=book_id,
                source_account_id=open_account(conn, book_id=book_id, code=f"paid_out:{member_id}", kind="asset"),
                phone=at.whole.phone(person),
                amount_cents=1000,
                authorised_at=now,
                member_id=member_id,
                user_id=user_id,
            )
            payouts.order(conn, wanted, at=now, chance=chance, due_at=now)
