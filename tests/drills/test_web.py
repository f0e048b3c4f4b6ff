"""The web process is killed while it answers: what it had not stored yet is asked for, or dialled, again."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import requests

from tests.drills.demo import Demo, until

pytestmark = pytest.mark.full


def waiting_for_locks(demo: Demo) -> bool:
    return bool(demo.rows("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))


def test_the_web_process_is_killed_while_a_callback_is_stored(demo: Demo) -> None:
    phone = demo.phones[4]
    demo.ask_to_contribute(phone, 580)
    demo.wait_for_prompts([phone])
    with psycopg.connect(demo.stack.environment["DATABASE_URL"]) as holder:
        holder.execute("LOCK TABLE evidence IN ACCESS EXCLUSIVE MODE")
        demo.pay([phone])
        until(lambda: waiting_for_locks(demo), "the callback before the locked table")
        demo.kill("web")
    demo.restart("web")
    demo.drain()
    demo.is_sound()
    assert 58_000 in demo.truth().values()


def test_the_web_process_is_killed_in_the_middle_of_a_turn(demo: Demo) -> None:
    phone, session = demo.phones[5], "drill-web-turn"
    for text in ("", "1", "1*590"):
        assert demo.turn(session, phone, text).text.startswith("CON ")
    with psycopg.connect(demo.stack.environment["DATABASE_URL"]) as holder, ThreadPoolExecutor(1) as hand:
        holder.execute("LOCK TABLE payment_attempts IN ACCESS EXCLUSIVE MODE")
        cut = hand.submit(demo.turn, session, phone, "1*590*1")
        until(lambda: waiting_for_locks(demo), "the turn before the locked table")
        demo.kill("web")
        with pytest.raises(requests.ConnectionError):
            cut.result()
    demo.restart("web")
    assert demo.turn(session, phone, "1*590*1").text.startswith("END ")
    demo.wait_for_prompts([phone])
    demo.pay([phone])
    demo.drain()
    demo.is_sound()
    asked = "SELECT count(*) FROM payment_attempts WHERE amount_cents = 59000"
    assert demo.count(asked) == 1
