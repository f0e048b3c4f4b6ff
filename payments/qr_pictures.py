"""The picture that Safaricom draws of where a group is paid, to be printed. qr_pictures is written here only.

Theory of operation. The desk wishes for it, because only the worker may open credentials: a row that is due. The worker
asks, and keeps what came. Nothing moves by asking, so a question whose answer was lost is put again, five times in all
over half an hour; then the row says why, and whoever wants it wishes anew. What a picture holds stands beside it: when
the group's name, number, amount or paybill is another by now, the page says that it is out of date.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from psycopg.rows import class_row

from ledger.wires import Connection
from payments import shortcodes
from payments.daraja import qr
from payments.daraja.outcomes import Outcome, Rejected
from payments.daraja.token import with_token
from payments.shortcodes import NoKeys
from payments.wires import Wires

# Each is a request of a second; groups are founded rarely.
AT_ONCE = 4
AGAIN_AFTER = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=5),
    timedelta(minutes=10),
    timedelta(minutes=10),
)
# A hasty finger on the button is one question.
WISHED_AGAIN_AFTER = timedelta(minutes=1)


@dataclass(frozen=True)
class Picture:
    """What it holds, and the PNG when it is drawn. Cents; UTC. `due_at` is None when nobody is asked any more."""

    chama_id: int
    shortcode_id: int
    merchant: str
    reference: str
    amount_cents: int
    picture: bytes | None = field(repr=False)
    tries: int
    due_at: datetime | None
    failure: str | None
    asked_at: datetime
    drawn_at: datetime | None


def wish(
    conn: Connection, chama_id: int, *, merchant: str, reference: str, amount_cents: int, at: datetime
) -> Picture | None:
    """The picture of this group, due to be drawn; one that was wished for a moment ago, or that shows all this, stays.

    None where no shortcode is. Amounts are whole shillings.
    """
    shortcode = shortcodes.of_chama(conn, chama_id)
    if shortcode is None:
        return None
    conn.execute(
        "INSERT INTO qr_pictures AS mine (chama_id, shortcode_id, merchant, reference, amount_cents, due_at, asked_at) "
        "VALUES (%(chama)s, %(shortcode)s, %(merchant)s, %(reference)s, %(cents)s, %(at)s, %(at)s) "
        "ON CONFLICT (chama_id) DO UPDATE SET shortcode_id = excluded.shortcode_id, merchant = excluded.merchant, "
        "reference = excluded.reference, amount_cents = excluded.amount_cents, due_at = excluded.due_at, "
        "asked_at = excluded.asked_at, picture = NULL, drawn_at = NULL, tries = 0, failure = NULL "
        "WHERE (mine.shortcode_id, mine.merchant, mine.reference, mine.amount_cents) IS DISTINCT FROM "
        "(excluded.shortcode_id, excluded.merchant, excluded.reference, excluded.amount_cents) "
        "OR (mine.picture IS NULL AND mine.asked_at <= %(before)s)",
        {
            "chama": chama_id,
            "shortcode": shortcode.id,
            "merchant": merchant,
            "reference": reference,
            "cents": amount_cents,
            "at": at,
            "before": at - WISHED_AGAIN_AFTER,
        },
    )
    return of_chama(conn, chama_id)


def of_chama(conn: Connection, chama_id: int) -> Picture | None:
    """The picture of this group, drawn or not; None when nobody wished for one."""
    return next(iter(_read(conn, chama_id)), None)


def draw_due(wires: Wires) -> int:
    """Asks for pictures that are due; returns how many."""
    at = wires.now()
    with wires.transaction() as conn:
        rows = conn.execute(
            "SELECT chama_id FROM qr_pictures WHERE due_at <= %s ORDER BY due_at, chama_id LIMIT %s "
            "FOR UPDATE SKIP LOCKED",
            [at, AT_ONCE],
        ).fetchall()
        due = [one for (chama_id,) in rows for one in _read(conn, chama_id)]
        for one in due:
            again = at + AGAIN_AFTER[one.tries] if one.tries < len(AGAIN_AFTER) - 1 else None
            conn.execute(
                "UPDATE qr_pictures SET tries = tries + 1, due_at = %s WHERE chama_id = %s", [again, one.chama_id]
            )
    for one in due:
        drawn = qr.read(_ask(wires, one))
        with wires.transaction() as conn:
            _record(conn, one, drawn, at)
    return len(due)


def _ask(wires: Wires, one: Picture) -> Outcome:
    try:
        unlocked = shortcodes.unlock(wires, one.shortcode_id)
    except NoKeys as trouble:
        return Rejected("no_keys", str(trouble), again=True)
    till = unlocked.shortcode.till_number
    wanted = qr.Wanted(
        one.merchant, one.reference, one.amount_cents // 100, till or unlocked.shortcode.number, till is not None
    )
    return with_token(wires, one.shortcode_id, unlocked.keys, lambda bearer: qr.ask(wires.daraja, bearer, wanted))


def _record(conn: Connection, asked: Picture, drawn: qr.Drawn, at: datetime) -> None:
    """What came, unless another picture is wished for by now."""
    conn.execute(
        "UPDATE qr_pictures SET picture = coalesce(%s, picture), drawn_at = CASE WHEN %s THEN %s ELSE drawn_at END, "
        "due_at = CASE WHEN NOT %s THEN due_at END, failure = %s WHERE chama_id = %s AND (merchant, reference, "
        "amount_cents, shortcode_id, asked_at) = (%s, %s, %s, %s, %s)",
        [
            drawn.picture or None,
            bool(drawn.picture),
            at,
            bool(drawn.picture),
            drawn.trouble[:200] or None,
            asked.chama_id,
            asked.merchant,
            asked.reference,
            asked.amount_cents,
            asked.shortcode_id,
            asked.asked_at,
        ],
    )


def _read(conn: Connection, chama_id: int) -> list[Picture]:
    with conn.cursor(row_factory=class_row(Picture)) as cursor:
        return cursor.execute(
            "SELECT chama_id, shortcode_id, merchant, reference, amount_cents, picture, tries, due_at, failure, "
            "asked_at, drawn_at FROM qr_pictures WHERE chama_id = %s",
            [chama_id],
        ).fetchall()
