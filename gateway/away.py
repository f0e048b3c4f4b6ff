"""What a command says, in one sentence, when PostgreSQL is what is missing."""

import psycopg
from psycopg_pool import PoolTimeout

AWAY = (psycopg.OperationalError, PoolTimeout)


def sentence(trouble: BaseException) -> str | None:
    """One sentence for an operator; None for a trouble of another kind, which is ours to mend. No secret is in it."""
    if not isinstance(trouble, AWAY):
        return None
    first = (str(trouble).strip() or type(trouble).__name__).splitlines()[0].rstrip(".")
    return f"PostgreSQL cannot be asked: {first}. Is it up, and is DATABASE_URL right?"
