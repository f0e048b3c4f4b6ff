"""The seasons of the books: lists them, puts an old one away, brings it back. Needs the owner of the tables."""

import argparse

import psycopg

from gateway.commands import environment
from gateway.wiring import Wiring
from ledger import archive, nairobi
from ledger.refusals import Refusal


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", nargs="?", choices=("list", "archive", "attach"), default="list")
    parser.add_argument("season", nargs="?", type=int, help="its number, for example 20162")


def run(options: argparse.Namespace) -> int:
    wiring = environment.wiring("worker")
    try:
        if options.what != "list" and options.season is None:
            print("say which season, for example: pesachama seasons archive 20162")
            return 2
        # Not over the pool: its connections take on the worker's role, which owns no table.
        with psycopg.connect(wiring.settings.database_url, autocommit=True) as conn:
            if options.what == "archive":
                archive.archive(conn, options.season, at=wiring.now())
            elif options.what == "attach":
                with conn.transaction():
                    archive.attach(conn, options.season)
            show(wiring, conn)
    except Refusal as refusal:
        print(f"FIX {refusal}")
        return 1
    finally:
        wiring.close()
    return 0


def show(wiring: Wiring, conn: psycopg.Connection) -> None:
    """One line for each season."""
    for season in archive.all_seasons(conn):
        state = "archived" if season.archived_at else "over" if season.closes_at <= wiring.now() else "open"
        trouble = "" if season.attached or season.archived_at else ", WITHOUT its partitions"
        print(f"{season.number} from {nairobi.local(season.opens_at):%d %b %Y}: {state}{trouble}")
