"""What a day's certificate says of every difference between our books and M-PESA's lists."""

from dataclasses import replace
from datetime import timedelta

from payments.listings import Listed
from payments.movements import Movement
from payments.reconciliation.balance_chain import Link
from payments.reconciliation.comparison import Asked, Day, Result, compare
from tests.instruments import START

BEGINS = START.replace(hour=21, minute=0) - timedelta(days=1)
ENDS = BEGINS + timedelta(days=1)
NOON = START


def came(receipt: str, cents: int = 50_000, minutes: float = 0) -> Movement:
    return Movement(receipt, "in", cents, NOON + timedelta(minutes=minutes))


def went(receipt: str | None, cents: int = 50_000, minutes: float = 0) -> Movement:
    return Movement(receipt, "out", cents, NOON + timedelta(minutes=minutes))


def listed(source: str, moved: Movement, balance: int | None = None, cents: int | None = None) -> Listed:
    return Listed(source, moved.receipt or "", moved.direction, cents or moved.amount_cents, moved.at, balance)  # type: ignore[arg-type]


def day(*booked: Movement, told: tuple[Listed, ...] = (), **more: object) -> Day:
    """A day that Pull covers and a statement covers, without balances."""
    base = Day(BEGINS, ENDS, booked, told, {}, {"pull": (), "statement": ()}, {"pull": "p", "statement": "s"})
    return replace(base, **more)  # type: ignore[arg-type]


def everywhere(*moved: Movement) -> tuple[Listed, ...]:
    ins = [listed("pull", one) for one in moved if one.direction == "in"]
    return (*ins, *(listed("statement", one) for one in moved))


def codes(found: Result) -> list[tuple[str, str | None, int]]:
    return [(one.code, one.receipt, one.effect_cents) for one in found.differences]


def states(found: Result) -> dict[str, str]:
    return {one.what: one.state for one in found.compared}


A, B = came("TKKA000001"), came("TKKB000001", 20_000, 30)
HOLE = {"pull": ((BEGINS, ENDS),), "statement": ((BEGINS, ENDS),)}


def test_a_day_in_which_all_agrees_matches() -> None:
    found = compare(day(A, B, told=everywhere(A, B)))
    assert (found.state, found.in_count, found.in_cents, found.differences) == ("matched", 2, 70_000, ())
    assert states(found) == {
        "pull": "matched", "statement": "matched", "chain": "not_compared", "balance": "not_compared"
    }  # fmt: skip


def test_a_day_without_any_payment_matches_when_it_was_asked_about() -> None:
    assert compare(day()).state == "matched"
    assert compare(day(holes=HOLE)).state == "not_compared"


def test_one_list_of_the_whole_day_is_enough_and_what_could_not_be_compared_says_why() -> None:
    found = compare(day(A, told=(listed("pull", A),), holes={"pull": (), "statement": ((BEGINS, ENDS),)}))
    assert found.state == "matched"
    (statement,) = [one for one in found.compared if one.what == "statement"]
    assert (statement.state, statement.words) == ("not_compared", "s")
    partly = compare(day(A, told=(listed("pull", A),), holes={"pull": ((NOON, ENDS),), "statement": HOLE["statement"]}))
    assert partly.state == "not_compared"


def test_money_in_the_books_that_no_list_knows() -> None:
    found = compare(day(A, B, told=everywhere(A)))
    assert codes(found) == [("booked_not_listed", "TKKB000001", -20_000)]
    assert "TKKB000001, KES 200, is in the books and not in Pull and the statement" in found.differences[0].words
    assert states(found)["pull"] == states(found)["statement"] == "differs"


def test_where_a_list_has_a_hole_nothing_is_missing() -> None:
    hole = ((B.at - timedelta(minutes=1), B.at + timedelta(minutes=1)),)
    found = compare(day(A, B, told=everywhere(A), holes={"pull": hole, "statement": hole}))
    assert (codes(found), found.state) == ([], "not_compared")


def test_money_that_only_a_list_knows() -> None:
    for source in ("pull", "statement", "confirmation"):
        found = compare(day(A, told=(*everywhere(A), listed(source, B))))
        assert codes(found) == [("listed_not_booked", "TKKB000001", 20_000)], source


def test_lists_that_disagree_and_amounts_that_differ() -> None:
    found = compare(day(A, told=(listed("statement", A),)))
    assert codes(found) == [("sources_disagree", "TKKA000001", 0)]
    assert (states(found)["pull"], states(found)["statement"]) == ("differs", "matched")
    found = compare(day(A, told=(listed("pull", A, cents=49_900), listed("statement", A, cents=49_900))))
    assert codes(found) == [("amount_differs", "TKKA000001", -100)]


def test_money_out_is_held_against_the_statement_only() -> None:
    payout = went("TKKP000001", 30_000, 5)
    assert compare(day(A, payout, told=everywhere(A, payout))).state == "matched"
    assert codes(compare(day(A, payout, told=everywhere(A)))) == [("out_not_listed", "TKKP000001", 30_000)]
    assert codes(compare(day(A, told=everywhere(A, payout)))) == [("out_not_booked", "TKKP000001", -30_000)]
    unnamed = replace(payout, receipt=None)
    assert compare(day(A, unnamed, told=everywhere(A, payout))).state == "matched"


def chained(*moved: tuple[Movement, int]) -> tuple[Listed, ...]:
    return tuple(listed("confirmation", one, balance) for one, balance in moved)


def test_the_chain_names_the_place_of_what_nobody_told() -> None:
    told = chained((A, 60_000), (B, 110_000))
    found = compare(day(A, B, told=told, holes=HOLE))
    assert codes(found) == [("gap_in", None, 30_000)]
    assert "between TKKA000001 and TKKB000001" in found.differences[0].words
    middle = came("TKKC000001", 30_000, 10)
    assert compare(day(A, B, middle, told=told, holes=HOLE)).differences == ()
    by_pull = compare(day(A, B, told=(*told, *everywhere(A, B, middle))))
    assert codes(by_pull) == [("listed_not_booked", "TKKC000001", 30_000)]


def test_a_chain_begins_with_the_day_before() -> None:
    start = Link("TKKZ000001", 100, BEGINS - timedelta(hours=5), 40_000)
    told = chained((A, 90_000))
    assert compare(day(A, told=told, holes=HOLE, start=start)).differences == ()
    assert codes(compare(day(A, told=told, holes=HOLE, start=replace(start, after_cents=39_000)))) == [
        ("gap_in", None, 1_000)
    ]


def test_what_came_in_the_last_moments_before_the_start_is_no_link_of_the_day() -> None:
    start = Link("TKKZ000001", 100, A.at - timedelta(days=1), 40_000)
    last = came("TKKY000001", 30_000, -24 * 60 - 0.1)
    told = (*chained((A, 90_000)), *chained((last, 39_900)))
    assert compare(day(last, A, told=told, holes=HOLE, start=start)).differences == ()


def test_what_the_lists_deny_is_no_link() -> None:
    forged = came("TKKF000001", 90_000, 10)
    told = (*everywhere(A, B), *chained((A, 60_000), (forged, 7_000_000), (B, 80_000)))
    assert codes(compare(day(A, forged, B, told=told))) == [("booked_not_listed", "TKKF000001", -90_000)]


def asked(utility: int, books: int, minutes: float = 600, moving: bool = False) -> Asked:
    return Asked(NOON + timedelta(minutes=minutes), utility, books, moving)


def test_a_balance_that_differs_is_explained_by_what_is_named_or_is_a_difference_itself() -> None:
    told = everywhere(A)
    assert states(compare(day(A, told=told, asked=asked(50_000, 50_000))))["balance"] == "matched"
    found = compare(day(A, B, told=told, asked=asked(50_000, 70_000)))
    assert codes(found) == [("booked_not_listed", "TKKB000001", -20_000)]
    assert states(found)["balance"] == "differs"
    found = compare(day(A, told=told, asked=asked(40_000, 50_000)))
    assert codes(found) == [("balance_differs", None, -10_000)]
    assert found.open_cents == -10_000
    found = compare(day(A, told=told, asked=asked(40_000, 50_000), carried_cents=-10_000))
    assert (found.differences, found.state) == ((), "matched")


def test_a_balance_of_a_moment_in_which_money_moved_is_not_compared() -> None:
    found = compare(day(A, told=everywhere(A), asked=asked(40_000, 50_000, moving=True)))
    assert (states(found)["balance"], found.differences) == ("not_compared", ())
