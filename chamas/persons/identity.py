"""Who people are: names, national id and documents, handed in, and looked at by an admin.

The national id lies in a box under keys of the settings (CREDENTIALS_KEYS), bound to whose it is. That one id has one
person is known by a fingerprint under the pepper, which changes never: nobody finds an id by trying them all, and new
keys for the box change no fingerprint. States: people.py.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from chamas.members import people
from chamas.members.office import office
from chamas.members.people import KYC_MOVES, KycState, Papers
from chamas.members.refusals import NotNow
from chamas.persons import files
from chamas.persons.shelf import NoKey
from chamas.telling import notices
from chamas.telling.notices import Notice
from ledger.refusals import Refusal
from ledger.wires import Chance, Connection
from payments.strongbox import NONCE_BYTES, Strongbox

# Cards of Kenya have 7 or 8 digits, Maisha cards 9, passports and alien cards letters too.
NATIONAL_ID = re.compile(r"[A-Z0-9]{6,12}")
NAME = re.compile(r"[^\W\d_][^\d_<>]{0,39}")

# Why papers are not enough, by number: English msgids, told to her by SMS.
REASONS: Mapping[int, str] = {
    1: "The photo cannot be read.",
    2: "The papers are somebody else's.",
    3: "The name on the papers is another one.",
    4: "The papers are out of date.",
    5: "A paper is missing.",
}


class UnfitPapers(Refusal):
    """Names or a number that no paper has."""

    code = "unfit_papers"
    status = 422
    words = "Write first and last name, and the number of the card or passport: 6 to 12 digits and letters."


class IdTaken(Refusal):
    """Another person has it."""

    code = "id_taken"
    status = 409
    words = "Another person here has this national id."


class NoDocument(Refusal):
    """Nobody is verified by what nobody has seen."""

    code = "no_document"
    status = 409
    words = "There is no document to look at: add one first."


class AdminsOnly(Refusal):
    """It is for the house to look at papers, and not for their owner."""

    code = "admins_only"
    status = 403
    words = "Only an admin can do this, and not for herself."


@dataclass(frozen=True)
class Safe:
    """Where national ids lie; `key` is for their fingerprints, 32 bytes that never change."""

    box: Strongbox
    key: bytes

    def fingerprint(self, national_id: str) -> bytes:
        return hmac.digest(self.key, national_id.encode(), hashlib.sha256)

    def close(self, national_id: str, user_id: int, chance: Chance) -> bytes:
        """In a box that opens for this person only. Raises NoKey."""
        if not self.box.usable:
            raise NoKey
        return self.box.close(national_id.encode(), whose=f"id {user_id}", nonce=chance.token_bytes(NONCE_BYTES))

    def open(self, hers: Papers) -> str | None:
        """Her national id, None where none is kept. Raises Closed."""
        return self.box.open(hers.national_id, whose=f"id {hers.user_id}").decode() if hers.national_id else None


def hand_in(
    conn: Connection,
    user_id: int,
    *,
    first_name: str,
    last_name: str,
    national_id: str,
    by_user_id: int,
    safe: Safe,
    chance: Chance,
) -> None:
    """She hands in who she is, or an admin for her; it is looked at then, also where she was verified before.

    Raises UnfitPapers, IdTaken, AdminsOnly, NotNow for nobody.
    """
    number = re.sub(r"[\s-]", "", national_id).upper()
    names = [" ".join(name.split()) for name in (first_name, last_name)]
    if not NATIONAL_ID.fullmatch(number) or not all(NAME.fullmatch(name) for name in names):
        raise UnfitPapers
    with office(conn):
        if by_user_id != user_id:
            _demand_admin(conn, user_id, by_user_id)
        hers = people.papers(conn, user_id, hold=True)
        if hers is None:
            raise NotNow
        fingerprint = safe.fingerprint(number)
        if people.holder_of_id(conn, fingerprint) not in (None, user_id):
            raise IdTaken
        people.submit_papers(
            conn,
            hers,
            first_name=names[0],
            last_name=names[1],
            national_id=safe.close(number, user_id, chance),
            national_id_key=fingerprint,
        )


def decide(conn: Connection, user_id: int, *, reason: int | None, by_user_id: int, at: datetime) -> KycState:
    """An admin has looked: verified, or rejected for the reason of this number. She is told by SMS.

    Raises AdminsOnly, NoDocument, NotNow when nothing is handed in, KeyError for an unknown reason.
    """
    new = KycState.VERIFIED if reason is None else KycState.REJECTED
    seen = any(file.kind == "document" for file in files.of_person(conn, user_id))
    with office(conn):
        _demand_admin(conn, user_id, by_user_id)
        hers = people.papers(conn, user_id, hold=True)
        if hers is None or new not in KYC_MOVES.following[hers.kyc]:
            raise NotNow
        if new is KycState.VERIFIED and not seen:
            raise NoDocument
        people.decide_papers(conn, hers, new, reason=reason)
        why = {"why": REASONS[reason]} if reason is not None else {}
        told = Notice(f"kyc_{new}:{user_id}:{at.isoformat()}", f"kyc_{new}", user_id, None, why)
        notices.queue(conn, [told], at=at)
    return new


def _demand_admin(conn: Connection, user_id: int, by_user_id: int) -> None:
    row = conn.execute(
        "SELECT TRUE FROM users WHERE id = %s AND platform_role = 'admin' AND status = 'active'", [by_user_id]
    ).fetchone()
    if row is None or by_user_id == user_id:
        raise AdminsOnly
