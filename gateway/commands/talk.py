"""Holds a written conversation with a running gateway, and shows where it went otherwise than the file says."""

import argparse
import difflib
import sys
from pathlib import Path

from gateway import handsets
from menus import talks
from menus.phone import BadScreen


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="for example tests/talks/balance.en.talk")
    parser.add_argument("--gateway", default="", help="address of a gateway on this machine; the demo's when left out")
    parser.add_argument("--phone", default="", help="the number that dials, instead of the one in the file")


def run(options: argparse.Namespace) -> int:
    demo = handsets.running_demo()
    gateway = options.gateway or demo.get("gateway_url", "")
    if not gateway:
        print("No demo has been started here: give --gateway.", file=sys.stderr)
        return 1
    talk = talks.parse(options.file.read_text())
    phone = handsets.phone_at(gateway.rstrip("/"), options.phone or talk.phone, demo.get("ussd_code", "*384*123#"))
    try:
        went = talks.replay(talk, phone, forget=lambda: None)
    except (OSError, BadScreen) as trouble:
        print(f"No screen: {trouble}", file=sys.stderr)
        return 1
    written, held = talks.written(talk).splitlines(), talks.written(went).splitlines()
    difference = list(difflib.unified_diff(written, held, "as written", "as it went", lineterm=""))
    print("\n".join(difference or held))
    return 1 if difference else 0
