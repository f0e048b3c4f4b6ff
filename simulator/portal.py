"""`/control/urls` and its like: what a merchant does in Safaricom's portal, or by writing to Safaricom."""

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict, fields
from datetime import date, datetime, time
from typing import Any

from aiohttp import web

from simulator.clock import EAT
from simulator.control import body_of, number_in
from simulator.daraja.callbacks import shillings
from simulator.merchants import Merchant
from simulator.truth import Receipt
from simulator.world import WORLD, World

routes = web.RouteTableDef()

# What the portal shows of the utility account. Not verified: nobody has given us a file of it.
COLUMNS = (
    *("Receipt No.", "Completion Time", "Initiation Time", "Details", "Transaction Status", "Paid In", "Withdrawn"),
    *("Balance", "Balance Confirmed", "Reason Type", "Other Party Info", "Linked Transaction ID", "A/C No."),
)
DETAILS = {"payout": "Business Payment to", "reversal": "Reversal of", "transfer": "Business Pay Bill to"}
MOMENT = "%d-%m-%Y %H:%M:%S"


@routes.get("/control/urls")
async def urls(request: web.Request) -> web.Response:
    return web.json_response(_urls(request.app[WORLD]))


@routes.post("/control/urls")
async def manage_urls(request: web.Request) -> web.Response:
    """`{"delete": true}` forgets the C2B URLs; `{"validation": true}` switches external validation on."""
    world, body = request.app[WORLD], await body_of(request)
    if body.get("delete"):
        world.paybill.forget()
    if "validation" in body:
        world.paybill.switch_validation(bool(body["validation"]))
    return web.json_response(_urls(world))


@routes.post("/control/merchants")
async def add_merchant(request: web.Request) -> web.Response:
    """A further shortcode, with an app, a passkey and perhaps an initiator of its own."""
    world, body = request.app[WORLD], await body_of(request)
    world.merchants.add(Merchant(**{each.name: str(body.get(each.name, "")) for each in fields(Merchant)}))
    return web.json_response(_listed(world))


@routes.get("/control/merchants")
async def merchants(request: web.Request) -> web.Response:
    return web.json_response(_listed(request.app[WORLD]))


@routes.get("/control/statement")
async def statement(request: web.Request) -> web.Response:
    """The portal's statement as CSV, newest first: `?from=2026-11-20&to=2026-11-21`, whole days in EAT.

    `&shortcode=` is for another one than that of the settings.
    """
    world = request.app[WORLD]
    first, last = (date.fromisoformat(request.query.get(name, "")) for name in ("from", "to"))
    begins, ends = datetime.combine(first, time.min, EAT), datetime.combine(last, time.max, EAT)
    text = io.StringIO()
    writer = csv.writer(text)
    own = world.merchants.named(request.query.get("shortcode", ""))
    writer.writerow(["Organization:", own.name])
    writer.writerow(["Short Code:", own.shortcode])
    writer.writerow(["Time Period:", f"From {begins:{MOMENT}} To {ends:{MOMENT}}"])
    writer.writerow(COLUMNS)
    writer.writerows(_lines(world, own.shortcode, begins, ends))
    return web.Response(text=text.getvalue(), content_type="text/csv")


@routes.get("/control/certificate")
async def certificate(request: web.Request) -> web.Response:
    """PEM: a client encrypts the operator's password with it, as with the portal's."""
    return web.Response(text=request.app[WORLD].credentials.certificate, content_type="application/x-pem-file")


@routes.get("/control/initiator")
async def initiator(request: web.Request) -> web.Response:
    return web.json_response(_operator(request.app[WORLD]))


@routes.post("/control/initiator")
async def manage_initiator(request: web.Request) -> web.Response:
    """`{"locked": false}` unlocks, `{"roles": ["b2c", "status"]}` leaves it these roles only."""
    world, body = request.app[WORLD], await body_of(request)
    now = world.initiator.operator
    roles = body.get("roles", now.roles.split())
    if not isinstance(roles, list):
        raise ValueError("roles must be a list")
    world.initiator.set(locked=bool(body.get("locked", now.locked)), roles=[str(role) for role in roles])
    return web.json_response(_operator(world))


@routes.post("/control/subscriber")
async def subscriber(request: web.Request) -> web.Response:
    """`{"phone", "name", "registered"}`: what is left out stays. Somebody not registered can get no payout."""
    world, body = request.app[WORLD], await body_of(request)
    phone = world.phones.of(number_in(body))
    name = str(body.get("name") or phone.name)
    changed = world.phones.set(phone.number, name=name, registered=bool(body.get("registered", phone.registered)))
    return web.json_response(asdict(changed))


def _listed(world: World) -> list[dict[str, str]]:
    """Every shortcode with its name and till; no secrets."""
    return [{"shortcode": each.shortcode, "name": each.name, "till": each.till} for each in world.merchants.all()]


def _lines(world: World, shortcode: str, begins: datetime, ends: datetime) -> Iterator[list[str]]:
    for moved in reversed(world.truth.moved_between(begins, ends, shortcode)):
        at = f"{moved.at.astimezone(EAT):{MOMENT}}"
        amount, after = f"{shillings(moved.amount_cents)}", shillings(moved.utility_after_cents)
        if isinstance(moved, Receipt):
            party = f"{moved.phone.lstrip('+')} - {world.phones.of(moved.phone).name}"
            told = [f"Pay Bill from {party} Acc. {moved.reference}", "Completed", amount, ""]
            more = ["Pay Bill Online", party, "", moved.reference]
        else:
            if moved.charge_cents:
                # It left the account of charges: the balance of this one stays as it is.
                charge = [
                    f"Business Payment Charge to {moved.to}",
                    "Completed",
                    "",
                    f"-{shillings(moved.charge_cents)}",
                ]
                yield [moved.receipt, at, at, *charge, after, "true", "", moved.to, "", ""]
            told = [f"{DETAILS[moved.kind]} {moved.to}", "Completed", "", f"-{amount}"]
            linked = moved.reference if moved.kind == "reversal" else ""
            more = ["", moved.to, linked, ""]
        yield [moved.receipt, at, at, *told, after, "true", *more]


def _operator(world: World) -> dict[str, Any]:
    operator = world.initiator.operator
    about = {"name": world.settings.initiator, "locked": operator.locked, "failures": operator.failures}
    return about | {"roles": operator.roles.split()}


def _urls(world: World) -> dict[str, Any]:
    registered = world.paybill.registration
    about = {"mode": world.settings.c2b_mode, "validation": world.paybill.validates}
    return about | {"registration": asdict(registered) if registered else None}
