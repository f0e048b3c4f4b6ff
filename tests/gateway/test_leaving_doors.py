"""Who leaves a group, by programs and at the desk; and fines, by programs."""

from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient
from psycopg import Connection

from chamas.course import departing, lifecycle, motions
from chamas.dues import penalties
from gateway.app import create_app
from gateway.desk.step_up import NotYou
from gateway.wiring import Wiring
from tests.gateway.conftest import proof_in, sign_in
from tests.gateway.test_payouts_api import RIGHT, Program, faraja
from tests.gateway.town import PASSWORD
from tests.instruments import START
from tests.menus import asked as asking
from tests.menus import lent, village
from tests.menus.village import Village
from tests.phones import phone_on

__all__ = ["faraja"]


def test_a_member_asks_by_a_program_and_others_agree_at_the_desk(
    client: FlaskClient, conn: Connection[Any], faraja: Village, wiring: Wiring
) -> None:
    zuhura, musa = (Program(client, conn, faraja.users[place]) for place in (0, 1))
    path = f"/chamas/{faraja.chama_id}"
    assert musa.get(f"/members/{faraja.members[1]}/leaving")["how"] == "after_turn"
    assert musa.post(f"{path}/leave", None, pin="10101")[1]["code"] == "wrong_pin"
    status, asked = musa.post(f"{path}/leave", None, pin=RIGHT)
    assert (status, asked["kind"], asked["state"], asked["needed"]) == (200, "exit", "asked", 2)
    mine = f"/motions/{asked['id']}"
    assert zuhura.post(f"{mine}/take-back", None)[1]["code"] == "not_your_voice"
    assert musa.post(f"{mine}/approve", None, digest=asked["digest"], pin=RIGHT)[1]["code"] == "not_your_voice"
    assert musa.post(f"{mine}/take-back", None)[1]["state"] == "withdrawn"
    assert zuhura.post(f"{mine}/reject", None, digest=asked["digest"], reason=3)[1]["code"] == "not_as_shown"
    again = musa.post(f"{path}/leave", None, pin=RIGHT)[1]
    assert [one["state"] for one in zuhura.get(f"{path}/motions")["items"]] == ["asked", "withdrawn"]

    def answer(who: str, form: dict[str, str], expected: int) -> str:
        browser = client.application.test_client()
        sign_in(browser, email=f"{who}@faraja.example")
        page = browser.get(f"/desk{path}/motions").text
        assert "asks to leave" in page
        sent = browser.post(f"/desk/motions/{again['id']}/approve", data={"form_proof": proof_in(page), **form})
        assert sent.status_code == expected, sent.text
        return sent.text

    yes = {"seen": again["digest"], "password": PASSWORD}
    assert NotYou.words in answer("zuhura", yes | {"password": "guessed"}, 403)
    for who in ("zuhura", "rehema"):
        answer(who, yes, 303)
    while departing.follow_due(wiring):
        pass
    assert motions.by_id(conn, again["id"]).state == "going"
    assert musa.get(f"/motions/{again['id']}")["yes"] == 2
    assert musa.get("/motions/999")["status"] == musa.get("/chamas/999/motions")["status"] == 404


def test_an_official_is_named_at_the_desk_and_recalled_by_a_program(
    client: FlaskClient, conn: Connection[Any], faraja: Village
) -> None:
    musa = Program(client, conn, faraja.users[1])
    path, browser = f"/chamas/{faraja.chama_id}", client.application.test_client()
    sign_in(browser, email="zuhura@faraja.example")
    form = {"form_proof": proof_in(browser.get(f"/desk{path}/motions").text), "role": "secretary", "number": "5"}
    assert NotYou.words in browser.post(f"/desk{path}/offices", data=form | {"password": "guessed"}).text
    assert browser.post(f"/desk{path}/offices", data=form | {"password": PASSWORD, "number": "99"}).status_code == 404
    assert browser.post(f"/desk{path}/offices", data=form | {"password": PASSWORD}).status_code == 303
    assert "Zuhura proposes Salim as secretary instead of Rehema" in browser.get(f"/desk{path}/motions").text
    [named] = musa.get(f"{path}/motions")["items"]
    assert (named["kind"], named["role"], named["other_id"]) == ("naming", "secretary", faraja.members[2])
    yes = {"digest": named["digest"], "pin": RIGHT}
    assert musa.post(f"/motions/{named['id']}/approve", None, **yes)[1]["yes"] == 1
    wanted = {"role": "chairperson", "pin": RIGHT}
    assert musa.post(f"{path}/name-official", None, number=2, **wanted)[1]["code"] == "cannot_hold_office"
    assert musa.post(f"{path}/name-official", None, number=4, **wanted)[1]["needed"] == 2
    assert musa.post(f"{path}/recall-official", None, **wanted | {"pin": "10101"})[1]["code"] == "wrong_pin"
    status, asked = musa.post(f"{path}/recall-official", None, **wanted)
    assert (status, asked["kind"], asked["member_id"], asked["needed"]) == (200, "recall", faraja.members[0], 3)


def test_a_fine_is_disputed_and_waived_by_programs(client: FlaskClient, conn: Connection[Any], faraja: Village) -> None:
    zuhura, musa, salim = (Program(client, conn, faraja.users[place]) for place in (0, 1, 4))
    asking.fined(conn, faraja, (5,), cents=100_00, at=START)
    [fine] = salim.get(f"/members/{faraja.members[4]}/fines")["items"]
    assert (fine["due_cents"], fine["state"], fine["asked_by"]) == (100_00, "due", faraja.members[0])
    path = f"/fines/{fine['id']}"
    assert musa.post(f"{path}/dispute", None)[1]["code"] == "not_your_fine"
    assert salim.post(f"{path}/dispute", None)[1]["state"] == "disputed"
    assert zuhura.post(f"{path}/ask-waiver", None, reason=1)[1]["code"] == "fine_settled"
    yes = {"digest": fine["digest"], "pin": RIGHT}
    assert musa.post(f"{path}/waive", None, **yes | {"pin": "10101"})[1]["code"] == "wrong_pin"
    assert zuhura.post(f"{path}/uphold", None, digest=fine["digest"])[1]["code"] == "not_your_fine"
    assert musa.post(f"{path}/waive", None, **yes)[1]["state"] == "waived"
    assert conn.execute("SELECT proof FROM approvals WHERE subject = 'waiver'").fetchall() == [("pin",)]
    assert salim.post("/fines/999/dispute", None)[1]["code"] == "fine_settled"


def test_officials_decide_on_fines_at_the_desk(client: FlaskClient, conn: Connection[Any], faraja: Village) -> None:
    asking.fined(conn, faraja, (4, 5), cents=100_00, at=START)
    path = f"/desk/chamas/{faraja.chama_id}/fines"
    waived, wrong = (row[0] for row in conn.execute("SELECT id FROM penalties ORDER BY id").fetchall())
    penalties.dispute(conn, wrong, member_id=faraja.members[4], at=START)

    def press(who: str, fine: int, what: str, **form: str) -> tuple[int, str]:
        browser = client.application.test_client()
        sign_in(browser, email=f"{who}@faraja.example")
        shown = {"form_proof": proof_in(browser.get(path).text), "seen": penalties.by_id(conn, fine).digest.hex()}
        sent = browser.post(f"/desk/fines/{fine}/{what}", data=shown | form)
        return sent.status_code, sent.text

    # Zuhura asked to waive Neema's, and is not the one who agrees; of Salim's she says nothing yet.
    assert press("zuhura", waived, "waive", password=PASSWORD)[0] == 403
    assert NotYou.words in press("musa", waived, "waive", password="guessed")[1]
    assert press("musa", waived, "waive", password=PASSWORD)[0] == 303
    assert press("salim", wrong, "uphold", password=PASSWORD, reason="3")[0] == 403
    assert press("rehema", wrong, "ask-waiver", reason="9")[0] == 409
    assert press("rehema", wrong, "uphold", password=PASSWORD, reason="3")[0] == 303
    assert press("rehema", wrong, "ask-waiver", reason="2")[0] == 303
    rows = conn.execute("SELECT state, waive_reason FROM penalties ORDER BY id").fetchall()
    assert rows == [("waived", None), ("due", 2)]
    assert client.get(path).status_code == 303


def test_an_official_has_sent_again_on_her_phone_what_could_not_go_back_to_a_member(
    web_wiring: Wiring, wiring: Wiring, conn: Connection[Any]
) -> None:
    village.settle(conn, START)
    tumaini = village.settle(conn, START, name="Tumaini", number="48214", people=("Amina", "Baraka", "Chebet"))
    amina = phone_on(create_app(web_wiring), village.phone_of(1))
    assert "Send back again" not in amina.dial("*384*123*10*2*7*3#")
    conn.execute(
        "INSERT INTO refunds (chama_id, member_id, deposit_cents, contributed_cents, amount_cents, charge_cents, "
        "state, reason, created_at) VALUES (%s, %s, 0, 50000, 50000, 0, 'failed', 'no_phone', %s)",
        [tumaini.chama_id, tumaini.members[2], START],
    )
    # What waits in one of her groups is not offered in the other.
    assert "Send back again" not in amina.dial("*384*123*7*3#")
    assert "8 Send back again" in amina.dial("*384*123*10*2*7*3#")
    assert "Send again what M-PESA could not send back to members of Tumaini?" in amina.press("8")
    assert amina.press("1").startswith("END It is being done.")
    # Nothing lies under her name here, so that ordering is tried and refused, and nothing leaves.
    assert lifecycle.go_on(wiring) > 0
    told = conn.execute("SELECT chama_id, kind, state FROM chama_orders").fetchall()
    assert told == [(tumaini.chama_id, "resend", "done")]
    assert conn.execute("SELECT state, tries FROM refunds").fetchall() == [("failed", 0)]


def test_a_loan_stands_at_the_desk_and_in_the_answer_to_a_program(
    client: FlaskClient, conn: Connection[Any], faraja: Village
) -> None:
    lent.lends(conn, faraja, at=START, cents=2_000_00)
    lent.running(conn, faraja, place=5, cents=5_000_00, months=3, lent_at=START - timedelta(days=25))
    path = f"/chamas/{faraja.chama_id}/loans"
    zuhura = Program(client, conn, faraja.users[0])
    [loan] = zuhura.get(path)["items"]
    assert (loan["amount_cents"], loan["state"], [part["missing_cents"] for part in loan["parts"]]) == (
        5_000_00,
        "running",
        [2_166_00, 1_667_00, 1_667_00],
    )
    sign_in(client, email="zuhura@faraja.example")
    page = client.get(f"/desk{path}").text
    assert "Salim: KES 5,000, running" in page and "10.0 percent a month" in page and page.count("to come") == 2
    # If they shared out today: what she saved less what is called in of her loan.
    out = zuhura.get(f"/chamas/{faraja.chama_id}/share-out")
    lines = {one["number"]: one for one in out["lines"]}
    hers = [lines[5][name] for name in ("saved_cents", "loan_cents", "set_off_cents", "own_cents", "shared_cents")]
    assert hers == [2_000_00, 5_500_00, 2_000_00, 0, 0]
    assert out["available_cents"] >= sum(one["own_cents"] + one["shared_cents"] for one in out["lines"]) > 0
    assert "If Faraja shared out today" in client.get(f"/desk/chamas/{faraja.chama_id}/share-out").text
