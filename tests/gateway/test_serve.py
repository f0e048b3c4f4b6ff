"""The web process brings its own spool to PostgreSQL: the worker may run on another machine."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from psycopg import Connection

from gateway.commands import serve
from gateway.wiring import Wiring
from payments import spool
from tests.instruments import START
from tests.payments.door import soon


def test_what_this_machine_spooled_is_drained_without_a_worker(
    web_wiring: Wiring, conn: Connection[Any], tmp_path: Path
) -> None:
    wiring = replace(web_wiring, settings=replace(web_wiring.settings, spool_dir=str(tmp_path / "here")))
    folder = Path(wiring.settings.spool_dir)
    loops = serve.keep_drained(wiring)
    try:
        spool.put(folder, source="stk_callback", token="ab", body=b"{}", headers={}, remote_ip=None, at=START)
        soon(lambda: conn.execute("SELECT TRUE FROM evidence WHERE body = '{}'").fetchone())
        soon(lambda: spool.waiting(folder) == 0)
    finally:
        loops.stop()
        wiring.close()
