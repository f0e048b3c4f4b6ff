"""Randomised sessions under trouble end as the same sessions do without any: nothing twice, nothing by itself.

Each round a member with a wish dials twice over: once in peace, once while the network repeats, races, reorders and
cuts her turns and Redis forgets, answers late or not at all. She does what people do: she reads the screen and presses
what leads to her wish. What stands in PostgreSQL afterwards must be the same, a repeated turn must have been told the
same, and everything said once more, in any order, must change nothing.
"""

import itertools
import random
import re
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
import redis
from flask import Flask
from psycopg import Connection

from chamas import pins
from gateway.app import create_app
from gateway.ussd.sessions import Sessions
from gateway.wiring import Wiring
from menus.phone import look_at
from tests.instruments import START, SeededChance
from tests.menus import village

# More turns than any wish takes, with every kind of trouble on the way.
PATIENCE = 60
PEACEFUL, TROUBLED = 4, 6
PIN, REDIAL = "73519", "dials again"
OPTION = re.compile(r"^(\d+) ", re.MULTILINE)

# Where a key does something: who only looks goes back.
DOES = ("1 Kiswahili", "CHAMA PIN", "1 Yes", "How much did you give", "1 Let in")

ids = itertools.count(1)


@dataclass(frozen=True)
class Wish:
    """What she wants: `pay` or `decide` against it, confirm `cash`, another `language`, or to `look` around."""

    kind: str
    shillings: int = 0
    steps: int = 0
    seed: int = 0

    @classmethod
    def drawn(cls, dice: random.Random) -> "Wish":
        return cls(
            dice.choice(("pay", "pay", "pay", "decide", "cash", "language", "look", "look")),
            dice.choice((10, 50, 500, 1_234, 250_000)),
            dice.randint(1, 7),
            dice.getrandbits(32),
        )


@dataclass
class Member:
    """One person with one wish. `presses` counts her steps while she looks around; `decided`: she has said no."""

    wish: Wish
    presses: int = 0
    decided: bool = False

    def answer(self, screen: str) -> str | None:
        """What she presses; None when she has what she wanted, or gives it up."""
        if "You were cut off" in screen or "lost the place" in screen:
            return REDIAL if screen.startswith("END") else "89"[self.wish.seed % 2]
        if (
            screen.startswith("END")
            or "still waiting for M-PESA" in screen
            or "1 Changa" in screen
            or "No request" in screen
        ):
            return None
        if self.wish.kind == "look":
            return self._look(screen)
        if "CON Pay KES" in screen and self.wish.kind == "decide":
            self.decided = True
            return "2"
        asks_how_much = "type another amount" in screen or "Type an amount" in screen
        if asks_how_much and self.decided:
            return None
        keys = {
            "1 Contribute": {"pay": "1", "decide": "1", "cash": "4", "language": "6"}[self.wish.kind],
            "Cash to confirm": "2",
            "1 Cash of": "1",
            "Type your CHAMA PIN": PIN,
            "How much did you give": str(self.wish.shillings),
            "1 Language": "1",
            "1 Kiswahili": "1",
        }
        if self.wish.kind in ("pay", "decide"):
            keys |= {"CON Pay KES": "1", "mount": str(self.wish.shillings)}
        # Somewhere else: she begins again.
        return next((pressed for sign, pressed in keys.items() if sign in screen), "00")

    def _look(self, screen: str) -> str | None:
        """Wherever a screen leads that only reads: paying is said no to, and the language stays."""
        if self.presses >= self.wish.steps:
            return None
        self.presses += 1
        if screen.startswith("CON Pay KES"):
            return "2"
        if any(sign in screen for sign in DOES):
            return "0"
        dice = random.Random(f"{self.wish.seed} {self.presses}")
        keys = set(OPTION.findall(screen)) - ({"3"} if "3 By SMS" in screen else set())
        return dice.choice([*sorted(keys), "0", "00", "7", "*", "12", "77"])


@dataclass
class Line:
    """The way between a phone and us; every answer by its turn."""

    app: Flask
    phone: str
    told: dict[tuple[str, str], str] = field(default_factory=dict)

    def post(self, session: str, text: str) -> str:
        fields = {"sessionId": session, "serviceCode": "*384*123#", "phoneNumber": self.phone}
        answer = self.app.test_client().post("/ussd", data={**fields, "networkCode": "99999", "text": text})
        assert answer.status_code == 200
        screen = answer.get_data(as_text=True)
        look_at(screen)
        assert "say " not in screen, f"broken: {screen}"
        return screen

    def turn(self, session: str, text: str) -> str:
        self.told[session, text] = screen = self.post(session, text)
        return screen


@dataclass
class Trouble:
    """What happens between two turns."""

    line: Line
    store: "redis.Redis"
    dice: random.Random
    threads: ThreadPoolExecutor

    def around(self, session: str, text: str) -> str:
        """One turn with what the network makes of it; the screen that the phone shows in the end."""
        happens = self.dice.random()
        if happens < 0.15:
            shown = {*self.threads.map(lambda _copy: self.line.post(session, text), range(2))}
            assert len(shown) == 1, shown
            self.line.told[session, text] = screen = shown.pop()
            return screen
        screen = self.line.turn(session, text)
        if happens < 0.35:
            assert self.line.post(session, text) == screen
        elif happens < 0.45:
            late = self.dice.choice([turn for turn in self.line.told if turn[0] == session])
            self.line.post(*late)
        elif happens < 0.55:
            self.store.flushall()
            self.line.post(session, text)
        elif happens < 0.65:
            self.store.flushall()
        return screen


def hold(member: Member, turn: Callable[[str, str], str], cut: Callable[[], bool]) -> None:
    """She dials until she has what she wanted, and anew whenever she is cut off."""
    session, text, screen = "", "", ""
    for _turn in range(PATIENCE):
        if not session:
            session, text = f"ATUid_{next(ids):032x}", ""
            screen = turn(session, text)
        keys = member.answer(screen)
        if keys is None:
            return
        if keys == REDIAL or cut():
            session = ""
            continue
        text = f"{text}*{keys}" if text else keys
        screen = turn(session, text)
    raise AssertionError(f"she gave up on {member.wish} at {screen!r}")


@dataclass
class World:
    """Where both sessions of a round are held."""

    app: Flask
    conn: Connection[Any]
    store: "redis.Redis"
    settled: village.Village
    threads: ThreadPoolExecutor
    away: random.Random | None = None
    # The last claim of cash before this round.
    claimed: int = 0

    def effects(self, place: int) -> Mapping[str, Any]:
        """What stands in the books' neighbourhood because of one member, and is then made undone."""
        user_id = self.settled.users[place - 1]
        wished = self.conn.execute(
            "SELECT i.amount_cents, a.state FROM payment_intents i JOIN payment_attempts a ON a.intent_id = i.id "
            "WHERE i.payer_id = %s AND a.state <> 'failed_final' ORDER BY i.id",
            [user_id],
        ).fetchall()
        done = self.conn.execute(
            # To say the same amount once more, after a drop, changes nothing: what follows from it is in `cash`.
            "SELECT action, count(*) FROM ussd_actions WHERE user_id = %s "
            "AND action NOT IN ('asked again', 'cash.say') GROUP BY action ORDER BY action",
            [user_id],
        ).fetchall()
        language = self.conn.execute("SELECT language FROM users WHERE id = %s", [user_id]).fetchone()
        cash = self.conn.execute(
            "SELECT c.state, c.said_cents, sum(p.amount_cents) FROM cash_claims c LEFT JOIN postings p "
            "ON (p.book_id, p.seq) = (c.book_id, c.seq) AND p.amount_cents < 0 "
            "WHERE c.member_id = %s AND c.id > %s GROUP BY c.id",
            [self.settled.members[place - 1], self.claimed],
        ).fetchall()
        return {"wished": wished, "done": done, "language": language, "cash": cash}

    def begin_again(self, wish: Wish) -> None:
        self.away = None
        self.claimed = village.one(self.conn, "SELECT coalesce(max(id), 0) FROM cash_claims", [])
        self.conn.execute("UPDATE cash_claims SET state = 'withdrawn' WHERE state = 'recorded'")
        if wish.kind == "cash":
            places = (PEACEFUL, TROUBLED)
            village.cash_given(self.conn, self.settled, START, places=places, cents=wish.shillings * 100)
        self.conn.execute(
            # Only what this round left: each row that is written is also a row in the log of changes.
            "UPDATE payment_attempts SET state = 'failed_final', due_at = NULL WHERE state <> 'failed_final'"
        )
        self.conn.execute("DELETE FROM ussd_actions")
        self.conn.execute("UPDATE users SET language = 'en' WHERE language <> 'en'")
        self.store.flushall()

    def round(self, seed: int) -> None:
        dice = random.Random(seed)
        wish = Wish.drawn(dice)
        self.begin_again(wish)
        calm = Line(self.app, village.phone_of(PEACEFUL))
        hold(Member(wish), calm.turn, lambda: False)
        peaceful = self.effects(PEACEFUL)
        line = Line(self.app, village.phone_of(TROUBLED))
        trouble = Trouble(line, self.store, dice, self.threads)
        self.away = random.Random(seed)
        hold(Member(wish), trouble.around, lambda: dice.random() < 0.08)
        assert self.effects(TROUBLED) == peaceful, f"seed {seed}: {wish}"
        self.away = None
        replayed = [*line.told] * 2
        dice.shuffle(replayed)
        for number, turn in enumerate(replayed):
            if number % 3 == 0:
                self.store.flushall()
            line.post(*turn)
        assert self.effects(TROUBLED) == peaceful, f"seed {seed}: a replay did something"


@pytest.fixture
def world(
    web_wiring: Wiring, conn: Connection[Any], redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    settled = village.settle(conn, START, paid=(1, 2), languages=("en",))
    for place in (PEACEFUL, TROUBLED):
        user_id = settled.users[place - 1]
        pins.set_pin(
            conn, user_id, PIN, phone=None, pepper=web_wiring.settings.pin_pepper, at=START, chance=SeededChance()
        )
    with redis.Redis.from_url(redis_url) as store, ThreadPoolExecutor(2) as threads:
        built = World(create_app(web_wiring), conn, store, settled, threads)
        commit = Sessions.commit

        def away_at_times(*given: Any, **named: Any) -> bool:
            """Redis does not answer, before it stored or after."""
            happens = built.away.random() if built.away else 1
            if happens < 0.02:
                raise redis.TimeoutError
            stored = commit(*given, **named)
            if happens < 0.04:
                raise redis.TimeoutError
            return stored

        monkeypatch.setattr(Sessions, "commit", away_at_times)
        yield built


def test_thirty_sessions_in_trouble_end_as_in_peace(world: World) -> None:
    for seed in range(30):
        world.round(seed)


@pytest.mark.long
@pytest.mark.parametrize("part", range(10))
def test_ten_thousand_sessions_in_trouble_end_as_in_peace(world: World, part: int) -> None:
    for seed in range(1_000 * (part + 1), 1_000 * (part + 2)):
        world.round(seed)
