"""Settings: all gaps at once, by name; production refuses what a demo may have; secrets show nowhere."""

from pathlib import Path

import pytest

from embedded import postgres
from gateway import settings
from gateway.commands import environment
from gateway.wiring import Wiring
from tests.instruments import settings_for

ROOT = Path(__file__).parents[2]

PRODUCTION = {
    "ENVIRONMENT": "production",
    "PUBLIC_URL": "https://chama.example",
    "MPESA_BASE_URL": "https://api.example",
    "AT_BASE_URL": "https://sms.example/version1",
}


def complete(tmp_path: Path, **changes: str) -> settings.Settings:
    return settings_for("postgresql://db.example/chama", "redis://cache.example", tmp_path, **changes)


def test_every_gap_is_named_at_once() -> None:
    with pytest.raises(settings.BadSettings) as gaps:
        settings.read({})
    named = {line.split()[0] for line in str(gaps.value).splitlines()}
    assert named == {setting.name for setting in settings.SETTINGS if setting.default is None}


def test_production_takes_good_settings(tmp_path: Path) -> None:
    assert complete(tmp_path, **PRODUCTION).production


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CLOCK_URL", "https://clock.example"),
        ("MPESA_BASE_URL", "http://127.0.0.1:8001"),
        ("AT_BASE_URL", "http://localhost:8001"),
        ("PUBLIC_URL", "http://chama.example"),
        ("SECRET_KEY", "short"),
        ("PIN_PEPPER", "short"),
        ("CALLBACK_SECRET", "short"),
        ("ENVIRONMENT", "staging"),
        ("CHAIN", "maybe"),
    ],
)
def test_production_refuses(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(settings.BadSettings, match=name):
        complete(tmp_path, **{**PRODUCTION, name: value})


def test_a_repr_and_a_gap_show_no_secret(tmp_path: Path) -> None:
    chosen = complete(tmp_path, SECRET_KEY="a secret nobody may read anywhere at all")
    assert "nobody may read" not in repr(chosen)
    with pytest.raises(settings.BadSettings) as gaps:
        complete(tmp_path, SECRET_KEY="tell no one", **{**PRODUCTION})
    assert "tell no one" not in str(gaps.value)


def test_the_example_is_what_the_settings_say() -> None:
    assert (ROOT / ".env.example").read_text() == settings.example(), "run `make env-example`"


def test_production_knows_an_embedded_server(web_wiring: Wiring) -> None:
    with web_wiring.pool.connection() as conn:
        (cluster,) = conn.execute("SELECT current_setting('cluster_name')").fetchone() or ("",)
    assert environment.on_embedded_server(web_wiring) == (cluster == postgres.CLUSTER)
    assert postgres.CLUSTER == environment.EMBEDDED_CLUSTER
