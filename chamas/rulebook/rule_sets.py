"""The versions of a chama's rules: rule_sets is written here only. What can be a rule stands in rules.py.

A version is only ever added. A round keeps the one that it opened with.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from psycopg import sql
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from chamas.rulebook.calendar import Frequency, Rhythm
from chamas.rulebook.rules import Rules, beside_columns
from ledger.wires import Connection

# Groups agree on hours; the column counts seconds.
HOUR = 3_600


@dataclass(frozen=True)
class RuleSet:
    """One version of a chama's rules, whole in `rules`; `more` is what has no column of its own. UTC."""

    id: int
    chama_id: int
    version: int
    contribution_cents: int
    frequency: Frequency
    arrears_first: bool
    every_hours: int | None
    grace_seconds: int
    in_force_from: datetime
    more: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "frequency", Frequency(self.frequency))

    @property
    def rhythm(self) -> Rhythm:
        return Rhythm(self.frequency, self.every_hours)

    @property
    def rules(self) -> Rules:
        """Every rule of this version; what it does not say is as rules.py has it."""
        return Rules(
            contribution_cents=self.contribution_cents,
            frequency=self.frequency,
            arrears_first=self.arrears_first,
            every_hours=self.every_hours,
            grace_hours=self.grace_seconds // HOUR,
            **self.more,
        )


_SELECT = sql.SQL(
    "SELECT s.id, s.chama_id, s.version, s.contribution_cents, s.frequency, s.arrears_first, s.every_hours, "
    "s.grace_seconds, s.in_force_from, s.more FROM rule_sets s WHERE {}"
)
_AT = _SELECT.format(sql.SQL("s.chama_id = %s AND s.in_force_from <= %s ORDER BY s.version DESC LIMIT 1"))
_OF_ROUND = _SELECT.format(sql.SQL("s.id = (SELECT rule_set_id FROM rounds WHERE id = %s)"))
_OF_CHAMA = _SELECT.format(sql.SQL("s.chama_id = %s ORDER BY s.version DESC"))


def rules_at(conn: Connection, chama_id: int, at: datetime) -> RuleSet | None:
    """The rules in force at `at`: the newest version that has begun."""
    with conn.cursor(row_factory=class_row(RuleSet)) as found:
        return found.execute(_AT, [chama_id, at]).fetchone()


def rules_of(conn: Connection, round_id: int) -> RuleSet:
    """The version that a round keeps."""
    with conn.cursor(row_factory=class_row(RuleSet)) as found:
        [kept] = found.execute(_OF_ROUND, [round_id]).fetchall()
    return kept


def versions(conn: Connection, chama_id: int) -> list[RuleSet]:
    """Every version of a chama's rules, newest first."""
    with conn.cursor(row_factory=class_row(RuleSet)) as found:
        return found.execute(_OF_CHAMA, [chama_id]).fetchall()


def adopt_rules(
    conn: Connection,
    *,
    chama_id: int,
    contribution_cents: int,
    frequency: Frequency,
    arrears_first: bool = True,
    every_hours: int | None = None,
    grace_seconds: int = 0,
    in_force_from: datetime,
    more: Mapping[str, Any] = MappingProxyType({}),
) -> int:
    """The next version of a chama's rules; returns its id. Rounds that are open keep theirs."""
    columns = [contribution_cents, frequency, arrears_first, every_hours, grace_seconds, in_force_from]
    rule_set_id: int = conn.execute(
        """
        INSERT INTO rule_sets (chama_id, version, contribution_cents, frequency, arrears_first, every_hours,
                               grace_seconds, in_force_from, more)
        SELECT %s, coalesce(max(version), 0) + 1, %s, %s, %s, %s, %s, %s, %s FROM rule_sets WHERE chama_id = %s
        RETURNING id
        """,
        [chama_id, *columns, Jsonb(dict(more)), chama_id],
    ).fetchall()[0][0]
    return rule_set_id


def adopt(conn: Connection, chama_id: int, rules: Rules, *, in_force_from: datetime) -> int:
    """The next version, whole; returns its id."""
    return adopt_rules(
        conn,
        chama_id=chama_id,
        contribution_cents=rules.contribution_cents,
        frequency=rules.frequency,
        arrears_first=rules.arrears_first,
        every_hours=rules.every_hours,
        grace_seconds=rules.grace_hours * HOUR,
        in_force_from=in_force_from,
        more=beside_columns(rules),
    )
