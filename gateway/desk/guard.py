"""Asks everybody at the desk's door who they are."""

from contextlib import AbstractContextManager
from urllib.parse import urlsplit

from flask import Response, abort, g, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from gateway.desk import csrf, sessions
from gateway.here import wiring
from ledger.wires import Connection

OPEN_PAGES = frozenset({
    *("desk.sign_in_form", "desk.sign_in_tried"),
    *("desk.official_form", "desk.official_code_sent", "desk.official_entered"),
})  # fmt: skip
# Of groups: officials see those in which they hold an office (`at_desk`). All other pages are for operators.
OFFICIALS_PAGES = frozenset(
    f"desk.{page}"
    for page in (
        *("sign_out", "home", "my_data", "chamas", "found", "chama", "picture", "draw", "recruit", "invite", "admit"),
        *("messages", "book", "book_file", "group_payments", "group_payments_feed"),
        *("payouts", "payout", "disbursement", "answer_request", "taken_back", "decide_take_back"),
        *("rules", "propose_rules", "answer_rules", "motions", "answer_motion", "name_official", "offer_place"),
        *("fines", "ask_waiver", "answer_fine", "loans", "share_out"),
        *("meetings", "meeting", "schedule_meeting", "convene", "cancel_meeting", "mark", "close_meeting"),
    )
)
# A script asks for these each second: it is told that nobody is signed in, and not shown the way to the door.
FEEDS = frozenset({"desk.status_feed", "desk.group_payments_feed"})
# What is typed once more before a word lets money go.
SECRETS = {False: "password", True: "CHAMA PIN"}


def let_in() -> AnyResponse | None:
    """Only the sign-in page is open to strangers; every POST of somebody signed in proves where it came from."""
    g.visitor = who_is_there()
    if request.endpoint in OPEN_PAGES:
        return None
    if g.visitor is None:
        if request.method not in ("GET", "HEAD") or request.endpoint in FEEDS:
            abort(401, "You are signed out. Sign in again.")
        return redirect(url_for("desk.sign_in_form", next=request.path), 303)
    if request.method == "POST":
        csrf.check(csrf.session_cookie())
    if is_official() and request.endpoint not in OFFICIALS_PAGES:
        abort(403, "This page is for operators. Your groups are under Groups.")
    return None


def is_official() -> bool:
    """Whether who is signed in has no role but her office in a group."""
    return g.visitor is not None and g.visitor.role == sessions.OFFICIAL


def may_open(page: str) -> bool:
    """Whether who is signed in is let to this page of the desk: what is closed to her is not offered to her either."""
    return not is_official() or f"desk.{page}" in OFFICIALS_PAGES


def at_desk() -> AbstractContextManager[Connection]:
    """The transaction of whoever is signed in: an operator's, or an official's with her own groups."""
    return wiring().officiating(g.visitor.user_id) if is_official() else wiring().overseeing(g.visitor.user_id)


def who_is_there() -> sessions.Visitor | None:
    """The signed-in person whose cookie came with the request."""
    token = csrf.session_cookie()
    if not token:
        return None
    with wiring().holding("session", sessions.digest(token).hex()) as conn:
        return sessions.visitor(conn, token, at=wiring().now())


def keep_private(response: Response) -> Response:
    """No page of the desk stays in a cache, where the next person at this computer would find it."""
    response.headers["Cache-Control"] = "no-store"
    return response


def for_every_page() -> dict[str, object]:
    """What the frame around every page of the desk needs: who is signed in, and the proof for the sign-out form."""
    visitor = g.get("visitor")
    proof = csrf.proof(csrf.session_cookie()) if visitor else ""
    official = visitor is not None and visitor.role == sessions.OFFICIAL
    return {
        "visitor": visitor,
        "form_proof": proof,
        "official": official,
        "secret": SECRETS[official],
        "may_open": may_open,
    }


def safe_next(target: str) -> str:
    """Where to go after signing in: a page of the desk, or the status page when `target` is anything else.

    Browsers read a backslash as a slash and drop control characters, so a target with either is not one of ours.
    """
    ours = target.startswith("/desk/") and target.isprintable() and "\\" not in target and ".." not in target
    return target if ours and not urlsplit(target).netloc else url_for("desk.status")
