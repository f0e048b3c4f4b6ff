"""Draws docs/states.md from every table of moves in the house: `make states`."""

from pathlib import Path
from typing import Any

from chamas.ballots import BALLOT_MOVES
from chamas.cash_claims import CASH_MOVES
from chamas.confirming import CONFIRMATION_MOVES
from chamas.contributions import CONTRIBUTION_MOVES
from chamas.deposits import DEPOSIT_MOVES
from chamas.disbursements import DISBURSEMENT_MOVES
from chamas.invitations import INVITATION_MOVES
from chamas.meetings import MEETING_MOVES
from chamas.motions import MOTION_MOVES
from chamas.moving_in import IMPORT_MOVES
from chamas.notice_states import NOTICE_MOVES
from chamas.orders import ORDER_MOVES
from chamas.penalties import PENALTY_MOVES
from chamas.people import KYC_MOVES, PERSON_MOVES
from chamas.proposed import PROPOSAL_MOVES
from chamas.refunds import REFUND_MOVES
from chamas.reset_states import RESET_MOVES
from chamas.rounds import ROUND_MOVES
from chamas.settlements import SETTLEMENT_MOVES
from chamas.states import CHAMA_MOVES, MEMBER_MOVES
from chamas.swaps import SWAP_MOVES
from ledger.batches import BATCH_MOVES
from ledger.moves import Moves
from ledger.submissions import TRANSACTION_MOVES
from payments.balances import BALANCE_MOVES
from payments.inquiries import INQUIRY_MOVES
from payments.payouts.states import PAYOUT_MOVES
from payments.reversals import REVERSAL_MOVES
from payments.statements import STATEMENT_MOVES
from payments.states import ATTEMPT_MOVES
from payments.suspense import SUSPENSE_MOVES
from payments.take_backs import TAKE_BACK_MOVES

DOCUMENT = Path(__file__).parents[1] / "docs" / "states.md"

# In the order in which one contribution meets them, then the life of a group.
LIFECYCLES: tuple[tuple[str, str, Moves[Any]], ...] = (
    ("A payment", "payments/states.py", ATTEMPT_MOVES),
    ("A request to pay out", "chamas/disbursements.py", DISBURSEMENT_MOVES),
    ("A payout", "payments/payouts/states.py", PAYOUT_MOVES),
    ("A question to Safaricom", "payments/inquiries.py", INQUIRY_MOVES),
    ("A question about a balance", "payments/balances.py", BALANCE_MOVES),
    ("A statement of the portal", "payments/statements.py", STATEMENT_MOVES),
    ("Money in suspense", "payments/suspense.py", SUSPENSE_MOVES),
    ("What shall become of it", "chamas/settlements.py", SETTLEMENT_MOVES),
    ("Money that goes back", "payments/reversals.py", REVERSAL_MOVES),
    ("Money that M-PESA does not know", "payments/take_backs.py", TAKE_BACK_MOVES),
    ("A message", "chamas/notice_states.py", NOTICE_MOVES),
    ("A contribution", "chamas/contributions.py", CONTRIBUTION_MOVES),
    ("A deposit", "chamas/deposits.py", DEPOSIT_MOVES),
    ("Cash", "chamas/cash_claims.py", CASH_MOVES),
    ("A meeting", "chamas/meetings.py", MEETING_MOVES),
    ("What a member says of her balance", "chamas/confirming.py", CONFIRMATION_MOVES),
    ("A batch of entries", "ledger/batches.py", BATCH_MOVES),
    ("A transaction on the chain", "ledger/submissions.py", TRANSACTION_MOVES),
    ("A round", "chamas/rounds.py", ROUND_MOVES),
    ("A change of a group's rules", "chamas/proposed.py", PROPOSAL_MOVES),
    ("A fine", "chamas/penalties.py", PENALTY_MOVES),
    ("A ballot for the order of payout", "chamas/ballots.py", BALLOT_MOVES),
    ("A member who leaves", "chamas/motions.py", MOTION_MOVES),
    ("Two who swap turns", "chamas/swaps.py", SWAP_MOVES),
    ("A chama", "chamas/states.py", CHAMA_MOVES),
    ("What officials tell their chama to do", "chamas/orders.py", ORDER_MOVES),
    ("What goes back to a member", "chamas/refunds.py", REFUND_MOVES),
    ("A membership", "chamas/states.py", MEMBER_MOVES),
    ("An invitation", "chamas/invitations.py", INVITATION_MOVES),
    ("A new chama PIN", "chamas/reset_states.py", RESET_MOVES),
    ("A person", "chamas/people.py", PERSON_MOVES),
    ("Her papers", "chamas/people.py", KYC_MOVES),
    ("A file with which a group moves in", "chamas/moving_in.py", IMPORT_MOVES),
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
