"""The doctor on credentials: each trouble is told with what to do about it, and what is right is OK."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from psycopg import Connection

from gateway import papers
from gateway.commands import doctor, migrate
from gateway.premises import Advice
from gateway.wiring import Wiring
from ledger.books import open_book
from payments import shortcodes
from payments.daraja.certificate import Certificate
from payments.shortcodes import Credentials, Shortcode
from tests.instruments import START, HandClock, SeededChance

KEY = "ab12" * 16
GIVEN = Credentials("key", "secret", "passkey", "api", security_credential="sealed")


@pytest.fixture
def practice(wiring: Wiring) -> Wiring:
    """The worker's wiring with a sealing key, and the first shortcode."""
    with wiring.transaction() as conn:
        migrate.register_first_shortcode(conn, wiring)
    settings = replace(wiring.settings, credentials_keys=KEY, mpesa_password_since="2026-11-01")
    return Wiring(settings, "worker", wiring.clock, SeededChance())


def fixes(wiring: Wiring) -> list[str]:
    with wiring.transaction() as conn:
        return [advice.fix for advice in papers.look(wiring, conn) if advice.fix]


def first(wiring: Wiring) -> Shortcode:
    with wiring.transaction() as conn:
        return shortcodes.everyone(conn)[0]


def test_a_password_is_told_before_it_dies(practice: Wiring, clock: HandClock) -> None:
    assert fixes(practice) == []
    clock.at = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=81)
    (fix,) = fixes(practice)
    assert "set a new password at the portal" in fix and "MPESA_SECURITY_CREDENTIAL" in fix
    with practice.transaction() as conn:
        shortcodes.seal(conn, first(practice), GIVEN, practice.strongbox, at=clock.now(), chance=practice.chance)
    assert fixes(practice) == []
    clock.advance(89 * 86_400)
    # New keys with the password of before make it no younger.
    with practice.transaction() as conn:
        same = replace(GIVEN, passkey="another")
        shortcodes.seal(conn, first(practice), same, practice.strongbox, at=clock.now(), chance=practice.chance)
    assert "pesachama shortcodes add 600123" in fixes(practice)[0]
    practice.close()


def test_a_key_that_is_lost_is_named(practice: Wiring) -> None:
    with practice.transaction() as conn:
        shortcodes.seal(conn, first(practice), GIVEN, practice.strongbox, at=START, chance=practice.chance)
    other = Wiring(replace(practice.settings, credentials_keys="cd34" * 16), "worker", practice.clock, SeededChance())
    assert "pesachama shortcodes reseal" in fixes(other)[0]
    # Who has lost it for good may give the credentials anew.
    with other.transaction() as conn:
        shortcodes.seal(conn, first(other), GIVEN, other.strongbox, at=START, chance=other.chance)
    assert fixes(other) == []
    for one in (practice, other):
        one.close()


def test_of_what_the_first_credential_is_made(practice: Wiring, tmp_path: Path) -> None:
    def seen(wiring: Wiring) -> str:
        with wiring.transaction() as conn:
            told = [one for one in papers.look(wiring, conn) if "credential of 600123" in one.what]
        return f"{told[0].seen} {told[0].fix}"

    assert "ready-made" in seen(practice)
    paper = tmp_path / "safaricom.pem"
    made = replace(practice.settings, mpesa_security_credential="", mpesa_initiator_password="Safe#1",
                   mpesa_certificate_file=str(paper))  # fmt: skip
    other = Wiring(made, "worker", practice.clock, SeededChance())
    assert "put Safaricom's certificate" in seen(other)
    paper.write_text("-----BEGIN NONSENSE-----")
    assert "no certificate in PEM form" in seen(other)
    for one in (practice, other):
        one.close()


def test_an_address_that_moved_is_told(practice: Wiring) -> None:
    with practice.transaction() as conn:
        shortcodes.record_registered(conn, first(practice), "v1", practice.confirmation_url, at=START)
    assert fixes(practice) == []
    moved = Wiring(replace(practice.settings, public_url="https://new.example"), "worker", practice.clock)
    (fix,) = fixes(moved)
    assert "URL Management" in fix and "pesachama register-urls --shortcode 600123" in fix
    for one in (practice, moved):
        one.close()


def test_a_missing_role_is_named_until_the_next_answer(practice: Wiring, conn: Connection[Any]) -> None:
    def said(reason: str | None, number: int) -> None:
        conn.execute(
            "INSERT INTO evidence (source, token_hash, body_sha256, body, headers, received_at, verdict, reason) "
            "VALUES ('reversal_result', '', sha256(%s::text::bytea), '', '{}', %s, 'applied', %s)",
            [str(number), START, reason],
        )

    said("initiator lacks the role Org Reversals Initiator", 1)
    (fix,) = fixes(practice)
    assert "Org Reversals Initiator" in fix and "--ask-again" in fix
    said(None, 2)
    assert fixes(practice) == []
    practice.close()


def test_every_shortcode_is_tried_with_its_own_keys(practice: Wiring) -> None:
    with practice.transaction() as conn:
        book_id = open_book(conn, kind="shortcode", name="700111", at=START)
        shortcodes.register(conn, number="700111", kind="paybill", name="Own", book_id=book_id)
    nowhere = Wiring(replace(practice.settings, mpesa_base_url="http://127.0.0.1:9"), "worker", practice.clock)
    said = {advice.what: advice.fix for advice in doctor.daraja(nowhere)}
    assert "compare MPESA_CONSUMER_KEY" in said["Daraja gives 600123 a token"]
    assert said["Transaction Status can be asked for 600123"] == ""
    assert "pesachama shortcodes add 700111" in said["700111 has credentials"]
    with practice.transaction() as conn:
        own = shortcodes.by_number(conn, "700111")
        assert own
        without = replace(GIVEN, initiator="", security_credential="")
        shortcodes.seal(conn, own, without, practice.strongbox, at=START, chance=practice.chance)
    said = {advice.what: advice.fix for advice in doctor.daraja(nowhere)}
    assert "pesachama shortcodes add 700111" in said["Transaction Status can be asked for 700111"]
    for one in (practice, nowhere):
        one.close()


@pytest.mark.parametrize(
    ("begins", "ends", "subject", "said"),
    [
        (-1, 400, "CN=daraja", ""),
        (-1, 20, "CN=daraja", "fetch today's"),
        (5, 400, "CN=daraja", "fetch today's"),
        (-900, -400, "CN=apigee.apicaller.safaricom.co.ke", "fetch today's"),
    ],
)
def test_only_todays_certificate_will_do(begins: int, ends: int, subject: str, said: str) -> None:
    shortcode = Shortcode(1, "600123", "paybill", "PesaChama", None, 1, "v1", False)
    seen = Certificate(subject, START + timedelta(days=begins), START + timedelta(days=ends))
    advice: Advice = papers.paper(shortcode, seen, START)
    assert said in advice.fix and bool(advice.fix) == bool(said)
    assert ("come with libraries" in advice.seen) == ("apicaller" in subject)
