"""The states of a message, and what its kind lets hold it back. Pure.

Theory of operation.

    queued -> unclear -> sent -> delivered
              unclear -> queued (proved not sent), -> unclear (asked for once more), -> failed
              sent -> failed
    queued -> sent (said on a screen instead), -> dropped (nobody needs it any more)

A message that is said on a screen is `sent` as soon as it waits there, and `delivered` when she has read it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from ledger import nairobi
from ledger.moves import Moves


class NoticeState(StrEnum):
    """Where a message stands."""

    QUEUED = "queued"
    UNCLEAR = "unclear"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    DROPPED = "dropped"


NOTICE_MOVES: Moves[NoticeState] = Moves(
    "notifications.state",
    {
        NoticeState.QUEUED: frozenset({NoticeState.UNCLEAR, NoticeState.SENT, NoticeState.DROPPED}),
        NoticeState.UNCLEAR: frozenset(
            {NoticeState.UNCLEAR, NoticeState.QUEUED, NoticeState.SENT, NoticeState.FAILED, NoticeState.DELIVERED}
        ),
        NoticeState.SENT: frozenset({NoticeState.DELIVERED, NoticeState.FAILED}),
        NoticeState.DELIVERED: frozenset(),
        NoticeState.FAILED: frozenset(),
        NoticeState.DROPPED: frozenset(),
    },
)

# What a report says in the end; other words are on the way. Source: docs.africastalking.com/sms/deliveryreports
FINAL_REPORTS: Mapping[str, NoticeState] = {
    "Success": NoticeState.DELIVERED,
    "Failed": NoticeState.FAILED,
    "Rejected": NoticeState.FAILED,
}


class Channel(StrEnum):
    """A way to somebody; IN_APP is a screen of ours: her next dial, or the desk."""

    SMS = "sms"
    EMAIL = "email"
    PUSH = "push"
    IN_APP = "in_app"


class Kind(StrEnum):
    """What a message is about.

    MONEY moved, or did not; an ANSWER of hers is waited for; NEWS of the group; a REMINDER of what she owes.
    """

    MONEY = "money"
    ANSWER = "answer"
    NEWS = "news"
    REMINDER = "reminder"


# The law of the house: money never moves in silence, and nobody is answered for. No cap or opt-out holds these back.
LAW = frozenset({Kind.MONEY, Kind.ANSWER})

# Nobody is reminded while she sleeps; hours of Nairobi.
QUIET_FROM, QUIET_UNTIL = 21, 7


def quiet(at: datetime) -> bool:
    """Whether it is night in Nairobi."""
    hour = nairobi.local(at).hour
    return hour >= QUIET_FROM or hour < QUIET_UNTIL


def morning_after(at: datetime) -> datetime:
    """The end (UTC) of the night in which, or before which, `at` lies."""
    late = nairobi.local(at).hour >= QUIET_UNTIL
    return nairobi.day_begins(at) + timedelta(days=1 if late else 0, hours=QUIET_UNTIL)
