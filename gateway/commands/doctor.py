"""Looks at settings and surroundings: one line each, OK or FIX with what to do; exit status 1 when there is one."""

import argparse
import os
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import redis
from psycopg_pool import PoolTimeout

from gateway import alarms, outbound, papers, premises
from gateway.commands import environment
from gateway.jobs import tables
from gateway.premises import Advice
from gateway.wiring import Wiring
from ledger import nairobi, seasons
from ledger.money import print_kes
from ledger.wires import Connection
from migrations import runner
from payments import balances, evidence, inquiries, overview, shortcodes, watch
from payments.daraja.outcomes import Rejected
from payments.daraja.token import live_token
from payments.reconciliation import pull
from payments.shortcodes import NoKeys, Shortcode

# Safaricom's password and our due times are made of the clock: more than this apart, and something is wrong with it.
CLOCK_SECONDS = 5
# About what a thousand anchors cost on a cheap chain; below it an operator should top up.
ENOUGH_WEI = 10**16


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--ask-again", action="store_true", help="the initiator is put right: ask Safaricom what had to wait for it"
    )
    parser.add_argument(
        "--read-again", action="store_true", help="what kept callbacks from being settled is repaired: read them anew"
    )


def run(options: argparse.Namespace) -> int:
    wiring = environment.wiring("worker")
    if options.ask_again:
        with wiring.transaction() as conn:
            again = inquiries.ask_again(conn, at=wiring.now()) + balances.ask_again(conn, at=wiring.now())
            print(f"{again} questions are asked again")
    if options.read_again:
        with wiring.transaction() as conn:
            print(f"{evidence.read_again(conn, at=wiring.now())} callbacks are read again")
    wrong = 0
    for look in (database, cache, daraja, reachable, at_home, anchoring):
        for advice in look(wiring):
            wrong += bool(advice.fix)
            seen = f" ({advice.seen})" if advice.seen else ""
            print(f"FIX {advice.what}{seen}: {advice.fix}" if advice.fix else f"OK  {advice.what}{seen}")
    wiring.close()
    return 1 if wrong else 0


def database(wiring: Wiring) -> Iterator[Advice]:
    try:
        with wiring.transaction() as conn:
            for look in (schema, season, roles, rows, clock, first_shortcode, paybill, pulling):
                yield look(wiring, conn)
            yield from papers.look(wiring, conn)
            yield from to_act_on(wiring, conn)
    except (psycopg.Error, PoolTimeout) as error:
        yield Advice("PostgreSQL answers", "start it, or correct DATABASE_URL", type(error).__name__)


def schema(_wiring: Wiring, conn: Connection) -> Advice:
    try:
        missing = runner.pending(conn)
    except (runner.ChangedMigration, runner.NewerDatabase) as trouble:
        return Advice("schema fits this version", str(trouble))
    ready = not missing and tables.is_there(conn)
    return Advice("schema fits this version", "" if ready else "pesachama migrate", f"{len(missing)} to apply")


def season(wiring: Wiring, conn: Connection) -> Advice:
    missing = seasons.missing(conn, wiring.now())
    fix = "pesachama migrate (it opens this season and the next)" if missing else ""
    seen = f"now {seasons.season_at(wiring.now())}" + (f", missing {', '.join(map(str, missing))}" if missing else "")
    return Advice("this season of the books and the next are open", fix, seen)


def roles(wiring: Wiring, conn: Connection) -> Advice:
    row = conn.execute("SELECT CURRENT_USER, rolsuper FROM pg_roles WHERE rolname = session_user").fetchone()
    user, superuser = row if row else ("nobody", True)
    if superuser and wiring.settings.production:
        return Advice("the database user is no superuser", "give DATABASE_URL a plain owner of the tables")
    if user != "pesachama_worker":
        fix = "GRANT pesachama_web, pesachama_worker TO CURRENT_USER; run as an administrator of PostgreSQL"
        return Advice("the worker takes on its role", fix, str(user))
    return Advice("the worker takes on its role", seen=str(user))


def rows(_wiring: Wiring, conn: Connection) -> Advice:
    """Without the roles at the time of the migration there are no policies: the processes run as the tables' owner."""
    row = conn.execute(
        "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relforcerowsecurity"
    ).fetchone()
    what = "row-level security keeps groups apart"
    if row and row[0]:
        return Advice(what, seen=f"{row[0]} tables")
    fix = (
        "nothing but our own queries does: the database user may not make roles. Where an administrator can, let her "
        "CREATE ROLE one LOGIN CREATEROLE for it, and move into an empty database of that role's: `pesachama backup`, "
        "`pesachama restore`"
    )
    return Advice(what, fix, "off")


def clock(wiring: Wiring, conn: Connection) -> Advice:
    """Two clocks that agree may both be wrong; two that differ surely are."""
    if wiring.settings.clock_url:
        return Advice("the clock is simulated", seen="CLOCK_URL")
    row = conn.execute("SELECT clock_timestamp()").fetchone()
    apart = abs((wiring.now() - row[0]).total_seconds()) if row else 0.0
    local = f"{nairobi.clock(wiring.now(), seconds=True)} in Nairobi"
    fix = "" if apart < CLOCK_SECONDS else "let both machines set their clocks by NTP"
    return Advice("our clock and PostgreSQL's agree", fix, f"{apart:.1f} s apart, {local}")


def first_shortcode(wiring: Wiring, conn: Connection) -> Advice:
    number = wiring.settings.mpesa_business_shortcode
    known = shortcodes.by_number(conn, number) is not None
    return Advice(
        "the shortcode is registered",
        "" if known else "pesachama migrate (it registers MPESA_BUSINESS_SHORTCODE)",
        number,
    )


def paybill(wiring: Wiring, conn: Connection) -> Advice:
    """Daraja cannot be asked what is registered; but every payment, a push's too, is confirmed where it is."""
    last, money_came = overview.last_notice(conn, wiring.paybill_secret)
    what = "Safaricom confirms payments to the paybill here"
    if last is not None:
        return Advice(what, seen=f"last {nairobi.local(last):%d/%m/%Y} {nairobi.clock(last)}")
    fix = "pesachama register-urls (until then money sent straight to the paybill is not heard of)"
    return Advice(what, fix if money_came else "", "none has come yet")


def pulling(wiring: Wiring, conn: Connection) -> Advice:
    """Without Pull a payment that nobody tells us is found by a statement only."""
    what = "Pull lists what was paid"
    found = {one.number: one for one in pull.standings(conn)}.get(wiring.settings.mpesa_business_shortcode)
    if found is None:
        fix = "pesachama register-pull +2547..., with the nominated number of the shortcode's KYC"
        return Advice(what, fix if wiring.settings.production else "", "not registered")
    return Advice(what, seen=f"until {nairobi.local(found.reached_at):%d/%m/%Y} {nairobi.clock(found.reached_at)}")


def to_act_on(wiring: Wiring, conn: Connection) -> Iterator[Advice]:
    """What the rows say: callbacks that stay away, an initiator that is refused, money that stays unclear."""
    wrong = [Advice(alarm.name, alarm.fix, alarm.seen) for alarm in alarms.read(conn, wiring.now())]
    count, cents = watch.nobodys(conn, at=wiring.now(), after=timedelta(0))
    young = f"{count} payments, KES {print_kes(cents)}, are nobody's yet: the desk, Unmatched money" if count else ""
    yield from wrong or [Advice("callbacks come, and no money has waited too long", seen=young)]


def cache(wiring: Wiring) -> Iterator[Advice]:
    try:
        wiring.redis.ping()
        yield Advice("Redis answers")
    except redis.RedisError as error:
        yield Advice("Redis answers", "start it, or correct REDIS_URL", type(error).__name__)


def daraja(wiring: Wiring) -> Iterator[Advice]:
    """Of each shortcode with its own keys; a token moves nothing."""
    try:
        with wiring.transaction() as conn:
            ours = shortcodes.everyone(conn)
        for shortcode in ours:
            yield from speaks(wiring, shortcode)
    except (psycopg.Error, PoolTimeout):
        return


def speaks(wiring: Wiring, shortcode: Shortcode) -> Iterator[Advice]:
    first = shortcode.number == wiring.settings.mpesa_business_shortcode
    again = f"`pesachama shortcodes add {shortcode.number}` with those of the portal"
    try:
        keys = shortcodes.unlock(wiring, shortcode.id).keys
    except NoKeys:
        yield Advice(f"{shortcode.number} has credentials", again)
        return
    token = live_token(wiring, shortcode.id, keys)
    refused = token.code if isinstance(token, Rejected) else ""
    compare = "compare MPESA_CONSUMER_KEY, MPESA_CONSUMER_SECRET and MPESA_BASE_URL with the portal"
    yield Advice(f"Daraja gives {shortcode.number} a token", (compare if first else again) if refused else "", refused)
    name = "set MPESA_INITIATOR_NAME and MPESA_SECURITY_CREDENTIAL" if first else again
    yield Advice(f"Transaction Status can be asked for {shortcode.number}", "" if keys.may_ask_status else name)


def reachable(wiring: Wiring) -> Iterator[Advice]:
    """From here only: that the world can come in is for the first callback to show."""
    url = f"{wiring.public_url}/healthz"
    try:
        outbound.get_json(url)
        yield Advice("PUBLIC_URL leads to this gateway", seen=url)
    except OSError as error:
        fix = "start `pesachama serve`, and let the proxy pass PUBLIC_URL to it"
        yield Advice("PUBLIC_URL leads to this gateway", fix, type(error).__name__)


def at_home(wiring: Wiring) -> Iterator[Advice]:
    """What needs no server."""
    own = wiring.settings
    yield from premises.texting(own)
    yield from premises.spool(own)
    yield from premises.checkpoints(own)
    yield from premises.listening(own, os.environ)


def anchoring(wiring: Wiring) -> Iterator[Advice]:
    own = wiring.settings
    if own.chain == "off":
        return
    # Only here: without a chain nobody waits for its library.
    from ledger import chain  # noqa: PLC0415

    try:
        anchor = chain.Anchor(own.chain_rpc_url, own.chain_operator_key)
        wei = anchor.gas_money()
    except chain.ChainTrouble as trouble:
        yield Advice("the chain answers", "correct CHAIN_RPC_URL, or set CHAIN=off", str(trouble))
        return
    fix = "" if wei >= ENOUGH_WEI else f"send gas money to {anchor.account.address}"
    yield Advice("the operator can pay for gas", fix, f"{wei} wei")
