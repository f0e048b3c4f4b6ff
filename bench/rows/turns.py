"""USSD turns over HTTP: those that need no PostgreSQL, dials, the choice of server, and the npm peer."""

import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from bench import load
from bench.load import Sample
from bench.pairs import Effort, Measure, Result, calm, compared
from bench.stage import Stage
from gateway.ussd.turns import Turn

CODE, NETWORK = "*384*123#", "99999"
# Sessions dialled for each second of load, more than it steps through in twelve turns each.
SESSIONS_PER_SECOND = 512
# Apart far enough that two samples never use the same session.
APART = 1_000_000


@dataclass(frozen=True)
class Walk:
    """Answers that lead round and round: `first` once, then `others` again and again, through screens without SQL."""

    first: str
    others: tuple[str, ...]

    @property
    def answers(self) -> list[str]:
        return [self.first, *self.others]

    @property
    def texts(self) -> list[str]:
        """One text that leads to each of the screens."""
        return ["*".join(self.answers[: number + 1]) for number in range(len(self.answers))]


# More, then Help and back, Language and back.
OURS = Walk("6", ("3", "0", "1", "0"))
PEERS = Walk("6", ("2", "0", "1", "0"))


def stepping(stage: Stage, effort: Effort) -> Result:
    return compared(
        effort,
        title="USSD turn without PostgreSQL",
        unit="turns/s",
        against="Flask, one Redis read, one Lua commit",
        least=0.7,
        ours=_steps(stage, stage.product(), effort),
        other=_undialled_steps(stage, stage.floor(), OURS, effort),
    )


def stepping_calmly(stage: Stage, effort: Effort) -> Result:
    def steps(per_second: int) -> Sample:
        return _steps(stage, stage.product(), effort, per_second)()

    return calm(effort, title="USSD turn, p99 at 1,000 turns/s", per_second=1_000, most_ms=50, measure=steps)


def beside_the_peer(stage: Stage, effort: Effort) -> Result:
    return compared(
        effort,
        title="USSD turn without PostgreSQL, beside npm",
        unit="turns/s",
        against="ussd-menu-builder on Express, sessions in Redis",
        least=1.0,
        ours=_steps(stage, stage.product(), effort),
        other=_undialled_steps(stage, stage.peer(), PEERS, effort),
    )


def under_gunicorn(stage: Stage, effort: Effort) -> Result:
    return compared(
        effort,
        title="The same turn under granian, beside gunicorn",
        unit="turns/s",
        against="gunicorn gthread, one process, 8 threads",
        ours=_steps(stage, stage.product(), effort),
        other=_steps(stage, stage.product_under_gunicorn(), effort),
    )


def doing_nothing(stage: Stage, effort: Effort) -> Result:
    return compared(
        effort,
        title="Nearly empty view (`/healthz`): log, headers, routing",
        unit="requests/s",
        against="empty Flask view",
        ours=_plain(f"{stage.product()}/healthz", effort),
        other=_plain(f"{stage.floor()}/healthz", effort),
    )


def dialling(stage: Stage, effort: Effort) -> Result:
    return compared(
        effort,
        title="First dial: a member's home, which reads PostgreSQL",
        unit="dials/s",
        against="Flask, one Redis read, two SELECTs in a transaction, one Lua commit",
        ours=_dials(stage, f"{stage.product()}/ussd", effort),
        other=_dials(stage, f"{stage.floor()}/dial", effort),
    )


def dialling_calmly(stage: Stage, effort: Effort) -> Result:
    def dials(per_second: int) -> Sample:
        return _dials(stage, f"{stage.product()}/ussd", effort, per_second)()

    return calm(effort, title="First dial, p99 at 300 dials/s", per_second=300, most_ms=100, measure=dials)


def _steps(stage: Stage, url: str, effort: Effort, per_second: int | None = None) -> Measure:
    """Turns of sessions that were dialled before the load began."""
    walked = _walked(stage, url, OURS, effort, per_second)

    def measure() -> Sample:
        first = stage.numbers(APART)
        dial_beforehand(stage, range(first, first + SESSIONS_PER_SECOND * effort.seconds))
        return walked(first)

    return measure


def _undialled_steps(stage: Stage, url: str, walk: Walk, effort: Effort) -> Measure:
    """The same load on a server that knows no dial: its sessions begin with their first answer."""
    walked = _walked(stage, url, walk, effort)
    return lambda: walked(stage.numbers(APART))


def _walked(
    stage: Stage, url: str, walk: Walk, effort: Effort, per_second: int | None = None
) -> Callable[[int], Sample]:
    """Load that steps sessions counted from the number it is given."""
    right = screens(f"{url}/ussd", stage.english_phones(), walk.texts)

    def load_from(first: int) -> Sample:
        sessions = SESSIONS_PER_SECOND * effort.seconds
        arguments = [first, sessions, _digits(stage), ",".join(walk.answers), *right]
        return load.run(f"{url}/ussd", "turns", arguments, seconds=effort.seconds, per_second=per_second)

    return load_from


def _dials(stage: Stage, url: str, effort: Effort, per_second: int | None = None) -> Measure:
    stage.forget_cut_off()
    right = screens(url, stage.english_phones(), [""])

    def measure() -> Sample:
        arguments = [stage.numbers(APART), _digits(stage), *right]
        return load.run(url, "dials", arguments, seconds=effort.seconds, per_second=per_second)

    return measure


def _plain(url: str, effort: Effort) -> Measure:
    with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
        right = answer.read().decode()
    return lambda: load.run(url, "plain", [right], seconds=effort.seconds)


def _digits(stage: Stage) -> str:
    return ",".join(phone.lstrip("+") for phone in stage.english_phones())


def dial_beforehand(stage: Stage, numbers: Iterable[int]) -> None:
    """Opens these sessions as the gateway's own turns do, without HTTP."""
    turns, phones = stage.turns, stage.english_phones()
    stage.forget_cut_off()

    def dial(number: int) -> None:
        # The same phone as in turns.lua, which counts them alike.
        answered = turns.answer(Turn(f"bench-{number}", phones[number % len(phones)], NETWORK, ""))
        if answered.way != "new":
            raise RuntimeError(f"a dial was {answered.way}")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(dial, numbers))


def screens(url: str, phones: Iterable[str], texts: Iterable[str]) -> set[str]:
    """Every answer to these texts, each said by each phone in a session of its own."""
    return {screen(url, phone, text) for phone in phones for text in texts}


def screen(url: str, phone: str, text: str) -> str:
    """One turn over HTTP."""
    session = f"probe-{phone}-{text}-{url}"[:100]
    fields = {"sessionId": session, "serviceCode": CODE, "phoneNumber": phone, "networkCode": NETWORK, "text": text}
    with urllib.request.urlopen(url, urllib.parse.urlencode(fields).encode(), timeout=10) as answer:  # noqa: S310
        shown: str = answer.read().decode()
    if not shown.startswith("CON "):
        raise load.Void(f"{url} answers {shown!r}")
    return shown
