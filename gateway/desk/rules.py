"""The page of a group's rules: what holds, what a change would have meant in the last cycle, and answers to it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from chamas import directory
from chamas.approving.approvals import REASONS, Vote
from chamas.members import standing
from chamas.members.access import Action
from chamas.rulebook import rule_sets
from chamas.rulebook import rules as ruling
from chamas.rulebook.rules import UnfitRules
from chamas.ruling import preview, proposals, proposed
from chamas.ruling.preview import Preview
from gateway.desk import step_up, told
from gateway.desk.guard import at_desk
from gateway.here import wiring
from ledger.money import parse_shillings
from ledger.nairobi import EAT
from ledger.refusals import NotAnAmount, Refusal
from ledger.wires import Connection

# What each rule is called at the desk, in the order of the form; those in shillings are typed in shillings.
NAMES = {
    "contribution_cents": "Contribution, KES",
    "frequency": "How often",
    "every_hours": "A round of its own length, hours",
    "grace_hours": "Late only after, hours",
    "arrears_first": "Money pays first",
    "penalty": "Fine for being late",
    "penalty_cents": "Fine, KES",
    "penalty_percent": "Fine, percent of what was due",
    "penalty_cap_cents": "Fines that a member owes at most, KES",
    "fines_first": "Money settles fines",
    "default_after": "In default after so many late rounds (0: never)",
    "order": "Order of payout",
    "places": "Fixed order, member numbers",
    "short_pot": "Short pot",
    "approvals": "Others who agree to a payout",
    "wait_minutes": "It waits, minutes",
    "expiry_hours": "It ends unanswered after, hours",
    "freezers": "Members who can stop it",
    "sms_from_cents": "SMS to all from, KES",
    "initials": "Lists show initials only",
    "corroborate": "A payment counts with a second proof only",
    "loans": "Members can borrow",
    "loan_tenths": "Interest a month on what was lent, tenths of a percent",
    "loan_months": "Longest loan, months",
    "loan_times": "At most so many times of what she put in",
    "loan_fine_cents": "Fine for a late part of a loan, KES",
    "loans_first": "Money settles what is due of a loan",
}
CHOICES = {
    "frequency": {"weekly": "weekly", "fortnightly": "every two weeks", "monthly": "monthly", "custom": "its own"},
    "penalty": {"none": "none", "flat": "an amount", "percent": "a part of what was due"},
    "order": {"joining": "by member number", "fixed": "fixed", "ballot": "by ballot"},
    "short_pot": {
        "top_up": "paid, the rest as it comes",
        "wait": "waits until it is whole",
        "reserve": "filled from the group's fines",
    },
    "arrears_first": {"true": "the oldest debt", "false": "the open round"},
    "fines_first": {"true": "before contributions", "false": "after them"},
    "initials": {"true": "yes", "false": "no"},
    "corroborate": {"true": "yes", "false": "no"},
    "loans": {"true": "yes", "false": "no"},
    "loans_first": {"true": "before contributions", "false": "after them"},
}
# What somebody looks through by eye.
SHOWN = 5


def rules(chama_id: int) -> str | tuple[str, int]:
    """What holds, what is proposed, and the form for a change; and what a change would have meant, when the address
    says which.
    """
    if "preview" not in request.args:
        return page(chama_id)
    try:
        given = typed(request.args)
        with at_desk() as conn:
            _now, new = proposed.changed(conn, chama_id, given)
            return page(chama_id, shown=preview.preview(conn, chama_id, new))
    except Refusal as why:
        return page(chama_id, problem=str(why)), why.status


def propose(chama_id: int) -> Response | tuple[str, int]:
    """Shows what the change would have meant, or proposes it: the two buttons of the form. What is only looked at has
    an address of its own: a browser that goes back to the answer of a form finds nothing, as no page of ours is kept.
    """
    if request.form.get("do") != "propose":
        filled: dict[str, Any] = {
            name: text for name in (*NAMES, "holds_from") if (text := request.form.get(name, "").strip()[:400])
        }
        return redirect(url_for("desk.rules", chama_id=chama_id, preview=1, **filled), 303)
    at, by = wiring().now(), g.visitor.user_id
    try:
        given, holds_from = typed(request.form), _day(request.form.get("holds_from", ""))
        with at_desk() as conn:
            own = _own(conn, chama_id, by)
            if own is None:
                proposals.propose(conn, chama_id, given, by_user_id=by, at=at, holds_from=holds_from)
            else:
                proposals.propose_anew(conn, own, given, by_user_id=by, at=at, holds_from=holds_from)
    except Refusal as why:
        return page(chama_id, problem=str(why)), why.status
    return _back(chama_id, "Proposed. The others are asked by SMS.")


def answer(chama_id: int, proposal_id: int, word: str) -> Response | tuple[str, int]:
    """A yes or a no to exactly what the page showed."""
    if word not in ("approve", "reject"):
        abort(404, "There is no such answer.")
    vote = Vote(word)
    try:
        said = step_up.word(vote)
        with at_desk() as conn:
            proposals.vote(conn, proposal_id, said)
    except Refusal as why:
        return page(chama_id, problem=str(why)), why.status
    return _back(chama_id, "Your answer is written down; it is counted within seconds.")


def typed(form: Mapping[str, str]) -> dict[str, Any]:
    """What the form says about rules, of those that are filled in. Raises UnfitRules."""
    given: dict[str, Any] = {}
    for name, label in NAMES.items():
        text = form.get(name, "").strip()[:400]
        try:
            given |= {name: _read(name, text)} if text else {}
        except (ValueError, NotAnAmount):
            raise UnfitRules(f"{label}: not readable.") from None
    return given


def _read(name: str, text: str) -> Any:
    if name in CHOICES:
        return text == "true" if "true" in CHOICES[name] else text
    if name.endswith("_cents"):
        return parse_shillings(text)
    if name == "places":
        return [int(number) for number in text.replace(",", " ").split()]
    return int(text)


def _day(text: str) -> datetime | None:
    """The first instant (EAT) of a day as a browser sends it. Raises UnfitRules."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=EAT) if text else None
    except ValueError:
        raise UnfitRules("From which day: not readable.") from None


def _own(conn: Connection, chama_id: int, user_id: int) -> int | None:
    """What she has proposed herself and nobody has decided: she says otherwise, instead of being refused."""
    hers = standing.group(conn, chama_id=chama_id, user_id=user_id).member_id
    found = proposed.pending(conn, chama_id)
    return found.id if found and found.proposed_by == hers else None


def page(chama_id: int, problem: str = "", shown: Preview | None = None) -> str:
    with at_desk() as conn:
        found = directory.chama(conn, chama_id)
        if found is None:
            abort(404, "There is no such group.")
        versions = rule_sets.versions(conn, chama_id)
        listed = proposed.of_chama(conn, chama_id)[:SHOWN]
        waits = proposed.waiting_for(conn, chama_id, g.visitor.user_id)
        yes = {one.id: len(proposed.said(conn, one).yes & proposed.asked(conn, one)) for one in listed}
        here = standing.group(conn, chama_id=chama_id, user_id=g.visitor.user_id)
        if waits is not None and shown is None:
            # Whoever is to answer sees what it would have meant, without asking for it.
            shown = preview.preview(conn, chama_id, waits.rules)
    by_id = {one.id: one.rules for one in versions}
    return render_template(
        "desk/rules.html",
        chama=found,
        versions=versions,
        rules=ruling.as_json(versions[0].rules) if versions else {},
        proposed=listed,
        yes=yes,
        changes={one.id: ruling.differences(by_id[one.based_on], one.rules) for one in listed},
        waits=waits,
        may=here.access(wiring().now()).may(Action.CHANGE_RULES),
        shown=shown,
        names=NAMES,
        choices=CHOICES,
        reasons=REASONS,
        typed=request.form or request.args,
        problem=problem,
        done="" if problem else told.told(),
    )


def _back(chama_id: int, done: str) -> Response:
    return told.onward("desk.rules", done, chama_id=chama_id)
