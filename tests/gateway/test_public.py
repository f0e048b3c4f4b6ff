"""The pages for everybody: how the house is, and what a code shows."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, render_template
from flask.testing import FlaskClient
from psycopg import Connection

from gateway.public import misses, pages
from gateway.wiring import Wiring
from ledger import batches, merkle, proofs
from tests.gateway.town import Town
from tests.instruments import HandClock

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "checking-a-receipt.md"
AS_JSON = {"Accept": "application/json"}


def test_a_code_shows_a_booked_entry_before_its_seal(client: FlaskClient, umoja: Town) -> None:
    answer = client.get(f"/v/{umoja.code}", headers=AS_JSON).get_json()
    assert (answer["code"], answer["amount_cents"], answer["entry"]) == (umoja.code, 50000, 1)
    assert (answer["batch"], answer["proof"]["leaf"], answer["valid"]) == (None, None, False)
    assert "not sealed yet" in client.get(f"/v/{umoja.code}").text


def test_a_sealed_entry_can_be_checked_by_anybody(
    client: FlaskClient, umoja: Town, wiring: Wiring, clock: HandClock
) -> None:
    clock.advance(3600)
    assert batches.seal_due(wiring, witness="checkpoint") == 1
    answer = client.get(f"/v/{umoja.code}", headers=AS_JSON).get_json()
    proof = answer["proof"]
    leaf = merkle.entry_leaf(
        book_id=answer["book"],
        season=answer["season"],
        seq=answer["entry"],
        entry_hash=bytes.fromhex(answer["entry_hash"]),
        salt=bytes.fromhex(proof["salt"]),
    )
    assert leaf.hex() == proof["leaf"]
    assert merkle.climb(leaf, [bytes.fromhex(each) for each in proof["siblings"]]).hex() == proof["root"]
    assert (answer["batch"], answer["valid"]) == (1, True)


def test_the_script_in_the_documents_checks_a_receipt(
    client: FlaskClient, umoja: Town, wiring: Wiring, clock: HandClock
) -> None:
    clock.advance(3600)
    batches.seal_due(wiring, witness="checkpoint")
    script = DOCUMENT.read_text().partition("```python\n")[2].partition("```")[0]
    told = client.get(f"/v/{umoja.code}", headers=AS_JSON)
    assert told.get_json()["how"]["page"] == DOCUMENT.relative_to(ROOT).as_posix()
    for amended, holds in (({}, "True"), ({"entry": 2}, "False")):
        given = json.dumps(told.get_json() | amended)
        ran = subprocess.run([sys.executable, "-c", script], input=given, capture_output=True, text=True, check=True)
        assert ran.stdout.startswith(f"leaf {holds}\nroot {holds}\n")


@pytest.fixture
def sealed(conn: Connection[Any], umoja: Town, wiring: Wiring, clock: HandClock) -> proofs.Proof:
    """Umoja's first entry in a batch that its witness shows."""
    clock.advance(3600)
    batches.seal_due(wiring, witness="checkpoint")
    found = proofs.proof_of(conn, umoja.code)
    assert found
    return replace(found, state="completed")


def page_of(app: Flask, proof: proofs.Proof) -> str:
    with app.test_request_context():
        return render_template("seal.html", **pages.as_page(proof))


def test_a_checkpoint_proves_something_to_whoever_keeps_a_copy(app: Flask, sealed: proofs.Proof) -> None:
    assert "whoever keeps a copy of the file" in page_of(app, sealed)
    assert pages.as_document(sealed)["outside"] is False


@pytest.mark.parametrize(
    ("chain_id", "words"), [(31337, "proves nothing to outsiders"), (137, "nobody can change it, not even we")]
)
def test_a_chain_is_named_and_one_of_this_machine_promises_nothing(
    app: Flask, sealed: proofs.Proof, chain_id: int, words: str
) -> None:
    contract, sent = "0x" + "c0" * 20, b"\x7a" * 32
    anchored = replace(sealed, witness="chain", chain_id=chain_id, contract=contract, tx_hash=sent, block=42)
    page, document = page_of(app, anchored), pages.as_document(anchored)
    for shown in (words, str(chain_id), contract, f"0x{sent.hex()}", ">42<"):
        assert shown in page
    assert (document["chain_id"], document["contract"], document["block"]) == (chain_id, contract, 42)
    assert document["tx_hash"] == sent.hex()
    assert document["outside"] is (chain_id == 137)


@pytest.mark.parametrize("spelling", ["{0}", " {0} ", "{1}-{2}", "{1} {2}", "{1}\u2011{2}"])
def test_a_code_is_found_however_it_is_written(client: FlaskClient, umoja: Town, spelling: str) -> None:
    typed = spelling.format(umoja.code.lower(), umoja.code[:4].lower(), umoja.code[4:])
    onward = client.get("/verify", query_string={"code": typed})
    assert onward.location == f"/v/{umoja.code}"
    assert client.get(onward.location).status_code == 200
    assert client.get(f"/v/{typed}").status_code == 200


def test_a_code_page_is_kept_by_nobody(client: FlaskClient, umoja: Town) -> None:
    for path in (f"/v/{umoja.code}", "/v/22222222", "/verify"):
        headers = client.get(path).headers
        assert "noindex" in headers["X-Robots-Tag"]
        assert headers["Cache-Control"] == "no-store"


def test_an_unknown_code_is_a_problem_in_the_clothes_asked_for(client: FlaskClient, umoja: Town) -> None:
    page = client.get("/v/22222222")
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "No entry has this code" in page.text
    problem = client.get("/v/22222222", headers=AS_JSON)
    assert (problem.status_code, problem.mimetype) == (404, "application/problem+json")
    assert client.get("/v/%00%00").status_code == 404
    assert client.get("/v/" + "A" * 5000).status_code == 404


def test_a_page_that_is_not_there_says_so_in_our_words(client: FlaskClient, umoja: Town) -> None:
    page = client.get("/nowhere")
    assert (page.status_code, page.mimetype) == (404, "text/html")
    assert "Nothing is here" in page.text
    assert "We have no page at this address." in page.text


def test_guessing_codes_ends(client: FlaskClient, umoja: Town) -> None:
    for _ in range(misses.ALLOWED):
        assert client.get("/v/22222222").status_code == 404
    refused = client.get(f"/v/{umoja.code}")
    assert refused.status_code == 429
    assert 3500 < int(refused.headers["Retry-After"]) <= 3600
    assert umoja.code not in refused.text
    elsewhere = {"REMOTE_ADDR": "192.0.2.9"}
    assert client.get(f"/v/{umoja.code}", environ_base=elsewhere).status_code == 200


def test_right_codes_cost_nothing(client: FlaskClient, umoja: Town) -> None:
    for _ in range(misses.ALLOWED + 5):
        assert client.get(f"/v/{umoja.code}").status_code == 200


def test_a_household_with_ipv6_counts_as_one_caller(client: FlaskClient, umoja: Town) -> None:
    for n in range(misses.ALLOWED):
        client.get("/v/22222222", environ_base={"REMOTE_ADDR": f"2001:db8::{n:x}"})
    assert client.get(f"/v/{umoja.code}", environ_base={"REMOTE_ADDR": "2001:db8::ffff"}).status_code == 429
    assert client.get(f"/v/{umoja.code}", environ_base={"REMOTE_ADDR": "2001:db8:0:1::1"}).status_code == 200


def test_redis_keeps_no_address(client: FlaskClient, umoja: Town, web_wiring: Wiring) -> None:
    client.get("/v/22222222", environ_base={"REMOTE_ADDR": "192.0.2.77"})
    keys = list(web_wiring.redis.scan_iter())
    assert len(keys) == 1
    assert b"192.0.2.77" not in keys[0]


def test_the_front_page_says_that_everything_works(client: FlaskClient, umoja: Town) -> None:
    page = client.get("/").text
    assert "Everything works." in page
    assert "Umoja" not in page
    assert "500" not in page


def test_the_front_page_sees_a_worker_that_is_gone(
    client: FlaskClient, conn: Connection[Any], umoja: Town, clock: HandClock
) -> None:
    conn.execute("UPDATE payment_attempts SET due_at = created_at WHERE id = %s", [umoja.waiting_id])
    clock.advance(59)
    assert "Everything works." in client.get("/").text
    clock.advance(2)
    assert "Some things are late." in client.get("/").text


def test_the_front_page_renders_without_postgresql_and_redis(app: Flask, web_wiring: Wiring) -> None:
    settings = replace(
        web_wiring.settings,
        database_url="postgresql://nobody:secret@127.0.0.1:1/nothing",
        redis_url="redis://127.0.0.1:1/0",
    )
    cut_off = replace(web_wiring, settings=settings)
    app.extensions["wiring"] = cut_off
    try:
        page = app.test_client().get("/")
    finally:
        cut_off.close()
    assert page.status_code == 200
    assert "Something is down." in page.text
    assert page.text.count("Down</span>") == 2
    assert "secret" not in page.text
