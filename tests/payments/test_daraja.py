"""One call and its three ends, against a server that misbehaves on order; and the one live token."""

import base64
import json
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from payments.daraja import b2c, c2b, codes, errors, password, reversal, status, stk
from payments.daraja.client import Daraja, FreshToken
from payments.daraja.errors import Meaning
from payments.daraja.keys import Keys
from payments.daraja.outcomes import Accepted, Outcome, Rejected, Unknown
from payments.daraja.token import live_token
from payments.shortcodes import unlock
from tests.payments.scene import Scene
from tests.simulator.client import Simulator

KEYS = Keys("600123", "key", "consumer-secret", "the-passkey", "testapi", "the-credential")


class Moody:
    """Answers every request with what it was told to, and counts requests."""

    def __init__(self) -> None:
        self.status, self.body, self.seen = 200, b"{}", 0
        moody = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                moody.seen += 1
                self.rfile.read(int(self.headers["Content-Length"]))
                if moody.status == 0:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                if moody.status == -1:
                    threading.Event().wait(2)
                    return
                self.send_response(moody.status)
                self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", str(len(moody.body)))
                self.end_headers()
                self.wfile.write(moody.body)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def post(self, status: int, body: object) -> Outcome:
        self.status = status
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        url = f"http://127.0.0.1:{self.server.server_port}"
        return Daraja(url, KEYS, read_seconds=0.5).post("/x", "a-token", {"Amount": "1"})


@pytest.fixture(scope="module")
def moody() -> Iterator[Moody]:
    made = Moody()
    yield made
    made.server.shutdown()
    made.server.server_close()


def error(code: str, message: str) -> dict[str, str]:
    return {"requestId": "1-2-3", "errorCode": code, "errorMessage": message}


def test_accepted_is_only_what_says_so(moody: Moody) -> None:
    assert isinstance(moody.post(200, {"ResponseCode": "0"}), Accepted)
    assert isinstance(moody.post(200, {"ResponseCode": 0}), Accepted)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>Request Rejected</html>"),
        (200, {}),
        (200, {"ResponseCode": "1"}),
        (200, b""),
        (302, {"ResponseCode": "0"}),
        (403, b"<html>Incapsula</html>"),
        (500, error("500.001.1001", "Something new")),
        (500, error("500.003.02", "System is busy. Please try again in few minutes.")),
        (500, {"ResponseCode": "0"}),
        (502, b"Bad Gateway"),
        (503, {}),
        (0, b""),
        (-1, b""),
    ],
)
def test_whatever_may_have_been_executed_is_unknown_and_sent_once(moody: Moody, status: int, body: object) -> None:
    before = moody.seen
    assert isinstance(moody.post(status, body), Unknown)
    assert moody.seen == before + 1


@pytest.mark.parametrize(
    ("status", "code", "message", "again"),
    [
        (400, "400.002.02", "Bad Request - Invalid CallBackURL", False),
        (404, "404.001.03", "Invalid Access Token", True),
        (404, "404.001.01", "Resource not found", False),
        (500, "500.001.1001", "Wrong credentials", False),
        (500, "500.001.1001", "Unable to lock subscriber, a transaction is already in process", True),
        (500, "500.003.02", "Error Occurred: Spike Arrest Violation", True),
    ],
)
def test_what_is_proved_not_to_be_executed_is_rejected(
    moody: Moody, status: int, code: str, message: str, again: bool
) -> None:
    outcome = moody.post(status, error(code, message))
    assert isinstance(outcome, Rejected)
    assert (outcome.code, outcome.message, outcome.again) == (code, message, again)


def test_a_refused_connection_executed_nothing() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    outcome = Daraja(f"http://127.0.0.1:{port}", KEYS).post("/x", "a-token", {})
    assert outcome == Rejected("unreachable", "ConnectionError", again=True)


def test_one_code_has_five_meanings() -> None:
    messages = {
        "The transaction is being processed": Meaning.IN_FLIGHT,
        "The transaction does not Exist": Meaning.NO_SUCH_ID,
        "Wrong credentials": Meaning.CREDENTIALS,
        "Unable to lock subscriber, a transaction is already in process": Meaning.LATER,
        "Merchant does not exist": Meaning.CREDENTIALS,
        "Anything else": Meaning.UNKNOWN,
    }
    assert {message: errors.meaning_of("500.001.1001", message) for message in messages} == messages


def test_the_password_holds_the_very_timestamp_of_the_body_in_nairobi_time() -> None:
    at = datetime(2026, 12, 31, 21, 59, 59, tzinfo=UTC)
    fields = password.signed("174379", "passkey", at)
    assert fields["Timestamp"] == "20270101005959"
    assert base64.b64decode(fields["Password"]) == b"174379passkey20270101005959"


def test_a_push_takes_whole_shillings_and_a_short_reference() -> None:
    for cents, reference in ((150, "UMOJA"), (100, "X" * 13)):
        with pytest.raises(ValueError, match="whole shillings"):
            stk.push(Daraja("", KEYS), KEYS, "t", stk.Push("+2547", cents, reference, "u"), at=datetime.now(UTC))


class Written(Daraja):
    """Keeps what it is to send."""

    def __init__(self) -> None:
        super().__init__("", KEYS)
        self.body: dict[str, Any] = {}

    def post(self, path: str, token: str, body: dict[str, Any], *, method: str = "POST") -> Outcome:
        self.body = body
        return Unknown("not sent")


def test_each_request_is_spelt_as_its_api_spells_it() -> None:
    """Safaricom's own slips, and names that differ from one API to the next."""
    out, urls = Written(), {"result_url": "r", "timeout_url": "t"}
    b2c.pay(out, KEYS, "t", b2c.Payment("600123-x", "+254700000005", 50_000, **urls))
    assert {"InitiatorName", "Occassion", "QueueTimeOutURL"} < out.body.keys()
    assert not {"Initiator", "Occasion"} & out.body.keys()
    status.ask(out, KEYS, "t", status.Question(**urls, receipt="NLJ7RT61SV"))
    assert {"Initiator", "Occasion", "CommandID", "TransactionID"} < out.body.keys()
    assert not {"InitiatorName", "Occassion", "OriginalConversationID"} & out.body.keys()
    reversal.ask(out, KEYS, "t", reversal.Wanted("NLJ7RT61SV", 50_000, **urls))
    assert {"Initiator", "RecieverIdentifierType", "ReceiverParty", "Occasion"} < out.body.keys()
    c2b.register(out, KEYS, "t", "v1", validation_url="v", confirmation_url="c")
    # What decides when our answer is late must not refuse a contribution.
    assert out.body["ResponseType"] == "Completed"
    stk.push(out, KEYS, "t", stk.Push("+254700000005", 50_000, "UMOJA4K7Q2M9", "u"), at=datetime.now(UTC))
    assert (out.body["BusinessShortCode"], out.body["PartyB"], out.body["Amount"]) == (600_123, "600123", "500")


def test_a_prompt_is_far_shorter_than_safaricom_can_show_and_a_longer_one_is_the_operators() -> None:
    """182 letters; what is not ours in it is the business's registered name, at most 50 or so."""
    words = "Do you want to pay KES 250,000.00 to  Account no. ? Enter M-PESA PIN:"
    assert len(words) + stk.REFERENCE_LETTERS + len(stk.DESCRIPTION) + 50 < 182 and len(stk.DESCRIPTION) <= 13
    for code in ("1025", "9999"):
        assert codes.look_up(codes.STK, code).repair


def test_secrets_show_in_no_repr() -> None:
    shown = repr(
        [KEYS, Daraja("http://x", KEYS), FreshToken("the-token", 1), stk.Push("p", 100, "r", "http://x/the-token"),
         Accepted(200, {"a": "the-token"}, b"the-token"), Rejected("c", "m", again=True, body=b"the-token")]
    )  # fmt: skip
    assert not any(secret in shown for secret in ("the-token", "the-passkey", "consumer-secret", "the-credential"))


def test_eight_threads_share_one_live_token(live: Scene, safaricom: Simulator) -> None:
    shortcode_id = live.wish.shortcode_id
    found: list[object] = []

    def asks(worn: str | None) -> None:
        found.append(live_token(live.wiring, shortcode_id, live.wiring.daraja.keys, worn=worn))

    def all_at_once(worn: str | None) -> str:
        found.clear()
        threads = [threading.Thread(target=asks, args=[worn]) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(found)) == 1
        assert len(found) == 8
        return str(found[0])

    first = all_at_once(None)
    assert live.row("SELECT version FROM daraja_tokens")["version"] == 0
    assert all_at_once(None) == first
    second = all_at_once(first)
    assert second != first
    assert live.row("SELECT version FROM daraja_tokens")["version"] == 1
    assert safaricom.push(second).status_code == 200


def test_a_token_is_renewed_before_its_end(live: Scene, safaricom: Simulator) -> None:
    keys, shortcode_id = live.wiring.daraja.keys, live.wish.shortcode_id
    first = live_token(live.wiring, shortcode_id, keys)
    live.wiring.clock.advance(3599 * 0.8 - 1)  # type: ignore[attr-defined]
    assert live_token(live.wiring, shortcode_id, keys) == first
    assert unlock(live.wiring, shortcode_id).token == first
    live.wiring.clock.advance(2)  # type: ignore[attr-defined]
    assert unlock(live.wiring, shortcode_id).token is None
    assert live_token(live.wiring, shortcode_id, keys) != first


def test_a_lease_whose_holder_died_is_taken_over(live: Scene, safaricom: Simulator) -> None:
    live.conn.execute(
        "INSERT INTO daraja_tokens (app, shortcode_id, lease_until) VALUES (%s, %s, %s)",
        [live.wiring.daraja.keys.app, live.wish.shortcode_id, live.wiring.now()],
    )
    assert isinstance(live_token(live.wiring, live.wish.shortcode_id, live.wiring.daraja.keys), str)
