"""What is known about paying out of each shortcode: whether Safaricom refuses its initiator, and how much is in it.

A wrong initiator password asked with again and again locks the initiator, and then nothing can be paid or asked. So
the first refusal closes the gate of the shortcode: nothing more is sent or asked until an operator has put it right
and lifts it. Results come seconds after the requests, so several would be on their way before the first refusal is
heard: while no answer of the last hour shows that the initiator is good, one request is out at a time.

payout_gates is written here only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg.rows import class_row

from ledger.wires import Connection
from payments import balances
from payments.payouts.states import OUT

# What members pay in and what payouts take out is counted since M-PESA's last word; what is moved by hand is not.
UTILITY_GOOD_FOR = timedelta(hours=1)
# What an answer takes, with room for the loop that asks and for a slow one.
ANSWERED_IN = timedelta(seconds=15)
# A password may run out at any time; an hour is short beside its ninety days.
TRUSTED_FOR = timedelta(hours=1)
# An answer that stays away for longer is lost, and must not hold up everybody.
ALONE_FOR = timedelta(minutes=5)
# The code of a gate that we closed ourselves: the database came out of a backup, and may have forgotten payouts.
RESTORED = "restored"


@dataclass(frozen=True)
class Gate:
    """`stop_code` is Safaricom's code of the refusal. `utility_cents` is what the account had at `utility_at` (UTC)."""

    shortcode_id: int
    stopped_at: datetime | None
    stop_code: str | None
    answered_at: datetime | None
    utility_cents: int | None
    utility_at: datetime | None


def all_of(conn: Connection) -> dict[int, Gate]:
    """Every gate by its shortcode; one of which nothing is known is missing."""
    with conn.cursor(row_factory=class_row(Gate)) as cursor:
        found = cursor.execute(
            "SELECT shortcode_id, stopped_at, stop_code, answered_at, utility_cents, utility_at FROM payout_gates"
        ).fetchall()
    return {gate.shortcode_id: gate for gate in found}


def stopped(conn: Connection) -> dict[int, str]:
    """Shortcodes whose gate is closed, each with Safaricom's code."""
    rows = conn.execute("SELECT shortcode_id, stop_code FROM payout_gates WHERE stopped_at IS NOT NULL").fetchall()
    return dict(rows)


def refused(conn: Connection) -> dict[int, str]:
    """Shortcodes whose gate a refusal of Safaricom has closed, by its code: nothing may be asked there either. Of
    a database that came out of a backup everything may be asked: asking is how it hears what it has missed.
    """
    return {shortcode_id: code for shortcode_id, code in stopped(conn).items() if code != RESTORED}


def take_turns(conn: Connection) -> None:
    """One sender at a time looks who is out and claims what leaves next, until its transaction ends."""
    conn.execute("SELECT pg_advisory_xact_lock(hashtextextended('payout gates', 0))")


def alone(conn: Connection, *, at: datetime) -> dict[int, bool]:
    """Shortcodes whose initiator has not shown lately that it is good; whether a request of theirs is out right now."""
    rows = conn.execute(
        "SELECT s.id, EXISTS (SELECT FROM payouts p WHERE p.shortcode_id = s.id AND p.state = ANY(%s) "
        "AND p.sent_at > %s) FROM shortcodes s LEFT JOIN payout_gates g ON g.shortcode_id = s.id "
        "WHERE g.answered_at IS NULL OR g.answered_at <= %s",
        [list(OUT), at - ALONE_FOR, at - TRUSTED_FOR],
    ).fetchall()
    return dict(rows)


def stop(conn: Connection, refused: Mapping[int, str], *, at: datetime) -> None:
    """Closes the gates of these shortcodes, which Safaricom refused with these codes; a closed one stays as it is."""
    conn.execute(
        "INSERT INTO payout_gates AS g (shortcode_id, stopped_at, stop_code) "
        "SELECT r.shortcode_id, %s, r.code FROM unnest(%s::bigint[], %s::text[]) AS r (shortcode_id, code) "
        "ORDER BY 1 ON CONFLICT (shortcode_id) DO UPDATE SET stopped_at = excluded.stopped_at, "
        "stop_code = excluded.stop_code, answered_at = NULL WHERE g.stopped_at IS NULL",
        [at, list(refused), list(refused.values())],
    )


def lift(conn: Connection, shortcode_id: int | None, *, by: str, at: datetime) -> int:
    """A person says that the initiator is put right: this gate opens, or all of them for None; returns how many."""
    return conn.execute(
        "UPDATE payout_gates SET stopped_at = NULL, stop_code = NULL, answered_at = NULL, lifted_at = %s, "
        "lifted_by = %s WHERE stopped_at IS NOT NULL AND (%s::bigint IS NULL OR shortcode_id = %s)",
        [at, by, shortcode_id, shortcode_id],
    ).rowcount


def answered(conn: Connection, shortcode_ids: Sequence[int], *, at: datetime) -> None:
    """Safaricom did, or looked into, what these shortcodes' initiators asked: their passwords are good."""
    conn.execute(
        "INSERT INTO payout_gates AS g (shortcode_id, answered_at) SELECT id, %s FROM unnest(%s::bigint[]) AS t (id) "
        "ORDER BY id ON CONFLICT (shortcode_id) DO UPDATE SET answered_at = excluded.answered_at "
        "WHERE g.stopped_at IS NULL AND (g.answered_at IS NULL OR g.answered_at < excluded.answered_at)",
        [at, sorted(set(shortcode_ids))],
    )


def note_utility(conn: Connection, shortcode_id: int, cents: int, *, as_of: datetime) -> None:
    """Safaricom said what the utility account had at `as_of` (UTC); an older word does not replace a newer one."""
    conn.execute(
        "INSERT INTO payout_gates AS g (shortcode_id, utility_cents, utility_at) VALUES (%s, %s, %s) "
        "ON CONFLICT (shortcode_id) DO UPDATE SET utility_cents = excluded.utility_cents, "
        "utility_at = excluded.utility_at WHERE g.utility_at IS NULL OR g.utility_at <= excluded.utility_at",
        [shortcode_id, cents, as_of],
    )


def ask_utility(conn: Connection, shortcode_id: int, *, known_for: timedelta, at: datetime) -> datetime:
    """Asks what the utility account has, unless M-PESA said so within `known_for`, or was asked that lately; until when
    whoever wants to know should wait for an answer: `at` when there is nothing to wait for.
    """
    gate = all_of(conn).get(shortcode_id)
    if gate is not None and gate.utility_at is not None and gate.utility_at > at - known_for:
        return at
    lately = balances.between(conn, shortcode_id, at - known_for, at + known_for)
    if not lately:
        balances.open_question(conn, shortcode_id, "payout", at=at)
        return at + ANSWERED_IN
    return max(at, lately[-1].opened_at + ANSWERED_IN) if lately[-1].taken_at is None else at


def expected_float(conn: Connection, *, at: datetime) -> dict[int, int]:
    """What the utility accounts should have now, by shortcode, where Safaricom has told: its last word, more what came
    in since, less what may have gone out since. In cents.
    """
    rows = conn.execute(
        "SELECT g.shortcode_id, g.utility_cents "
        "+ (SELECT coalesce(sum(r.amount_cents), 0) FROM receipts r "
        "WHERE r.shortcode_id = g.shortcode_id AND r.paid_at > g.utility_at AND r.proved_at > g.utility_at) "
        "- (SELECT coalesce(sum(coalesce(p.paid_cents, p.amount_cents)), 0) FROM payouts p "
        "WHERE p.shortcode_id = g.shortcode_id "
        "AND (p.state = ANY(%s) OR (p.state = 'paid' AND p.paid_at > g.utility_at))) "
        "FROM payout_gates g WHERE g.utility_at <= %s",
        [list(OUT), at],
    ).fetchall()
    return {shortcode_id: int(cents) for shortcode_id, cents in rows}
