"""Money that turned out to be none: what it had filled is owed again, a deposit, fines and contributions alike.

The page that credited her is reversed by a mirror (taking_back.py). What it filled of her deposit is missing again, and
so is what it paid of her fines; the rest comes out of her credit, then out of what she paid last, and only then out of
fines that other money had paid. The group has the money of a fine, so `free` moves it back to her before the mirror
takes it:

    given back    Dr fines / Cr member:<member>    set aside for the same fine, until the mirror is posted
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from chamas.dues import contributions, penalties
from chamas.dues.allocation import Arrived, Share
from chamas.members import deposits
from ledger.books import Draft, Line, account_ids, post
from ledger.wires import Chance, Connection

SCOPE = "penalty"


@dataclass(frozen=True)
class _Shared:
    """What a page had filled, in cents: deposits and fines by id, and all together without the deposits."""

    deposits: Mapping[int, int]
    fines: Mapping[int, int]
    rest_cents: int


@dataclass(frozen=True)
class _Fine:
    """A fine that `paid_cents` went to, `booked_cents` of them on to the group; `turns` counts how often."""

    id: int
    paid_cents: int
    booked_cents: int
    turns: int


def free(conn: Connection, member_id: int, page: tuple[int, int], *, at: datetime, chance: Chance) -> None:
    """Gives back of her fines what the mirror of this page (book, number) will take of them. Raises ValueError."""
    book_id, hers = page[0], f"member:{member_id}"
    for fine, cents in _of_fines(conn, member_id, _shared(conn, page)):
        back_cents = cents - (fine.paid_cents - fine.booked_cents)
        if back_cents <= 0:
            continue
        ids = account_ids(conn, [(book_id, hers), (book_id, "fines")])
        lines = (Line(ids[book_id, hers], -back_cents), Line(ids[book_id, "fines"], back_cents))
        draft = Draft(book_id, "fine", at, lines, SCOPE, f"{fine.id}:again:{fine.turns}")
        posted = post(conn, draft, at=at, chance=chance)
        penalties.booked(conn, fine.id, cents=back_cents, back=True)
        share = Share(None, back_cents, penalty_id=fine.id)
        contributions.allot(conn, [(Arrived(member_id, book_id, posted.seq, back_cents), share)])


def owe_again(conn: Connection, member_id: int, page: tuple[int, int], mirror: tuple[int, int]) -> None:
    """The page (book, number) that credited her was no money: `mirror` reverses it, and she owes what it had filled.

    The caller holds the chama, and her deposit before it (deposits.hold). Raises ValueError when the group holds no
    longer as much of her, ForbiddenMove when her deposit has ended.
    """
    shared = _shared(conn, page)
    for deposit_id, cents in shared.deposits.items():
        contributions.allot(conn, [(Arrived(member_id, *mirror, cents), Share(None, -cents, deposit_id))])
        deposits.empty(conn, deposit_id, cents)
    fines = _of_fines(conn, member_id, shared)
    rest = Arrived(member_id, *mirror, shared.rest_cents - sum(cents for _, cents in fines))
    contributions.take_newest(conn, rest)
    for fine, cents in fines:
        share = Share(None, -cents, penalty_id=fine.id)
        contributions.allot(conn, [(Arrived(member_id, *mirror, cents), share)])
        penalties.owe_again(conn, fine.id, cents)


def _shared(conn: Connection, page: tuple[int, int]) -> _Shared:
    rows = conn.execute(
        "SELECT deposit_id, penalty_id, sum(amount_cents)::bigint FROM allocations WHERE (book_id, seq) = (%s, %s) "
        "GROUP BY deposit_id, penalty_id ORDER BY deposit_id, penalty_id",
        page,
    ).fetchall()
    filled = {deposit: cents for deposit, _, cents in rows if deposit is not None}
    fined = {penalty: cents for _, penalty, cents in rows if penalty is not None}
    return _Shared(filled, fined, sum(cents for deposit, _, cents in rows if deposit is None))


def _of_fines(conn: Connection, member_id: int, shared: _Shared) -> list[tuple[_Fine, int]]:
    """How much is taken of which fine: what the page itself had paid of it, and of others, the newest first, what her
    credit and contributions do not bring. They are held until the transaction ends. Raises ValueError.
    """
    rows = conn.execute(
        "SELECT p.id, p.paid_cents, p.booked_cents, (SELECT count(*) FROM allocations a WHERE a.penalty_id = p.id) "
        "FROM penalties p WHERE p.member_id = %s AND p.paid_cents > 0 ORDER BY p.id DESC FOR NO KEY UPDATE OF p",
        [member_id],
    ).fetchall()
    fines = [_Fine(*row) for row in rows]
    taken = {fine.id: min(fine.paid_cents, shared.fines.get(fine.id, 0)) for fine in fines}
    short_cents = shared.rest_cents - sum(taken.values()) - contributions.of_no_fine(conn, member_id)
    for fine in fines:
        more_cents = max(0, min(short_cents, fine.paid_cents - taken[fine.id]))
        taken[fine.id] += more_cents
        short_cents -= more_cents
    if short_cents > 0:
        raise ValueError(f"member {member_id} never brought so much")
    return [(fine, taken[fine.id]) for fine in fines if taken[fine.id]]
