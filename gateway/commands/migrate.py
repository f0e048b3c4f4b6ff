"""Brings the database up to this version: our migrations, the library's job tables, this season and the next."""

import argparse

import psycopg

from gateway.commands import environment
from gateway.jobs import periodic
from gateway.wiring import Wiring
from ledger import seasons
from migrations import runner


def arguments(parser: argparse.ArgumentParser) -> None:
    """Takes none."""


def run(_options: argparse.Namespace) -> int:
    wiring = environment.wiring("worker")
    done = bring_up_to_date(wiring)
    wiring.close()
    print("\n".join(done) or "nothing to do")
    return 0


def bring_up_to_date(wiring: Wiring) -> list[str]:
    """Applies what is missing and returns one line for each; as the connecting user, who owns the tables."""
    url = wiring.settings.database_url
    done = [f"applied {name}" for name in runner.migrate(url, wiring.now())]
    periodic.apply_schema(url)
    with psycopg.connect(url) as conn:
        done += [f"opened season {number}" for number in seasons.open_ahead(conn, wiring.now())]
    return done
