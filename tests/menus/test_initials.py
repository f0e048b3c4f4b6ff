"""A group may agree that its lists on the phone show initials only: who has paid, by SMS too, and the order."""

from typing import Any

from psycopg import Connection

from chamas.dues import readouts
from gateway.app import create_app
from gateway.wiring import Wiring
from tests.instruments import START
from tests.menus import village
from tests.phones import phone_on


def test_lists_show_initials_when_the_rules_say_so(conn: Connection[Any], web_wiring: Wiring) -> None:
    settled = village.settle(conn, START, paid=(1,))
    phone = phone_on(create_app(web_wiring), village.phone_of(4))
    codes = ("3*1", "3*2", "1*2*9", "1*2*9*500", "6*6*1")
    named = [phone.dial(f"*384*123*{code}#") for code in codes]
    # A rule that was voted holds for the rounds that open under it; this one is in the open round's own version.
    conn.execute("""UPDATE rule_sets SET more = '{"initials": true}'""")
    shown = [phone.dial(f"*384*123*{code}#") for code in codes]
    names = [name for name in village.NAMES if name != "Njeri"]
    assert all(any(name in text for name in names) for text in named)
    assert not any(name in text for text in shown for name in names)
    assert "9 W.: owes 500" in phone.dial("*384*123*3*1*98#")
    who = {"user_id": settled.users[3], "chama_id": settled.chama_id, "chama": "Umoja", "at": START}
    readouts.debtors(conn, **who)
    [(lines,)] = conn.execute("SELECT arguments ->> 'lines' FROM notifications").fetchall()
    assert lines.startswith("2 B. 500, 3 C. 500")
