"""One command to Redis, one trip: connections kept between turns, without the client's layers around each command.

A turn makes two trips. The client's own way asks its pool for a connection under a lock, looks whether that is still
good, and keeps figures about itself: more work than the command, twice a turn. Here whoever needs a connection takes
one off the pile and puts it back after its answer. A connection whose answer did not come whole is never put back, so
that nobody finds the answer to another's command on it.
"""

from collections.abc import Callable
from typing import Any

import redis

Word = bytes | str | int
Command = tuple[Word, ...]
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
        return self._taken(_one, command)

    def ask_both(self, first: Command, second: Command) -> tuple[Any, Any]:
        """The answers to two commands that read, in one trip. Raises redis.RedisError when one of them has none."""
        answers: tuple[Any, Any] = self._taken(_both, (first, second))
        return answers

    def _taken(self, make: Callable[[Kept, Any], Any], asked: Any) -> Any:
        try:
            kept = self._kept.pop()
        except IndexError:
            return self._trip(self._pool.get_connection(), make, asked)
        try:
            return self._trip(kept, make, asked)
        except (redis.ConnectionError, redis.TimeoutError):
            # Once more, at once: a restart has cut it. Every command of a turn may come twice.
            return self._trip(self._pool.get_connection(), make, asked)

    def _trip(self, connection: Kept, make: Callable[[Kept, Any], Any], asked: Any) -> Any:
        try:
            answer = make(connection, asked)
        except redis.ResponseError:
            if make is _both:
                # The other answer may still be on its way.
                self._drop(connection)
            else:
                # An answer too, and whole.
                self._kept.append(connection)
            raise
        except BaseException:
            self._drop(connection)
            raise
        self._kept.append(connection)
        return answer

    def _drop(self, connection: Kept) -> None:
        connection.disconnect()
        self._pool.release(connection)


def _one(connection: Kept, command: Command) -> Any:
    connection.send_command(*command, check_health=False)
    return connection.read_response()


def _both(connection: Kept, commands: tuple[Command, Command]) -> tuple[Any, Any]:
    connection.send_packed_command(connection.pack_commands(commands), check_health=False)
    return connection.read_response(), connection.read_response()
