"""Two households that know nothing of each other, with a row in every table; and what roles may do with such rows."""

from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from typing import Any, LiteralString

import psycopg
from psycopg import Connection, errors, sql
from psycopg.types.json import Jsonb

from ledger import books, holds
from tests.gatherings import GATHERINGS, LENT
from tests.instruments import START, SeededChance

Role = str
REFUSED, PASSED = "refused", "passed"


@dataclass(frozen=True)
class Household:
    """One chama with one member, and what she shows at doors."""

    user_id: int
    chama_id: int
    book_id: int
    token_hash: bytes
    code: str
    message: str
    incident: str
    seq: int


def settle(conn: Connection[Any], number: int) -> Household:
    """Household `number`: 1 or 2. Every table with somebody's rows gets one of hers."""
    mark = f"{number}" * 32
    token = sha256(mark.encode()).digest()
    named: dict[str, Any] = {
        "n": number,
        "at": START,
        "phone": f"+25470000000{number}",
        "mark": mark,
        "token": token,
        "receipt": f"TKK{number}RT61SV",
        "reference": f"UMOJA{number}ABCDE",
        "incident": f"7K2-9Q{number}",
    }

    def made(query: LiteralString) -> Any:
        done = conn.execute(query, named)
        return done.fetchall()[0][0] if done.description else None

    named["book"] = books.open_book(conn, kind="chama", name=mark, at=START)
    named["user"] = made(
        "INSERT INTO users (phone, first_name, created_at) VALUES (%(phone)s, %(mark)s, %(at)s) RETURNING id"
    )
    named["chama"] = made(
        "INSERT INTO chamas (number, name, kind, status, frequency, contribution_cents, member_target,"
        " book_id, created_at)"
        " VALUES (10000 + %(n)s, %(mark)s, 'rosca', 'active', 'weekly', 50000, 9, %(book)s, %(at)s) RETURNING id"
    )
    named["member"] = made(
        "INSERT INTO chama_members (chama_id, user_id, number, role, status, join_method, joined_at)"
        " VALUES (%(chama)s, %(user)s, 1, 'member', 'active', 'number', %(at)s) RETURNING id"
    )
    posted = _post(conn, named)
    named |= {"seq": posted.seq, "season": posted.season}
    for query in (*PEOPLE, *GATHERINGS, *MONEY, *LENT, *SPEECH):
        name = made(query)
        if name is not None:
            named[query.split()[2]] = name
    about = (named["user"], named["chama"], named["book"], token, posted.code)
    return Household(*about, f"ATXid_{number}", named["incident"], posted.seq)


def _post(conn: Connection[Any], named: dict[str, Any]) -> books.Posted:
    bank = books.open_account(conn, book_id=named["book"], code="bank", kind="asset")
    hers = books.open_account(
        conn, book_id=named["book"], code="hers", kind="liability", owner_member_id=named["member"]
    )
    chance = SeededChance(named["n"])
    draft = books.Draft(
        book_id=named["book"],
        kind="opening",
        occurred_at=START,
        lines=(books.Line(bank, 500), books.Line(hers, -500)),
        scope="opening",
        key=named["mark"],
        note={"who": named["mark"]},
    )
    posted = books.post(conn, draft, at=START, chance=chance)
    held = replace(draft, key=f"{named['mark']} held", expires_at=START + timedelta(days=1))
    books.post(conn, held, at=START, chance=chance)
    mistake = books.post(conn, replace(draft, key=f"{named['mark']} mistaken"), at=START, chance=chance)
    request = holds.Request("mistake", named["mark"], START)
    holds.reverse(conn, named["book"], mistake.seq, request, at=START, chance=chance)
    return posted


PEOPLE: tuple[LiteralString, ...] = (
    "INSERT INTO rule_sets (chama_id, version, contribution_cents, frequency, in_force_from)"
    " VALUES (%(chama)s, 1, 50000, 'weekly', %(at)s) RETURNING id",
    "INSERT INTO ballots (chama_id, rule_set_id, called_by, state, roster, called_at) VALUES (%(chama)s, %(rule_sets)s,"
    " %(user)s, 'called', '{}', %(at)s) RETURNING id",
    "INSERT INTO ballot_seeds VALUES (%(ballots)s, %(token)s)",
    "INSERT INTO ballot_numbers VALUES (%(ballots)s, %(member)s, '4821', %(at)s)",
    "INSERT INTO swaps (chama_id, asked_by, asked_of, own_place, other_place, state, asked_at, expires_at)"
    " VALUES (%(chama)s, %(member)s, %(member)s, 1, 2, 'asked', %(at)s, %(at)s)",
    "INSERT INTO invitations VALUES(DEFAULT,%(chama)s, %(member)s, %(user)s, 100000+%(n)s, 'open', %(at)s, 'infinity')",
    "INSERT INTO wrong_codes VALUES (%(phone)s, 1, %(at)s)",
    "INSERT INTO pins (user_id, hash, changed_at) VALUES (%(user)s, %(mark)s, %(at)s)",
    "INSERT INTO phones_seen VALUES (%(user)s, %(at)s)",
    "INSERT INTO notice_preferences VALUES (%(user)s, TRUE, NULL, FALSE, TRUE, FALSE, %(at)s)",
    "INSERT INTO devices VALUES (%(mark)s, %(user)s, %(at)s)",
    "INSERT INTO samples VALUES (DEFAULT, %(chama)s, decode(substr(%(mark)s, 1, 32), 'hex'), ARRAY[%(member)s],"
    " 1, %(at)s, %(at)s + interval '1 day') RETURNING id",
    "INSERT INTO confirmations VALUES (%(samples)s, %(member)s, 500, 'asked')",
    "INSERT INTO notice_caps VALUES (%(chama)s, 50000, %(at)s)",
    "INSERT INTO consents VALUES (%(user)s, '1', 'sw', %(token)s, %(at)s)",
    "INSERT INTO web_sessions VALUES (%(token)s, %(user)s, %(at)s, %(at)s)",
    "INSERT INTO api_tokens VALUES (%(token)s, %(mark)s, %(user)s, %(at)s)",
    "INSERT INTO sign_in_failures VALUES (%(token)s, 1)",
    "INSERT INTO rounds (chama_id, number, rule_set_id, state, opens_at, closes_at, anchor_at) VALUES (%(chama)s, 1,"
    " %(rule_sets)s, 'active', %(at)s, %(at)s + interval '1 week', %(at)s) RETURNING id",
    "INSERT INTO contributions VALUES (DEFAULT, %(rounds)s, %(member)s, 50000, 0, 'pending') RETURNING id",
    "INSERT INTO penalties VALUES (DEFAULT, %(chama)s, %(member)s, %(rounds)s, %(contributions)s, 100, 0, 0, 'due',"
    " %(at)s, %(at)s)",
    "INSERT INTO deposits VALUES (DEFAULT, %(chama)s, %(member)s, 50000, 0, 'pending', %(at)s) RETURNING id",
    "INSERT INTO chama_orders (chama_id, kind, state, asked_by, asked_at, needs_second)"
    " VALUES (%(chama)s, 'start', 'asked', %(user)s, %(at)s, false)",
    "INSERT INTO windings VALUES (%(chama)s, %(at)s, %(at)s)",
    "INSERT INTO refunds (chama_id, member_id, deposit_cents, contributed_cents, amount_cents, charge_cents, state,"
    " created_at) VALUES (%(chama)s, %(member)s, 0, 500, 500, 0, 'pending', %(at)s)",
    "INSERT INTO allocations VALUES (%(book)s, %(seq)s, 1, %(member)s, %(contributions)s, 500)",
    "INSERT INTO batches (number, root, previous_root, leaf_count, sealed_at, witness, state)"
    " VALUES (%(n)s, %(token)s, %(token)s, 1, %(at)s, 'checkpoint', 'pending') RETURNING number",
    "INSERT INTO batch_leaves VALUES (%(batches)s, 0, %(book)s, %(season)s, %(seq)s, substr(%(token)s, 1,"
    " 16), %(token)s)",
)
MONEY: tuple[LiteralString, ...] = (
    "INSERT INTO shortcodes (number, kind, name, book_id) VALUES (60000 + %(n)s, 'paybill', %(mark)s,"
    " %(book)s) RETURNING id",
    "INSERT INTO daraja_tokens (app, shortcode_id, token) VALUES (%(token)s, %(shortcodes)s, %(mark)s)",
    "INSERT INTO shortcode_credentials (shortcode_id, box, sealed_at)"
    " VALUES (%(shortcodes)s, %(token)s || %(token)s, %(at)s)",
    "INSERT INTO chama_shortcodes VALUES (%(chama)s, %(shortcodes)s, %(at)s)",
    "INSERT INTO payment_intents (shortcode_id, chama_id, member_id, payer_id, purpose, amount_cents,"
    " wish_key, created_at) VALUES (%(shortcodes)s, %(chama)s, %(member)s, %(user)s, 'contribution', 50000,"
    " %(token)s, %(at)s) RETURNING id",
    "INSERT INTO payment_attempts (intent_id, state, phone, amount_cents, account_reference, token_hash,"
    " due_at, created_at)"
    " VALUES (%(payment_intents)s, 'pending', %(phone)s, 50000, %(reference)s, %(token)s, %(at)s, %(at)s)"
    " RETURNING id",
    "INSERT INTO evidence (source, token_hash, body_sha256, body, headers, received_at, attempt_id)"
    " VALUES ('stk_callback', %(token)s, %(token)s, '', '{}', %(at)s, %(payment_attempts)s) RETURNING id",
    "INSERT INTO receipts (receipt, shortcode_id, kind, amount_cents, paid_at, attempt_id, evidence_id, proved_at,"
    " book_id, seq) VALUES (%(receipt)s, %(shortcodes)s, 'stk', 50000, %(at)s, %(payment_attempts)s, %(evidence)s,"
    " %(at)s, %(book)s, %(seq)s)",
    "INSERT INTO cash_bankings VALUES (%(receipt)s, %(chama)s, %(user)s, 500, %(at)s, %(book)s, %(seq)s)",
    "INSERT INTO suspense (receipt, reason, state, opened_at) VALUES (%(receipt)s, %(mark)s, 'open', %(at)s)",
    "INSERT INTO reversals (receipt, shortcode_id, amount_cents, state, token_hashes, created_at)"
    " VALUES (%(receipt)s, %(shortcodes)s, 50000, 'created', ARRAY[%(token)s::bytea], %(at)s)",
    "INSERT INTO qr_pictures VALUES (%(chama)s, %(shortcodes)s, 'M', '48213', 500, NULL, 0, NULL, NULL, %(at)s)",
    "INSERT INTO receipt_claims VALUES (%(user)s, %(receipt)s, %(at)s)",
    "INSERT INTO suspense_offers VALUES"
    " (%(receipt)s, %(member)s, %(chama)s, 'likely', '{one_slip}', 50000, %(at)s, %(at)s)",
    "INSERT INTO settlements (receipt, amount_cents, paid_at, kind, chama_id, member_id, state, asked_by, asked_at)"
    " VALUES (%(receipt)s, 50000, %(at)s, 'credit', %(chama)s, %(member)s, 'asked', %(user)s, %(at)s)",
    "INSERT INTO take_backs (receipt, why, chama_id, member_id, state, asked_by, asked_at)"
    " VALUES (%(receipt)s, 'unknown', %(chama)s, %(member)s, 'asked', %(user)s, %(at)s)",
    "INSERT INTO payouts (shortcode_id, chama_id, member_id, user_id, book_id, source_account_id, order_key,"
    " originator, state, phone, amount_cents, charge_cents, hold_seq, sent_seq, expires_at, ordered_at)"
    " SELECT %(shortcodes)s, %(chama)s, %(member)s, %(user)s, %(book)s, id, %(mark)s, '60000' || %(n)s || '-'"
    " || repeat(%(n)s::text, 24), 'unknown', %(phone)s, 50000, 0, %(seq)s, %(seq)s, %(at)s, %(at)s FROM accounts"
    " WHERE owner_member_id = %(member)s RETURNING id",
    "INSERT INTO disbursement_requests (chama_id, shortcode_id, payee_member_id, asked_by, amount_cents, charge_cents,"
    " phone, digest, needed, wait_seconds, purpose, freezers, state, asked_at, expires_at) SELECT %(chama)s, s, m, m,"
    " 50000, 0, %(phone)s, %(token)s, 2, 0, 'welfare', 2, 'pending', t, t FROM (SELECT %(member)s::bigint,"
    " %(shortcodes)s::bigint, %(at)s::timestamptz) AS one (m, s, t) RETURNING id",
    "INSERT INTO approvals SELECT 'disbursement', %(disbursement_requests)s, %(user)s, %(member)s, 'approve',"
    " %(token)s, 'pin', NULL, %(at)s",
    "INSERT INTO api_repeats VALUES (%(user)s, 'key', %(token)s, '{}', %(at)s)",
    "INSERT INTO announcements_heard VALUES (%(disbursement_requests)s, %(member)s, %(at)s)",
    "INSERT INTO payout_calls (payout_id, kind, token_hash, called_at)"
    " VALUES (%(payouts)s, 'payment', %(token)s, %(at)s)",
    "INSERT INTO second_witnesses (shortcode_id, witness, set_at) VALUES (%(shortcodes)s, 'query', %(at)s)",
    "INSERT INTO payout_gates (shortcode_id, utility_cents, utility_at) VALUES (%(shortcodes)s, 500, %(at)s)",
    "INSERT INTO inquiries (kind, shortcode_id, attempt_id, state, token_hash, opened_at)"
    " VALUES ('stk_query', %(shortcodes)s, %(payment_attempts)s, 'open', %(token)s, %(at)s)",
    "INSERT INTO pulls (shortcode_id, registered_at, reached_at, due_at)"
    " VALUES (%(shortcodes)s, %(at)s, %(at)s, %(at)s)",
    "INSERT INTO pulled_windows (shortcode_id, from_at, to_at, listed, asked_at)"
    " VALUES (%(shortcodes)s, %(at)s - interval '1 hour', %(at)s, 1, %(at)s)",
    "INSERT INTO listed_payments VALUES (%(shortcodes)s, 'pull', %(receipt)s, 'in', 50000, %(at)s, NULL, %(at)s)",
    "INSERT INTO told_charges VALUES (%(shortcodes)s, 'statement', %(receipt)s, 500, NULL, %(at)s, %(at)s)",
    "INSERT INTO statements_imported (shortcode_id, state, file_sha256, body, imported_at)"
    " VALUES (%(shortcodes)s, 'uploaded', %(token)s, '', %(at)s)",
    "INSERT INTO balance_questions (shortcode_id, why, state, token_hash, opened_at)"
    " VALUES (%(shortcodes)s, 'daily', 'open', %(token)s, %(at)s)",
    "INSERT INTO reconciliation_days VALUES (%(shortcodes)s, %(at)s, 1, 'matched', 'first look', %(at)s)",
    "INSERT INTO day_certificates VALUES (%(shortcodes)s, %(at)s, 1, '{}', 0)",
    "INSERT INTO day_looks VALUES (%(shortcodes)s, %(at)s, %(at)s)",
)
SPEECH: tuple[LiteralString, ...] = (
    "INSERT INTO ussd_actions VALUES (%(token)s, %(user)s, 'pay', '{}', %(at)s)",
    "INSERT INTO ussd_turns VALUES (%(token)s, 1, %(user)s, 'home.start', '', false, %(at)s)",
    "INSERT INTO ussd_sessions VALUES (%(token)s, %(user)s, 'Success', 1, 1, 1, %(at)s)",
    "INSERT INTO notifications (user_id, chama_id, channel, template, arguments, language, dedupe_key, state,"
    " provider_id, queued_at)"
    " VALUES (%(user)s, %(chama)s, 'sms', 'paid', '{}', 'sw', %(mark)s, 'sent', 'ATXid_' || %(n)s, %(at)s)",
    "INSERT INTO early_reports VALUES ('ATXid_' || %(n)s, 'Success', NULL, %(at)s)",
    "INSERT INTO incidents VALUES (%(incident)s, 'ussd', 'ValueError', '', %(user)s, %(at)s)",
    "INSERT INTO balance_assertions (book_id, account_id, as_of_seq, source, asserted_cents, found_cents, asserted_at)"
    " SELECT book_id, id, 1, 'cash_count', 500, 500, %(at)s FROM accounts WHERE owner_member_id = %(member)s",
    "INSERT INTO erasures VALUES (%(user)s, 'asked for', NULL, %(at)s, '{}')",
    # One change more is chained; the first ones in the queue are those of the seasons.
    "SELECT chain_audit(%(at)s, array_fill(substr(%(token)s, 1, 16), ARRAY[2]))",
)


def everything(conn: Connection[Any], table: str, where: LiteralString = "TRUE", *given: Any) -> set[str]:
    """Every row of a table, as text."""
    query = sql.SQL("SELECT t::text FROM {} t WHERE {}").format(sql.Identifier(table), sql.SQL(where))
    return {row for (row,) in conn.execute(query, given)}


def tables(conn: Connection[Any]) -> dict[str, bool]:
    """Every table of ours, from the catalogue; the value says whether it is a partition of another."""
    return dict(
        conn.execute(
            "SELECT relname, relispartition FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY relname"
        ).fetchall()
    )


class Attempts:
    """Tries statements as a role in a context, and takes back what they did."""

    def __init__(self, conn: Connection[Any]) -> None:
        self.conn = conn

    def seen(self, table: str, role: Role, context: dict[str, str]) -> set[str] | str:
        """The rows that the role sees in this context, or REFUSED."""
        try:
            with self.conn.transaction(force_rollback=True):
                self._enter(role, context)
                return everything(self.conn, table)
        except errors.InsufficientPrivilege:
            return REFUSED

    def changed(self, verb: str, table: str, role: Role, context: dict[str, str]) -> int | str:
        """How many rows an UPDATE or DELETE of the whole table reaches, or REFUSED."""
        name = sql.Identifier(table)
        column = sql.Identifier(self._a_column(table, role))
        statement = sql.SQL("DELETE FROM {}").format(name)
        if verb == "UPDATE":
            statement = sql.SQL("UPDATE {} SET {} = {}").format(name, column, column)
        return self._tried(statement, [], role, context)

    def added(self, table: str, row: dict[str, Any], role: Role, context: dict[str, str]) -> int | str:
        """What comes of adding a row that is there already: PASSED when only its key stands in the way."""
        columns = sql.SQL(", ").join(map(sql.Identifier, row))
        statement = sql.SQL(
            "INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE"
            " SELECT {columns} FROM jsonb_populate_record(NULL::{table}, %s)"
        ).format(table=sql.Identifier(table), columns=columns)
        return self._tried(statement, [Jsonb(row)], role, context)

    def row_like(self, table: str, text: str) -> dict[str, Any]:
        """The row with this text, as the owner sees it, without its generated columns."""
        query = sql.SQL("SELECT to_jsonb(t) FROM {} t WHERE t::text = %s").format(sql.Identifier(table))
        row = dict(self.conn.execute(query, [text]).fetchall()[0][0])
        made = self.conn.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attgenerated <> ''", [table]
        ).fetchall()
        return {name: value for name, value in row.items() if (name,) not in made}

    def _tried(self, statement: sql.Composable, given: list[Any], role: Role, context: dict[str, str]) -> int | str:
        try:
            with self.conn.transaction(force_rollback=True):
                self._enter(role, context)
                return self.conn.execute(sql.Composed([statement]), given).rowcount
        except errors.InsufficientPrivilege:
            return REFUSED
        except psycopg.IntegrityError:
            return PASSED

    def _enter(self, role: Role, context: dict[str, str]) -> None:
        for name, value in {"role": role, **context}.items():
            self.conn.execute("SELECT set_config(%s, %s, true)", [name, value])

    def _a_column(self, table: str, role: Role) -> str:
        found = self.conn.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %(table)s::regclass AND attnum > 0 AND NOT attisdropped"
            " ORDER BY has_column_privilege(%(role)s, attrelid, attnum, 'UPDATE') DESC, attidentity, attnum"
            " LIMIT 1",
            {"table": table, "role": role},
        ).fetchall()
        return str(found[0][0])
