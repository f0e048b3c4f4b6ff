"""The rules of a chama, heard line by line; a change of them that waits for an answer; and proposing another amount."""

from chamas.approving.approvals import Vote
from chamas.dues import penalties
from chamas.rulebook import rule_sets
from chamas.rulebook.calendar import EVERY
from chamas.ruling import proposals, proposed
from menus import printing, ruling
from menus.dialog import Ask, Confirm, End, Go, List, Menu, Option, Row, action, go, screen
from menus.screens import fines, leave, offices, pin
from menus.visit import Visit


@screen
def heard(visit: Visit, chama: int, after: int = 0) -> List | Menu:
    """What waits for her answer; every rule that holds today, a line each; what is agreed on for a later day."""
    mine = visit.her.member_of(chama)
    now = rule_sets.rules_at(visit.conn, chama, visit.at)
    if now is None:
        return Menu(visit.say("{chama} has no rules yet.", chama=printing.chama(mine.name)))
    lines = ruling.lines(visit, now.rules)
    newest = proposed.newest(visit.conn, chama)
    if newest.id != now.id:
        day = printing.date(newest.in_force_from)
        lines += [
            visit.say("From {date}: {rule}", date=day, rule=line)
            for line in ruling.changes(visit, now.rules, newest.rules)
        ]
    # First, so that its key stays when a rule is added. One change at a time: whoever has nothing to answer waits.
    first: tuple[Row, ...] = ()
    if waits := proposed.waiting_for(visit.conn, chama, visit.her.user_id):
        first = (Row(1, visit.say("New rules to answer"), go(asked, proposal=waits.id)),)
    elif mine.official and not proposed.pending(visit.conn, chama):
        first = (Row(1, visit.say("Propose another contribution"), go(amount, chama=chama)),)
    if penalties.of_member(visit.conn, mine.member_id) or penalties.to_decide(
        visit.conn, chama, mine.member_id, at=visit.at
    ):
        first = (*first, Row(2, visit.say("Fines"), go(fines.own, chama=chama)))
    # What the rules say about leaving depends on where she stands.
    first = (*first, Row(3, visit.say("Leave the chama"), go(leave.menu, chama=chama)))
    first = (*first, Row(4, visit.say("Officials"), go(offices.menu, chama=chama)))
    rows = (*first, *(Row(number, line) for number, line in enumerate(lines, 5)))
    return List(visit.say("Rules"), rows, go(heard, chama=chama), after)


@screen
def amount(visit: Visit, chama: int) -> Ask:
    """What each shall pay a round."""
    visit.her.member_of(chama)
    now = proposed.newest(visit.conn, chama).rules.contribution_cents
    text = visit.say("How many shillings shall each pay a round? Now KES {amount}.", amount=printing.money(now))
    return Ask(text, shown="back", to=go(look, chama=chama), fill="cents", kind="amount")


@screen
def look(visit: Visit, chama: int, cents: int) -> Confirm:
    """The change in one sentence, and who decides about it."""
    now = proposed.newest(visit.conn, chama).rules
    text = visit.say(
        "Propose KES {amount} {every} instead of {before}? {count} others must agree. An open round stays as it is.",
        amount=printing.money(cents),
        every=visit.say(EVERY[now.frequency]),
        before=printing.money(now.contribution_cents),
        count=now.approvals,
    )
    return Confirm(text, yes=go(propose, chama=chama, cents=cents), no=go(heard, chama=chama))


@action
def propose(visit: Visit, chama: int, cents: int) -> End:
    """The others are asked by SMS."""
    visit.her.member_of(chama)
    change = {"contribution_cents": cents}
    made = proposals.propose(visit.conn, chama, change, by_user_id=visit.her.user_id, at=visit.at)
    return End(visit.say("Proposed. {count} others must agree: they are asked by SMS.", count=made.needed))


@screen
def asked(visit: Visit, proposal: int, after: int = 0) -> List:
    """What would change, line by line; below it the answers, which name exactly this."""
    found = proposed.by_id(visit.conn, proposal)
    visit.her.member_of(found.chama_id)
    lines = ruling.changes(visit, proposed.newest(visit.conn, found.chama_id).rules, found.rules)
    if found.holds_from is not None:
        lines.append(visit.say("from {date} on", date=printing.date(found.holds_from)))
    seen = found.digest.hex()
    yes = go(agree, proposal=proposal, seen=seen) if visit.her.has_pin else go(pin.choose)
    rows = (
        *(Row(number, line) for number, line in enumerate(lines, 1)),
        Row(len(lines) + 1, visit.say("I agree"), yes),
        Row(len(lines) + 2, visit.say("I refuse"), go(refuse, proposal=proposal, seen=seen)),
    )
    return List(visit.say("New rules"), rows, go(asked, proposal=proposal), after)


@screen
def agree(visit: Visit, proposal: int, seen: str, wrong: bool = False) -> Ask:
    """Her PIN: what follows is an action, and never taken from a dialled string."""
    text = visit.say("To agree to the new rules type your CHAMA PIN (5 digits). Never your M-PESA PIN.")
    text = pin.worded(visit, text, wrong)
    return Ask(text, shown="back", to=go(agreed, proposal=proposal, seen=seen), fill="typed", kind="pin")


@action
def agreed(visit: Visit, proposal: int, seen: str, typed: str) -> Go | End:
    """Her yes to what she saw; the worker counts it."""
    if no := pin.objection(visit, typed, again=go(agree, proposal=proposal, seen=seen), decides=True):
        return no
    found = proposals.vote(visit.conn, proposal, visit.word(Vote.APPROVE, seen))
    count = len(proposed.said(visit.conn, found).yes & proposed.asked(visit.conn, found))
    words = "You agreed, {yes} of {needed}. Everybody hears by SMS when the rules have changed."
    return End(visit.say(words, yes=count, needed=found.needed))


@screen
def refuse(visit: Visit, proposal: int, seen: str) -> Menu:
    """Reasons are numbered; one no is enough, and needs no PIN: everything stays as it is."""
    return Menu(
        visit.say("Why do you refuse the new rules?"),
        (
            Option("1", visit.say("Wrong amount"), go(refused, proposal=proposal, seen=seen, reason=1)),
            Option("2", visit.say("Not agreed in the group"), go(refused, proposal=proposal, seen=seen, reason=3)),
            Option("3", visit.say("Something else"), go(refused, proposal=proposal, seen=seen, reason=4)),
        ),
        shown="back",
    )


@action
def refused(visit: Visit, proposal: int, seen: str, reason: int) -> End:
    """Her no ends it."""
    proposals.vote(visit.conn, proposal, visit.word(Vote.REJECT, seen, reason))
    return End(visit.say("You refused. The rules stay as they are."))
