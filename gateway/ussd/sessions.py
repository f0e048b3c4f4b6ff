"""The live session in Redis: one trip to read it, one to store the next state and the answer together.

Theory of operation. A session is one hash. `turn` is the keyed digest of the text that the state was made from, `state`
the place where the member stands, and every answer given stands under the digest of its text. Storing is a
compare-and-set on `turn`: of two copies of a turn that race one is stored, and the other reads again and says what the
winner said. A turn that comes again later finds its own answer. The hash forgets itself five minutes after the last
turn; nothing waits for an end event, which may never come.

No value holds a phone number, a PIN or what was typed: the text is kept as its length and its digest, which is enough
to tell whether a longer text continues it. The key is a digest of session id and phone number, so that somebody
else's phone with the same session id finds nothing.

Beside it stands, under a digest of the phone number alone, where the phone's last session was left: read with the first
turn of the next one, in the same trip, and written by the same script. It holds a path of screens, never an answer.
The script adds the step to the stream of gateway/ussd/trails.py too.
"""

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import NamedTuple

import redis

from gateway.ussd import trails
from gateway.ussd.trips import Trips
from menus.dialog import Go
from menus.machine import Left
from menus.steps import Session, Typed
from menus.visit import Caller, Membership

# A session lasts 180 s in Kenya; a turn that the network repeats late still finds its answer.
KEEP_SECONDS = 300

COMMIT = """
local turn = redis.call('HGET', KEYS[1], 'turn')
if (turn or '') ~= ARGV[1] then
    return 0
end
redis.call('HSET', KEYS[1], 'turn', ARGV[2], 'state', ARGV[3], ARGV[2], ARGV[4])
redis.call('EXPIRE', KEYS[1], ARGV[5])
redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[9], '*', 't', ARGV[8])
if ARGV[6] == '' then
    redis.call('DEL', KEYS[2])
elseif ARGV[6] ~= '=' then
    redis.call('SET', KEYS[2], ARGV[6], 'EX', ARGV[7])
end
return 1
"""
# After a drop people dial again within a minute or two; later they have begun something else.
RESUME_SECONDS = 300
# The name under which Redis knows the script once it has seen it.
COMMIT_SHA = hashlib.sha1(COMMIT.encode(), usedforsecurity=False).hexdigest()


class Found(NamedTuple):
    """What Redis knew. `turn` and `session` are None for a new or lost session; `answer` was given to this text.

    `left` is where the phone's last session was cut off, asked for with an empty text only.
    """

    turn: bytes | None
    length: int
    session: Session | None
    answer: str | None
    left: tuple[Go, ...] = ()


@dataclass(frozen=True)
class Names:
    """The keyed digests of one session."""

    secret: bytes
    session_key: bytes
    phone: str = field(repr=False)

    @classmethod
    def of(cls, secret: bytes, session_id: str, phone: str) -> "Names":
        return cls(secret, hmac.digest(secret, f"session\0{session_id}\0{phone}".encode(), "sha256"), phone)

    @property
    def left_name(self) -> str:
        return "ussd-left:" + hmac.digest(self.secret, b"left\0" + self.phone.encode(), "sha256")[:16].hex()

    @property
    def hash_name(self) -> str:
        return f"ussd:{self.session_key[:16].hex()}"

    @property
    def newest_name(self) -> str:
        return f"ussd-newest:{self.session_key[:16].hex()}"

    def digest(self, text: str) -> bytes:
        """The name of a text; hexadecimal, as long as guessing stays out of reach."""
        return hmac.digest(self.secret, b"text\0" + self.session_key + text.encode(), "sha256")[:12].hex().encode()


class Sessions:
    """The store. Every method raises redis.RedisError when Redis does not answer within its 0.3 s."""

    def __init__(self, client: redis.Redis) -> None:
        self._trips = Trips(client)

    def read(self, names: Names, digest: bytes, *, first: bool = False) -> Found:
        """The session, and the answer that this text got before; for the `first` text also what was left before."""
        command = (b"HMGET", names.hash_name, b"turn", b"state", digest)
        left: tuple[Go, ...] = ()
        if first:
            (turn, state, answer), kept = self._trips.ask_both(command, (b"GET", names.left_name))
            left = unpack_left(kept) if kept else ()
        else:
            turn, state, answer = self._trips.ask(*command)
        length, session = unpack(state) if state else (0, None)
        return Found(turn, length, session, answer.decode() if answer else None, left)

    def commit(
        self,
        names: Names,
        *,
        expected: bytes | None,
        digest: bytes,
        length: int,
        session: Session,
        answer: str,
        left: Left = None,
        step: str = "",
    ) -> bool:
        """Stores state and answer, where she may go on, and the `step` of its trail; False, and nothing stored, when
        the session has moved on from `expected`.
        """
        state, kept = pack(length, session), pack_left(session, left)
        keys = (3, names.hash_name, names.left_name, trails.STREAM)
        stored = (expected or b"", digest, state, answer, KEEP_SECONDS, kept, RESUME_SECONDS)
        arguments = (*keys, *stored, step, trails.LONGEST)
        try:
            return bool(self._trips.ask(b"EVALSHA", COMMIT_SHA, *arguments))
        except redis.exceptions.NoScriptError:
            # The first turn of all, or Redis was started again and knows no script.
            return bool(self._trips.ask(b"EVAL", COMMIT, *arguments))

    def last_turn(self, names: Names) -> tuple[str | None, bytes | None]:
        """The digest of the session's last turn, and what `note_turn` kept of it; for gateway/ussd/newest.py."""
        turn, kept = self._trips.ask_both((b"HGET", names.hash_name, b"turn"), (b"GET", names.newest_name))
        return turn.decode() if turn else None, kept

    def note_turn(self, names: Names, kept: str) -> None:
        """Keeps as long as the session does what tells a copy of its last turn."""
        self._trips.ask(b"SET", names.newest_name, kept, b"EX", KEEP_SECONDS)


def forget(client: redis.Redis, user_id: int) -> int:
    """Ends the live sessions of a person, which know her name; returns how many. Looks at all five minutes of them."""
    gone = 0
    for name in client.scan_iter("ussd:*"):
        state = client.hget(name, "state")
        caller = unpack(state)[1].caller if isinstance(state, bytes) else None
        if caller and caller.user_id == user_id:
            gone += int(client.unlink(name))
    for name in client.scan_iter("ussd-left:*"):
        kept = client.get(name)
        if isinstance(kept, bytes) and json.loads(kept)[0] == user_id:
            client.unlink(name)
    return gone


def pack_left(session: Session, left: Left) -> str:
    """Where she may go on, for the script: empty forgets it, `=` leaves it as it is. A stranger's is nobody's."""
    if left is None or session.caller is None:
        return ""
    return "=" if left == "as before" else json.dumps([session.caller.user_id, left], separators=(",", ":"))


def unpack_left(kept: bytes) -> tuple[Go, ...]:
    """The path that `pack_left` wrote."""
    return tuple(Go(*place) for place in json.loads(kept)[1])


def pack(length: int, session: Session) -> str:
    """A state as JSON; `length` is that of the text it was made from."""
    return json.dumps(
        [
            length,
            session.hop,
            session.language,
            session.caller,
            session.path,
            session.choices,
            session.typed,
            session.done,
            session.proved,
        ],
        separators=(",", ":"),
    )


def unpack(state: bytes) -> tuple[int, Session]:
    """What `pack` wrote."""
    length, hop, language, caller, path, choices, typed, done, proved = json.loads(state)
    return length, Session(
        caller=caller and Caller(caller[0], caller[1], tuple(Membership(*each) for each in caller[2]), *caller[3:]),
        language=language,
        path=tuple(Go(*place) for place in path),
        choices={key: Go(*place) for key, place in choices.items()},
        typed=typed and Typed(Go(*typed[0]), *typed[1:]),
        hop=hop,
        done=done,
        proved=proved,
    )
