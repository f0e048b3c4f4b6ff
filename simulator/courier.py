"""Carries requests to the gateway, once each: Daraja and Africa's Talking are documented to try no second time."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import aiohttp
from multidict import CIMultiDict

from simulator.clock import Clock
from simulator.store import Shelf, Store

# Africa's Talking gives an application 10 s; Daraja's own limit is not published.
PATIENCE_SECONDS = 10.0
# Tests and people look at the last few; a storm of a hundred thousand callbacks must not fill the memory.
KEPT = 5000


@dataclass(frozen=True)
class Reply:
    """`status` 0 means that no HTTP answer came; `text` then says why. `ms` is real milliseconds."""

    status: int
    text: str
    headers: Mapping[str, str]
    ms: int


@dataclass(frozen=True)
class Delivery:
    id: int
    kind: str
    to: str
    status: int
    ms: int
    at: datetime


class Courier:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._clock = clock
        self._shelf = Shelf(store, "deliveries", Delivery)
        self._last = max((each.id for each in self._shelf), default=0)
        self._lanes: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._under_way: set[asyncio.Task[Reply]] = set()
        self._client: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        timeout = aiohttp.ClientTimeout(total=PATIENCE_SECONDS)
        # A kept connection that the gateway closes at the wrong moment would look like a lost callback.
        connector = aiohttp.TCPConnector(limit=64, force_close=True)
        self._client = aiohttp.ClientSession(timeout=timeout, connector=connector)

    async def close(self) -> None:
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        if self._client:
            await self._client.close()

    async def ask(self, url: str, body: str, headers: Mapping[str, str], seconds: float = PATIENCE_SECONDS) -> Reply:
        """One POST. Never raises for what the other side does."""
        if self._client is None:
            raise RuntimeError("open() comes first")
        began = time.perf_counter()
        try:
            patience = aiohttp.ClientTimeout(total=seconds)
            async with self._client.post(url, data=body.encode(), headers=headers, timeout=patience) as answer:
                text = await answer.text(errors="replace")
                return Reply(answer.status, text, CIMultiDict(answer.headers), _since(began))
        except (TimeoutError, aiohttp.ClientError, ValueError) as trouble:
            return Reply(0, type(trouble).__name__, {}, _since(began))

    def send(
        self,
        kind: str,
        url: str,
        body: str,
        headers: Mapping[str, str],
        *,
        lane: str | None = None,
        seconds: float = PATIENCE_SECONDS,
    ) -> asyncio.Task[Reply]:
        """Sends in the background and keeps a record. What shares a lane arrives in the order in which it was sent."""
        task = asyncio.create_task(self._deliver(kind, url, body, headers, lane=lane, seconds=seconds))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    async def settled(self, seconds: float = 2 * PATIENCE_SECONDS) -> None:
        """Returns when nothing is under way any more, or after so many real seconds."""
        if self._under_way:
            await asyncio.wait(set(self._under_way), timeout=seconds)

    @property
    def made(self) -> int:
        """How many deliveries there were, those that are not kept any more included."""
        return self._last

    def deliveries(self) -> list[Delivery]:
        return list(self._shelf)

    def clear(self) -> None:
        self._shelf.clear()

    async def _deliver(
        self, kind: str, url: str, body: str, headers: Mapping[str, str], *, lane: str | None, seconds: float
    ) -> Reply:
        if lane is None:
            reply = await self.ask(url, body, headers, seconds)
        else:
            async with self._lanes[lane]:
                reply = await self.ask(url, body, headers, seconds)
        self._last += 1
        record = Delivery(self._last, kind, _without_token(url), reply.status, reply.ms, self._clock.now())
        self._shelf.put(str(record.id), record)
        self._shelf.drop(str(record.id - KEPT))
        return reply


def _since(began: float) -> int:
    return round((time.perf_counter() - began) * 1000)


def _without_token(url: str) -> str:
    """The path with its last segment cut to 6 characters: enough to tell callbacks apart, useless to forge one."""
    head, _, last = urlsplit(url).path.rpartition("/")
    return f"{head}/..{last[-6:]}" if len(last) > 12 else f"{head}/{last}"
