"""Money out: payouts that groups order, and how each will end."""

from ledger.books import open_account
from ledger.refusals import Refusal
from payments import payouts
from tests.storm.group import Round

SHILLINGS = (50, 100, 200)
# What every group that pays out has before, from one of its members.
FUND_SHILLINGS = 3_000


def fund(at: Round) -> None:
    """A member brings the group money, by the paybill."""
    member = at.group.members[0]
    paid = at.house.simulator.post(
        "/control/paybill", phone=member.phone, amount=FUND_SHILLINGS, account=member.account
    )
    at.whose[paid["receipt"]] = {member.member_id}


def payout(at: Round) -> None:
    """An authorised payout is ordered, perhaps twice under its key; how Safaricom will take it is drawn."""
    member, house = at.member(), at.house
    now = house.worker.now()
    at.orders += 1
    outcome = at.draw.choice(house.weather.payouts)
    amount_cents = at.draw.choice(SHILLINGS) * 100
    for _ in range(at.draw.choice((1, 1, 2))):
        try:
            with house.worker.transaction() as conn:
                source = at.source or open_account(conn, book_id=at.group.book_id, code="paid_out", kind="asset")
                wanted = payouts.Order(
                    key=f"storm-{at.number}-{at.orders}",
                    shortcode_id=house.shortcode_id,
                    chama_id=at.group.chama_id,
                    book_id=at.group.book_id,
                    source_account_id=source,
                    phone=member.phone,
                    amount_cents=amount_cents,
                    authorised_at=now,
                    member_id=member.member_id,
                    user_id=member.user_id,
                )
                payouts.order(conn, wanted, at=now, chance=house.worker.chance, due_at=now)
        except Refusal:
            at.done["a payout refused"] += 1
            return
        at.source = source
    house.wish(outcome, api="b2c", phone=member.phone)
    at.done[f"payout {outcome}"] += 1
