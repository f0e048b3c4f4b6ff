"""Reads the contract's events back from the chain: what completes a batch.

Theory of operation. A cursor holds the last block that was read, with its hash. `read` first asks whether the chain
still has that block; if not, it walks back to the newest block with an event of ours that the chain still has, marks
what stood above it as not canonical, and takes its batches back. Then it reads forward, one range of blocks at a time,
as far as blocks are `confirmations` deep: events, completed batches and the cursor move in one transaction, so that it
can be killed anywhere. A range counts only when the chain still has its last block and the cursor's after it was read.

After a restore (`forget_reading`) the events beyond the backup are read as ever, and batches that the database does not
know are taken over from them. Only when it has all that the contract has is sealing let go on; a contract that holds
another root for a batch of ours is said, and keeps it from going on.

A lagging node looks like a reorganisation. That does no harm: the same bytes are sent again, no chain takes them twice,
and the events are read again.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row
from web3 import Web3
from web3.exceptions import BlockNotFound, Web3RPCError
from web3.types import EventData

from contracts import artifact
from ledger import batches, submissions
from ledger.chain import NAME, RETRY_FAILED, ChainTrouble, check_chain, talking
from ledger.findings import Finding
from ledger.wires import Connection, Wires

EVENT = "Anchored"
# Most providers answer ranges up to this; the others say so, or the range is halved.
LONGEST_RANGE = 10_000
# A reorganisation may put the deployment into an earlier block than the one we saw.
MARGIN = 100


OTHER_BATCHES = (
    "the contract's batch {} is not the one in this database: its key was used by another house, or this database was "
    "restored and went on sealing before it had read the chain; nothing more is sealed (docs/operations/backup.md)"
)

# How providers word the longest range they take; the number may hold commas, a pair is its first and last block.
LIMITS = (
    re.compile(r"should work: \[(0x[0-9a-f]+), *(0x[0-9a-f]+)\]", re.I),
    re.compile(r"(?:limited to|max(?:imum)?|up to|exceeds?)(?: is| of| a| the| block| range|:)* ([0-9][0-9,]*)", re.I),
)


@dataclass(frozen=True)
class Cursor:
    """The last block that was read."""

    block_number: int
    block_hash: bytes


@dataclass(frozen=True)
class Source:
    """Whose events are read, and from which block on."""

    chain_id: int
    contract: str
    first_block: int


def read(wires: Wires, web3: Web3, *, confirmations: int = 1) -> int:
    """Reads what is new; returns how many events came or went. Raises ChainTrouble, ChainLost.

    `confirmations` is how deep a block must lie: 1 takes the newest one.
    """
    with talking():
        source = _source(wires, web3)
        if source is None:
            return 0
        cursor, changed = _settled_cursor(wires, web3, source)
        safe = web3.eth.block_number - confirmations + 1
        length = LONGEST_RANGE
        while cursor.block_number < safe:
            last = min(cursor.block_number + length, safe)
            ahead = Cursor(last, _hash(web3, last))
            try:
                found = _events(web3, source, cursor.block_number + 1, last)
            except Web3RPCError as error:
                if length == 1:
                    raise
                length = shorter(length, str(error))
                continue
            if not (_stands(web3, cursor) and _stands(web3, ahead) and _record(wires, source, cursor, ahead, found)):
                break
            cursor, changed = ahead, changed + len(found)
            length = min(LONGEST_RANGE, length + -(-length // 4))
        if cursor.block_number >= safe:
            _let_sealing_go_on(wires, web3, source)
        return changed


def forget_reading(conn: Connection) -> None:
    """The rows came from a backup: what the contract has taken since then is not known here."""
    conn.execute("UPDATE chain_cursors SET read_back = FALSE")


def _let_sealing_go_on(wires: Wires, web3: Web3, source: Source) -> None:
    """Once all that the contract has is here; what is not deep enough yet is waited for. Raises ChainTrouble."""
    with wires.transaction() as conn:
        if not _restored(conn, source):
            return
    contract = web3.eth.contract(Web3.to_checksum_address(source.contract), abi=artifact(NAME)["abi"])
    last, root = contract.functions.lastBatch().call(), bytes(contract.functions.lastRoot().call())
    with wires.transaction() as conn:
        batch = batches.get(conn, last) if last else None
        if last and batch is not None and batch.root != root:
            raise ChainTrouble(OTHER_BATCHES.format(last))
        if last == 0 or batch is not None:
            conn.execute(
                "UPDATE chain_cursors SET read_back = TRUE WHERE chain_id = %s AND contract = %s",
                [source.chain_id, source.contract],
            )


def _restored(conn: Connection, source: Source) -> bool:
    """Whether this chain's events were not read back yet since the rows came from a backup."""
    row = conn.execute(
        "SELECT TRUE FROM chain_cursors WHERE chain_id = %s AND contract = %s AND NOT read_back",
        [source.chain_id, source.contract],
    ).fetchone()
    return row is not None


def shorter(length: int, message: str) -> int:
    """How many blocks to ask for after a provider refused `length` of them with `message`: what it says, or half."""
    for limit in LIMITS:
        found = limit.search(message)
        if found:
            numbers = [int(text.replace(",", ""), 0) for text in found.groups()]
            told = numbers[0] if len(numbers) == 1 else numbers[1] - numbers[0] + 1
            if 0 < told < length:
                return told
    return max(1, length // 2)


def compare(conn: Connection, web3: Web3) -> Finding:
    """Asks the chain for all its events again and compares them with the completed batches."""
    with talking():
        chain_id, head = web3.eth.chain_id, web3.eth.block_number
        known = submissions.contract(conn, chain_id, NAME)
        name = "completed batches stand on the chain"
        if known is None:
            return Finding(name, True, "", 0)
        source = Source(chain_id, known.address, first_block_of(known))
        roots: dict[int, bytes] = {}
        for first in range(source.first_block, head + 1, LONGEST_RANGE):
            for event in _events(web3, source, first, min(first + LONGEST_RANGE - 1, head)):
                roots[event["args"]["batch"]] = event["args"]["root"]
    rows = conn.execute(
        "SELECT number, root FROM batches WHERE state = 'completed' AND chain_id = %s AND contract = %s "
        "ORDER BY number",
        [chain_id, known.address],
    ).fetchall()
    ours = dict(conn.execute("SELECT number, root FROM batches").fetchall())
    wrong = {number for number, root in rows if roots.get(number) != root}
    wrong |= {number for number, root in roots.items() if ours.get(number) != root}
    detail = f"missing or different: batch {', '.join(map(str, sorted(wrong)[:5]))}" if wrong else ""
    return Finding(name, not wrong, detail, len(rows))


def _source(wires: Wires, web3: Web3) -> Source | None:
    chain_id = web3.eth.chain_id
    with wires.transaction() as conn:
        known = submissions.contract(conn, chain_id, NAME)
    if known is None:
        return None
    check_chain(web3, chain_id, known)
    return Source(chain_id, known.address, first_block_of(known))


def first_block_of(known: submissions.Contract) -> int:
    """Where to begin to read: some blocks before the deployment."""
    return max(1, known.deployed_block - MARGIN)


def _settled_cursor(wires: Wires, web3: Web3, source: Source) -> tuple[Cursor, int]:
    """The cursor, walked back to a block that the chain still has, and how many events went with that."""
    with wires.transaction() as conn:
        cursor = _cursor(conn, source)
    if cursor and _stands(web3, cursor):
        return cursor, 0
    beginning = Cursor(source.first_block - 1, _hash(web3, source.first_block - 1))
    if cursor is None:
        with wires.transaction() as conn:
            _save(conn, source, beginning)
        return beginning, 0
    with wires.transaction() as conn:
        blocks = _blocks_with_events(conn, source)
    ancestor = next((block for block in blocks if _stands(web3, block)), beginning)
    with wires.transaction() as conn:
        return ancestor, _take_back(conn, source, ancestor)


def _take_back(conn: Connection, source: Source, ancestor: Cursor) -> int:
    """Marks the events above `ancestor` as gone, takes their batches back, and moves the cursor there."""
    _save(conn, source, ancestor)
    removed = conn.execute(
        "UPDATE chain_logs SET canonical = FALSE WHERE chain_id = %s AND contract = %s AND block_number > %s "
        "AND canonical RETURNING batch",
        [source.chain_id, source.contract, ancestor.block_number],
    ).fetchall()
    for (number,) in removed:
        batch = batches.get(conn, number)
        if batch:
            batches.reopen(conn, batch)
    return len(removed)


def _record(wires: Wires, source: Source, cursor: Cursor, ahead: Cursor, found: Sequence[EventData]) -> bool:
    """Events, batches and the cursor in one transaction; False when another reader moved the cursor meanwhile."""
    with wires.transaction() as conn:
        if _cursor(conn, source) != cursor:
            return False
        for event in found:
            _keep(conn, source, event, wires.now())
        _save(conn, source, ahead)
        return True


def _keep(conn: Connection, source: Source, event: EventData, at: datetime) -> None:
    args, block_hash, tx_hash = event["args"], bytes(event["blockHash"]), bytes(event["transactionHash"])
    conn.execute(
        "INSERT INTO chain_logs (chain_id, block_hash, log_index, block_number, tx_hash, contract, event, batch, root, "
        "previous_root, leaf_count, canonical, seen_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, TRUE, %s) "
        "ON CONFLICT (chain_id, block_hash, log_index) DO UPDATE SET canonical = TRUE",
        [
            *(source.chain_id, block_hash, event["logIndex"], event["blockNumber"], tx_hash, source.contract, EVENT),
            *(args["batch"], args["root"], args["previousRoot"], args["count"], at),
        ],
    )
    batch = batches.get(conn, args["batch"])
    if batch is None and _restored(conn, source):
        known = {"root": args["root"], "previous_root": args["previousRoot"], "leaf_count": args["count"]}
        batch = batches.take_over(conn, args["batch"], **known, at=at)
    if batch and batch.root == args["root"]:
        batches.place(
            conn,
            batch.number,
            chain_id=source.chain_id,
            contract=source.contract,
            tx_hash=tx_hash,
            block_number=event["blockNumber"],
            block_hash=block_hash,
        )
        batches.complete(conn, batch, at=at)
    elif batch:
        message = f"the chain holds another root for this batch, in block {event['blockNumber']}"
        batches.fail(conn, batch, message=message, due_at=at + RETRY_FAILED)


def _cursor(conn: Connection, source: Source) -> Cursor | None:
    with conn.cursor(row_factory=class_row(Cursor)) as cursor:
        return cursor.execute(
            "SELECT block_number, block_hash FROM chain_cursors WHERE chain_id = %s AND contract = %s FOR UPDATE",
            [source.chain_id, source.contract],
        ).fetchone()


def _save(conn: Connection, source: Source, cursor: Cursor) -> None:
    conn.execute(
        "INSERT INTO chain_cursors (chain_id, contract, block_number, block_hash) VALUES (%s, %s, %s, %s) "
        "ON CONFLICT (chain_id, contract) DO UPDATE "
        "SET block_number = EXCLUDED.block_number, block_hash = EXCLUDED.block_hash",
        [source.chain_id, source.contract, cursor.block_number, cursor.block_hash],
    )


def _blocks_with_events(conn: Connection, source: Source) -> list[Cursor]:
    """The newest blocks that hold events of ours, newest first; a reorganisation goes no deeper than these."""
    with conn.cursor(row_factory=class_row(Cursor)) as cursor:
        return cursor.execute(
            "SELECT DISTINCT block_number, block_hash FROM chain_logs WHERE chain_id = %s AND contract = %s "
            "AND canonical ORDER BY block_number DESC LIMIT 500",
            [source.chain_id, source.contract],
        ).fetchall()


def _events(web3: Web3, source: Source, first: int, last: int) -> list[EventData]:
    contract = web3.eth.contract(Web3.to_checksum_address(source.contract), abi=artifact(NAME)["abi"])
    return list(contract.events.Anchored().get_logs(from_block=first, to_block=last))


def _stands(web3: Web3, cursor: Cursor) -> bool:
    """Whether the chain has this very block."""
    try:
        return _hash(web3, cursor.block_number) == cursor.block_hash
    except BlockNotFound:
        return False


def _hash(web3: Web3, number: int) -> bytes:
    return bytes(web3.eth.get_block(number)["hash"])
