"""Rules as sentences of a phone: one line for what belongs together, and only rules that something acts on."""

from chamas.rulebook.calendar import EVERY
from chamas.rulebook.rules import OrderKind, Penalty, Rules, ShortPot
from menus import printing
from menus.visit import Visit

# Which rules a line tells of, in the order in which they are heard.
TOLD = (
    frozenset({"contribution_cents", "frequency", "every_hours"}),
    frozenset({"grace_hours"}),
    frozenset({"arrears_first"}),
    frozenset({"penalty", "penalty_cents", "penalty_percent", "penalty_cap_cents", "fines_first"}),
    frozenset({"default_after"}),
    frozenset({"order", "places"}),
    frozenset({"short_pot"}),
    frozenset({"approvals", "expiry_hours"}),
    frozenset({"wait_minutes", "freezers"}),
    frozenset({"sms_from_cents"}),
    frozenset({"initials"}),
    frozenset({"corroborate"}),
    frozenset({"loans", "loan_tenths", "loan_months", "loan_times"}),
    frozenset({"loan_fine_cents", "loans_first"}),
)


def lines(visit: Visit, rules: Rules) -> list[str]:
    """Every rule that holds, a line each."""
    return [_line(visit, rules, told) for told in TOLD if _matters(rules, told)]


def changes(visit: Visit, now: Rules, new: Rules) -> list[str]:
    """Every line that would be another one, as it would be."""
    differs = [told for told in TOLD if any(getattr(now, name) != getattr(new, name) for name in told)]
    return [_line(visit, new, told) for told in differs if _matters(new, told)]


def _matters(rules: Rules, told: frozenset[str]) -> bool:
    """What is late of loans matters where there are any."""
    return rules.loans or "loan_fine_cents" not in told


def _line(visit: Visit, rules: Rules, told: frozenset[str]) -> str:
    if "contribution_cents" in told:
        every = visit.say(EVERY[rules.frequency])
        return visit.say("KES {amount} {every}", amount=printing.money(rules.contribution_cents), every=every)
    if "grace_hours" in told:
        at_once = visit.say("late when the round has closed")
        return (
            visit.say("late {count} hours after the close", count=rules.grace_hours) if rules.grace_hours else at_once
        )
    if "arrears_first" in told:
        return visit.say("oldest debts first") if rules.arrears_first else visit.say("open round first")
    if "initials" in told:
        return visit.say("lists show initials only") if rules.initials else visit.say("lists show first names")
    for name, say in (
        ("order", _order),
        ("penalty", _penalty),
        ("default_after", _default),
        ("short_pot", _short_pot),
        ("corroborate", _proof),
        ("loans", _loans),
        ("loan_fine_cents", _of_late_loans),
    ):
        if name in told:
            return say(visit, rules)
    return _of_payouts(visit, rules, told)


def _order(visit: Visit, rules: Rules) -> str:
    if rules.order is OrderKind.BALLOT:
        return visit.say("order by ballot")
    if rules.order is OrderKind.FIXED:
        # As many as a line has room for; the whole list is on the screen of the order.
        return visit.say("order: {list}", list=" ".join(map(str, rules.places[:8])))
    return visit.say("order by member number")


def _penalty(visit: Visit, rules: Rules) -> str:
    if rules.penalty is Penalty.NONE:
        return visit.say("no fine for being late")
    flat = rules.penalty is Penalty.FLAT
    amount = printing.money(rules.penalty_cents) if flat else f"{rules.penalty_percent}%"
    if rules.fines_first:
        return visit.say("late: fine {amount}, settled first", amount=amount)
    return visit.say("late: fine {amount}, settled last", amount=amount)


def _default(visit: Visit, rules: Rules) -> str:
    if rules.default_after:
        return visit.say("in default after {count} late rounds", count=rules.default_after)
    return visit.say("nobody in default by the clock")


def _short_pot(visit: Visit, rules: Rules) -> str:
    if rules.short_pot is ShortPot.WAIT:
        return visit.say("short pot waits until it is full")
    if rules.short_pot is ShortPot.RESERVE:
        return visit.say("short pot filled from the fines")
    return visit.say("short pot paid, rest as it comes")


def _proof(visit: Visit, rules: Rules) -> str:
    if rules.corroborate:
        return visit.say("paid: counts with a second proof")
    return visit.say("paid: counts when M-PESA says so")


def _loans(visit: Visit, rules: Rules) -> str:
    if not rules.loans:
        return visit.say("no loans")
    return visit.say(
        "loans: {percent}% a month, {months} months, {times} x what she put in",
        percent=percent(rules.loan_tenths),
        months=rules.loan_months,
        times=rules.loan_times,
    )


def _of_late_loans(visit: Visit, rules: Rules) -> str:
    fine = printing.money(rules.loan_fine_cents)
    if rules.loans_first:
        return visit.say("late loan part: fine {amount}; loans paid first", amount=fine)
    return visit.say("late loan part: fine {amount}; loans paid last", amount=fine)


def percent(tenths: int) -> str:
    """Tenths of a percent as people write them: 15 is `1.5`, 100 is `10`."""
    whole, rest = divmod(tenths, 10)
    return f"{whole}.{rest}" if rest else str(whole)


def _of_payouts(visit: Visit, rules: Rules, told: frozenset[str]) -> str:
    if "approvals" in told:
        return visit.say(
            "payout: {count} others agree in {number} hours", count=rules.approvals, number=rules.expiry_hours
        )
    if "sms_from_cents" in told:
        if not rules.sms_from_cents:
            return visit.say("every payout is told by SMS")
        return visit.say("SMS to all from KES {amount}", amount=printing.money(rules.sms_from_cents))
    return visit.say("waits {number} minutes, {count} can stop it", number=rules.wait_minutes, count=rules.freezers)
