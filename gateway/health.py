"""For the platform: is the process alive, is it ready for work, and figures for Prometheus."""

import logging
from pathlib import Path

import psycopg
import redis
from flask import Blueprint, Response, abort, jsonify
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from psycopg_pool import PoolTimeout

from gateway import depths, log
from gateway.here import from_this_machine, wiring
from migrations import runner
from payments import spool

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def healthz() -> Response:
    """The process answers; says nothing of what stands behind it."""
    return jsonify(alive=True)


@bp.get("/readyz")
def readyz() -> tuple[Response, int]:
    """PostgreSQL and Redis answer and the schema fits this version."""
    parts = {"postgresql": database_fits(), "redis": redis_answers()}
    return jsonify(ready=all(parts.values()), **parts), 200 if all(parts.values()) else 503


def database_fits() -> bool:
    try:
        with wiring().transaction() as conn:
            return not runner.pending(conn)
    except (psycopg.Error, PoolTimeout, runner.ChangedMigration, runner.NewerDatabase):
        return False


def redis_answers() -> bool:
    try:
        return bool(wiring().redis.ping())
    except redis.RedisError:
        return False


@bp.get("/metrics")
def metrics() -> Response:
    """Prometheus text; from this machine only, because depths tell a stranger how busy a village is.

    Answers while PostgreSQL is away: without the depths that it knows, and with a gauge that says so.
    """
    if not from_this_machine():
        abort(404)
    registry = CollectorRegistry()
    up = Gauge("pesachama_up", "Whether it answers", ["part"], registry=registry)
    depth = Gauge("pesachama_depth", "Rows that wait", ["queue"], registry=registry)
    waiting = rows_that_wait()
    up.labels("postgresql").set(waiting is not None)
    up.labels("redis").set(redis_answers())
    depth.labels("callbacks_spooled").set(spool.waiting(Path(wiring().settings.spool_dir)))
    for queue, rows in (waiting or {}).items():
        depth.labels(queue).set(rows)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def rows_that_wait() -> dict[str, int] | None:
    """By queue; None while PostgreSQL does not answer."""
    try:
        with wiring().counting() as conn:
            return depths.read(conn)
    except (psycopg.OperationalError, PoolTimeout) as away:
        log.line("depths not read", level=logging.WARNING, error=away)
        return None
