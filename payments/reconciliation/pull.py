"""Pull: asks every hour what customers paid, so that a payment which nobody told us is credited all the same.

Theory of operation
-------------------
A shortcode is registered once (`register`); from then on its row in `pulls` is due every hour, every ten minutes while
callbacks are silent. One run asks for the span since the last one, with three hours of overlap because Safaricom may
list late, and page after page while rows arrive. Each row that Pull has not listed before is kept as evidence, under
the secret of the paybill's notices because we fetched it ourselves, and is read, judged and booked like a confirmation:
a receipt exactly once, whoever told it first. A push that was proven without a receipt gets it here.

Only an answer to its end makes a span one that Pull answered for; 500 may mean "none" or "trouble" and proves neither,
so the same span is asked again. Safaricom keeps 48 hours: what an outage of ours lets slip is a hole that the
certificates of those days name.

Asking is harmless: the row is due again before the first question leaves, and a process that dies asks once more.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError
from psycopg.rows import class_row

from ledger.nairobi import local
from ledger.wires import Connection
from payments import evidence, listings, movements, shortcodes, watch
from payments.daraja import pull, schemas
from payments.daraja.outcomes import Accepted, Outcome, Rejected
from payments.daraja.token import with_token
from payments.listings import Listed
from payments.phones import to_daraja
from payments.reconciliation.spans import uncovered
from payments.shortcodes import NoKeys, Shortcode
from payments.wires import Wires

# Money that nobody tells us is credited within it; Safaricom's app limits forbid much more.
EVERY = timedelta(hours=1)
# While callbacks are silent Pull is how members' money is heard of at all.
WHILE_SILENT = timedelta(minutes=10)
# Safaricom may list a payment late, and may read our times in another zone.
OVERLAP = timedelta(hours=3)
# What Safaricom keeps, less what asking takes.
KEPT = timedelta(hours=48) - timedelta(minutes=5)
# The next try after an answer that proved nothing; later as long again, up to an hour.
RETRY = timedelta(minutes=5)
# So far behind, a person has to look.
BEHIND = timedelta(hours=24)
# A page is at least one row: 200 pages of a busy shortcode's hour are far more than there can be.
PAGES_AT_MOST = 200
# Two tellings of one payment are this far apart at most when both clocks are read rightly.
SAME_MOMENT = timedelta(minutes=5)


@dataclass(frozen=True)
class Due:
    """A shortcode that is to be pulled now; everything before `reached_at` is here."""

    shortcode_id: int
    reached_at: datetime
    failures: int


@dataclass(frozen=True)
class Standing:
    """How far Pull has come for a shortcode, and what the last question came to."""

    shortcode_id: int
    number: str
    registered_at: datetime
    reached_at: datetime
    failures: int
    outcome: str | None


def register(wires: Wires, number: str, nominated: str) -> Outcome:
    """Registers a shortcode for Pull and makes it due. `nominated` is the E.164 number in the portal's KYC."""
    with wires.transaction() as conn:
        shortcode = shortcodes.by_number(conn, number)
    if shortcode is None:
        return Rejected("shortcode", f"{number} is not registered here: pesachama migrate", again=False)
    try:
        keys = shortcodes.unlock(wires, shortcode.id).keys
    except NoKeys as trouble:
        return Rejected("no_keys", str(trouble), again=False)
    address = f"{wires.public_url}/pay/c2b/{wires.paybill_secret}/confirmation"
    outcome = with_token(
        wires,
        shortcode.id,
        keys,
        lambda token: pull.register(wires.daraja, keys, token, nominated=to_daraja(nominated), callback_url=address),
    )
    if isinstance(outcome, Accepted):
        at = wires.now()
        with wires.transaction() as conn:
            conn.execute(
                "INSERT INTO pulls (shortcode_id, registered_at, reached_at, due_at) VALUES (%s, %s, %s, %s) "
                "ON CONFLICT (shortcode_id) DO UPDATE SET due_at = excluded.due_at",
                [shortcode.id, at, at - KEPT, at],
            )
    return outcome


def ask_due(wires: Wires, *, limit: int = 5) -> int:
    """Pulls the shortcodes that are due; returns how many."""
    at = wires.now()
    with wires.transaction() as conn:
        every = EVERY
        if watch.silence(conn, at=at):
            every = WHILE_SILENT
            conn.execute("UPDATE pulls SET due_at = %s WHERE due_at > %s", [at + every, at + every])
        with conn.cursor(row_factory=class_row(Due)) as cursor:
            due = cursor.execute(
                "UPDATE pulls p SET due_at = %s FROM (SELECT shortcode_id FROM pulls WHERE due_at <= %s "
                "ORDER BY due_at LIMIT %s FOR UPDATE SKIP LOCKED) AS d WHERE p.shortcode_id = d.shortcode_id "
                "RETURNING p.shortcode_id, p.reached_at, p.failures",
                [at + every, at, limit],
            ).fetchall()
    for one in due:
        _pull(wires, one, at)
    return len(due)


def hasten(conn: Connection, shortcode_ids: Collection[int], *, at: datetime) -> None:
    """Somebody waits for what these shortcodes were paid: they are asked now."""
    if shortcode_ids:
        conn.execute(
            "UPDATE pulls SET due_at = %s WHERE shortcode_id = ANY(%s) AND due_at > %s", [at, list(shortcode_ids), at]
        )


def standings(conn: Connection) -> list[Standing]:
    """Every shortcode that is registered for Pull."""
    with conn.cursor(row_factory=class_row(Standing)) as cursor:
        return cursor.execute(
            "SELECT s.id AS shortcode_id, s.number, p.registered_at, p.reached_at, p.failures, p.outcome FROM pulls p "
            "JOIN shortcodes s ON s.id = p.shortcode_id ORDER BY s.id"
        ).fetchall()


def holes(conn: Connection, shortcode_id: int, since: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    """The spans inside [since, until) for which Pull has not answered; the whole when it was never asked."""
    rows = conn.execute(
        "SELECT from_at, to_at FROM pulled_windows WHERE shortcode_id = %s AND to_at > %s AND from_at < %s "
        "ORDER BY from_at, to_at",
        [shortcode_id, since, until],
    ).fetchall()
    return uncovered(rows, since, until)


def _pull(wires: Wires, due: Due, at: datetime) -> None:
    """One span, page after page."""
    since = max(due.reached_at - OVERLAP, at - KEPT)
    with wires.transaction() as conn:
        shortcode = shortcodes.by_id(conn, due.shortcode_id)
    offset = 0
    for _ in range(PAGES_AT_MOST):
        page = pull.read(_ask(wires, shortcode, since, at, offset))
        if page.trouble:
            _note_failure(wires, due, page.trouble)
            return
        with wires.transaction() as conn:
            _keep(conn, wires, shortcode, page.rows)
        offset += len(page.rows)
        if page.ended:
            break
    else:
        _note_failure(wires, due, f"no end after {PAGES_AT_MOST} pages")
        return
    with wires.transaction() as conn:
        conn.execute(
            "INSERT INTO pulled_windows (shortcode_id, from_at, to_at, listed, asked_at) VALUES (%s, %s, %s, %s, %s)",
            [due.shortcode_id, since, at, offset, at],
        )
        conn.execute(
            "UPDATE pulls SET reached_at = %s, failures = 0, outcome = %s WHERE shortcode_id = %s",
            [at, f"{offset} rows", due.shortcode_id],
        )


def _ask(wires: Wires, shortcode: Shortcode, since: datetime, until: datetime, offset: int) -> Outcome:
    try:
        keys = shortcodes.unlock(wires, shortcode.id).keys
    except NoKeys as trouble:
        return Rejected("no_keys", str(trouble), again=False)
    return with_token(
        wires,
        shortcode.id,
        keys,
        lambda token: pull.query(wires.daraja, keys, token, since=since, until=until, offset=offset),
    )


def _note_failure(wires: Wires, due: Due, trouble: str) -> None:
    with wires.transaction() as conn:
        conn.execute(
            "UPDATE pulls SET failures = failures + 1, outcome = %s, due_at = least(due_at, %s) "
            "WHERE shortcode_id = %s",
            [trouble[:200], wires.now() + min(RETRY * 2 ** min(due.failures, 8), EVERY), due.shortcode_id],
        )


def _keep(conn: Connection, wires: Wires, shortcode: Shortcode, rows: Sequence[dict[str, Any]]) -> None:
    """Rows that Pull has not listed before become evidence; what can be read of them is listed."""
    read = [(row, _read(row)) for row in rows]
    named = [listed.receipt for _, listed in read if listed]
    before = listings.known(conn, shortcode.id, "pull", named)
    shift = zone_shift([listed for _, listed in read if listed], movements.paid_at(conn, named))
    at, new = wires.now(), []
    for row, listed in read:
        if listed is not None and listed.receipt in before:
            continue
        body: dict[str, Any] = {"ShortCode": shortcode.number, "Transaction": row}
        if listed:
            paid_at = listed.at + shift
            body["PaidAt"] = f"{local(paid_at):%Y%m%d%H%M%S}"
            new.append(Listed("pull", listed.receipt, "in", listed.amount_cents, paid_at))
        received = evidence.receive(
            source="pull",
            token=wires.paybill_secret,
            body=json.dumps(body, default=_plain, separators=(",", ":")).encode(),
            headers={},
            remote_ip=None,
            at=at,
        )
        evidence.store(conn, received)
    listings.add(conn, shortcode.id, new, at=at)


def _read(row: dict[str, Any]) -> Listed | None:
    try:
        said = schemas.PULLED_PAYMENT.load(row)
    except ValidationError:
        return None
    return Listed("pull", said["transactionId"], "in", said["amount"], said["trxDate"])


def zone_shift(listed: Sequence[Listed], paid_at: dict[str, datetime]) -> timedelta:
    """What has to be added to Pull's times, read as Nairobi's, so that they meet the times of payments we know.

    Nothing, or three hours when they prove to be UTC. Pure; payments that nobody told us cannot vote.
    """
    apart = [paid_at[one.receipt] - one.at for one in listed if one.receipt in paid_at]
    as_utc = sum(abs(each - pull.ZONE_IN_DOUBT) <= SAME_MOMENT for each in apart)
    as_nairobi = sum(abs(each) <= SAME_MOMENT for each in apart)
    return pull.ZONE_IN_DOUBT if as_utc > as_nairobi else timedelta(0)


def _plain(value: Any) -> str:
    """Money as it was written; json prints no Decimal."""
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(type(value).__name__)
