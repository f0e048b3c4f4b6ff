"""My loan: what is left of it and when the next part is due, every part, paying it, and asking for one."""

from chamas.dues import borrowing, loans, schedule
from chamas.dues.borrowing import Limit, OneLoanAtATime
from chamas.dues.loans import Instalment, InstalmentState, Loan
from chamas.payouts import asking
from chamas.payouts.disbursements import Purpose
from menus import printing, ruling
from menus.dialog import Ask, Confirm, End, Go, List, Menu, Option, Row, action, go, guarded_screen, screen
from menus.locale import msgids
from menus.screens import contribute, pin
from menus.visit import Visit
from payments import fees
from payments.refusals import MAXIMUM_CENTS

STATES = dict(
    zip(
        InstalmentState,
        msgids("to come", "to come", "to be paid", "late", "paid off", "given up"),
        strict=True,
    )
)


@guarded_screen
def mine(visit: Visit, chama: int) -> Menu:
    """What is left of her loan; without one what she may borrow, by which rules."""
    here = visit.her.member_of(chama)
    one = _running(visit, chama)
    if one is None:
        try:
            text = _offer(visit, here.name, borrowing.limit(visit.conn, here.member_id, at=visit.at))
        except OneLoanAtATime:
            return Menu(visit.say("{chama}: your loan is asked for or on its way.", chama=printing.chama(here.name)))
        return Menu(text, (Option("5", visit.say("Ask for a loan"), go(amount, chama=chama)),))
    now, rest = (min(contribute.whole_shillings(cents), MAXIMUM_CENTS) for cents in (_now(one), one.left_cents))
    return Menu(
        _how_it_stands(visit, one),
        (
            Option("1", visit.say("Pay {amount}", amount=printing.money(now)), go(confirm, chama=chama, cents=now)),
            Option("2", visit.say("Pay it off"), go(confirm, chama=chama, cents=rest)),
            Option("3", visit.say("Every part"), go(parts, chama=chama)),
            Option("4", visit.say("Another amount"), go(another, chama=chama)),
        ),
    )


def _offer(visit: Visit, name: str, hers: Limit) -> str:
    return visit.say(
        "{chama} lends you up to KES {most}, at most {months} months, {percent}% a month. You put in {own}.",
        chama=printing.chama(name),
        most=printing.money(hers.most_cents),
        months=hers.rules.loan_months,
        percent=ruling.percent(hers.rules.loan_tenths),
        own=printing.money(hers.put_in_cents),
    )


def _how_it_stands(visit: Visit, one: Loan) -> str:
    text = visit.say(
        "Loan KES {amount} of {date}. To pay it off today: {rest}.",
        amount=printing.money(one.amount_cents),
        date=printing.date(one.lent_at),
        rest=printing.money(one.left_cents),
    )
    if (part := one.next) is None:
        return text
    day = printing.last_day(visit, part.due_at)
    return f"{text} {visit.say('Next: {part} by {day}.', part=printing.money(_now(one)), day=day)}"


def _now(one: Loan) -> int:
    """What is asked for by now; before that the next part."""
    return one.asked_cents or (one.next.missing_cents if one.next else 0)


def _running(visit: Visit, chama: int) -> Loan | None:
    found = loans.of_member(visit.conn, visit.her.member_of(chama).member_id)
    return next((one for one in found if one.state is loans.LoanState.RUNNING), None)


@guarded_screen
def parts(visit: Visit, chama: int, after: int = 0) -> List | Menu:
    """Each part with its last day, what it is made of, and how far it is paid."""
    one = _running(visit, chama)
    if one is None:
        return Menu(visit.say("You have no loan."))
    rows = tuple(Row(part.number, _part(visit, part)) for part in one.parts)
    return List(visit.say("Parts of your loan"), rows, go(parts, chama=chama), after)


def _part(visit: Visit, part: Instalment) -> str:
    return visit.say(
        "{day}: {amount}, {state}",
        day=printing.last_day(visit, part.due_at),
        amount=printing.money(part.principal_cents + part.interest_cents),
        state=visit.say(STATES[part.state]),
    )


@screen
def another(visit: Visit, chama: int) -> Ask:
    """Any amount: what is more than is asked for pays later parts ahead."""
    visit.her.member_of(chama)
    text = visit.say("How much of your loan do you pay? Type the amount.")
    return Ask(text, shown="back", to=go(confirm, chama=chama), fill="cents", kind="amount")


@guarded_screen
def confirm(visit: Visit, chama: int, cents: int) -> Confirm | Menu:
    """The last look; what is more than pays it off is said to be kept."""
    here, one = visit.her.member_of(chama), _running(visit, chama)
    if one is None:
        return Menu(visit.say("You have no loan."))
    facts = {"amount": printing.money(cents), "chama": printing.chama(here.name)}
    if not visit.mpesa:
        return Menu(visit.say("Dial from an M-PESA line to pay your loan of {chama}.", chama=facts["chama"]))
    lines = [visit.say("Pay KES {amount} of your loan to {chama} from this phone?", **facts)]
    over_cents = cents - one.left_cents
    if over_cents >= 100:
        lines.append(visit.say("KES {over} is more than you owe of it.", over=printing.money(over_cents)))
    lines.append(visit.say("M-PESA fee: KES {fee}", fee=printing.money(fees.payer_fee_cents(cents))))
    return Confirm("\n".join(lines), yes=go(pay, chama=chama, cents=cents), no=go(mine, chama=chama))


@action
def pay(visit: Visit, chama: int, cents: int) -> End | Go:
    """The prompt goes to the phone that dialled; its money settles her loan before all else."""
    hers = visit.her.member_of(chama).member_id
    return contribute.ask_mpesa(visit, chama, hers, cents, purpose="loan")


@screen
def amount(visit: Visit, chama: int) -> Ask:
    """How much she wants."""
    hers = borrowing.limit(visit.conn, visit.her.member_of(chama).member_id, at=visit.at)
    text = visit.say("How much do you want to borrow? At most KES {most}.", most=printing.money(hers.most_cents))
    return Ask(text, shown="back", to=go(months, chama=chama), fill="cents", kind="amount")


@screen
def months(visit: Visit, chama: int, cents: int) -> Ask:
    """For how long; what is too much is said here."""
    member_id = visit.her.member_of(chama).member_id
    borrowing.require(visit.conn, member_id, cents, 1, at=visit.at)
    hers = borrowing.limit(visit.conn, member_id, at=visit.at)
    text = visit.say("In how many months do you pay it back? 1 to {months}.", months=hers.rules.loan_months)
    return Ask(text, shown="back", to=go(look, chama=chama, cents=cents), fill="count", kind="number")


def _planned(visit: Visit, chama: int, cents: int, count: int) -> tuple[schedule.Part, ...]:
    """The schedule, were it paid out today. Raises what may not be borrowed."""
    hers = visit.her.member_of(chama).member_id
    borrowing.require(visit.conn, hers, cents, count, at=visit.at)
    tenths = borrowing.limit(visit.conn, hers, at=visit.at).rules.loan_tenths
    return schedule.parts(cents, tenths=tenths, months=count, lent_at=visit.at)


@screen
def look(visit: Visit, chama: int, cents: int, count: int) -> Menu:
    """What she would pay back, and when first, before she says yes."""
    plan = _planned(visit, chama, cents, count)
    total_cents = sum(part.total_cents for part in plan)
    text = visit.say(
        "Loan KES {amount}: you pay back {total} (interest {interest}), {part} a month, first by {day}.",
        amount=printing.money(cents),
        total=printing.money(total_cents),
        interest=printing.money(total_cents - cents),
        part=printing.money(plan[0].total_cents),
        day=printing.last_day(visit, plan[0].due_at),
    )
    ask = go(prove, chama=chama, cents=cents, count=count) if visit.her.has_pin else go(pin.choose)
    every = go(plan_of, chama=chama, cents=cents, count=count)
    return Menu(
        text,
        (Option("1", visit.say("Ask for it"), ask), Option("2", visit.say("Every part"), every)),
        shown="back",
    )


@screen
def plan_of(visit: Visit, chama: int, cents: int, count: int, after: int = 0) -> List:
    """Each part as it would be."""
    rows = tuple(
        Row(
            part.number,
            visit.say(
                "{day}: {amount}",
                day=printing.last_day(visit, part.due_at),
                amount=printing.money(part.total_cents),
            ),
        )
        for part in _planned(visit, chama, cents, count)
    )
    more = go(plan_of, chama=chama, cents=cents, count=count)
    return List(visit.say("Parts of your loan"), rows, more, after)


@screen
def prove(visit: Visit, chama: int, cents: int, count: int, wrong: bool = False) -> Ask:
    """Her PIN, never taken from a dialled string: what follows is an action."""
    text = visit.say("To ask for the loan type your CHAMA PIN (5 digits). Never your M-PESA PIN.")
    text = pin.worded(visit, text, wrong)
    to = go(send, chama=chama, cents=cents, count=count)
    return Ask(text, shown="back", to=to, fill="typed", kind="pin")


@action
def send(visit: Visit, chama: int, cents: int, count: int, typed: str) -> Go | End:
    """Asked; others are told that their voice is needed."""
    if no := pin.objection(visit, typed, again=go(prove, chama=chama, cents=cents, count=count)):
        return no
    hers = visit.her.member_of(chama).member_id
    one = asking.ask(
        visit.conn,
        asker_member_id=hers,
        payee_member_id=hers,
        amount_cents=cents,
        purpose=Purpose.LOAN,
        loan_months=count,
        at=visit.at,
        bands=visit.bands,
    )
    words = "Asked: a loan of KES {amount}. {needed} others must say yes; they are told by SMS. Number {number}"
    return End(visit.say(words, amount=printing.money(cents), needed=one.needed, number=one.id))
