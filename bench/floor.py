"""The floors: Flask views that do the least that a turn, a dial or a callback cannot do without, and nothing else.

They use the same clients, the same pool and, for the commit, the same Lua as the product, with values as long as its.
"""

import os
from typing import Any

import redis
from flask import Flask, Response, request
from psycopg_pool import ConnectionPool

from gateway.ussd.sessions import COMMIT, KEEP_SECONDS, RESUME_SECONDS
from gateway.ussd.trails import LONGEST

# As long as what a turn stores: a member's state in the chama of the demo, where she may go on, and a screen.
STATE = "s" * 200
LEFT = "l" * 80
STEP = "t" * 120
SCREEN = "CON " + "x" * 90

app = Flask(__name__)
store = redis.Redis.from_url(os.environ["REDIS_URL"])
commit = store.register_script(COMMIT)
pool = ConnectionPool(os.environ["FLOOR_DATABASE_URL"], kwargs={"autocommit": True}, min_size=1, max_size=8, open=True)


@app.get("/healthz")
def empty() -> str:
    return "ok"


def step() -> Response:
    """One Redis read, one Lua commit."""
    name, text = f"floor:{request.form['sessionId']}", request.form["text"] or "-"
    left = f"floor-left:{request.form['phoneNumber']}"
    fields: list[Any] = [b"turn", b"state", text]
    found: list[Any] = store.hmget(name, fields)
    arguments: list[Any] = [found[0] or b"", text, STATE, SCREEN, KEEP_SECONDS, LEFT, RESUME_SECONDS, STEP, LONGEST]
    stored = commit(keys=[name, left, "floor-trail"], args=arguments)
    return Response(SCREEN if stored else "raced", content_type="text/plain; charset=utf-8")


@app.post("/ussd")
def turn() -> Response:
    return step()


@app.post("/dial")
def dial() -> Response:
    """The same, and two rows read in one transaction between them."""
    with pool.connection() as conn, conn.transaction():
        conn.execute("SELECT id, body FROM arrived WHERE id = %s", [1]).fetchone()
        conn.execute("SELECT id, body FROM arrived WHERE id = %s", [2]).fetchone()
    return step()


@app.post("/callback/<token>")
def callback(token: str) -> dict[str, Any]:  # noqa: ARG001
    """One row stored and committed."""
    with pool.connection() as conn:
        conn.execute("INSERT INTO arrived (body) VALUES (%s)", [request.get_data()])
    return {"ResultCode": 0, "ResultDesc": "Accepted"}
