"""Brings the database up to this version: tables, the library's job tables, seasons, the first shortcode."""

import argparse
import sys

import psycopg

from gateway.commands import environment
from gateway.jobs import tables
from gateway.wiring import Wiring
from ledger import open_book, seasons
from ledger.wires import Connection
from migrations import runner
from payments import receipts, shortcodes


def arguments(parser: argparse.ArgumentParser) -> None:
    """Takes none."""


def run(_options: argparse.Namespace) -> int:
    wiring = environment.wiring("worker")
    try:
        done = bring_up_to_date(wiring)
    except psycopg.OperationalError as error:
        print(f"PostgreSQL does not do it ({error.sqlstate or 'no answer'}): `pesachama doctor` looks", file=sys.stderr)
        return 1
    except (runner.ChangedMigration, runner.NewerDatabase) as trouble:
        print(trouble, file=sys.stderr)
        return 1
    finally:
        wiring.close()
    print("\n".join(done) or "nothing to do")
    return 0


def bring_up_to_date(wiring: Wiring) -> list[str]:
    """Applies what is missing and returns one line for each; as the connecting user, who owns the tables."""
    url = wiring.settings.session_url
    done = [f"applied {name}" for name in runner.migrate(url, wiring.now())]
    tables.apply(url)
    with psycopg.connect(url) as conn:
        done += [f"opened season {number}" for number in seasons.open_ahead(conn, wiring.now())]
        rekeyed = receipts.rekey(conn, wiring.payers)
        done += [f"keyed {rekeyed} payers of receipts"] if rekeyed else []
        done += [f"registered shortcode {number}" for number in register_first_shortcode(conn, wiring)]
    return done


def register_first_shortcode(conn: Connection, wiring: Wiring) -> list[str]:
    """The shortcode of the settings with its book; further ones are rows that an operator adds."""
    number = wiring.settings.mpesa_business_shortcode
    if shortcodes.by_number(conn, number) is not None:
        return []
    book_id = open_book(conn, kind="shortcode", name=number, at=wiring.now())
    shortcodes.register(conn, number=number, kind="paybill", name="PesaChama", book_id=book_id)
    return [number]
