"""What Africa's Talking tells about SMS: how a message of ours ended, and what members send to us.

Both may come twice, late or never; nothing waits for them. An incoming text may hold anything: it is not kept.
"""

from flask import Blueprint, Response, request

from chamas.members import register
from chamas.telling import notices, preferences
from gateway import here, incidents, log
from gateway.ussd.door import BadTurn, let_in, plain, read_body, read_fields
from payments import claims, phones

bp = Blueprint("reports", __name__, url_prefix="/sms")


@bp.post("/reports")
@bp.post("/reports/<secret>")
def report(secret: str | None = None) -> Response:
    """A delivery report: id, status and, for a failure, its reason."""
    let_in(secret)
    wiring = here.wiring()
    try:
        fields = dict(read_fields(request.mimetype, read_body()))
        with wiring.at_the_door("message", fields["id"]) as conn:
            known = notices.record_report(
                conn,
                provider_id=fields["id"],
                status=fields["status"],
                failure=fields.get("failureReason"),
                at=wiring.now(),
            )
        log.note(known=known)
    except (BadTurn, KeyError):
        log.note(way="bad")
    except Exception as error:
        incidents.report(wiring, "sms.report", error)
    return plain("")


@bp.post("/incoming")
@bp.post("/incoming/<secret>")
def incoming(secret: str | None = None) -> Response:
    """An SMS to our number: STOP, START, or a forwarded M-PESA message, of which nothing but the code is read."""
    let_in(secret)
    wiring = here.wiring()
    try:
        fields = dict(read_fields(request.mimetype, read_body()))
        phone, receipt = phones.normalise(fields["from"]), claims.code_in(fields["text"])
        with wiring.holding("phone", phone) as conn:
            sender = register.find_by_phone(conn, phone)
            if sender is None:
                way = "stranger"
            elif receipt is not None:
                claims.claim(conn, sender.id, receipt, at=wiring.now())
                way = "claimed"
            else:
                way = "chose" if preferences.answer(conn, sender.id, fields["text"], at=wiring.now()) else "bad"
        log.note(way=way)
    except (BadTurn, KeyError, phones.UnreadablePhone, claims.TooManyClaims) as trouble:
        log.note(way="acknowledged", because=type(trouble).__name__)
    except Exception as error:
        incidents.report(wiring, "sms.incoming", error)
    return plain("")
