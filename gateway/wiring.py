"""Builds what a process needs once, from its settings: pools, Redis, clock, chance and Daraja.

A transaction has one owner. The pool is autocommit; what begins one stands in views and jobs only, and yields what is
passed down as `conn`. It says who acts, and row-level security shows no more than that person's rows
(migrations/0010_rows.sql, docs/decisions/0011-row-level-security.md):

    transaction()     the worker: every row. In the web process nobody acts, so there is no row of anybody's
    acting_as()       a person: her own rows, and those of the chamas that have let her in
    holding()         the same, for whoever holds a phone, an e-mail address, a session or a program's token
    at_the_door()     nobody is known: only rows that carry what is shown, such as a callback's token or a receipt code
    overseeing()      an operator: what all groups have in common; the database looks whether she is one
    counting()        nobody, for figures about the house: rows that wait
    at_once()         nobody: one statement that is a transaction by itself and calls a function that needs no context

Role, limits and context are said anew in the message that begins a transaction, and end with it: no context is left on
the connection, so that a pooler may give it to somebody else. Only where no pooler stands between are role and limits
also said once to the connection, for the statements that begin nothing.
"""

import hmac
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, Protocol

import redis
from psycopg import Connection
from psycopg.pq import Escaping
from psycopg_pool import ConnectionPool
from redis.backoff import NoBackoff
from redis.retry import Retry

from chamas.members.access import IN_OFFICE
from chamas.persons.identity import Safe
from chamas.persons.shelf import Shelf
from gateway import limits
from gateway.lending import lent
from gateway.patience import PATIENCE
from gateway.settings import Settings
from ledger.wires import Chance
from payments.charges import Bands, read_bands
from payments.daraja import certificate
from payments.daraja.client import Daraja
from payments.daraja.keys import Keys
from payments.payers import Payers
from payments.strongbox import Strongbox

Process = Literal["web", "worker"]

# What shows who somebody is, and what somebody shows who is not known.
Held = Literal["phone", "email", "session", "bearer"]
Shown = Literal["token", "code", "message", "incident", "avatar", "nothing"]

# Where the request that is being answered came from; empty outside of one. `create_app` sets it.
CALLER_ADDRESS: ContextVar[str] = ContextVar("CALLER_ADDRESS", default="")


class Clock(Protocol):
    def now(self) -> datetime: ...


class SystemChance:
    """Randomness that nobody can foresee."""

    def token_bytes(self, length: int) -> bytes:
        return secrets.token_bytes(length)


OFFICES = (  # what own_chamas() answers, and so all that follows from it, until the transaction ends
    "SELECT set_config('app.own_chamas', said, true), set_config('app.near_chamas', said, true) FROM (SELECT %s || ':' "
    "|| ARRAY(SELECT chama_id FROM chama_members WHERE user_id = %s AND role <> 'member' AND status = ANY(%s))::text "
    "AS said) AS offices"
)


@dataclass(frozen=True)
class Wiring:
    """Everything a view or a job reaches the world through. `process` chooses the database role and the limits."""

    settings: Settings
    process: Process
    clock: Clock
    chance: Chance = field(default_factory=SystemChance)
    _limits: bytes = field(default=b"", init=False, repr=False)

    def now(self) -> datetime:
        """The instant in UTC."""
        return self.clock.now()

    @cached_property
    def pool(self) -> ConnectionPool[Connection[Any]]:
        return ConnectionPool(
            self.settings.database_url,
            kwargs={
                "autocommit": True,
                "connect_timeout": limits.CONNECT_SECONDS,
                **limits.KEEPALIVES,
                # Behind a pooler the next transaction may come to a server that knows nothing of what was prepared.
                **({"prepare_threshold": None} if self.settings.pooled else {}),
            },
            configure=self._look,
            min_size=1,
            max_size=limits.POOL_SIZE[self.process],
            timeout=limits.POOL_WAIT_SECONDS[self.process],
            reconnect_timeout=limits.RECONNECT_SECONDS,
            open=True,
            name=self.process,
        )

    @cached_property
    def redis(self) -> redis.Redis:
        return redis.Redis.from_url(
            self.settings.redis_url,
            socket_timeout=limits.REDIS_TIMEOUT_SECONDS,
            socket_connect_timeout=limits.REDIS_TIMEOUT_SECONDS,
            # Once more, at once, for a connection that a restart has cut. The library's own way waits for seconds.
            retry=Retry(NoBackoff(), 1),
        )

    @property
    def public_url(self) -> str:
        """Where Safaricom calls us, without a slash at the end."""
        return self.settings.public_url.rstrip("/")

    @property
    def paybill_secret(self) -> str:
        """In the path of a paybill's notices, and known to Safaricom only."""
        return self.settings.callback_secret

    @property
    def confirmation_url(self) -> str:
        """Where Safaricom confirms payments to any shortcode of ours: each notice names its own."""
        return f"{self.public_url}/pay/c2b/{self.paybill_secret}/confirmation"

    @cached_property
    def daraja(self) -> Daraja:
        """Safaricom, with the first shortcode's keys.

        A certificate that cannot be used leaves the initiator without a credential: payments still come in, and the
        doctor says what is wrong.
        """
        settings = self.settings
        keys = Keys(
            shortcode=settings.mpesa_business_shortcode,
            consumer_key=settings.mpesa_consumer_key,
            consumer_secret=settings.mpesa_consumer_secret,
            passkey=settings.mpesa_passkey,
            initiator=settings.mpesa_initiator_name,
            security_credential=settings.mpesa_security_credential,
        )
        if settings.mpesa_initiator_password:
            with suppress(OSError, UnicodeError, certificate.Unusable):
                paper = Path(settings.mpesa_certificate_file).read_text(encoding="ascii")
                made = certificate.credential(settings.mpesa_initiator_password, paper)
                keys = replace(keys, security_credential=made)
        return Daraja(settings.mpesa_base_url, keys)

    @cached_property
    def strongbox(self) -> Strongbox:
        """Where credentials of further shortcodes, national ids and documents lie at rest."""
        return Strongbox([bytes.fromhex(key) for key in self.settings.sealing_keys])

    @cached_property
    def shelf(self) -> Shelf:
        """Where the bytes of files lie."""
        return Shelf(Path(self.settings.shelf_folder), self.strongbox)

    @cached_property
    def id_safe(self) -> Safe:
        """Where national ids lie; their fingerprints under another part of the pepper than anything else."""
        return Safe(self.strongbox, hmac.digest(self.settings.pin_pepper.encode(), b"national ids", "sha256"))

    @cached_property
    def payers(self) -> Payers:
        """Under the pepper, which is kept outside the database and never changes; PINs see another part of it."""
        return Payers(hmac.digest(self.settings.pin_pepper.encode(), b"payers of receipts", "sha256"))

    @cached_property
    def payout_bands(self) -> Bands:
        """What a payout costs, as the operator's contract or the published tariff has it."""
        return read_bands(self.settings.mpesa_payout_charges)

    @cached_property
    def banking_bands(self) -> Bands | None:
        """What a transfer to a bank costs by the operator's contract; without a word of it none is offered."""
        told = self.settings.mpesa_banking_charges
        return read_bands(told) if told.strip() else None

    @contextmanager
    def transaction(self) -> Iterator[Connection[Any]]:
        """A connection inside a transaction of its own: committed at the end, rolled back when the block raises."""
        with self._begun() as conn:
            yield conn

    @contextmanager
    def acting_as(self, user_id: int | None) -> Iterator[Connection[Any]]:
        """For one person, by her id; None is a stranger."""
        with self._begun("member", user_id or 0) as conn:
            yield conn

    @contextmanager
    def holding(self, kind: Held, shown: str) -> Iterator[Connection[Any]]:
        """For whoever holds what is shown: E.164, an address, a token's SHA-256 in hex. A stranger when nobody does."""
        with self._begun("member") as conn:  # with parameters: a statement's text may end up in the server's log
            conn.execute("SELECT set_config('app.user_id', holder_of(%s, %s)::text, true)", [kind, shown])
            yield conn

    @contextmanager
    def at_the_door(self, kind: Shown, shown: str) -> Iterator[Connection[Any]]:
        """For somebody who is not known yet: the rows that carry what is shown (a token as its SHA-256 in hex)."""
        with self._begun("door", 0, f"{kind}:{shown}") as conn:
            yield conn

    @contextmanager
    def overseeing(self, user_id: int) -> Iterator[Connection[Any]]:
        """For an operator, by her id; who is none sees what a member sees."""
        with self._begun("operator", user_id) as conn:
            yield conn

    @contextmanager
    def officiating(self, user_id: int) -> Iterator[Connection[Any]]:
        """For an official at the desk, by her id: of her groups only those in which she holds an office."""
        with self._begun("member", user_id) as conn:
            conn.execute(OFFICES, [user_id, user_id, list(IN_OFFICE)])
            yield conn

    @contextmanager
    def counting(self) -> Iterator[Connection[Any]]:
        """For figures about the house: rows that wait, whosesoever they are."""
        with self._begun("house") as conn:
            yield conn

    @contextmanager
    def at_once(self) -> Iterator[Connection[Any]]:
        """For one statement in one message, committed when it returns: a function that asks for no context.

        The web's role and limits stand on the connection. Behind a pooler nothing may: there it is three messages.
        """
        if self.settings.pooled or self.process == "worker":
            with self._begun() as conn:
                yield conn
        else:
            with lent(self.pool) as conn, PATIENCE.watched(conn, limits.TRANSACTION_SECONDS[self.process]):
                yield conn

    @contextmanager
    def _begun(self, acting: str = "", user_id: int = 0, shown: str = "") -> Iterator[Connection[Any]]:
        """Begins in one message what the pool ends: by a commit, or by a rollback when the block raises."""
        context = {"app.acting": acting, "app.user_id": str(user_id) if acting else "", "app.shown": shown}
        context |= {"app.at": self.now().isoformat(), "app.address": CALLER_ADDRESS.get()}  # for the log of changes
        with (
            lent(self.pool) as conn,
            # The last of the three ends the transaction, so that its end is watched too.
            PATIENCE.watched(conn, limits.TRANSACTION_SECONDS[self.process]),
            conn,
        ):
            opening = self._limits + set_now(conn, context)
            conn.execute(opening, prepare=False)
            yield conn

    def _look(self, conn: Connection[Any]) -> None:
        """Once per connection: what the server knows of our limits, and whether we may take on our role."""
        role = f"pesachama_{self.process}"
        at_hand = conn.execute(
            "SELECT TRUE FROM pg_roles WHERE rolname = %s AND pg_has_role(SESSION_USER, oid, 'MEMBER')", [role]
        ).fetchone()
        said = {"statement_timeout": str(limits.STATEMENT_TIMEOUT_MS[self.process])}
        if self.process == "web" and conn.info.server_version >= limits.TRANSACTION_TIMEOUT_SINCE:
            said["transaction_timeout"] = str(limits.TRANSACTION_TIMEOUT_MS)
        if at_hand:
            said["role"] = role
        object.__setattr__(self, "_limits", b"BEGIN" + set_now(conn, said))
        # The nightly checks of the worker read for longer than its limit, on connections that begin nothing.
        if self.process == "web" and not self.settings.pooled:
            for name, value in said.items():
                conn.execute("SELECT set_config(%s, %s, FALSE)", [name, value])

    def close(self) -> None:
        """Gives everything back; for tests and for a process that ends in order."""
        if "pool" in self.__dict__:
            self.pool.close()
        if "redis" in self.__dict__:
            self.redis.close()


def set_now(conn: Connection[Any], said: Mapping[str, str]) -> bytes:
    """Settings of one transaction, to follow its BEGIN. No SELECT, after which it could not choose its isolation level.

    Without psycopg.sql, which takes longer than the trip to the server.
    """
    quoted = Escaping(conn.pgconn).escape_literal
    return b"".join(
        b"; SET LOCAL %b = %b" % (name.encode(), quoted(value.encode())) for name, value in said.items() if value
    )
