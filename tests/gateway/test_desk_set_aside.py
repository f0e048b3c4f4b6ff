"""The desk lists what the worker has set aside, wherever it lies."""

import re
from typing import Any

from flask.testing import FlaskClient
from psycopg import Connection

from payments.evidence.store import UNSETTLED
from tests.gateway import town
from tests.gateway.conftest import sign_in
from tests.instruments import START


def test_rounds_receipts_and_callbacks_that_were_set_aside_are_listed(
    client: FlaskClient, conn: Connection[Any], umoja: town.Town
) -> None:
    sign_in(client)
    assert "Nothing is set aside" in client.get("/desk/incidents").text
    round_id = town.one(
        conn,
        "SELECT id FROM rounds WHERE chama_id = %s LIMIT 1",
        umoja.chama_id,
    )
    conn.execute("INSERT INTO puzzles VALUES ('pots', %s, 'KeyError', %s), ('orders', 7, 'ValueError', %s)",
                 [round_id, START, START])  # fmt: skip
    conn.execute(
        "INSERT INTO suspense (receipt, reason, state, opened_at, due_at, failure) "
        "VALUES ('TKK3ABCDEF', 'it came without an account', 'open', %s, %s, 'OverflowError')",
        [START, START],
    )
    conn.execute(
        "INSERT INTO evidence (source, token_hash, body_sha256, body, headers, received_at, verdict, reason, receipt) "
        "VALUES ('stk_callback', '', sha256('x'), '', '{}', %s, 'unreadable', %s, 'TKK4ABCDEF')",
        [START, f"{UNSETTLED} (KeyError)"],
    )
    page = client.get("/desk/incidents").text
    rows = {
        what: re.sub(r"<[^>]+>", " ", cells).split()
        for what, cells in re.findall(r'<tr data-aside="([a-z ]+)">(.*?)</tr>', page, re.DOTALL)
    }
    assert rows.keys() == {"callback", "receipt in suspense", "pots", "orders"}
    assert {"TKK4ABCDEF", "(KeyError)"} <= {*rows["callback"]} and "TKK3ABCDEF" in rows["receipt in suspense"]
    assert {str(round_id), "Umoja", "KeyError"} <= {*rows["pots"]} and "Umoja" not in rows["orders"]
