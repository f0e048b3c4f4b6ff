"""Money of a group leaves it: asked for by one, agreed to by others, told to all, and paid once."""

import threading
from dataclasses import dataclass
from typing import Any

import pytest
from psycopg import Connection, errors
from psycopg.rows import dict_row

from chamas.approving.approvals import NotAsShown, NotYourVoice, Vote
from chamas.approving.approvers import TooFewApprovers, same_person
from chamas.approving.voices import voices_in
from chamas.members import register
from chamas.members.register import MemberStatus, Role
from chamas.payouts import asking, disbursements, disbursing, requested
from chamas.payouts.asking import AskedAlready, MayNotAsk, NoPayoutPhone
from chamas.payouts.disbursements import Request
from gateway.wiring import Wiring
from payments import payouts
from payments.payouts import NotEnoughMoney, Payout, TooLate
from payments.payouts.gates import ANSWERED_IN
from tests.chamas.conftest import Till, Village
from tests.instruments import START
from tests.words import word

HUNDRED = 100_00


@dataclass
class Group:
    """Amina (chairperson), Baraka, Wanjiku, Chebet (secretary), Juma (treasurer), with KES 1,000 in M-PESA."""

    conn: Connection[Any]
    wiring: Wiring
    village: Village
    members: dict[str, int]

    def ask(self, payee: str = "Wanjiku", asker: str = "Amina", cents: int = HUNDRED, **more: Any) -> Request:
        at = self.wiring.now()
        asked = {"asker_member_id": self.members[asker], "payee_member_id": self.members[payee], **more}
        with self.wiring.transaction() as conn:
            return asking.ask(conn, amount_cents=cents, at=at, **asked)

    def says(self, who: str, request: Request, vote: Vote = Vote.APPROVE, **more: Any) -> None:
        at = self.wiring.now()
        with self.wiring.transaction() as conn:
            said = {"digest": request.digest, "at": at, **more}
            asking.vote(conn, request.id, word(conn, self.members[who], vote=vote, **said))

    def runs(self) -> None:
        while disbursing.follow_due(self.wiring):
            pass

    def waits(self, seconds: float) -> None:
        self.wiring.clock.advance(seconds)  # type: ignore[attr-defined]
        self.runs()

    def now(self, request: Request) -> Request:
        return disbursements.by_id(self.conn, request.id)

    def payout(self, request: Request) -> Payout:
        payout_id = self.now(request).payout_id
        assert payout_id is not None
        return payouts.by_ids(self.conn, [payout_id])[payout_id]

    def told(self, template: str) -> list[str]:
        """Who was told, by first name."""
        found = self.conn.cursor(row_factory=dict_row).execute(
            "SELECT u.first_name FROM notifications n JOIN users u ON u.id = n.user_id WHERE template = %s "
            "ORDER BY n.id",
            [template],
        )
        return [row["first_name"] for row in found]

    def spendable(self) -> int:
        return payouts.spendable(self.conn, self.village.book_id, "600123")

    def approved(self, **more: Any) -> Request:
        request = self.ask(**more)
        self.runs()
        self.says("Chebet", request)
        self.says("Juma", request)
        self.runs()
        assert self.now(request).state == "approved"
        return request


@pytest.fixture
def group(conn: Connection[Any], wiring: Wiring, village: Village, till: Till) -> Group:
    return five_members(conn, wiring, village, till)


def five_members(conn: Connection[Any], wiring: Wiring, village: Village, till: Till) -> Group:
    members = dict(zip(("Amina", "Baraka", "Wanjiku"), village.member_ids, strict=True))
    for number, (name, role) in enumerate((("Chebet", Role.SECRETARY), ("Juma", Role.TREASURER)), start=7):
        user_id = register.create_person(conn, phone=f"+25470000000{number}", first_name=name, language="en", at=START)
        members[name] = register.add_member(
            conn,
            chama_id=village.chama_id,
            user_id=user_id,
            role=role,
            status=MemberStatus.CONFIRMED,
            join_method="number",
            at=START,
        )
    till.arrive("TKK7RT61SV", 1_000, village.member_ids[0])
    return Group(conn, wiring, village, members)


def test_money_leaves_after_two_others_agreed_and_the_time_to_stop_it_has_passed(group: Group) -> None:
    request = group.ask()
    assert (request.amount_cents, request.charge_cents, request.state) == (HUNDRED, 0, "pending")
    group.runs()
    assert group.told("payout_asked") == ["Chebet", "Juma"]
    group.says("Chebet", request)
    group.runs()
    assert group.now(request).state == "pending" and group.spendable() == 1_000_00
    group.says("Juma", request)
    group.runs()
    assert group.now(request).state == "approved" and group.spendable() == 900_00
    assert len(group.told("payout_coming")) == 5
    assert payouts.send_due(group.wiring) == 0
    group.waits(3_601)
    assert group.now(request).state == "sending"
    with pytest.raises(TooLate):
        group.says("Baraka", request, Vote.FREEZE)
    assert group.conn.execute("SELECT due_at FROM payouts").fetchone() == (group.wiring.now() + ANSWERED_IN,)


def test_whose_voice_does_not_count(group: Group) -> None:
    request = group.ask(payee="Juma")
    for name in ("Amina", "Juma"):
        with pytest.raises(NotYourVoice):
            group.says(name, request)
    # Of the officials only Chebet is left: the member with the lowest number fills the gap.
    voices = voices_in(group.conn, request.chama_id)
    assert requested.whose_yes(voices, request) == sorted((group.members["Chebet"], group.members["Baraka"]))
    with pytest.raises(NotYourVoice):
        group.says("Wanjiku", request)
    assert [one.id for one in requested.waiting_for(group.conn, group.members["Baraka"])] == [request.id]
    group.says("Baraka", request)
    assert requested.waiting_for(group.conn, group.members["Baraka"]) == []
    assert requested.waiting_for(group.conn, group.members["Amina"]) == []


def test_a_yes_is_to_what_was_shown(group: Group) -> None:
    request = group.ask()
    with pytest.raises(NotAsShown):
        group.says("Chebet", request, digest=b"\x00" * 32)
    # Whoever owns the database and changes the amount has no yes to it.
    group.says("Chebet", request)
    group.says("Juma", request)
    group.conn.execute("UPDATE disbursement_requests SET amount_cents = amount_cents + 100")
    group.runs()
    assert group.now(request).state == "pending"


def test_one_no_ends_it_and_nothing_is_held(group: Group) -> None:
    request = group.ask()
    with pytest.raises(NotAsShown):
        group.says("Juma", request, Vote.REJECT)
    group.says("Chebet", request)
    group.says("Juma", request, Vote.REJECT, reason=2)
    group.runs()
    after = group.now(request)
    assert (after.state, after.reason) == ("rejected", "wrong person")
    assert group.spendable() == 1_000_00
    with pytest.raises(NotAsShown):
        group.says("Chebet", request)


def test_nobody_answers_in_time(group: Group) -> None:
    request = group.ask()
    group.runs()
    group.waits(73 * 3_600)
    assert (group.now(request).state, group.now(request).reason) == ("rejected", "nobody answered in time")


def test_two_members_freeze_what_was_approved(group: Group) -> None:
    request = group.approved()
    with pytest.raises(NotYourVoice):
        group.says("Wanjiku", request, Vote.FREEZE)
    group.says("Baraka", request, Vote.FREEZE)
    group.runs()
    assert group.now(request).state == "approved"
    group.says("Amina", request, Vote.FREEZE)
    group.waits(3_601)
    assert (group.now(request).state, group.now(request).reason) == ("rejected", "frozen by members")
    assert group.payout(request).state == "failed_proven"
    assert group.spendable() == 1_000_00
    assert len(group.told("payout_stopped")) == 5


def test_another_number_voids_what_was_approved(group: Group) -> None:
    request = group.approved()
    group.conn.execute("UPDATE users SET phone = '+254700000044' WHERE first_name = 'Wanjiku'")
    group.waits(3_601)
    assert (group.now(request).state, group.now(request).reason) == (
        "rejected",
        "the receiver's number has changed",
    )
    assert group.spendable() == 1_000_00


def test_the_money_is_spent_meanwhile(group: Group) -> None:
    first, second = group.ask(cents=600_00), group.ask(cents=600_00, payee="Baraka")
    for request in (first, second):
        group.says("Chebet", request)
        group.says("Juma", request)
    group.runs()
    assert [group.now(one).state for one in (first, second)] == ["approved", "failed"]
    assert group.now(second).reason == "not_enough_money"
    assert group.spendable() == 1_000_00 - 600_00


def test_two_yes_at_the_same_instant_order_one_payout(group: Group) -> None:
    request = group.ask()
    threads = [threading.Thread(target=group.says, args=[name, request]) for name in ("Chebet", "Juma")]
    counters = [threading.Thread(target=group.runs) for _ in range(3)]
    for thread in (*threads, *counters):
        thread.start()
    for thread in (*threads, *counters):
        thread.join()
    group.runs()
    assert group.now(request).state == "approved"
    assert group.conn.execute("SELECT count(*) FROM payouts").fetchone() == (1,)
    assert group.spendable() == 1_000_00 - HUNDRED


def test_what_cannot_be_asked(group: Group) -> None:
    with pytest.raises(MayNotAsk):
        group.ask(asker="Baraka")
    assert group.ask(asker="Wanjiku").asker_name == "Wanjiku"
    with pytest.raises(NotEnoughMoney):
        group.ask(cents=1_000_00 + 100)
    group.conn.execute("UPDATE users SET phone = NULL WHERE first_name = 'Wanjiku'")
    with pytest.raises(NoPayoutPhone):
        group.ask()
    group.conn.execute("UPDATE chama_members SET status = 'withdrawn' WHERE id <> ALL(%s)", [
        [group.members["Amina"], group.members["Baraka"]]
    ])  # fmt: skip
    with pytest.raises(TooFewApprovers):
        group.ask(payee="Baraka")


def test_a_name_that_differs_is_shown_before_the_next_yes(group: Group) -> None:
    request = group.approved()
    group.conn.execute("UPDATE payouts SET receiver_name = 'PETER OTIENO'")
    again = group.ask(cents=2 * HUNDRED)
    assert again.told_name == "PETER OTIENO" and again.name_differs
    group.conn.execute("UPDATE payouts SET receiver_name = 'WANJIKU KAMAU'")
    assert not group.now(again).name_differs and request.told_name is None


@pytest.mark.parametrize(
    ("registered", "told", "same"),
    [
        ("Nicholas S", "NICHOLAS JOHN SONGOK", True),
        ("Wanjiku", "WANJIKU KAMAU", True),
        ("Kamau Wanjiku", "WANJIKU KAMAU", True),
        ("Njambĩ", "NJAMBI WAITHERA", True),
        ("Wanjiku Kamau", "PETER OTIENO", False),
        ("Wanjiku Njeri", "WANJIKU KAMAU", False),
        ("", "WANJIKU", False),
    ],
)
def test_names_that_may_be_one_persons(registered: str, told: str, same: bool) -> None:
    assert same_person(registered, told) == same


def test_the_web_asks_and_answers_in_the_name_of_who_acts_only(group: Group, web_wiring: Wiring) -> None:
    at, user = group.wiring.now(), dict(zip(("Amina", "Baraka", "Wanjiku"), group.village.user_ids, strict=True))
    with web_wiring.acting_as(user["Amina"]) as conn:
        request = asking.ask(
            conn, asker_member_id=group.members["Amina"], payee_member_id=group.members["Juma"],
            amount_cents=HUNDRED, at=at,
        )  # fmt: skip
    with web_wiring.acting_as(user["Baraka"]) as conn:
        asking.vote(conn, request.id, word(conn, group.members["Baraka"], request.digest, at=at))
    with pytest.raises(errors.InsufficientPrivilege), web_wiring.acting_as(user["Baraka"]) as conn:
        asking.vote(conn, request.id, word(conn, group.members["Chebet"], request.digest, at=at))
    assert group.now(request).state == "pending"


def test_the_same_payout_is_not_asked_for_twice_at_once(group: Group) -> None:
    first = group.ask()
    # Whoever asks: two who agreed to both would have paid her twice.
    for asker in ("Amina", "Chebet"):
        with pytest.raises(AskedAlready):
            group.ask(asker=asker)
    assert {group.ask(cents=2 * HUNDRED).state, group.ask(payee="Baraka").state} == {"pending"}
    group.says("Chebet", first, Vote.REJECT, reason=1)
    group.runs()
    # After a no it may be asked again.
    assert (group.now(first).state, group.ask().state) == ("rejected", "pending")
