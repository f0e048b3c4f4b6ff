"""What the tests of this room stand on: rows around a payment, and callbacks as Safaricom writes them."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import dict_row

from gateway.wiring import Wiring
from ledger.books import open_book
from ledger.wires import Chance
from payments import attempts, evidence, pushes, receipts, shortcodes, states, suspense, tokens
from payments.attempts import Attempt, Step
from payments.daraja.password import timestamp
from payments.pushes import Wish
from payments.receipts import Placed, ProvenReceipt

WANJIKU = "+254700000005"
ATIENO = "+254700000006"
RECEIPT = "NLJ7RT61SV"
MERCHANT = "2654-4b64-97ff-b827b542881d3130"
CHECKOUT = "ws_CO_20112026140200123700000005"
TOKEN = "a1" * 32


@dataclass
class Recorder:
    """A book that numbers what it is told; it fails for receipts in `refuses`."""

    book_id: int
    told: list[ProvenReceipt] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)

    def __call__(self, conn: Connection, proven: Sequence[ProvenReceipt], *, at: datetime, chance: Chance) -> None:
        if self.refuses & {receipt.receipt for receipt in proven}:
            raise RuntimeError("the book does not want it")
        (count,) = conn.execute("SELECT count(seq) FROM receipts").fetchone() or (0,)
        receipts.booked(conn, [Placed(one.receipt, self.book_id, seq) for seq, one in enumerate(proven, count + 1)])
        suspense.put(conn, {one.receipt: one.reason or "" for one in proven if one.attempt_id is None}, at=at)
        self.told.extend(proven)


@dataclass
class Scene:
    wiring: Wiring
    conn: Connection[Any]
    book: Recorder
    wish: Wish
    other: Wish

    def wished(self, key: bytes = b"wish-1", **changes: Any) -> Attempt:
        """A wish, and the moment in which its last screen leaves the phone."""
        asked = replace(self.wish, wish_key=key, **changes)
        with self.wiring.acting_as(asked.payer_id) as conn:
            made = pushes.wish(conn, asked, at=self.wiring.now(), chance=self.wiring.chance)
        self.wiring.clock.advance(pushes.PROMPT_AFTER.total_seconds())  # type: ignore[attr-defined]
        return made

    def sent(self, token: str = TOKEN, merchant: str | None = MERCHANT, checkout: str | None = CHECKOUT,
             **changes: Any) -> Attempt:  # fmt: skip
        """An attempt that Daraja accepted, without Daraja."""
        made = self.wished(changes.pop("key", b"wish-1"), **changes)
        at = self.wiring.now()
        with self.wiring.transaction() as conn:
            step = Step(made, states.AttemptState.UNCLEAR, at, token_hash=tokens.token_hash(token))
            (claimed,) = attempts.move(conn, [step])
            answer = {"MerchantRequestID": merchant or "", "CheckoutRequestID": checkout or ""}
            known = {name: value for name, value in answer.items() if value}
            attempts.record_answer(conn, made.id, send_outcome="accepted", status=200, answer=known)
            attempts.move(conn, [Step(claimed, states.AttemptState.PENDING, at)])
        return self.attempt(made.id)

    def hears(self, body: bytes | dict[str, Any], token: str | None = TOKEN, source: str = "stk_callback") -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        with self.wiring.at_the_door("token", tokens.token_hash(token).hex()) as conn:
            evidence.keep(
                conn, source=source, token=token, body=raw, headers={}, remote_ip="196.201.214.200",
                at=self.wiring.now(),
            )  # fmt: skip

    def reads(self) -> int:
        return evidence.read_due(self.wiring, self.book)

    def attempt(self, attempt_id: int) -> Attempt:
        return attempts.by_ids(self.conn, [attempt_id])[attempt_id]

    def rows(self, query: str, *given: Any) -> list[dict[str, Any]]:
        with self.conn.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query, given).fetchall()  # type: ignore[arg-type]

    def row(self, query: str, *given: Any) -> dict[str, Any]:
        (row,) = self.rows(query, *given)
        return row

    def verdicts(self) -> list[tuple[str, str | None]]:
        return [(row["verdict"], row["reason"]) for row in self.rows("SELECT * FROM evidence ORDER BY id")]

    def receipts(self) -> list[tuple[str, int, int | None]]:
        found = self.rows("SELECT * FROM receipts ORDER BY receipt")
        assert all(row["seq"] is not None for row in found)
        return [(row["receipt"], row["amount_cents"], row["attempt_id"]) for row in found]


def paid(
    *,
    receipt: str = RECEIPT,
    shillings: Any = 500,
    phone: Any = int(WANJIKU[1:]),
    checkout: str = CHECKOUT,
    at: datetime | None = None,
) -> dict[str, Any]:
    """A success callback."""
    items = [
        {"Name": "Amount", "Value": shillings},
        {"Name": "MpesaReceiptNumber", "Value": receipt},
        {"Name": "Balance"},
        {"Name": "TransactionDate", "Value": int(timestamp(at)) if at else 20261120140300},
        {"Name": "PhoneNumber", "Value": phone},
    ]
    return failed(0, checkout=checkout, CallbackMetadata={"Item": items})


def failed(code: Any, *, checkout: str = CHECKOUT, **more: Any) -> dict[str, Any]:
    """A callback without money."""
    callback = {"MerchantRequestID": MERCHANT, "CheckoutRequestID": checkout, "ResultCode": code, "ResultDesc": "-"}
    return {"Body": {"stkCallback": {**callback, **more}}}


def notice(
    *, receipt: str = RECEIPT, account: str = "100011", msisdn: str | None = None, **more: Any
) -> dict[str, Any]:
    """A paybill's confirmation under v1, of Wanjiku's KES 500."""
    body = {
        "TransactionType": "Pay Bill",
        "TransID": receipt,
        "TransTime": "20261120140300",
        "TransAmount": "500.00",
        "BusinessShortCode": "600123",
        "BillRefNumber": account,
        "InvoiceNumber": "",
        "OrgAccountBalance": "500.00",
        "ThirdPartyTransID": "",
        "MSISDN": hashlib.sha256(WANJIKU[1:].encode()).hexdigest() if msisdn is None else msisdn,
        "FirstName": "WANJIKU",
    }
    return body | more


def answered(code: str, *, checkout: str = CHECKOUT) -> dict[str, Any]:
    """The final answer to an STK query."""
    return {"ResponseCode": "0", "CheckoutRequestID": checkout, "ResultCode": code, "ResultDesc": "-"}


def set_scene(wiring: Wiring, conn: Connection[Any]) -> Scene:
    """A paybill 600123, a group, two members with phones."""
    at = wiring.now()
    shortcode_book, chama_book = (open_book(conn, kind=kind, name=kind, at=at) for kind in ("shortcode", "chama"))
    shortcode_id = shortcodes.register(conn, number="600123", kind="paybill", name="PesaChama", book_id=shortcode_book)
    (chama_id,) = conn.execute(
        "INSERT INTO chamas (number, name, kind, status, frequency, contribution_cents, member_target, book_id, "
        "created_at) VALUES ('10001', 'Umoja Group', 'rosca', 'active', 'weekly', 50000, 9, %s, %s) RETURNING id",
        [chama_book, at],
    ).fetchone() or [0]
    wishes = []
    for number, phone in enumerate((WANJIKU, ATIENO), 1):
        (user_id,) = conn.execute(
            "INSERT INTO users (phone, first_name, created_at) VALUES (%s, 'Somebody', %s) RETURNING id", [phone, at]
        ).fetchone() or [0]
        (member_id,) = conn.execute(
            "INSERT INTO chama_members (chama_id, user_id, number, role, status, join_method, joined_at) "
            "VALUES (%s, %s, %s, 'member', 'active', 'number', %s) RETURNING id",
            [chama_id, user_id, number, at],
        ).fetchone() or [0]
        wishes.append(
            Wish(shortcode_id, chama_id, member_id, user_id, phone, 50_000, "Umoja Group", "contribution", b"wish-1")
        )
    return Scene(wiring, conn, Recorder(chama_book), *wishes)
