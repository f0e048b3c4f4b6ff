"""One-time codes by which officials of groups sign in at the desk, sent by SMS to their registered phones.

Theory of operation. Who types a phone hears the same whether it is an official's or anybody's; an official's gets an
SMS with six digits. The code lives in Redis for ten minutes, under a keyed hash of the phone and as a keyed hash
itself; a second wish within that time sends nothing. A code counts only when its SMS is committed: until then its place
is claimed for half a minute, so that of two wishes one sends, and who is cut off in between can wish again. Tries are
counted before they are compared, by phone and by caller (sessions.claim_try). The code is taken out by the one command
that also says whether it was still there, so that of two browsers with the same right code one comes in. What she may
see is said by wiring.officiating, and before her word lets money go she types her CHAMA PIN (step_up.py).
"""

import hmac

from chamas.members.access import IN_OFFICE
from chamas.members.office import office
from chamas.members.register import OFFICIALS
from chamas.telling import notices
from chamas.telling.notices import Notice
from gateway.desk import sessions
from gateway.desk.sign_in import FREE_TRIES_PER_CALLER, FREE_TRIES_PER_PERSON, Entered, Wait, Wrong
from gateway.wiring import Wiring
from ledger.wires import Connection

# As long as an SMS may take, and somebody needs to change from phone to computer.
SECONDS = 600
DIGITS = 6
# Longer than a request may take: afterwards whoever claimed the place is gone.
CLAIMED_SECONDS = 30
# What stands in the place of a code whose SMS is not committed yet; no code has this hash.
CLAIMED = b"claimed"


def send(wiring: Wiring, phone: str, *, person_key: bytes, caller_key: bytes) -> Wait | None:
    """A code to this phone (E.164), if it is an official's. The keys are keyed hashes, as in sign_in.enter."""
    wait = _claim(wiring, person_key, caller_key)
    if wait:
        return Wait(wait)
    code = str(int.from_bytes(wiring.chance.token_bytes(8)) % 10**DIGITS).zfill(DIGITS)
    with wiring.holding("phone", phone) as conn:
        found = _office_of(conn, phone)
        if found is None or not wiring.redis.set(_key(person_key), CLAIMED, nx=True, ex=CLAIMED_SECONDS):
            return None
        user_id, chama_id = found
        told = Notice(
            f"desk_code:{wiring.chance.token_bytes(8).hex()}", "desk_code", user_id, chama_id, {"number": code}
        )
        with office(conn):
            notices.queue(conn, [told], at=wiring.now())
    wiring.redis.set(_key(person_key), _hash(person_key, code), ex=SECONDS)
    return None


def enter(wiring: Wiring, phone: str, code: str, *, person_key: bytes, caller_key: bytes) -> Entered | Wrong | Wait:
    """Tries a code; `person_key` is the one that it was sent under."""
    wait = _claim(wiring, _tries(person_key), caller_key)
    if wait:
        return Wait(wait)
    kept = wiring.redis.get(_key(person_key))
    right = kept is not None and hmac.compare_digest(
        (kept if isinstance(kept, bytes) else kept.encode()), _hash(person_key, code)
    )
    if not right or not wiring.redis.delete(_key(person_key)):
        return Wrong()
    with wiring.holding("phone", phone) as conn:
        found = _office_of(conn, phone)
        if found is None:
            return Wrong()
        for key in (person_key, _tries(person_key)):
            sessions.forgive(conn, key)
        sessions.give_back(conn, caller_key)
        return Entered(sessions.begin(conn, found[0], at=wiring.now(), chance=wiring.chance))


def _claim(wiring: Wiring, person_key: bytes, caller_key: bytes) -> int:
    with wiring.at_the_door("nothing", "") as conn:
        at = wiring.now()
        return sessions.claim_try(conn, caller_key, FREE_TRIES_PER_CALLER, at=at) or sessions.claim_try(
            conn, person_key, FREE_TRIES_PER_PERSON, at=at
        )


def _office_of(conn: Connection, phone: str) -> tuple[int, int] | None:
    """The person whose phone it is and a group in which she holds an office. Never one of the house: her session would
    be an operator's, whose door is her password.
    """
    return conn.execute(
        "SELECT m.user_id, m.chama_id FROM chama_members m JOIN users u ON u.id = m.user_id "
        "WHERE u.phone = %s AND u.status = 'active' AND u.platform_role IS NULL "
        "AND m.role = ANY(%s) AND m.status = ANY(%s) ORDER BY m.id LIMIT 1",
        [phone, list(OFFICIALS), list(IN_OFFICE)],
    ).fetchone()


def _key(person_key: bytes) -> str:
    return f"desk-code:{person_key.hex()}"


def _hash(person_key: bytes, code: str) -> bytes:
    return hmac.digest(person_key, code.encode(), "sha256").hex().encode()


def _tries(person_key: bytes) -> bytes:
    """Typing a code is counted beside asking for one."""
    return hmac.digest(person_key, b"tries", "sha256")
