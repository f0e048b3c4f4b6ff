"""Officials at the desk: the book of their group as a page and a file, and its payments as they arrive. Only theirs."""

import csv
import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from psycopg import Connection

from gateway.desk import books as pages
from ledger.seasons import season_at
from tests.gateway import town
from tests.gateway.conftest import sign_in as sign_in_operator
from tests.gateway.test_officials_desk import AMINA, elsewhere, sign_in
from tests.gateway.town import Town
from tests.instruments import START, SeededChance

__all__ = ["elsewhere"]
SEASON = season_at(START)


def rows_of(client: FlaskClient, chama_id: int, asked: str = "") -> list[dict[str, str]]:
    answer = client.get(f"/desk/chamas/{chama_id}/book.csv{asked}")
    assert (answer.status_code, answer.mimetype) == (200, "text/csv")
    assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="book-10001-{SEASON}')
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_an_official_reads_her_groups_book_and_takes_it_along(
    client: FlaskClient, conn: Connection[Any], umoja: Town, elsewhere: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = SeededChance(11)
    for number in range(3):
        town.a_contribution(conn, umoja.book_id, umoja.member_ids[1], chance, key=f"TKK3ABCDE{number}")
    conn.execute("UPDATE users SET first_name = '=Evil()' WHERE phone = %s", [town.PHONES[1]])
    sign_in(client, conn, AMINA)
    assert client.get(f"/desk/chamas/{elsewhere}/book").status_code == 404
    assert client.get(f"/desk/chamas/{elsewhere}/book.csv").status_code == 404
    # In pieces of two the file is the same whole: every page once, oldest first.
    monkeypatch.setattr(pages, "A_PIECE", 2)
    whole = rows_of(client, umoja.chama_id)
    assert [row["page"] for row in whole] == [str(n) for n in range(1, len(whole) + 1)] and len(whole) == 4
    assert [row["kes"] for row in whole] == ["500.00"] * 4 and whole[-1]["kes_after"] == "2000.00"
    assert {row["whose"] for row in whole} == {"1 Member 1", "2 =Evil()"}
    hers = rows_of(client, umoja.chama_id, f"?member={umoja.member_ids[1]}")
    assert [(row["account"], row["kes_after"]) for row in hers] == [
        (f"member:{umoja.member_ids[1]}", f"{500 * n}.00") for n in (1, 2, 3)
    ]
    monkeypatch.setattr(pages, "SHOWN", 3)
    newest = client.get(f"/desk/chamas/{umoja.chama_id}/book").text
    assert [f'data-page="{n}"' in newest for n in (1, 2, 3, 4)] == [False, True, True, True]
    assert "older=2-0" in newest
    older = client.get(f"/desk/chamas/{umoja.chama_id}/book?season={SEASON}&older=2-0").text
    assert 'data-page="1"' in older and "2,000" not in older and "Older pages" not in older
    for nothing in ("season=20181", "member=999999"):
        assert client.get(f"/desk/chamas/{umoja.chama_id}/book?{nothing}").status_code == 404


def test_what_a_sheet_would_reckon_with_is_text() -> None:
    assert [pages._harmless(name) for name in ("=1+1", "+254", "-x", "@y", "2 Amina")] == [
        *("'=1+1", "'+254", "'-x", "'@y"),
        "2 Amina",
    ]
    assert [pages.shillings(cents) for cents in (0, -5, 123_405)] == ["0.00", "-0.05", "1234.05"]


def test_an_official_watches_her_groups_payments_and_no_others(
    client: FlaskClient, conn: Connection[Any], umoja: Town, elsewhere: int
) -> None:
    # Amina asks on her own phone for Tumaini, where she holds no office; it is hers and stays out all the same.
    [(member_id,)] = conn.execute("SELECT id FROM chama_members WHERE chama_id = %s", [elsewhere]).fetchall()
    shortcode_id = conn.execute("SELECT id FROM shortcodes").fetchall()[0][0]
    other = town.a_payment(conn, shortcode_id, member_id, AMINA, "unclear")
    sign_in(client, conn, AMINA)
    page = f"/desk/chamas/{umoja.chama_id}/payments"
    shown = client.get(page).text
    assert f'data-row="prompt {umoja.paid_id}" data-state="paid"' in shown and "TKK3ABCDEF" in shown
    assert f'data-row="prompt {umoja.waiting_id}" data-state="pending"' in shown
    assert f"prompt {other}" not in shown and town.PHONES[1] not in shown
    assert f"/desk/payments/{umoja.paid_id}" not in shown
    assert client.get(f"/desk/chamas/{elsewhere}/payments").status_code == 404
    feed = client.get(f"{page}/feed")
    assert client.get(f"{page}/feed", headers={"If-None-Match": feed.headers["ETag"]}).status_code == 304
    # Money that came by itself stands there with its owner, or with nobody.
    conn.execute("UPDATE receipts SET attempt_id = NULL")
    conn.execute("UPDATE payment_attempts SET state = 'failed_final' WHERE id = %s", [umoja.waiting_id])
    fresh = client.get(f"{page}/feed", headers={"If-None-Match": feed.headers["ETag"]})
    assert fresh.status_code == 200 and "by the paybill" in fresh.text and "1 Member 1" in fresh.text
    assert "<dt>On their way</dt><dd>0</dd>" in fresh.text
    assert client.application.test_client().get(f"{page}/feed").status_code == 401


def test_an_operator_has_the_same_pages_with_the_story_of_each_payment(client: FlaskClient, umoja: Town) -> None:
    sign_in_operator(client)
    assert f"/desk/payments/{umoja.paid_id}" in client.get(f"/desk/chamas/{umoja.chama_id}/payments").text
    assert 'data-page="1"' in client.get(f"/desk/chamas/{umoja.chama_id}/book").text
