"""What nearly every command starts with: the wiring built from the settings of the environment."""

import atexit
import sys

import psycopg
import redis
from psycopg_pool import PoolTimeout

from gateway import log, outbound
from gateway.clock import OffsetClock, SystemClock
from gateway.commands.given import settings
from gateway.wiring import Process, Wiring

# The name that embedded/ gives its servers; not imported from there, since production has no embedded/.
EMBEDDED = "pesachama-embedded"


def wiring(process: Process) -> Wiring:
    """The wiring of this process, its log started, its clock the simulated one where CLOCK_URL says so."""
    chosen = settings()
    log.start(chosen.log_level)
    if chosen.sentry_dsn:
        from gateway import sentry  # noqa: PLC0415 - an optional package, and slow to import

        sentry.start(chosen.sentry_dsn, chosen.environment)
        atexit.register(sentry.finish)
    clock = OffsetClock(outbound.clock_offset(chosen.clock_url)) if chosen.clock_url else SystemClock()
    built = Wiring(chosen, process, clock)
    if chosen.production and on_embedded_server(built):
        sys.exit("DATABASE_URL is the demo's embedded PostgreSQL: production needs a server of its own, with backups.")
    if chosen.production and on_embedded_redis(built):
        sys.exit("REDIS_URL is the demo's embedded Redis: production needs a server of its own.")
    return built


def on_embedded_server(wiring: Wiring) -> bool:
    """Whether PostgreSQL is the one that `embedded.postgres` starts; a server that does not answer is not."""
    try:
        with wiring.pool.connection() as conn:
            return conn.execute("SELECT current_setting('cluster_name')").fetchone() == (EMBEDDED,)
    except (psycopg.Error, PoolTimeout):
        return False


def on_embedded_redis(wiring: Wiring) -> bool:
    """The same for Redis; one that does not answer, or lets nobody see its configuration, is a server of its own."""
    try:
        return EMBEDDED in wiring.redis.config_get("syslog-ident").values()
    except redis.RedisError:
        return False
