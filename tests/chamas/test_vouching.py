"""A new chama PIN by other people's word or the code of an SMS: who may say it, when it is enough, what it decides."""

from datetime import timedelta
from typing import Any

import pytest
from psycopg import Connection

from chamas.arriving import cash
from chamas.members import pins, register
from chamas.members.pins import PinTooNew
from chamas.members.register import MemberStatus, Role
from chamas.persons import vouching
from chamas.persons.reset_states import RESET_MOVES, Reset, ResetKind, ResetState
from chamas.persons.vouching import HOLD, NotYoursToSay
from chamas.telling import notices
from ledger.moves import ForbiddenMove
from tests.chamas.conftest import Village
from tests.instruments import START, SeededChance

AMINA, BARAKA, WANJIKU, CHEBET = range(4)
PEPPER, PIN = "a pepper for this test", "73519"
LATER = START + timedelta(hours=2)


@pytest.fixture
def people(conn: Connection[Any], village: Village) -> list[int]:
    """Amina, chairperson; Baraka; Wanjiku; and Chebet, who came later."""
    chebet = register.create_person(conn, phone="+254700000004", first_name="Chebet", language="en", at=START)
    register.add_member(
        conn, chama_id=village.chama_id, user_id=chebet, role=Role.MEMBER, status=MemberStatus.CONFIRMED,
        join_method="number", at=START,
    )  # fmt: skip
    return [*village.user_ids, chebet]


def asked(conn: Connection[Any], village: Village, user_id: int, kind: ResetKind = ResetKind.VOUCHED) -> Reset:
    return vouching.ask(
        conn, user_id=user_id, chama_id=village.chama_id, kind=kind, pepper=PEPPER, at=START, chance=SeededChance()
    )


def told(conn: Connection[Any], template: str) -> set[int]:
    rows = conn.execute("SELECT user_id FROM notifications WHERE template = %s", [template]).fetchall()
    return {user_id for (user_id,) in rows}


def chosen(conn: Connection[Any], user_id: int, reset: Reset, at: Any) -> None:
    """She chooses her PIN by it."""
    digest = pins.hide(user_id, PIN, phone=None, pepper=PEPPER, chance=SeededChance())
    assert digest is not None
    decides = vouching.use(conn, reset.id, user_id=user_id, at=at) or pins.NEVER
    pins.keep(conn, user_id, digest, at=at, decides_from=decides)


def test_two_others_are_enough_for_a_member_and_everybody_hears(
    conn: Connection[Any], village: Village, people: list[int]
) -> None:
    her = people[WANJIKU]
    reset = asked(conn, village, her)
    assert asked(conn, village, her).id == reset.id
    with pytest.raises(NotYoursToSay):
        vouching.answer(conn, reset.id, by_user_id=her, yes=True, at=LATER)
    assert vouching.answer(conn, reset.id, by_user_id=people[BARAKA], yes=True, at=LATER).state is ResetState.OPEN
    with pytest.raises(NotYoursToSay):
        vouching.answer(conn, reset.id, by_user_id=people[BARAKA], yes=True, at=LATER)
    with pytest.raises(NotYoursToSay):
        vouching.use(conn, reset.id, user_id=her, at=LATER)
    done = vouching.answer(conn, reset.id, by_user_id=people[CHEBET], yes=True, at=LATER)
    assert (done.state, done.yes) == (ResetState.GRANTED, 2)
    assert told(conn, "pin_vouched") == {people[AMINA], people[BARAKA], people[CHEBET]}
    assert told(conn, "pin_ready") == {her}
    chosen(conn, her, done, LATER)
    with pytest.raises(PinTooNew):
        pins.demand_decides(conn, her, at=LATER + HOLD - timedelta(seconds=1))
    pins.demand_decides(conn, her, at=LATER + HOLD)
    assert pins.check_pin(conn, her, PIN, pepper=PEPPER, at=LATER) is pins.PinCheck.RIGHT
    # What stands behind it, too: cash is money that others wrote.
    claim = cash.record(
        conn, by_user_id=people[AMINA], chama_id=village.chama_id, number=3, amount_cents=100_00, at=LATER
    )
    with pytest.raises(PinTooNew):
        cash.confirm(conn, claim.id, user_id=her, said_cents=100_00, at=LATER, chance=SeededChance())


def test_for_an_official_three_are_needed_and_one_of_them_an_official(
    conn: Connection[Any], village: Village, people: list[int]
) -> None:
    register.change_role(conn, village.member_ids[BARAKA], Role.TREASURER, at=START - timedelta(days=30))
    reset = asked(conn, village, people[BARAKA])
    states = [
        vouching.answer(conn, reset.id, by_user_id=people[who], yes=True, at=LATER).state
        for who in (WANJIKU, CHEBET, AMINA)
    ]
    assert states == [ResetState.OPEN, ResetState.OPEN, ResetState.GRANTED]


def test_one_no_stops_it(conn: Connection[Any], village: Village, people: list[int]) -> None:
    reset = asked(conn, village, people[WANJIKU])
    vouching.answer(conn, reset.id, by_user_id=people[BARAKA], yes=True, at=LATER)
    stopped = vouching.answer(conn, reset.id, by_user_id=people[CHEBET], yes=False, at=LATER)
    assert stopped.state is ResetState.STOPPED
    assert told(conn, "pin_stopped") == {people[WANJIKU], people[AMINA]}
    assert vouching.waiting_for(conn, village.chama_id, people[AMINA], at=LATER) == []
    assert vouching.granted(conn, people[WANJIKU], at=LATER) is None
    with pytest.raises(ForbiddenMove):
        RESET_MOVES.require(stopped.state, ResetState.GRANTED)


def test_a_day_later_nobodys_word_counts(conn: Connection[Any], village: Village, people: list[int]) -> None:
    reset = asked(conn, village, people[WANJIKU])
    tomorrow = START + timedelta(days=1, seconds=1)
    with pytest.raises(NotYoursToSay):
        vouching.answer(conn, reset.id, by_user_id=people[BARAKA], yes=True, at=tomorrow)
    again = vouching.ask(
        conn, user_id=people[WANJIKU], chama_id=village.chama_id, kind=ResetKind.VOUCHED, pepper=PEPPER, at=tomorrow,
        chance=SeededChance(),
    )  # fmt: skip
    assert again.id != reset.id
    assert conn.execute("SELECT state FROM pin_resets ORDER BY id").fetchall() == [("lapsed",), ("open",)]


def test_the_word_for_a_silent_number_is_an_officials(
    conn: Connection[Any], village: Village, people: list[int]
) -> None:
    reset = asked(conn, village, people[WANJIKU], ResetKind.SILENT)
    assert vouching.waiting_for(conn, village.chama_id, people[BARAKA], at=LATER) == []
    with pytest.raises(NotYoursToSay):
        vouching.answer(conn, reset.id, by_user_id=people[BARAKA], yes=True, at=LATER)
    done = vouching.answer(conn, reset.id, by_user_id=people[AMINA], yes=True, at=LATER)
    assert done.state is ResetState.GRANTED
    chosen(conn, people[WANJIKU], done, LATER)


def test_digits_that_one_official_told_open_nothing_before_a_second_one_saw_her(
    conn: Connection[Any], village: Village, people: list[int]
) -> None:
    her, told_by = people[WANJIKU], people[AMINA]
    register.change_role(conn, village.member_ids[BARAKA], Role.TREASURER, at=START - timedelta(days=30))
    conn.execute("UPDATE users SET phone = NULL, contact_phone = '+254700000098' WHERE id = %s", [her])
    whose = {"user_id": her, "chama_id": village.chama_id, "by_user_id": told_by}
    digits = vouching.tell(conn, **whose, pepper=PEPPER, at=START, chance=SeededChance())

    def typed() -> Reset | None:
        return vouching.try_code(
            conn, user_id=her, typed=digits, pepper=PEPPER, at=LATER, kind=ResetKind.TOLD
        )  # fmt: skip

    first = typed()
    assert first is not None
    assert (first.state, first.yes, first.phone) == (ResetState.OPEN, 1, "+254700000098")
    with pytest.raises(NotYoursToSay):
        vouching.use(conn, first.id, user_id=her, at=LATER)
    for who in (told_by, people[CHEBET], her):
        with pytest.raises(NotYoursToSay):
            vouching.answer(conn, first.id, by_user_id=who, yes=True, at=LATER)
    vouching.answer(conn, first.id, by_user_id=people[BARAKA], yes=True, at=LATER)
    assert told(conn, "pin_vouched") == {told_by, people[BARAKA], people[CHEBET]}
    # What others vouched for without digits opens nothing on a phone that is not hers: its owner would be first.
    vouched = asked(conn, village, her)
    for who in (BARAKA, CHEBET):
        vouching.answer(conn, vouched.id, by_user_id=people[who], yes=True, at=LATER)
    with pytest.raises(NotYoursToSay):
        vouching.use(conn, vouched.id, user_id=her, at=LATER)
    done = typed()
    assert done is not None
    assert done.state is ResetState.GRANTED
    chosen(conn, her, done, LATER)
    with pytest.raises(PinTooNew):
        pins.demand_decides(conn, her, at=LATER + HOLD - timedelta(seconds=1))


def test_a_code_opens_screens_and_never_decides(conn: Connection[Any], village: Village, people: list[int]) -> None:
    her = people[WANJIKU]
    asked(conn, village, her, ResetKind.CODE)
    [(code, kept)] = conn.execute(
        "SELECT n.arguments ->> 'number', r.code_hash FROM notifications n, pin_resets r WHERE n.user_id = %s", [her]
    ).fetchall()
    assert code.encode() not in bytes(kept)
    wrong = str(int(code) - 1)

    def tries(typed: str) -> Reset | None:
        return vouching.try_code(conn, user_id=her, typed=typed, pepper=PEPPER, at=START)

    assert [(one.state, one.tries) for one in (tries(wrong), tries(wrong)) if one] == [
        (ResetState.OPEN, 1),
        (ResetState.OPEN, 2),
    ]
    granted = tries(code)
    assert granted is not None
    assert granted.state is ResetState.GRANTED
    chosen(conn, her, granted, START)
    with pytest.raises(PinTooNew):
        pins.demand_decides(conn, her, at=START + timedelta(days=3_650))
    # A PIN that is changed afterwards stays what it was.
    digest = pins.hide(her, "60428", phone=None, pepper=PEPPER, chance=SeededChance())
    assert digest is not None
    pins.keep(conn, her, digest, at=START)
    with pytest.raises(PinTooNew):
        pins.demand_decides(conn, her, at=START + timedelta(days=3_650))
    asked(conn, village, her, ResetKind.CODE)
    assert [one.state for one in (tries(wrong), tries(wrong), tries(wrong)) if one] == [
        ResetState.OPEN, ResetState.OPEN, ResetState.STOPPED,
    ]  # fmt: skip
    assert tries(wrong) is None


def test_who_is_forgotten_leaves_no_word(conn: Connection[Any], village: Village, people: list[int]) -> None:
    reset = asked(conn, village, people[WANJIKU])
    for who in (BARAKA, CHEBET):
        vouching.answer(conn, reset.id, by_user_id=people[who], yes=True, at=LATER)
    assert notices.forget_person(conn, people[WANJIKU], [], [village.member_ids[WANJIKU]]) == 4
    assert conn.execute("SELECT count(*) FROM notifications WHERE arguments <> '{}'").fetchone() == (0,)
    assert vouching.forget(conn, people[WANJIKU]) == 3
    assert conn.execute("SELECT count(*) FROM pin_resets").fetchone() == (0,)
