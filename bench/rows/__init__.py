"""The rows, one function each: `row(stage, effort) -> Result`, in the order in which they are printed."""

from collections.abc import Callable

from bench.pairs import Effort, Result
from bench.rows import books, callbacks, history, seals, turns
from bench.stage import Stage

Row = Callable[[Stage, Effort], Result]

# Without wrk: what one connection to PostgreSQL or the chain does.
INSIDE: dict[str, Row] = {
    "drain": callbacks.drained,
    "post-1": books.posting_alone,
    "post-8": books.posting_together,
    "post-1-transfer": books.posting_beside_transfers,
    "post-8-transfer": books.posting_together_beside_transfers,
    "post-sets": books.posting_sets,
    "post-sets-2": books.posting_sets_together,
    "seal": seals.sealing,
    "anchor": seals.anchoring,
    # Last: they leave more entries to be sealed than a batch has.
    "verify": books.verifying,
    "verify-links": books.linking,
}
OVER_HTTP: dict[str, Row] = {
    "turn": turns.stepping,
    "turn-1000": turns.stepping_calmly,
    "server": turns.under_gunicorn,
    "empty": turns.doing_nothing,
    "dial": turns.dialling,
    "dial-300": turns.dialling_calmly,
    "callback": callbacks.accepted,
    "callback-500": callbacks.accepted_calmly,
}
# Needs Node, and `npm ci` in bench/peer.
BESIDE_PEERS: dict[str, Row] = {"peer": turns.beside_the_peer}

# Ten million entries have to be written first, which takes minutes: measured when asked for by name.
ON_REQUEST: dict[str, Row] = {"history": history.history, "positions": history.held, "delta": history.delta}

ROWS: dict[str, Row] = {**OVER_HTTP, **BESIDE_PEERS, **INSIDE}
