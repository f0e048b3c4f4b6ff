"""A phone that several share: each sees and does what is hers behind her PIN, and nothing of it shows to the others."""

from typing import Any

import pytest
import redis
from psycopg import Connection, sql

from chamas.members import people, pins
from chamas.members.refusals import OfficialsOnly, UnknownMember
from chamas.persons import shared_phones, vouching
from chamas.persons.shared_phones import HasHerOwnPhone
from chamas.persons.vouching import NotYoursToSay
from chamas.telling import notices
from chamas.telling.notice_states import Channel
from chamas.telling.notices import Notice
from gateway import forgetting
from gateway.app import create_app
from gateway.wiring import Wiring
from menus import wording
from tests.instruments import START, SeededChance
from tests.menus import village
from tests.phones import phone_on
from tests.rows import tables

PIN, LENT = "61834", village.phone_of(6)
TO_ANOTHER = "*384*123*6*98*12*7#"


@pytest.fixture
def umoja(conn: Connection[Any], web_wiring: Wiring) -> village.Village:
    """Otieno, number 7, has no phone of his own: he uses Kiprop's, and has a PIN."""
    settled = village.settle(conn, START)
    village.shares(conn, settled.users[6], LENT)
    pepper = web_wiring.settings.pin_pepper
    pins.set_pin(conn, settled.users[6], PIN, phone=None, pepper=pepper, at=START, chance=SeededChance())
    return settled


def test_she_pays_from_it_and_its_owner_sees_nothing_of_it(
    conn: Connection[Any], web_wiring: Wiring, redis_url: str, umoja: village.Village
) -> None:
    phone = phone_on(create_app(web_wiring), LENT)
    for key in ("1", "2", "7", "00", "61835"):
        phone.dial(TO_ANOTHER)
        assert "Umoja" not in phone.press(key), "nothing of his before his PIN"
    phone.dial(TO_ANOTHER)
    assert "Umoja: umelipa 0 kati ya 500" in phone.press(PIN)
    phone.press("1")
    phone.press("1")
    with redis.Redis.from_url(redis_url) as store:
        # The session is lost: the whole text leads to the same question, as the same member, and acts on nothing.
        store.flushall()
        ended = phone.press("1")
        assert ended.startswith("CON Unalipa Umoja KES 500")
        assert phone.press("1").startswith("END Sasa M-PESA itauliza: 500")
        store.flushall()
    assert phone.repeat().startswith("END Sasa M-PESA itauliza: 500")
    paid = conn.execute(
        "SELECT i.payer_id, i.member_id, t.phone FROM payment_intents i JOIN payment_attempts t ON t.intent_id = i.id"
    ).fetchall()
    assert paid == [(umoja.users[6], umoja.members[6], LENT)]
    assert "500" not in phone.dial("*384*123*5#")
    assert "still waiting" not in phone.dial("*384*123#")
    assert phone.dial("*384*123*1*1#").startswith("CON Pay KES 500 to Umoja")
    assert phone.press("1").startswith("END M-PESA still asks for another payment on this phone.")
    actors = conn.execute("SELECT user_id FROM ussd_actions WHERE action = 'contribute.pay' ORDER BY 1").fetchall()
    assert actors == [(umoja.users[5],), (umoja.users[6],)]


def test_an_official_tells_the_digits_face_to_face(
    conn: Connection[Any], web_wiring: Wiring, umoja: village.Village
) -> None:
    told = {"pepper": web_wiring.settings.pin_pepper, "at": START, "chance": SeededChance()}
    given = {"by_user_id": umoja.users[0], "contact_phone": village.phone_of(98), **told}
    hers = {"chama_id": umoja.chama_id, "number": 8, **given}
    with pytest.raises(HasHerOwnPhone):
        shared_phones.hand_over(conn, **hers)
    conn.execute("UPDATE users SET phone = NULL WHERE id = %s", [umoja.users[7]])
    with pytest.raises(OfficialsOnly):
        shared_phones.hand_over(conn, **{**hers, "by_user_id": umoja.users[4]})
    with pytest.raises(UnknownMember):
        shared_phones.hand_over(conn, **{**hers, "number": 70})
    with pytest.raises(NotYoursToSay):
        shared_phones.hand_over(conn, **{**hers, "number": 1})
    first = shared_phones.hand_over(conn, **hers)
    second = shared_phones.hand_over(conn, **hers)
    with pytest.raises(HasHerOwnPhone):
        shared_phones.hand_over(conn, **{**hers, "contact_phone": LENT})
    assert people.contact_phone(conn, umoja.users[7]) == village.phone_of(98)
    sent = conn.execute("SELECT arguments::text FROM notifications").fetchall()
    assert not any(second.digits in text for (text,) in sent)

    phone = phone_on(create_app(web_wiring), village.phone_of(98))
    assert "5 Mimi ni mwanachama" in phone.dial("*384*123#")
    phone.dial("*384*123*5*8#")
    assert "majaribio 2" in phone.press(first.digits)
    assert phone.press(second.digits).startswith("END Tarakimu ni sahihi. Sasa afisa mwingine")
    say_yes(conn, umoja)
    phone.dial("*384*123*5*8#")
    assert "Tutaweka" in phone.press(second.digits)
    phone.press("1")
    # Whoever goes on where she was cut off has to know them too.
    phone.dial("*384*123*5*8#")
    assert "majaribio 1" in phone.press("111111")
    assert phone.press("222222").startswith("END Tarakimu hizi hazitumiki tena.")
    third = shared_phones.hand_over(conn, **hers)
    say_yes(conn, umoja)
    phone.dial("*384*123*5*8#")
    for key in (third.digits, "1", PIN, PIN):
        phone.press(key)
    phone.dial("*384*123*5*482138#")
    assert "Umoja: umelipa 0 kati ya 500" in phone.press(PIN)
    [(decides_from,)] = conn.execute("SELECT decides_from FROM pins WHERE user_id = %s", [umoja.users[7]]).fetchall()
    assert decides_from == START + vouching.HOLD
    states = conn.execute("SELECT state FROM pin_resets ORDER BY id").fetchall()
    assert states == [("lapsed",), ("stopped",), ("used",)]


def say_yes(conn: Connection[Any], umoja: village.Village) -> None:
    """Baraka, the treasurer, saw her, too."""
    [asked] = vouching.waiting_for(conn, umoja.chama_id, umoja.users[1], at=START)
    vouching.answer(conn, asked.id, by_user_id=umoja.users[1], yes=True, at=START)


def test_a_forgotten_pin_is_chosen_by_nobody_who_only_holds_the_phone(
    conn: Connection[Any], web_wiring: Wiring, umoja: village.Village
) -> None:
    """The owner hears of it, and stands before the same question: six digits that were said face to face."""
    phone = phone_on(create_app(web_wiring), LENT)
    phone.dial(TO_ANOTHER)
    assert phone.press("1").startswith("CON Afisa atakwambia tarakimu 6")
    told = {"pepper": web_wiring.settings.pin_pepper, "at": START, "chance": SeededChance()}
    whose = {"chama_id": umoja.chama_id, "by_user_id": umoja.users[0], "number": 7, "contact_phone": LENT}
    given = shared_phones.hand_over(conn, **whose, **told)
    say_yes(conn, umoja)
    for _guess in range(2):
        phone.dial(TO_ANOTHER)
        phone.press("1")
        assert phone.press("123456").startswith("CON Tarakimu hizi si sahihi.")
    phone.dial(TO_ANOTHER)
    phone.press("1")
    assert phone.press(given.digits).startswith("CON Chagua PIN ya CHAMA")
    phone.press("52906")
    assert "Baada ya saa 72 itaamua" in phone.press("52906")
    phone.dial(TO_ANOTHER)
    assert "Umoja: umelipa" in phone.press("52906")
    sent = conn.execute("SELECT user_id FROM notifications WHERE template = 'pin_vouched' ORDER BY 1").fetchall()
    assert sent == [(user_id,) for user_id in umoja.users if user_id != umoja.users[6]]


def test_who_shares_a_phone_is_forgotten_and_its_owner_is_not(
    conn: Connection[Any], wiring: Wiring, web_wiring: Wiring, redis_url: str, umoja: village.Village
) -> None:
    phone = phone_on(create_app(web_wiring), LENT)
    phone.dial("*384*123#")
    phone.dial(TO_ANOTHER)
    assert "Umoja: umelipa" in phone.press(PIN)
    given = {"pepper": web_wiring.settings.pin_pepper, "at": START, "chance": SeededChance()}
    whose = {"chama_id": umoja.chama_id, "by_user_id": umoja.users[0], "number": 7, "contact_phone": LENT}
    shared_phones.hand_over(conn, **whose, **given)
    conn.commit()
    owner = "SELECT first_name, phone, status FROM users WHERE id = %s"
    before = conn.execute(owner, [umoja.users[5]]).fetchone()
    gone = forgetting.erase(wiring, umoja.users[6], reason="asked for", asked_by=None, leave_money=True).gone
    assert (gone["pins"], gone["pin_resets"]) == (1, 2)
    for table in tables(conn):
        held = sql.SQL("SELECT t::text FROM {} t WHERE t::text LIKE '%%Otieno%%'").format(sql.Identifier(table))
        assert conn.execute(held).fetchall() == [], table
    assert conn.execute(owner, [umoja.users[5]]).fetchone() == before == ("Kiprop", LENT, "active")
    with redis.Redis.from_url(redis_url) as store:
        assert not any(b"Otieno" in (store.hget(name, "state") or b"") for name in store.scan_iter("ussd:*"))
    assert phone.dial(TO_ANOTHER).startswith("CON No member with this number shares this phone.")
    assert phone.dial("*384*123#").startswith("CON Umoja: paid")


def test_an_sms_names_whom_it_is_for_and_no_amount(
    conn: Connection[Any], web_wiring: Wiring, umoja: village.Village
) -> None:
    facts = {"chama": "Umoja", "round": 7, "missing_cents": 500_00, "closes_at": START.isoformat()}
    notices.queue(conn, [Notice("reminder:7", "reminder", umoja.users[6], umoja.chama_id, facts)], at=START)
    [(notice_id,)] = conn.execute("SELECT id FROM notifications WHERE channel = %s", [Channel.SMS]).fetchall()
    [claimed] = notices.take(conn, [notice_id], at=START)
    text = wording.addressed(wording.render(claimed, "*384*123#"), claimed.called)
    assert (claimed.phone, text.startswith("Otieno. Umoja:"), "500" in text) == (LENT, True, False)
    assert wording.addressed("x" * 155, claimed.called) == "x" * 155
