"""Kept connections to Redis: nobody ever gets the answer to another's command, and a cut one is replaced."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis

from gateway.ussd.trips import Trips


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url, socket_timeout=0.3) as client:
        yield client


def connections(client: redis.Redis) -> int:
    return sum(one["lib-name"] == "redis-py" for one in client.client_list())


def test_an_answer_that_came_too_late_is_nobodys(client: redis.Redis) -> None:
    trips = Trips(client)
    for _kept_or_new in range(2):
        with pytest.raises(redis.TimeoutError):
            trips.ask(b"BLPOP", "nothing comes here", b"0.4")
        time.sleep(0.3)
        assert trips.ask(b"ECHO", "mine") == b"mine"


def test_a_connection_that_a_restart_cut_is_replaced(client: redis.Redis) -> None:
    trips = Trips(client)
    assert trips.ask(b"ECHO", "before") == b"before"
    with redis.Redis.from_pool(redis.ConnectionPool(**client.get_connection_kwargs())) as other:
        other.client_kill_filter(_type="normal", skipme=True)
    assert trips.ask(b"ECHO", "after") == b"after"


def test_a_refused_command_costs_no_connection(client: redis.Redis) -> None:
    trips = Trips(client)
    trips.ask(b"PING")
    before = connections(client)
    for _ in range(5):
        with pytest.raises(redis.ResponseError):
            trips.ask(b"HGET", "too few words")
    assert trips.ask(b"ECHO", "mine") == b"mine"
    assert connections(client) == before


def test_threads_get_their_own_answers(client: redis.Redis) -> None:
    trips, words = Trips(client), [f"word {number}" for number in range(400)]
    with ThreadPoolExecutor(8) as threads:
        answers = threads.map(lambda word: trips.ask(b"ECHO", word), words)
    assert [answer.decode() for answer in answers] == words
