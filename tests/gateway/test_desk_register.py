"""The desk's pages for a group's life beside money: its meetings, its people's papers, and a group that moves in."""

import hashlib
import re
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from psycopg import Connection

from chamas.arriving import cash_claims
from chamas.entrance import moving_in
from chamas.meeting import agenda, minutes
from gateway import cli
from gateway.commands import environment
from gateway.wiring import Wiring
from ledger import batches
from tests.gateway.conftest import proof_in, sign_in
from tests.gateway.town import Town
from tests.house.source import ROOT

SAMPLE = ROOT / "docs" / "import-sample.csv"
JPEG, MP3 = b"\xff\xd8\xff\xe0 a card", b"ID3 a meeting"


class Desk:
    """An admin's browser: follows links and fills in forms."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        sign_in(client)
        self.proof = proof_in(client.get("/desk/chamas").text)

    def post(self, path: str, expected: int = 303, **form: Any) -> str:
        answer = self.client.post(f"/desk{path}", data={"form_proof": self.proof, **form})
        assert answer.status_code == expected, answer.text
        return answer.text

    def get(self, path: str) -> str:
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text


@pytest.fixture(autouse=True)
def keys(wiring: Wiring) -> None:
    """A key for what lies closed."""
    object.__setattr__(wiring.settings, "credentials_keys", "ab" * 32)


def test_a_meeting_is_held_at_the_desk(client: FlaskClient, conn: Connection[Any], wiring: Wiring, umoja: Town) -> None:
    desk = Desk(client)
    page = f"/chamas/{umoja.chama_id}/meetings"
    desk.post(page, day="2026-11-28", hour="14")
    assert "Another meeting is set already" in desk.post(page, 409, day="2026-11-28", hour="15")
    assert "28 Nov 2026, 2:00 PM" in desk.get(f"/desk{page}")
    desk.post(f"{page}/now")
    held = agenda.ahead(conn, umoja.chama_id)
    assert held is not None
    one = f"/meetings/{held.id}"
    roll = {"here-1": "yes", "cash-1": "500", "here-2": "no", "here-3": "yes", "cash-3": "300", "fine-3": "50"}
    desk.post(f"{one}/roll", **roll)
    assert "whole shillings" in desk.post(f"{one}/roll", 409, **{**roll, "cash-1": "0.50"})
    assert "in shillings" in desk.post(f"{one}/count", 409, counted="a lot")
    desk.post(f"{one}/count", counted="800")
    shown = desk.get(f"/desk{one}")
    assert "THE COUNT DOES NOT FIT: KES 800 were in the box, the books held KES 850" in shown
    claims = cash_claims.listed(conn, umoja.chama_id)
    assert [(claim.amount_cents, claim.fine_cents, claim.in_the_box) for claim in claims] == [
        (350_00, 50_00, True),
        (500_00, 0, True),
    ]
    desk.post(f"{one}/minutes", text="<b>All</b> agreed.")
    assert "Minutes have between" in desk.post(f"{one}/minutes", 409, text=" ")
    assert "Waits for its seal" in desk.get(f"/desk{one}")
    batches.seal_due(wiring, witness="checkpoint")
    [text] = minutes.versions(conn, held.id)
    shown = desk.get(f"/desk{one}")
    assert "Sealed in batch 1, the proof is good" in shown
    assert "&lt;b&gt;All&lt;/b&gt; agreed." in shown
    assert hashlib.sha256(text.salt + b"<b>All</b> agreed.").hexdigest() in shown
    assert "Send a photo" in desk.post(f"{one}/recordings", 409, file=(BytesIO(b"MZ"), "meeting.mp3"))
    desk.post(f"{one}/recordings", file=(BytesIO(MP3), "meeting.exe"))
    [link] = re.findall(r'href="(/desk/files/\d+)"', desk.get(f"/desk{one}"))
    answer = client.get(link)
    assert (answer.data, answer.mimetype, answer.headers["Content-Disposition"][:10]) == (
        MP3,
        "audio/mpeg",
        "attachment",
    )
    assert "cannot be done" in desk.post(f"{one}/cancel", 409)


def test_papers_are_handed_in_and_looked_at(client: FlaskClient, conn: Connection[Any], umoja: Town) -> None:
    desk = Desk(client)
    page = f"/members/{umoja.member_ids[0]}"
    papers = {"first_name": "Wanjiku", "last_name": "Kamau", "national_id": "23456789"}
    assert "6 to 12 digits" in desk.post(f"{page}/papers", 409, **{**papers, "national_id": "1"})
    desk.post(f"{page}/papers", **papers)
    assert "no document" in desk.post(f"{page}/papers/answer", 409)
    desk.post(f"{page}/files", kind="document", file=(BytesIO(JPEG), "card"))
    desk.post(f"{page}/files", kind="avatar", file=(BytesIO(JPEG), "face"))
    shown = desk.get(f"/desk{page}")
    assert "23456789" in shown
    desk.post(f"{page}/papers/answer", reason="3")
    assert "The name on the papers is another one." in desk.get(f"/desk{page}")
    desk.post(f"{page}/papers", **papers)
    desk.post(f"{page}/papers/answer")
    assert conn.execute("SELECT kyc, kyc_reason FROM users WHERE last_name = 'Kamau'").fetchall() == [
        ("verified", None)
    ]
    [avatar] = re.findall(r'src="(/avatars/[0-9a-f]+)"', shown)
    [document] = re.findall(r'href="(/desk/files/\d+)"', shown)
    client.post("/desk/sign-out", data={"form_proof": desk.proof})
    assert (client.get(avatar).data, client.get(document).status_code) == (JPEG, 303)
    assert client.get("/avatars/" + "0" * 32).status_code == 404


@pytest.mark.usefixtures("umoja")
def test_a_group_moves_in_by_the_desk_and_by_the_command(
    client: FlaskClient, conn: Connection[Any], wiring: Wiring, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    desk = Desk(client)
    wrong = SAMPLE.read_bytes().replace(b"cash,1000", b"cash,1")
    assert "cash and mpesa are KES 501 together" in desk.post("/import/look", 422, file=(BytesIO(wrong), "a.csv"))
    shown = desk.post("/import/look", 200, file=(BytesIO(SAMPLE.read_bytes()), "a.csv"))
    assert "Nothing is left over" in shown
    [body] = re.findall(r'name="body" value="([^"]+)"', shown)
    assert conn.execute("SELECT count(*) FROM imports").fetchone() == (0,)
    desk.post("/import", 422, body="?")
    desk.post("/import", body=body)
    assert "handed over before" in desk.post("/import", 409, body=body)
    assert moving_in.move_in_due(wiring) == 1
    assert "moved in" in desk.get("/desk/import")
    monkeypatch.setattr(environment, "wiring", lambda _process: wiring)
    assert cli.main(["import", str(SAMPLE)]) == 0
    assert "say --yes" in capsys.readouterr().out
    assert cli.main(["import", str(SAMPLE), "--yes"]) == 1
    assert "handed over before" in capsys.readouterr().err
    assert conn.execute("SELECT count(*) FROM chamas WHERE name = 'Tumaini'").fetchone() == (1,)
