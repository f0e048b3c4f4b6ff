"""Holds a written conversation with a running gateway, and shows where it went otherwise than the file says."""

import argparse
import difflib
import sys
from pathlib import Path

from gateway import handsets, outbound
from menus import talks
from menus.phone import BadScreen


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = "example: pesachama talk tests/talks/stranger.both.talk"
    parser.add_argument("talk", metavar="FILE", type=a_talk, help="how one is written: tests/talks/README.md")
    parser.add_argument(
        "--gateway",
        type=handsets.an_address,
        help="address of a gateway on this machine; the demo's when left out",
    )
    parser.add_argument("--phone", type=handsets.a_number, help="the number that dials, instead of the one in the file")


def a_talk(name: str) -> talks.Talk:
    """The talk in a file, as an argument; raises ArgumentTypeError."""
    try:
        return talks.parse(Path(name).read_text())
    except OSError as trouble:
        raise argparse.ArgumentTypeError(f"{name} cannot be read: {trouble.strerror}") from None
    except ValueError as trouble:  # of BadTalk, or not even text
        reason = trouble if isinstance(trouble, talks.BadTalk) else "not text"
        raise argparse.ArgumentTypeError(f"{name} is no talk: {reason}") from None


def run(options: argparse.Namespace) -> int:
    demo = handsets.running_demo()
    gateway, talk = options.gateway or demo.get("gateway_url", ""), options.talk
    if not gateway:
        print("No demo has been started here: give --gateway.", file=sys.stderr)
        return 2
    phone = handsets.phone_at(gateway, options.phone or talk.phone, demo.get("ussd_code", "*384*123#"))
    phone.network = talk.network
    try:
        went = talks.replay(talk, phone, forget=lambda: None)
    except OSError as trouble:
        print(f"No screen from {gateway}: {outbound.why_not(trouble)}. Is it running?", file=sys.stderr)
        return 2
    except (ValueError, BadScreen) as trouble:
        print(f"No screen: {trouble}", file=sys.stderr)
        return 2
    written, held = talks.written(talk).splitlines(), talks.written(went).splitlines()
    difference = list(difflib.unified_diff(written, held, "as written", "as it went", lineterm=""))
    print("\n".join(difference or held))
    return 1 if difference else 0
