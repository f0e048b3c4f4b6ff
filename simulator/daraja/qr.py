"""Dynamic QR: `/mpesa/qrcode/v1/generate`. Success is "00" here.

The picture is a real PNG that cannot be scanned: grey, with what the code would hold as its text chunk `Comment`.
"""

import base64
import re
import struct
import zlib

from aiohttp import web

from simulator.daraja import faults, ids, refusals
from simulator.daraja.refusals import invalid, word
from simulator.world import WORLD

KINDS = ("BG", "WA", "PB", "SM", "SB")
GREY = 128  # half way, so that nobody takes it for a code
LARGEST = 1000  # pixels a side


async def generate(request: web.Request) -> web.StreamResponse:
    world = request.app[WORLD]
    world.tokens.check(request.headers.get("Authorization", ""))
    body = await refusals.body_of(request)
    if word(body, "TrxCode") not in KINDS:
        invalid("TrxCode")
    if not re.fullmatch(r"[1-9]\d{0,8}", word(body, "Amount")):
        invalid("Amount")
    size = word(body, "Size")
    if not size.isdigit() or not 1 <= int(size) <= LARGEST:
        invalid("Size")
    held = "|".join(word(body, field) for field in ("MerchantName", "RefNo", "Amount", "TrxCode", "CPI"))
    fault = faults.refusal(world, world.outcomes.take("qr"))
    if fault:
        return fault
    return web.json_response(
        {
            "ResponseCode": "00",
            "RequestID": ids.conversation_id(world.chance, world.clock.now()),
            "ResponseDescription": "QR Code Successfully Generated.",
            "QRCode": base64.b64encode(picture(held, int(size))).decode(),
        }
    )


def picture(held: str, side: int) -> bytes:
    """A square PNG, 8-bit grey."""
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = (b"\x00" + bytes([GREY]) * side) * side
    comment = b"Comment\x00" + held.encode("latin-1", "replace")
    chunks = ((b"IHDR", header), (b"tEXt", comment), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
