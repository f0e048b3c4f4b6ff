"""A mail server that keeps what it is given (RFC 5321, as far as senders go): for tests and for the demo's members."""

import asyncio
import email
import email.policy
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from simulator.ground import Ground
from simulator.outcomes import Outcomes
from simulator.store import Shelf

# A letter of ours is a few hundred bytes; what never ends is cut off.
LONGEST = 1_000_000
# Real seconds that a silent sender is waited for.
PATIENCE_SECONDS = 30


@dataclass(frozen=True)
class Mail:
    """One letter in the box of `to`; `message_id` is the sender's."""

    number: int
    sender: str
    to: str
    subject: str
    text: str
    message_id: str
    at: datetime


class MailServer:
    def __init__(self, ground: Ground, outcomes: Outcomes) -> None:
        self._shelf = Shelf(ground.store, "mails", Mail)
        self._clock, self._outcomes, self._port = ground.clock, outcomes, ground.settings.mail_port
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._hear, "127.0.0.1", self._port, limit=LONGEST)

    async def close(self) -> None:
        if self._server:
            self._server.close()

    @property
    def url(self) -> str:
        if self._server is None:
            raise RuntimeError("open() comes first")
        return f"smtp://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def of(self, address: str | None) -> list[dict[str, Any]]:
        """Oldest first; everybody's when `address` is None."""
        return [asdict(mail) | {"at": mail.at.isoformat()} for mail in self._shelf if address in (None, mail.to)]

    def clear(self) -> None:
        self._shelf.clear()

    async def _hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._converse(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            pass  # a sender that goes away is no trouble of the server's
        finally:
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sender, receivers = "", list[str]()
        _say(writer, "220 simulator ESMTP")
        while line := (await reader.readline()).decode("utf-8", "replace").strip():
            verb, _, rest = line.partition(" ")
            match verb.upper():
                case "EHLO" | "HELO":
                    _say(writer, "250-simulator", "250 8BITMIME")
                case "MAIL":
                    sender, receivers = _address(rest), []
                    _say(writer, "250 sender ok")
                case "RCPT":
                    refused = self._outcomes.take("mail", None, ("refused", "later"))
                    if refused is None:
                        receivers.append(_address(rest))
                    _say(writer, {"refused": "550 no such box", "later": "451 later"}.get(refused or "", "250 ok"))
                case "DATA":
                    _say(writer, "354 go on")
                    self._keep(sender, receivers, await reader.readuntil(b"\r\n.\r\n"))
                    if self._outcomes.take("mail", None, ("answer_lost",)):
                        return
                    _say(writer, "250 taken")
                case "QUIT":
                    _say(writer, "221 bye")
                    return
                case "RSET" | "NOOP":
                    _say(writer, "250 ok")
                case _:
                    _say(writer, "502 not here")

    def _keep(self, sender: str, receivers: list[str], letter: bytes) -> None:
        plain = letter.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")
        read = email.message_from_bytes(plain, policy=email.policy.default)
        body = read.get_body(("plain",))
        text = body.get_content().strip() if body else ""
        for to in receivers:
            number = max((mail.number for mail in self._shelf), default=0) + 1
            found = Mail(number, sender, to, str(read["Subject"]), text, str(read["Message-ID"]), self._clock.now())
            self._shelf.put(str(number), found)


def _say(writer: asyncio.StreamWriter, *lines: str) -> None:
    writer.write("".join(f"{line}\r\n" for line in lines).encode())


def _address(rest: str) -> str:
    """`FROM:<a@b> SIZE=1` is `a@b`."""
    return rest.partition("<")[2].partition(">")[0]
