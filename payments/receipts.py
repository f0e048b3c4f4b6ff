"""Money that Safaricom proved to have arrived: one row per receipt; only where it stands in the books may change."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from ledger.wires import Connection
from payments.attempts import Attempt
from payments.paybill import Sent
from payments.payers import Payers
from payments.reading import Money


@dataclass(frozen=True)
class Proof:
    """Money, and the evidence that proved it. Without an attempt it belongs to nobody yet, for `reason`.

    `sent` is the paybill's notice; the account it names may be that of `meant`, whose prompt it did not answer.
    """

    money: Money
    evidence_id: int
    shortcode_id: int
    shortcode: str
    attempt: Attempt | None = None
    reason: str | None = None
    sent: Sent | None = None
    meant: Attempt | None = None

    @property
    def kind(self) -> str:
        return "c2b" if self.sent and self.attempt is None else "stk"

    def payer_key(self, payers: Payers) -> bytes | None:
        """What is kept of who paid; None when she is hidden."""
        if self.sent and self.attempt is None:
            return payers.of_hash(self.sent.payer.key)
        return payers.of_phone(self.money.phone)


@dataclass(frozen=True)
class ProvenReceipt:
    """What the group's books are told: cents, UTC, and whose money it is, or why nobody's.

    `sent` is the notice of money that came by the paybill: whose it is may be found from that.
    """

    receipt: str
    shortcode_id: int
    shortcode: str
    kind: str
    amount_cents: int
    paid_at: datetime
    attempt_id: int | None = None
    chama_id: int | None = None
    member_id: int | None = None
    payer_id: int | None = None
    purpose: str | None = None
    reason: str | None = None
    sent: Sent | None = None


class Placed(NamedTuple):
    """A receipt and the entry that it became."""

    receipt: str
    book_id: int
    seq: int


def prove(conn: Connection, proofs: Sequence[Proof], *, at: datetime, payers: Payers) -> list[ProvenReceipt]:
    """Writes the receipts that are new, and returns those. Unique keys decide: one row per receipt, one per attempt."""
    if not proofs:
        return []
    rows = sorted(proofs, key=lambda proof: proof.money.receipt)
    written = conn.execute(
        "INSERT INTO receipts (receipt, shortcode_id, kind, amount_cents, paid_at, payer_key, attempt_id, evidence_id, "
        "proved_at) SELECT n.receipt, n.shortcode_id, n.kind, n.amount_cents, n.paid_at, n.payer_key, n.attempt_id, "
        "n.evidence_id, %s FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::bigint[], %s::timestamptz[], "
        "%s::bytea[], %s::bigint[], %s::bigint[]) AS n (receipt, shortcode_id, kind, amount_cents, paid_at, payer_key, "
        "attempt_id, evidence_id) ON CONFLICT DO NOTHING RETURNING receipt",
        [
            at,
            [proof.money.receipt for proof in rows],
            [proof.shortcode_id for proof in rows],
            [proof.kind for proof in rows],
            [proof.money.amount_cents for proof in rows],
            [proof.money.paid_at for proof in rows],
            [proof.payer_key(payers) for proof in rows],
            [proof.attempt.id if proof.attempt else None for proof in rows],
            [proof.evidence_id for proof in rows],
        ],
    ).fetchall()
    new = {row[0] for row in written}
    # Locked in the order of their names, told in that in which they came: so stand they in the books.
    return [_told(proof) for proof in proofs if proof.money.receipt in new]


def holders(conn: Connection, named: Iterable[str]) -> dict[str, int | None]:
    """Which of these receipts are proved already, and the attempt of each (None: nobody's)."""
    rows = conn.execute(
        "SELECT receipt, attempt_id FROM receipts WHERE receipt = ANY(%s)", [sorted(set(named))]
    ).fetchall()
    return dict(rows)


def booked(conn: Connection, placed: Sequence[Placed]) -> None:
    """Where receipts stand in the books; once only. Raises LookupError when one is unknown or booked already."""
    cursor = conn.execute(
        "UPDATE receipts r SET book_id = p.book_id, seq = p.seq "
        "FROM unnest(%s::text[], %s::bigint[], %s::bigint[]) AS p (receipt, book_id, seq) "
        "WHERE r.receipt = p.receipt AND r.seq IS NULL",
        [[one.receipt for one in placed], [one.book_id for one in placed], [one.seq for one in placed]],
    )
    if cursor.rowcount != len(placed):
        raise LookupError("no such receipt waits to be booked")


def moved(conn: Connection, placed: Placed) -> None:
    """It came out of suspense and stands on this page from now on. Raises LookupError when it is not booked at all."""
    cursor = conn.execute(
        "UPDATE receipts SET book_id = %s, seq = %s WHERE receipt = %s AND seq IS NOT NULL",
        [placed.book_id, placed.seq, placed.receipt],
    )
    if cursor.rowcount != 1:
        raise LookupError("no such receipt is booked")


def of_payer(
    conn: Connection,
    attempt_ids: Sequence[int],
    phones: Iterable[str],
    payers: Payers,
    pages: Sequence[tuple[int, int]] = (),
) -> dict[str, tuple[int, int] | None]:
    """Receipts of these attempts, from these numbers, or paybill money on these pages (book, number); each with its
    page once it is booked. A masked payer stands in no row: only the page says that she may be in its evidence.
    """
    rows = conn.execute(
        "SELECT receipt, book_id, seq FROM receipts WHERE attempt_id = ANY(%s) OR payer_key = ANY(%s) OR (kind = 'c2b' "
        "AND (book_id, seq) IN (SELECT * FROM unnest(%s::bigint[], %s::bigint[]))) ORDER BY receipt",
        [
            list(attempt_ids),
            [payers.of_phone(phone) for phone in phones],
            [book_id for book_id, _ in pages],
            [seq for _, seq in pages],
        ],
    ).fetchall()
    return {receipt: None if seq is None else (book_id, seq) for receipt, book_id, seq in rows}


def forget_payer(conn: Connection, named: Sequence[str]) -> int:
    """These receipts do not say any more who paid: we could still find her by the key. Returns how many."""
    return conn.execute(
        "UPDATE receipts SET payer_key = NULL WHERE receipt = ANY(%s) AND payer_key IS NOT NULL", [list(named)]
    ).rowcount


def rekey(conn: Connection, payers: Payers) -> int:
    """Receipts of earlier versions told payers by plain hashes: these become keys. Returns how many payers."""
    plain = [
        hashed
        for (hashed,) in conn.execute(
            "SELECT DISTINCT payer_key FROM receipts WHERE octet_length(payer_key) = 32"
        ).fetchall()
    ]
    conn.execute(
        "UPDATE receipts r SET payer_key = k.key FROM unnest(%s::bytea[], %s::bytea[]) AS k (plain, key) "
        "WHERE r.payer_key = k.plain",
        [plain, [payers.of_hash(hashed) for hashed in plain]],
    )
    return len(plain)


def _told(proof: Proof) -> ProvenReceipt:
    attempt = proof.attempt
    whose = attempt or proof.meant
    return ProvenReceipt(
        receipt=proof.money.receipt,
        shortcode_id=proof.shortcode_id,
        shortcode=proof.shortcode,
        kind=proof.kind,
        amount_cents=proof.money.amount_cents,
        paid_at=proof.money.paid_at,
        attempt_id=attempt.id if attempt else None,
        chama_id=whose.chama_id if whose else None,
        member_id=whose.member_id if whose else None,
        payer_id=attempt.payer_id if attempt else None,
        purpose=whose.purpose if whose else None,
        reason=proof.reason,
        sent=proof.sent,
    )
