"""Money that found nobody: offered to its likely owners with reasons, and settled by two officials, once."""

import io
import zipfile
from datetime import datetime
from typing import Any

import psycopg
import pytest

from chamas.approving.approvals import Proof, Vote, Word
from chamas.approving.deciders import AlreadyDecided, AnotherMustAgree
from chamas.arriving import concierge, settlements, unmatched
from chamas.arriving.likeness import Grade, Reason
from gateway import checks
from gateway.commands import export
from gateway.commands.register_urls import register
from ledger.verify_export import Archive, check_receipts
from payments import overview
from payments.daraja.outcomes import Accepted
from tests.loop.test_paybill import account_of, reason, send
from tests.whole import SHORTCODE, Whole


@pytest.fixture
def house(whole: Whole) -> Whole:
    assert isinstance(register(whole.worker, "v1", SHORTCODE), Accepted)
    return whole


def slip(account: str) -> str:
    """The account with its last two digits before the member's swapped, or another digit when they are the same."""
    swapped = account[:3] + account[4] + account[3] + account[5:]
    return swapped if swapped != account else account[:4] + str((int(account[4]) + 1) % 10) + account[5:]


def offers(house: Whole, receipt: str) -> dict[int, concierge.Offer]:
    with house.worker.transaction() as conn:
        return {one.member_id: one for one in concierge.of_receipt(conn, receipt)}


def user(house: Whole, name: str) -> int:
    return int(house.value("SELECT user_id FROM chama_members WHERE id = %s", house.person(name)["id"]))


def lost(house: Whole, shillings: int = 300) -> str:
    """A stranger pays for Wanjiku and lets a finger slip."""
    receipt = send(house, "Daudi", shillings, slip(account_of(house, "Wanjiku")))
    assert reason(house, receipt) == "its account names no member"
    return receipt


def word(conn: psycopg.Connection[Any], settlement_id: int, by: int, at: datetime, *, agrees: bool = True) -> Word:
    """What another official says to what she saw, and that it is she."""
    found = settlements.read(conn, [settlement_id])
    vote = Vote.APPROVE if agrees else Vote.REJECT
    return Word(vote, found[0].digest if found else b"", Proof.PIN, by, at)


def agree(house: Whole, receipt: str, first: str = "Amina", second: str = "Baraka") -> int:
    """Two officials of Umoja settle it, each through the web's own role."""
    hers, at = house.person("Wanjiku")["id"], house.web.now()
    with house.web.acting_as(user(house, first)) as conn:
        wanted = unmatched.ask_credit(conn, receipt, hers, by=user(house, first), at=at)
    with house.web.acting_as(user(house, second)) as conn:
        unmatched.decide(conn, wanted, word(conn, wanted, user(house, second), at))
    house.settle()
    return wanted


def test_a_slip_of_the_finger_is_offered_to_whom_it_names(house: Whole) -> None:
    receipt = lost(house)
    wanjiku = house.person("Wanjiku")["id"]
    found = offers(house, receipt)
    assert found[wanjiku].reasons == (Reason.ONE_SLIP,)
    assert found[wanjiku].grade is Grade.LIKELY
    with house.web.acting_as(user(house, "Wanjiku")) as conn:
        (mine,) = concierge.of_person(conn, user(house, "Wanjiku"))
        assert (mine.receipt, mine.amount_cents) == (receipt, 300_00)
    with house.web.acting_as(user(house, "Amina")) as conn:
        chama_id = int(house.value("SELECT chama_id FROM chama_members WHERE id = %s", wanjiku))
        assert receipt in {one.receipt for one in concierge.of_chama(conn, chama_id)}


def test_who_paid_and_a_prompt_that_failed_speak_louder_than_an_amount(house: Whole) -> None:
    """Her prompt ran out; she pays by hand with a wrong account, from a phone that two members share."""
    house.simulator.wish("no_answer", phone=house.phone("Wanjiku"))
    house.ask_to_contribute("Wanjiku", 250)
    house.settle()
    house.advance(70)
    with house.worker.transaction() as conn:
        conn.execute(
            "UPDATE users SET contact_phone = %s WHERE phone = %s", [house.phone("Wanjiku"), house.phone("Njeri")]
        )
    receipt = send(house, "Wanjiku", 250, "KODI")
    # Her prompt may still be paid, so the money is left for it a while.
    house.advance(200)
    found = offers(house, receipt)
    wanjiku, njeri = house.person("Wanjiku")["id"], house.person("Njeri")["id"]
    assert {Reason.HER_PHONE, Reason.HER_PROMPT} <= set(found[wanjiku].reasons)
    assert found[wanjiku].grade is Grade.STRONG
    assert Reason.HER_PROMPT not in found[njeri].reasons
    assert found[njeri].grade is Grade.LIKELY


def test_two_officials_make_it_hers_by_entries_that_name_what_they_reverse(house: Whole) -> None:
    receipt = lost(house)
    (lay,) = house.rows("SELECT book_id, seq FROM receipts WHERE receipt = %s", receipt)
    agree(house, receipt)
    (done,) = house.rows("SELECT * FROM settlements")
    assert done["state"] == "done"
    (back,) = house.rows(
        "SELECT kind FROM entries WHERE book_id = %s AND reverses_seq = %s", lay["book_id"], lay["seq"]
    )
    assert back["kind"] == "reversal"
    (credited,) = house.rows(
        "SELECT a.code, p.amount_cents FROM postings p JOIN accounts a ON a.id = p.account_id "
        "WHERE (p.book_id, p.seq) = (%s, %s) AND p.amount_cents < 0", done["book_id"], done["seq"],
    )  # fmt: skip
    assert credited == {"code": f"member:{house.person('Wanjiku')['id']}", "amount_cents": -300_00}
    assert house.value("SELECT state FROM suspense WHERE receipt = %s", receipt) == "resolved"
    assert house.value(
        "SELECT debits_posted_cents - credits_posted_cents FROM accounts WHERE code = 'suspense'"
    ) == 0  # fmt: skip
    (told,) = house.sms("Wanjiku")
    assert receipt in told
    assert house.equals_truth()
    assert [one.name for one in checks.all_findings(house.worker) if not one.ok] == []
    house.advance(86_400)
    assert house.value("SELECT count(*) FROM settlements WHERE state = 'done'") == 1
    it_is_hers_wherever_one_looks(house, receipt)


def it_is_hers_wherever_one_looks(house: Whole, receipt: str) -> None:
    """Under Check a payment by list, page and code; offered to no official; on the desk; in the archive, whose own
    check still wants a receipt of M-PESA's for each page that takes money in.
    """
    (lies,) = house.rows(
        "SELECT r.seq, c.id AS chama FROM receipts r JOIN chamas c USING (book_id) WHERE receipt = %s", receipt
    )
    assert house.rows("SELECT * FROM suspense_offers") == []
    house.dial("Wanjiku")
    listed = house.press("Wanjiku", "5")
    assert "1 KES 300" in listed and ("booked" in listed or "imeandikwa" in listed)
    for keys in ("1", f"3*{lies['seq']}", f"4*{receipt.lower()}"):
        shown = house.dial("Wanjiku", f"*384*123*5*{keys}#")
        assert receipt in shown and f"{lies['seq']} " in shown and "300" in shown, shown
    assert "300" not in house.dial("Amina", "*384*123*7*1#")
    with house.web.overseeing(house.value("SELECT id FROM users WHERE platform_role = 'admin'")) as conn:
        (row,) = [one for one in overview.arrivals(conn) if one.receipt == receipt]
    assert (row.chama, str(row.who).split()[-1], row.state) == ("Umoja", "Wanjiku", "paid")
    archive = Archive.__new__(Archive)
    archive.wrong, archive.book, archive.files = [], 0, files_of(export.made(house.worker, lies["chama"]))
    check_receipts(archive)
    assert archive.wrong == []
    archive.files["receipts.csv"] = archive.files["receipts.csv"].split(b"\n")[0]
    check_receipts(archive)
    assert [one for one in archive.wrong if "no receipt of M-PESA's" in one] != []


def files_of(packed: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(packed)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def test_one_official_is_not_enough_nor_is_she_whose_money_it_becomes(house: Whole) -> None:
    receipt, hers, at = lost(house), house.person("Wanjiku")["id"], house.web.now()
    amina, baraka, wanjiku = (user(house, name) for name in ("Amina", "Baraka", "Wanjiku"))
    with house.web.acting_as(wanjiku) as conn, pytest.raises(unmatched.NotYours):
        unmatched.ask_credit(conn, receipt, hers, by=wanjiku, at=at)
    with house.web.acting_as(amina) as conn:
        wanted = unmatched.ask_credit(conn, receipt, hers, by=amina, at=at)
    with house.web.acting_as(baraka) as conn, pytest.raises(AlreadyDecided):
        unmatched.ask_credit(conn, receipt, hers, by=baraka, at=at)
    with house.web.acting_as(amina) as conn, pytest.raises(AnotherMustAgree):
        unmatched.decide(conn, wanted, word(conn, wanted, amina, at))
    with house.web.acting_as(wanjiku) as conn, pytest.raises(unmatched.NotYours):
        unmatched.decide(conn, wanted, word(conn, wanted, wanjiku, at))
    # The rule stands in the database too.
    with house.worker.transaction() as conn, pytest.raises(psycopg.errors.CheckViolation), conn.transaction():
        conn.execute("UPDATE settlements SET state = 'approved', decided_by = asked_by")
    with house.web.acting_as(baraka) as conn:
        unmatched.decide(conn, wanted, word(conn, wanted, baraka, at, agrees=False))
    house.settle()
    assert house.value("SELECT state FROM suspense WHERE receipt = %s", receipt) == "open"
    agree(house, receipt)
    assert [row["state"] for row in house.rows("SELECT state FROM settlements ORDER BY id")] == ["refused", "done"]


def test_an_official_of_another_group_neither_sees_nor_settles(house: Whole) -> None:
    receipt, at = lost(house), house.web.now()
    [other] = [one for one in house.people if one["role"] == "chairperson" and one["chama"] != "Umoja"]
    stranger = user(house, other["name"])
    with house.web.acting_as(stranger) as conn:
        assert concierge.of_receipt(conn, receipt) == []
        with pytest.raises(unmatched.NotYours):
            unmatched.ask_credit(conn, receipt, house.person("Wanjiku")["id"], by=stranger, at=at)


def test_money_that_was_settled_meanwhile_is_not_settled_again(house: Whole) -> None:
    receipt = lost(house)
    with house.worker.transaction() as conn:
        conn.execute("UPDATE suspense SET state = 'resolved', due_at = NULL")
    agree(house, receipt)
    (row,) = house.rows("SELECT state, seq FROM settlements")
    assert row == {"state": "void", "seq": None}
    assert house.sms("Wanjiku") == []
    # Both had read that it is booked within a minute.
    for name in ("Amina", "Baraka"):
        (told,) = [one for one in house.sms(name) if "Wanjiku" in one]
        assert "KES 300" in told and ("void" in told or "limefutwa" in told)


def test_what_is_settled_another_way_waits_for_no_official(house: Whole) -> None:
    """Asked at the desk for a member whom nothing speaks for: the phone shows it, until it is settled otherwise."""
    receipt, at = send(house, "Daudi", 170, "nobody"), house.web.now()
    operator = house.value("SELECT id FROM users WHERE platform_role = 'admin'")
    with house.web.overseeing(operator) as conn:
        unmatched.ask_credit(conn, receipt, house.person("Wanjiku")["id"], by=operator, at=at)
    assert house.rows("SELECT amount_cents FROM settlements") == [{"amount_cents": 170_00}]
    shown = house.dial("Amina", "*384*123*7*2*1#")
    assert "KES 170" in shown and "Wanjiku" in shown
    with house.worker.transaction() as conn:
        conn.execute("UPDATE suspense SET state = 'resolved', due_at = NULL")
        unmatched.overtaken(conn, receipt, at=at)
    assert house.rows("SELECT state FROM settlements") == [{"state": "void"}]
    assert "KES 170" not in house.dial("Amina", "*384*123*7*2#")
    with house.web.overseeing(operator) as conn, pytest.raises(AlreadyDecided):
        unmatched.ask_credit(conn, receipt, house.person("Wanjiku")["id"], by=operator, at=at)
