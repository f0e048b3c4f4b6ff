"""USSD sessions as Africa's Talking runs them.

Theory of operation
-------------------
A dial opens a session and posts its first turn; each press posts the next, with all answers so far joined by `*`.
The session is over as soon as one of these comes, and then its end event is posted once:

    the gateway answers END            status Success
    30 s without a key, or 180 s in all, simulated    status Incomplete
    a new dial from the same phone     status Incomplete
    the red key                        status Incomplete
    a bad answer (not 200, neither CON nor END, none within 10 s)    status Failed, screen: network problem

The last turn stays on the phone after the end: its screen can still be read, and it can be sent again as a duplicate.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from simulator.clock import EAT
from simulator.courier import Reply
from simulator.ground import Ground
from simulator.gsm import is_gsm7, units
from simulator.objections import NotNow
from simulator.store import Shelf
from simulator.timetable import Event

# Safaricom's limits in Kenya; Airtel waits 60 s.
IDLE_SECONDS = 30
TOTAL_SECONDS = 180
SCREEN_CHARACTERS = 160
INPUT_CHARACTERS = 80
SAFARICOM = "63902"
# The application labels a hop in its answer; the next request carries the label back, the end event all of them.
HOP_LABEL = "at-ussd-hop-metadata"
NETWORK_PROBLEM = "Network problem. Please try again later."
UNKNOWN_CODE = "Connection problem or invalid MMI code."


@dataclass(frozen=True)
class Session:
    """`screen` is the whole last answer with CON or END, `sent` the body that caused it, `trouble` what was wrong."""

    id: str
    phone: str
    service_code: str
    text: str
    began_at: datetime
    heard_at: datetime
    screen: str = ""
    kind: str = ""
    over: bool = False
    sent: str = ""
    sent_label: str = ""
    metadata: str = ""
    trouble: str = ""
    latencies: list[int] = field(default_factory=list)


class Sessions:
    def __init__(self, ground: Ground, on_free: Callable[[str], None]) -> None:
        """`on_free` hears of every phone whose session has just ended."""
        self._shelf = Shelf(ground.store, "sessions", Session)
        self._clock, self._chance, self._timetable = ground.clock, ground.chance, ground.timetable
        self._courier, self._changes, self._settings = ground.courier, ground.changes, ground.settings
        self._on_free = on_free
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        ground.timetable.on("ussd.idle", self._idle)
        ground.timetable.on("ussd.total", self._idle)

    def of(self, phone: str) -> Session | None:
        """The open session of a phone, or its last one."""
        return self._shelf.get(phone)

    def is_open(self, phone: str) -> bool:
        session = self._shelf.get(phone)
        return session is not None and not session.over

    async def dial(self, phone: str, dialled: str) -> Session:
        """`*384*123*1*500#` opens the service with `1*500` as its first text. Another code reaches nobody."""
        stem = self._settings.ussd_code.rstrip("#")
        now = self._clock.now()
        if not dialled.endswith("#") or not (dialled == stem + "#" or dialled.startswith(stem + "*")):
            misdialled = Session("", phone, dialled, "", began_at=now, heard_at=now)
            return replace(misdialled, screen="END " + UNKNOWN_CODE, kind="END", over=True, trouble="unknown code")
        async with self._turns[phone]:
            before = self._shelf.get(phone)
            if before and not before.over:
                self._end(before, "Incomplete")
            text = dialled[len(stem) : -1].removeprefix("*")
            session_id = "ATUid_" + self._chance.text("session", 32)
            session = Session(session_id, phone, self._settings.ussd_code, text, began_at=now, heard_at=now)
            self._timetable.after(TOTAL_SECONDS, "ussd.total", {"phone": phone, "session": session_id, "hop": ""})
            return await self._turn(session)

    async def press(self, phone: str, keys: str) -> Session:
        """Raises NotNow when no session is open, ValueError when the network would not carry the keys."""
        if len(keys) > INPUT_CHARACTERS:
            raise ValueError(f"the network carries {INPUT_CHARACTERS} characters of input")
        async with self._turns[phone]:
            session = self._shelf.get(phone)
            if session is None or session.over:
                raise NotNow("no USSD session is open on this phone")
            text = (
                f"{session.text}*{keys}" if session.latencies and (session.text or len(session.latencies) > 1) else keys
            )
            return await self._turn(replace(session, text=text))

    def hang_up(self, phone: str) -> Session:
        """The red key, also while an answer is under way. Raises NotNow when no session is open."""
        session = self._shelf.get(phone)
        if session is None or session.over:
            raise NotNow("no USSD session is open on this phone")
        return self._end(session, "Incomplete")

    async def repeat(self, phone: str) -> tuple[Session, Reply]:
        """The last turn once more, byte for byte; the phone itself does not change."""
        session = self._shelf.get(phone)
        if session is None or not session.sent:
            raise NotNow("this phone has sent no USSD turn yet")
        return session, await self._post(session)

    def clear(self) -> None:
        self._shelf.clear()

    def as_json(self, session: Session | None) -> dict[str, Any]:
        """`chars` counts the whole answer with its CON or END, as the screens of the design are counted."""
        if session is None:
            blank = {"session": None, "screen": "", "kind": "", "chars": 0, "over": True, "ms": 0, "seconds_left": 0}
            return blank | {"hops_ms": [], "error": None, "warnings": []}
        left = min(
            session.heard_at + timedelta(seconds=IDLE_SECONDS), session.began_at + timedelta(seconds=TOTAL_SECONDS)
        )
        remaining = max(0, round((left - self._clock.now()).total_seconds()))
        return {
            "session": session.id or None,
            "screen": shown(session.screen),
            "kind": session.kind,
            "chars": units(session.screen),
            "over": session.over,
            "ms": session.latencies[-1] if session.latencies else 0,
            "seconds_left": 0 if session.over else remaining,
            "hops_ms": session.latencies,
            "error": session.trouble or None,
            "warnings": _warnings(session.screen),
        }

    async def _turn(self, session: Session) -> Session:
        label = session.metadata.rpartition("|")[2]
        session = replace(session, sent=_turn_body(session), sent_label=label)
        self._shelf.put(session.phone, session)
        reply = await self._post(session)
        kind, screen, trouble = read_answer(reply)
        answered = replace(
            session,
            screen=screen,
            kind=kind,
            trouble=trouble,
            heard_at=self._clock.now(),
            latencies=[*session.latencies, reply.ms],
            metadata="|".join(filter(None, (session.metadata, reply.headers.get(HOP_LABEL, "")[:99]))),
        )
        current = self._shelf.get(session.phone)
        if current is None or current.id != session.id or current.over:
            return current or replace(answered, over=True)
        if kind == "END":
            return self._end(answered, "Failed" if trouble else "Success")
        self._shelf.put(session.phone, answered)
        facts = {"phone": session.phone, "session": session.id, "hop": str(len(answered.latencies))}
        self._timetable.after(IDLE_SECONDS, "ussd.idle", facts)
        self._changes.tell(session.phone)
        return answered

    async def _post(self, session: Session) -> Reply:
        headers = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "at-ussd-api/1.0"}
        if session.sent_label:
            headers[HOP_LABEL] = session.sent_label
        return await self._courier.ask(self._settings.webhook("ussd"), session.sent, headers)

    def _idle(self, event: Event) -> None:
        session = self._shelf.get(event.facts["phone"])
        if session is None or session.over or session.id != event.facts["session"]:
            return
        if event.facts["hop"] in ("", str(len(session.latencies))):
            self._end(session, "Incomplete")

    def _end(self, session: Session, status: str) -> Session:
        ended = self._shelf.put(session.phone, replace(session, over=True))
        now = self._clock.now()
        facts = {
            "durationInMillis": round((now - session.began_at).total_seconds() * 1000),
            "phoneNumber": session.phone,
            "errorMessage": session.trouble,
            "serviceCode": session.service_code,
            "lastAppResponse": session.screen,
            "hopsMetadata": session.metadata,
            "hopsCount": len(session.latencies),
            "status": status,
            "sessionId": session.id,
            "cost": "0.00",
            "date": f"{now.astimezone(EAT):%Y-%m-%d %H:%M:%S}",
            "networkCode": SAFARICOM,
            "input": session.text,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self._courier.send("ussd event", self._settings.webhook("ussd/events"), urlencode(facts), headers)
        self._changes.tell(session.phone)
        self._on_free(session.phone)
        return ended


def read_answer(reply: Reply) -> tuple[str, str, str]:
    """(CON or END, the whole answer, trouble). A bad answer ends the session, as the networks do."""
    kind = reply.text[:4]
    if reply.status == 200 and kind in ("CON ", "END "):
        return kind.strip(), reply.text, ""
    if reply.status == 0:
        trouble = f"no answer: {reply.text}"
    else:
        trouble = "neither CON nor END" if reply.status == 200 else f"HTTP {reply.status}"
    return "END", "END " + NETWORK_PROBLEM, trouble


def shown(answer: str) -> str:
    """What stands on the screen: the answer without its CON or END."""
    return answer[4:]


def _warnings(answer: str) -> list[str]:
    found = []
    if units(answer) > SCREEN_CHARACTERS:
        found.append(f"longer than {SCREEN_CHARACTERS} characters")
    if not is_gsm7(answer):
        found.append("outside the GSM-7 alphabet")
    return found


def _turn_body(session: Session) -> str:
    """The five fields in the order of real traffic."""
    return urlencode(
        {
            "phoneNumber": session.phone,
            "serviceCode": session.service_code,
            "text": session.text,
            "sessionId": session.id,
            "networkCode": SAFARICOM,
        }
    )
