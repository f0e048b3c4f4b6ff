"""What a day's certificate says when M-PESA took another charge than our books."""

from dataclasses import replace
from datetime import timedelta

from payments import charges_told
from payments.charges_told import Booked, Told
from payments.reconciliation.charge_comparison import Charges, with_charges
from payments.reconciliation.comparison import Result
from tests.payments.scene import Scene
from tests.payments.test_comparison import BEGINS, ENDS, NOON
from tests.payments.treasury import PAYOUT_RECEIPT, Treasury, result, status

FOUND = Result(1, 50_000, 2, 30_000, (), ())


def paid(receipt: str, charge_cents: int = 900, minutes: float = 0) -> Booked:
    return Booked(receipt, NOON + timedelta(minutes=minutes), charge_cents)


def line(of: Booked, cents: int | None = None) -> Told:
    return Told("statement", of.receipt, of.at, charge_cents=of.charge_cents if cents is None else cents)


def after(of: Booked, balance_cents: int) -> Told:
    return Told("result", of.receipt, of.at, balance_cents=balance_cents)


def compared(*booked: Booked, told: tuple[Told, ...] = ()) -> tuple[str, list[tuple[str, str | None, int]], int]:
    found = with_charges(FOUND, Charges(BEGINS, ENDS, booked, told))
    state = next((one.state for one in found.compared if one.what == "charges"), "")
    differences = [(one.code, one.receipt, one.amount_cents) for one in found.differences]
    # Whatever was charged: it explains nothing of what the utility account holds, and members' payments matched.
    assert (found.open_cents, found.state) == (0, FOUND.state)
    return state, differences, sum(one.cents for one in found.compared)


A, B, C = paid("TKKA000001"), paid("TKKB000001", 500, 30), paid("TKKC000001", 0, 40)
START = Told("result", "", BEGINS - timedelta(hours=1), balance_cents=-10_000)


def test_charges_beside_a_statement() -> None:
    assert with_charges(FOUND, Charges(BEGINS, ENDS, (C,), ())) is FOUND
    assert compared(A, B, C, told=(line(A), line(B))) == ("matched", [], 1_400)
    assert compared(A, B, told=(line(A, 2_240), line(B))) == (
        "differs",
        [("charge_differs", "TKKA000001", 1_340)],
        1_400,
    )
    assert compared(A, B, told=(line(A),)) == ("differs", [("charge_differs", "TKKB000001", 500)], 1_400)
    assert compared(A, told=(line(A), line(B)))[1] == [("charge_not_booked", "TKKB000001", 500)]
    # A statement that lists no charge at all is one of those that do not.
    assert compared(A, B) == ("not_compared", [], 1_400)


def test_charges_beside_the_account_from_which_they_are_taken() -> None:
    told = (START, after(A, -10_900), after(B, -11_400))
    assert compared(A, B, told=told) == ("matched", [], 1_400)
    dearer = (START, after(A, -12_240), after(B, -12_740))
    assert compared(A, B, told=dearer) == ("differs", [("charge_differs", "TKKA000001", 1_340)], 1_400)
    # What a statement says of a payout goes before what the account lets one reckon.
    assert compared(A, B, told=(*dearer, line(A, 2_240), line(B)))[1] == [("charge_differs", "TKKA000001", 1_340)]
    # The first result ever has nothing before it, and silence is no agreement.
    assert compared(A, B, told=told[1:])[0] == "not_compared"


def test_a_result_that_never_came_is_in_the_next_balance() -> None:
    assert compared(A, B, told=(START, after(B, -11_400))) == ("matched", [], 1_400)
    both = with_charges(FOUND, Charges(BEGINS, ENDS, (A, B), (START, after(B, -12_740))))
    assert both.differences[0].words.startswith("TKKA000001 and TKKB000001: KES 14 charged by the books, KES 27.40")
    evening = Told("result", "", ENDS + timedelta(hours=1), balance_cents=-11_400)
    assert compared(A, B, told=(START, evening)) == ("matched", [], 1_400)


def test_payouts_of_one_moment_in_any_order_and_an_account_that_was_collected() -> None:
    near = replace(B, at=A.at + timedelta(seconds=2))
    assert compared(A, near, told=(START, after(near, -10_500), after(A, -11_400))) == ("matched", [], 1_400)
    collected = Told("result", "", A.at + timedelta(minutes=1), balance_cents=0)
    told = (START, after(A, -10_900), collected, after(B, -500))
    assert compared(A, B, told=told) == ("matched", [], 1_400)


def test_what_the_results_say_is_kept_and_what_the_books_took_is_read_from_their_pages(scene: Scene) -> None:
    treasury = Treasury.funded(scene)
    payout = treasury.sent(shillings=2_000)
    treasury.hears(result(payout))
    since, until = scene.wiring.now() - timedelta(days=9), scene.wiring.now() + timedelta(days=9)
    shortcode_id = scene.wish.shortcode_id
    [told] = charges_told.between(scene.conn, shortcode_id, since, until)
    assert (told.source, told.receipt, told.balance_cents) == ("result", PAYOUT_RECEIPT, -2_240)
    [booked] = charges_told.booked(scene.conn, shortcode_id, since, until)
    assert (booked.receipt, booked.at, booked.charge_cents) == (PAYOUT_RECEIPT, told.at, 900)
    # The word of Transaction Status is booked as it is, and so is what the page says.
    other = treasury.sent("order-2", token="e5" * 32, shillings=2_000)
    treasury.asked(other, "f6" * 32)
    treasury.hears(status(other, ReceiptNo="SG632NMUAC"), token="f6" * 32, source="status_result")
    assert {one.charge_cents for one in charges_told.booked(scene.conn, shortcode_id, since, until)} == {900, 2_240}
