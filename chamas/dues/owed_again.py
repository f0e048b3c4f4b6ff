"""Money that turned out to be none: what it had filled is owed again, a deposit, fines and contributions alike.

The page that credited her is reversed by a mirror (taking_back.py). What it filled of her deposit is missing again, and
so is what it paid of her fines and of her loan; the rest comes out of her credit, then out of what she paid last, and
only then out of fines and parts of a loan that other money had paid. The group has the money of those, so `free` moves
it back to her before the mirror takes it:

    given back    Dr fines / Cr member:<member>    set aside for the same fine, until the mirror is posted
                  Dr loan_interest, loan:<member> / Cr member:<member>    the same of a part of her loan
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from chamas.dues import contributions, loans, penalties, repaying
from chamas.dues.allocation import Arrived, Share
from chamas.members import deposits
from ledger.books import Draft, Line, Posted, account_ids, post
from ledger.wires import Chance, Connection

SCOPE = "penalty"


@dataclass(frozen=True)
class _Shared:
    """What a page had filled, in cents: deposits, fines and parts of a loan by id, and all without the deposits."""

    deposits: Mapping[int, int]
    fines: Mapping[int, int]
    parts: Mapping[int, int]
    rest_cents: int


@dataclass(frozen=True)
class _Fine:
    """A fine, or a part of a loan of which so much was lent, that `paid_cents` went to, `booked_cents` of them on to
    the group; `turns` counts how often.
    """

    id: int
    paid_cents: int
    booked_cents: int
    turns: int
    lent_cents: int | None

    def share(self, cents: int) -> Share:
        if self.lent_cents is None:
            return Share(None, cents, penalty_id=self.id)
        return Share(None, cents, instalment_id=self.id)


def free(conn: Connection, member_id: int, page: tuple[int, int], *, at: datetime, chance: Chance) -> None:
    """Gives back of her fines and loans what the mirror of this page (book, number) will take of them. Raises
    ValueError.
    """
    book_id = page[0]
    for fine, cents in _of_fines(conn, member_id, _shared(conn, page)):
        back_cents = cents - (fine.paid_cents - fine.booked_cents)
        if back_cents <= 0:
            continue
        posted = _give_back(conn, member_id, book_id, fine, back_cents, at=at, chance=chance)
        contributions.allot(conn, [(Arrived(member_id, book_id, posted.seq, back_cents), fine.share(back_cents))])


def _give_back(
    conn: Connection, member_id: int, book_id: int, fine: _Fine, cents: int, *, at: datetime, chance: Chance
) -> Posted:
    """So much of it leaves the group's own accounts again and is hers."""
    hers, key = f"member:{member_id}", f"{fine.id}:again:{fine.turns}"
    if fine.lent_cents is None:
        ids = account_ids(conn, [(book_id, hers), (book_id, "fines")])
        lines = (Line(ids[book_id, hers], -cents), Line(ids[book_id, "fines"], cents))
        posted = post(conn, Draft(book_id, "fine", at, lines, SCOPE, key), at=at, chance=chance)
        penalties.booked(conn, fine.id, cents=cents, back=True)
        return posted
    parts = repaying.moved(fine.lent_cents, fine.booked_cents, -cents)
    posted = repaying.enter(conn, book_id, member_id, {hers: -cents}, parts, key=key, at=at, chance=chance)
    loans.booked(conn, fine.id, -cents, paid_cents=-cents)
    return posted


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
        contributions.allot(conn, [(Arrived(member_id, *mirror, cents), fine.share(-cents))])
        if fine.lent_cents is None:
            penalties.owe_again(conn, fine.id, cents)
        else:
            loans.owe_again(conn, fine.id, cents)


def _shared(conn: Connection, page: tuple[int, int]) -> _Shared:
    rows = conn.execute(
        "SELECT deposit_id, penalty_id, instalment_id, sum(amount_cents)::bigint FROM allocations "
        "WHERE (book_id, seq) = (%s, %s) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        page,
    ).fetchall()
    filled = {deposit: cents for deposit, _, _, cents in rows if deposit is not None}
    fined = {penalty: cents for _, penalty, _, cents in rows if penalty is not None}
    parts = {part: cents for _, _, part, cents in rows if part is not None}
    return _Shared(filled, fined, parts, sum(cents for deposit, _, _, cents in rows if deposit is None))


def _of_fines(conn: Connection, member_id: int, shared: _Shared) -> list[tuple[_Fine, int]]:
    """How much is taken of which fine and part of a loan: what the page itself had paid of it, and of others, the
    newest first, what her credit and contributions do not bring. They are held until the end. Raises ValueError.
    """
    rows = conn.execute(
        "SELECT p.id, p.paid_cents, p.booked_cents, (SELECT count(*) FROM allocations a WHERE a.penalty_id = p.id), "
        "NULL::bigint FROM penalties p WHERE p.member_id = %s AND p.paid_cents > 0 "
        "ORDER BY p.id DESC FOR NO KEY UPDATE OF p",
        [member_id],
    ).fetchall()
    rows += conn.execute(
        "SELECT i.id, i.paid_cents, i.booked_cents, (SELECT count(*) FROM allocations a WHERE a.instalment_id = i.id), "
        "i.principal_cents FROM instalments i WHERE i.member_id = %s AND i.paid_cents > 0 "
        "ORDER BY i.id DESC FOR NO KEY UPDATE OF i",
        [member_id],
    ).fetchall()
    fines = [_Fine(*row) for row in rows]
    of_page = [(shared.fines if fine.lent_cents is None else shared.parts).get(fine.id, 0) for fine in fines]
    taken = [min(fine.paid_cents, cents) for fine, cents in zip(fines, of_page, strict=True)]
    short_cents = shared.rest_cents - sum(taken) - contributions.of_no_fine(conn, member_id)
    for place, fine in enumerate(fines):
        more_cents = max(0, min(short_cents, fine.paid_cents - taken[place]))
        taken[place] += more_cents
        short_cents -= more_cents
    if short_cents > 0:
        raise ValueError(f"member {member_id} never brought so much")
    return [(fine, cents) for fine, cents in zip(fines, taken, strict=True) if cents]
