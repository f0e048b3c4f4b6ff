"""Paybills and tills: their rows, and the keys that speak to Daraja for them.

A shortcode has credentials of its own, in a box that only the worker's role may read and only the settings' keys open
(strongbox.py); one without a box, the first, has those of the settings. Credentials are bound to the number they are
for: a box that is laid to another shortcode's row does not open.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Literal

from psycopg.rows import class_row

from ledger.wires import Chance, Connection
from payments.daraja import certificate
from payments.daraja.c2b import Version
from payments.daraja.keys import Keys
from payments.daraja.token import read_live
from payments.strongbox import NONCE_BYTES, Closed, Strongbox
from payments.wires import Wires

Kind = Literal["paybill", "till"]


class NoKeys(Exception):
    """A shortcode whose credentials this process does not hold."""


@dataclass(frozen=True)
class Shortcode:
    """`number` is what Daraja calls BusinessShortCode: a till's is that of its head office.

    `book_id` is the book of what belongs to no chama yet; `till_number` receives the money of a till. `validates` says
    that accounts which cannot exist are refused where Safaricom asks, `c2b_version` how it names payers.
    """

    id: int
    number: str
    kind: Kind
    name: str
    till_number: str | None
    book_id: int
    c2b_version: Version
    validates: bool
    password_since: datetime | None = None
    registered_at: datetime | None = None
    registered_url_sha256: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Credentials:
    """What one shortcode speaks to Daraja with, as an operator knows it.

    The initiator's password is given with Safaricom's certificate (PEM), or already encrypted as `security_credential`.
    """

    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    passkey: str = field(repr=False)
    initiator: str = ""
    password: str = field(default="", repr=False)
    certificate: str = field(default="", repr=False)
    security_credential: str = field(default="", repr=False)

    def keys(self, number: str) -> Keys:
        """The keys of the shortcode with this number. Raises certificate.Unusable."""
        sealed = self.security_credential
        if not sealed and self.password and self.certificate:
            sealed = certificate.credential(self.password, self.certificate)
        return Keys(number, self.consumer_key, self.consumer_secret, self.passkey, self.initiator, sealed)


@dataclass(frozen=True)
class Unlocked:
    """A shortcode with what speaks for it, and its app's token where one lives."""

    shortcode: Shortcode
    keys: Keys
    token: str | None = field(default=None, repr=False)


def register(
    conn: Connection, *, number: str, kind: Kind, name: str, book_id: int, till_number: str | None = None
) -> int:
    """The id of the shortcode; a number that is already there keeps its row."""
    row = conn.execute(
        "INSERT INTO shortcodes (number, kind, name, till_number, book_id) VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT (number) DO UPDATE SET name = excluded.name RETURNING id",
        [number, kind, name, till_number, book_id],
    ).fetchone()
    assert row is not None  # noqa: S101
    return int(row[0])


def use(conn: Connection, shortcode: Shortcode, chama_id: int, *, at: datetime) -> None:
    """From now on this group is paid there."""
    conn.execute(
        "INSERT INTO chama_shortcodes (chama_id, shortcode_id, since) VALUES (%s, %s, %s) "
        "ON CONFLICT (chama_id) DO UPDATE SET shortcode_id = excluded.shortcode_id, since = excluded.since",
        [chama_id, shortcode.id, at],
    )


def record_registered(conn: Connection, shortcode: Shortcode, version: Version, url: str, *, at: datetime) -> None:
    """Safaricom took `url` as the address of this shortcode's confirmations; it is kept as a hash."""
    conn.execute(
        "UPDATE shortcodes SET c2b_version = %s, registered_url_sha256 = %s, registered_at = %s WHERE id = %s",
        [version, hashlib.sha256(url.encode()).digest(), at, shortcode.id],
    )


def refuse_unknown_accounts(conn: Connection, shortcode: Shortcode, on: bool) -> None:
    """Whether payments under an account that cannot exist are refused, where Safaricom asks before."""
    conn.execute("UPDATE shortcodes SET validates = %s WHERE id = %s", [on, shortcode.id])


def seal(
    conn: Connection, shortcode: Shortcode, given: Credentials, box: Strongbox, *, at: datetime, chance: Chance
) -> None:
    """Lays credentials into the shortcode's box, in place of those before. Raises Closed, certificate.Unusable."""
    given.keys(shortcode.number)
    if _password(given) != _password(_if_it_opens(conn, shortcode, box)):
        conn.execute("UPDATE shortcodes SET password_since = %s WHERE id = %s", [at, shortcode.id])
    plain = json.dumps(asdict(given)).encode()
    sealed = box.close(plain, whose=_whose(shortcode.number), nonce=chance.token_bytes(NONCE_BYTES))
    conn.execute(
        "INSERT INTO shortcode_credentials (shortcode_id, box, sealed_at) VALUES (%s, %s, %s) "
        "ON CONFLICT (shortcode_id) DO UPDATE SET box = excluded.box, sealed_at = excluded.sealed_at",
        [shortcode.id, sealed, at],
    )


def seal_anew(conn: Connection, box: Strongbox, *, chance: Chance) -> int:
    """Closes every box with the first key, should another one have closed it; returns how many. Raises Closed."""
    rows = conn.execute(
        "SELECT s.id, s.number, c.box FROM shortcode_credentials c JOIN shortcodes s ON s.id = c.shortcode_id "
        "ORDER BY c.shortcode_id FOR UPDATE OF c"
    ).fetchall()
    old = [(number_id, _whose(number), sealed) for number_id, number, sealed in rows if not box.is_current(sealed)]
    for number_id, whose, sealed in old:
        nonce = chance.token_bytes(NONCE_BYTES)
        closed = box.close(box.open(sealed, whose=whose), whose=whose, nonce=nonce)
        conn.execute("UPDATE shortcode_credentials SET box = %s WHERE shortcode_id = %s", [closed, number_id])
    return len(old)


def credentials_of(conn: Connection, shortcode: Shortcode, box: Strongbox) -> Credentials | None:
    """What lies in the shortcode's box; None without one. Raises NoKeys when it does not open."""
    row = conn.execute("SELECT box FROM shortcode_credentials WHERE shortcode_id = %s", [shortcode.id]).fetchone()
    if row is None:
        return None
    try:
        return Credentials(**json.loads(box.open(row[0], whose=_whose(shortcode.number))))
    except (Closed, TypeError, ValueError):
        raise NoKeys(f"the credentials of shortcode {shortcode.number} do not open") from None


def opened(conn: Connection, shortcode_id: int, wires: Wires) -> Unlocked:
    """A shortcode with its keys: those of its box, else those of the settings if they are for its number.

    Raises NoKeys, LookupError for an id that there is not.
    """
    shortcode = by_id(conn, shortcode_id)
    own = credentials_of(conn, shortcode, wires.strongbox)
    if own is None:
        return Unlocked(shortcode, keys_of(shortcode, wires.daraja.keys))
    try:
        return Unlocked(shortcode, own.keys(shortcode.number))
    except certificate.Unusable as trouble:
        raise NoKeys(f"shortcode {shortcode.number}: {trouble}") from None


def unlock(wires: Wires, shortcode_id: int) -> Unlocked:
    """`opened` in a transaction of its own, with the token, for whoever is about to call Daraja."""
    with wires.transaction() as conn:
        found = opened(conn, shortcode_id, wires)
        return replace(found, token=read_live(conn, found.keys.app, at=wires.now()))


def by_number(conn: Connection, number: str) -> Shortcode | None:
    return _one(conn, None, number)


def by_id(conn: Connection, shortcode_id: int) -> Shortcode:
    found = _one(conn, shortcode_id, None)
    if found is None:
        raise LookupError(f"no shortcode {shortcode_id}")
    return found


def of_chama(conn: Connection, chama_id: int) -> Shortcode | None:
    """Where a group is paid: its own paybill or till, else the shared one, which is the first."""
    with conn.cursor(row_factory=class_row(Shortcode)) as cursor:
        return cursor.execute(
            "SELECT s.id, s.number, s.kind, s.name, s.till_number, s.book_id, s.c2b_version, s.validates, "
            "s.password_since, s.registered_at, s.registered_url_sha256 "
            "FROM shortcodes s WHERE s.id = COALESCE((SELECT shortcode_id FROM chama_shortcodes WHERE chama_id = %s), "
            "(SELECT min(id) FROM shortcodes))",
            [chama_id],
        ).fetchone()


def everyone(conn: Connection) -> list[Shortcode]:
    """All shortcodes, the shared one first."""
    with conn.cursor(row_factory=class_row(Shortcode)) as cursor:
        return cursor.execute(
            "SELECT id, number, kind, name, till_number, book_id, c2b_version, validates, password_since, "
            "registered_at, registered_url_sha256 FROM shortcodes ORDER BY id"
        ).fetchall()


def unlock_each(wires: Wires, shortcode_ids: Iterable[int]) -> dict[int, Unlocked | NoKeys]:
    """The same for a batch that is about to leave: each shortcode is read once, however many go out in its name.

    Where the keys are not to be had, what says so stands in their place, for those that are that shortcode's.
    """
    found: dict[int, Unlocked | NoKeys] = {}
    with wires.transaction() as conn:
        for number_id in sorted(set(shortcode_ids)):
            try:
                one = opened(conn, number_id, wires)
                found[number_id] = replace(one, token=read_live(conn, one.keys.app, at=wires.now()))
            except NoKeys as trouble:
                found[number_id] = trouble
    return found


def addressed(conn: Connection, numbers: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Shortcodes of ours by the numbers in paybill notices, a till's own included: each one's id and number."""
    named = sorted(set(numbers))
    rows = conn.execute(
        "SELECT id, number, till_number FROM shortcodes WHERE number = ANY(%s) OR till_number = ANY(%s)", [named, named]
    ).fetchall()
    return {told: (number_id, number) for number_id, number, till in rows for told in (number, till) if told in named}


def first_id(conn: Connection) -> int | None:
    """The shortcode that asks when nothing says which one a stranger's receipt belongs to."""
    row = conn.execute("SELECT min(id) FROM shortcodes").fetchone()
    return None if row is None else row[0]


def keys_of(shortcode: Shortcode, from_settings: Keys) -> Keys:
    """The keys of the settings if they are for this shortcode's number. Raises NoKeys."""
    if shortcode.number != from_settings.shortcode:
        raise NoKeys(f"no credentials for shortcode {shortcode.number}")
    return from_settings


def _password(one: Credentials | None) -> tuple[str, str] | None:
    return None if one is None else (one.password, one.security_credential)


def _if_it_opens(conn: Connection, shortcode: Shortcode, box: Strongbox) -> Credentials | None:
    """A box whose key is lost is replaced like one that is not there."""
    try:
        return credentials_of(conn, shortcode, box)
    except NoKeys:
        return None


def _whose(number: str) -> str:
    return f"shortcode {number}"


def _one(conn: Connection, shortcode_id: int | None, number: str | None) -> Shortcode | None:
    with conn.cursor(row_factory=class_row(Shortcode)) as cursor:
        return cursor.execute(
            "SELECT id, number, kind, name, till_number, book_id, c2b_version, validates, password_since, "
            "registered_at, registered_url_sha256 "
            "FROM shortcodes WHERE id = %s OR number = %s",
            [shortcode_id, number],
        ).fetchone()
