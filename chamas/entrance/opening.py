"""What a group that moves in brings with it: its money in the books, what was due, and its open round.

The books open with one set of entries over the account `opening`, which is empty afterwards because nothing is left
over in the file: what each member saved is owed to her, what she was paid out stands on `paid_out`, and what the group
holds in cash and elsewhere at M-PESA is its own. What was due before the open round becomes one round of the past, so
that arrears are arrears.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from chamas.arriving import cash_box
from chamas.cycle import rounds
from chamas.cycle.rounds import RoundState
from chamas.cycle.turns import Turn
from chamas.dues import contributions
from chamas.dues.allocation import Arrived
from chamas.entrance.import_file import MovingGroup
from chamas.rulebook.calendar import Period, boundary
from ledger import books
from ledger.books import Draft, Line
from ledger.refusals import Refusal
from ledger.wires import Chance, Connection

# Its old money at M-PESA lies on somebody's phone or another till, not on a shortcode of ours.
OUTSIDE_MPESA, OPENING = "outside_mpesa", "opening"


def open_books(
    conn: Connection, book_id: int, group: MovingGroup, members: Mapping[int, int], *, at: datetime, chance: Chance
) -> list[Arrived]:
    """Opening balances as one set; what each saved, on the page that says so."""
    opening = books.open_account(conn, book_id=book_id, code=OPENING, kind="equity")
    held = [(cash_box.BOX, group.cash_cents), (OUTSIDE_MPESA, group.mpesa_cents)]
    held += [(f"paid_out:{members[one.number]}", one.received_cents) for one in group.members]
    saved = [(members[one.number], one.saved_cents) for one in group.members if one.saved_cents]
    drafts = []
    for code, cents in held:
        if cents:
            floor = 0 if code == cash_box.BOX else None
            account = books.open_account(conn, book_id=book_id, code=code, kind="asset", floor_cents=floor)
            drafts.append(_draft(book_id, code, Line(account, cents), Line(opening, -cents), at))
    for member_id, cents in saved:
        hers = books.account_id(conn, book_id, f"member:{member_id}")
        if hers is None:
            raise LookupError(f"member {member_id} has no account")
        drafts.append(_draft(book_id, f"member:{member_id}", Line(opening, cents), Line(hers, -cents), at))
    pages = []
    for answer in books.post_set(conn, drafts, at=at, chance=chance, bonds=[1] * len(drafts)):
        if isinstance(answer, Refusal):
            raise answer
        pages.append(answer.seq)
    own = pages[len(pages) - len(saved) :]
    return [Arrived(member_id, book_id, seq, cents) for (member_id, cents), seq in zip(saved, own, strict=True)]


def open_round(conn: Connection, chama_id: int, group: MovingGroup, members: Mapping[int, int]) -> None:
    """The open round, and one of the past with all that was due before it."""
    rules = rounds.rules_at(conn, chama_id, group.opens_at)
    assert rules  # noqa: S101 - adopted a moment ago
    before = {members[one.number]: one.saved_cents - one.paid_now_cents + one.arrears_cents for one in group.members}
    if any(before.values()):  # nobody is paid for it here: its turn is nobody's
        state = RoundState.EXPIRED if any(one.arrears_cents for one in group.members) else RoundState.COMPLETED
        past = Period(group.opens_at - timedelta(days=1), 0, group.opens_at - timedelta(days=1), group.opens_at)
        past_id = rounds.write_down(conn, rules, state, when=past, turn=Turn(1, None, None))
        contributions.charge_each(conn, past_id, {member: cents for member, cents in before.items() if cents})
    if group.last_day is not None:
        closes_at = group.opens_at + timedelta(days=(group.last_day - group.first_day).days + 1)
    else:
        closes_at = boundary(group.opens_at, group.frequency, 1)
    when = Period(group.opens_at, 0, group.opens_at, closes_at)
    turn = _turn(group, members)
    round_id = rounds.write_down(conn, rules, RoundState.ACTIVE, when=when, turn=turn, number=group.round_number)
    now_open = rounds.by_id(conn, round_id)
    contributions.charge(conn, now_open, group.contribution_cents)


def _draft(book_id: int, code: str, debit: Line, credit: Line, at: datetime) -> Draft:
    return Draft(
        book_id=book_id,
        kind="opening",
        occurred_at=at,
        lines=(debit, credit),
        scope="opening",
        # The keys of a scope are the whole house's, and every group that moves in has a cash box.
        key=f"{book_id}:{code}",
        note={"moved in": code},
    )


def _turn(group: MovingGroup, members: Mapping[int, int]) -> Turn:
    """Whose turn the open round is: one round a place, from the first round on."""
    places = {one.turn: members[one.number] for one in group.members if one.turn}
    if not places:
        return Turn(1, None, None)
    cycle, place = divmod(group.round_number - 1, len(places))
    return Turn(cycle + 1, place + 1, places[place + 1])
