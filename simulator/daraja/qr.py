"""Dynamic QR: `/mpesa/qrcode/v1/generate`. Success is "00" here.

The picture is a PNG that any scanner reads: name, reference, amount, kind and number, in that order between bars. What
Safaricom's own code holds is not published; M-PESA's app reads theirs, and not this one.
"""

import base64
import re
import struct
import zlib

import segno
from aiohttp import web

from simulator.daraja import faults, ids, refusals
from simulator.daraja.refusals import invalid, word
from simulator.world import WORLD

KINDS = ("BG", "WA", "PB", "SM", "SB")
QUIET = 4  # modules of white around a code, as ISO 18004 asks
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
    """A square PNG, 8-bit grey, with the code in its middle; smaller than one dot for each module cuts it off."""
    modules = segno.make_qr(held, error="m").matrix
    dots = max(1, side // (len(modules) + 2 * QUIET))
    margin = max(0, side - dots * len(modules)) // 2
    white = b"\xff" * side
    drawn = [
        (b"\xff" * margin + b"".join((b"\x00" if dark else b"\xff") * dots for dark in line)).ljust(side, b"\xff")[
            :side
        ]
        for line in modules
    ]
    lines = [white] * margin + [line for line in drawn for _ in range(dots)]
    rows = b"".join(b"\x00" + line for line in (*lines, *[white] * side)[:side])
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    comment = b"Comment\x00" + held.encode("latin-1", "replace")
    chunks = ((b"IHDR", header), (b"tEXt", comment), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
