"""Word about motions: to who is asked, to whoever asked, and to everybody when something has changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chamas.approving.voices import voices_in
from chamas.course import motion_voices, motions, offices
from chamas.course.motions import Motion, MotionKind
from chamas.entrance.invitations import Invitation
from chamas.members import standing
from chamas.members.access import INSIDE
from chamas.members.standing import Group
from chamas.rulebook.calendar import EVERY
from chamas.telling import notices
from chamas.telling.notices import Notice
from ledger.wires import Connection


def tell_asked(conn: Connection, motion: Motion, *, at: datetime) -> None:
    """Whoever has not answered yet: what is asked, and what she would take over; each hears it once."""
    voices = voices_in(conn, motion.chama_id)
    said = motions.said_to(conn, motion)
    silent = {one.member_id: one.user_id for one in voices if one.user_id not in said.yes | said.no.keys()}
    must = motion_voices.accepting(motion)
    if motion.kind is MotionKind.NAMING and motion.other_id is not None:
        template = "handing_asked"
    elif motion.kind is MotionKind.RECALL and motion.other_id is not None:
        template = "replacing_asked"
    else:
        template = f"{motion.kind}_asked"
    asked = motion_voices.voters(voices, motion)
    tell(conn, motion, template, {silent[one] for one in asked & silent.keys()}, at=at)
    hers = "place_proposed" if motion.kind is MotionKind.SUBSTITUTION else "office_offered"
    tell(conn, motion, hers, {silent[one] for one in must & silent.keys()}, at=at)


def tell_taker(conn: Connection, motion: Motion, here: Group, invitation: Invitation, *, at: datetime) -> None:
    """Who is invited to a place: by whom, and how she answers."""
    known = any(one.status in INSIDE for one in standing.memberships(conn, invitation.user_id))
    facts = {
        "name": motion.asker,
        "chama": motion.chama,
        "amount_cents": here.contribution_cents,
        "every": EVERY[here.frequency],
        "code": invitation.code,
    }
    template = "place_offered_to_a_member" if known else "place_offered"
    news = Notice(f"invitation:{invitation.id}", template, invitation.user_id, motion.chama_id, facts)
    notices.queue(conn, [news], at=at)


def tell_taken_over(conn: Connection, motion: Motion, page: int | None, *, at: datetime) -> None:
    """Everybody in the group, who left it, and who has her place now, each in her own words."""
    voices = {one.member_id: one for one in voices_in(conn, motion.chama_id)}
    taker = voices[motion.other_id or 0]
    # A place on which no money ever was has no page.
    facts = {"number": taker.number, "page": page or 0, "owed_cents": motion.owed_cents or 0}
    inside = {one.user_id for one in voices.values() if one.inside} - {taker.user_id, motion.user_id}
    tell(conn, motion, "place_taken_over", inside, at=at)
    tell(conn, motion, "place_given", {motion.user_id}, at=at, more=facts)
    tell(conn, motion, "place_taken", {taker.user_id}, at=at, more=facts)


def tell_place_stays(conn: Connection, motion: Motion, *, at: datetime) -> None:
    """Whoever asked, whose place it is, and who was invited to it."""
    whose = {motion.member_id, motion.asked_by, motion.other_id}
    hear = {one.user_id for one in voices_in(conn, motion.chama_id) if one.member_id in whose}
    tell(conn, motion, "place_stays", hear, at=at)


def tell_changed(conn: Connection, motion: Motion, *, at: datetime) -> None:
    """Everybody in the group: who has an office now, and who had it."""
    new, old = offices.sides(motion)
    template = "office_left" if new is None else "office_given" if old is None else "office_handed"
    tell_everybody(conn, motion, template, at=at)


def tell_refused(conn: Connection, motion: Motion, *, at: datetime) -> None:
    """Whoever asked."""
    asker = {one.user_id for one in voices_in(conn, motion.chama_id) if one.member_id == motion.asked_by}
    tell(conn, motion, f"{motion.kind}_refused", asker, at=at)


def tell_everybody(conn: Connection, motion: Motion, template: str, *, at: datetime) -> None:
    """Everybody who hears of the group's money."""
    inside = {voice.user_id for voice in voices_in(conn, motion.chama_id) if voice.inside}
    tell(conn, motion, template, inside, at=at)


def tell(
    conn: Connection,
    motion: Motion,
    template: str,
    user_ids: set[int],
    *,
    at: datetime,
    more: Mapping[str, int] | None = None,
) -> None:
    facts: dict[str, Any] = {"chama": motion.chama, "name": motion.name, "official": motion.asker, **(more or {})}
    if motion.kind is MotionKind.SUBSTITUTION:
        facts["other"] = motion.other or ""
    if motion.role is not None:
        # `name` takes the office, `other` hands it over.
        recalled = motion.kind is MotionKind.RECALL and motion.other is not None
        pair = (motion.other, motion.name) if recalled else (motion.name, motion.other)
        facts |= {"role": offices.CALLED[motion.role], "name": pair[0] or "", "other": pair[1] or ""}
    key = f"{template}:{motion.id}"
    news = [Notice(f"{key}:{user_id}", template, user_id, motion.chama_id, facts) for user_id in sorted(user_ids)]
    notices.queue(conn, news, at=at)
