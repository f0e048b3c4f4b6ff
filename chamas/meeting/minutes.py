"""Minutes of meetings: the text, and the seal on it. minutes is written here only.

A text is never changed: who corrects it writes the next version, and every version stays. Its salted digest is sealed
with the next batch (ledger/papers.py), so that anybody who holds text and salt can show that this is what was written
then. Two members compare minutes like pages: by two words of the digest. A member who is forgotten is blotted out of
the texts; their seals stay, and say no more.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from chamas.meeting import meetings
from chamas.meeting.agenda import MeetingState
from ledger import papers
from ledger.findings import Finding
from ledger.refusals import Refusal
from ledger.wires import Chance, Connection
from ledger.words import words as words_of

# Ten pages: more than a secretary writes in an evening.
LETTERS = 20_000
# 128 bits: a text that was blotted out cannot be found again by trying salts.
SALT_BYTES = 16
BLOT = "[...]"


class UnfitMinutes(Refusal):
    """Empty, or longer than anybody reads."""

    code = "unfit_minutes"
    status = 422
    words = "Minutes have between 1 and 20,000 letters."


@dataclass(frozen=True)
class Minutes:
    """One version of the minutes of a meeting; `blotted_at` says since when a name is missing in it (UTC)."""

    meeting_id: int
    version: int
    text: str
    salt: bytes
    digest: bytes
    paper_id: int
    written_by: int
    written_at: datetime
    blotted_at: datetime | None

    @property
    def words(self) -> str:
        """Two words by which two members compare them."""
        return words_of(self.digest)

    @property
    def whole(self) -> bool:
        """Whether the text is what was sealed."""
        return digest_of(self.salt, self.text) == self.digest


def digest_of(salt: bytes, text: str) -> bytes:
    """sha256 over salt (16 bytes) and text (UTF-8): anybody can compute it again."""
    return hashlib.sha256(salt + text.encode()).digest()


def write(conn: Connection, meeting_id: int, text: str, *, by_user_id: int, at: datetime, chance: Chance) -> Minutes:
    """The minutes of a meeting that is on or was held; the next version when there are some.

    Raises OfficialsOnly, NotNow, UnfitMinutes.
    """
    held = (MeetingState.IN_PROGRESS, MeetingState.COMPLETED)
    meeting = meetings.running(conn, meeting_id, by_user_id=by_user_id, at=at, states=held)
    text = text.replace("\r\n", "\n").strip()
    if not 0 < len(text) <= LETTERS or "\0" in text:
        raise UnfitMinutes
    salt = chance.token_bytes(SALT_BYTES)
    digest = digest_of(salt, text)
    paper_id = papers.lay(conn, meeting.book_id, digest, at=at)
    conn.execute(
        "INSERT INTO minutes (meeting_id, version, text, salt, digest, paper_id, written_by, written_at) "
        "SELECT %s, coalesce(max(version), 0) + 1, %s, %s, %s, %s, %s, %s FROM minutes WHERE meeting_id = %s",
        [meeting_id, text, salt, digest, paper_id, by_user_id, at, meeting_id],
    )
    return versions(conn, meeting_id)[0]


def versions(conn: Connection, meeting_id: int) -> list[Minutes]:
    """All versions, the newest first."""
    found = conn.cursor(row_factory=class_row(Minutes))
    found.execute(
        "SELECT meeting_id, version, text, salt, digest, paper_id, written_by, written_at, blotted_at FROM minutes "
        "WHERE meeting_id = %s ORDER BY version DESC",
        [meeting_id],
    )
    return found.fetchall()


def blot(conn: Connection, user_id: int, names: Sequence[str], *, at: datetime) -> int:
    """Takes the names (whole words) out of the minutes of every group that she was in; returns out of how many."""
    known = [re.escape(name) for name in names if name]
    if not known:
        return 0
    return conn.execute(
        r"""
        UPDATE minutes n SET text = regexp_replace(n.text, %(names)s, %(blot)s, 'gi'), blotted_at = %(at)s
        FROM meetings g JOIN chama_members m ON m.chama_id = g.chama_id
        WHERE g.id = n.meeting_id AND m.user_id = %(user)s AND n.text ~* %(names)s
        """,
        {"names": rf"\m({'|'.join(known)})\M", "blot": BLOT, "at": at, "user": user_id},
    ).rowcount


def verify(conn: Connection) -> Finding:
    """Minutes are what was sealed of them, as far as nobody was blotted out."""
    rows = conn.execute(
        "SELECT n.meeting_id, n.version, n.text, n.salt, n.digest = p.digest, n.digest, n.blotted_at IS NOT NULL "
        "FROM minutes n JOIN papers p ON p.id = n.paper_id ORDER BY 1, 2"
    ).fetchall()
    wrong = [
        f"minutes {meeting}/{version}"
        for meeting, version, text, salt, sealed, digest, blotted in rows
        if not sealed or (not blotted and digest_of(salt, text) != digest)
    ]
    return Finding(name="minutes are what was sealed", ok=not wrong, detail=", ".join(wrong[:5]), count=len(rows))
