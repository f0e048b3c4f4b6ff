"""Who else must say so before a prompt's money is credited, where a shortcode or a group asks for a second witness.

A callback binds by its token, its amount and its payer. Whoever has read a token, in a log of a host between us, knows
two of them and can guess the third. So a rule may ask for another telling that does not come by that token:

    query    our own question about the prompt was answered with success; or one of those below
    notice   the paybill's notice, which comes under another secret, names the same receipt; or the one below
    status   Transaction Status confirms the receipt: Safaricom's word to a question of ours. Notices wait for it too

Of a shortcode's rule and a group's the stricter one holds. Without one nobody is waited for. What an operator sets
for a group stands in second_witnesses; what the group itself has agreed on (`corroborate`) stands in its rules, of
which the version counts that was in force when the prompt was asked for. It means `query`, and so any of the three.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ledger.wires import Connection
from payments.attempts import Attempt

# As long as Safaricom is asked about a receipt; what nobody has confirmed by then is not credited.
WAITS_FOR = timedelta(hours=24)
# The first look again; then after as long as it has waited, so that an outage is not asked about every few seconds.
LOOK_AGAIN = timedelta(seconds=5)
LOOK_EVERY = timedelta(minutes=30)

AWAITS = "waits for a second witness"
NOBODY_CAME = "no second witness came"


class Witness(StrEnum):
    """In the order of their strictness."""

    QUERY = "query"
    NOTICE = "notice"
    STATUS = "status"


STRICTNESS = {witness: strictness for strictness, witness in enumerate(Witness)}


@dataclass(frozen=True)
class Wanted:
    """What is asked for beside one telling, and for how long this one is put back; None: it has waited long enough."""

    witness: Witness
    wait: timedelta | None


def wanted(witness: Witness | None, received_at: datetime, at: datetime) -> Wanted | None:
    """For a telling that came at `received_at`; None where nobody asks for a second one."""
    if witness is None:
        return None
    age = at - received_at
    return Wanted(witness, None if age >= WAITS_FOR else max(LOOK_AGAIN, min(age, LOOK_EVERY)))


def of_attempts(conn: Connection, attempts: Iterable[Attempt]) -> dict[int, Witness]:
    """By attempt, the stricter rule of its shortcode and its group; those without one are missing."""
    every = list(attempts)
    rows = conn.execute("SELECT shortcode_id, chama_id, witness FROM second_witnesses").fetchall()
    rules = {(shortcode_id, chama_id): Witness(witness) for shortcode_id, chama_id, witness in rows}
    agreed = _agreed_on(conn, every)
    found = {}
    for one in every:
        asked = [rules[key] for key in ((one.shortcode_id, None), (None, one.chama_id)) if key in rules]
        asked += [Witness.QUERY] if one.id in agreed else []
        if asked:
            found[one.id] = max(asked, key=STRICTNESS.__getitem__)
    return found


def _agreed_on(conn: Connection, attempts: Sequence[Attempt]) -> set[int]:
    """Those whose group had agreed on a second proof when the prompt was asked for."""
    rows = conn.execute(
        """
        SELECT one.id FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[]) AS one (id, chama_id, at)
        JOIN LATERAL (
            SELECT s.more FROM rule_sets s WHERE s.chama_id = one.chama_id AND s.in_force_from <= one.at
            ORDER BY s.version DESC LIMIT 1
        ) AS held ON held.more @> '{"corroborate": true}'
        """,
        [[one.id for one in attempts], [one.chama_id for one in attempts], [one.created_at for one in attempts]],
    ).fetchall()
    return {attempt_id for (attempt_id,) in rows}


def ask_for(
    conn: Connection,
    witness: Witness | None,
    *,
    shortcode_id: int | None = None,
    chama_id: int | None = None,
    at: datetime,
) -> None:
    """The rule of a shortcode or of a group from now on; None: no second witness is asked for."""
    conn.execute("DELETE FROM second_witnesses WHERE shortcode_id = %s OR chama_id = %s", [shortcode_id, chama_id])
    if witness is not None:
        conn.execute(
            "INSERT INTO second_witnesses (shortcode_id, chama_id, witness, set_at) VALUES (%s, %s, %s, %s)",
            [shortcode_id, chama_id, witness, at],
        )
