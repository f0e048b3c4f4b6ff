"""What people are told outside a dialogue. The notifications table is written here only.

Theory of operation.

    queued -> unclear -> sent -> delivered
              unclear -> queued (proved not sent), -> unclear (asked for once more), -> failed
              sent -> failed

Claim before you call: a notice is `unclear`, committed, before its SMS leaves the house, so that a crash in between
cannot send it twice at once. Who learns what happened moves it on. Nobody may ever learn it: then it is due once more
after fifteen minutes, and after that second time never again. Two messages at most, none lost to one crash.

The words are chosen when a message is sent: chamas/templates.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from ledger.moves import Moves
from ledger.wires import Connection


class NoticeState(StrEnum):
    """Where a message stands."""

    QUEUED = "queued"
    UNCLEAR = "unclear"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"


NOTICE_MOVES: Moves[NoticeState] = Moves(
    "notifications.state",
    {
        NoticeState.QUEUED: frozenset({NoticeState.UNCLEAR}),
        NoticeState.UNCLEAR: frozenset(
            {NoticeState.UNCLEAR, NoticeState.QUEUED, NoticeState.SENT, NoticeState.FAILED, NoticeState.DELIVERED}
        ),
        NoticeState.SENT: frozenset({NoticeState.DELIVERED, NoticeState.FAILED}),
        NoticeState.DELIVERED: frozenset(),
        NoticeState.FAILED: frozenset(),
    },
)

# An operator's queue may hold a message for minutes; after a quarter of an hour without a word it was most likely lost.
UNCLEAR_FOR = timedelta(minutes=15)
SENDS_AT_MOST = 2

# A provider that is proved not to have taken it is asked again after this long, later as long again as it has waited
# already, for as long as the news are news: a code that stands for days does not mean thousands of requests.
REST = timedelta(seconds=30)
LONGEST_REST = timedelta(hours=1)
WORTH_SENDING_FOR = timedelta(days=1)

# Longer than any id seen (`ATPid_` and 32 hex); what a stranger may make us keep has an end.
ID_LETTERS = 100

# What a report says in the end; other words are on the way. Source: docs.africastalking.com/sms/deliveryreports
FINAL_REPORTS: Mapping[str, NoticeState] = {
    "Success": NoticeState.DELIVERED,
    "Failed": NoticeState.FAILED,
    "Rejected": NoticeState.FAILED,
}


@dataclass(frozen=True)
class Claimed:
    """A message in the hands of one sender, with its receiver as she is now. `phone` is E.164, never stored with it."""

    id: int
    template: str
    arguments: Mapping[str, Any]
    language: str
    phone: str | None
    private_phone: bool
    tries: int


@dataclass(frozen=True)
class Notice:
    """One message. `arguments` are JSON: ids, cents, UTC instants as ISO text, names; never a phone number."""

    dedupe_key: str
    template: str
    user_id: int
    chama_id: int | None
    arguments: Mapping[str, Any]


def queue(conn: Connection, notices: Sequence[Notice], *, at: datetime) -> int:
    """Messages due at once, each in its reader's language; how many of them no earlier one has the key of."""
    return conn.execute(
        """
        INSERT INTO notifications
            (user_id, chama_id, channel, template, arguments, language, dedupe_key, state, due_at, queued_at)
        SELECT u.id, n.chama_id, 'sms', n.template, n.arguments, u.language, n.dedupe_key, %s, %s, %s
        FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::jsonb[], %s::text[])
            WITH ORDINALITY AS n (user_id, chama_id, template, arguments, dedupe_key, place)
        JOIN users u ON u.id = n.user_id
        ORDER BY n.place
        ON CONFLICT (dedupe_key) DO NOTHING
        """,
        [
            NoticeState.QUEUED,
            at,
            at,
            [notice.user_id for notice in notices],
            [notice.chama_id for notice in notices],
            [notice.template for notice in notices],
            [Jsonb(notice.arguments) for notice in notices],
            [notice.dedupe_key for notice in notices],
        ],
    ).rowcount


def claim_due(conn: Connection, *, at: datetime, limit: int) -> list[Claimed]:
    """Takes up to `limit` due messages, oldest first, each as `unclear`. Commit before you call the provider."""
    claimed = conn.cursor(row_factory=class_row(Claimed))
    claimed.execute(
        """
        UPDATE notifications n
        SET state = %(unclear)s, tries = n.tries + 1, language = u.language, failure = NULL,
            due_at = CASE WHEN n.tries + 1 < %(most)s THEN %(again)s END
        FROM users u
        WHERE u.id = n.user_id AND n.id IN (
            SELECT id FROM notifications WHERE channel = 'sms' AND due_at <= %(at)s AND state = ANY(%(claimable)s)
            ORDER BY due_at, id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED)
        RETURNING n.id, n.template, n.arguments, n.language, coalesce(u.phone, u.contact_phone) AS phone,
                  u.private_phone, n.tries
        """,
        {
            "unclear": NoticeState.UNCLEAR,
            "most": SENDS_AT_MOST,
            "again": at + UNCLEAR_FOR,
            "at": at,
            "claimable": NOTICE_MOVES.leading_to(NoticeState.UNCLEAR),
            "limit": limit,
        },
    )
    return sorted(claimed.fetchall(), key=lambda notice: notice.id)


def record_sent(
    conn: Connection, notice_id: int, *, provider_id: str | None, cost_cents: int | None, at: datetime
) -> None:
    """The provider took it and reports under `provider_id`; a report that was quicker than this is applied now."""
    conn.execute(
        """
        UPDATE notifications SET state = %s, provider_id = %s, cost_cents = %s, sent_at = %s, due_at = NULL
        WHERE id = %s AND state = ANY(%s)
        """,
        [NoticeState.SENT, provider_id, cost_cents, at, notice_id, NOTICE_MOVES.leading_to(NoticeState.SENT)],
    )
    if provider_id is None:
        return
    _take_turns(conn, provider_id)
    early = conn.execute(
        "DELETE FROM early_reports WHERE provider_id = %s RETURNING status, failure, received_at", [provider_id]
    ).fetchone()
    if early is not None:
        status, failure, received_at = early
        record_report(conn, provider_id=provider_id, status=status, failure=failure, at=received_at)


def record_failed(conn: Connection, notice_id: int, failure: str) -> None:
    """It can never be sent like this; `failure` says why and holds no phone number."""
    conn.execute(
        "UPDATE notifications SET state = %s, failure = %s, due_at = NULL WHERE id = %s AND state = ANY(%s)",
        [NoticeState.FAILED, failure, notice_id, NOTICE_MOVES.leading_to(NoticeState.FAILED)],
    )


def record_unclear(conn: Connection, notice_id: int, failure: str) -> None:
    """Nobody knows whether it left: `failure` says what was seen. When it is due again was decided with the claim."""
    conn.execute(
        "UPDATE notifications SET failure = %s WHERE id = %s AND state = 'unclear'",
        [failure, notice_id],
    )


def record_not_sent(conn: Connection, notice_id: int, failure: str, *, at: datetime) -> None:
    """It is proved that it did not leave: it waits for another try that counts as the first, until it is a day old."""
    conn.execute(
        """
        UPDATE notifications
        SET failure = %(failure)s, tries = tries - 1,
            state = CASE WHEN queued_at > %(too_old)s THEN %(queued)s ELSE %(failed)s END,
            due_at = CASE WHEN queued_at > %(too_old)s
                THEN %(at)s + GREATEST(%(rest)s, LEAST(%(at)s - queued_at, %(longest_rest)s)) END
        WHERE id = %(id)s AND state = ANY(%(from)s)
        """,
        {
            "failure": failure,
            "too_old": at - WORTH_SENDING_FOR,
            "queued": NoticeState.QUEUED,
            "failed": NoticeState.FAILED,
            "at": at,
            "rest": REST,
            "longest_rest": LONGEST_REST,
            "id": notice_id,
            "from": NOTICE_MOVES.leading_to(NoticeState.QUEUED),
        },
    )


def record_report(conn: Connection, *, provider_id: str, status: str, failure: str | None, at: datetime) -> bool:
    """A delivery report about the message the provider knows as `provider_id`; False when that is none of ours yet.

    A report that comes twice, or after a final one, changes nothing. A final one may be quicker than the answer to the
    sending, which brings the id: it is kept for it.
    """
    _take_turns(conn, provider_id)
    known = conn.execute("UPDATE notifications SET reported_at = %s WHERE provider_id = %s", [at, provider_id]).rowcount
    state = FINAL_REPORTS.get(status)
    if state is not None and known:
        conn.execute(
            "UPDATE notifications SET state = %s, failure = %s WHERE provider_id = %s AND state = ANY(%s)",
            [state, failure, provider_id, NOTICE_MOVES.leading_to(state)],
        )
    elif state is not None and 0 < len(provider_id) <= ID_LETTERS:
        conn.execute(
            "INSERT INTO early_reports (provider_id, status, failure, received_at) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT DO NOTHING",
            [provider_id, status, failure, at],
        )
    return known > 0


def forget_reports(conn: Connection, *, before: datetime) -> int:
    """Drops reports that came before then and found no message; how many."""
    return conn.execute("DELETE FROM early_reports WHERE received_at < %s", [before]).rowcount


def waiting_for(conn: Connection, user_id: int) -> bool:
    """Whether a message to her has not left for good."""
    row = conn.execute(
        "SELECT TRUE FROM notifications WHERE user_id = %s AND due_at IS NOT NULL LIMIT 1", [user_id]
    ).fetchone()
    return row is not None


def forget_person(conn: Connection, user_id: int, receipts: Sequence[str], member_ids: Sequence[int] = ()) -> int:
    """Takes away what messages to her said, and those that told others of her receipts, of her cash, of what she was
    paid or of how she came to a group, as one of `member_ids`; returns how many.
    """
    return conn.execute(
        """
        UPDATE notifications SET arguments = '{}', provider_id = NULL, failure = NULL
        WHERE user_id = %(user)s OR dedupe_key = ANY(%(receipts)s)
           OR template IN ('join_request', 'joined') AND split_part(dedupe_key, ':', 2) = ANY(%(members)s)
           OR template IN ('cash_to_confirm', 'cash_disputed', 'cash_unconfirmed')
              AND split_part(dedupe_key, ':', 2) IN (
                  SELECT k.id::text FROM cash_claims k
                  WHERE k.member_id::text = ANY(%(members)s) OR k.recorded_by = %(user)s)
           OR starts_with(template, 'payout_') AND split_part(dedupe_key, ':', 2) IN (
                  SELECT r.id::text FROM disbursement_requests r
                  WHERE r.payee_member_id::text = ANY(%(members)s))
           OR dedupe_key IN (SELECT 'invitation:' || i.id FROM invitations i WHERE i.invited_by = %(user)s)
        """,
        {
            "user": user_id,
            "receipts": [f"receipt:{receipt}" for receipt in receipts],
            "members": [str(member_id) for member_id in member_ids],
        },
    ).rowcount


def _take_turns(conn: Connection, provider_id: str) -> None:
    """The answer to a sending and a report about it, at the same moment: whoever is second sees what the first did."""
    conn.execute("SELECT pg_advisory_xact_lock(hashtextextended('report:' || %s, 0))", [provider_id])
