"""For the platform: is the process alive, is it ready for work, and figures for Prometheus."""

import psycopg
import redis
from flask import Blueprint, Response, abort, jsonify
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from psycopg_pool import PoolTimeout

from gateway import depths
from gateway.here import from_this_machine, wiring
from migrations import runner

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
    """Prometheus text; from this machine only, because depths tell a stranger how busy a village is."""
    if not from_this_machine():
        abort(404)
    registry = CollectorRegistry()
    gauge = Gauge("pesachama_depth", "Rows that wait", ["queue"], registry=registry)
    with wiring().counting() as conn:
        for queue, rows in depths.read(conn).items():
            gauge.labels(queue).set(rows)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
