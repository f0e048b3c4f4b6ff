"""Gateways that send the newest answer only: a text is made that stands for all answers, and none of them is kept.

Theory of operation. Everything behind the door knows a turn by the text of all its answers. Here it is the digest of
the turn before, `*`, and the newest answer: the same for every copy of one turn, and another for each turn, so that
repetitions, races and the record of actions work as they do for whole texts.

    the session is known    digest of its last turn * newest
    it is new or lost       the empty text: she begins anew, and nothing that she typed elsewhere is taken for a key

What cannot be told apart by it is a turn delivered twice and a key pressed twice: what comes again, the same, within
REPEATED_WITHIN is taken for a copy. A person has to read a screen in between, and the network takes seconds.
"""

import json
from datetime import datetime

from gateway.ussd.sessions import Names, Sessions

# A network that sends again does so at once; a person has a screen to read.
REPEATED_WITHIN_MS = 2_000


def whole(sessions: Sessions, names: Names, newest: str, at: datetime) -> str:
    """The text that stands for the session's answers. Raises redis.RedisError."""
    turn, kept = sessions.last_turn(names)
    now = round(at.timestamp() * 1000)
    if kept:
        before, last, since = json.loads(kept)
        copy = f"{before}*{newest}"
        if names.digest(copy).decode() == last and now - since < REPEATED_WITHIN_MS:
            return copy
    if turn is None:
        return ""
    text = f"{turn}*{newest}"
    sessions.note_turn(names, json.dumps([turn, names.digest(text).decode(), now]))
    return text
