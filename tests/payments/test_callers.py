"""Who called, and what was forged or told again: counted by address, and credited nowhere."""

from gateway.app import create_app
from gateway.wiring import Wiring
from payments import evidence
from payments.evidence import callers
from payments.tokens import token_hash
from tests.payments.scene import RECEIPT, TOKEN, Scene, paid

OURS, NOBODY = "196.201.214.200", "203.0.113.9"


def forged(scene: Scene, body: bytes, token: str) -> None:
    with scene.wiring.at_the_door("token", token_hash(token).hex()) as conn:
        at = scene.wiring.now()
        evidence.keep(conn, source="stk_callback", token=token, body=body, headers={}, remote_ip=NOBODY, at=at)


def test_forged_and_replayed_callbacks_are_shown_with_who_told_them(scene: Scene) -> None:
    attempt = scene.sent()
    scene.hears(paid())
    scene.hears(paid())
    scene.reads()
    true = bytes(scene.row("SELECT body FROM evidence")["body"])
    forged(scene, true, "b2" * 32)
    forged(scene, true.replace(RECEIPT.encode(), b"NLJ7RT61SX"), "c3" * 32)
    forged(scene, true.replace(b"500", b"5000"), TOKEN)
    forged(scene, b"\xff{", "d4" * 32)
    scene.reads()
    seen = {one.address: (one.deliveries, one.times, one.believed, one.doubted) for one in callers.callers(scene.conn)}
    assert seen == {NOBODY: (4, 4, 0, 4), OURS: (1, 2, 1, 0)}
    unreadable, amount, invented, replayed = callers.doubted(scene.conn)
    assert (unreadable.doubt, amount.reason, amount.payment_id) == ("unreadable", "wrong amount", attempt.id)
    assert (invented.doubt, invented.receipt, invented.same_body) == ("forged", "NLJ7RT61SX", False)
    assert (replayed.doubt, replayed.receipt, replayed.same_body) == ("replayed", RECEIPT, True)
    # The body with another amount names a receipt that was proved before, and is not that body.
    assert (amount.doubt, amount.same_body) == ("replayed", False)
    assert callers.doubted(scene.conn, address=OURS) == []
    assert scene.receipts() == [(RECEIPT, 50_000, attempt.id)]


def test_a_member_of_no_operator_sees_no_callers(scene: Scene, web_wiring: Wiring) -> None:
    scene.hears(paid(), token="b2" * 32)
    scene.reads()
    with web_wiring.acting_as(scene.wish.payer_id) as conn:
        assert (callers.callers(conn), callers.doubted(conn)) == ([], [])
    assert create_app(web_wiring).test_client().get("/desk/callers").status_code in (302, 303, 401)
