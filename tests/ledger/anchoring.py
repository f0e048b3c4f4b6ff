"""Hands for the tests of sealing and anchoring: entries to seal, a chain to trouble, a round of everything."""

from typing import Any

from psycopg import Connection
from web3.exceptions import Web3RPCError
from web3.types import RPCEndpoint

import ledger
from gateway.wiring import Wiring
from ledger import batches, sync
from ledger.chain import Anchor, connect
from tests.instruments import START, SeededChance


class Chain:
    """The chain's address, the key of an account with money, and the ways to trouble it."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url
        self.key = key
        self.web3 = connect(url)

    def ask(self, method: str, *parameters: Any) -> Any:
        """One request that web3 does not know."""
        answer = self.web3.provider.make_request(RPCEndpoint(method), list(parameters))
        if "error" in answer:
            raise Web3RPCError(str(answer["error"]))
        return answer["result"]


class Group:
    """A chama's book into which contributions of 100 shillings come."""

    def __init__(self, conn: Connection[Any]) -> None:
        self.conn = conn
        self.chance = SeededChance(7)
        self.book_id = ledger.open_book(conn, kind="chama", name="Umoja", at=START)
        self.float_id = ledger.open_account(conn, book_id=self.book_id, code="mpesa:600123", kind="asset")
        self.member_id = ledger.open_account(conn, book_id=self.book_id, code="member:1", kind="liability")
        self.posted: list[ledger.Posted] = []

    def contribute(self, times: int = 1) -> list[ledger.Posted]:
        """Posts so many contributions; returns them."""
        lines = (ledger.Line(self.float_id, 10_000), ledger.Line(self.member_id, -10_000))
        new = [
            ledger.post(
                self.conn,
                ledger.Draft(self.book_id, "contribution", START, lines, "receipt", f"{self.book_id}-{number}"),
                at=START,
                chance=self.chance,
            )
            for number in range(len(self.posted), len(self.posted) + times)
        ]
        self.posted += new
        return new


def settle(wiring: Wiring, anchor: Anchor) -> None:
    """Seals, commits and reads until nothing moves."""
    for _ in range(50):
        moved = batches.seal_due(wiring, witness="chain")
        moved += anchor.commit_due(wiring)
        moved += sync.read(wiring, anchor.web3)
        if not moved:
            return
    raise AssertionError("it never comes to rest")


def states(conn: Connection[Any]) -> list[tuple[int, str]]:
    """Every batch with its state."""
    return conn.execute("SELECT number, state FROM batches ORDER BY number").fetchall()


def anchored(anchor: Anchor, conn: Connection[Any]) -> list[tuple[int, bytes]]:
    """What the chain itself holds: batch and root of every event of this database's contract."""
    row = conn.execute("SELECT address FROM chain_contracts").fetchone()
    assert row
    events = anchor.contract_at(row[0]).events.Anchored().get_logs(from_block=0)
    return [(event["args"]["batch"], event["args"]["root"]) for event in events]
