"""What we signed for a chain, written down before anybody hears of it: the log that a crash is recovered from.

Theory of operation. Every transaction has one nonce, taken under the lock of its account, and one or more signed
attempts at it. The bytes of an attempt are committed here before they are broadcast, so whatever a node knows of us, we
know too; after a crash the same bytes are sent again, which no chain takes twice.

    signed    committed here; perhaps nobody has heard of it yet
    sent      a node took one of its attempts
    mined     a receipt shows that one attempt succeeded; looked at again until its event was read
    reverted  a receipt shows that it was mined and did nothing
    replaced  something else was mined under its nonce

A reorganisation takes a mined one back to sent.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from psycopg.rows import class_row

from ledger.moves import Moves
from ledger.wires import Connection

Purpose = Literal["deploy", "anchor"]


class TransactionState(StrEnum):
    SIGNED = "signed"
    SENT = "sent"
    MINED = "mined"
    REVERTED = "reverted"
    REPLACED = "replaced"


TRANSACTION_MOVES: Moves[TransactionState] = Moves(
    "chain_transactions.state",
    {
        TransactionState.SIGNED: frozenset(set(TransactionState) - {TransactionState.SIGNED}),
        TransactionState.SENT: frozenset(set(TransactionState) - {TransactionState.SIGNED, TransactionState.SENT}),
        TransactionState.MINED: frozenset({TransactionState.SENT}),
        TransactionState.REVERTED: frozenset(),
        TransactionState.REPLACED: frozenset(),
    },
)


@dataclass(frozen=True)
class Account:
    """Who signs, and on which chain; `address` is a checksummed hex address."""

    chain_id: int
    address: str


@dataclass(frozen=True)
class Attempt:
    """One signed transaction; fees in wei per gas. `tip_wei` is None on a chain without a base fee."""

    tx_hash: bytes
    raw: bytes
    gas: int
    max_fee_wei: int
    tip_wei: int | None
    signed_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True)
class Submission:
    """One nonce of ours and everything we signed for it, oldest attempt first."""

    id: int
    nonce: int
    purpose: Purpose
    batch: int | None
    state: TransactionState
    attempts: tuple[Attempt, ...]


@dataclass(frozen=True)
class Contract:
    """A contract of ours on one chain; `genesis_hash` is the hash of that chain's first block."""

    address: str
    deployed_block: int
    tx_hash: bytes
    genesis_hash: bytes


def take_nonce(conn: Connection, account: Account, mined: int) -> int:
    """Locks the account and gives the nonce to sign next; `mined` is how many transactions the chain counts for it."""
    conn.execute(
        "INSERT INTO chain_accounts (chain_id, address, next_nonce) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        [account.chain_id, account.address, mined],
    )
    row = conn.execute(
        "SELECT next_nonce FROM chain_accounts WHERE chain_id = %s AND address = %s FOR UPDATE",
        [account.chain_id, account.address],
    ).fetchone()
    assert row  # noqa: S101 - written one statement ago
    return max(int(row[0]), mined)


def record(
    conn: Connection,
    account: Account,
    *,
    nonce: int,
    purpose: Purpose,
    batch: int | None,
    attempt: Attempt,
) -> None:
    """Writes down a new transaction with its first attempt, under the lock that `take_nonce` holds."""
    row = conn.execute(
        "INSERT INTO chain_transactions (chain_id, address, nonce, purpose, batch, state, created_at) "
        "VALUES (%s, %s, %s, %s, %s, 'signed', %s) RETURNING id",
        [account.chain_id, account.address, nonce, purpose, batch, attempt.signed_at],
    ).fetchone()
    assert row  # noqa: S101 - an INSERT with RETURNING has its row
    conn.execute(
        "UPDATE chain_accounts SET next_nonce = %s WHERE chain_id = %s AND address = %s",
        [nonce + 1, account.chain_id, account.address],
    )
    add_attempt(conn, row[0], attempt)


def add_attempt(conn: Connection, submission_id: int, attempt: Attempt) -> None:
    """Writes down a further attempt at the same nonce; the earlier ones stay, for any of them may be mined."""
    conn.execute(
        "INSERT INTO chain_attempts (tx_hash, transaction_id, raw, gas, max_fee_wei, tip_wei, signed_at) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s)",
        [
            attempt.tx_hash,
            submission_id,
            attempt.raw,
            attempt.gas,
            attempt.max_fee_wei,
            attempt.tip_wei,
            attempt.signed_at,
        ],
    )


def unsettled(conn: Connection, account: Account) -> list[Submission]:
    """What may still change, lowest nonce first: not mined yet, or mined for a batch whose event was not read yet."""
    rows = conn.execute(
        "SELECT t.id, t.nonce, t.purpose, t.batch, t.state FROM chain_transactions t "
        "LEFT JOIN batches b ON b.number = t.batch AND (b.block_number IS NULL OR b.chain_id <> t.chain_id) "
        "WHERE t.chain_id = %s AND t.address = %s "
        "AND (t.state IN ('signed', 'sent') OR (t.state = 'mined' AND b.number IS NOT NULL)) ORDER BY t.nonce",
        [account.chain_id, account.address],
    ).fetchall()
    return [
        Submission(id_, nonce, purpose, batch, TransactionState(state), _attempts(conn, id_))
        for id_, nonce, purpose, batch, state in rows
    ]


def under_way(conn: Connection, account: Account, purpose: Purpose, batch: int | None) -> bool:
    """Whether something signed for this purpose and batch is, or may yet be, on the chain."""
    row = conn.execute(
        "SELECT TRUE FROM chain_transactions WHERE chain_id = %s AND address = %s AND purpose = %s "
        "AND batch IS NOT DISTINCT FROM %s AND state IN ('signed', 'sent', 'mined') LIMIT 1",
        [account.chain_id, account.address, purpose, batch],
    ).fetchone()
    return row is not None


def deployment(conn: Connection, account: Account) -> Submission | None:
    """The deployment that was mined last, to be sent again when a reorganisation took it away."""
    row = conn.execute(
        "SELECT id, nonce FROM chain_transactions WHERE chain_id = %s AND address = %s AND purpose = 'deploy' "
        "AND state = 'mined' ORDER BY nonce DESC LIMIT 1",
        [account.chain_id, account.address],
    ).fetchone()
    if row is None:
        return None
    return Submission(row[0], row[1], "deploy", None, TransactionState.MINED, _attempts(conn, row[0]))


def move(conn: Connection, submission: Submission, to: TransactionState) -> None:
    """Moves the transaction; raises ForbiddenMove when somebody else moved it first to where this does not lead."""
    row = conn.execute("SELECT state FROM chain_transactions WHERE id = %s FOR UPDATE", [submission.id]).fetchone()
    state = TransactionState(row[0]) if row else submission.state
    if state is to:
        return
    TRANSACTION_MOVES.require(state, to)
    conn.execute("UPDATE chain_transactions SET state = %s WHERE id = %s", [to, submission.id])


def mark_sent(conn: Connection, attempt: Attempt, at: datetime) -> None:
    """Notes when a node last took this attempt."""
    conn.execute("UPDATE chain_attempts SET sent_at = %s WHERE tx_hash = %s", [at, attempt.tx_hash])


def contract(conn: Connection, chain_id: int, name: str) -> Contract | None:
    """Our contract `name` on this chain, if one was deployed."""
    with conn.cursor(row_factory=class_row(Contract)) as cursor:
        return cursor.execute(
            "SELECT address, deployed_block, tx_hash, genesis_hash FROM chain_contracts "
            "WHERE chain_id = %s AND name = %s",
            [chain_id, name],
        ).fetchone()


def record_contract(conn: Connection, chain_id: int, name: str, found: Contract) -> None:
    """Writes down where our contract stands; a later deployment takes its place."""
    conn.execute(
        "INSERT INTO chain_contracts (chain_id, name, address, deployed_block, tx_hash, genesis_hash) "
        "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (chain_id, name) DO UPDATE SET address = EXCLUDED.address, "
        "deployed_block = EXCLUDED.deployed_block, tx_hash = EXCLUDED.tx_hash, genesis_hash = EXCLUDED.genesis_hash",
        [chain_id, name, found.address, found.deployed_block, found.tx_hash, found.genesis_hash],
    )


def _attempts(conn: Connection, submission_id: int) -> tuple[Attempt, ...]:
    with conn.cursor(row_factory=class_row(Attempt)) as cursor:
        return tuple(
            cursor.execute(
                "SELECT tx_hash, raw, gas, max_fee_wei, tip_wei, signed_at, sent_at FROM chain_attempts "
                "WHERE transaction_id = %s ORDER BY signed_at, max_fee_wei",
                [submission_id],
            ).fetchall()
        )
