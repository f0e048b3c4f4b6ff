"""Word about who comes into a chama, and about its start and its end: to everybody whom it concerns."""

from datetime import datetime, timedelta

from chamas.cycle.rounds import Round
from chamas.entrance.invitations import Invitation
from chamas.members import standing
from chamas.members.access import IN_OFFICE, INSIDE
from chamas.members.office import office
from chamas.members.register import OFFICIALS
from chamas.members.standing import Group
from chamas.rulebook.calendar import EVERY, Frequency
from chamas.telling import notices
from chamas.telling.notices import Notice
from ledger.wires import Connection


def tell_invited(conn: Connection, here: Group, invitation: Invitation, inviter: str | None, *, at: datetime) -> None:
    """The SMS with the code, and how to answer it from where she stands. What the house wrote names no member."""
    known = any(one.status in INSIDE for one in standing.memberships(conn, invitation.user_id))
    template = "invitation_to_a_member" if known else "invitation"
    if inviter is None:
        template = f"house_{template}"
    notices.queue(
        conn,
        [
            Notice(
                dedupe_key=f"invitation:{invitation.id}",
                template=f"{template}_deposit" if here.deposit_cents else template,
                user_id=invitation.user_id,
                chama_id=here.chama_id,
                arguments={
                    **({"name": inviter} if inviter else {}),
                    "chama": here.name,
                    "amount_cents": here.contribution_cents,
                    "every": EVERY[here.frequency],
                    "code": invitation.code,
                    **_deposit(here),
                },
            )
        ],
        at=at,
    )


def _deposit(here: Group) -> dict[str, int]:
    """What the group asks of everybody before it starts: said before anybody agrees."""
    return {"missing_cents": here.deposit_cents} if here.deposit_cents else {}


def tell_officials(conn: Connection, here: Group, member_id: int, template: str, *, at: datetime) -> None:
    """Every official of the chama hears of this member by `template`."""
    [(name, number)] = conn.execute(
        "SELECT u.first_name, m.number FROM chama_members m JOIN users u ON u.id = m.user_id WHERE m.id = %s",
        [member_id],
    ).fetchall()
    officials = conn.execute(
        "SELECT user_id FROM chama_members WHERE chama_id = %s AND role = ANY(%s) AND status = ANY(%s) ORDER BY id",
        [here.chama_id, list(OFFICIALS), list(IN_OFFICE)],
    ).fetchall()
    facts = {"chama": here.name, "name": name, "number": number}
    # She may ask again after a no: the instant tells the one request from the other.
    key = f"{template}:{member_id}:{at.isoformat()}"
    told = [Notice(f"{key}:{user_id}", template, user_id, here.chama_id, facts) for (user_id,) in officials]
    notices.queue(conn, told, at=at)


def tell_admitted(conn: Connection, here: Group, member_id: int, *, yes: bool, at: datetime) -> None:
    """What became of her request."""
    [(user_id, number)] = conn.execute(
        "SELECT user_id, number FROM chama_members WHERE id = %s", [member_id]
    ).fetchall()
    template = "admitted" if yes else "not_admitted"
    key = f"{template}:{member_id}:{at.isoformat()}"
    facts = {"chama": here.name, "number": number, **_deposit(here)}
    if yes and here.deposit_cents:
        template = "admitted_deposit"
    notices.queue(conn, [Notice(key, template, user_id, here.chama_id, facts)], at=at)


def tell_everybody(conn: Connection, chama_id: int, template: str, *, at: datetime, officials: bool = False) -> None:
    """Who is in a chama hears of what it has come to, with her place in the order; or only its `officials`, with how
    many are in.
    """
    rows = conn.execute(
        """
        SELECT m.user_id, c.name, c.contribution_cents, c.frequency, CASE WHEN %(few)s THEN
                   (SELECT count(*) FROM chama_members n WHERE n.chama_id = c.id AND n.status = ANY(%(inside)s))
                   ELSE m.position END
        FROM chama_members m JOIN chamas c ON c.id = m.chama_id
        WHERE c.id = %(chama)s AND m.status = ANY(%(inside)s) AND (NOT %(few)s OR m.role = ANY(%(officials)s))
        ORDER BY m.id
        """,
        {"chama": chama_id, "inside": list(INSIDE), "few": officials, "officials": list(OFFICIALS)},
    ).fetchall()
    told = [
        Notice(
            dedupe_key=f"{template}:{chama_id}:{at.isoformat()}:{user_id}",
            template=template,
            user_id=user_id,
            chama_id=chama_id,
            arguments={"chama": name, "amount_cents": cents, "every": EVERY[Frequency(frequency)], "number": number},
        )
        for user_id, name, cents, frequency, number in rows
    ]
    notices.queue(conn, told, at=at)


def tell_closed_early(conn: Connection, closed: Round, *, at: datetime) -> None:
    """Everybody hears that officials closed a round before its own end, which stays the day by which it is due."""
    rows = conn.execute(
        "SELECT m.user_id, c.name FROM chama_members m JOIN chamas c ON c.id = m.chama_id "
        "WHERE c.id = %s AND m.status = ANY(%s) ORDER BY m.id",
        [closed.chama_id, list(INSIDE)],
    ).fetchall()
    # An end at midnight belongs to the day before it.
    last = (closed.closes_at - timedelta(seconds=1)).isoformat()
    told = [
        Notice(
            f"closed_early:{closed.id}:{user_id}",
            "closed_early",
            user_id,
            closed.chama_id,
            {"chama": name, "round": closed.number, "closes_at": last},
        )
        for user_id, name in rows
    ]
    notices.queue(conn, told, at=at)


def tell_bank(conn: Connection, chama_id: int, order_id: int, bank: str, *, at: datetime) -> None:
    """Everybody hears to which paybill and account the group's money may go from now on."""
    rows = conn.execute(
        "SELECT m.user_id, c.name FROM chama_members m JOIN chamas c ON c.id = m.chama_id "
        "WHERE c.id = %s AND m.status = ANY(%s) ORDER BY m.id",
        [chama_id, list(INSIDE)],
    ).fetchall()
    told = [
        Notice(f"bank_changed:{order_id}:{user_id}", "bank_changed", user_id, chama_id, {"chama": name, "bank": bank})
        for user_id, name in rows
    ]
    notices.queue(conn, told, at=at)


def tell_refused(conn: Connection, chama_id: int, order_id: int, user_id: int, why: str, *, at: datetime) -> None:
    """What an official ordered was not done."""
    [(name,)] = conn.execute("SELECT name FROM chamas WHERE id = %s", [chama_id]).fetchall()
    key = f"order_refused:{order_id}"
    notices.queue(conn, [Notice(key, "order_refused", user_id, chama_id, {"chama": name, "why": why})], at=at)


def tell_second(conn: Connection, here: Group, order_id: int, template: str, asker: str, *, at: datetime) -> None:
    """The other officials: what ends the chama waits until one of them agrees."""
    officials = conn.execute(
        "SELECT user_id FROM chama_members WHERE chama_id = %s AND role = ANY(%s) AND status = ANY(%s) "
        "AND user_id <> %s ORDER BY id",
        [here.chama_id, list(OFFICIALS), list(IN_OFFICE), here.user_id],
    ).fetchall()
    facts = {"chama": here.name, "official": asker}
    told = [
        Notice(f"{template}:{order_id}:{user_id}", template, user_id, here.chama_id, facts) for (user_id,) in officials
    ]
    with office(conn):
        notices.queue(conn, told, at=at)
