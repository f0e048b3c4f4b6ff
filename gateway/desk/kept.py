"""What is kept of one person: shown to herself where she has signed in, or by an admin to whom she came or called.

Members have no page of their own: they hear it on the phone. Who holds an office signs in for her group, and finds it
here, too.
"""

from flask import abort, g, render_template

from chamas.persons import looks, own_data
from chamas.persons.looks import Sight
from gateway.desk.people import of_member
from gateway.here import wiring
from ledger.wires import Connection
from payments import phones


def mine() -> str:
    """Of whoever is signed in, in all her groups."""
    with wiring().acting_as(g.visitor.user_id) as conn:
        return page(conn, g.visitor.user_id)


def of_person(member_id: int) -> str:
    """Of a member; written down for her that it was looked at, before it is."""
    if g.visitor.role != "admin":
        abort(403, "Only an admin opens what is kept of a person.")
    with wiring().overseeing(g.visitor.user_id) as conn:
        user_id = of_member(conn, member_id)
        looks.write_down(conn, user_id, Sight.DATA, by_user_id=g.visitor.user_id, at=wiring().now())
        return page(conn, user_id)


def page(conn: Connection, user_id: int) -> str:
    hers = own_data.kept(conn, user_id)
    return render_template(
        "desk/kept.html",
        hers=hers,
        phone=phones.mask(hers.phone) if hers.phone else "none",
        places=own_data.places(conn, user_id),
        looks=looks.at_person(conn, user_id),
    )
