"""Word about motions: to who is asked, to whoever asked, and to everybody when something has changed."""

from datetime import datetime

from chamas.approving.voices import voices_in
from chamas.course import motion_voices, motions, offices
from chamas.course.motions import Motion, MotionKind
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
    tell(conn, motion, "office_offered", {silent[one] for one in must & silent.keys()}, at=at)


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


def tell(conn: Connection, motion: Motion, template: str, user_ids: set[int], *, at: datetime) -> None:
    facts: dict[str, str] = {"chama": motion.chama, "name": motion.name, "official": motion.asker}
    if motion.role is not None:
        # `name` takes the office, `other` hands it over.
        recalled = motion.kind is MotionKind.RECALL and motion.other is not None
        pair = (motion.other, motion.name) if recalled else (motion.name, motion.other)
        facts |= {"role": offices.CALLED[motion.role], "name": pair[0] or "", "other": pair[1] or ""}
    key = f"{template}:{motion.id}"
    news = [Notice(f"{key}:{user_id}", template, user_id, motion.chama_id, facts) for user_id in sorted(user_ids)]
    notices.queue(conn, news, at=at)
