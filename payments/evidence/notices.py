"""The paybill's notices in a batch: read, held against what is known, and turned into proofs.

A confirmation is believed when it came under the secret that stands in the path we registered. What Pull lists was kept
under the same secret by ourselves, and is a notice like another.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ledger.wires import Connection
from payments import attempts, listings, shortcodes
from payments.attempts import Attempt
from payments.evidence.judge import TWIN_WITHIN, Holders, Judgement, judge_paybill
from payments.evidence.store import Row, Verdict
from payments.listings import Listed
from payments.paybill import Sent, read_confirmation, read_pulled
from payments.reading import Unreadable
from payments.receipts import Proof
from payments.witnesses import Wanted

# A prompt is paid minutes after the wish, seldom hours; Safaricom's clock and ours may differ a little.
PROMPTED_WITHIN = timedelta(days=1)
CLOCKS_APART = timedelta(minutes=2)

READERS = {"c2b_confirmation": read_confirmation, "pull": read_pulled}
# What is told to the paybill; a validation asks, and is no money.
SOURCES = frozenset({*READERS, "c2b_validation"})


@dataclass(frozen=True)
class Notices:
    """What the batch's confirmations say, by row; the shortcodes they name; the hash of the secret of their path."""

    sent: Mapping[int, Sent | Unreadable]
    addressed: Mapping[str, tuple[int, str]]
    shared: bytes

    @classmethod
    def opened(cls, conn: Connection, rows: Sequence[Row], shared: bytes) -> "Notices":
        sent = {row.id: _read(row) for row in rows if row.source in READERS}
        numbers = [one.shortcode for one in sent.values() if isinstance(one, Sent)]
        return cls(sent, shortcodes.addressed(conn, numbers) if numbers else {}, shared)

    @property
    def readable(self) -> list[Sent]:
        return [one for one in self.sent.values() if isinstance(one, Sent)]

    def reference(self, row: Row) -> str:
        """The account of this row's notice, as a push may have sent it; empty without one."""
        sent = self.sent.get(row.id)
        return sent.reference if isinstance(sent, Sent) else ""

    def expecting(
        self, conn: Connection, rows: Sequence[Row], references: Collection[str], at: datetime
    ) -> dict[int, list[Attempt]]:
        """By row, pushes whose twin it may be although its account is no reference; none for a member's account."""
        found = {}
        for row in rows:
            sent = self.sent.get(row.id)
            if not isinstance(sent, Sent) or sent.account is not None or sent.reference in references:
                continue
            if sent.shortcode not in self.addressed or at >= row.received_at + TWIN_WITHIN:
                continue
            found[row.id] = attempts.expecting(
                conn,
                shortcode_id=self.addressed[sent.shortcode][0],
                amount_cents=sent.money.amount_cents,
                phone=sent.money.phone,
                since=sent.money.paid_at - PROMPTED_WITHIN,
                until=sent.money.paid_at + CLOCKS_APART,
            )
        return found

    def judged(
        self,
        row: Row,
        attempt: Attempt | None,
        holders: Holders,
        expecting: Sequence[Attempt],
        second: Wanted | None = None,
    ) -> Judgement:
        """`attempt` is the one whose reference the notice has as its account, `second` who else must say so."""
        sent = self.sent.get(row.id)
        if isinstance(sent, Unreadable):
            return Judgement(Verdict.UNREADABLE, str(sent)[:200])
        named = sent.money.receipt if sent else None
        if row.token_hash != self.shared:
            return Judgement(Verdict.UNMATCHED, "its secret is not ours", named=named, ask_about=named)
        if sent is None:
            return Judgement(Verdict.APPLIED, "asked before the money moved")
        shortcode_id, _ = self.addressed.get(sent.shortcode, (None, ""))
        return judge_paybill(sent, shortcode_id, attempt, holders, expecting=expecting, second=second)

    def list_confirmed(self, conn: Connection, rows: Sequence[Row], at: datetime) -> None:
        """What confirmations under our secret say of our shortcodes is kept for the certificate of its day."""
        listed: dict[int, list[Listed]] = {}
        for row in rows:
            sent = self.sent.get(row.id)
            ours = row.source == "c2b_confirmation" and row.token_hash == self.shared and isinstance(sent, Sent)
            if ours and isinstance(sent, Sent) and sent.shortcode in self.addressed:
                money = sent.money
                told = Listed(
                    "confirmation", money.receipt, "in", money.amount_cents, money.paid_at, sent.balance_cents
                )
                listed.setdefault(self.addressed[sent.shortcode][0], []).append(told)
        for shortcode_id, of_one in sorted(listed.items()):
            listings.add(conn, shortcode_id, of_one, at=at)

    def proof(self, row: Row, judgement: Judgement) -> Proof:
        """The receipt of a row whose money was judged to be real. Raises ValueError without such money."""
        sent = self.sent.get(row.id)
        if not isinstance(sent, Sent) or judgement.money is None:
            raise ValueError("no money was judged to be proved")
        shortcode_id, number = self.addressed[sent.shortcode]
        meant = judgement.attempt if judgement.owner is None else None
        return Proof(judgement.money, row.id, shortcode_id, number, judgement.owner, judgement.reason, sent, meant)


def _read(row: Row) -> Sent | Unreadable:
    try:
        return READERS[row.source](row.body)
    except Unreadable as trouble:
        return trouble
