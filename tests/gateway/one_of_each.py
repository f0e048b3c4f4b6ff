"""Rows for the lists of programs that a quiet town leaves empty."""

from datetime import date, datetime
from typing import Any

from psycopg import Connection
from psycopg.types.json import Jsonb

from chamas.rulebook import rules
from chamas.ruling import proposed
from gateway.wiring import Wiring
from payments import shortcodes
from payments.reconciliation import days
from tests.gateway.town import Town


def one_of_each(umoja: Town, wiring: Wiring) -> None:
    """A day's certificate, an order, money to be taken back, a refund, an exit, a fine and rules that are proposed."""
    with wiring.transaction() as own:
        assert days.certify(own, shortcodes.first_id(own) or 0, date(2026, 11, 20), at=wiring.now())
        named = {"chama": umoja.chama_id, "member": umoja.member_ids[0], "admin": umoja.admin_id, "at": wiring.now()}
        own.execute("UPDATE chamas SET deposit_cents = 50000 WHERE id = %(chama)s", named)
        own.execute(
            "INSERT INTO chama_orders (chama_id, kind, state, asked_by, asked_at, needs_second) "
            "VALUES (%(chama)s, 'start', 'asked', %(admin)s, %(at)s, false)",
            named,
        )
        own.execute(
            "INSERT INTO take_backs (receipt, why, chama_id, member_id, state, asked_by, asked_at) "
            "SELECT receipt, 'unknown', %(chama)s, %(member)s, 'asked', %(admin)s, %(at)s FROM receipts LIMIT 1",
            named,
        )
        own.execute(
            "INSERT INTO refunds (chama_id, member_id, deposit_cents, contributed_cents, amount_cents, charge_cents, "
            "state, created_at) VALUES (%(chama)s, %(member)s, 0, 500, 500, 0, 'pending', %(at)s)",
            named,
        )
        own.execute(
            "INSERT INTO motions (chama_id, kind, member_id, asked_by, how, cycle, needed, state, asked_at, "
            "expires_at) VALUES (%(chama)s, 'exit', %(member)s, %(member)s, 'at_once', 1, 2, 'asked', %(at)s, %(at)s)",
            named,
        )
        own.execute(
            "INSERT INTO penalties (chama_id, member_id, round_id, contribution_id, due_cents, state, late_at, "
            "assessed_at) SELECT %(chama)s, %(member)s, round_id, id, 10000, 'due', %(at)s, %(at)s "
            "FROM contributions WHERE member_id = %(member)s LIMIT 1",
            named,
        )
        _now, new = proposed.changed(own, umoja.chama_id, {"grace_hours": 24})
        own.execute(
            "INSERT INTO rule_proposals (chama_id, rule_set_id, proposed_by, rules, needed, state, proposed_at, "
            "expires_at) SELECT %(chama)s, max(id), %(member)s, %(rules)s, 2, 'pending', %(at)s, %(at)s "
            "FROM rule_sets WHERE chama_id = %(chama)s",
            {**named, "rules": Jsonb(rules.as_json(new))},
        )


def lend(conn: Connection[Any], town: Town, *, at: datetime) -> None:
    """A loan of KES 1,000 to the first member, due now, out of any request that there is; no money moved."""
    conn.execute(
        "WITH lent AS (INSERT INTO loans (chama_id, member_id, request_id, rule_set_id, amount_cents, months, state, "
        "lent_at) SELECT %(chama)s, %(member)s, max(id), max(rule_set_id), 100000, 1, 'running', %(at)s "
        "FROM disbursement_requests RETURNING id) INSERT INTO instalments (loan_id, chama_id, member_id, number, "
        "principal_cents, interest_cents, begins_at, opens_at, due_at, state) "
        "SELECT id, %(chama)s, %(member)s, 1, 100000, 10000, %(at)s, %(at)s, %(at)s, 'due' FROM lent",
        {"chama": town.chama_id, "member": town.member_ids[0], "at": at},
    )
