"""Files: pictures of people, documents about them, recordings of meetings. files is written here only.

What a file is, its own first bytes say, never the name or the type that came with it; what is none of the kinds that
are asked for is refused. An avatar is for whoever has its address; a document for its owner and the house; a recording
for the members of the group that met. Where the bytes lie: shelf.py.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from psycopg.rows import class_row

from chamas.meeting import meetings
from chamas.meeting.agenda import MeetingState
from chamas.persons.shelf import Shelf
from ledger.refusals import Refusal
from ledger.wires import Chance, Connection, Wires
from payments.strongbox import NONCE_BYTES

Kind = Literal["avatar", "document", "recording"]

# A photograph of an identity card is 3 MB at most; an hour of speech 14 MB.
MOST_BYTES: Mapping[str, int] = {"avatar": 1_000_000, "document": 5_000_000, "recording": 25_000_000}
TYPES: Mapping[str, frozenset[str]] = {
    "avatar": frozenset({"image/jpeg", "image/png"}),
    "document": frozenset({"image/jpeg", "image/png", "application/pdf"}),
    "recording": frozenset({"audio/mpeg", "audio/ogg", "audio/mp4", "audio/webm"}),
}
# Both sides of a card, a passport, a letter of the chief, and what was unreadable at first.
DOCUMENTS_AT_MOST = 8
NAME_BYTES = 16


class UnfitFile(Refusal):
    """Empty, too large, or of another kind than is asked for."""

    code = "unfit_file"
    status = 422
    words = "Send a photo (JPEG, PNG) or a PDF of up to 5 MB; a recording as MP3, OGG, M4A or WEBM of up to 25 MB."


class TooManyFiles(Refusal):
    """She has as many documents as anybody needs."""

    code = "too_many_files"
    status = 409
    words = "There are eight documents of this person: remove one first."


class UnknownFile(Refusal):
    """There is none, or not for whoever asks."""

    code = "unknown_file"
    status = 404
    words = "There is no such file."


@dataclass(frozen=True)
class File:
    """One file; `uploaded_at` is UTC. It lies closed unless it is an avatar."""

    id: int
    kind: Kind
    user_id: int | None
    meeting_id: int | None
    content_type: str
    size_bytes: int
    sha256: bytes
    shelf_name: str
    uploaded_by: int
    uploaded_at: datetime

    @property
    def closed(self) -> bool:
        return self.kind != "avatar"


# How each begins: where its mark stands, and the mark. An MP3 has a tag before the sound, or its first frame.
MARKS: Sequence[tuple[str, int, Sequence[bytes]]] = (
    ("image/jpeg", 0, (b"\xff\xd8\xff",)),
    ("image/png", 0, (b"\x89PNG\r\n\x1a\n",)),
    ("application/pdf", 0, (b"%PDF-",)),
    ("audio/ogg", 0, (b"OggS",)),
    ("audio/webm", 0, (b"\x1a\x45\xdf\xa3",)),
    ("audio/mp4", 4, (b"ftypM4A", b"ftypmp4", b"ftypiso")),
    ("audio/mpeg", 0, (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2")),
)


def type_of(body: bytes) -> str | None:
    """What these bytes are, by how they begin; None for anything that is not asked for anywhere."""
    found = (name for name, place, marks in MARKS if body.startswith(tuple(marks), place))
    return next(found, None)


def keep(
    conn: Connection,
    kind: Kind,
    body: bytes,
    *,
    user_id: int | None = None,
    meeting_id: int | None = None,
    by_user_id: int,
    shelf: Shelf,
    at: datetime,
    chance: Chance,
) -> File:
    """Lays a file on the shelf: an avatar or a document of a person, or a recording of a meeting that has begun.

    The bytes lie there before the row is committed. Raises UnfitFile, TooManyFiles; NotNow and OfficialsOnly for a
    recording.
    """
    content_type = type_of(body)
    if content_type not in TYPES[kind] or len(body) > MOST_BYTES[kind]:
        raise UnfitFile
    documents = [file for file in of_person(conn, user_id) if file.kind == "document"]
    if kind == "document" and len(documents) >= DOCUMENTS_AT_MOST:
        raise TooManyFiles
    if meeting_id is not None:
        held = (MeetingState.IN_PROGRESS, MeetingState.COMPLETED)
        meetings.running(conn, meeting_id, by_user_id=by_user_id, at=at, states=held)
    if kind == "avatar":
        # The one before lies on the shelf until the sweep.
        conn.execute("DELETE FROM files WHERE user_id = %s AND kind = 'avatar'", [user_id])
    name = chance.token_bytes(NAME_BYTES).hex()
    [(file_id,)] = conn.execute(
        "INSERT INTO files (kind, user_id, meeting_id, content_type, size_bytes, sha256, shelf_name, uploaded_by, "
        "uploaded_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
        [kind, user_id, meeting_id, content_type, len(body), hashlib.sha256(body).digest(), name, by_user_id, at],
    ).fetchall()
    shelf.put(name, body, nonce=None if kind == "avatar" else chance.token_bytes(NONCE_BYTES))
    return find(conn, file_id)


def find(conn: Connection, file_id: int) -> File:
    """One file, as far as whoever acts may see it. Raises UnknownFile."""
    found = _files(conn, file_id=file_id)
    if not found:
        raise UnknownFile
    return found[0]


def avatar(conn: Connection, shelf_name: str) -> File:
    """The avatar at this address, for everybody. Raises UnknownFile."""
    found = _files(conn, shelf_name=shelf_name)
    if not found:
        raise UnknownFile
    return found[0]


def of_person(conn: Connection, user_id: int | None) -> list[File]:
    """Her documents and her avatar, oldest first."""
    return _files(conn, user_id=user_id)


def of_meeting(conn: Connection, meeting_id: int) -> list[File]:
    """Its recordings, oldest first."""
    return _files(conn, meeting_id=meeting_id)


def body_of(file: File, shelf: Shelf) -> bytes:
    """What is in it. Raises UnknownFile when the shelf has lost it, or has other bytes than were laid there."""
    try:
        body = shelf.take(file.shelf_name, closed=file.closed)
    except FileNotFoundError:
        raise UnknownFile from None
    if hashlib.sha256(body).digest() != file.sha256:
        raise UnknownFile
    return body


def remove(conn: Connection, file_id: int) -> str:
    """Takes its row away; returns the name under which the bytes lie, to be removed once that is committed."""
    file = find(conn, file_id)
    conn.execute("DELETE FROM files WHERE id = %s", [file_id])
    return file.shelf_name


def forget(conn: Connection, user_id: int) -> int:
    """Takes away the rows about a person; returns how many. Who asks removes the bytes after the commit."""
    return conn.execute("DELETE FROM files WHERE user_id = %s", [user_id]).rowcount


def sweep(wires: Wires, shelf: Shelf) -> int:
    """Removes from the shelf what lies there for an hour and no row speaks of; returns how many."""
    lying = shelf.older_than(wires.now())
    with wires.transaction() as conn:
        rows = conn.execute("SELECT shelf_name FROM files WHERE shelf_name = ANY(%s)", [sorted(lying)]).fetchall()
    orphans = lying - {name for (name,) in rows}
    shelf.remove(orphans)
    return len(orphans)


def _files(
    conn: Connection,
    *,
    file_id: int | None = None,
    user_id: int | None = None,
    meeting_id: int | None = None,
    shelf_name: str | None = None,
) -> list[File]:
    found = conn.cursor(row_factory=class_row(File))
    found.execute(
        "SELECT id, kind, user_id, meeting_id, content_type, size_bytes, sha256, shelf_name, uploaded_by, uploaded_at "
        "FROM files WHERE id = %s::bigint OR user_id = %s::bigint OR meeting_id = %s::bigint "
        "OR (shelf_name = %s::text AND kind = 'avatar') ORDER BY id",
        [file_id, user_id, meeting_id, shelf_name],
    )
    return found.fetchall()
