"""Evidence after its period: its people become pseudonyms, and everything that it proved can be derived again."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from payments import evidence, verify
from payments.evidence import aging
from payments.evidence.pseudonyms import ERASED, PSEUDONYM, under_key
from payments.evidence.settle import PUSH_READERS
from payments.payers import Payers
from payments.reading import read_status_result
from tests.payments.scene import RECEIPT, WANJIKU, Scene, failed, notice, paid
from tests.payments.test_reading import status_result

KEEP = timedelta(days=180)
SAMPLES = Path(__file__).parents[1] / "samples" / "daraja"
PAYERS = Payers(b"k" * 32)


def kept(scene: Scene) -> list[bytes]:
    return [row["body"] for row in scene.rows("SELECT body FROM evidence ORDER BY id")]


def unsound(scene: Scene) -> list[str]:
    """Rows that have another hash than what was kept of them."""
    [finding] = [one for one in verify.verify(scene.conn) if one.name == "what evidence was kept has its hash"]
    return finding.detail.split(", ") if finding.detail else []


def pass_by(scene: Scene, days: float) -> None:
    scene.wiring.clock.advance(days * 86_400)  # type: ignore[attr-defined]


def age(scene: Scene) -> int:
    return evidence.age_due(scene.wiring, KEEP)


def test_people_become_pseudonyms_and_what_was_proved_stays(scene: Scene) -> None:
    attempt = scene.sent()
    told: list[tuple[dict[str, Any], str]] = [(paid(), "stk_callback"), (failed(1037), "stk_callback")]
    for body, source in told:
        scene.hears(body, source=source)
    scene.hears(notice(account=attempt.account_reference), token=scene.wiring.paybill_secret, source="c2b_confirmation")
    scene.reads()
    proposed = [PUSH_READERS["stk_callback"](body).proposes for body in kept(scene)[:2]]
    pass_by(scene, 179)
    assert age(scene) == 0
    pass_by(scene, 2)
    assert (age(scene), age(scene)) == (3, 0)
    whole = b"".join(kept(scene))
    for spelling in (b"700000005", b"WANJIKU", notice()["MSISDN"].encode()):
        assert spelling not in whole
    # The same payer under one name, whether she was told by her number or by its hash.
    callback, notified = json.loads(kept(scene)[0]), json.loads(kept(scene)[2])
    items = {item["Name"]: item.get("Value") for item in callback["Body"]["stkCallback"]["CallbackMetadata"]["Item"]}
    assert items["PhoneNumber"] == notified["MSISDN"] != notified["FirstName"]
    assert (items["MpesaReceiptNumber"], notified["TransAmount"]) == (RECEIPT, "500.00")
    assert [PUSH_READERS["stk_callback"](body).proposes for body in kept(scene)[:2]] == proposed
    assert unsound(scene) == []
    scene.conn.execute("UPDATE evidence SET body = body || ' ' WHERE id = (SELECT min(id) FROM evidence)")
    assert len(unsound(scene)) == 1, "what is kept is held against its own hash"


def test_batch_by_batch_and_nothing_that_is_still_needed(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aging, "AT_ONCE", 2)
    for number in range(3):
        scene.hears(failed(1032, checkout=f"ws_CO_{number}"), token=f"{number}" * 64)
    scene.hears(notice(account="UMOJA"), token=scene.wiring.paybill_secret, source="c2b_confirmation")
    scene.reads()
    pass_by(scene, 181)
    scene.hears(failed(1032), token="9" * 64)
    # One that is back in its reader's hands, for whatever reason, and all after it wait.
    scene.conn.execute("UPDATE evidence SET due_at = received_at WHERE id = (SELECT min(id) + 1 FROM evidence)")
    assert (age(scene), age(scene)) == (1, 0)
    scene.conn.execute("UPDATE evidence SET due_at = NULL WHERE id = (SELECT min(id) + 1 FROM evidence)")
    assert (age(scene), age(scene), age(scene)) == (2, 1, 0)
    assert b"WANJIKU" in kept(scene)[3], "by this its owner is looked for"
    scene.conn.execute("UPDATE suspense SET state = 'resolved', resolved_at = opened_at, due_at = NULL")
    assert (age(scene), age(scene)) == (1, 0)
    assert b"WANJIKU" not in kept(scene)[3]
    done = scene.rows("SELECT pseudonym_sha256 IS NOT NULL AS done FROM evidence ORDER BY id")
    assert [row["done"] for row in done] == [True, True, True, True, False]
    assert unsound(scene) == []


def test_every_sample_keeps_what_is_read_of_it_and_loses_its_numbers() -> None:
    for sample in sorted(SAMPLES.glob("*.json")):
        body = sample.read_bytes()
        told = under_key(body, PAYERS)
        assert under_key(told, PAYERS) == told, sample.name
        json.loads(told)
        for number in ("254708374149", "0708374149", "254705912645"):
            assert number.encode() not in told, sample.name
    result = json.dumps(status_result()).encode()
    before, after = (read_status_result(body, "600123") for body in (result, under_key(result, PAYERS)))
    assert before.money and after.money
    assert (after.money.receipt, after.money.amount_cents) == (before.money.receipt, before.money.amount_cents)
    assert (before.money.phone, after.money.phone) == (WANJIKU, None)


def test_a_body_that_puzzles_is_erased_and_holds_nothing_up(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def puzzled(body: bytes, payers: Payers) -> bytes:
        if b"puzzle" in body:
            raise ValueError("puzzle")
        return under_key(body, payers)

    monkeypatch.setattr(aging, "under_key", puzzled)
    for body in (b"\xff{", b"puzzle", json.dumps(paid()).encode()):
        scene.hears(body, token="9" * 64)
    scene.reads()
    pass_by(scene, 181)
    assert age(scene) == 3
    assert kept(scene)[:2] == [b"\xff{", ERASED] and b"700000005" not in kept(scene)[2]


def test_a_number_is_found_wherever_somebody_wrote_it() -> None:
    hers = under_key(f'"{WANJIKU[1:]}"'.encode(), PAYERS)[1:-1]
    assert hers.startswith(PSEUDONYM.encode())
    written = (
        b'{"a": 254700000005}',
        b'{"BillRefNumber":"0700000005"}',
        b"cut off: +254700000005",
        b'["254700000005"]',
    )
    for body in written:
        assert hers in under_key(body, PAYERS)
    assert json.loads(under_key(b'{"a": 254700000005, "b": [254700000005]}', PAYERS))["b"] == [hers.decode()]
    untouched = b'{"TransactionDate": 20261120140300, "ShortCode": "600123", "Amount": 254700.00, "x": "ws_CO_1"}'
    assert under_key(untouched, PAYERS) == untouched
