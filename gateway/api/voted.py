"""What people of a group vote on: its payouts, its rules, what is taken back. A part of the table of operations.py."""

from chamas.course.leaving import Terms
from chamas.course.sharing import ShareOut
from chamas.dues.loans import Loan
from chamas.rulebook.rules import RulesSchema
from chamas.ruling.preview import Preview
from gateway.api import agreed, fines, lent, motions, payouts, proposals, take_backs
from gateway.api.agreed import Published, Version
from gateway.api.motions import Moved
from gateway.api.operation import Operation
from gateway.api.persons import (
    Approval,
    AskedAnew,
    Leaving,
    OfficialNamed,
    PayoutAsked,
    RecallAsked,
    Rejection,
    RulesProposed,
    Seen,
    TakeBackAsked,
    WaiverAsked,
)
from gateway.api.proposals import Proposed
from gateway.api.questions import DisbursementFilter, PayoutFilter
from payments.payouts.listing import Listed

PAYOUTS = (
    Operation("GET", "/payouts", "Payouts, newest first", payouts.payouts, Listed, "before", query=PayoutFilter),
    Operation(
        "GET", "/payouts/{payout_id}", "One payout and everything that happened to it", payouts.payout, payouts.Payout
    ),
    Operation(
        "GET",
        "/disbursements",
        "Requests to pay out, newest first",
        payouts.disbursements_of,
        payouts.Disbursement,
        "before",
        query=DisbursementFilter,
    ),
    Operation(
        "GET",
        "/disbursements/{request_id}",
        "One request, its answers and everything that happened to it",
        payouts.disbursement,
        payouts.DisbursementWithStory,
    ),
    *(
        Operation("POST", path, summary, read, payouts.DisbursementWithStory, body=body, acts=True, keyed=True)
        for path, summary, read, body in (
            ("/disbursements", "Asks that a member be paid; others must agree", payouts.ask, PayoutAsked),
            (
                "/disbursements/{request_id}/ask-anew",
                "Asks otherwise: every answer is void",
                payouts.ask_anew,
                AskedAnew,
            ),
            ("/disbursements/{request_id}/approve", "Says yes, with the chama PIN", payouts.approve, Approval),
            ("/disbursements/{request_id}/reject", "Says no: nothing leaves", payouts.reject, Rejection),
            ("/disbursements/{request_id}/freeze", "Is one of those who stop it", payouts.freeze, Seen),
        )
    ),
    Operation(
        "GET",
        "/chamas/{chama_id}/share-out",
        "What each would get if it shared out today, line by line",
        lent.share_out,
        ShareOut,
        acts=True,
    ),
    Operation(
        "GET", "/chamas/{chama_id}/loans", "Its loans with their parts, newest first", lent.of_chama, Loan, "before"
    ),
)

RULES = (
    Operation(
        "GET", "/chamas/{chama_id}/rules", "The versions of its rules, newest first", agreed.versions, Version, "before"
    ),
    Operation(
        "POST",
        "/chamas/{chama_id}/rules/preview",
        "What other rules would have changed in its last cycle, line by line; nothing is changed",
        agreed.previewed,
        Preview,
        body=RulesSchema,
    ),
    Operation(
        "GET",
        "/chamas/{chama_id}/ballot",
        "Its newest ballot for the order of payout, as docs/ballot.md recomputes it",
        agreed.ballot,
        Published,
    ),
    Operation(
        "GET",
        "/chamas/{chama_id}/proposals",
        "Changes of its rules that were proposed, newest first",
        proposals.listed,
        Proposed,
        "before",
    ),
    Operation("GET", "/proposals/{proposal_id}", "One of them, as it stands", proposals.one, Proposed),
    *(
        Operation("POST", path, summary, read, Proposed, body=body, acts=True)
        for path, summary, read, body in (
            (
                "/chamas/{chama_id}/proposals",
                "Proposes other rules; the other officials vote",
                proposals.propose,
                RulesProposed,
            ),
            (
                "/proposals/{proposal_id}/anew",
                "Proposes otherwise: every answer is void",
                proposals.propose_anew,
                RulesProposed,
            ),
            ("/proposals/{proposal_id}/approve", "Says yes, with the chama PIN", proposals.approve, Approval),
            ("/proposals/{proposal_id}/reject", "Says no: the rules stay", proposals.reject, Rejection),
        )
    ),
)

TAKEN_BACK = (
    Operation(
        "GET",
        "/take-backs",
        "Money in the books that M-PESA does not know or gave back: what was asked, newest first",
        take_backs.listed,
        take_backs.TakenBack,
        "before",
    ),
    *(
        Operation("POST", path, summary, read, take_backs.TakenBack, body=body, acts=True, keyed=True)
        for path, summary, read, body in (
            ("/take-backs", "Asks that an entry be taken back; another must agree", take_backs.ask, TakeBackAsked),
            ("/take-backs/{take_back_id}/approve", "Says yes, with the chama PIN", take_backs.approve, Approval),
            ("/take-backs/{take_back_id}/reject", "Says no: it stays as it is", take_backs.reject, Rejection),
        )
    ),
)

MEMBERS = (
    Operation(
        "GET",
        "/chamas/{chama_id}/motions",
        "What was asked about its members: who wants to leave, who shall hold which office; newest first",
        motions.listed,
        Moved,
        "before",
    ),
    Operation("GET", "/motions/{motion_id}", "One of them, as it stands", motions.one, Moved),
    Operation(
        "GET",
        "/members/{member_id}/leaving",
        "What leaving today would mean for a member: what comes back, when, and what is owed",
        motions.terms,
        Terms,
    ),
    *(
        Operation("POST", path, summary, read, Moved, body=body, acts=True)
        for path, summary, read, body in (
            (
                "/chamas/{chama_id}/leave",
                "Asks to leave, with the chama PIN; others must agree",
                motions.leave,
                Leaving,
            ),
            (
                "/chamas/{chama_id}/name-official",
                "Proposes a member for an office, with the chama PIN; others agree, and she accepts",
                motions.name,
                OfficialNamed,
            ),
            (
                "/chamas/{chama_id}/recall-official",
                "Asks that who holds an office be recalled, with the chama PIN; all members decide",
                motions.recall,
                RecallAsked,
            ),
            ("/motions/{motion_id}/approve", "Says yes, with the chama PIN", motions.approve, Approval),
            ("/motions/{motion_id}/reject", "Says no: everything stays", motions.reject, Rejection),
            ("/motions/{motion_id}/take-back", "Whoever asked does not ask any more", motions.take_back, None),
        )
    ),
)

FINES = (
    Operation(
        "GET",
        "/members/{member_id}/fines",
        "The fines of a member, newest first",
        fines.of_member,
        fines.Fine,
        "before",
    ),
    *(
        Operation("POST", path, summary, read, fines.Fine, body=body, acts=True)
        for path, summary, read, body in (
            ("/fines/{fine_id}/dispute", "Her member says that it is wrong", fines.dispute, None),
            ("/fines/{fine_id}/ask-waiver", "An official asks to waive it", fines.ask_waiver, WaiverAsked),
            ("/fines/{fine_id}/waive", "Another one agrees, with the chama PIN", fines.waive, Approval),
            ("/fines/{fine_id}/uphold", "Another one says that it stands", fines.uphold, Seen),
        )
    ),
)
