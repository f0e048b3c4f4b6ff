"""Default by the rules, what is set off in their order, and the way back."""

from chamas.course import lifecycle
from chamas.dues import contributions, defaulting, fining
from chamas.dues.allocation import Arrived
from chamas.members.deposits import Part
from chamas.rulebook.rules import Penalty
from ledger.books import Draft, Line, account_id, balance, open_account, post
from tests.chamas.a_cycle import Cycle
from tests.drills.fuse import dies_everywhere
from tests.instruments import SeededChance

WEEK, DAY, HOUR = 7 * 86_400.0, 86_400.0, 3_600.0
EVERYBODY = ("Amina", "Baraka", "Wanjiku", "Chebet", "Juma")


def left_a_deposit(cycle: Cycle, name: str, cents: int) -> None:
    """As it is booked before a group starts."""
    member_id, book_id, at = cycle.members[name], cycle.village.book_id, cycle.wiring.now()
    till = account_id(cycle.conn, book_id, "mpesa:600123")
    assert till is not None
    with cycle.conn.transaction():
        hers = open_account(
            cycle.conn, book_id=book_id, code=f"deposit:{member_id}", kind="liability", owner_member_id=member_id
        )
        lines = (Line(till, cents), Line(hers, -cents))
        posted = post(cycle.conn, Draft(book_id, "deposit", at, lines, "test", name), at=at, chance=SeededChance(7))
        [(deposit_id,)] = cycle.conn.execute(
            "INSERT INTO deposits (chama_id, member_id, due_cents, state, created_at) "
            "VALUES (%s, %s, %s, 'pending', %s) RETURNING id",
            [cycle.chama_id, member_id, cents, at],
        ).fetchall()
        money = Arrived(member_id, book_id, posted.seq, cents)
        contributions.keep_deposits(cycle.conn, [(money, Part(deposit_id, cents))])


def status(cycle: Cycle, name: str) -> str:
    return str(cycle.value("SELECT status FROM chama_members WHERE id = %s", cycle.members[name]))


def week(cycle: Cycle, *but: str) -> None:
    """Everybody pays for the open round, it closes, and whoever is late is fined."""
    for name in EVERYBODY:
        if name not in but:
            cycle.pays(name, 500)
    cycle.waits(WEEK)
    cycle.waits(HOUR)


def test_who_is_in_default_is_set_off_in_order_and_comes_back(cycle: Cycle) -> None:
    cycle.rules(default_after=2, penalty=Penalty.FLAT, penalty_cents=100_00)
    for name in EVERYBODY:
        cycle.pays(name, 500)
    left_a_deposit(cycle, "Juma", 750_00)
    cycle.waits(WEEK)
    week(cycle, "Juma")
    assert status(cycle, "Juma") == "active" and cycle.owes("Juma") == 500_00
    # The second one: two rounds and two fines, of which her deposit covers the fines first, then the older round.
    for name in EVERYBODY[:4]:
        cycle.pays(name, 500)
    cycle.clock.advance(WEEK + HOUR)
    while lifecycle.go_on(cycle.wiring) or fining.go_on(cycle.wiring):
        pass
    assert status(cycle, "Juma") == "defaulted" and cycle.told("defaulted") == ["Amina", "Chebet", "Juma"]
    died = dies_everywhere(cycle.wiring, defaulting.go_on)
    cycle.runs()
    fines = account_id(cycle.conn, cycle.village.book_id, "fines")
    assert died > 8 and fines is not None and balance(cycle.conn, fines) == 200_00
    assert (cycle.held("deposit", "Juma"), cycle.owes("Juma")) == (0, 450_00) and cycle.sound()
    # She goes on owing, and is in again when nothing is left of it.
    assert cycle.value("SELECT count(*) FROM contributions WHERE member_id = %s", cycle.members["Juma"]) == 4
    cycle.pays("Juma", 449)
    cycle.runs()
    assert status(cycle, "Juma") == "defaulted"
    cycle.pays("Juma", 1)
    cycle.runs()
    assert status(cycle, "Juma") == "active" and cycle.told("default_over") == ["Amina", "Chebet", "Juma"]
    assert cycle.sound()


def test_a_turn_of_hers_pays_what_she_owes_before_anything_of_it_is_hers(cycle: Cycle) -> None:
    cycle.rules(default_after=1)
    for name in EVERYBODY:
        cycle.pays(name, 500)
    cycle.waits(WEEK)
    cycle.pays_out()
    week(cycle, "Wanjiku")  # round 2: Baraka is short of 500
    cycle.pays_out()
    assert status(cycle, "Wanjiku") == "defaulted" and cycle.held("paid_out", "Baraka") == 1_991_00
    week(cycle, "Wanjiku")  # round 3 is hers
    cycle.waits(DAY + HOUR)
    # What she owed for rounds 2 and 3 came out of her pot: Baraka is topped up, and the rest is hers.
    assert status(cycle, "Wanjiku") == "active" and cycle.owes("Wanjiku") == 0
    cycle.waits(DAY)
    assert sorted(cycle.pays_out()) == [("Baraka", 495_00), ("Wanjiku", 1_495_00)]
    assert cycle.held("paid_out", "Wanjiku") == 2_495_00 and cycle.sound()
