"""The desk and the API show each day's certificate with all its versions; a statement is handed over by a form."""

import io
from datetime import date, timedelta
from typing import Any

from flask.testing import FlaskClient
from psycopg import Connection

from gateway.wiring import Wiring
from payments import listings
from payments.listings import Listed
from payments.reconciliation import days, statements
from tests.gateway import town
from tests.gateway.conftest import proof_in, sign_in
from tests.instruments import START, HandClock

DAY = date(2026, 11, 20)
FILE = (
    "Receipt No.,Completion Time,Paid In,Withdrawn,Balance\n"
    "TKK3ABCDEF,20-11-2026 14:02:00,500.00,,500.00\n"
    "TKK9ABCDEF,20-11-2026 15:02:00,70.00,,570.00\n"
)


def differ(wiring: Wiring, clock: HandClock) -> None:
    """Umoja's day, with a payment that only M-PESA lists; certified the day after."""
    clock.advance(24 * 3600)
    with wiring.transaction() as conn:
        told = Listed("statement", "TKK9ABCDEF", "in", 7_000, START + timedelta(hours=1))
        listings.add(conn, 1, [told], at=clock.now())
    days.certify_due(wiring)


def test_a_day_is_shown_with_every_difference_and_what_to_do(
    client: FlaskClient, umoja: town.Town, wiring: Wiring, clock: HandClock
) -> None:
    differ(wiring, clock)
    sign_in(client)
    page = client.get("/desk/days").text
    assert f'data-day="{DAY}"' in page and "Differs" in page
    page = client.get(f"/desk/days/600123/{DAY}").text
    assert 'data-difference="listed_not_booked"' in page
    assert "TKK9ABCDEF, KES 70, is in the statement and not in the books" in page
    assert "it is asked about" in page
    assert client.get("/desk/days/600123/2026-11-19").status_code == 404
    assert client.get("/desk/days/600123/yesterday").status_code == 422
    assert client.get(f"/desk/days/999999/{DAY}").status_code == 404


def test_nobody_sees_days_without_signing_in(client: FlaskClient, umoja: town.Town) -> None:
    assert client.get("/desk/days").status_code == 303
    assert client.post("/desk/statements", data={}).status_code == 401


def test_a_statement_is_handed_over_and_read_by_the_worker(
    client: FlaskClient, umoja: town.Town, wiring: Wiring, conn: Connection[Any]
) -> None:
    sign_in(client)
    proof = proof_in(client.get("/desk/days").text)

    def hand(body: bytes = FILE.encode(), **changes: str) -> Any:
        fields = {"form_proof": proof, "shortcode": "600123", "since": str(DAY), "until": str(DAY)} | changes
        return client.post("/desk/statements", data={**fields, "file": (io.BytesIO(body), "portal.csv")})

    # The page with its form again, and not a dead end.
    assert (again := hand(b"")).status_code == 422 and "Choose the CSV file" in again.text and "Hand over" in again.text
    assert hand(shortcode="999999").status_code == 422
    assert hand(since="monday").status_code == 422
    assert hand(form_proof="").status_code == 403
    assert hand(b"x" * (statements.FILE_BYTES + 1)).status_code == 413
    assert hand().status_code == 303
    assert hand().status_code == 409
    assert "Waits to be read" in client.get("/desk/days").text
    assert statements.read_due(wiring) == 1
    page = client.get("/desk/days").text
    assert "Read" in page and "2 new" in page
    row = conn.execute("SELECT state, body, imported_by, covers_to - covers_from FROM statements_imported").fetchone()
    assert row == ("read", None, umoja.admin_id, timedelta(days=1))


def test_programs_read_days_and_certificates(
    client: FlaskClient, umoja: town.Town, wiring: Wiring, clock: HandClock
) -> None:
    differ(wiring, clock)
    headers = {"Authorization": f"Bearer {umoja.token}"}
    listed = client.get("/api/v1/shortcodes/600123/days", headers=headers).get_json()
    assert [(one["key"], one["day"], one["result"]) for one in listed["items"]] == [(20261120, "2026-11-20", "differs")]
    assert listed["next"] is None
    found = client.get("/api/v1/shortcodes/600123/days/20261120", headers=headers).get_json()
    assert [(one["code"], one["receipt"], one["effect_cents"]) for one in found["differences"]] == [
        ("listed_not_booked", "TKK9ABCDEF", 7_000)
    ]
    assert (found["version"], found["in_count"], found["in_cents"]) == (1, 1, 50_000)
    for path in ("999999/days", "999999/days/20261120", "600123/days/20261119", "600123/days/7"):
        assert client.get(f"/api/v1/shortcodes/{path}", headers=headers).status_code == 404
