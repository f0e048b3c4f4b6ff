"""`pesachama shortcodes`: credentials go in by standard input, and never come out again."""

import io
from typing import Any

import pytest
from psycopg import Connection

from gateway.cli import main
from gateway.commands import environment, migrate
from gateway.settings import Settings
from gateway.wiring import Wiring
from tests.gateway.town import Town
from tests.instruments import HandClock, SeededChance, settings_for

FILE = """# of the portal
MPESA_CONSUMER_KEY=own-key
MPESA_CONSUMER_SECRET=own-secret
MPESA_PASSKEY=own=passkey==
MPESA_INITIATOR_NAME=ownapi
MPESA_SECURITY_CREDENTIAL=sealed-by-the-portal
DATABASE_URL=not ours to read
"""


@pytest.fixture
def operator(settings: Settings, clock: HandClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Settings:
    """An operator at a prompt, with a sealing key in the settings."""
    own = settings_for(settings.database_url, settings.redis_url, tmp_path, CREDENTIALS_KEYS="ab12" * 16)
    monkeypatch.setattr(environment, "wiring", lambda process: Wiring(own, process, clock, SeededChance()))
    return own


def add(monkeypatch: pytest.MonkeyPatch, said: str, *more: str) -> int:
    monkeypatch.setattr("sys.stdin", io.StringIO(said))
    return main(["shortcodes", "add", "700111", "--name", "UMOJA", *more])


def test_a_shortcode_is_added_listed_and_used_by_a_group(
    operator: Settings, umoja: Town, conn: Connection[Any], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    (number,) = conn.execute("SELECT number FROM chamas ORDER BY id LIMIT 1").fetchone() or ("",)
    assert add(monkeypatch, FILE, "--till", "555333") == 0
    assert main(["shortcodes", "list"]) == 0
    assert main(["shortcodes", "use", "700111", number]) == 0
    assert main(["shortcodes", "reseal"]) == 0
    said = capsys.readouterr().out
    assert "700111 (till 555333)  till  UMOJA  credentials of its own" in said
    assert "closed 0 boxes anew" in said
    assert conn.execute("SELECT s.number FROM chama_shortcodes c JOIN shortcodes s ON s.id = c.shortcode_id").fetchall()
    assert not any(secret in said for secret in ("own-secret", "own=passkey", "sealed-by-the-portal"))


def test_what_cannot_be_used_changes_nothing(
    operator: Settings, conn: Connection[Any], monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Any
) -> None:
    (tmp_path / "no.pem").write_text("not a certificate")
    assert add(monkeypatch, "MPESA_CONSUMER_KEY=only-this") == 1
    assert add(monkeypatch, FILE, "--certificate", str(tmp_path / "no.pem")) == 1
    assert add(monkeypatch, FILE + "MPESA_INITIATOR_PASSWORD=Safe#1") == 1
    assert add(monkeypatch, FILE, "--certificate", str(tmp_path / "absent.pem")) == 1
    assert main(["shortcodes", "check", "700111"]) == 1
    assert main(["shortcodes", "use", "700111", "10001"]) == 1
    said = capsys.readouterr().err
    assert "MPESA_CONSUMER_SECRET, MPESA_PASSKEY must be given" in said
    assert "no certificate in PEM form" in said and "a password needs --certificate" in said
    assert "only-this" not in said and "Safe#1" not in said
    assert conn.execute("SELECT count(*) FROM shortcode_credentials").fetchone() == (0,)


def test_without_a_sealing_key_nothing_is_taken(
    settings: Settings, wiring: Wiring, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr(environment, "wiring", lambda process: wiring)
    assert add(monkeypatch, FILE) == 1
    assert "CREDENTIALS_KEYS is empty" in capsys.readouterr().err


def test_the_first_shortcode_has_those_of_the_settings(
    operator: Settings, clock: HandClock, conn: Connection[Any], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    wiring = Wiring(operator, "worker", clock, SeededChance())
    with wiring.transaction() as worker:
        migrate.register_first_shortcode(worker, wiring)
    wiring.close()
    assert main(["shortcodes", "list"]) == 0
    assert "600123  paybill  PesaChama  credentials of the settings, payers v1" in capsys.readouterr().out
