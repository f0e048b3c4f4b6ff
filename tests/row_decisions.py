"""Who may see and write the rows of each table, in the process that serves members; tests/test_rows.py asks."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Decision:
    """What the web has of a table. `member`: 'own' rows or 'none'; `writes`: her verbs on her own rows."""

    member: str = "own"
    operator: bool = True
    house: bool = False
    writes: str = ""


# About the house and of nobody: everybody may read it, and no policy is asked.
OPEN = {
    *("schema_migrations", "seasons", "shortcodes", "batches", "batch_trees", "reconciliation_days", "audit_verified"),
    *("evidence_aged", "puzzles"),
    *("chain_accounts", "chain_transactions", "chain_attempts", "chain_contracts", "chain_cursors", "chain_logs"),
}
DECIDED = {
    **dict.fromkeys(["books", "accounts", "heads", "entries", "postings", "entry_notes", "entry_codes"], Decision()),
    **dict.fromkeys(["batch_leaves", "chamas", "chama_members", "rule_sets", "rounds"], Decision()),
    **dict.fromkeys(["receipts", "endings", "open_holds", "positions", "invitations"], Decision()),
    **dict.fromkeys(["deposits", "windings", "refunds", "notice_caps", "samples", "cash_bankings"], Decision()),
    **dict.fromkeys(["chama_shortcodes", "suspense_offers", "balance_assertions", "idempotency_keys"], Decision()),
    **dict.fromkeys(["sealing_queue", "payouts", "payout_calls"], Decision(house=True)),
    "users": Decision(writes="U"),
    "pins": Decision(operator=False, writes="IU"),
    **dict.fromkeys(["phones_seen", "cash_claims", "notice_preferences", "devices"], Decision(writes="IU")),
    **dict.fromkeys(["ballots", "ballot_numbers"], Decision(writes="I")),
    **dict.fromkeys(["swaps", "rule_proposals", "motions"], Decision(writes="IU")),
    "penalties": Decision(writes="U"),
    "loans": Decision(),
    "instalments": Decision(writes="U"),
    "ballot_seeds": Decision("none", operator=False),
    **dict.fromkeys(["meetings", "attendance"], Decision(writes="IU")),
    "minutes": Decision(writes="I"),
    **dict.fromkeys(["papers", "files"], Decision()),
    "imports": Decision("none"),
    **dict.fromkeys(["contributions", "confirmations"], Decision(writes="U")),
    "web_sessions": Decision(operator=False, writes="ID"),
    "api_tokens": Decision(operator=False),
    "api_repeats": Decision(operator=False, writes="I"),
    **dict.fromkeys(["daraja_tokens", "shortcode_credentials", "early_reports"], Decision("none", operator=False)),
    **dict.fromkeys(["audit_values", "wrong_codes", "second_witnesses"], Decision("none", operator=False)),
    **dict.fromkeys(["settlements", "take_backs", "chama_orders", "qr_pictures"], Decision(writes="IU")),
    "disbursement_requests": Decision(house=True, writes="IU"),
    **dict.fromkeys(["consents", "payment_intents", "ussd_actions", "receipt_claims"], Decision(writes="I")),
    **dict.fromkeys(["allocations", "approvals", "announcements_heard"], Decision(writes="I")),
    "payment_attempts": Decision(house=True, writes="I"),
    **dict.fromkeys(["inquiries", "notifications"], Decision(house=True, writes="IU")),
    **dict.fromkeys(["evidence", "suspense", "audit_queue", "payout_gates"], Decision("none", house=True)),
    **dict.fromkeys(["pulls", "pulled_windows", "listed_payments", "told_charges"], Decision("none")),
    **dict.fromkeys(
        ["statements_imported", "balance_questions", "day_certificates", "day_looks", "incidents"], Decision("none")
    ),
    **dict.fromkeys(["audit_logs", "audit_chain", "erasures", "reversals"], Decision("none")),
    "ussd_sessions": Decision(writes="IU"),
    **dict.fromkeys(["ussd_turns", "identity_looks"], Decision()),
    "pin_resets": Decision(writes="IU"),
    "pin_vouches": Decision(writes="I"),
}
# Counts under keyed hashes, of nobody: whoever has said anything about herself may count.
COUNTED = {"sign_in_failures"}
