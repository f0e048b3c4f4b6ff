"""Gathers what is known of one day of a shortcode, for the comparison. Reads only."""

from datetime import date, datetime, timedelta

from ledger.wires import Connection
from payments import balances, charges_told, floats, listings, movements
from payments.charges_told import Told
from payments.reconciliation import pull, statements
from payments.reconciliation.balance_chain import CONCURRENT, Link
from payments.reconciliation.charge_comparison import Charges
from payments.reconciliation.comparison import Asked, Day

# Yesterday's last confirmation may be days old where few pay; further back nothing is compared anew.
START_WITHIN = timedelta(days=7)
# M-PESA tells time to the second.
SECOND = timedelta(seconds=1)
# The first answer of the next day tells what the day ended with.
BALANCE_WITHIN = timedelta(hours=6)


def gather(conn: Connection, shortcode_id: int, begins: datetime, ends: datetime, day: date) -> Day:
    """All that the comparison of the day [begins, ends) needs, from the last balance before it on."""
    start = _start(conn, shortcode_id, begins)
    since = start.at - CONCURRENT if start else begins
    asked, no_balance = _asked(conn, shortcode_id, begins, ends)
    booked = movements.between(conn, shortcode_id, since, ends)
    named = {one.receipt for one in booked if one.receipt}
    nearby = listings.between(conn, shortcode_id, since, ends)
    told = {(one.source, one.receipt, one.direction): one for one in nearby}
    told |= {(one.source, one.receipt, one.direction): one for one in listings.about(conn, shortcode_id, sorted(named))}
    elsewhere = movements.booked_of(conn, shortcode_id, sorted({one.receipt for one in nearby} - named))
    void = movements.taken_back(conn, shortcode_id, sorted({one.receipt for one in nearby} - named))
    holes, why = _holes(conn, shortcode_id, since, ends)
    return Day(
        begins,
        ends,
        booked,
        [
            one
            for one in told.values()
            if one.receipt not in elsewhere and not (one.source == "confirmation" and one.receipt in void)
        ],
        elsewhere,
        holes,
        why,
        start,
        asked,
        no_balance,
        _carried(conn, shortcode_id, day),
    )


def charges(conn: Connection, shortcode_id: int, begins: datetime, ends: datetime) -> Charges:
    """What the books and M-PESA say of charges of the day [begins, ends), from the last balance before it on."""
    first, last = begins - START_WITHIN, ends + BALANCE_WITHIN
    told = charges_told.between(conn, shortcode_id, first, last)
    told += [
        Told("result", "", one.taken_at, balance_cents=one.charges_cents)
        for one in balances.between(conn, shortcode_id, first, last)
        if one.taken_at is not None and one.charges_cents is not None
    ]
    before = [one.at for one in told if one.source == "result" and one.at < begins]
    since = max(before) - CONCURRENT if before else begins
    booked = charges_told.booked(conn, shortcode_id, since, last)
    return Charges(begins, ends, booked, [one for one in told if one.at >= since])


def _start(conn: Connection, shortcode_id: int, begins: datetime) -> Link | None:
    """What the last confirmation before the day told: of several of the same moments, the one that none follows."""
    last = listings.last_balance(conn, shortcode_id, begins)
    if last is None or last.at < begins - START_WITHIN:
        return None
    links = [
        Link(one.receipt, one.amount_cents, last.at, one.balance_cents)
        for one in listings.between(conn, shortcode_id, last.at - CONCURRENT, last.at + SECOND)
        if one.source == "confirmation" and one.balance_cents is not None
    ]
    followed = {link.before_cents for link in links}
    ends = [link for link in links if link.after_cents not in followed]
    return max(ends or links, key=lambda link: link.after_cents, default=None)


def _holes(
    conn: Connection, shortcode_id: int, since: datetime, until: datetime
) -> tuple[dict[str, list[tuple[datetime, datetime]]], dict[str, str]]:
    registered = {one.shortcode_id: one for one in pull.standings(conn)}.get(shortcode_id)
    if registered is None:
        why = "the shortcode is not registered for Pull"
    else:
        why = f"Pull has not answered for the whole day ({registered.outcome or 'not asked yet'})"
    holes = {
        "pull": pull.holes(conn, shortcode_id, since, until),
        "statement": statements.holes(conn, shortcode_id, since, until),
    }
    return holes, {"pull": why, "statement": "no statement of the whole day was imported"}


def _asked(conn: Connection, shortcode_id: int, begins: datetime, ends: datetime) -> tuple[Asked | None, str]:
    """The answer nearest to the end of the day: the first after it, else the last in it."""
    told = [
        one
        for one in balances.between(conn, shortcode_id, begins, ends + BALANCE_WITHIN)
        if one.taken_at is not None and one.utility_cents is not None and begins <= one.taken_at < ends + BALANCE_WITHIN
    ]
    after = [one for one in told if one.taken_at and one.taken_at >= ends]
    chosen = after[0] if after else told[-1] if told else None
    if chosen is None or chosen.taken_at is None or chosen.utility_cents is None:
        tried = balances.between(conn, shortcode_id, begins, ends + BALANCE_WITHIN)
        return None, (tried[-1].outcome or "no answer came yet") if tried else "the balance was not asked for"
    stood = floats.stood(conn, shortcode_id, chosen.taken_at)
    return Asked(chosen.taken_at, chosen.utility_cents, stood.cents, stood.moving), ""


def _carried(conn: Connection, shortcode_id: int, day: date) -> int:
    """What the differences of earlier days that are still open make M-PESA hold more than the books."""
    [(cents,)] = conn.execute(
        "SELECT coalesce(sum(open_cents), 0)::bigint FROM (SELECT DISTINCT ON (day) open_cents FROM day_certificates "
        "WHERE shortcode_id = %s AND day < %s ORDER BY day, version DESC) AS latest",
        [shortcode_id, day],
    ).fetchall()
    return int(cents)
