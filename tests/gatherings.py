"""What rows.py writes of each household beside its money: a meeting, papers, and a file with which a group moves in."""

from typing import LiteralString

GATHERINGS: tuple[LiteralString, ...] = (
    "INSERT INTO rule_proposals (chama_id, rule_set_id, proposed_by, rules, needed, state, proposed_at, expires_at)"
    " VALUES (%(chama)s, %(rule_sets)s, %(member)s, '{}', 2, 'pending', %(at)s, %(at)s)",
    "INSERT INTO motions (chama_id, kind, member_id, asked_by, how, cycle, needed, state, asked_at, expires_at)"
    " VALUES (%(chama)s, 'exit', %(member)s, %(member)s, 'at_once', 1, 2, 'asked', %(at)s, %(at)s)",
    "INSERT INTO meetings (chama_id, number, state, starts_at, called_by, called_at)"
    " VALUES (%(chama)s, 1, 'scheduled', %(at)s, %(user)s, %(at)s) RETURNING id",
    "INSERT INTO attendance (meeting_id, member_id, reply, replied_at)"
    " VALUES (%(meetings)s, %(member)s, 'coming', %(at)s)",
    "INSERT INTO papers (book_id, digest, recorded_at, hash)"
    " VALUES (%(book)s, %(token)s, %(at)s, %(token)s) RETURNING id",
    "INSERT INTO minutes (meeting_id, version, text, salt, digest, paper_id, written_by, written_at)"
    " VALUES (%(meetings)s, 1, %(mark)s, substr(%(token)s, 1, 16), %(token)s, %(papers)s, %(user)s, %(at)s)",
    "INSERT INTO files (kind, user_id, content_type, size_bytes, sha256, shelf_name, uploaded_by, uploaded_at)"
    " VALUES ('document', %(user)s, 'image/jpeg', 1, %(token)s, %(mark)s, %(user)s, %(at)s)",
    "INSERT INTO identity_looks (user_id, seen_by, what, seen_at) VALUES (%(user)s, %(user)s, 'document', %(at)s)",
    "INSERT INTO imports (file_sha256, body, state, tell, handed_by, handed_at)"
    " VALUES (%(token)s, '', 'handed_over', FALSE, %(user)s, %(at)s)",
    "INSERT INTO cash_claims (chama_id, member_id, recorded_by, amount_cents, state, recorded_at)"
    " VALUES (%(chama)s, %(member)s, %(user)s, 50000, 'recorded', %(at)s)",
    "INSERT INTO pin_resets (chama_id, user_id, kind, state, asked_at, expires_at)"
    " VALUES (%(chama)s, %(user)s, 'vouched', 'open', %(at)s, %(at)s) RETURNING id",
    "INSERT INTO pin_vouches VALUES (%(pin_resets)s, %(user)s, true, %(at)s)",
)

# What was lent, beside a request for it.
LENT: tuple[LiteralString, ...] = (
    "INSERT INTO loans (chama_id, member_id, request_id, rule_set_id, amount_cents, months, state, lent_at)"
    " VALUES (%(chama)s, %(member)s, %(disbursement_requests)s, %(rule_sets)s, 50000, 1, 'running', %(at)s)"
    " RETURNING id",
    "INSERT INTO instalments (loan_id, chama_id, member_id, number, principal_cents, interest_cents, begins_at,"
    " opens_at, due_at, state) VALUES (%(loans)s, %(chama)s, %(member)s, 1, 50000, 500, %(at)s, %(at)s, %(at)s, 'due')",
)

# One change for each of these tables that the log of changes must show.
CHANGED: dict[str, LiteralString] = {
    "meetings": "begun_at = starts_at",
    "attendance": "marked_at = replied_at",
    "files": "content_type = 'image/png'",
    "imports": "tell = TRUE",
    "rule_proposals": "revision = 1",
    "motions": "needed = 3",
    "ballots": "reason = 'nobody typed'",
    "ballot_numbers": "typed_at = typed_at + interval '1 day'",
}
