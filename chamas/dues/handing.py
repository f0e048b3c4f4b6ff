"""A member's place passes to somebody else, with everything on it: one entry, and the rows of what is owed and paid.

    Dr member:<leaver>    / Cr member:<newcomer>      what she paid in
    Dr deposit:<leaver>   / Cr deposit:<newcomer>     what she left as a deposit
    Dr paid_out:<newcomer> / Cr paid_out:<leaver>     what she was paid

Accounts are of persons (docs/decisions/0044-substitution.md): the leaver's statement says what she paid and that she
gave it on, the newcomer's begins with what she took over. What is due goes by the place, so that the rows of it move:
contributions, fines, the deposit, and the rounds of its turn. The page of the entry stands in the allocations of both.
"""

from datetime import datetime

from chamas.cycle import rounds
from chamas.dues import contributions, penalties
from chamas.dues.allocation import Arrived, Share
from chamas.members import deposits, register
from ledger.books import Draft, Line, Posted, account_ids, open_account, post
from ledger.wires import Chance, Connection

SCOPE = "substitution"
# What each of her accounts is: the first belongs to a member from her first day.
KINDS = {"member": "liability", "deposit": "liability", "paid_out": "asset"}


def unsettled(conn: Connection, member_id: int) -> bool:
    """Whether a fine of hers is paid and not the group's yet: the worker books it within seconds."""
    row = conn.execute(
        "SELECT FROM allocations WHERE member_id = %s AND penalty_id IS NOT NULL "
        "GROUP BY penalty_id HAVING sum(amount_cents) <> 0",
        [member_id],
    ).fetchone()
    return row is not None


def hand_over(
    conn: Connection, chama_id: int, *, leaver: int, newcomer: int, key: str, at: datetime, chance: Chance
) -> Posted | None:
    """All that is the leaver's becomes the newcomer's; both are member ids of one chama. None: there was no money.

    Takes locks as everybody does: the deposits, then the book, then the chama. Raises ValueError while `unsettled`.
    """
    deposits.hold(conn, chama_id)
    book_id = _book_of(conn, chama_id)
    held = _balances(conn, book_id, leaver)
    posted = None
    if held:
        draft = _entry(conn, book_id, held, leaver=leaver, newcomer=newcomer, key=key, at=at)
        posted = post(conn, draft, at=at, chance=chance)
    register.lock_chama(conn, chama_id)
    if _balances(conn, book_id, leaver) or unsettled(conn, leaver):
        raise ValueError(f"money of member {leaver} has moved meanwhile")
    if posted is not None:
        _allot(conn, posted, leaver, newcomer)
    contributions.pass_on(conn, leaver, newcomer)
    penalties.pass_on(conn, leaver, newcomer)
    deposits.pass_on(conn, leaver, newcomer)
    rounds.pass_on(conn, leaver, newcomer)
    return posted


def _book_of(conn: Connection, chama_id: int) -> int:
    return int(conn.execute("SELECT book_id FROM chamas WHERE id = %s", [chama_id]).fetchall()[0][0])


def _balances(conn: Connection, book_id: int, member_id: int) -> dict[str, int]:
    """What stands on her accounts, in cents, by the kind of account; nothing of those that are empty."""
    rows = conn.execute(
        "SELECT split_part(code, ':', 1), balance_cents FROM accounts "
        "WHERE book_id = %s AND code = ANY(%s) AND balance_cents <> 0 ORDER BY id",
        [book_id, [f"{kind}:{member_id}" for kind in KINDS]],
    ).fetchall()
    return {kind: int(cents) for kind, cents in rows}


def _entry(
    conn: Connection, book_id: int, held: dict[str, int], *, leaver: int, newcomer: int, key: str, at: datetime
) -> Draft:
    for kind in held:
        _open(conn, book_id, kind, newcomer)
    codes = [(book_id, f"{kind}:{member_id}") for kind in held for member_id in (leaver, newcomer)]
    ids = account_ids(conn, codes)
    lines = [
        Line(ids[book_id, f"{kind}:{member_id}"], cents * sign * (-1 if KINDS[kind] == "asset" else 1))
        for kind, cents in held.items()
        for member_id, sign in ((leaver, 1), (newcomer, -1))
    ]
    return Draft(book_id, "substitution", at, tuple(lines), SCOPE, key)


def _open(conn: Connection, book_id: int, kind: str, member_id: int) -> None:
    code = f"{kind}:{member_id}"
    if kind == "paid_out":
        open_account(conn, book_id=book_id, code=code, kind="asset")
    elif kind == "deposit":
        open_account(conn, book_id=book_id, code=code, kind="liability", owner_member_id=member_id, floor_cents=0)


def _allot(conn: Connection, posted: Posted, leaver: int, newcomer: int) -> None:
    """What paid what stays as it is; whose it is says the page of the entry."""
    rows = conn.execute(
        "SELECT contribution_id, deposit_id, sum(amount_cents)::bigint FROM allocations "
        "WHERE member_id = %s AND num_nonnulls(penalty_id, instalment_id) = 0 GROUP BY contribution_id, deposit_id "
        "HAVING sum(amount_cents) <> 0 ORDER BY contribution_id, deposit_id",
        [leaver],
    ).fetchall()
    allotted = [
        (Arrived(member_id, posted.book_id, posted.seq, abs(cents)), Share(contribution_id, sign * cents, deposit_id))
        for contribution_id, deposit_id, cents in rows
        for member_id, sign in ((leaver, -1), (newcomer, 1))
    ]
    contributions.allot(conn, allotted)


def holder(conn: Connection, member_id: int) -> int:
    """Who has the place now that this member had: herself, or who took it over last."""
    [(now_id,)] = conn.execute(
        """
        WITH RECURSIVE place (id) AS (SELECT %s::bigint UNION ALL SELECT x.other_id FROM place
            JOIN motions x ON x.member_id = place.id AND (x.kind, x.state) = ('substitution', 'done'))
        SELECT id FROM place p WHERE NOT EXISTS (
            SELECT FROM motions x WHERE x.member_id = p.id AND (x.kind, x.state) = ('substitution', 'done'))
        """,
        [member_id],
    ).fetchall()
    return int(now_id)


def give_back(
    conn: Connection, page: tuple[int, int], *, member_id: int, now_id: int, key: str, at: datetime, chance: Chance
) -> Posted:
    """What a page (book, number) had credited a member turned out to be no money, and her place has passed since: as
    much goes back to her name, from where the mirror of that page takes it. The caller holds the deposits.
    """
    book_id, held = page[0], dict[str, int]()
    for cents, deposit_id in _filled(conn, page):
        account = "member" if deposit_id is None else "deposit"
        held[account] = held.get(account, 0) + cents
    draft = _entry(conn, book_id, held, leaver=now_id, newcomer=member_id, key=f"{key}:back", at=at)
    return post(conn, draft, at=at, chance=chance)


def allot_back(conn: Connection, page: tuple[int, int], member_id: int, back: Posted, mirror: Posted) -> None:
    """The same in the allocations: `back` brought it to her, and `mirror` took it. The caller holds the group."""
    allotted = [
        (Arrived(member_id, entry.book_id, entry.seq, cents), Share(None, sign * cents, deposit_id))
        for cents, deposit_id in _filled(conn, page)
        for entry, sign in ((back, 1), (mirror, -1))
    ]
    contributions.allot(conn, allotted)


def _filled(conn: Connection, page: tuple[int, int]) -> list[tuple[int, int | None]]:
    """What a page brought a member, in cents: for each deposit, and all the rest together."""
    rows = conn.execute(
        "SELECT sum(amount_cents)::bigint, deposit_id FROM allocations WHERE (book_id, seq) = (%s, %s) "
        "GROUP BY deposit_id ORDER BY deposit_id",
        page,
    ).fetchall()
    return [(int(cents), deposit_id) for cents, deposit_id in rows if cents]
