"""Several shortcodes, each with credentials of its own, against the simulator: mixing any of them up is refused."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import Connection

from gateway.wiring import Wiring
from ledger.books import open_book
from payments import pushes, reconcile, shortcodes
from payments.attempts import Attempt
from payments.daraja import certificate
from payments.shortcodes import Credentials, NoKeys, Shortcode
from payments.strongbox import Closed, Strongbox
from tests.instruments import SeededChance
from tests.payments.door import soon
from tests.payments.scene import ATIENO, WANJIKU, Scene
from tests.simulator.client import Simulator

OLD, NEW = bytes(range(32)), bytes(range(1, 33))
OURS = Credentials("own-key", "own-secret", "own-passkey", "ownapi", security_credential="sealed")
TILL = Credentials("till-key", "till-secret", "till-passkey", "tillapi", "Till#1", "")


def merchant(safaricom: Simulator, number: str, given: Credentials, **more: str) -> None:
    safaricom.post(
        "/control/merchants", shortcode=number, name=f"SHOP {number}", consumer_key=given.consumer_key,
        consumer_secret=given.consumer_secret, passkey=given.passkey, initiator=given.initiator,
        password=given.password, **more,
    )  # fmt: skip


def added(scene: Scene, number: str, given: Credentials, till: str | None = None) -> Shortcode:
    """A further shortcode of ours with these credentials in its box."""
    with scene.wiring.transaction() as conn:
        book_id = open_book(conn, kind="shortcode", name=number, at=scene.wiring.now())
        kind: shortcodes.Kind = "till" if till else "paybill"
        shortcodes.register(conn, number=number, kind=kind, name="Own", book_id=book_id, till_number=till)
        found = shortcodes.by_number(conn, number)
        assert found
        lay(scene, conn, found, given)
    return found


def lay(scene: Scene, conn: Connection[Any], into: Shortcode, given: Credentials) -> None:
    box, at = scene.wiring.strongbox, scene.wiring.now()
    shortcodes.seal(conn, into, given, box, at=at, chance=scene.wiring.chance)


def pushed(scene: Scene, at: Shortcode, key: bytes = b"wish-1", phone: str = WANJIKU) -> Attempt:
    whose = scene.wish if phone == WANJIKU else scene.other
    wished = scene.wished(key, shortcode_id=at.id, phone=phone, payer_id=whose.payer_id, member_id=whose.member_id)
    pushes.send_due(scene.wiring)
    return scene.attempt(wished.id)


@pytest.fixture
def shops(live: Scene, safaricom: Simulator) -> Scene:
    """The scene with a key for boxes, and Safaricom with two more merchants: a paybill and a till."""
    merchant(safaricom, "700111", OURS)
    merchant(safaricom, "700222", replace(TILL, password=""), till="555333")
    settings = replace(live.wiring.settings, credentials_keys=OLD.hex())
    live.wiring = Wiring(settings, "worker", live.wiring.clock, SeededChance())
    return live


def test_each_shortcode_is_paid_with_its_own_credentials(shops: Scene, safaricom: Simulator) -> None:
    own, till = added(shops, "700111", OURS), added(shops, "700222", TILL, "555333")
    safaricom.wish("pays", times=1)
    assert pushed(shops, own).state == "pending"
    safaricom.wish("pays", phone=ATIENO)
    assert pushed(shops, till, b"wish-2", ATIENO).state == "pending"
    soon(lambda: len(safaricom.receipts()) == 2)
    paid = {(row["shortcode"], row["phone"]) for row in safaricom.receipts()}
    assert paid == {("700111", WANJIKU), ("700222", ATIENO)}
    soon(lambda: len(shops.rows("SELECT id FROM evidence")) == 2)
    shops.reads()
    assert sorted(amount for _, amount, _ in shops.receipts()) == [50_000, 50_000]
    assert len(shops.rows("SELECT app FROM daraja_tokens WHERE token IS NOT NULL")) == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (replace(OURS, passkey=TILL.passkey), "500.001.1001 Wrong credentials"),
        (
            replace(OURS, consumer_key=TILL.consumer_key, consumer_secret=TILL.consumer_secret),
            "Merchant does not exist",
        ),
        (replace(OURS, consumer_secret="another"), "400.008.01"),
    ],
)
def test_credentials_of_another_shortcode_ring_no_phone(
    shops: Scene, safaricom: Simulator, wrong: Credentials, said: str
) -> None:
    attempt = pushed(shops, added(shops, "700111", wrong))
    answer = shops.row("SELECT response, send_outcome FROM payment_attempts WHERE id = %s", attempt.id)
    assert said in f"{answer['response']['errorCode']} {answer['response']['errorMessage']}"
    assert answer["send_outcome"] == "rejected"
    assert safaricom.receipts() == []


def test_a_push_to_a_till_of_somebody_else_is_refused_by_safaricom(shops: Scene, safaricom: Simulator) -> None:
    pushed(shops, added(shops, "700222", TILL, "555444"))
    soon(lambda: shops.rows("SELECT id FROM evidence"))
    shops.reads()
    assert shops.row("SELECT result_code, state FROM payment_attempts") == {
        "result_code": "2028", "state": "failed_final",
    }  # fmt: skip


def test_a_box_opens_for_its_own_shortcode_only(shops: Scene) -> None:
    own, other = added(shops, "700111", OURS), added(shops, "700222", TILL, "555333")
    shops.conn.execute(
        "UPDATE shortcode_credentials a SET box = b.box FROM shortcode_credentials b "
        "WHERE a.shortcode_id <> b.shortcode_id"
    )
    for each in (own, other):
        with pytest.raises(NoKeys, match="do not open"):
            shortcodes.unlock(shops.wiring, each.id)
    attempt = pushed(shops, own)
    assert attempt.state == "failed_final"
    assert shops.row("SELECT parked_reason FROM payment_attempts")["parked_reason"].startswith("rejected: no_keys")


def test_status_is_asked_by_the_initiator_of_the_shortcode(shops: Scene, safaricom: Simulator) -> None:
    """The money of a silent push is proved by its own shortcode's question; another's initiator would learn nothing."""
    own = added(shops, "700111", OURS)
    safaricom.wish("pays_silently")
    pushed(shops, own)
    soon(safaricom.receipts)
    for _ in range(2):
        shops.wiring.clock.advance(21)  # type: ignore[attr-defined]
        reconcile.ask_due(shops.wiring)
        shops.reads()
        reconcile.ask_due(shops.wiring)
    soon(lambda: shops.rows("SELECT id FROM evidence WHERE source = 'status_result'"))
    shops.reads()
    assert [amount for _, amount, _ in shops.receipts()] == [50_000]


def test_shortcodes_of_one_app_share_its_one_token(shops: Scene, safaricom: Simulator) -> None:
    merchant(safaricom, "700112", OURS)
    own, sister = added(shops, "700111", OURS), added(shops, "700112", OURS)
    assert pushed(shops, own).state == "pending"
    assert pushed(shops, sister, b"wish-2", ATIENO).state == "pending"
    (token,) = shops.rows("SELECT version FROM daraja_tokens")
    assert token["version"] == 0


def test_keys_are_changed_without_losing_a_box(shops: Scene) -> None:
    own = added(shops, "700111", OURS)
    both = Strongbox([NEW, OLD])
    with shops.wiring.transaction() as conn:
        assert shortcodes.seal_anew(conn, both, chance=SeededChance(2)) == 1
        assert shortcodes.seal_anew(conn, both, chance=SeededChance(3)) == 0
        assert shortcodes.credentials_of(conn, own, Strongbox([NEW])) == OURS
        with pytest.raises(NoKeys):
            shortcodes.credentials_of(conn, own, Strongbox([OLD]))
        with pytest.raises(NoKeys):
            shortcodes.credentials_of(conn, own, Strongbox([]))


def test_the_web_process_sees_no_box_and_no_secret_lies_open(shops: Scene) -> None:
    added(shops, "700111", OURS)
    web = replace(shops.wiring, process="web")
    with web.acting_as(shops.wish.payer_id) as conn:
        assert conn.execute("SELECT count(*) FROM shortcode_credentials").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
            conn.execute("UPDATE shortcode_credentials SET box = box")
    web.close()
    (row,) = shops.rows("SELECT box FROM shortcode_credentials")
    assert not any(word in bytes(row["box"]) for word in (b"own-secret", b"own-passkey", b"own-key"))
    logged = shops.rows("SELECT after::text AS said FROM audit_logs WHERE starts_with(table_name, 'shortcode')")
    assert logged
    assert bytes(row["box"]).hex()[:24] not in str(logged)
    assert "secret" not in repr(OURS) + repr(shops.wiring.strongbox)


def test_a_group_is_paid_at_its_own_shortcode_else_at_the_shared_one(shops: Scene) -> None:
    own, chama_id = added(shops, "700111", OURS), shops.wish.chama_id
    with shops.wiring.transaction() as conn:
        shared = shortcodes.of_chama(conn, chama_id)
        assert shared
        assert shared.number == "600123"
        shortcodes.use(conn, own, chama_id, at=shops.wiring.now())
        assert shortcodes.of_chama(conn, chama_id) == shortcodes.by_id(conn, own.id)
        assert shortcodes.of_chama(conn, chama_id + 1) == shared


def test_a_password_is_encrypted_alone_and_only_under_a_certificate(
    safaricom: Simulator, wiring: Wiring, tmp_path: Path
) -> None:
    pem = safaricom.http.get(f"{safaricom.url}/control/certificate", timeout=5).text
    seen = certificate.read(pem)
    assert (seen.subject, seen.ends_at.year) == ("CN=simulated Daraja", 2099)
    assert len(certificate.credential("Safe#1&%$@", pem)) == 344
    # The first shortcode's settings take both as they are, or say nothing and leave payments in to go on.
    paper = tmp_path / "safaricom.pem"
    settings = replace(wiring.settings, mpesa_security_credential="", mpesa_initiator_password="Safe#1",
                       mpesa_certificate_file=str(paper))  # fmt: skip
    assert Wiring(settings, "worker", wiring.clock).daraja.keys.security_credential == ""
    paper.write_text(pem)
    assert len(Wiring(settings, "worker", wiring.clock).daraja.keys.security_credential) == 344
    for password, given in (("brackets()", pem), ("", pem), ("Safe#1", "-----BEGIN NONSENSE-----")):
        with pytest.raises(certificate.Unusable):
            certificate.credential(password, given)


def test_a_strongbox_tells_what_is_wrong_without_what_is_in_it() -> None:
    box = Strongbox([OLD]).close(b"plain", whose="a", nonce=bytes(12))
    damaged = [box[:-1], box[:20], b"", b"\x02" + box[1:], box[:-1] + bytes([box[-1] ^ 1])]
    for broken in damaged:
        with pytest.raises(Closed):
            Strongbox([OLD]).open(broken, whose="a")
    assert Strongbox([NEW, OLD]).open(box, whose="a") == b"plain"
    with pytest.raises(Closed):
        Strongbox([]).close(b"plain", whose="a", nonce=bytes(12))
    with pytest.raises(ValueError, match="32 bytes"):
        Strongbox([b"short"])
