"""How the menu does on phones: where sessions stop, what they cost; and the last steps of one number, for support."""

from datetime import timedelta
from itertools import groupby

from flask import g, render_template, request

from chamas.members import people
from chamas.persons import looks
from chamas.persons.looks import Sight
from gateway import log
from gateway.here import wiring
from gateway.ussd import funnel
from payments import phones

# A week has every weekday in it, and the day before a round closes.
DAYS = 7
# Somebody who calls the helpline means one of the last.
SESSIONS = 5


def everybody() -> str:
    """The funnel of the last days."""
    return page()


def of_one() -> tuple[str, int] | str:
    """The last sessions of one number. Posted, so that no address holds a number; the log says who asked."""
    try:
        phone = phones.normalise(request.form.get("phone", "")[:20])
    except phones.UnreadablePhone:
        return page("That is no phone number. Type it like 0712345678."), 409
    log.note(looked_up="sessions", by=g.visitor.user_id)
    return page(phone=phone)


def page(problem: str = "", phone: str = "") -> str:
    since = wiring().now() - timedelta(days=DAYS)
    with wiring().overseeing(g.visitor.user_id) as conn:
        screens, ends = funnel.screens(conn, since), funnel.ends(conn, since)
        owner = people.find_by_phone(conn, phone) if phone else None
        if owner is not None:
            looks.write_down(conn, owner.id, Sight.STEPS, by_user_id=g.visitor.user_id, at=wiring().now())
        steps = funnel.history(conn, phone, sessions=SESSIONS) if phone else []
    return render_template(
        "desk/phones.html",
        days=DAYS,
        screens=screens,
        ends=ends,
        asked=phones.mask(phone) if phone else "",
        sessions=[list(each) for _number, each in groupby(steps, key=lambda step: step.session)],
        problem=problem,
    )
