"""Draws docs/states.md from every table of moves in the house: `make states`."""

from pathlib import Path
from typing import Any

from chamas.arriving.cash_claims import CASH_MOVES
from chamas.arriving.settlements import SETTLEMENT_MOVES
from chamas.course.motion_states import MOTION_MOVES
from chamas.course.orders import ORDER_MOVES
from chamas.course.refunds import REFUND_MOVES
from chamas.cycle.ballots import BALLOT_MOVES
from chamas.cycle.rounds import ROUND_MOVES
from chamas.cycle.swaps import SWAP_MOVES
from chamas.dues.contributions import CONTRIBUTION_MOVES
from chamas.dues.loans import INSTALMENT_MOVES, LOAN_MOVES
from chamas.dues.penalties import PENALTY_MOVES
from chamas.entrance.invitations import INVITATION_MOVES
from chamas.entrance.moving_in import IMPORT_MOVES
from chamas.meeting.agenda import MEETING_MOVES
from chamas.meeting.confirming import CONFIRMATION_MOVES
from chamas.members.deposits import DEPOSIT_MOVES
from chamas.members.people import KYC_MOVES, PERSON_MOVES
from chamas.members.states import CHAMA_MOVES, MEMBER_MOVES
from chamas.payouts.disbursements import DISBURSEMENT_MOVES
from chamas.persons.reset_states import RESET_MOVES
from chamas.ruling.proposed import PROPOSAL_MOVES
from chamas.telling.notice_states import NOTICE_MOVES
from ledger.batches import BATCH_MOVES
from ledger.moves import Moves
from ledger.submissions import TRANSACTION_MOVES
from payments.balances import BALANCE_MOVES
from payments.inquiries import INQUIRY_MOVES
from payments.payouts.states import PAYOUT_MOVES
from payments.reconciliation.statements import STATEMENT_MOVES
from payments.reversals import REVERSAL_MOVES
from payments.states import ATTEMPT_MOVES
from payments.suspense import SUSPENSE_MOVES
from payments.take_backs import TAKE_BACK_MOVES

DOCUMENT = Path(__file__).parents[1] / "docs" / "states.md"

# In the order in which one contribution meets them, then the life of a group.
LIFECYCLES: tuple[tuple[str, str, Moves[Any]], ...] = (
    ("A payment", "payments/states.py", ATTEMPT_MOVES),
    ("A request to pay out", "chamas/payouts/disbursements.py", DISBURSEMENT_MOVES),
    ("A payout", "payments/payouts/states.py", PAYOUT_MOVES),
    ("A question to Safaricom", "payments/inquiries.py", INQUIRY_MOVES),
    ("A question about a balance", "payments/balances.py", BALANCE_MOVES),
    ("A statement of the portal", "payments/reconciliation/statements.py", STATEMENT_MOVES),
    ("Money in suspense", "payments/suspense.py", SUSPENSE_MOVES),
    ("What shall become of it", "chamas/arriving/settlements.py", SETTLEMENT_MOVES),
    ("Money that goes back", "payments/reversals.py", REVERSAL_MOVES),
    ("Money that M-PESA does not know", "payments/take_backs.py", TAKE_BACK_MOVES),
    ("A message", "chamas/telling/notice_states.py", NOTICE_MOVES),
    ("A contribution", "chamas/dues/contributions.py", CONTRIBUTION_MOVES),
    ("A deposit", "chamas/members/deposits.py", DEPOSIT_MOVES),
    ("Cash", "chamas/arriving/cash_claims.py", CASH_MOVES),
    ("A meeting", "chamas/meeting/agenda.py", MEETING_MOVES),
    ("What a member says of her balance", "chamas/meeting/confirming.py", CONFIRMATION_MOVES),
    ("A batch of entries", "ledger/batches.py", BATCH_MOVES),
    ("A transaction on the chain", "ledger/submissions.py", TRANSACTION_MOVES),
    ("A round", "chamas/cycle/rounds.py", ROUND_MOVES),
    ("A change of a group's rules", "chamas/ruling/proposed.py", PROPOSAL_MOVES),
    ("A fine", "chamas/dues/penalties.py", PENALTY_MOVES),
    ("A loan", "chamas/dues/loans.py", LOAN_MOVES),
    ("A part of a loan", "chamas/dues/loans.py", INSTALMENT_MOVES),
    ("A ballot for the order of payout", "chamas/cycle/ballots.py", BALLOT_MOVES),
    ("A member who leaves", "chamas/course/motion_states.py", MOTION_MOVES),
    ("Two who swap turns", "chamas/cycle/swaps.py", SWAP_MOVES),
    ("A chama", "chamas/members/states.py", CHAMA_MOVES),
    ("What officials tell their chama to do", "chamas/course/orders.py", ORDER_MOVES),
    ("What goes back to a member", "chamas/course/refunds.py", REFUND_MOVES),
    ("A membership", "chamas/members/states.py", MEMBER_MOVES),
    ("An invitation", "chamas/entrance/invitations.py", INVITATION_MOVES),
    ("A new chama PIN", "chamas/persons/reset_states.py", RESET_MOVES),
    ("A person", "chamas/members/people.py", PERSON_MOVES),
    ("Her papers", "chamas/members/people.py", KYC_MOVES),
    ("A file with which a group moves in", "chamas/entrance/moving_in.py", IMPORT_MOVES),
)

# A picture with more arrows than this is a knot; the table above it says the same.
ARROWS_AT_MOST = 14

HEAD = """# States

Written by `make states` from the tables of moves in the code; a test keeps the two equal, and another one holds every
table against the CHECK of its column. What a state means stands at the top of the module that is named with it.
"""


def drawn() -> str:
    """The text of docs/states.md."""
    return HEAD + "".join(_drawn(*each) for each in LIFECYCLES)


def _drawn(title: str, module: str, moves: Moves[Any]) -> str:
    lines = ["", f"## {title}", "", f"`{moves.column}`, explained in [{module}](../{module})."]
    lines += ["", "| from | to |", "|---|---|"]
    for state in moves.states:
        following = [other for other in moves.states if other in moves.following[state]]
        lines.append(f"| {state} | {', '.join(following) or 'the end'} |")
    arrows = [(old, new) for old in moves.states for new in moves.states if new in moves.following[old]]
    if len(arrows) <= ARROWS_AT_MOST:
        lines += ["", "```mermaid", "stateDiagram-v2", f"    [*] --> {moves.states[0]}"]
        lines += [f"    {old} --> {new}" for old, new in arrows]
        lines += [f"    {state} --> [*]" for state in moves.states if not moves.following[state]]
        lines.append("```")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    DOCUMENT.write_text(drawn(), encoding="utf-8")
