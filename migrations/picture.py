"""Draws `schema.sql`, the picture of what all migrations make together: `python -m migrations.picture`.

For readers, and for a reviewer who wants to see what a migration changed. A test draws it again and compares.
"""

import re
import subprocess
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import embedded.postgres
from migrations import runner

FILE = runner.FOLDER / "schema.sql"

HEAD = "-- The whole schema, drawn by `make schema` from the numbered migrations. Do not edit.\n\n"

# What differs from run to run or from server to server and says nothing about the schema.
NOISE = re.compile(
    r"^(--.*|SET .*|SELECT pg_catalog\.set_config.*|\\(un)?restrict .*|CREATE SCHEMA public;|COMMENT ON SCHEMA .*)\n",
    re.MULTILINE,
)


def draw(url: str) -> str:
    """The schema of the database at `url` as SQL; needs the embedded server's own pg_dump, which fits its version."""
    program = embedded.postgres.PROGRAMS / "pg_dump"
    options = ["--schema-only", "--no-owner", "--schema=public", "--exclude-table=schema_migrations"]
    done = subprocess.run([program, *options, url], check=True, capture_output=True, text=True)
    return HEAD + re.sub(r"\n{3,}", "\n\n", NOISE.sub("", done.stdout)).strip() + "\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, embedded.postgres.start(Path(folder), durable=False) as server:
        runner.migrate(server.url, datetime.now(UTC))
        FILE.write_text(draw(server.url))


if __name__ == "__main__":
    main()
