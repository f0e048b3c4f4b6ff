"""A phone in this terminal: dials a code and asks for keys until the session ends.

With a demo running here the phone is one of the simulator's, and after the session its M-PESA prompt can be answered.
With --gateway the turns go straight to that gateway, as from Africa's Talking.
"""

import argparse
import sys

from gateway import handsets, outbound
from menus.phone import BadScreen, Phone


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: pesachama dial '*384*123#' --phone +254700000005"
    parser.add_argument("code", type=handsets.a_code, help="like '*384*123#', or '*384*123*1*500#' to dial ahead")
    parser.add_argument("--phone", type=handsets.a_number, required=True, help="the number that dials, +2547...")
    place = parser.add_mutually_exclusive_group()
    for name, about in (
        ("--simulator", "address of the simulator; the running demo's when left out"),
        ("--gateway", "address of a gateway on this machine, instead of the simulator"),
    ):
        place.add_argument(name, type=handsets.an_address, help=about)


def run(options: argparse.Namespace) -> int:
    try:
        phone = chosen(options)
        show(phone.dial(options.code))
        while phone.open:
            show(phone.press(ask("> ")))
        if isinstance(phone, handsets.SimulatedPhone):
            answer_prompt(phone)
    except (EOFError, KeyboardInterrupt):
        print()
    except OSError as trouble:
        where = options.gateway or options.simulator or "the demo that was started here"
        print(f"No screen from {where}: {outbound.why_not(trouble)}. Is it running?", file=sys.stderr)
        return 2
    except (ValueError, BadScreen) as trouble:
        print(f"No screen: {trouble}", file=sys.stderr)
        return 2
    return 0


def answer_prompt(phone: handsets.SimulatedPhone) -> None:
    """M-PESA asks a moment after the session; a PIN typed too early may be typed again."""
    while pin := ask("M-PESA PIN, or Enter to leave it: "):
        try:
            show(phone.press(pin))
            return
        except OSError:
            show("M-PESA asks nothing on this phone now.")


def chosen(options: argparse.Namespace) -> Phone | handsets.SimulatedPhone:
    """The phone that the options ask for. Raises ValueError when they name none and no demo is running here."""
    demo = handsets.running_demo()
    if options.gateway:
        stem = "*".join(options.code.rstrip("#").split("*")[:3])
        return handsets.phone_at(options.gateway, options.phone, demo.get("ussd_code", f"{stem}#"))
    simulator = options.simulator or demo.get("simulator_url", "")
    if not simulator:
        raise ValueError("no demo has been started here: give --simulator or --gateway")
    return handsets.SimulatedPhone(simulator.rstrip("/"), options.phone)


def ask(prompt: str) -> str:
    """One line from the terminal."""
    return input(prompt).strip()


def show(screen: str) -> None:
    """The screen, set off from the keys."""
    print("\n" + "\n".join(f"    {line}" for line in screen.split("\n")) + "\n")
