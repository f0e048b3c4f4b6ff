"""A change of a group's rules, by programs and at the desk."""

from dataclasses import fields
from typing import Any

from flask.testing import FlaskClient
from psycopg import Connection

from chamas.rulebook.calendar import Frequency
from chamas.rulebook.rules import OrderKind, Penalty, Rules, ShortPot
from chamas.ruling import adopting, proposed
from gateway.desk.rules import CHOICES, NAMES
from gateway.desk.step_up import NotYou
from gateway.wiring import Wiring
from menus import ruling
from tests.gateway.conftest import proof_in, sign_in
from tests.gateway.test_payouts_api import RIGHT, Program, faraja
from tests.gateway.town import PASSWORD
from tests.menus.village import Village

__all__ = ["faraja"]


def test_every_rule_has_a_name_at_the_desk_and_is_heard_on_the_phone() -> None:
    assert NAMES.keys() == {each.name for each in fields(Rules)} > CHOICES.keys()
    kinds = {"frequency": Frequency, "order": OrderKind, "short_pot": ShortPot, "penalty": Penalty}
    assert {name: {*CHOICES[name]} for name in kinds} == {name: {*kind} for name, kind in kinds.items()}
    assert set().union(*ruling.TOLD) == NAMES.keys()


def test_a_program_proposes_and_another_one_agrees(
    client: FlaskClient, conn: Connection[Any], faraja: Village, wiring: Wiring
) -> None:
    zuhura, musa = (Program(client, conn, faraja.users[place]) for place in (0, 1))
    path = f"/chamas/{faraja.chama_id}/proposals"
    [open_one] = musa.get(path)["items"]
    assert (open_one["state"], open_one["yes"], open_one["needed"]) == ("pending", 0, 2)
    assert zuhura.post(path, None, wait_minutes=45)[1]["code"] == "proposal_open"
    assert zuhura.post(path, None, wait_minutes=1)[0] == 422
    anew = f"/proposals/{open_one['id']}"
    assert musa.post(f"{anew}/anew", None, wait_minutes=45)[1]["code"] == "not_your_voice"
    status, made = zuhura.post(f"{anew}/anew", None, wait_minutes=45, holds_from="2026-12-01T00:00:00+03:00")
    assert (status, made["rules"]["wait_minutes"], made["rules"]["contribution_cents"]) == (200, 45, 500_00)
    assert made["holds_from"] == "2026-11-30T21:00:00.000Z" and made["digest"] != open_one["digest"]
    old, new = ({"digest": one["digest"], "pin": RIGHT} for one in (open_one, made))
    assert musa.post(f"{anew}/approve", None, **new | {"pin": "10101"})[1]["code"] == "wrong_pin"
    assert conn.execute("SELECT tries FROM pins").fetchone() == (1,)
    assert musa.post(f"{anew}/approve", None, **old)[1]["code"] == "not_as_shown"
    assert zuhura.post(f"{anew}/reject", None, digest=made["digest"], reason=3)[1]["code"] == "not_your_voice"
    assert musa.post(f"{anew}/approve", None, **new)[1]["yes"] == 1
    assert musa.post(f"{anew}/reject", None, digest=made["digest"], reason=3)[0] == 200
    while adopting.follow_due(wiring):
        pass
    assert (musa.get(anew)["state"], musa.get(anew)["reason"]) == ("rejected", "not agreed")
    assert musa.get("/proposals/999")["status"] == musa.get("/chamas/999/proposals")["status"] == 404


def test_at_the_desk_an_official_sees_what_it_would_have_meant_and_answers(
    client: FlaskClient, conn: Connection[Any], faraja: Village, wiring: Wiring
) -> None:
    path = f"/desk/chamas/{faraja.chama_id}/rules"

    browsers = {who: client.application.test_client() for who in ("zuhura", "musa", "rehema")}
    for who, browser in browsers.items():
        sign_in(browser, email=f"{who}@faraja.example")

    def answer(who: str, form: dict[str, str], expected: int, to: str = "") -> str:
        proof = proof_in(browsers[who].get(path).text)
        sent = browsers[who].post(f"{path}{to}", data={"form_proof": proof, **form})
        assert sent.status_code == expected, sent.text
        return sent.text

    [pending] = proposed.of_chama(conn, faraja.chama_id)
    answer("zuhura", {"contribution_cents": "800", "do": "preview"}, 303)
    # It has an address of its own, to which a browser can go back, and the form is filled in as it was.
    looked = browsers["zuhura"].get(f"{path}?preview=1&contribution_cents=800")
    assert "Had this held in the last cycle" in looked.text and 'name="contribution_cents" value="800"' in looked.text
    assert "not readable" in browsers["zuhura"].get(f"{path}?preview=1&grace_hours=soon").text
    assert "Late only after, hours: not readable" in answer("zuhura", {"grace_hours": "soon", "do": "propose"}, 422)
    wanted = {"contribution_cents": "800", "arrears_first": "false", "holds_from": "2026-12-01", "do": "propose"}
    answer("zuhura", wanted, 303)
    now = proposed.by_id(conn, pending.id)
    assert (now.revision, now.rules.contribution_cents, now.rules.arrears_first) == (1, 800_00, False)
    assert now.holds_from is not None and now.holds_from.isoformat() == "2026-11-30T21:00:00+00:00"
    yes, to = {"seen": now.digest.hex(), "password": PASSWORD}, f"/{now.id}/approve"
    assert NotYou.words in answer("musa", yes | {"password": "guessed"}, 403, to)
    for who in ("musa", "rehema"):
        answer(who, yes, 303, to)
    while adopting.follow_due(wiring):
        pass
    assert proposed.by_id(conn, now.id).state == "adopted"
    assert conn.execute("SELECT proof FROM approvals WHERE subject = 'rules'").fetchall() == [("step_up",)] * 2
