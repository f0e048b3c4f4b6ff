"""What must reach no log, Redis value, job argument or error page, and where whole phone numbers may stand."""

import json
import logging
import re
from collections.abc import Iterator

import pytest
import redis
import requests
from prometheus_client.parser import text_string_to_metric_families
from psycopg import sql

from gateway import log
from tests.whole import MPESA_PIN, Whole

# Whole numbers stand here because they are needed here; everywhere else a person is an id.
NUMBERS_MAY_STAND_IN = {"users", "payment_attempts", "evidence"}
TYPED = "7391"


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """Every line that this process logs, as it would be written."""
    written: list[str] = []

    class Keeper(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            written.append(log.JsonLines().format(record))

    keeper = Keeper()
    logger = logging.getLogger("pesachama")
    logger.addHandler(keeper)
    logger.setLevel(logging.DEBUG)
    yield written
    logger.removeHandler(keeper)


def forbidden(whole: Whole) -> dict[str, str]:
    """What is secret, by what it is."""
    own = whole.settings
    person = whole.person("Wanjiku")
    return {
        "phone": person["phone"][1:],
        "local phone": "0" + person["phone"][4:],
        "chama PIN": person["pin"],
        "typed text": TYPED,
        "M-PESA PIN field": f'"{MPESA_PIN}"',
        "consumer secret": own.mpesa_consumer_secret,
        "consumer key": own.mpesa_consumer_key,
        "passkey": own.mpesa_passkey,
        "security credential": own.mpesa_security_credential,
        "Africa's Talking key": own.at_api_key,
        "callback secret": own.callback_secret,
        "pepper": own.pin_pepper,
        "secret key": own.secret_key,
    }


def test_a_whole_payment_leaves_no_secret_behind(whole: Whole, lines: list[str]) -> None:
    secret = forbidden(whole)
    whole.dial("Wanjiku", f"*384*123*5*{TYPED}#")
    whole.contribute("Wanjiku")
    pages = "\n".join(
        requests.request(way, whole.url + path, data=body, timeout=10).text
        for way, path, body in (
            ("POST", "/ussd", f"sessionId=ATUid_1&text={TYPED}&phoneNumber={secret['phone']}"),
            ("POST", f"/pay/stk/{TYPED}", secret["phone"]),
            ("GET", f"/v/{TYPED}", None),
            ("GET", f"/nowhere/{secret['phone']}", None),
            ("GET", "/metrics", None),
        )
    )
    told = {
        "logs": "\n".join(lines),
        "pages": pages,
        "Redis": redis_values(whole),
        "jobs": whole_table(whole, "notifications"),
    }
    assert lines and told["Redis"]
    for place, text in told.items():
        for what, value in secret.items():
            assert value not in text, f"{what} stands in {place}"
    token = whole.value("SELECT token FROM daraja_tokens")
    assert token and all(token not in text for text in told.values())


def redis_values(whole: Whole) -> str:
    """Keys and values of all that Redis holds."""
    seen = []
    with redis.Redis.from_url(whole.settings.redis_url, decode_responses=True, encoding_errors="replace") as client:
        for key in client.scan_iter():
            read = {"hash": client.hgetall, "stream": client.xrange}.get(client.type(key), client.get)
            seen += [key, str(read(key))]
    return "\n".join(seen)


def whole_table(whole: Whole, table: str) -> str:
    query = sql.SQL("SELECT to_jsonb(t)::text AS line FROM {} t").format(sql.Identifier(table))
    return "\n".join(row["line"] for row in whole.rows(query.as_string()))


def test_whole_numbers_stand_in_three_tables_only(whole: Whole) -> None:
    whole.contribute("Wanjiku")
    number = re.compile("254700000005|0700000005")
    tables = whole.rows(
        "SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    holding = set()
    for table in tables:
        text = whole_table(whole, table["name"])
        raw = re.findall(r"\\\\x[0-9a-f]+", text)
        text += "\n".join(bytes.fromhex(part[3:]).decode(errors="replace") for part in raw)
        if number.search(text):
            holding.add(table["name"])
    assert holding == NUMBERS_MAY_STAND_IN


def test_callback_tokens_stand_nowhere_but_hashed(whole: Whole) -> None:
    whole.contribute("Wanjiku")
    ends = {sent["to"][-6:] for sent in whole.simulator.get("/control/deliveries") if sent["kind"] == "stk"}
    assert ends
    for table in ("payment_attempts", "payment_intents", "evidence", "inquiries", "receipts", "notifications"):
        text = whole_table(whole, table)
        assert not any(end in text for end in ends), table


def test_metrics_can_be_read_and_hold_counts_only(whole: Whole) -> None:
    text = requests.get(f"{whole.url}/metrics", timeout=10).text
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    assert {sample.labels.get("queue") for sample in samples} >= {"evidence_unread", "attempts_due", "suspense_open"}
    json.dumps([sample.value for sample in samples])
