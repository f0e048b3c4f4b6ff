"""The house with one of the worker's loops bound to a mortal wiring, up to where only that loop can go on."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg

import embedded.chain
from chamas.arriving import unmatched
from chamas.telling import preferences
from chamas.telling.preferences import Preferences
from gateway.commands.register_urls import register
from gateway.jobs import loops, work
from ledger.books import Draft, Line, post_all
from ledger.nairobi import local
from payments import pushes, reversals, shortcodes, spool
from payments.daraja.outcomes import Accepted
from payments.reconciliation import pull, statements
from payments.reconciliation.statements import Handed
from tests.drills.fuse import Death, Fuse, MortalWiring
from tests.drills.paying import PAYERS, order_for, pay_out, people_of
from tests.loop.test_unmatched import word
from tests.whole import MPESA_PIN, SHORTCODE, Seeded, Whole, running

CHAIN_OFF = (
    "pushes", "spool", "evidence", "inquiries", "texts", "expiries", "seals", "checkpoints", "rounds", "confirmations",
    "offers", "settlements", "returns", "pulls", "balances", "statements", "aging",
    "payouts", "payout questions", "disbursements", "letters",
)  # fmt: skip
CHAIN_ON = ("anchors", "sync")
# What comes one after the other on the way of one payment dies so in one house.
IN_TURN = (("spool", "evidence", "texts", "seals", "checkpoints", "confirmations"), CHAIN_ON)
# More statements than any batch has: a drill that never ends would be one that never lives.
STATEMENTS = 400
FORGIVEN = {
    "evidence": "UPDATE evidence SET tries = 0, due_at = received_at WHERE verdict = 'unread' AND tries > 0",
    "offers": "UPDATE suspense SET due_at = opened_at WHERE state = 'open'",
    "returns": "UPDATE reversals SET due_at = created_at WHERE state <> 'booked'",
    "settlements": "UPDATE settlements SET due_at = asked_at WHERE state = 'approved'",
}
NOT_CLAIMED = "SELECT FROM payment_attempts WHERE state = 'created'"
NOT_SENT = "SELECT FROM payouts WHERE state = 'ordered' AND tries = 0"
PAYING_OUT = ("payouts", "payout questions", "disbursements")


@dataclass
class Scene:
    """The house, one of its loops bound to a mortal wiring, and all the others but those whose turn comes later."""

    whole: Whole
    wiring: MortalWiring
    loop: loops.Loop
    others: list[loops.Loop]
    later: list[loops.Loop] = field(default_factory=list)

    def next_in_turn(self) -> None:
        """The loop that was in question is one of the others from now on, which bring work to the next one."""
        names = {self.loop.name, *(one.name for one in self.others)}
        self.others = [one for one in self.whole.loops if one.name in names]
        self.loop = self.later.pop(0)
        self.others_rest()

    def others_rest(self) -> None:
        """Lets everybody but the loop in question do what is due."""
        for _ in range(3):
            self.whole.simulator.advance(1)
            self.whole.refresh()
            loops.drain(self.others)

    def run_until_it_lives(self, step: int) -> int:
        """Dies at its first statement, then `step` later, and so on; returns at how many it came by alive."""
        waiting = iter(people_of(self))
        for statement in range(1, STATEMENTS, step):
            if self.loop.name == "pushes" and not self.whole.rows(NOT_CLAIMED):
                # A claim is not given back, so each death past it takes another member's wish.
                for person in islice(waiting, 1):
                    self.whole.ask_to_contribute(person)
                self.whole.simulator.advance(pushes.PROMPT_AFTER.total_seconds())
                self.whole.refresh()
            if self.loop.name == "payouts" and not self.whole.rows(NOT_SENT):
                order_for(self, members(self.whole)[:1], f"again-{statement}")
            self.wiring.fuse.light(statement)
            try:
                self.loop.work()
            except Death:
                self.is_forgiven()
                continue
            finally:
                self.wiring.fuse.light(None)
            return statement - 1
        raise AssertionError("it dies for ever")

    def is_forgiven(self) -> None:
        """Dying at every statement looks like poison to the rows in hand: each death is to be their first."""
        forgiven = FORGIVEN.get(self.loop.name)
        if forgiven:
            with psycopg.connect(self.whole.settings.database_url, autocommit=True) as conn:
                conn.execute(forgiven.encode())


@contextmanager
def scene(
    name: str,
    url: str,
    redis_url: str,
    folder: Path,
    seeded: Seeded,
    *,
    fuse: Fuse | None = None,
    later: Sequence[str] = (),
) -> Iterator[Scene]:
    """`later` are the names of loops that do nothing before it is their turn to be in question."""
    if name in CHAIN_ON:
        with embedded.chain.start(folder / "chain", durable=False) as chain:
            _, key = embedded.chain.funded_account(folder / "chain")
            changes = {"CHAIN": "on", "CHAIN_RPC_URL": chain.url, "CHAIN_OPERATOR_KEY": key}
            with running(url, redis_url, folder, seeded.people, **changes) as whole:
                yield from arranged((name, *later), whole, fuse or Fuse())
        return
    around = through_the_spool(folder / "spool") if name == "spool" else lambda app: app
    with running(url, redis_url, folder, seeded.people, around) as whole:
        yield from arranged((name, *later), whole, fuse or Fuse())


def arranged(names: Sequence[str], whole: Whole, fuse: Fuse) -> Iterator[Scene]:
    worker = whole.worker
    mortal = MortalWiring(worker.settings, "worker", worker.clock, worker.chance, fuse=fuse)
    try:
        at_hand = {one.name: one for one in work.loops(mortal)}
        loop, *later = [at_hand[name] for name in names]
        yield Scene(whole, mortal, loop, [one for one in whole.loops if one.name not in names], later)
    finally:
        mortal.close()


def through_the_spool(folder: Path) -> Callable[[Any], Any]:
    """Stores callbacks as the web process does while PostgreSQL is away."""

    def around(app: Any) -> Any:
        def answer(environ: dict[str, Any], start_response: Any) -> Any:
            prefix, _, token = environ["PATH_INFO"].rpartition("/")
            if prefix != "/pay/stk":
                return app(environ, start_response)
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            at = app.extensions["wiring"].now()
            spool.put(folder, source="stk_callback", token=token, body=body, headers={}, remote_ip=None, at=at)
            start_response("200 OK", [("Content-Type", "application/json")])
            return [b"{}"]

        return answer

    return around


def everybody_asks(at: Scene) -> None:
    for person in members(at.whole):
        at.whole.dial(person, "*384*123*1*500#")
        assert "M-PESA" in at.whole.press(person, "1")


def everybody_pays(at: Scene) -> None:
    for person in members(at.whole):
        if at.whole.prompt(person):
            at.whole.press(person, MPESA_PIN)


def members(whole: Whole) -> list[str]:
    """Those who pay."""
    return [person["name"] for person in whole.people if person["chama"] == "Umoja"][:PAYERS]


def bring_work(at: Scene) -> None:
    """Up to where only the loop in question can go on."""
    name = at.loop.name
    if name == "pushes":
        # With Safaricom's token at hand, a request leaves within few statements.
        at.whole.contribute(people_of(at)[-1])
        return
    if name == "rounds":
        closes_at = at.whole.value("SELECT closes_at FROM rounds WHERE state = 'active'")
        at.whole.simulator.advance((closes_at - at.wiring.now()).total_seconds() + 1)
        at.others_rest()
        return
    if name in ("offers", "settlements", "returns"):
        lose_money(at)
        return
    if name == "inquiries":
        at.whole.simulator.wish("pays_silently", phone="*", times=len(members(at.whole)))
    if name == "expiries":
        hold_for_everybody(at)
    if name == "letters":
        by_mail(at)
    if name == "pulls":
        # Nobody tells us of these payments but Pull.
        pull.register(at.whole.worker, SHORTCODE, at.whole.phone(members(at.whole)[0]))
        at.whole.simulator.wish("pays_silently", phone="*", times=len(members(at.whole)))
    everybody_asks(at)
    at.others_rest()
    everybody_pays(at)
    if name in PAYING_OUT:
        at.others_rest()
        pay_out(at)
        return
    if name in ("inquiries", "expiries"):
        at.whole.simulator.advance(25)
    at.others_rest()
    if name == "aging":
        let_evidence_age(at)
    if name == "statements":
        now = at.whole.worker.now()
        with at.whole.worker.transaction() as conn:
            (shortcode,) = shortcodes.everyone(conn)
            statements.hand_over(conn, shortcode.id, Handed(portal_statement(at)), at=now)


def let_evidence_age(at: Scene) -> None:
    """Everything that was told so far is half a year old."""
    with psycopg.connect(at.whole.settings.database_url, autocommit=True) as conn:
        conn.execute("UPDATE evidence SET received_at = received_at - interval '181 days'")


def portal_statement(at: Scene) -> bytes:
    """Of yesterday and today, as the portal exports it."""
    today = local(at.whole.worker.now()).date()
    where = {"from": str(today - timedelta(days=1)), "to": str(today)}
    return bytes(at.whole.simulator.http.get(f"{at.whole.simulator.url}/control/statement", params=where).content)


def by_mail(at: Scene) -> None:
    """Every member wants mail beside SMS, and push, for which nobody here has a device."""
    with at.whole.worker.transaction() as conn:
        for (user_id,) in conn.execute("SELECT id FROM users WHERE phone IS NOT NULL").fetchall():
            wanted = Preferences(email=f"member-{user_id}@mail.example", push=True)
            preferences.choose(conn, user_id, wanted, at=at.whole.worker.now())


def lose_money(at: Scene) -> None:
    """A stranger pays for Wanjiku, and a digit is wrong; for settlements two officials have agreed on it."""
    whole = at.whole
    assert isinstance(register(whole.worker, "v1", SHORTCODE), Accepted)
    (hers,) = whole.rows(
        "SELECT m.id, c.number || m.number AS account FROM chama_members m JOIN chamas c ON c.id = m.chama_id "
        "WHERE m.id = %s", whole.person("Wanjiku")["id"],
    )  # fmt: skip
    typed = f"{hers['account'][:4]}{(int(hers['account'][4]) + 1) % 10}{hers['account'][5:]}"
    whole.simulator.post("/control/paybill", phone=whole.phone("Daudi"), amount=300, account=typed)
    at.others_rest()
    if at.loop.name == "returns":
        with whole.worker.transaction() as conn:
            reversals.wish(conn, str(whole.value("SELECT receipt FROM suspense")), at=whole.worker.now())
    if at.loop.name == "settlements":
        asker, another = (
            whole.value("SELECT user_id FROM chama_members WHERE id = %s", whole.person(name)["id"])
            for name in ("Amina", "Baraka")
        )
        with whole.worker.transaction() as conn:
            receipt = str(whole.value("SELECT receipt FROM suspense"))
            wanted = unmatched.ask_credit(conn, receipt, hers["id"], by=asker, at=whole.worker.now())
            unmatched.decide(conn, wanted, word(conn, wanted, another, whole.worker.now()))


def hold_for_everybody(at: Scene) -> None:
    """A shilling on its way to every member of Umoja who has an account, held for twenty seconds."""
    accounts = at.whole.rows(
        "SELECT a.book_id, a.id AS hers, m.id AS opening FROM accounts a "
        "JOIN accounts m ON m.book_id = a.book_id AND m.code = 'opening' "
        "JOIN chamas c ON c.book_id = a.book_id AND c.name = 'Umoja' WHERE a.owner_member_id IS NOT NULL"
    )
    now, chance = at.whole.worker.now(), at.whole.worker.chance
    drafts = [
        Draft(
            one["book_id"],
            "promise",
            now,
            (Line(one["opening"], 100), Line(one["hers"], -100)),
            "drill",
            f"hold {one['hers']}",
            expires_at=now + timedelta(seconds=20),
        )
        for one in accounts
    ]
    with at.whole.worker.transaction() as conn:
        assert len(post_all(conn, drafts, at=now, chance=chance)) > 1


def finish(at: Scene) -> None:
    """Lets everybody rest, past the questions about unclear payments and the second try of an unclear SMS."""
    at.whole.settle()
    everybody_pays(at)
    for seconds in (25, 30, 60, 900, 60):
        at.whole.advance(seconds)
