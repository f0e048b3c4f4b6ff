"""`python -m simulator`: Safaricom's Daraja, Africa's Talking and phones, on 127.0.0.1 only.

Every option can be given as SIM_ and its name in capitals (SIM_PASSKEY, SIM_CONSUMER_SECRET, SIM_AT_API_KEY,
SIM_USSD_SECRET, SIM_PORT, SIM_GATEWAY_URL, SIM_STATE_DIR, SIM_SEED, ...); secrets belong there, since `ps` shows a
command line to everybody. The command line wins. docs/simulator.md and `GET /outcomes` explain
what can be made to happen.
"""

import logging
import socket
import sys

from aiohttp import web

from simulator import app, settings


def main() -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    told = settings.read(sys.argv[1:])
    listener = socket.create_server(("127.0.0.1", told.port), backlog=512)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    print(f"simulator {url}", flush=True)  # noqa: T201 - the one line that tells a parent the port
    # No access log: USSD answers and phone numbers would stand in it.
    web.run_app(app.make(told), sock=listener, access_log=None, print=None, shutdown_timeout=1)


if __name__ == "__main__":
    main()
