"""Counts wrong guesses per caller in Redis, so that nobody can try codes until one opens: ALLOWED in WINDOW_SECONDS.

Eight letters of 31 make 850,000 million codes: twenty guesses an hour find nothing, and no person mistypes that often.
While Redis is away nothing is counted and people are still answered: a guess is hopeless even at full speed.
"""

from contextlib import suppress
from typing import NoReturn

import redis
from flask import abort
from werkzeug.exceptions import TooManyRequests

from gateway.here import caller_key, wiring

ALLOWED = 20
WINDOW_SECONDS = 3600  # twenty an hour, as reckoned above

# One step: a counter without an end would lock a caller out for ever if we died between two commands.
COUNT = """
local misses = redis.call('INCR', KEYS[1])
if misses == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return misses
"""


def _key(purpose: str) -> str:
    return f"misses:{purpose}:{caller_key(purpose).hex()[:32]}"


def refuse_guessers(purpose: str) -> None:
    """Ends the request with 429 and Retry-After when this caller has missed too often; right codes are refused too,
    because a right answer among refusals would make the waiting worthless."""
    try:
        missed = int(wiring().redis.get(_key(purpose)) or 0)
        wait = int(wiring().redis.ttl(_key(purpose))) if missed >= ALLOWED else 0
    except redis.RedisError:
        return
    if missed >= ALLOWED:
        raise TooManyRequests("Too many codes that do not exist. Try again later.", retry_after=max(1, wait))


def miss(purpose: str, words: str) -> NoReturn:
    """Counts one wrong guess and ends the request with 404 and `words`."""
    with suppress(redis.RedisError):
        wiring().redis.eval(COUNT, 1, _key(purpose), str(WINDOW_SECONDS))
    abort(404, words)
