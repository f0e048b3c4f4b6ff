"""The bank of a group: named by two officials, told to all; money goes there as others agree, and once."""

from typing import Any

import pytest
from psycopg import Connection

from chamas.approving.approvals import NotAsShown
from chamas.course import lifecycle, orders
from chamas.course.orders import NotYours, Order, OrderKind
from chamas.members.refusals import OfficialsOnly
from chamas.payouts import asking, banks
from chamas.payouts.asking import AskedAlready, MayNotAsk, NoBank
from chamas.payouts.banks import AnotherBank
from chamas.payouts.disbursements import Purpose, Request
from gateway.wiring import Wiring
from payments import payouts
from tests.chamas.conftest import Till, Village
from tests.chamas.test_disbursements import Group, five_members

FREE = ((250_000, 500),)


def user(group: Group, name: str) -> int:
    [(user_id,)] = group.conn.execute("SELECT user_id FROM chama_members WHERE id = %s", [group.members[name]])
    return int(user_id)


def names(group: Group, account: str, asker: str = "Amina", second: str = "Chebet", paybill: str = "400200") -> Order:
    at, chama_id = group.wiring.now(), group.village.chama_id
    with group.wiring.transaction() as conn:
        one = orders.ask(conn, chama_id, OrderKind.BANK, by_user_id=user(group, asker), at=at, bank=(paybill, account))
    with group.wiring.transaction() as conn:
        orders.agree(conn, one.id, by_user_id=user(group, second), at=at)
    while lifecycle.go_on(group.wiring):
        pass
    return one


def asks(group: Group, asker: str = "Amina", shillings: int = 200) -> Request:
    with group.wiring.transaction() as conn:
        return asking.ask_to_bank(
            conn,
            asker_member_id=group.members[asker],
            amount_cents=shillings * 100,
            at=group.wiring.now(),
            bands=FREE,
        )


@pytest.fixture
def banking(conn: Connection[Any], wiring: Wiring, village: Village, till: Till) -> Group:
    return five_members(conn, wiring, village, till)


def test_two_officials_name_it_everybody_is_told_and_one_alone_or_a_new_one_cannot(banking: Group) -> None:
    chama_id, at = banking.village.chama_id, banking.wiring.now()
    with pytest.raises(NoBank):
        asks(banking)
    with banking.wiring.transaction() as conn, pytest.raises(OfficialsOnly):
        orders.ask(conn, chama_id, OrderKind.BANK, by_user_id=user(banking, "Wanjiku"), at=at, bank=("400200", "1"))
    with pytest.raises(NotYours):
        names(banking, "0123456789012", second="Amina")
    assert banks.of_chama(banking.conn, chama_id) is None and banking.told("bank_asked") != []
    banking.conn.execute("UPDATE chama_members SET role_since = %s WHERE id = %s", [at, banking.members["Juma"]])
    with pytest.raises(NotYours):
        names(banking, "0123456789012", second="Juma")
    names(banking, "0123456789012")
    bank = banks.of_chama(banking.conn, chama_id)
    assert bank is not None and (bank.paybill, bank.account) == ("400200", "0123456789012")
    assert sorted(banking.told("bank_changed")) == ["Amina", "Baraka", "Chebet", "Juma", "Wanjiku"]
    said = banking.conn.execute("SELECT arguments ->> 'bank' FROM notifications WHERE template = 'bank_changed'")
    assert set(said.fetchall()) == {("400200 0123456789012",)}


def test_money_goes_there_as_others_agree_and_its_charge_is_the_one_that_was_shown(banking: Group) -> None:
    names(banking, "0123456789012")
    with pytest.raises(MayNotAsk):
        asks(banking, "Wanjiku")
    request = asks(banking)
    assert (request.purpose, request.charge_cents, request.phone) == (Purpose.BANK, 5_00, "400200")
    assert (request.payee_name, request.account, request.told_name) == ("BANK", "0123456789012", None)
    banking.runs()
    assert banking.told("payout_asked") == ["Chebet", "Juma"], "never who asked"
    banking.says("Chebet", request)
    banking.says("Juma", request)
    banking.runs()
    payout = banking.payout(request)
    assert (payout.way, payout.phone, payout.account, payout.user_id, payout.charge_cents) == (
        "b2b", "400200", "0123456789012", None, 5_00
    )  # fmt: skip
    [(code,)] = banking.conn.execute("SELECT code FROM accounts WHERE id = %s", [payout.source_account_id])
    assert (code, banking.spendable()) == ("outside_mpesa", 800_00)
    with banking.wiring.transaction() as conn, pytest.raises(NotAsShown):
        asking.ask_anew(
            conn, request.id, asker_member_id=request.asked_by, amount_cents=100_00, at=banking.wiring.now()
        )


def test_another_account_stops_what_was_agreed_on_for_the_one_before(banking: Group) -> None:
    names(banking, "0123456789012")
    coming, pending = asks(banking), asks(banking, shillings=100)
    with pytest.raises(AskedAlready):
        asks(banking, "Juma")
    assert coming.digest != pending.digest
    banking.says("Chebet", coming)
    banking.says("Juma", coming)
    banking.runs()
    names(banking, "99")
    banking.waits(2 * 3_600)
    assert (banking.now(coming).state, banking.now(coming).reason) == ("rejected", AnotherBank.code)
    assert payouts.by_ids(banking.conn, [banking.payout(coming).id])[banking.payout(coming).id].state == "failed_proven"
    banking.says("Chebet", pending)
    banking.says("Juma", pending)
    banking.runs()
    assert (banking.now(pending).state, banking.now(pending).reason) == ("failed", AnotherBank.code)
    assert banking.spendable() == 1_000_00
