"""Two copies of one turn at once: the one that cannot find out by itself what to say says what the other was told.

Theory of operation. A network may deliver a turn twice at the same instant, to two webs. Whichever comes first to an
action holds its lock, and the other waits there (gateway/ussd/actions.py) for as long as PostgreSQL lets a statement
wait. On a busy machine that is not long enough: what it heard then was "try again later", while the first was paying.
Its answer is in Redis as soon as it has one, so that is where the other looks for it, before it apologises:

    PostgreSQL ended a statement that took too long     until the answer is there, or her 4 seconds are nearly over
    anything else broke                                 once: a copy that has been told is no proof of another under way
"""

import time

import redis
from psycopg.errors import QueryCanceled

from gateway.ussd.sessions import Names, Sessions

# One trip to Redis each; nobody hears a tenth of a second.
LOOKS_EVERY_SECONDS = 0.1
# Beyond the patience of a turn with PostgreSQL (2.6 of 4 seconds), and with room for a last trip to Redis.
BEYOND_PATIENCE_SECONDS = 0.6


def told(sessions: Sessions, names: Names, digest: bytes, *, error: Exception, until: float) -> str | None:
    """What this very text was answered by another copy of its turn; None when nobody was answered.

    `until` is when the turn's patience ends, on this machine's monotonic clock.
    """
    waits = isinstance(error, QueryCanceled)
    while True:
        try:
            answer = sessions.read(names, digest).answer
        except redis.RedisError:
            return None
        if answer is not None or not waits or time.monotonic() > until + BEYOND_PATIENCE_SECONDS:
            return answer
        time.sleep(LOOKS_EVERY_SECONDS)
