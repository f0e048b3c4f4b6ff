"""One USSD turn from the text that arrived to the screen that leaves: Redis, the conversation, PostgreSQL, Redis.

Theory of operation. Read the session and the answer that this very text may have got already (one trip). An answer is
said again, letter by letter. Otherwise the conversation goes one step on, inside at most one transaction, which opens
only if a screen asks for it and is committed before the answer is stored. Then state and answer are stored together
by compare-and-set. Who loses the race begins again and finds the winner's answer; who breaks in it looks for it, too
(gateway/ussd/twins.py).

    session known, text continues it      hear the difference
    session unknown, or text is another    walk through the whole text, acting on nothing
    text older than the session            the same, without storing: a turn that the network delivers late
    Redis away                             the same; where that would need an action, an honest end

Nothing here waits longer than the limits on the connections and gateway/patience.py allow: 4 seconds in the worst case.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple

import redis
from psycopg import OperationalError

from chamas.members import presence
from gateway import incidents, log, patience
from gateway.ussd import newest, trails, twins
from gateway.ussd.actions import Deeds
from gateway.ussd.sessions import Found, Names, Sessions
from gateway.wiring import Wiring
from ledger.retries import TRIES_IN_FRONT_OF_PEOPLE, again
from ledger.wires import Connection
from menus import answers, callers, locale, machine, steps
from menus.dialog import Go
from menus.steps import Reply, Session
from menus.visit import Caller, Place, Visit

# The loser of a race finds the winner's answer at its second look; a third is for a session that was flushed meanwhile.
LOOKS = 3

# Of her 4 seconds: what PostgreSQL has at most, however it falls silent. The rest is for Redis: 0.6 for each trip.
PATIENCE_SECONDS = 2.6

# Networks whose phones have an M-PESA menu: Safaricom, and Africa's Talking's sandbox.
MPESA_NETWORKS = frozenset({"63902", "99999"})

Reach = Callable[[], Connection]


class Turn(NamedTuple):
    """What the network's gateway told, checked: `phone` is E.164, `text` all answers so far.

    `newest`: the last answer, when only that was told; `text` then stands for all of them and is nothing to be read.
    """

    session_id: str
    phone: str
    network: str
    text: str
    newest: str | None = None

    @property
    def dialled(self) -> str:
        """All answers, to be walked through; none where they are not known."""
        return self.text if self.newest is None else ""


class Answered(NamedTuple):
    """What goes back; the rest is for the log. `way`: new, heard, repeated, walked, late, refused, blind or broken."""

    wire: str
    screen: str
    way: str
    session: str = ""


class Played(NamedTuple):
    session: Session
    reply: Reply
    way: str
    answered: str = trails.FIRST


@dataclass(frozen=True)
class Turns:
    """Answers turns; one per process."""

    wiring: Wiring
    sessions: Sessions
    place: Place
    secret: bytes

    @classmethod
    def of(cls, wiring: Wiring) -> "Turns":
        settings = wiring.settings
        place = Place(settings.ussd_code, settings.helpline, settings.mpesa_business_shortcode)
        return cls(wiring, Sessions(wiring.redis), place, settings.secret_key.encode())

    def answer(self, turn: Turn) -> Answered:
        """The answer to one turn. Never raises: what breaks becomes an end with a reference."""
        names = Names.of(self.secret, turn.session_id, turn.phone)
        until = time.monotonic() + PATIENCE_SECONDS
        with patience.until(PATIENCE_SECONDS):
            answered = self._answer(names, turn, until)
        return answered._replace(session=names.session_key[:4].hex())

    def apology(self, msgid: str, phone: str | None, reference: str) -> str:
        """The words about a turn that is none: in the language of the number's owner, in each when nobody knows her."""
        facts = {"code": self.place.ussd_code, "helpline": self.place.helpline, "reference": reference}
        language = self._language_of(phone) if phone else None
        return "\n".join(locale.say(one, msgid, **facts) for one in ([language] if language else locale.LANGUAGES))

    def _language_of(self, phone: str) -> str | None:
        try:
            with self.wiring.at_once() as conn:
                known = callers.recognise(conn, phone, self.wiring.now())
        except Exception as error:
            log.line("caller not looked up", level=logging.WARNING, error=error)
            return None
        return known.language if known.caller else None

    def _answer(self, names: Names, turn: Turn, until: float) -> Answered:
        known: Session | None = None
        digest = b""
        try:
            if turn.newest is not None:
                turn = self._whole(names, turn, turn.newest)
            digest = names.digest(turn.text)
            found = self._read(names, digest, first=not turn.text)
            if found is None:
                return self._blind(names, turn)
            known = found.session
            return self._settle(names, turn, digest, found)
        except RedisAway as away:
            return self._broken(away, away.session.language, away.session.caller)
        except Exception as error:
            if digest and (told := twins.told(self.sessions, names, digest, error=error, until=until)):
                return Answered(told, "", "repeated")
            if known:
                return self._broken(error, known.language, known.caller)
            # The first turn of a session broke. Who it is can still be asked, unless PostgreSQL is what is away.
            return self._broken(error, None if isinstance(error, OperationalError) else self._language_of(turn.phone))

    def _whole(self, names: Names, turn: Turn, answer: str) -> Turn:
        """The turn with a text that stands for all answers; a first turn when the session is new or lost."""
        text = newest.whole(self.sessions, names, answer, self.wiring.now())
        return turn._replace(text=text, newest=answer if text else None)

    def _settle(self, names: Names, turn: Turn, digest: bytes, found: Found) -> Answered:
        for _look in range(LOOKS):
            if found.answer is not None:
                return Answered(found.answer, "", "repeated")
            played = again(partial(self._play, names, turn, found), tries=TRIES_IN_FRONT_OF_PEOPLE)
            if played.way == "late" or self._commit(names, turn, found, digest, played):
                break
            newer = self._read(names, digest)
            if newer is None:
                break
            found = newer
        return Answered(played.reply.wire, played.reply.screen, played.way)

    def _play(self, names: Names, turn: Turn, found: Found) -> Played:
        """The conversation's next step, as the table above says."""
        session = found.session
        if session is None:
            way, answered = ("walked", trails.DIALLED) if turn.text else ("new", trails.FIRST)
            return Played(*self._begin(names, turn, found.left), way, answered)
        if turn.newest is None:
            delta = answers.since(turn.text, found.length, lambda text: names.digest(text) == found.turn)
        else:
            delta = turn.newest if turn.text.startswith(f"{(found.turn or b'').decode()}*") else None
        if delta is None:
            way = "late" if turn.newest or len(turn.text) < found.length else "walked"
            return Played(*self._begin(names, turn), way, trails.DIALLED)
        with self._reaching(self._as(session.caller)) as reach:
            visit = self._visit(names, turn, reach, session.caller, session.language)
            answered = steps.told(session, delta)
            session, reply = machine.hear(session, delta, visit, turn.text)
            return Played(session, reply, "refused" if reply.refused else "heard", answered)

    def _begin(self, names: Names, turn: Turn, left: tuple[Go, ...] = ()) -> tuple[Session, Reply]:
        """A turn whose session is new or lost: who is it?"""
        with self.wiring.at_once() as conn:
            known = callers.recognise(conn, turn.phone, self.wiring.now())
        with self._reaching(self._as(known.caller)) as reach:
            visit = self._visit(names, turn, reach, known.caller, known.language)
            if known.caller and known.stale:
                presence.seen(visit.conn, known.caller.user_id, at=visit.at)
            return machine.begin(
                replace(visit, prompt_out=known.prompt_out, news=known.news, lent=known.lent, left=left), turn.dialled
            )

    @contextmanager
    def _reaching(self, transaction: AbstractContextManager[Connection]) -> Iterator[Reach]:
        """A way to a transaction that opens with its first use and is committed at the end of the block."""
        with ExitStack() as stack:
            opened: list[Connection] = []

            def reach() -> Connection:
                if not opened:
                    opened.append(stack.enter_context(transaction))
                return opened[0]

            yield reach

    def _as(self, caller: Caller | None) -> AbstractContextManager[Connection]:
        return self.wiring.acting_as(caller.user_id if caller else None)

    def _visit(self, names: Names, turn: Turn, reach: Reach, caller: Caller | None, language: str) -> Visit:
        at = self.wiring.now()
        return Visit(
            caller=caller,
            phone=turn.phone,
            mpesa=turn.network in MPESA_NETWORKS,
            language=language,
            at=at,
            place=self.place,
            chance=self.wiring.chance,
            pepper=self.wiring.settings.pin_pepper,
            reach=reach,
            deeds=Deeds(reach, self.secret, names.session_key, caller.user_id if caller else None, at),
            bands=self.wiring.payout_bands,
            banking=self.wiring.banking_bands,
        )

    def _read(self, names: Names, digest: bytes, *, first: bool = False) -> Found | None:
        """What Redis knows; None when it does not answer."""
        try:
            return self.sessions.read(names, digest, first=first)
        except redis.RedisError as error:
            log.line("redis away", level=logging.WARNING, error=error, doing="read")
            return None

    def _commit(self, names: Names, turn: Turn, found: Found, digest: bytes, played: Played) -> bool:
        """Whether the answer may go out: stored, or not storable because Redis is away."""
        try:
            return self.sessions.commit(
                names,
                expected=found.turn,
                digest=digest,
                length=len(turn.text),
                session=played.session,
                answer=played.reply.wire,
                left=machine.left_at(played.session, played.reply),
                step=trails.line(names.session_key, played.session, played.reply, played.answered, self.wiring.now()),
            )
        except redis.RedisError as error:
            log.line("redis away", level=logging.WARNING, error=error, doing="commit")
            return True

    def _blind(self, names: Names, turn: Turn) -> Answered:
        """A turn without Redis: its text leads through screens that read; an action would need to know what she saw."""
        session, reply = self._begin(names, turn)
        if reply.unused:
            raise RedisAway(session)
        return Answered(reply.wire, reply.screen, "blind")

    def _broken(self, error: Exception, language: str | None, caller: Caller | None = None) -> Answered:
        """An honest end. PostgreSQL being away, a timeout and a mistake of ours look the same to her."""
        reference = incidents.report(self.wiring, "ussd", error, caller.user_id if caller else None)
        facts = {"helpline": self.place.helpline, "reference": reference}
        if language:
            return Answered(f"END {locale.say(language, SORRY, **facts)}", "", "broken")
        in_each = [locale.say(one, SORRY_IN_EACH, **facts) for one in locale.LANGUAGES]
        return Answered("END " + "\n".join(in_each), "", "broken")


class RedisAway(Exception):
    """Redis is away, and the turn needs the session that it holds; `session` is what the text alone leads to."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session


SORRY, SORRY_IN_EACH = locale.msgids(
    "Sorry, not possible now. Try later. Paying? Wait for our SMS. {helpline}, say {reference}",
    "Sorry, try again later. {helpline}, say {reference}",
)
