"""How long this house waits for PostgreSQL and Redis, and over how many connections: for each process, and why so."""

# A member's turn has 4 seconds in all: half a second for a connection, 1.5 for any one statement, 2.2 for all of them
# (where PostgreSQL can limit a transaction, from 17 on), 0.3 for each trip to Redis, which tries twice.
# The worker has nobody waiting in front of it, and what it holds in its hands must not be lost to a restart of
# PostgreSQL: it waits.
POOL_WAIT_SECONDS = {"web": 0.5, "worker": 10.0}
TRANSACTION_TIMEOUT_MS = 2_200
TRANSACTION_TIMEOUT_SINCE = 170_000
# Whoever asks next starts a new try: the pool's own way doubles its pauses, and stays away for minutes after an outage.
RECONNECT_SECONDS = 1.0
CONNECT_SECONDS = 2
STATEMENT_TIMEOUT_MS = {"web": 1_500, "worker": 15_000}
# Beyond what PostgreSQL itself would end, also where it has no limit for transactions: a page of some slow statements
# lives, and nobody holds a thread of the web for ever. The worker's reading (verify, a backup) takes what it takes.
TRANSACTION_SECONDS = {"web": 10.0, "worker": None}
# A server whose machine or network is gone answers nothing, not even that it is: found out within half a minute, where
# the system's own way takes two hours.
KEEPALIVES = {"keepalives_idle": 15, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 30_000}
REDIS_TIMEOUT_SECONDS = 0.3
POOL_SIZE = {"web": 8, "worker": 12}
