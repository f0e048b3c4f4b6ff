"""Who calls is noted, and refused only where the operator has said so; the left end of a header is never believed."""

from dataclasses import replace
from typing import Any

import pytest
from psycopg import Connection

from gateway import papers, sources
from gateway.app import create_app
from gateway.wiring import Wiring
from tests.instruments import START

OURS, NOBODY = "196.201.214.200", "203.0.113.9"
LISTED = sources.read(",".join(sources.COLLECTED))


@pytest.mark.parametrize(
    ("address", "listed"),
    [
        (OURS, True), (f"::ffff:{OURS}", True), (NOBODY, False), ("2001:db8::1", False), ("127.0.0.1", False),
        ("", False), (None, False), (f"{NOBODY}, {OURS}", False),
    ],
)  # fmt: skip
def test_an_address_is_read_as_what_it_is(address: str | None, listed: bool) -> None:
    assert sources.is_listed(address, LISTED, at_home=False) is listed
    assert sources.is_listed("::1", LISTED, at_home=True)
    assert sources.is_listed("196.201.214.9", sources.read("196.201.214.0/24, 2001:db8::/32"), at_home=False)


def called(wiring: Wiring, path: str, direct: str, forwarded: str = "", **settings: str) -> int:
    app = create_app(replace(wiring, settings=replace(wiring.settings, **settings)))
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    answer = app.test_client().post(path, data=b"{}", headers=headers, environ_overrides={"REMOTE_ADDR": direct})
    return answer.status_code


def test_others_are_taken_until_the_operator_says_refuse(web_wiring: Wiring, conn: Connection[Any]) -> None:
    path = f"/pay/stk/{'ab' * 32}"
    assert called(web_wiring, path, NOBODY) == 200
    assert called(web_wiring, path, NOBODY, other_addresses="refuse") == 403
    assert called(web_wiring, path, OURS, other_addresses="refuse") == 200
    secret = web_wiring.settings.callback_secret
    for event in ("validation", "confirmation"):
        assert called(web_wiring, f"/pay/c2b/{secret}/{event}", NOBODY, other_addresses="refuse") == 403
    # The same body under the same token is one row, told twice; what was refused was not kept.
    assert conn.execute("SELECT host(remote_ip), seen_count FROM evidence").fetchall() == [(NOBODY, 2)]


def test_the_hop_that_is_ours_decides_and_not_what_the_caller_wrote(web_wiring: Wiring) -> None:
    """Behind one proxy the last address counts, behind none the header does not."""
    path, refuse = f"/pay/stk/{'ab' * 32}", {"other_addresses": "refuse"}
    assert called(web_wiring, path, "10.0.0.1", f"{OURS}, {NOBODY}", trusted_proxies="1", **refuse) == 403
    assert called(web_wiring, path, "10.0.0.1", f"{NOBODY}, {OURS}", trusted_proxies="1", **refuse) == 200
    assert called(web_wiring, path, NOBODY, OURS, trusted_proxies="0", **refuse) == 403


def test_believed_callbacks_from_elsewhere_are_told_by_the_doctor(wiring: Wiring, conn: Connection[Any]) -> None:
    def seen(address: str, verdict: str) -> None:
        conn.execute(
            "INSERT INTO evidence (source, token_hash, body_sha256, body, headers, received_at, remote_ip, verdict) "
            "VALUES ('stk_callback', '', sha256(%s::text::bytea), '', '{}', %s, %s, %s)",
            [address + verdict, START, address, verdict],
        )

    def fix() -> tuple[bool, str]:
        with wiring.transaction() as at:
            advice = papers.callers(wiring, at)
        return bool(advice.fix), advice.seen

    seen(OURS, "applied")
    seen(NOBODY, "unmatched")
    assert fix()[0] is False
    seen(NOBODY, "applied")
    assert fix() == (True, f"1 from {NOBODY}")
