"""What programs ask about one person: what is kept of her, as she hears it on her phone, and who has looked at it."""

from dataclasses import dataclass
from datetime import datetime

from chamas import directory
from chamas.members.people import KycState
from chamas.persons import looks, own_data
from chamas.persons.looks import Look, Sight
from chamas.persons.own_data import Place
from gateway.api.entry import Act
from ledger.wires import Connection
from payments import phones


@dataclass(frozen=True)
class Kept:
    """`phone` is masked. `agreed_at` (UTC) is None for whom officials wrote down. `looks`: newest first, not this."""

    member_id: int
    name: str
    phone: str | None
    language: str
    papers: KycState
    agreed_at: datetime | None
    places: tuple[Place, ...]
    looks: tuple[Look, ...]


def of_member(conn: Connection, member_id: int, *, act: Act) -> Kept | None:
    """Of the person behind a membership; that the holder of the token looked is written down for her."""
    user_id = directory.user_of(conn, member_id)
    if user_id is None:
        return None
    before = tuple(looks.at_person(conn, user_id))
    looks.write_down(conn, user_id, Sight.DATA, by_user_id=act.user_id, at=act.at)
    hers = own_data.kept(conn, user_id)
    return Kept(
        member_id=member_id,
        name=hers.name,
        phone=phones.mask(hers.phone) if hers.phone else None,
        language=hers.language,
        papers=hers.papers,
        agreed_at=hers.agreed_at,
        places=tuple(own_data.places(conn, user_id)),
        looks=before,
    )
