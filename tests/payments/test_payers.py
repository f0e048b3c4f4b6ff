"""Who paid is kept under a secret: the two tellings of a payer still meet, and trying every number finds nobody."""

import hashlib
from typing import Any

import pytest
from psycopg import Connection, errors

from payments import receipts, verify
from payments.payers import Payers
from tests.payments.scene import ATIENO, RECEIPT, WANJIKU, Scene, notice, paid

# The hash that Safaricom sent for this number in a published notice.
PUBLISHED = "94c392c311d522da950619227b3361752a42042db7e1e699b26e628305c68a88"
PLAIN = hashlib.sha256(WANJIKU[1:].encode()).digest()


def test_a_payer_told_by_number_and_by_safaricoms_hash_has_one_key() -> None:
    ours = Payers(b"secret")
    assert ours.of_phone("+254705912645") == ours.of_hash(bytes.fromhex(PUBLISHED))
    assert ours.of_phone(WANJIKU) != ours.of_phone(ATIENO)
    assert ours.of_phone(None) is ours.of_hash(None) is None


def test_without_the_secret_the_key_cannot_be_tried() -> None:
    ours = Payers(b"secret").of_phone(WANJIKU)
    assert ours is not None
    assert ours not in (PLAIN, PLAIN[: len(ours)], Payers(b"another").of_phone(WANJIKU))
    assert "secret" not in repr(Payers(b"secret"))


def test_receipts_of_prompt_and_paybill_keep_the_same_key_and_no_hash(scene: Scene) -> None:
    scene.sent()
    scene.hears(paid())
    scene.hears(notice(receipt="NLJ7RT61SW"), token=scene.wiring.paybill_secret, source="c2b_confirmation")
    scene.reads()
    keys = {bytes(row["payer_key"]) for row in scene.rows("SELECT payer_key FROM receipts")}
    assert len(scene.receipts()) == 2
    assert keys == {scene.wiring.payers.of_phone(WANJIKU)}
    assert scene.rows("SELECT TRUE FROM receipts WHERE position(payer_key IN %s) > 0", PLAIN) == []


def test_hashes_of_earlier_versions_become_keys_once(scene: Scene, conn: Connection[Any]) -> None:
    scene.sent()
    scene.hears(paid())
    scene.reads()
    with pytest.raises(errors.CheckViolation):
        conn.execute("UPDATE receipts SET payer_key = %s", [PLAIN])
    conn.execute("ALTER TABLE receipts DROP CONSTRAINT receipts_payer_key_check")
    conn.execute("UPDATE receipts SET payer_key = %s", [PLAIN])
    assert broken(conn) == RECEIPT
    with scene.wiring.transaction() as worker:
        assert receipts.rekey(worker, scene.wiring.payers) == 1
        assert receipts.rekey(worker, scene.wiring.payers) == 0
        assert receipts.of_payer(worker, [], [WANJIKU], scene.wiring.payers).keys() == {RECEIPT}
    assert broken(conn) == ""


def broken(conn: Connection[Any]) -> str:
    (found,) = (one for one in verify.verify(conn) if one.name.startswith("no receipt tells its payer"))
    return found.detail
