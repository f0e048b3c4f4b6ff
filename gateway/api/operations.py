"""Everything a program may ask, as one table: the routes are made from it, and so is the OpenAPI document."""

from chamas.deposits import Deposit
from chamas.directory import Chama, Contribution, Member, Round
from chamas.exposure import Exposure
from chamas.joining import Seat
from chamas.orders import Order
from gateway.api import entry, groups, money
from gateway.api.entry import Devices, Invited, Reach
from gateway.api.operation import Operation
from gateway.api.persons import Answer, DeviceNamed, JoinAsked, PersonNamed
from gateway.api.questions import (
    MovementFilter,
    PastQuestion,
    PaymentFilter,
    PaymentSearch,
    StatementFilter,
)
from gateway.api.voted import FINES, MEMBERS, PAYOUTS, RULES, TAKEN_BACK
from ledger.history import TrialBalance
from ledger.overview import Batch
from ledger.positions import Position
from ledger.statements import Entry, Movement
from payments.days import Certificate, DayResult
from payments.timeline import Payment

OPERATIONS = (
    Operation("GET", "/chamas", "Groups, by id", groups.chamas, Chama, "after"),
    Operation("GET", "/chamas/{chama_id}", "One group", groups.chama, Chama),
    Operation("GET", "/chamas/{chama_id}/members", "Who is in a group, by id", groups.members, Member, "after"),
    Operation("GET", "/chamas/{chama_id}/rounds", "Its rounds, newest first", groups.rounds, Round, "before"),
    Operation(
        "GET",
        "/chamas/{chama_id}/contributions",
        "What its members owe and paid, newest first",
        groups.contributions,
        Contribution,
        "before",
    ),
    Operation(
        "GET",
        "/chamas/{chama_id}/deposits",
        "What its members leave with it before it starts, by member number",
        groups.deposits,
        Deposit,
        "after",
        key="number",
    ),
    Operation(
        "GET",
        "/chamas/{chama_id}/refunds",
        "What goes back to its members after its end",
        groups.refunds,
        groups.Sent,
        "after",
    ),
    Operation(
        "GET",
        "/chamas/{chama_id}/orders",
        "What its officials told it to do, and what became of it, newest first",
        groups.orders,
        Order,
        "before",
    ),
    Operation(
        "GET",
        "/members/{member_id}/dues",
        "What a member owes and why, derived anew from her rounds and entries",
        groups.dues,
        groups.Explained,
    ),
    Operation(
        "GET",
        "/chamas/{chama_id}/exposures",
        "What a group loses by each member who stops today or after her turn, and what her deposit covers, by member",
        groups.exposures,
        Exposure,
        "after",
        key="member_id",
    ),
    Operation(
        "GET",
        "/chamas/{chama_id}/statement",
        "The pages of its book, or what moved on one account or of one member, with the balance that runs on",
        groups.statement,
        Entry,
        "beyond",
        key="key",
        query=StatementFilter,
        edge=groups.statement_edge,
    ),
    Operation(
        "GET",
        "/chamas/{chama_id}/trial-balance",
        "What each account of its book has, now or as the books stood at any page or instant",
        groups.trial_balance,
        TrialBalance,
        query=PastQuestion,
    ),
    *RULES,
    Operation(
        "GET",
        "/members/{member_id}/positions",
        "What a member's accounts hold over all seasons, by account",
        groups.positions,
        Position,
        "after",
        key="account_id",
    ),
    Operation(
        "GET",
        "/members/{member_id}/transactions",
        "What moved on a member's accounts, with the balance that runs on",
        groups.transactions,
        Movement,
        "beyond",
        key="key",
        query=MovementFilter,
        edge=groups.transactions_edge,
    ),
    Operation(
        "GET",
        "/members/{member_id}/access",
        "How close a member stands to her group, and what she may do there today",
        entry.reach,
        Reach,
        acts=True,
    ),
    Operation(
        "POST",
        "/members/{member_id}/devices",
        "Tells a member by push on one more device, by the token of its app",
        entry.add_device,
        Devices,
        body=DeviceNamed,
        acts=True,
    ),
    Operation(
        "POST",
        "/chamas/{chama_id}/invitations",
        "Invites the owner of a phone by SMS",
        entry.invite,
        Invited,
        body=PersonNamed,
        acts=True,
    ),
    Operation(
        "POST",
        "/joins",
        "Lets somebody join by a group's number or by the code of her invitation; without one, officials answer",
        entry.join,
        Seat,
        body=JoinAsked,
        acts=True,
    ),
    Operation(
        "POST",
        "/members/{member_id}/admission",
        "Answers somebody who asked to join",
        entry.admit,
        Seat,
        body=Answer,
        acts=True,
    ),
    Operation(
        "GET",
        "/payments",
        "Payments, newest first: what was asked for on phones, and what came to a paybill by itself",
        money.payments,
        Payment,
        "beyond",
        key="key",
        query=PaymentFilter,
    ),
    Operation(
        "GET",
        "/payments/{payment_id}",
        "One payment and everything that was said about it",
        money.payment,
        money.PaymentWithEvidence,
    ),
    Operation(
        "POST",
        "/payments/search",
        "Payments of a phone or with a receipt, newest first; a POST, so that no number stands in an address",
        money.search,
        Payment,
        "before",
        body=PaymentSearch,
    ),
    Operation(
        "GET",
        "/shortcodes/{number}/days",
        "How the days of a shortcode agree with M-PESA's own lists, newest day first; a key is the day as 20261120",
        money.days_of,
        DayResult,
        "before",
        key="key",
    ),
    Operation(
        "GET",
        "/shortcodes/{number}/days/{day}",
        "The certificate of one day (20261120): what was compared, and every difference",
        money.day_of,
        Certificate,
    ),
    Operation(
        "GET",
        "/callers",
        "Who called where Safaricom should, and what was told last and not believed",
        money.callers,
        money.Callers,
    ),
    *PAYOUTS,
    *TAKEN_BACK,
    *MEMBERS,
    *FINES,
    Operation("GET", "/batches", "Sealed batches, newest first", money.batches, Batch, "before", key="number"),
    Operation("GET", "/batches/{number}", "One batch", money.batch, Batch),
)
