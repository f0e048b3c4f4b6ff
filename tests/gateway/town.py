"""A group with money on its way, for the pages to show: rows as the rooms write them."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from psycopg import Connection

from gateway.api import tokens
from gateway.desk.passwords import hash_password
from ledger import books
from tests.instruments import START, SeededChance

PASSWORD = "correct horse battery staple"
EMAIL = "admin@pesachama.example"
PHONES = ("+254700000001", "+254700000002", "+254700000003")


@dataclass(frozen=True)
class Town:
    """Ids of what `build` wrote; `code` is of the one entry, `paid_id` of the payment behind it."""

    admin_id: int
    token: str
    chama_id: int
    member_ids: tuple[int, ...]
    book_id: int
    paid_id: int
    waiting_id: int
    code: str


def one(conn: Connection[Any], query: str, *values: object) -> Any:
    """The first column of the first row."""
    return conn.execute(query, values).fetchall()[0][0]


def build(conn: Connection[Any]) -> Town:
    """Umoja with three members: one paid, one is asked, and a forged callback came."""
    chance = SeededChance(7)
    admin_id = one(
        conn,
        "INSERT INTO users (email, first_name, platform_role, password_hash, created_at)"
        " VALUES (%s, 'Grace', 'admin', %s, %s) RETURNING id",
        EMAIL,
        hash_password(PASSWORD),
        START,
    )
    chama_id, book_id, member_ids = a_group(conn)
    shortcode_id = a_shortcode(conn)
    waiting_id = a_payment(conn, shortcode_id, member_ids[1], PHONES[1], "pending")
    paid_id = a_payment(conn, shortcode_id, member_ids[0], PHONES[0], "paid")
    posted = a_contribution(conn, book_id, member_ids[0], chance)
    evidence_id = said(conn, "applied", attempt_id=paid_id, receipt="TKK3ABCDEF")
    conn.execute(
        "INSERT INTO receipts (receipt, shortcode_id, kind, amount_cents, paid_at, attempt_id, evidence_id, proved_at,"
        " book_id, seq) VALUES ('TKK3ABCDEF', %s, 'stk', 50000, %s, %s, %s, %s, %s, %s)",
        [shortcode_id, START, paid_id, evidence_id, START, book_id, posted.seq],
    )
    said(conn, "refused", reason="amount differs from what was asked", attempt_id=waiting_id)
    conn.execute(
        "INSERT INTO ballots (chama_id, rule_set_id, called_by, state, roster, called_at)"
        " SELECT chama_id, id, %s, 'called', '{1}', %s FROM rule_sets WHERE chama_id = %s",
        [admin_id, START, chama_id],
    )
    token = tokens.issue(conn, "tests", admin_id, START, chance)
    return Town(admin_id, token, chama_id, member_ids, book_id, paid_id, waiting_id, posted.code)


def a_group(conn: Connection[Any]) -> tuple[int, int, tuple[int, ...]]:
    """The chama Umoja, its book, and a member for each of PHONES in an open round."""
    book_id = books.open_book(conn, kind="chama", name="Umoja", at=START)
    chama_id = one(
        conn,
        "INSERT INTO chamas (number, name, kind, status, frequency, contribution_cents, member_target, book_id,"
        " created_at) VALUES ('10001', 'Umoja', 'rosca', 'active', 'monthly', 50000, 9, %s, %s) RETURNING id",
        book_id,
        START,
    )
    members = tuple(a_member(conn, chama_id, number, phone) for number, phone in enumerate(PHONES, 1))
    rules = one(
        conn,
        "INSERT INTO rule_sets (chama_id, version, contribution_cents, frequency, in_force_from)"
        " VALUES (%s, 1, 50000, 'monthly', %s) RETURNING id",
        chama_id,
        START,
    )
    round_id = one(
        conn,
        "INSERT INTO rounds (chama_id, number, rule_set_id, state, opens_at, closes_at, anchor_at)"
        " VALUES (%s, 1, %s, 'active', %s, %s, %s) RETURNING id",
        chama_id,
        rules,
        START,
        START + timedelta(days=30),
        START,
    )
    for member in members:
        conn.execute(
            "INSERT INTO contributions (round_id, member_id, due_cents, state) VALUES (%s, %s, 50000, 'pending')",
            [round_id, member],
        )
    return chama_id, book_id, members


def a_member(conn: Connection[Any], chama_id: int, number: int, phone: str) -> int:
    user_id = one(
        conn,
        "INSERT INTO users (phone, first_name, created_at) VALUES (%s, %s, %s) RETURNING id",
        phone,
        f"Member {number}",
        START,
    )
    member_id: int = one(
        conn,
        "INSERT INTO chama_members (chama_id, user_id, number, role, status, join_method, joined_at)"
        " VALUES (%s, %s, %s, 'member', 'active', 'number', %s) RETURNING id",
        chama_id,
        user_id,
        number,
        START,
    )
    return member_id


def a_shortcode(conn: Connection[Any]) -> int:
    shortcode_id: int = one(
        conn,
        "INSERT INTO shortcodes (number, kind, name, book_id)"
        " VALUES ('600123', 'paybill', 'PesaChama', %s) RETURNING id",
        books.open_book(conn, kind="shortcode", name="600123", at=START),
    )
    return shortcode_id


def a_payment(conn: Connection[Any], shortcode_id: int, member_id: int, phone: str, state: str) -> int:
    """An attempt of KES 500 in `state`, asked for at START."""
    intent_id = one(
        conn,
        "INSERT INTO payment_intents (shortcode_id, chama_id, member_id, payer_id, purpose, amount_cents, wish_key,"
        " created_at) SELECT %s, chama_id, id, user_id, 'contribution', 50000, %s, %s FROM chama_members WHERE id = %s"
        " RETURNING id",
        shortcode_id,
        f"{phone} {state}".encode(),
        START,
        member_id,
    )
    attempt_id: int = one(
        conn,
        "INSERT INTO payment_attempts (intent_id, state, phone, amount_cents, account_reference, created_at)"
        " VALUES (%s, %s, %s, 50000, %s, %s) RETURNING id",
        intent_id,
        state,
        phone,
        f"UMOJA{intent_id:06}",
        START,
    )
    return attempt_id


def a_contribution(
    conn: Connection[Any], book_id: int, member_id: int, chance: SeededChance, key: str = "TKK3ABCDEF"
) -> books.Posted:
    """KES 500 of a member in the group's book."""
    float_account = books.open_account(conn, book_id=book_id, code="mpesa:600123", kind="asset")
    hers = books.open_account(
        conn, book_id=book_id, code=f"member:{member_id}", kind="liability", owner_member_id=member_id
    )
    draft = books.Draft(
        book_id=book_id,
        kind="contribution",
        occurred_at=START,
        lines=(books.Line(float_account, 50000), books.Line(hers, -50000)),
        scope="receipt",
        key=key,
    )
    return books.post(conn, draft, at=START, chance=chance)


def said(
    conn: Connection[Any],
    verdict: str,
    *,
    reason: str | None = None,
    attempt_id: int | None = None,
    receipt: str | None = None,
) -> int:
    """One callback with a verdict."""
    number = one(conn, "SELECT count(*) FROM evidence")
    evidence_id: int = one(
        conn,
        "INSERT INTO evidence (source, token_hash, body_sha256, body, headers, received_at, verdict, reason,"
        " attempt_id, receipt) VALUES ('stk_callback', %s, %s, 'x', '{}', %s, %s, %s, %s, %s) RETURNING id",
        bytes([number] * 32),
        bytes([number] * 32),
        START,
        verdict,
        reason,
        attempt_id,
        receipt,
    )
    return evidence_id
