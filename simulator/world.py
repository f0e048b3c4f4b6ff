"""The simulated world: every part made once, in one place, and handed to those that need it."""

from dataclasses import dataclass

from aiohttp import web

from simulator import ground
from simulator.daraja.confirmations import Paybill
from simulator.daraja.credentials import Credentials
from simulator.daraja.initiator import Initiator
from simulator.daraja.notices import Notices
from simulator.daraja.oauth import Tokens
from simulator.daraja.payouts import Payouts
from simulator.daraja.prompts import Prompts
from simulator.daraja.pulls import Pulls
from simulator.daraja.results import Results
from simulator.daraja.transfers import Transfers
from simulator.inbox import Inbox
from simulator.mail import MailServer
from simulator.merchants import Merchants
from simulator.outcomes import Outcomes
from simulator.phones import Phones
from simulator.push import PushService
from simulator.reports import Reports
from simulator.settings import Settings
from simulator.truth import Truth
from simulator.ussd import Sessions


@dataclass(frozen=True)
class World(ground.Ground):
    phones: Phones
    truth: Truth
    inbox: Inbox
    mail: MailServer
    push: PushService
    outcomes: Outcomes
    merchants: Merchants
    tokens: Tokens
    paybill: Paybill
    notices: Notices
    prompts: Prompts
    credentials: Credentials
    initiator: Initiator
    results: Results
    payouts: Payouts
    transfers: Transfers
    pulls: Pulls
    sessions: Sessions

    def reset(self, seed: int) -> None:
        """A new run. Clock, tokens, merchants, key pair and registered URLs belong to the installation and stay."""
        self.timetable.clear()
        self.courier.clear()
        self.phones.clear()
        self.truth.clear()
        self.inbox.clear()
        self.mail.clear()
        self.push.clear()
        self.outcomes.clear()
        self.prompts.clear()
        self.initiator.clear()
        self.payouts.clear()
        self.transfers.clear()
        self.sessions.clear()
        self.chance.reset(seed)


WORLD = web.AppKey("world", World)


def build(settings: Settings) -> World:
    laid = ground.lay(settings)
    phones, inbox, merchants = Phones(laid), Inbox(laid), Merchants(laid)
    paybill = Paybill(laid)
    truth = Truth(laid, phones)
    notices = Notices(inbox, phones, paybill, merchants)
    prompts = Prompts(laid, truth, phones, notices, merchants)
    credentials, results = Credentials(laid), Results(laid)
    initiator = Initiator(laid, credentials)
    Reports(laid)
    outcomes = Outcomes(laid)
    return World(
        **vars(laid),
        phones=phones,
        truth=truth,
        inbox=inbox,
        mail=MailServer(laid, outcomes),
        push=PushService(laid),
        outcomes=outcomes,
        merchants=merchants,
        tokens=Tokens(laid, merchants),
        paybill=paybill,
        notices=notices,
        prompts=prompts,
        credentials=credentials,
        initiator=initiator,
        results=results,
        payouts=Payouts(laid, truth, phones, inbox, results=results, initiator=initiator),
        transfers=Transfers(laid),
        pulls=Pulls(laid),
        sessions=Sessions(laid, on_free=prompts.release),
    )
