"""Forgetting a person in the books and in the log of changes: texts go with their salts, and every hash stays as it is.

The entries themselves never held more of her than ids and cents. What the hashes bind stands behind salted commitments:
without the salt nobody can find the text again by trying.
"""

from collections.abc import Sequence

from ledger.wires import Connection


def unsettled(conn: Connection, member_ids: Sequence[int]) -> tuple[bool, bool]:
    """Whether accounts of these members hold money, and whether money on them waits for its resolution."""
    [(holds, pending)] = conn.execute(
        "SELECT coalesce(bool_or(balance_cents <> 0), FALSE), "
        "coalesce(bool_or(debits_pending_cents <> 0 OR credits_pending_cents <> 0), FALSE) "
        "FROM accounts WHERE owner_member_id = ANY(%s)",
        [list(member_ids)],
    ).fetchall()
    return holds, pending


def forget_notes(
    conn: Connection,
    *,
    member_ids: Sequence[int],
    book_ids: Sequence[int],
    pages: Sequence[tuple[int, int]],
    texts: Sequence[str],
) -> int:
    """Takes away the notes of entries that moved these members' money, of `pages` (book, number), and of any entry in
    these books whose note holds one of `texts` as whole words. Returns how many."""
    [(gone,)] = conn.execute(
        "SELECT forget_notes(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[])",
        [
            list(member_ids),
            list(book_ids),
            [book_id for book_id, _ in pages],
            [seq for _, seq in pages],
            list(texts),
        ],
    ).fetchall()
    return int(gone)


def forget_changes(conn: Connection, user_id: int) -> int:
    """Takes away what the log of changes says of a person, and from where she wrote; returns how many values.

    The last step of all: what the other steps take away is a change that the log has written down.
    """
    [(gone,)] = conn.execute("SELECT forget_audit(%s)", [user_id]).fetchall()
    return int(gone)
