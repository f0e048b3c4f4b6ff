"""Settings: all gaps at once, by name; production refuses what a demo may have; secrets show nowhere."""

import json
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from embedded import postgres
from gateway import settings, soundness
from gateway.commands import environment
from gateway.wiring import Wiring
from simulator.chain.accounts import accounts
from tests.instruments import settings_for

ROOT = Path(__file__).parents[2]

PRODUCTION = {
    "ENVIRONMENT": "production",
    "PUBLIC_URL": "https://chama.example",
    "MPESA_BASE_URL": "https://api.safaricom.co.ke",
    "AT_BASE_URL": "https://sms.example/version1",
    "SECRET_KEY": "4e0c1f6fb5d94a4f8f61c8a0f0d3b27e95a1",
    "PIN_PEPPER": "b6a2f0d94c7e13586e7f20c9a41d3b85d27c",
    "CALLBACK_SECRET": "5f1d7c3be09a48626c1f0d9e7b3a5824",
}

SHOWN = "import json, os; print(json.dumps(dict(os.environ)))"


def complete(tmp_path: Path, **changes: str) -> settings.Settings:
    return settings_for("postgresql://db.example/chama", "redis://cache.example", tmp_path, **changes)


def test_every_gap_is_named_at_once() -> None:
    with pytest.raises(settings.BadSettings) as gaps:
        settings.read({})
    named = {line.split()[0] for line in str(gaps.value).splitlines()}
    assert named == {setting.name for setting in settings.SETTINGS if setting.default is None}


def test_production_takes_good_settings(tmp_path: Path) -> None:
    wide = "196.0.0.0/8, 196.201.214.0/24, 2c0f::/16"
    for good in ({}, {"SAFARICOM_ADDRESSES": wide}, {"MPESA_BASE_URL": "https://sandbox.safaricom.co.ke"}):
        assert complete(tmp_path, **{**PRODUCTION, **good}).production


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CLOCK_URL", "https://clock.example"),
        ("MPESA_BASE_URL", "http://127.0.0.1:8001"),
        ("MPESA_BASE_URL", "http://api.example"),
        ("AT_BASE_URL", "http://localhost:8001"),
        ("CHAIN_RPC_URL", "http://127.0.0.1:8545"),
        ("PUBLIC_URL", "http://chama.example"),
        ("SECRET_KEY", "short"),
        ("PIN_PEPPER", "short"),
        ("CALLBACK_SECRET", "short"),
        ("SECRET_KEY", "changeme" * 8),
        ("SECRET_KEY", "change-me-9f27c4b1a06d5e38-7b2f4c9d01"),
        ("PIN_PEPPER", "9f27c4b1a06d5e38-" * 2 + "9f27"),
        ("MPESA_BASE_URL", "https://10.0.0.5:8001"),
        ("MPESA_BASE_URL", "https://[fe80::1]"),
        ("MPESA_BASE_URL", "https://[::ffff:127.0.0.1]"),
        ("MPESA_BASE_URL", "https://daraja.example"),
        ("MPESA_BASE_URL", "https://safaricom.co.ke.example"),
        ("MPESA_BASE_URL", "https://notsafaricom.co.ke"),
        ("SENTRY_DSN", "http://key@sentry.example/1"),
        ("AT_BASE_URL", "https://127.1/version1"),
        ("MPESA_BASE_URL", "https://simulator"),
        ("FCM_BASE_URL", "https://push.internal"),
        ("SAFARICOM_ADDRESSES", "0.0.0.0/0"),
        ("SAFARICOM_ADDRESSES", "196.201.214.200, 0.0.0.0/1, 128.0.0.0/1"),
        ("SAFARICOM_ADDRESSES", ",".join(f"{first}.0.0.0/8" for first in range(256))),
        ("SAFARICOM_ADDRESSES", "::/0"),
        ("SAFARICOM_ADDRESSES", "2000::/3"),
        ("USSD_ADDRESSES", "0.0.0.0/1,128.0.0.0/1"),
        ("PIN_PEPPER", "0" * 64),
        ("SECRET_KEY", PRODUCTION["CALLBACK_SECRET"]),
        *(("CHAIN_OPERATOR_KEY", account.private_key) for account in accounts()),
        ("CHAIN_OPERATOR_KEY", "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"),
    ],
)
def test_production_refuses_what_a_demo_may_have(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(settings.BadSettings, match=name) as gaps:
        complete(tmp_path, **{**PRODUCTION, name: value})
    assert len(value) < 10 or name not in soundness.SECRETS or value not in str(gaps.value)
    if name != "CALLBACK_SECRET":
        assert not complete(tmp_path, **{name: value}).production


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENVIRONMENT", "staging"),
        ("SENTRY_DSN", "sentry.example/1"),
        ("CHAIN", "maybe"),
        ("LOG_LEVEL", "loud"),
        ("USSD_ADDRESSES", "africastalking.com"),
        ("TRUSTED_PROXIES", "-1"),
        ("USSD_CODE", "384*123"),
        ("USSD_CODE", "*384*123"),
        ("USSD_CODE", "*384**123#"),
        ("MPESA_BUSINESS_SHORTCODE", "till 5"),
        ("CALLBACK_SECRET", "secret/../secret of somebody"),
        ("CALLBACK_SECRET", "5f1d7c3be09a4862sql1f0d9e7b3a5824"),
        ("CHAIN_OPERATOR_KEY", "0x1234"),
        ("CHAIN_OPERATOR_KEY", "g" * 64),
        ("CHAIN_OPERATOR_KEY", "0" * 64),
        ("CHAIN_OPERATOR_KEY", "f" * 64),
        ("PUBLIC_URL", "chama.example"),
        ("PUBLIC_URL", "https://chama.example/?tenant=1"),
        *(("PUBLIC_URL", f"https://chama.example/{word.upper()}ute") for word in soundness.FORBIDDEN_WORDS),
        ("PUBLIC_URL", "https://mpesa.example"),
    ],
)
def test_a_wrong_form_is_refused_everywhere(tmp_path: Path, name: str, value: str) -> None:
    for place in ({}, PRODUCTION):
        with pytest.raises(settings.BadSettings, match=name):
            complete(tmp_path, **{**place, name: value})


def test_a_repr_and_a_gap_show_no_secret(tmp_path: Path) -> None:
    chosen = complete(tmp_path, SECRET_KEY="a secret nobody may read anywhere at all")
    assert "nobody may read" not in repr(chosen)
    with pytest.raises(settings.BadSettings) as gaps:
        complete(tmp_path, **{**PRODUCTION, "SECRET_KEY": "tell no one"})
    assert "tell no one" not in str(gaps.value)


def test_the_example_is_what_the_settings_say() -> None:
    assert (ROOT / ".env.example").read_text() == settings.example(), "run `make env-example`"


def test_a_shell_reads_the_example_and_finds_every_default() -> None:
    reads = "set -ae; . ./.env.example; exec " + shlex.join([sys.executable, "-c", SHOWN])
    done = subprocess.run(["/bin/sh", "-c", reads], cwd=ROOT, env={}, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    found = json.loads(done.stdout)
    assert {each.name: found[each.name] for each in settings.SETTINGS} == {
        each.name: each.default or "" for each in settings.SETTINGS
    }


def test_production_refuses_the_embedded_server(
    database_url: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(database_url) as conn:
        (cluster,) = conn.execute("SELECT current_setting('cluster_name')").fetchone() or ("",)
    monkeypatch.setattr(environment, "EMBEDDED", cluster)  # on a server of one's own it has another name
    chosen = settings_for(database_url, redis_url, tmp_path, **PRODUCTION)
    monkeypatch.setattr(environment, "settings", lambda: chosen)
    with pytest.raises(SystemExit, match="embedded PostgreSQL"):
        environment.wiring("worker")


def test_production_knows_an_embedded_server(web_wiring: Wiring) -> None:
    with web_wiring.pool.connection() as conn:
        (cluster,) = conn.execute("SELECT current_setting('cluster_name')").fetchone() or ("",)
    assert environment.on_embedded_server(web_wiring) == (cluster == postgres.CLUSTER)
    assert postgres.CLUSTER == environment.EMBEDDED
    assert environment.on_embedded_redis(web_wiring)
    elsewhere = replace(web_wiring, settings=replace(web_wiring.settings, redis_url="redis://127.0.0.1:1/0"))
    assert not environment.on_embedded_redis(elsewhere)
