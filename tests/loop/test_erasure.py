"""A person is forgotten: her name and number are nowhere, and every hash, balance and proof is as it was."""

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest
import redis
import requests
from psycopg import sql
from psycopg.types.json import Jsonb

from chamas.meeting import meetings, minutes
from chamas.members import register
from chamas.persons import erasure, files, looks, vouching
from chamas.telling import preferences
from chamas.telling.preferences import Preferences
from gateway import forgetting
from gateway.api import tokens
from gateway.cli import main
from gateway.commands import environment, register_urls
from gateway.desk import sessions as browsers
from gateway.ussd import trails
from ledger import audit, books
from payments.daraja.outcomes import Accepted
from tests.drills.paying import agree_to_pay
from tests.whole import MPESA_PIN, Whole

NAME, SURNAME, EMAIL = "Wanjiku", "Kamaunyoro", "wanjiku.k@umoja.example"


def her_id(whole: Whole) -> int:
    return int(whole.value("SELECT id FROM users WHERE phone = %s", whole.phone(NAME)))


def needles(phone: str) -> list[str]:
    """Whatever would betray her, as a row's text shows it; bytes are shown in hexadecimal."""
    digits = phone.removeprefix("+")
    # Without the country's code it ends every CheckoutRequestID.
    plain = [NAME, SURNAME, EMAIL, "wanjiku", digits, digits[3:]]
    hashed = [sha256(text.encode()).hexdigest() for text in (digits, phone)]
    bodies = [text.encode().hex() for told in plain for text in (told, told.upper(), told.lower())]
    return [*plain, *hashed, *bodies, *(text.encode().hex() for text in hashed)]


def betrayals(whole: Whole, phone: str) -> list[tuple[str, str]]:
    """Every table, of the library's too, and every key in Redis that still knows her."""
    found = []
    tables = whole.rows(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')"
    )
    assert len(tables) > 40
    for table in tables:
        query = sql.SQL("SELECT t::text AS line FROM {} t").format(sql.Identifier(table["nspname"], table["relname"]))
        for row in whole.rows(query.as_string()):
            found += [(table["relname"], needle) for needle in needles(phone) if needle.lower() in row["line"].lower()]
    with redis.Redis.from_url(whole.settings.redis_url) as client:
        for key in client.scan_iter():
            kept = str(client.hgetall(key) if client.type(key) == b"hash" else client.dump(key))
            found += [("redis", needle) for needle in needles(phone) if needle.lower() in kept.lower()]
    return sorted(set(found))


def live_a_life(whole: Whole) -> list[str]:
    """She pays twice, once without a callback, is written about, signs in, and has changed her data; her codes."""
    user_id = her_id(whole)
    with whole.worker.transaction() as conn:
        conn.execute(
            "UPDATE users SET last_name = %s, email = %s, national_id = %s, platform_role = 'admin' WHERE id = %s",
            [SURNAME, EMAIL, b"sealed", user_id],
        )
    whole.contribute(NAME)
    # So that the same again is meant, and no double.
    whole.advance(900)
    whole.simulator.wish("pays_silently", phone=whole.phone(NAME))
    whole.ask_to_contribute(NAME, 300)
    whole.settle()
    whole.press(NAME, MPESA_PIN)
    for seconds in (25, 60, 120, 600, 900):
        whole.advance(seconds)
    with whole.worker.transaction() as conn:
        at, chance = whole.worker.now(), whole.worker.chance
        tokens.issue(conn, "laptop of Wanjiku", user_id, at, chance)
        browsers.begin(conn, user_id, at=at, chance=chance)
        conn.execute("INSERT INTO consents VALUES (%s, '1', 'sw', sha256('session'), %s)", [user_id, at])
        conn.execute("INSERT INTO phones_seen VALUES (%s, %s)", [user_id, at])
        preferences.register_device(conn, user_id, f"the app of {SURNAME}", at=at)
        preferences.choose(conn, user_id, Preferences(email=EMAIL), at=at)
        conn.execute(
            "INSERT INTO api_repeats VALUES (%s, 'key', sha256('asked'), %s, %s)",
            [user_id, Jsonb({"payee": "Wanjiku"}), at],
        )
        conn.execute("INSERT INTO wrong_codes VALUES (%s, 1, %s)", [whole.phone(NAME), at])
        conn.execute("INSERT INTO incidents VALUES ('7K2-9QX', 'ussd', 'ValueError', '', %s, %s)", [user_id, at])
        [(book_id,)] = conn.execute("SELECT book_id FROM chamas WHERE name = 'Umoja'").fetchall()
        cash = books.open_account(conn, book_id=book_id, code="cash", kind="asset")
        bank = books.open_account(conn, book_id=book_id, code="opening", kind="asset")
        draft = books.Draft(
            book_id, "cash", at, (books.Line(cash, 100), books.Line(bank, -100)), "test", "1", {"text": "from WANJIKU."}
        )
        books.post(conn, draft, at=at, chance=chance)
    show_a_face_and_come_late(whole)
    # Under v2 a paybill's notice hides her number behind a mask, and names her: only her page leads to it.
    assert isinstance(register_urls.register(whole.worker, "v2", "600123"), Accepted)
    whole.simulator.post("/control/paybill", phone=whole.phone(NAME), amount=150, account="UMOJA")
    whole.settle()
    assert whole.value("SELECT count(*) FROM receipts WHERE kind = 'c2b' AND payer_key IS NULL") == 1
    agree_to_pay(whole, [whole.value("SELECT id FROM chama_members WHERE user_id = %s", user_id)])
    whole.settle()
    assert whole.value("SELECT state FROM payouts") == "paid"
    requests.post(
        f"{whole.url}/pay/c2b/{whole.settings.callback_secret}/confirmation",
        json={"TransID": "TKK9XX0001", "MSISDN": needles(whole.phone(NAME))[6], "FirstName": "WANJIKU"},
        timeout=10,
    )
    whole.settle()
    audit.chain_all(whole.worker)
    trails.keep_all(whole.worker)
    # One more change that is not chained yet, and a session that is open while she is forgotten.
    with whole.worker.transaction() as conn:
        register.prefer(conn, user_id, language="en")
    whole.dial(NAME)
    return whole.codes(NAME)


def show_a_face_and_come_late(whole: Whole) -> None:
    """A picture of her lies on the shelf, the minutes of a meeting name her, and she has asked for a new PIN."""
    user_id, amina = her_id(whole), whole.value("SELECT id FROM users WHERE phone = %s", whole.phone("Amina"))
    chama_id, face = whole.value("SELECT id FROM chamas WHERE name = 'Umoja'"), b"\x89PNG\r\n\x1a\n a face"
    with whole.worker.transaction() as conn:
        at, chance = whole.worker.now(), whole.worker.chance
        met = meetings.convene(conn, chama_id, by_user_id=amina, at=at)
        minutes.write(conn, met.id, "Wanjiku came late.", by_user_id=amina, at=at, chance=chance)
        wanted = {"user_id": user_id, "chama_id": chama_id, "kind": vouching.ResetKind.CODE}
        vouching.ask(conn, **wanted, pepper=whole.settings.pin_pepper, at=at, chance=chance)
        shelf = whole.worker.shelf
        files.keep(conn, "avatar", face, user_id=user_id, by_user_id=user_id, shelf=shelf, at=at, chance=chance)
        looks.write_down(conn, user_id, looks.Sight.DOCUMENT, by_user_id=amina, at=at)


def kept(whole: Whole) -> dict[str, list[dict[str, Any]]]:
    """What must be the same before and after."""
    return {
        "accounts": whole.rows("SELECT id, code, balance_cents, version FROM accounts ORDER BY id"),
        "entries": whole.rows("SELECT book_id, seq, hash, commitment FROM entries ORDER BY book_id, seq"),
        "postings": whole.rows("SELECT * FROM postings ORDER BY book_id, seq, line"),
        "receipts": whole.rows("SELECT receipt, amount_cents, book_id, seq, attempt_id FROM receipts ORDER BY receipt"),
        "changes": whole.rows("SELECT * FROM audit_chain ORDER BY position"),
        "hashes": whole.rows("SELECT id, body_sha256 FROM evidence ORDER BY id"),
    }


def proof(whole: Whole, code: str) -> Any:
    answer = requests.get(f"{whole.url}/v/{code}", headers={"Accept": "application/json"}, timeout=10)
    assert answer.status_code == 200
    return answer.json()


def test_erasing_a_person_leaves_every_hash_balance_and_proof_and_her_name_nowhere(whole: Whole) -> None:
    phone, user_id = whole.phone(NAME), her_id(whole)
    codes = live_a_life(whole)
    assert len(codes) == 3 and whole.unsound() == []
    betraying = {table for table, _ in betrayals(whole, phone)}
    assert betraying >= {
        *(
            "payouts",
            "disbursement_requests",
            "users",
            "payment_attempts",
            "evidence",
            "notifications",
            "audit_values",
            "api_tokens",
        ),
        *("entry_notes", "redis"),
    }
    # Who paid is kept under a secret: neither her number nor its plain hash was ever there.
    assert "receipts" not in betraying
    before, proofs = kept(whole), [proof(whole, code) for code in codes]

    erased = forgetting.erase(whole.worker, user_id, reason="asked for", asked_by=None, leave_money=True)

    assert betrayals(whole, phone) == []
    assert kept(whole) == before
    assert [proof(whole, code) for code in codes] == proofs
    assert whole.unsound() == []
    audit.chain_all(whole.worker)
    assert whole.unsound() == []
    assert betrayals(whole, phone) == []
    assert all(erased.gone[kind] for kind in erased.gone), [kind for kind in erased.gone if not erased.gone[kind]]
    assert whole.rows("SELECT gone FROM erasures") == [{"gone": dict(erased.gone)}]
    person = whole.rows("SELECT * FROM users WHERE id = %s", user_id)[0]
    assert (person["status"], person["first_name"], person["national_id"]) == ("erased", "---", None)
    assert whole.rows("SELECT text_version, session_key FROM consents WHERE user_id = %s", user_id) == [
        {"text_version": "1", "session_key": b""}
    ]
    # Whoever gets her number next is a stranger.
    assert "Karibu" in whole.dial(NAME)
    # The others go on, and page and code of hers are still found.
    whole.contribute("Kiprop")
    assert whole.equals_truth()


def test_a_rehearsal_says_what_would_go_and_takes_nothing(
    whole: Whole, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole.contribute(NAME)
    state = "SELECT array_agg(t::text ORDER BY t::text) FROM {} t"
    tables = ("users", "pins", "notifications", "payment_attempts", "evidence", "audit_values", "erasures")
    before = [whole.value(state.format(table)) for table in tables]
    monkeypatch.setattr(environment, "wiring", lambda process: replace(whole.worker, process=process))
    said = ["erase", whole.phone(NAME), "--reason", "asked for", "--leave-money"]
    assert main(said) == 0
    told = capsys.readouterr().out
    assert "would be forgotten" in told and "     1 receipts\n" in told
    assert [whole.value(state.format(table)) for table in tables] == before
    assert main([*said[:-1], "--yes"]) == 1
    assert "let her leave first" in capsys.readouterr().err
    assert main([*said, "--yes", "--by", "nobody@umoja.example"]) == 1
    assert [whole.value(state.format(table)) for table in tables] == before
    assert main([*said, "--yes", "--by", "admin@umoja.example"]) == 0
    assert "is forgotten" in capsys.readouterr().out
    assert whole.rows("SELECT reason, asked_by IS NOT NULL AS known FROM erasures") == [
        {"reason": "asked for", "known": True}
    ]
    assert main([*said, "--yes"]) == 1
    assert "nobody has this number" in capsys.readouterr().err


def refused(whole: Whole, kind: type[Exception], *, leave_money: bool = True) -> bool:
    with pytest.raises(kind):
        forgetting.erase(whole.worker, her_id(whole), reason="asked for", asked_by=None, leave_money=leave_money)
    return whole.rows("SELECT FROM erasures") == []


def test_nobody_is_erased_while_something_of_hers_is_under_way(whole: Whole) -> None:
    assert refused(whole, erasure.StillInAGroup, leave_money=False)
    whole.ask_to_contribute(NAME)
    assert refused(whole, erasure.MoneyMoving)
    whole.settle()
    assert refused(whole, erasure.MoneyMoving)
    whole.press(NAME, MPESA_PIN)
    whole.settle()
    with whole.worker.transaction() as conn:
        conn.execute(
            "UPDATE notifications SET state = 'queued', due_at = queued_at WHERE user_id = %s", [her_id(whole)]
        )
    assert refused(whole, erasure.MessagesWaiting)
    whole.settle()
    with whole.worker.transaction() as conn:
        [(hers, book_id)] = conn.execute(
            "SELECT a.id, a.book_id FROM accounts a JOIN chama_members m ON m.id = a.owner_member_id "
            "WHERE m.user_id = %s",
            [her_id(whole)],
        ).fetchall()
        bank = books.open_account(conn, book_id=book_id, code="opening", kind="asset")
        at = whole.worker.now()
        hold = books.Draft(
            book_id, "payout", at, (books.Line(bank, -100), books.Line(hers, 100)), "test", "hold",
            expires_at=at.replace(year=at.year + 1),
        )  # fmt: skip
        books.post(conn, hold, at=at, chance=whole.worker.chance)
    assert refused(whole, erasure.MoneyMoving)


def test_nobody_is_erased_twice_or_without_being_there(whole: Whole) -> None:
    user_id = her_id(whole)
    forgetting.erase(whole.worker, user_id, reason="asked for", asked_by=None, leave_money=True)
    for nobody in (user_id, 10_000_000):
        with pytest.raises(erasure.UnknownPerson):
            forgetting.erase(whole.worker, nobody, reason="asked for", asked_by=None)
