"""Brings a backup back into an empty database: in one transaction, so that what fails leaves the database empty.

Theory of operation. The migrations of this version make the tables, with roles, grants and guards; the manifest names
the same migrations, else nothing is begun. Then, as the owner: triggers are put to sleep and references are dropped,
because rows come table by table and the books' guards refuse everybody; what the migrations wrote is emptied; rows are
copied; references are made again, which looks at every row; triggers wake; sequences go on where they stood. All of it
is the owner's right, so that a hosted database without a superuser will do.

At the end, in the same transaction, the gate of every shortcode is closed. A payout that the backup holds has its one
name at Safaricom for ever, and is not paid twice. One that was asked for, agreed on and paid after the backup is
forgotten here, and people could agree on it again under another name. Only M-PESA's own statement knows of it, so an
operator compares first, and then opens the gates (`pesachama payouts resume`).

Nor is anything sealed for a chain until what its contract took after the backup was read back (ledger/sync.py).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from zipfile import ZipFile

import psycopg
from psycopg import sql

from gateway.backup import layout
from gateway.backup.layout import Table
from gateway.backup.paper import PIECE, Manifest, Unusable
from gateway.backup.taking import jobs_version, speak_plainly, traces
from gateway.jobs import tables as jobs
from gateway.settings import Settings
from ledger import seasons
from ledger.archive import PARENTS
from ledger.wires import Connection
from migrations import runner
from payments.payouts import gates

# What guards the rows, remembered until it is put back: in a table that ends with the transaction.
REMEMBER = """
CREATE TEMPORARY TABLE asleep ON COMMIT DROP AS
SELECT format('ALTER TABLE %I.%I DISABLE TRIGGER %I', n.nspname, c.relname, t.tgname) AS away,
    format('ALTER TABLE %I.%I %s TRIGGER %I', n.nspname, c.relname, CASE t.tgenabled
        WHEN 'O' THEN 'ENABLE' WHEN 'A' THEN 'ENABLE ALWAYS' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'DISABLE' END,
        t.tgname) AS back
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND n.nspname IN ('public', 'procrastinate')
UNION ALL
SELECT format('ALTER TABLE %I.%I DROP CONSTRAINT %I', n.nspname, c.relname, k.conname),
    format('ALTER TABLE %I.%I ADD CONSTRAINT %I %s', n.nspname, c.relname, k.conname, pg_get_constraintdef(k.oid))
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0 AND n.nspname IN ('public', 'procrastinate')
UNION ALL
SELECT format('ALTER TABLE %I.%I DISABLE ROW LEVEL SECURITY', n.nspname, c.relname),
    format('ALTER TABLE %I.%I ENABLE ROW LEVEL SECURITY', n.nspname, c.relname)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relrowsecurity AND n.nspname IN ('public', 'procrastinate')
"""
AWAY = """
DO $$
DECLARE step record;
BEGIN
    FOR step IN SELECT away FROM asleep LOOP EXECUTE step.away; END LOOP;
END $$
"""
BACK = """
DO $$
DECLARE step record;
BEGIN
    FOR step IN SELECT back FROM asleep LOOP EXECUTE step.back; END LOOP;
END $$
"""


def look(settings: Settings, manifest: Manifest, *, other_secrets: bool) -> None:
    """Raises Unusable when this version, or these settings, are not the backup's."""
    here = {migration.name: migration.sha256 for migration in runner.known()}
    if manifest.migrations != here or manifest.jobs != jobs_version():
        newest = max(manifest.migrations, default="none")
        raise Unusable(
            f"the backup is of another version (schema {newest}, jobs {manifest.jobs}; this one has schema "
            f"{max(here)}, jobs {jobs_version()}): restore it with the version that made it, then upgrade"
        )
    own = traces(settings)
    other = sorted(name for name, trace in manifest.secrets.items() if own.get(name) != trace)
    if other and not other_secrets:
        raise Unusable(
            f"{', '.join(other)} of these settings are not the ones that the backup was made under; bring those, or "
            "give --other-secrets and read docs/operations/backup.md on what is lost without them"
        )


def bring_back(settings: Settings, archive: ZipFile, manifest: Manifest, *, at: datetime) -> None:
    """Fills the empty database. Raises Unusable when it is not empty; psycopg.Error and BadZipFile leave it empty."""
    with psycopg.connect(settings.session_url, prepare_threshold=None) as conn, conn.transaction():
        if there := layout.relations(conn):
            raise Unusable(f"the database is not empty: it has {there[0]} and {len(there) - 1} more; make a new one")
        runner.apply_all(conn, at)
        jobs.make(conn)
        speak_plainly(conn)
        for number in map(int, manifest.seasons):
            seasons.open_one(conn, number)
        fitted = layout.tables(conn)
        if other := layout.without(manifest.copied(), fitted) + layout.without(fitted, manifest.copied()):
            raise Unusable(f"the tables are not the backup's: {', '.join(sorted(set(other)))}")
        with _defenceless(conn):
            fill(conn, archive, manifest)
        for number in (int(name) for name, place in manifest.seasons.items() if place == "away"):
            _put_away(conn, number)
        if layout.heads(conn) != manifest.heads:
            raise Unusable("the last pages of the books are not those that the manifest names")
        shortcode_ids = [row_id for (row_id,) in conn.execute("SELECT id FROM shortcodes ORDER BY id").fetchall()]
        gates.stop(conn, dict.fromkeys(shortcode_ids, gates.RESTORED), at=at)
        if conn.execute("SELECT TRUE FROM chain_cursors").fetchone():
            # Only here: it takes longer to import than all the rest, which who has no chain would wait for.
            from ledger import sync  # noqa: PLC0415

            sync.forget_reading(conn)


def fill(conn: Connection, archive: ZipFile, manifest: Manifest) -> None:
    """Replaces all rows by the backup's, and sets the sequences."""
    copied = manifest.copied()
    conn.execute(sql.SQL("TRUNCATE {}").format(sql.SQL(", ").join(table.named for table in copied)))
    for table in copied:
        came = _copy_back(conn, archive, table)
        if came != manifest.rows[table.member]:
            raise Unusable(f"{table.member} has {came} rows, and the manifest says {manifest.rows[table.member]}")
    for name, last in manifest.sequences.items():
        conn.execute("SELECT setval(%s::regclass, %s)", [name, last])


def _copy_back(conn: Connection, archive: ZipFile, table: Table) -> int:
    with conn.cursor() as cursor, archive.open(table.member) as member:
        with cursor.copy(table.back()) as rows:
            while piece := member.read(PIECE):
                rows.write(piece)
        return cursor.rowcount


@contextmanager
def _defenceless(conn: Connection) -> Iterator[None]:
    """Without triggers, references and row policies; all of them are as they were when the block ends well."""
    conn.execute(REMEMBER)
    conn.execute(AWAY)
    yield
    conn.execute(BACK)


def _put_away(conn: Connection, number: int) -> None:
    """The season's partitions lie beside the books again. Nobody reads yet, so that it need not be concurrent; what a
    concurrent one leaves behind, so that the season can come back without being looked through, is left here too.
    """
    bound = sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} CHECK (season IS NOT NULL AND season = {})")
    detach = sql.SQL("ALTER TABLE {} DETACH PARTITION {}")
    for parent in PARENTS:
        name = f"{parent}_{number}"
        partition = sql.Identifier(name)
        conn.execute(bound.format(partition, sql.Identifier(f"{name}_season_check"), sql.Literal(number)))
        conn.execute(detach.format(sql.Identifier(parent), partition))
