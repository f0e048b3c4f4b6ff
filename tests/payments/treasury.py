"""What the tests of payouts stand on: a group with money in M-PESA, orders, and results as Safaricom writes them."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chamas.arriving import arrivals
from ledger.books import open_account, post_all
from ledger.nairobi import local
from payments import evidence, payouts, tokens, verify
from payments.daraja.outcomes import Accepted
from payments.payouts import Order, Payout, PayoutState, calls, rows
from payments.payouts.calls import CallKind
from payments.payouts.rows import Step
from payments.payouts.sending import Claimed, record
from tests.payments.door import soon
from tests.payments.scene import ATIENO, WANJIKU, Scene, notice
from tests.simulator.client import Simulator

PAYOUT_RECEIPT = "SG632NMUAB"
CONVERSATION = "AG_20261120_2010364430d9bbdaf872"
TOKEN = "d4" * 32
# So much comes in before anything goes out; one M-PESA payment may carry it.
FUND_SHILLINGS = 50_000


@dataclass
class Treasury:
    """A scene whose chama has KES 50,000."""

    scene: Scene

    @classmethod
    def funded(cls, scene: Scene, receipt: str = "NLJ7RT61FU", shillings: int = FUND_SHILLINGS) -> "Treasury":
        told = notice(
            receipt=receipt, TransAmount=f"{shillings}.00", TransTime=f"{local(scene.wiring.now()):%Y%m%d%H%M%S}"
        )
        scene.hears(told, token=scene.wiring.paybill_secret, source="c2b_confirmation")
        treasury = cls(scene)
        treasury.reads()
        return treasury

    @property
    def wiring(self) -> Any:
        return self.scene.wiring

    @property
    def book_id(self) -> int:
        return int(self.scene.row("SELECT book_id FROM chamas")["book_id"])

    def reads(self) -> int:
        """With the real books: payouts are only as good as what they post."""
        return evidence.read_due(self.wiring, arrivals.book)

    def source(self) -> int:
        with self.wiring.transaction() as conn:
            return open_account(conn, book_id=self.book_id, code="paid_out:1", kind="asset")

    def wanted(self, key: str = "order-1", shillings: int = 500, phone: str = WANJIKU, **changes: Any) -> Order:
        wish = self.scene.wish if phone == WANJIKU else self.scene.other
        named = {
            "key": key,
            "shortcode_id": wish.shortcode_id,
            "chama_id": wish.chama_id,
            "book_id": self.book_id,
            "source_account_id": self.source(),
            "phone": phone,
            "amount_cents": shillings * 100,
            "authorised_at": self.wiring.now(),
            "member_id": wish.member_id,
            "user_id": wish.payer_id,
        }
        return Order(**{**named, **changes})

    def ordered(self, key: str = "order-1", shillings: int = 500, phone: str = WANJIKU, **changes: Any) -> Payout:
        """Ordered and due at once."""
        at = self.wiring.now()
        wanted = self.wanted(key, shillings, phone, **changes)
        with self.wiring.transaction() as conn:
            return payouts.order(conn, wanted, at=at, chance=self.wiring.chance, due_at=at)

    def sent(self, key: str = "order-1", token: str = TOKEN, **changes: Any) -> Payout:
        """A payout that Daraja accepted, without Daraja."""
        made = self.ordered(key, **changes)
        self.claimed(made, token)
        with self.wiring.transaction() as conn:
            answer = {"ResponseCode": "0", "ConversationID": CONVERSATION}
            record(conn, self.wiring, Claimed(made, token), Accepted(200, answer, b""))
        return self.payout(made.id)

    def claimed(self, payout: Payout, token: str = TOKEN) -> None:
        """As the first transaction of a sending leaves it."""
        at = self.wiring.now()
        with self.wiring.transaction() as conn:
            page = post_all(conn, [payouts.money.sent(payout, at=at)], at=at, chance=self.wiring.chance)[0]
            kind = CallKind.PAYMENT if payout.account is None else CallKind.TRANSFER
            calls.add_calls(conn, kind, [(payout, tokens.token_hash(token))], at=at)
            rows.move(conn, [Step(payout, PayoutState.SENDING, at, due_at=at, sent_seq=page.seq, sends=1)])

    def asked(self, payout: Payout, token: str) -> None:
        """A question of ours has left."""
        with self.wiring.transaction() as conn:
            calls.add_calls(conn, CallKind.QUESTION, [(payout, tokens.token_hash(token))], at=self.wiring.now())

    def hears(self, body: dict[str, Any] | bytes, token: str = TOKEN, source: str = "b2c_result") -> None:
        self.scene.hears(body, token=token, source=source)
        self.reads()

    def payout(self, payout_id: int) -> Payout:
        return rows.by_ids(self.scene.conn, [payout_id])[payout_id]

    def balance(self, code: str) -> int:
        found = self.scene.rows(
            "SELECT balance_cents FROM accounts WHERE book_id = %s AND code = %s", self.book_id, code
        )
        return int(found[0]["balance_cents"]) if found else 0

    def spendable(self) -> int:
        return payouts.spendable(self.scene.conn, self.book_id, "600123")

    def unsound(self) -> list[str]:
        return [f"{one.name}: {one.detail}" for one in verify.verify(self.scene.conn) if not one.ok]

    def verdicts(self) -> list[tuple[str, str | None]]:
        """Of what was said about payouts."""
        found = self.scene.rows("SELECT verdict, reason FROM evidence WHERE source NOT LIKE 'c2b%%' ORDER BY id")
        return [(row["verdict"], row["reason"]) for row in found]


def fund(live: Scene, safaricom: Simulator, shillings: int = FUND_SHILLINGS) -> Treasury:
    """The same with Safaricom's own money: a member pays the paybill, and we hear of it."""
    live.wiring.clock.at = datetime.fromisoformat(safaricom.get("/control/clock")["now"])  # type: ignore[attr-defined]
    moved = safaricom.post("/control/paybill", phone=ATIENO, amount=shillings, account="100011")
    return Treasury.funded(live, moved["receipt"], shillings)


def heard(treasury: Treasury, number: int = 1) -> None:
    """Waits until so many deliveries about payouts are stored, repetitions counted, and reads them."""

    def there() -> bool:
        found = treasury.scene.row(
            "SELECT coalesce(sum(seen_count), 0) AS seen FROM evidence WHERE source NOT LIKE 'c2b%%'"
        )
        return int(found["seen"]) >= number

    soon(there)
    treasury.reads()


def result(payout: Payout, **changes: Any) -> dict[str, Any]:
    """The result of a payout that was paid, as S21 has it; `changes` are items by key, or fields of the Result."""
    items = {
        "TransactionAmount": payout.amount_cents // 100,
        "TransactionReceipt": PAYOUT_RECEIPT,
        "ReceiverPartyPublicName": f"{payout.phone[1:]} - WANJIKU KAMAU",
        "TransactionCompletedDateTime": "20.11.2026 14:05:52",
        "B2CUtilityAccountAvailableFunds": 49500.00,
        "B2CChargesPaidAccountAvailableFunds": -22.40,
    }
    fields = {key: changes.pop(key) for key in list(changes) if key not in items}
    listed = [{"Key": key, "Value": value} for key, value in (items | changes).items()]
    return failure(payout, 0, ResultParameters={"ResultParameter": listed}, **fields)


def failure(payout: Payout, code: Any, **fields: Any) -> dict[str, Any]:
    """A result without money; TransactionID looks like a receipt all the same."""
    body = {
        "ResultType": 0,
        "ResultCode": code,
        "ResultDesc": "-",
        "OriginatorConversationID": payout.originator,
        "ConversationID": CONVERSATION,
        "TransactionID": "SG722NMVXQ",
    }
    return {"Result": body | fields}


def status(payout: Payout, state: str = "Completed", **changes: Any) -> dict[str, Any]:
    """The answer of Transaction Status about a payout, as S25 has it."""
    items = {
        "DebitPartyName": "600123 - PESACHAMA",
        "OriginatorConversationID": payout.originator,
        "InitiatedTime": "20261120140552",
        "DebitAccountType": "Utility Account",
        "DebitPartyCharges": "Fee For B2C Payment|KES|22.40" if state == "Completed" else None,
        "TransactionStatus": state,
        "FinalisedTime": "20261120140552" if state == "Completed" else None,
        "Amount": str(payout.amount_cents // 100),
        "ConversationID": CONVERSATION,
        "ReceiptNo": PAYOUT_RECEIPT if state == "Completed" else None,
    }
    listed = [{"Key": key, "Value": value} for key, value in (items | changes).items() if value is not None]
    listed.append({"Key": "DebitPartyName", "Value": f"{payout.phone[1:]} - WANJIKU KAMAU"})
    body = {"ResultCode": 0, "ResultDesc": "-", "TransactionID": "MBN0000000"}
    return {"Result": {**body, "ResultParameters": {"ResultParameter": listed}}}


def echo(payout: Payout) -> bytes:
    """The request on its way back, as S24 has it."""
    told = {
        "OriginatorConversationID": payout.originator,
        "InitiatorName": "testapi",
        "SecurityCredential": "SECURITY-CREDENTIAL-OF-THE-SENDER",
        "CommandID": "BusinessPayment",
        "Amount": str(payout.amount_cents // 100),
        "PartyB": payout.phone[1:],
    }
    return json.dumps(told).encode()
