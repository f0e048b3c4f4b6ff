"""The loops of the worker: which due rows exist, and who handles them.

One line per kind of due row. The order is the way of a payment, so that a test which runs them by turns sees a callback
become an entry, an SMS and a leaf in few rounds.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

from chamas.arriving import arrivals, concierge, returns, taking_back, unmatched, unpaid
from chamas.course import departing, lifecycle
from chamas.cycle import ballots
from chamas.dues import contributions, defaulting, fining
from chamas.lending import watching
from chamas.payouts import disbursing, round_payouts
from chamas.ruling import adopting
from gateway import mails, texts
from gateway.jobs.loops import Loop
from gateway.jobs.on_chain import OnChain
from gateway.pushing import Pusher
from gateway.wiring import Wiring
from ledger import batches, checkpoints, holds
from payments import evidence, float_checks, payouts, pushes, qr_pictures, reconcile, spool
from payments.reconciliation import pull, statements

# The chain is asked over the network: its loops look less often than those that ask our own tables.
CHAIN_SECONDS = 1.0
# Rounds open and close by the hour, mail is read now and then, Pull and balances are asked by the hour and the day;
# nobody minds five seconds.
CALENDAR_SECONDS = 5.0
# A body is half a year old when its turn comes.
AGING_SECONDS = 60.0


def loops(wiring: Wiring) -> list[Loop]:
    """Every loop that this process runs, bound to its wiring."""
    return [
        Loop("pushes", partial(pushes.send_due, wiring, unpaid.tell_unpaid)),
        Loop("spool", partial(spool.drain, wiring, Path(wiring.settings.spool_dir))),
        Loop("evidence", partial(evidence.read_due, wiring, arrivals.book, unpaid.tell_unpaid)),
        Loop("inquiries", partial(reconcile.ask_due, wiring)),
        Loop("pulls", partial(pull.ask_due, wiring), CALENDAR_SECONDS),
        Loop("balances", balances(wiring), CALENDAR_SECONDS),
        Loop("statements", partial(statements.read_due, wiring), CALENDAR_SECONDS),
        Loop("payouts", partial(payouts.send_due, wiring)),
        Loop("payout questions", partial(payouts.ask_due, wiring)),
        Loop("disbursements", partial(disbursing.follow_due, wiring)),
        Loop("fines", partial(fining.go_on, wiring), CALENDAR_SECONDS),
        Loop("loans", partial(watching.go_on, wiring), CALENDAR_SECONDS),
        Loop("defaults", partial(defaulting.go_on, wiring), CALENDAR_SECONDS),
        Loop("exits", partial(departing.follow_due, wiring), CALENDAR_SECONDS),
        Loop("pots", partial(round_payouts.follow_due, wiring), CALENDAR_SECONDS),
        Loop("texts", partial(texts.send_due, wiring)),
        Loop("letters", letters(wiring), CALENDAR_SECONDS),
        Loop("offers", partial(concierge.offer_due, wiring)),
        Loop("settlements", settlements(wiring)),
        Loop("returns", partial(returns.go_on, wiring)),
        Loop("aging", partial(evidence.age_due, wiring, _kept_for(wiring)), AGING_SECONDS),
        Loop("expiries", partial(holds.expire_due, wiring)),
        *sealing(wiring),
        Loop("rules", partial(adopting.follow_due, wiring), CALENDAR_SECONDS),
        Loop("ballots", partial(ballots.follow_due, wiring), CALENDAR_SECONDS),
        Loop("rounds", partial(lifecycle.go_on, wiring), CALENDAR_SECONDS),
        Loop("confirmations", partial(contributions.confirm_sealed, wiring)),
    ]


def letters(wiring: Wiring) -> Callable[[], int]:
    """Mail and push: apart from SMS, which must not wait for a mail server that hangs."""
    pusher = Pusher(wiring)
    return lambda: mails.send_due(wiring) + pusher.send_due()


def balances(wiring: Wiring) -> Callable[[], int]:
    """Questions to Safaricom that move no money: what a shortcode holds, and the picture of where a group is paid."""
    return lambda: float_checks.ask_due(wiring) + qr_pictures.draw_due(wiring)


def settlements(wiring: Wiring) -> Callable[[], int]:
    """What two officials have agreed on, whichever way the money goes."""
    return lambda: unmatched.settle_due(wiring) + taking_back.settle_due(wiring)


def _kept_for(wiring: Wiring) -> timedelta:
    return timedelta(days=int(wiring.settings.evidence_days))


def sealing(wiring: Wiring) -> list[Loop]:
    """Sealing and its witness: the chain, or a signed checkpoint file while it is off."""
    settings = wiring.settings
    if settings.chain == "off":
        write = partial(checkpoints.write_due, path=Path(settings.checkpoint_file))
        return [
            Loop("seals", partial(batches.seal_due, wiring, witness="checkpoint")),
            Loop("checkpoints", partial(write, wiring, operator_key=settings.chain_operator_key)),
        ]
    on_chain = OnChain(wiring)
    return [
        Loop("seals", partial(batches.seal_due, wiring, witness="chain")),
        Loop("anchors", on_chain.commit, CHAIN_SECONDS),
        Loop("sync", on_chain.read, CHAIN_SECONDS),
    ]
