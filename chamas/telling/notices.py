"""The one door by which people are told something outside a dialogue: `queue`. notifications is written here only.

Theory of operation. `queue` says that this person is told this; the ways follow from what she prefers and from what it
is about (chamas/telling/notice_states.py). Each way is a row, and one thing is told once by each.

Claim before you call: a notice is `unclear`, committed, before it leaves the house, so that a crash in between cannot
send it twice at once. Who learns what happened moves it on. Nobody may ever learn it: then it is due once more after
fifteen minutes, and after that second time never again. Two messages at most, none lost to one crash.

What may leave at which hour and at whose cost is decided when it is claimed: chamas/telling/couriers.py. The words are
chosen when it is sent: chamas/telling/templates.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from chamas.telling.notice_states import FINAL_REPORTS, LAW, NOTICE_MOVES, NoticeState
from chamas.telling.templates import kind_of
from ledger.wires import Connection

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


@dataclass(frozen=True)
class Claimed:
    """A message in the hands of one sender, with its receiver as she is now. `phone` is E.164, never stored with it.

    `called` is her name when the phone is not hers.
    """

    id: int
    template: str
    arguments: Mapping[str, Any]
    language: str
    phone: str | None
    private_phone: bool
    tries: int
    email: str | None = None
    user_id: int = 0
    called: str | None = None


@dataclass(frozen=True)
class Notice:
    """One message. `arguments` are JSON: ids, cents, UTC instants as ISO text, names; never a phone number."""

    dedupe_key: str
    template: str
    user_id: int
    chama_id: int | None
    arguments: Mapping[str, Any]


def queue(conn: Connection, notices: Sequence[Notice], *, at: datetime) -> int:
    """This person is told this, in her language and by her ways, once for a key; how many messages that makes.

    What the law of the house demands goes by SMS when she wants neither mail nor push; what it does not demand waits
    for her next dial when she wants none of the three. Raises KeyError for a template that there is not.
    """
    kinds = [kind_of(notice.template) for notice in notices]
    return conn.execute(
        """
        INSERT INTO notifications (user_id, chama_id, channel, kind, template, arguments, language, dedupe_key,
                                   state, due_at, queued_at, sent_at)
        SELECT u.id, n.chama_id, w.channel, n.kind, n.template, n.arguments, u.language, n.dedupe_key,
               CASE w.channel WHEN 'in_app' THEN %(sent)s ELSE %(queued)s END,
               CASE WHEN w.channel <> 'in_app' THEN %(at)s::timestamptz END, %(at)s,
               CASE w.channel WHEN 'in_app' THEN %(at)s::timestamptz END
        FROM unnest(%(users)s::bigint[], %(chamas)s::bigint[], %(templates)s::text[], %(arguments)s::jsonb[],
                    %(keys)s::text[], %(kinds)s::text[], %(lawful)s::boolean[])
            WITH ORDINALITY AS n (user_id, chama_id, template, arguments, dedupe_key, kind, lawful, place)
        JOIN users u ON u.id = n.user_id
        LEFT JOIN notice_preferences p ON p.user_id = u.id
        JOIN (VALUES ('sms'), ('email'), ('push'), ('in_app')) AS w (channel) ON CASE w.channel
            WHEN 'email' THEN p.email IS NOT NULL
            WHEN 'push' THEN p.push
            WHEN 'sms' THEN coalesce(p.sms, TRUE) OR (n.lawful AND p.email IS NULL AND NOT p.push)
            ELSE NOT (n.lawful OR coalesce(p.sms OR p.push OR p.email IS NOT NULL, TRUE)) END
        WHERE (n.kind <> 'reminder' OR coalesce(p.reminders, TRUE))
          AND NOT EXISTS (SELECT FROM notifications o WHERE o.dedupe_key = n.dedupe_key)
        ORDER BY n.place
        ON CONFLICT (dedupe_key, channel) DO NOTHING
        """,
        {
            "sent": NoticeState.SENT,
            "queued": NoticeState.QUEUED,
            "at": at,
            "users": [notice.user_id for notice in notices],
            "chamas": [notice.chama_id for notice in notices],
            "templates": [notice.template for notice in notices],
            "arguments": [Jsonb(notice.arguments) for notice in notices],
            "keys": [notice.dedupe_key for notice in notices],
            "kinds": kinds,
            "lawful": [kind in LAW for kind in kinds],
        },
    ).rowcount


def take(conn: Connection, ids: Sequence[int], *, at: datetime) -> list[Claimed]:
    """These are `unclear` from now on. Commit before you call the provider."""
    claimed = conn.cursor(row_factory=class_row(Claimed))
    claimed.execute(
        """
        UPDATE notifications n
        SET state = %(unclear)s, tries = n.tries + 1, language = u.language, failure = NULL,
            due_at = CASE WHEN n.tries + 1 < %(most)s THEN %(again)s END
        FROM users u LEFT JOIN notice_preferences p ON p.user_id = u.id
        WHERE u.id = n.user_id AND n.id = ANY(%(ids)s) AND n.state = ANY(%(claimable)s)
        RETURNING n.id, n.template, n.arguments, n.language, coalesce(u.phone, u.contact_phone) AS phone,
                  u.private_phone, n.tries, p.email, n.user_id,
                  CASE WHEN u.phone IS NULL THEN u.first_name END AS called
        """,
        {"unclear": NoticeState.UNCLEAR, "most": SENDS_AT_MOST, "again": at + UNCLEAR_FOR, "ids": list(ids),
         "claimable": NOTICE_MOVES.leading_to(NoticeState.UNCLEAR)},
    )  # fmt: skip
    return sorted(claimed.fetchall(), key=lambda notice: notice.id)


def put_off(conn: Connection, ids: Sequence[int], *, until: datetime) -> None:
    """These wait until then."""
    conn.execute("UPDATE notifications SET due_at = %s WHERE id = ANY(%s)", [until, list(ids)])


def say_instead(conn: Connection, ids: Sequence[int], *, at: datetime) -> None:
    """These are no SMS any more: they wait for the next dial."""
    conn.execute(
        "UPDATE notifications SET channel = 'in_app', state = %s, due_at = NULL, sent_at = %s "
        "WHERE id = ANY(%s) AND state = 'queued' AND state = ANY(%s)",
        [NoticeState.SENT, at, list(ids), NOTICE_MOVES.leading_to(NoticeState.SENT)],
    )


def drop(conn: Connection, ids: Sequence[int], *, failure: str) -> None:
    """Nobody needs these any more; `failure` says why."""
    conn.execute(
        "UPDATE notifications SET state = %s, failure = %s, due_at = NULL WHERE id = ANY(%s) AND state = ANY(%s)",
        [NoticeState.DROPPED, failure, list(ids), NOTICE_MOVES.leading_to(NoticeState.DROPPED)],
    )


def overtake(conn: Connection, keys: Sequence[str]) -> None:
    """Something newer is told instead of these; what may have left goes its way."""
    conn.execute(
        "UPDATE notifications SET state = %s, failure = 'overtaken', due_at = NULL "
        "WHERE dedupe_key = ANY(%s) AND state = 'queued' AND state = ANY(%s)",
        [NoticeState.DROPPED, list(keys), NOTICE_MOVES.leading_to(NoticeState.DROPPED)],
    )


def seen(conn: Connection, notice_id: int, user_id: int, *, at: datetime) -> None:
    """She has read on a screen what no message brought her."""
    conn.execute(
        "UPDATE notifications SET seen_at = %(at)s, "
        "state = CASE WHEN channel = 'in_app' AND state = ANY(%(from)s) THEN %(delivered)s ELSE state END "
        "WHERE (id, user_id) = (%(id)s, %(user)s) AND seen_at IS NULL",
        {"at": at, "from": NOTICE_MOVES.leading_to(NoticeState.DELIVERED), "delivered": NoticeState.DELIVERED}
        | {"id": notice_id, "user": user_id},
    )


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
    failed = "UPDATE notifications SET state = %s, failure = %s, due_at = NULL WHERE id = %s AND state = ANY(%s)"
    conn.execute(failed, [NoticeState.FAILED, failure, notice_id, NOTICE_MOVES.leading_to(NoticeState.FAILED)])


def record_unclear(conn: Connection, notice_id: int, failure: str) -> None:
    """Nobody knows whether it left: `failure` says what was seen. When it is due again was decided with the claim."""
    conn.execute("UPDATE notifications SET failure = %s WHERE id = %s AND state = 'unclear'", [failure, notice_id])


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

    One that comes twice, or after a final one, changes nothing. A final one may be quicker than the answer to the
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


def forget_person(conn: Connection, user_id: int, receipts: Sequence[str], member_ids: Sequence[int] = ()) -> int:
    """Takes away what messages to her said, and those that told others of her receipts, of her cash, of what she was
    paid or of how she came to a group, as one of `member_ids`; returns how many.
    """
    return conn.execute(
        """
        UPDATE notifications SET arguments = '{}', provider_id = NULL, failure = NULL
        WHERE user_id = %(user)s OR dedupe_key = ANY(%(receipts)s)
           OR split_part(dedupe_key, ':', 2) = ANY(%(members)s)
              AND template IN ('join_request', 'joined', 'balance_disputed', 'loan_not_paid')
           OR template IN ('cash_to_confirm', 'cash_disputed', 'cash_denied', 'cash_unconfirmed')
              AND split_part(dedupe_key, ':', 2) IN (SELECT k.id::text FROM cash_claims k
                  WHERE k.member_id::text = ANY(%(members)s) OR k.recorded_by = %(user)s)
           OR starts_with(template, 'payout_') AND split_part(dedupe_key, ':', 2) IN (SELECT r.id::text
                  FROM disbursement_requests r WHERE r.payee_member_id::text = ANY(%(members)s))
           OR starts_with(template, 'swap_') AND split_part(dedupe_key, ':', 2) IN (SELECT s.id::text
                  FROM swaps s WHERE s.asked_by::text = ANY(%(members)s) OR s.asked_of::text = ANY(%(members)s))
           OR template ~ '^pin_' AND split_part(dedupe_key, ':', 2) IN (SELECT id::text FROM pin_resets p
                  WHERE p.user_id = %(user)s)
           OR template ~ '^(exit|naming|handing|recall|replacing|office|substitution|place)_'
              AND split_part(dedupe_key, ':', 2) IN (SELECT x.id::text FROM motions x
                  WHERE ARRAY[x.member_id, x.asked_by, x.other_id]::text[] && %(members)s::text[])
           OR template = 'who_owes' AND chama_id IN (SELECT chama_id FROM chama_members WHERE user_id = %(user)s)
           OR dedupe_key IN (SELECT 'invitation:' || i.id FROM invitations i WHERE i.invited_by = %(user)s)
        """,
        {
            "user": user_id,
            "receipts": [f"{what}:{receipt}" for what in ("receipt", "paid_for") for receipt in receipts],
            "members": [str(member_id) for member_id in member_ids],
        },
    ).rowcount


def _take_turns(conn: Connection, provider_id: str) -> None:
    """The answer to a sending and a report about it, at the same moment: whoever is second sees what the first did."""
    conn.execute("SELECT pg_advisory_xact_lock(hashtextextended('report:' || %s, 0))", [provider_id])
