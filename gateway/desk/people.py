"""The page about one person: her names, her papers, and what an admin says of them."""

from flask import Response as Bytes
from flask import abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from chamas import directory
from chamas.members import people
from chamas.persons import files, identity, looks
from chamas.persons.looks import Sight
from gateway import log
from gateway.here import wiring
from ledger.refusals import Refusal
from ledger.wires import Connection
from payments.strongbox import Closed

NO_KEY = "Her national id cannot be shown: CREDENTIALS_KEYS has no key that opens it."


def person(member_id: int) -> str:
    """One person, found as a member of a group. Her national id is shown beside the photo, and she can hear of it."""
    return page(member_id)


def hand_in(member_id: int) -> Response | tuple[str, int]:
    """An admin writes down what is on her papers."""
    named = {name: request.form.get(name, "") for name in ("first_name", "last_name", "national_id")}
    at_hand = wiring()
    try:
        with at_hand.overseeing(g.visitor.user_id) as conn:
            user_id = of_member(conn, member_id)
            identity.hand_in(
                conn, user_id, by_user_id=g.visitor.user_id, safe=at_hand.id_safe, chance=at_hand.chance, **named
            )
    except Refusal as why:
        return page(member_id, str(why)), 409
    return back(member_id)


def add_file(member_id: int) -> Response | tuple[str, int]:
    """A document of hers, or the picture that everybody may see."""
    kind: files.Kind = "avatar" if request.form.get("kind") == "avatar" else "document"
    file = request.files.get("file")
    body = file.stream.read(files.MOST_BYTES[kind] + 1) if file else b""
    at_hand = wiring()
    try:
        with at_hand.overseeing(g.visitor.user_id) as conn:
            files.keep(
                conn,
                kind,
                body,
                user_id=of_member(conn, member_id),
                by_user_id=g.visitor.user_id,
                shelf=at_hand.shelf,
                at=at_hand.now(),
                chance=at_hand.chance,
            )
    except Refusal as why:
        return page(member_id, str(why)), 409
    return back(member_id)


def remove_file(member_id: int) -> Response | tuple[str, int]:
    """One document less; its bytes go when that is committed."""
    try:
        with wiring().overseeing(g.visitor.user_id) as conn:
            hers = {file.id for file in files.of_person(conn, of_member(conn, member_id))}
            chosen = request.form.get("file", 0, int)
            if chosen not in hers:
                raise files.UnknownFile
            name = files.remove(conn, chosen)
    except Refusal as why:
        return page(member_id, str(why)), 409
    wiring().shelf.remove([name])
    return back(member_id)


def decide(member_id: int) -> Response | tuple[str, int]:
    """Verified, or rejected for one of the reasons."""
    reason = request.form.get("reason", type=int)
    if reason is not None and reason not in identity.REASONS:
        abort(422, "Choose one of the reasons.")
    try:
        with wiring().overseeing(g.visitor.user_id) as conn:
            user_id = of_member(conn, member_id)
            identity.decide(conn, user_id, reason=reason, by_user_id=g.visitor.user_id, at=wiring().now())
    except Refusal as why:
        return page(member_id, str(why)), 409
    return back(member_id)


def avatar(shelf_name: str) -> Bytes:
    """A picture of a person, for whoever has its address; the address says nothing about her."""
    with wiring().at_the_door("avatar", shelf_name[:40]) as conn:
        file = files.avatar(conn, shelf_name[:40])
    answer = Bytes(files.body_of(file, wiring().shelf), mimetype=file.content_type)
    # It never changes: another picture has another address.
    answer.headers["Cache-Control"] = "public, max-age=86400, immutable"
    return answer


def page(member_id: int, problem: str = "") -> str:
    with wiring().overseeing(g.visitor.user_id) as conn:
        user_id = of_member(conn, member_id)
        hers = people.papers(conn, user_id)
        if hers is None:
            abort(404, "There is no such person any more.")
        found = files.of_person(conn, user_id)
        seen = looks.at_person(conn, user_id)
        try:
            national_id = shown_id(conn, hers)
        except Closed:
            national_id, problem = None, problem or NO_KEY
    return render_template(
        "desk/person.html",
        member_id=member_id,
        hers=hers,
        national_id=national_id,
        avatar=next((file for file in found if file.kind == "avatar"), None),
        documents=[file for file in found if file.kind == "document"],
        reasons=identity.REASONS,
        looks=seen,
        problem=problem,
    )


def shown_id(conn: Connection, hers: people.Papers) -> str | None:
    """Her national id, for an admin whole once it is written down who sees it; for support its end. Raises Closed."""
    whole = wiring().id_safe.open(hers)
    if whole is None or g.visitor.role != "admin":
        return whole and whole[-3:].rjust(len(whole), "*")
    looks.write_down(conn, hers.user_id, Sight.NATIONAL_ID, by_user_id=g.visitor.user_id, at=wiring().now())
    log.line("papers shown", person=hers.user_id, to=g.visitor.user_id)
    return whole


def of_member(conn: Connection, member_id: int) -> int:
    """Whose membership this is."""
    user_id = directory.user_of(conn, member_id)
    if user_id is None:
        abort(404, "There is no such member.")
    return user_id


def back(member_id: int) -> Response:
    return redirect(url_for("desk.person", member_id=member_id), 303)
