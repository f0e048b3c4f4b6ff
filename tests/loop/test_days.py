"""The certificate of a day against the real simulator: each planted gap is named, and a new look is a new version."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import sql

from gateway import alarms
from gateway.cli import main
from gateway.commands import environment
from gateway.commands.import_statement import read
from gateway.commands.reconcile import look, printed
from gateway.commands.register_urls import register
from ledger.nairobi import day_begins, local
from payments import payouts
from payments.reconciliation import days, pull, statements
from payments.reconciliation.days import Certificate
from payments.reconciliation.statements import FILE_BYTES, FileTooBig, Handed, SameFile, StatementState
from tests.loop.test_paybill import account_of, confirmation, tell
from tests.whole import SHORTCODE, Whole


@pytest.fixture
def morning(whole: Whole) -> Whole:
    return at_eight(whole)


def at_eight(whole: Whole) -> Whole:
    """The house at 8 in the morning of a new day, registered for confirmations and for Pull."""
    register(whole.worker, "v1", SHORTCODE)
    pull.register(whole.worker, SHORTCODE, "+254700000001")
    tomorrow = day_begins(whole.worker.now()) + timedelta(days=1, hours=8)
    whole.advance((tomorrow - whole.worker.now()).total_seconds())
    return whole


def pays(whole: Whole, name: str, shillings: int) -> str:
    paid = whole.simulator.post(
        "/control/paybill", phone=whole.phone(name), amount=shillings, account=account_of(whole, name)
    )
    whole.advance(60)
    return str(paid["receipt"])


def unheard(whole: Whole, name: str, shillings: int) -> str:
    """A payment of which no confirmation is ever sent."""
    whole.simulator.wish("pays_silently", api="c2b", phone=whole.phone(name))
    return pays(whole, name, shillings)


def until_the_day_is_over(whole: Whole) -> date:
    """Past the hours in which it settles; the day."""
    day = local(whole.worker.now()).date()
    ends = day_begins(whole.worker.now()) + timedelta(days=1)
    for _ in range(40):
        whole.advance(4 * 3_600)
        if whole.worker.now() > ends + days.SETTLES_FOR + timedelta(minutes=30):
            break
    return day


def certified(whole: Whole, day: date) -> Certificate:
    days.certify_due(whole.worker)
    return newest(whole, day)


def newest(whole: Whole, day: date) -> Certificate:
    with whole.worker.transaction() as conn:
        found = days.newest(conn, 1, day)
    assert found is not None
    return found


def named(found: Certificate) -> list[tuple[str, str | None, int]]:
    return [(one.code, one.receipt, one.effect_cents) for one in found.differences]


def states(found: Certificate) -> dict[str, str]:
    return {one.what: one.state for one in found.compared}


def statement_of(whole: Whole, first: date, last: date | None = None) -> bytes:
    where = f"{whole.simulator.url}/control/statement"
    return bytes(
        whole.simulator.http.get(where, params={"from": str(first), "to": str(last or first)}, timeout=10).content
    )


def test_a_day_in_which_all_arrived_matches_and_a_second_look_changes_nothing(morning: Whole) -> None:
    for name, shillings in (("Wanjiku", 300), ("Amina", 500), ("Wanjiku", 200)):
        pays(morning, name, shillings)
    morning.contribute("Njeri")
    day = until_the_day_is_over(morning)
    found = certified(morning, day)
    assert (found.result, found.in_count, found.in_cents, found.differences) == ("matched", 4, 150_000, ())
    assert states(found) == {
        "pull": "matched", "statement": "not_compared", "chain": "matched", "balance": "matched"
    }  # fmt: skip
    assert (found.version, found.reason) == (1, "first look")
    read(morning.worker, SHORTCODE, Handed(statement_of(morning, day)))
    morning.advance(3_600)
    again = certified(morning, day)
    assert (again.version, again.reason) == (2, "statement can be compared now")
    assert set(states(again).values()) == {"matched"}
    morning.advance(3_600)
    assert certified(morning, day) == again
    assert newest(morning, day).version == 2
    assert morning.equals_truth()


def test_no_version_is_ever_changed(morning: Whole) -> None:
    pays(morning, "Wanjiku", 300)
    day = until_the_day_is_over(morning)
    certified(morning, day)
    for table in ("reconciliation_days", "day_certificates", "listed_payments", "pulled_windows"):
        with (
            psycopg.connect(morning.settings.database_url, autocommit=True) as owner,
            pytest.raises(psycopg.errors.RestrictViolation),
        ):
            owner.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))


def test_a_payment_that_only_the_statement_knows_is_asked_about_and_booked(morning: Whole) -> None:
    with morning.worker.transaction() as conn:
        conn.execute("UPDATE pulls SET due_at = due_at + interval '90 days'")
    pays(morning, "Wanjiku", 300)
    lost = unheard(morning, "Amina", 500)
    pays(morning, "Wanjiku", 200)
    day = until_the_day_is_over(morning)
    found = certified(morning, day)
    # Nobody named it, but the next confirmation's balance does not follow.
    assert named(found) == [("gap_in", None, 50_000)]
    assert found.result == "differs"
    with morning.worker.transaction() as conn:
        assert "days_differ" in [one.name for one in alarms.read(conn, morning.worker.now())]
    imported = read(morning.worker, SHORTCODE, Handed(statement_of(morning, day)))
    assert (imported.state, imported.listed, imported.problems) == (StatementState.READ, 3, [])
    assert named(certified(morning, day)) == [("listed_not_booked", lost, 50_000)]
    morning.advance(60)
    final = certified(morning, day)
    assert (final.version, final.result, named(final), final.in_count) == (3, "matched", [], 3)
    assert "1 differences are settled" in final.reason
    assert morning.equals_truth()


def test_a_forged_confirmation_is_named_by_its_receipt(morning: Whole) -> None:
    pays(morning, "Wanjiku", 300)
    forged = {"receipt": "TKZFORGED1", "phone": morning.phone("Amina"), "amount_cents": 90_000}
    at = f"{local(morning.worker.now()):%Y%m%d%H%M%S}"
    body = confirmation(forged | {"reference": account_of(morning, "Amina")}, "v1") | {"TransTime": at}
    tell(morning, body | {"OrgAccountBalance": "1200.00"})
    morning.settle()
    pays(morning, "Wanjiku", 200)
    day = until_the_day_is_over(morning)
    found = certified(morning, day)
    assert named(found) == [("booked_not_listed", "TKZFORGED1", -90_000)]
    assert states(found)["balance"] == "differs"


def test_money_that_left_behind_our_back_is_found_by_the_balance_and_named_by_the_statement(morning: Whole) -> None:
    pays(morning, "Wanjiku", 3_000)
    gone = debit(morning, 1_000)
    day = until_the_day_is_over(morning)
    found = certified(morning, day)
    assert named(found) == [("balance_differs", None, -100_000)]
    read(morning.worker, SHORTCODE, Handed(statement_of(morning, day)))
    found = certified(morning, day)
    assert named(found) == [("out_not_booked", gone, -100_000)]
    following = until_the_day_is_over(morning)
    # What is open from the day before explains today's balance: it is said once.
    assert named(certified(morning, following)) == []


def debit(whole: Whole, shillings: int) -> str:
    """Somebody pays out at the portal; the receipt."""
    token = whole.simulator.http.get(
        f"{whole.simulator.url}/oauth/v1/generate",
        params={"grant_type": "client_credentials"},
        auth=(whole.settings.mpesa_consumer_key, whole.settings.mpesa_consumer_secret),
        timeout=10,
    ).json()["access_token"]
    whole.simulator.payout(
        f"portal-{shillings}", token, Amount=str(shillings), PartyA=SHORTCODE, PartyB=whole.phone("Daudi").lstrip("+"),
        ResultURL=f"{whole.url}/pay/b2c/{'ab' * 32}/result", QueueTimeOutURL=f"{whole.url}/pay/b2c/{'ab' * 32}/timeout",
    )  # fmt: skip
    whole.advance(60)
    (made,) = [
        one for one in whole.simulator.get("/control/truth")["payouts"] if one["amount_cents"] == shillings * 100
    ]
    return str(made["receipt"])


def test_what_could_not_be_compared_is_said(whole: Whole) -> None:
    register(whole.worker, "v1", SHORTCODE)
    whole.settle()
    pays(whole, "Wanjiku", 300)
    day = until_the_day_is_over(whole)
    found = certified(whole, day)
    assert (found.result, states(found)["pull"], states(found)["statement"]) == ("not_compared",) + (
        "not_compared",
    ) * 2
    assert "the shortcode is not registered for Pull" in [one.words for one in found.compared]


def test_the_command_prints_and_tells_by_its_status(
    morning: Whole, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Any
) -> None:
    pays(morning, "Wanjiku", 300)
    debit(morning, 100)
    day = until_the_day_is_over(morning)
    monkeypatch.setattr(environment, "wiring", lambda process: replace(morning.worker))
    assert main(["reconcile", "--day", str(day)]) == 1
    told = capsys.readouterr().out
    assert f"{day}, shortcode {SHORTCODE}: differs (version 1" in told
    assert "FIX balance_differs" in told and "OK  Pull: 1, KES 300" in told
    assert main(["reconcile", "--day", "tomorrow"]) == 2
    assert main(["reconcile", "--shortcode", "999999"]) == 2
    file = tmp_path / "portal.csv"
    file.write_bytes(statement_of(morning, day))
    assert main(["import-statement", str(file)]) == 0
    assert "2 payments are new" in capsys.readouterr().out
    assert main(["import-statement", str(file)]) == 1
    assert "handed over before" in capsys.readouterr().err
    assert main(["reconcile", "--json"]) == 1
    assert '"out_not_booked"' in capsys.readouterr().out


def test_a_file_that_is_no_statement_or_anothers_is_refused_with_words(morning: Whole) -> None:
    refused = read(morning.worker, SHORTCODE, Handed(b"a,b\n1,2"))
    assert refused.state is StatementState.REFUSED
    assert "names the columns" in str(refused.problems)
    day = local(morning.worker.now()).date()
    other = statement_of(morning, day).replace(SHORTCODE.encode(), b"654321")
    assert "statement of 654321" in str(read(morning.worker, SHORTCODE, Handed(other)).problems)
    assert morning.rows("SELECT body FROM statements_imported WHERE body IS NOT NULL") == []
    with morning.worker.transaction() as conn, pytest.raises(FileTooBig):
        statements.hand_over(conn, 1, Handed(b"x" * (FILE_BYTES + 1)), at=morning.worker.now())
    with pytest.raises(SameFile):
        read(morning.worker, SHORTCODE, Handed(other))


def test_a_certificate_is_printed_in_lines(morning: Whole) -> None:
    pays(morning, "Wanjiku", 300)
    day = until_the_day_is_over(morning)
    (found,) = look(morning.worker, SHORTCODE, day) or []
    assert printed(found).splitlines()[1] == "    in the books 1 payments, KES 300"


def test_payouts_of_ours_match_the_statement_and_a_charge_that_differs_is_an_alarm(morning: Whole) -> None:
    pays(morning, "Wanjiku", 900)
    [(chama_id, book_id, user_id, account_id)] = [
        tuple(row.values())
        for row in morning.rows(
            "SELECT c.id, c.book_id, m.user_id, a.id AS account_id FROM chamas c "
            "JOIN chama_members m ON m.chama_id = c.id JOIN accounts a ON a.owner_member_id = m.id WHERE m.id = %s",
            morning.person("Wanjiku")["id"],
        )
    ]
    at = morning.worker.now()
    wanted = payouts.Order(
        "order-1", 1, chama_id, book_id, account_id, morning.phone("Wanjiku"), 20_000, at, user_id=user_id
    )
    # An operator who believes that M-PESA takes less for the second one than it does.
    for key, bands in (("order-1", payouts.TARIFF), ("order-2", ((250_000, 200),))):
        with morning.worker.transaction() as conn:
            payouts.order(conn, replace(wanted, key=key), at=at, chance=morning.worker.chance, due_at=at, bands=bands)
        morning.advance(60)
    pays(morning, "Amina", 100)
    day = until_the_day_is_over(morning)
    dearer = morning.rows("SELECT receipt FROM payouts WHERE order_key = 'order-2'")[0]["receipt"]
    by_account = certified(morning, day)
    assert named(by_account) == [("charge_differs", dearer, 0)]
    read(morning.worker, SHORTCODE, Handed(statement_of(morning, day)))
    found = certified(morning, day)
    assert (found.result, found.out_count, found.out_cents) == ("matched", 2, 40_000)
    assert states(found).pop("charges") == "differs"
    assert set(states(found).values()) == {"matched", "differs"}
    (apart,) = found.differences
    assert apart.words == f"{dearer}: KES 2 charged by the books, KES 5 by the statement"
    with morning.worker.transaction() as conn:
        assert {one.name for one in alarms.read(conn, morning.worker.now())} & {"charges_differ", "days_differ"} == {
            "charges_differ"
        }
    # Nothing is booked by itself.
    booked = morning.rows("SELECT sum(balance_cents)::bigint AS cents FROM accounts WHERE code = 'payout_charges'")
    assert booked == [{"cents": 700}]
