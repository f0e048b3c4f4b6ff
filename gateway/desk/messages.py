"""What a group is told and what that costs; and what a member says, on the helpline, about how she wants to be told."""

from contextlib import nullcontext

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from chamas import directory
from chamas.members import register
from chamas.members.office import office
from chamas.telling import caps, notice_log, preferences
from chamas.telling.preferences import Preferences
from gateway.desk.guard import at_desk, is_official
from gateway.here import wiring
from ledger.refusals import Refusal
from menus import locale

# As much as a page shows at once.
SHOWN = 100
# More than any group spends: what is more is a slip of the finger.
MOST_SHILLINGS = 100_000


def of_group(chama_id: int) -> str:
    """What was sent, what failed, and the cost of this month."""
    return page(chama_id)


def set_cap(chama_id: int) -> Response | tuple[str, int]:
    """From now on the group spends so much in a month on what the law of the house does not demand."""
    typed = request.form.get("shillings", "").strip().replace(",", "")
    if not (typed.isascii() and typed.isdecimal() and int(typed) <= MOST_SHILLINGS):
        return page(chama_id, "Type whole shillings."), 409
    with at_desk() as conn:
        caps.cap(conn, chama_id, int(typed) * 100, at=wiring().now())
    return redirect(url_for("desk.messages", chama_id=chama_id), 303)


def of_person(user_id: int) -> str:
    """How one person wants to be told."""
    return form(user_id)


def choose(user_id: int) -> Response | tuple[str, int]:
    """What she said on the helpline holds from now on."""
    given = request.form
    wanted = Preferences(
        sms="sms" in given,
        email=given.get("email", "").strip() or None,
        push="push" in given,
        reminders="reminders" in given,
        at_night="at_night" in given,
    )
    language = given.get("language", "")
    if language not in locale.LANGUAGES:
        return form(user_id, "Choose a language."), 409
    try:
        with at_desk() as conn:
            if register.person(conn, user_id) is None:
                abort(404, "There is no such person.")
            preferences.choose(conn, user_id, wanted, at=wiring().now())
            with office(conn):
                register.prefer(conn, user_id, language=language)
    except Refusal as why:
        return form(user_id, str(why)), 409
    return redirect(url_for("desk.wishes", user_id=user_id), 303)


def page(chama_id: int, problem: str = "") -> str:
    with at_desk() as conn:
        found = directory.chama(conn, chama_id)
        if found is None:
            abort(404, "There is no such group.")
        # Counted and added up over all of the group; who is told what stays between her and us.
        with office(conn) if is_official() else nullcontext():
            sums = notice_log.month(conn, chama_id, at=wiring().now())
        sent = notice_log.newest(conn, chama_id, limit=SHOWN)
    return render_template("desk/messages.html", chama=found, sums=sums, sent=sent, problem=problem)


def form(user_id: int, problem: str = "") -> str:
    with at_desk() as conn:
        person = register.person(conn, user_id)
        if person is None:
            abort(404, "There is no such person.")
        hers, devices = preferences.of(conn, user_id), len(preferences.devices(conn, user_id))
    return render_template("desk/wishes.html", person=person, hers=hers, devices=devices, problem=problem)
