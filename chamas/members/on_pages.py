"""Whose money pages of a group's book moved, by number and first name. Reads only."""

from collections import defaultdict
from collections.abc import Sequence

from ledger.wires import Connection

# A share-out names everybody: more than these are told by their count.
NAMED_AT_MOST = 3


def on_pages(conn: Connection, book_id: int, season: int, seqs: Sequence[int]) -> dict[int, str]:
    """Of pages of one season, by page: `2 Baraka`, or how many members; what moved no member's money is missing."""
    rows = conn.execute(
        "SELECT DISTINCT p.seq, m.number, u.first_name FROM postings p JOIN accounts a ON a.id = p.account_id "
        "JOIN chama_members m ON m.id = a.owner_member_id JOIN users u ON u.id = m.user_id "
        "WHERE p.book_id = %s AND p.season = %s AND p.seq = ANY(%s) ORDER BY p.seq, m.number",
        [book_id, season, list(seqs)],
    ).fetchall()
    found: dict[int, list[str]] = defaultdict(list)
    for seq, number, name in rows:
        found[seq].append(f"{number} {name}")
    return {
        seq: ", ".join(names) if len(names) <= NAMED_AT_MOST else f"{len(names)} members"
        for seq, names in found.items()
    }
