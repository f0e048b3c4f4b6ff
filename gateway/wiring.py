"""Builds what a process needs once, from its settings: pools, Redis, clock, chance and Daraja.

A transaction has one owner. The pool is autocommit; `transaction()` and `acting_as()` stand in views and jobs only, and
what they yield is passed down as `conn`. Web and worker take on their own database roles when the server has them.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Literal, Protocol

import redis
from psycopg import Connection, sql
from psycopg_pool import ConnectionPool
from redis.backoff import NoBackoff
from redis.retry import Retry

from gateway.settings import Settings
from ledger.wires import Chance
from payments.daraja.client import Daraja
from payments.daraja.keys import Keys

Process = Literal["web", "worker"]

# A member's turn has 4 seconds in all: half a second for a connection, 1.5 for any one statement, 2.2 for all of them
# (where PostgreSQL can limit a transaction, from 17 on), 0.3 for each trip to Redis, which tries twice.
# The worker has nobody waiting in front of it, and what it holds in its hands must not be lost to a restart of
# PostgreSQL: it waits.
POOL_WAIT_SECONDS = {"web": 0.5, "worker": 10.0}
TRANSACTION_TIMEOUT_MS = 2_200
TRANSACTION_TIMEOUT_SINCE = 170_000
# Whoever asks next starts a new try: the pool's own way doubles its pauses, and stays away for minutes after an outage.
RECONNECT_SECONDS = 1.0
CONNECT_SECONDS = 2
STATEMENT_TIMEOUT_MS = {"web": 1_500, "worker": 15_000}
REDIS_TIMEOUT_SECONDS = 0.3
POOL_SIZE = {"web": 8, "worker": 12}


class Clock(Protocol):
    def now(self) -> datetime: ...


class SystemChance:
    """Randomness that nobody can foresee."""

    def token_bytes(self, length: int) -> bytes:
        return secrets.token_bytes(length)


@dataclass(frozen=True)
class Wiring:
    """Everything a view or a job reaches the world through. `process` chooses the database role and the limits."""

    settings: Settings
    process: Process
    clock: Clock
    chance: Chance = field(default_factory=SystemChance)

    def now(self) -> datetime:
        """The instant in UTC."""
        return self.clock.now()

    @cached_property
    def pool(self) -> ConnectionPool[Connection[Any]]:
        return ConnectionPool(
            self.settings.database_url,
            kwargs={"autocommit": True, "connect_timeout": CONNECT_SECONDS},
            configure=self._configure,
            min_size=1,
            max_size=POOL_SIZE[self.process],
            timeout=POOL_WAIT_SECONDS[self.process],
            reconnect_timeout=RECONNECT_SECONDS,
            check=ConnectionPool.check_connection if self.process == "worker" else None,
            open=True,
            name=self.process,
        )

    @cached_property
    def redis(self) -> redis.Redis:
        return redis.Redis.from_url(
            self.settings.redis_url,
            socket_timeout=REDIS_TIMEOUT_SECONDS,
            socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
            # Once more, at once, for a connection that a restart has cut. The library's own way waits for seconds.
            retry=Retry(NoBackoff(), 1),
        )

    @property
    def public_url(self) -> str:
        """Where Safaricom calls us, without a slash at the end."""
        return self.settings.public_url.rstrip("/")

    @cached_property
    def daraja(self) -> Daraja:
        """Safaricom, with the first shortcode's keys."""
        settings = self.settings
        keys = Keys(
            shortcode=settings.mpesa_business_shortcode,
            consumer_key=settings.mpesa_consumer_key,
            consumer_secret=settings.mpesa_consumer_secret,
            passkey=settings.mpesa_passkey,
            initiator=settings.mpesa_initiator_name,
            security_credential=settings.mpesa_security_credential,
        )
        return Daraja(settings.mpesa_base_url, keys)

    @contextmanager
    def transaction(self) -> Iterator[Connection[Any]]:
        """A connection inside a transaction of its own: committed at the end, rolled back when the block raises."""
        with self.pool.connection() as conn, conn.transaction():
            yield conn

    @contextmanager
    def acting_as(self, user_id: int | None) -> Iterator[Connection[Any]]:
        """Reads for one person: a transaction that says in `app.user_id` whose it is, for row policies; 0 is nobody."""
        with self.transaction() as conn:
            self.become(conn, user_id)
            yield conn

    def become(self, conn: Connection[Any], user_id: int | None) -> None:
        """For the rest of this transaction it is this person who reads: for one whom it has recognised just now."""
        conn.execute("SELECT set_config('app.user_id', %s, true)", [str(user_id or 0)])

    def _configure(self, conn: Connection[Any]) -> None:
        """Once per connection: the limits, and the role of this process if the server has it and lets us take it."""
        conn.execute("SELECT set_config('statement_timeout', %s, false)", [str(STATEMENT_TIMEOUT_MS[self.process])])
        if self.process == "web" and conn.info.server_version >= TRANSACTION_TIMEOUT_SINCE:
            conn.execute("SELECT set_config('transaction_timeout', %s, false)", [str(TRANSACTION_TIMEOUT_MS)])
        role = f"pesachama_{self.process}"
        at_hand = conn.execute(
            "SELECT TRUE FROM pg_roles WHERE rolname = %s AND pg_has_role(CURRENT_USER, oid, 'MEMBER')", [role]
        ).fetchone()
        if at_hand:
            conn.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(role)))

    def close(self) -> None:
        """Gives everything back; for tests and for a process that ends in order."""
        if "pool" in self.__dict__:
            self.pool.close()
        if "redis" in self.__dict__:
            self.redis.close()
