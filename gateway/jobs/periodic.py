"""What comes with the calendar and not with a row: procrastinate runs it, once whichever worker is there.

Nothing below the gateway knows of it, and no turn, callback or posting defers a job. Where its tables live: tables.py.
"""

import asyncio
import logging
import threading
from typing import Any

import procrastinate
import psycopg

from chamas.arriving import cash
from chamas.dues import reminders
from chamas.entrance import moving_in
from chamas.meeting import confirming, meetings
from chamas.persons import files
from chamas.telling import notices
from gateway import alarms, checks, incidents, log
from gateway.api import repeats
from gateway.jobs.tables import conninfo
from gateway.ussd import ended, trails
from gateway.wiring import Wiring
from ledger import audit, positions, seasons
from ledger.retries import transact
from payments.reconciliation import days

# A finished job says nothing that the log does not say; the table stays small.
KEEP_HOURS = 24 * 7
POOL_SECONDS = 3.0


def build(wiring: Wiring) -> procrastinate.App:
    """The app with its periodic tasks (times in UTC; Nairobi is three hours ahead)."""
    # The library signs off in the database when it ends; with that away it would wait for its pool's 30 seconds.
    connector = procrastinate.PsycopgConnector(conninfo=conninfo(wiring.settings.session_url), timeout=POOL_SECONDS)
    app = procrastinate.App(connector=connector)

    @app.periodic(cron="5 * * * *")
    @app.task(name="open_seasons")
    def open_seasons(timestamp: int) -> None:
        open_ahead(wiring, timestamp)

    @app.periodic(cron="40 22 * * *")
    @app.task(name="compare_positions")
    def nightly_positions(timestamp: int) -> None:
        compare_positions(wiring, timestamp)

    @app.periodic(cron="30 22 * * *")
    @app.task(name="verify_books")
    def verify_books(timestamp: int) -> None:
        findings = checks.all_findings(wiring)
        broken = [finding.name for finding in findings if not finding.ok]
        level = logging.ERROR if broken else logging.INFO
        log.line("job", level=level, job="verify_books", planned=timestamp, checked=len(findings), broken=broken)

    @app.periodic(cron="40 * * * *")
    @app.task(name="forget_reports")
    def forget_reports(timestamp: int) -> None:
        """A report comes seconds before the id that it waits for, and never a day."""
        with wiring.transaction() as conn:
            forgotten = notices.forget_reports(conn, before=wiring.now() - notices.WORTH_SENDING_FOR)
            forgotten += repeats.forget(conn, before=wiring.now() - repeats.KEPT_FOR)
        log.line("job", job="forget_reports", planned=timestamp, forgotten=forgotten)

    @app.periodic(cron="* * * * *")
    @app.task(name="chain_changes")
    def chain_changes(timestamp: int) -> None:
        chain_all(wiring, timestamp)

    look_at_money(app, wiring)
    speak_to_members(app, wiring)
    look_after_groups(app, wiring)
    keep_sessions(app, wiring)

    @app.periodic(cron="*/10 * * * *")
    @app.task(name="tidy_jobs", pass_context=True)
    async def tidy_jobs(context: procrastinate.JobContext, timestamp: int) -> None:
        """Jobs of a worker that died are taken up again, old ones are deleted; the library does neither by itself."""
        jobs = context.app.job_manager
        stalled = list(await jobs.get_stalled_jobs())
        for job in stalled:
            await jobs.retry_job(job)
        await jobs.delete_old_jobs(
            nb_hours=KEEP_HOURS, include_failed=True, include_cancelled=True, include_aborted=True
        )
        log.line("job", job="tidy_jobs", planned=timestamp, stalled=len(stalled))

    return app


def look_at_money(app: procrastinate.App, wiring: Wiring) -> None:
    """What is asked of payments by the calendar: the certificates of days, and what a person must act on."""

    @app.periodic(cron="20 * * * *")
    @app.task(name="certify_days")
    def certify_days(timestamp: int) -> None:
        """Days of which something new is known are held against M-PESA's lists once more."""
        made = days.certify_due(wiring)
        if made:
            log.line("job", job="certify_days", planned=timestamp, made=[(one.day, one.result) for one in made])

    @app.periodic(cron="* * * * *")
    @app.task(name="watch")
    def watch(timestamp: int) -> None:
        """What a person must act on is noted as an incident, once a day while it lasts."""
        noted = alarms.watch(wiring)
        if noted:
            log.line("job", level=logging.ERROR, job="watch", planned=timestamp, noted=noted)


def speak_to_members(app: procrastinate.App, wiring: Wiring) -> None:
    """What members and officials are told by the calendar."""

    @app.periodic(cron="15 * * * *")
    @app.task(name="escalate_cash")
    def escalate_cash(timestamp: int) -> None:
        """Cash that nobody has confirmed for a week is told to the other officials."""
        log.line("job", job="escalate_cash", planned=timestamp, told=cash.escalate(wiring))

    @app.periodic(cron="35 6 * * *")
    @app.task(name="draw_samples")
    def draw_samples(timestamp: int) -> None:
        """Members are drawn to say whether their balance is right; who never answered is silent."""
        log.line("job", job="draw_samples", planned=timestamp, drawn=confirming.draw_due(wiring))

    @app.periodic(cron="*/10 * * * *")
    @app.task(name="remind")
    def remind(timestamp: int) -> None:
        """Who has not paid is reminded on the days of her group's rules."""
        told = reminders.remind_due(wiring)
        if told:
            log.line("job", job="remind", planned=timestamp, told=told)


def look_after_groups(app: procrastinate.App, wiring: Wiring) -> None:
    """What groups do beside paying: they meet, they move in, and files about them are tidied up."""

    @app.periodic(cron="*/15 * * * *")
    @app.task(name="remind_of_meetings")
    def remind_of_meetings(timestamp: int) -> None:
        """The day before a meeting its group hears of it once more."""
        log.line("job", job="remind_of_meetings", planned=timestamp, meetings=meetings.remind_due(wiring))

    @app.periodic(cron="* * * * *")
    @app.task(name="move_groups_in")
    def move_groups_in(timestamp: int) -> None:
        """Files that were handed over at the desk, each whole or not at all."""
        while moving_in.move_in_due(wiring):
            log.line("job", job="move_groups_in", planned=timestamp)

    @app.periodic(cron="50 * * * *")
    @app.task(name="sweep_files")
    def sweep_files(timestamp: int) -> None:
        """What lies on the shelf and has no row any more."""
        log.line("job", job="sweep_files", planned=timestamp, removed=files.sweep(wiring, wiring.shelf))


def keep_sessions(app: procrastinate.App, wiring: Wiring) -> None:
    """What sessions on the phone showed: written down each minute, and nobody's after a quarter."""

    @app.periodic(cron="* * * * *")
    @app.task(name="keep_trails")
    def keep_trails(timestamp: int) -> None:
        """What sessions showed goes from Redis into its table."""
        kept = trails.keep_all(wiring)
        if kept:
            log.line("job", job="keep_trails", planned=timestamp, kept=kept)

    @app.periodic(cron="50 22 * * *")
    @app.task(name="forget_trails")
    def forget_trails(timestamp: int) -> None:
        """Who was shown what is nobody's business after a quarter."""
        with wiring.transaction() as conn:
            steps = trails.forget_old(conn, wiring.now())
            sessions = ended.forget_old(conn, wiring.now() - trails.KEPT)
        log.line("job", job="forget_trails", planned=timestamp, steps=steps, sessions=sessions)


def chain_all(wiring: Wiring, planned: int) -> None:
    chained = audit.chain_all(wiring)
    if chained:
        log.line("job", job="chain_changes", planned=planned, chained=chained)


class SeasonMissing(Exception):
    """The books have no place for entries of this season or the next: from its first instant on all posting stops."""


class PositionsDiffer(Exception):
    """What is kept beside the postings is not what they add up to."""


def open_ahead(wiring: Wiring, planned: int) -> None:
    """A missing season refuses every posting: the next one is made long before it opens, or somebody is told."""
    try:
        opened = transact(wiring, lambda conn: seasons.open_ahead(conn, wiring.now()))
    except psycopg.Error as error:
        incidents.report(wiring, "open_seasons", error)
        opened = []
    with wiring.transaction() as conn:
        missing = seasons.missing(conn, wiring.now())
    if missing:
        incidents.report(wiring, "open_seasons", SeasonMissing(f"seasons {missing}"))
    log.line("job", job="open_seasons", planned=planned, opened=opened, missing=missing)


def compare_positions(wiring: Wiring, planned: int) -> None:
    """Makes the positions again in a shadow. A difference is an incident and stays as it is: it has to be looked at."""
    with wiring.transaction() as conn:
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        conn.execute("SELECT set_config('statement_timeout', '0', true)")
        finding = positions.finding(conn)
    if not finding.ok:
        incidents.report(wiring, "compare_positions", PositionsDiffer(finding.detail))
    log.line("job", job="compare_positions", planned=planned, looked_at=finding.count, detail=finding.detail)


def _said_in_one_line(_loop: asyncio.AbstractEventLoop, told: dict[str, Any]) -> None:
    """What the library's own tasks end with: asyncio would print it with all that it quotes."""
    log.line("calendar task failed", level=logging.ERROR, error=told.get("exception"))


class Calendar:
    """Runs the periodic tasks in a thread of this process until it is stopped."""

    def __init__(self, wiring: Wiring) -> None:
        self._app = build(wiring)
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(_said_in_one_line)
        self._thread = threading.Thread(target=self._run, name="calendar")
        # Made here, so that a stop which comes before the thread has begun finds something to cancel.
        self._task = self._loop.create_task(self._work())

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Lets a running task end and waits for it."""
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            log.line("calendar stopped")
        finally:
            self._sweep()

    def _sweep(self) -> None:
        """Ends what the library leaves running when PostgreSQL is away at the end: it would be told in tracebacks."""
        left = asyncio.all_tasks(self._loop)
        for task in left:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self._loop.close()

    async def _work(self) -> None:
        while True:
            try:
                async with self._app.open_async():
                    await self._app.run_worker_async(install_signal_handlers=False, concurrency=1)
            except (psycopg.Error, procrastinate.exceptions.ConnectorException) as error:
                log.line("calendar failed", level=logging.ERROR, error=error)
                await asyncio.sleep(5)
