"""Every guard of the books, taken away alone, and what then comes through.

A guard of the schema is dropped, one in a function's text is replaced. Then either the attack gets through, which with
the guard in its place is refused, or the machine's random steps (tests/ledger/machine.py) end in books that are not the
child's. `python -m tests.ledger.mutations` writes the table in docs/ledger-guards.md.
"""

from pathlib import Path

from tests.ledger.mutation import Mutation
from tests.ledger.schema_guards import SCHEMA

DOCUMENT = Path(__file__).parents[2] / "docs" / "ledger-guards.md"

MACHINE = "the machine's random steps"
CROWD = "eight writers on one book at once"
ASKED = "who asks for more than is held"
KNOT = "two writers who take two books in opposite order"

POSTING = "post_entries"
KEPT = "'{out_of_bounds,account_closed,already_resolved,already_reversed,hold_expired}'"

PLAYED: tuple[Mutation, ...] = (
    Mutation(
        "floors are looked at", ("bears", "after_cents >= COALESCE(account.floor_cents, after_cents)", "TRUE"), MACHINE
    ),
    Mutation(
        "ceilings are looked at",
        ("bears", "after_cents <= COALESCE(account.ceiling_cents, after_cents)", "TRUE"),
        MACHINE,
    ),
    Mutation(
        "held money counts against bounds",
        ("bears", "CASE WHEN cents > 0 THEN account.debits_pending_cents ELSE -account.credits_pending_cents END", "0"),
        MACHINE,
    ),
    Mutation(
        "another request under a key is refused",
        ("examine_entries", "WHEN k.key IS NOT NULL THEN 'key_reused'", ""),
        MACHINE,
    ),
    Mutation("a refusal stays", (POSTING, KEPT, KEPT.replace("out_of_bounds,", "")), MACHINE),
    Mutation("an ended hold stays refused", (POSTING, KEPT, KEPT.replace("already_resolved,", "")), MACHINE),
    Mutation("a reversed entry stays refused", (POSTING, KEPT, KEPT.replace("already_reversed,", "")), MACHINE),
    Mutation("an expired hold stays refused", (POSTING, KEPT, KEPT.replace(",hold_expired", "")), MACHINE),
    Mutation("an end is looked for", ("examine_targets", "WHEN x.seq IS NOT NULL THEN", "WHEN FALSE THEN"), MACHINE),
    Mutation(
        "expiry is looked at before posting",
        ("examine_targets", "WHEN d.resolution = 'posted' AND t.expires_at <= p_recorded_at", "WHEN FALSE"),
        MACHINE,
    ),
    Mutation(
        "expiry is looked at before expiring",
        ("examine_targets", "WHEN d.resolution = 'expired' AND t.expires_at > p_recorded_at", "WHEN FALSE"),
        MACHINE,
    ),
    Mutation(
        "what is held is looked at before posting",
        ("examine_targets", "OR abs(own.amount_cents) > abs(held.amount_cents)", ""),
        ASKED,
    ),
    Mutation(
        "only holds are resolved",
        ("examine_targets", "WHEN d.resolution IS NOT NULL AND t.expires_at IS NULL", "WHEN FALSE"),
        MACHINE,
    ),
    Mutation(
        "only what was posted is reversed",
        ("examine_targets", "(t.expires_at IS NOT NULL OR t.resolution <> 'posted')", "FALSE"),
        MACHINE,
    ),
    Mutation(
        "a hold lets go what it held",
        (POSTING, "account.debits_pending_cents - greatest(cents, 0)", "account.debits_pending_cents"),
        MACHINE,
    ),
    Mutation("the head is locked", (POSTING, "ORDER BY h.book_id FOR UPDATE", "ORDER BY h.book_id"), CROWD),
    Mutation(
        "heads are locked in one order",
        (POSTING, "ORDER BY h.book_id FOR UPDATE", "ORDER BY array_position(p_book_ids, h.book_id) FOR UPDATE"),
        KNOT,
    ),
)


def drawn() -> str:
    """The page, as it should be."""
    lines = [
        "# What each guard of the books keeps out",
        "",
        "Each guard is taken away alone, and something then comes through that was refused before: the statement of",
        "the tables' owner in tests/ledger/mutations.py, or the machine's random steps against a child's model of the",
        "books (tests/ledger/machine.py). tests/ledger/test_guards.py does all of it. A guard behind another one, that",
        "nothing reaches while the first stands, is not in the list.",
        "",
        "| guard | taken away by | seen by |",
        "|---|---|---|",
    ]
    for one in (*SCHEMA, *PLAYED):
        away = one.away if isinstance(one.away, str) else f"another text in {one.away[0]}"
        seen = one.attack if one in PLAYED else "its attack"
        lines.append(f"| {one.guard} | {away} | {seen} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(drawn())
