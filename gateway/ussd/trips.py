"""One command to Redis, one trip: connections kept between turns, without the client's layers around each command.

A turn makes two trips. The client's own way asks its pool for a connection under a lock, looks whether that is still
good, and keeps figures about itself: more work than the command, twice a turn. Here whoever needs a connection takes
one off the pile and puts it back after its answer. A connection whose answer did not come whole is never put back, so
that nobody finds the answer to another's command on it.
"""

from typing import Any

import redis

Word = bytes | str | int
# The client leaves its connections untyped.
Kept = Any


class Trips:
    """The kept connections of one client; any number of threads. Closing the client cuts them."""

    def __init__(self, client: redis.Redis) -> None:
        self._pool = client.connection_pool
        # Taken and put back in one step of the interpreter each, so no lock stands around it.
        self._kept: list[Kept] = []

    def ask(self, *command: Word) -> Any:
        """The answer to one command. Raises redis.RedisError when there is none within the client's limits."""
        try:
            kept = self._kept.pop()
        except IndexError:
            return self._trip(self._pool.get_connection(), command)
        try:
            return self._trip(kept, command)
        except (redis.ConnectionError, redis.TimeoutError):
            # Once more, at once: a restart has cut it. Every command of a turn may come twice.
            return self._trip(self._pool.get_connection(), command)

    def _trip(self, connection: Kept, command: tuple[Word, ...]) -> Any:
        try:
            connection.send_command(*command, check_health=False)
            answer = connection.read_response()
        except redis.ResponseError:
            # An answer too, and whole.
            self._kept.append(connection)
            raise
        except BaseException:
            connection.disconnect()
            self._pool.release(connection)
            raise
        self._kept.append(connection)
        return answer
