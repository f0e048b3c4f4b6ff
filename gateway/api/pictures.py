"""The picture to scan for paying a group: what programs ask about it, and what it says."""

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chamas import directory
from gateway.api.entry import Act
from ledger.wires import Connection
from payments import qr_pictures


@dataclass(frozen=True)
class QrPicture:
    """`png` is the picture in base64, null until Safaricom has drawn it; `outdated`: the group says otherwise now."""

    chama_id: int
    merchant: str
    reference: str
    amount_cents: int
    png: str | None
    outdated: bool
    failure: str | None
    asked_at: datetime
    drawn_at: datetime | None


def on_picture(group: directory.Chama) -> dict[str, Any]:
    """What the picture says: whom M-PESA names, the account, and what a round asks for, in whole shillings."""
    shillings = -(-group.contribution_cents // 100)
    return {"merchant": group.name, "reference": group.number, "amount_cents": max(1, shillings) * 100}


def is_outdated(drawn: qr_pictures.Picture, group: directory.Chama) -> bool:
    """Whether the group's name, number or amount is another by now."""
    return any(getattr(drawn, name) != say for name, say in on_picture(group).items())


def of_chama(conn: Connection, chama_id: int) -> QrPicture | None:
    """None where nobody has wished for one."""
    group = directory.chama(conn, chama_id)
    found = qr_pictures.of_chama(conn, chama_id)
    return None if group is None or found is None else _told(found, group)


def draw(conn: Connection, chama_id: int, *, act: Act) -> QrPicture | None:
    """Wishes for it, as the desk does; None where the group has no paybill and no till."""
    group = directory.chama(conn, chama_id)
    found = None if group is None else qr_pictures.wish(conn, chama_id, at=act.at, **on_picture(group))
    return None if group is None or found is None else _told(found, group)


def _told(found: qr_pictures.Picture, group: directory.Chama) -> QrPicture:
    return QrPicture(
        group.id,
        found.merchant,
        found.reference,
        found.amount_cents,
        None if found.picture is None else base64.b64encode(found.picture).decode(),
        is_outdated(found, group),
        found.failure,
        found.asked_at,
        found.drawn_at,
    )
