"""What the house cannot do by itself: the operator puts a refused initiator right, and fills what Pull has missed.

Safaricom keeps a payment for Pull for 48 hours. When it is silent for longer, a payment whose callback and notice are
lost as well can be learnt of in one way only: the portal's statement. The certificates of those days say so, and the
operator hands it over. Nothing is healed with it that Pull could have healed: it comes only once Pull answers again,
and only when a span is missing then.
"""

from ledger.nairobi import local
from payments import balances, inquiries
from payments.payouts import gates
from payments.reconciliation import pull, statements
from payments.reconciliation.statements import Handed, SameFile
from tests.instruments import START
from tests.storm.house import House


def put_right(house: House) -> None:
    """The operator unlocks the initiator at Safaricom's and lifts the gate: what was kept back goes on."""
    house.simulator.post("/control/initiator", locked=False)
    now = house.worker.now()
    with house.worker.transaction() as conn:
        gates.lift(conn, None, by="storm", at=now)
        inquiries.ask_again(conn, at=now)
        balances.ask_again(conn, at=now)


def fill_holes(house: House) -> bool:
    """Hands over the statement when Pull answers again and has not answered for all of the wave; whether he did."""
    with house.worker.transaction() as conn:
        standings = pull.standings(conn)
        answered = house.rows("SELECT FROM pulled_windows LIMIT 1")
        # Without the guard that reads answers, Pull was never registered.
        missing = [
            hole
            for one in standings
            if answered
            for hole in pull.holes(conn, house.shortcode_id, START, one.reached_at)
        ]
    if not missing:
        return False
    days = {"from": f"{local(START):%Y-%m-%d}", "to": f"{local(house.worker.now()):%Y-%m-%d}"}
    answer = house.simulator.http.get(f"{house.simulator.url}/control/statement", params=days, timeout=15)
    try:
        with house.worker.transaction() as conn:
            statements.hand_over(conn, house.shortcode_id, Handed(answer.content), at=house.worker.now())
    except SameFile:
        return False
    return True
