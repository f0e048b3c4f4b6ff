"""A chama that takes people, and how they come through its door; for tests."""

from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from chamas.entrance import founding, invitations, joining
from chamas.entrance.joining import Seat
from chamas.rulebook.calendar import Frequency
from tests.instruments import START, SeededChance

AMINA, DAUDI, HALIMA, JUMA = (f"+2547000000{n:02}" for n in (31, 32, 33, 34))


@dataclass
class Door:
    """A recruiting chama with room for three, and how people come through its door."""

    conn: Connection[Any]
    seat: Seat
    chance: SeededChance
    founder_id: int

    @property
    def chama_id(self) -> int:
        return self.seat.chama_id

    def person(self, phone: str, name: str = "Daudi") -> int:
        return joining.enter(self.conn, phone=phone, first_name=name, language="en", at=START)

    def invite(self, phone: str, by: int | None = None, at: Any = START) -> invitations.Invitation:
        return joining.invite(
            self.conn,
            self.chama_id,
            by_user_id=by or self.founder_id,
            phone=phone,
            first_name="Daudi",
            language="sw",
            at=at,
            chance=self.chance,
        )

    def status_of(self, user_id: int) -> str | None:
        row = self.conn.execute(
            "SELECT status FROM chama_members WHERE chama_id = %s AND user_id = %s", [self.chama_id, user_id]
        ).fetchone()
        return row[0] if row else None

    def told(self) -> list[tuple[str, int]]:
        return self.conn.execute("SELECT template, user_id FROM notifications ORDER BY id").fetchall()


def founded(conn: Connection[Any], **changed: Any) -> Door:
    chance = SeededChance(3)
    founder_id = joining.enter(conn, phone=AMINA, first_name="Amina", language="en", at=START)
    told: dict[str, Any] = {"name": "Tumaini", "contribution_cents": 500_00, "member_target": 3, "number": "51907"}
    told["frequency"] = Frequency.WEEKLY
    seat = founding.found(conn, founder_id=founder_id, at=START, chance=chance, **(told | changed))
    founding.recruit(conn, seat.chama_id, by_user_id=founder_id, at=START)
    return Door(conn, seat, chance, founder_id)
