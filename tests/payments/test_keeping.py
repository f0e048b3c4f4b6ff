"""Whatever comes is kept: any bytes, every sample, and no secret."""

import itertools
from pathlib import Path
from typing import Any

from payments import evidence
from tests.payments.scene import TOKEN, Recorder, Scene, paid

SAMPLES = Path(__file__).parents[1] / "samples" / "daraja"


def test_every_sample_is_taken_or_set_aside_with_a_reason(scene: Scene) -> None:
    scene.sent(checkout=None)
    sources = ["stk_callback", "stk_query", "status_result", "status_timeout", "c2b_confirmation", "b2c_result"]
    samples = sorted(SAMPLES.iterdir())
    for path, source in itertools.product(samples, sources):
        scene.hears(path.read_bytes(), source=source)
    assert scene.reads() + scene.reads() == len(sources) * len(samples)
    assert all(verdict == "applied" or reason for verdict, reason in scene.verdicts())
    assert all(row["due_at"] is None for row in scene.rows("SELECT * FROM evidence"))


def test_secrets_never_reach_the_table(scene: Scene) -> None:
    echo = next(SAMPLES.glob("S24-*")).read_bytes()
    scene.hears(echo, source="b2c_timeout")
    scene.hears(b'{"password" : "aGVs\\"bG8="}', source="b2c_timeout")
    scene.hears(b'{"SecurityCredential":"cut off in the mid', source="b2c_timeout")
    scene.hears(b'{"Amount":10,"QueueTimeOutURL": "https://us.example/pay/b2c/0123abcd/timeout"}', source="b2c_timeout")
    stored = b"".join(bytes(row["body"]) for row in scene.rows("SELECT body FROM evidence"))
    assert b"SECURITY-CREDENTIAL-OF-THE-SENDER" not in stored
    assert b"aGVs" not in stored and b"bG8" not in stored and b"cut off" not in stored
    # The echo brings our own token back in its addresses.
    assert b"0123abcd" not in stored
    assert b'"Amount":"10"' in stored


def test_any_bytes_are_kept(scene: Scene) -> None:
    bodies = [b"", b"\x00\x01\xff", b"x" * 200_000, b"x" * 65_536]
    for body in bodies:
        scene.hears(body)
    rows = scene.rows("SELECT * FROM evidence ORDER BY id")
    assert [(len(row["body"]), row["truncated"]) for row in rows] == [
        (0, False),
        (3, False),
        (65_536, True),
        (65_536, False),
    ]
    scene.reads()
    assert {verdict for verdict, _ in scene.verdicts()} == {"unreadable"}


def test_headers_are_chosen_and_an_odd_address_is_no_obstacle(scene: Scene) -> None:
    with scene.wiring.transaction() as conn:
        evidence.keep(
            conn, source="stk_callback", token=TOKEN, body=b"{}", remote_ip="not an address", at=scene.wiring.now(),
            headers={"Authorization": "secret", "User-Agent": "a\x00b" + "c" * 900, "Content-Type": "application/json"},
        )  # fmt: skip
    row = scene.row("SELECT * FROM evidence")
    assert row["remote_ip"] is None
    assert set(row["headers"]) == {"user-agent", "content-type"}
    assert len(row["headers"]["user-agent"]) == 300


def test_the_web_role_may_keep_evidence_and_make_wishes(scene: Scene, web_wiring: Any) -> None:
    web = Scene(web_wiring, scene.conn, Recorder(0), scene.wish, scene.other)
    made = web.wished()
    web.hears(paid())
    web.hears(paid())
    assert made.state == "created"
    assert scene.row("SELECT seen_count FROM evidence")["seen_count"] == 2
