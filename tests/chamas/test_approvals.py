"""Approvals: k of n other people, to exactly what they saw, by people who are not new in their offices."""

from dataclasses import replace
from datetime import timedelta

import pytest
from psycopg import errors
from psycopg.types.json import Jsonb

from chamas.approving import approvals
from chamas.approving.approvals import NotAsShown, NotYourVoice, Said, Subject, Verdict, Vote, Word
from chamas.approving.deciders import AlreadyDecided
from chamas.approving.voices import voices_in
from chamas.arriving import settlements, unmatched
from chamas.members import register
from chamas.members.register import Role
from chamas.payouts import asking, renewing, requested
from chamas.payouts.asking import MayNotAsk
from chamas.payouts.disbursements import Request
from chamas.payouts.disbursing import PaidAfterAll
from gateway.wiring import Wiring
from payments.daraja import payout_codes
from tests.chamas.test_disbursements import HUNDRED, Group, group
from tests.menus import village as rows

__all__ = ["group"]


def changed(group: Group, request: Request, cents: int, asker: str = "Amina") -> Request:
    at = group.wiring.now()
    with group.wiring.transaction() as conn:
        return asking.ask_anew(conn, request.id, asker_member_id=group.members[asker], amount_cents=cents, at=at)


def test_a_changed_request_voids_what_was_said_to_it(group: Group) -> None:
    request = group.ask()
    group.runs()
    group.says("Chebet", request)
    group.runs()
    other = changed(group, request, 300_00)
    group.runs()
    assert (other.revision, other.charge_cents) == (1, 500) and other.digest != request.digest
    with pytest.raises(NotAsShown):
        group.says("Juma", request)
    group.says("Juma", other)
    group.runs()
    assert group.now(request).state == "pending" and group.spendable() == 1_000_00
    # Both were told of both wordings.
    assert group.told("payout_asked") == ["Chebet", "Juma", "Chebet", "Juma"]
    group.says("Chebet", other)
    group.runs()
    assert group.now(request).state == "approved" and group.payout(request).amount_cents == 300_00
    with pytest.raises(NotAsShown):
        changed(group, request, HUNDRED)
    with pytest.raises(MayNotAsk):
        changed(group, group.ask(), HUNDRED, asker="Chebet")


def test_a_no_pauses_until_it_is_asked_anew(group: Group) -> None:
    request = group.ask()
    group.says("Chebet", request)
    group.says("Juma", request, Vote.REJECT, reason=1)
    group.runs()
    assert (group.now(request).state, group.now(request).paused) == ("rejected", True)
    again = changed(group, request, HUNDRED)
    assert (again.state, again.reason) == ("pending", None)
    for name in ("Chebet", "Juma"):
        group.says(name, again)
    group.runs()
    assert group.now(request).state == "approved" and group.spendable() == 900_00


def test_what_is_changed_after_it_was_agreed_on_does_not_leave(group: Group) -> None:
    request = group.approved()
    group.conn.execute("UPDATE disbursement_requests SET amount_cents = amount_cents + 100")
    group.waits(3_601)
    assert (group.now(request).state, group.now(request).reason) == ("rejected", "not what was agreed on")
    assert group.payout(request).state == "failed_proven" and group.spendable() == 1_000_00


def test_who_is_new_in_office_does_not_approve(group: Group) -> None:
    with group.wiring.transaction() as conn:
        register.change_role(conn, group.members["Juma"], Role.SECRETARY, at=group.wiring.now())
    request = group.ask()
    with pytest.raises(NotYourVoice):
        group.says("Juma", request)
    # A member fills the gap, and goes on doing so when the new one is new no more.
    group.waits(71 * 3_600)
    voices = voices_in(group.conn, request.chama_id)
    assert requested.whose_yes(voices, request) == sorted((group.members["Chebet"], group.members["Baraka"]))
    group.waits(3_600)
    later = group.ask()
    assert requested.whose_yes(voices, later) == sorted((group.members["Chebet"], group.members["Juma"]))
    with group.wiring.transaction() as conn:
        register.change_role(conn, group.members["Juma"], Role.SECRETARY, at=group.wiring.now())
    assert requested.whose_yes(voices_in(group.conn, later.chama_id), later) == requested.whose_yes(voices, later)


def test_the_web_asks_anew_and_lets_nothing_go(group: Group, web_wiring: Wiring) -> None:
    request, amina = group.ask(), group.village.user_ids[0]
    with web_wiring.acting_as(amina) as conn:
        again = asking.ask_anew(
            conn, request.id, asker_member_id=group.members["Amina"], amount_cents=200_00, at=web_wiring.now()
        )
    assert again.amount_cents == 200_00
    with pytest.raises(errors.InsufficientPrivilege), web_wiring.acting_as(amina) as conn:
        conn.execute("UPDATE disbursement_requests SET state = 'rejected'")
    with pytest.raises(errors.CheckViolation):
        group.conn.execute(
            "INSERT INTO approvals (subject, subject_id, user_id, vote, digest, proof, voted_at) "
            "VALUES ('disbursement', %s, %s, 'approve', %s, 'phone', now())",
            [request.id, amina, again.digest],
        )


def test_the_limits_are_those_of_the_rules_in_force_when_it_was_asked(group: Group) -> None:
    before = group.ask()
    limits = {"approvals": 1, "wait_minutes": 30, "expiry_hours": 2, "freezers": 3, "sms_from_cents": 500_00}
    group.conn.execute("UPDATE rule_sets SET more = %s", [Jsonb(limits)])
    request = group.ask(cents=200_00)
    assert (before.needed, request.needed, request.wait_seconds, request.freezers) == (2, 1, 1_800, 3)
    assert request.rule_set_id is not None and request.expires_at - request.asked_at == timedelta(hours=2)
    group.says("Chebet", request)
    group.runs()
    # Below the amount that the group has agreed on nobody pays for an SMS: all hear of it on their next dial.
    assert group.now(request).state == "approved" and group.told("payout_coming") == []
    every = list(group.members.values())
    heard = requested.announced_to(group.conn, every)
    assert heard is not None and heard.id == request.id


def test_one_no_weighs_more_than_many_yes() -> None:
    said = Said(frozenset({1, 2, 3}), {4: 2, 9: None}, frozenset())
    assert said.verdict({1, 2, 3}, 3) is Verdict.AGREED
    assert said.verdict({1, 2}, 3) is Verdict.WAITS
    assert said.verdict({1, 2, 3, 4}, 3) is Verdict.REFUSED and said.why({1, 4}) == 2


def test_unmatched_money_takes_a_yes_to_what_was_shown_in_time_of_no_new_official(group: Group) -> None:
    conn, at = group.conn, group.wiring.now()
    settled = rows.Village(group.village.chama_id, group.village.book_id, 0, (), group.village.member_ids)
    rows.receipt(conn, "TKK7RT61SX", (group.village.book_id, 9), 250_00)
    conn.execute(
        "INSERT INTO suspense (receipt, reason, state, opened_at) VALUES ('TKK7RT61SX', '-', 'open', %s)", [at]
    )
    conn.execute(
        "INSERT INTO suspense_offers VALUES ('TKK7RT61SX', %s, %s, 'likely', %s, 25000, %s, %s)",
        [settled.members[2], settled.chama_id, ["her_phone"], at, at],
    )
    users = {one.name: one.user_id for one in voices_in(conn, settled.chama_id)}
    with group.wiring.transaction() as own:
        wanted = unmatched.ask_credit(own, "TKK7RT61SX", settled.members[2], by=users["Amina"], at=at)
        register.change_role(own, group.members["Juma"], Role.SECRETARY, at=at)
    [shown] = settlements.read(conn, [wanted])
    right = Word(Vote.APPROVE, shown.digest, approvals.Proof.PIN, users["Chebet"], at)
    for said, refusal in (
        (replace(right, user_id=users["Juma"]), unmatched.NotYours),
        (replace(right, digest=bytes(32)), AlreadyDecided),
        (replace(right, at=at + timedelta(hours=72)), AlreadyDecided),
    ):
        with pytest.raises(refusal), group.wiring.transaction() as own:
            unmatched.decide(own, wanted, said)
    with group.wiring.transaction() as own:
        assert unmatched.decide(own, wanted, right).state == "approved"
    # Whoever owns the database and gives it to somebody else has nobody's yes to that.
    conn.execute("UPDATE settlements SET member_id = %s", [settled.members[1]])
    assert unmatched.settle_due(group.wiring) == 1
    assert settlements.read(conn, [wanted])[0].state == "void"
    with group.wiring.transaction() as own:
        unmatched.ask_credit(own, "TKK7RT61SX", settled.members[2], by=users["Amina"], at=at)
    group.wiring.clock.advance(72 * 3_600 + 1)  # type: ignore[attr-defined]
    assert unmatched.settle_due(group.wiring) == 1
    assert conn.execute("SELECT array_agg(state) FROM settlements").fetchone() == (["void", "void"],)
    assert approvals.said(conn, Subject.SETTLEMENT, wanted, shown.digest).yes == {users["Chebet"]}


def test_what_failed_is_asked_for_anew_once_and_not_sent_when_it_was_paid_after_all(group: Group) -> None:
    conn, chama_id = group.conn, group.village.chama_id

    def may(who: str, *, official: bool = True) -> list[int]:
        told = {"by_member_id": group.members[who], "official": official, "at": group.wiring.now()}
        return [one.id for one in renewing.stopped(conn, chama_id, **told)]  # type: ignore[arg-type]

    def renew(who: str, request: Request) -> Request:
        told = {"by_member_id": group.members[who], "at": group.wiring.now(), "bands": group.wiring.payout_bands}
        with group.wiring.transaction() as own:
            return renewing.renew(own, request.id, **told)  # type: ignore[arg-type]

    request = group.approved()
    with pytest.raises(NotAsShown):
        renew("Juma", request)
    group.waits(3_601)
    conn.execute("UPDATE payouts SET state = 'failed_proven', result_code = '2040'")
    group.runs()
    assert (group.now(request).state, renewing.why(conn, group.now(request))) == ("failed", payout_codes.NOT_ON_MPESA)
    # An official, or she whose money it was to be; not any other member, and nobody twice.
    assert (may("Juma"), may("Wanjiku", official=False), may("Baraka", official=False)) == ([request.id],) * 2 + ([],)
    with pytest.raises(MayNotAsk):
        renew("Baraka", request)
    again = renew("Juma", request)
    assert (again.renews, again.amount_cents, again.asked_by) == (request.id, HUNDRED, group.members["Juma"])
    with pytest.raises(NotAsShown):
        renew("Amina", request)
    assert may("Juma") == []
    # M-PESA says now that the first one was paid: the second has its votes, and does not leave.
    conn.execute("UPDATE disbursement_requests SET state = 'completed' WHERE id = %s", [request.id])
    for who in ("Amina", "Chebet"):
        group.says(who, again)
    group.runs()
    ended = group.now(again)
    assert (ended.state, ended.reason, ended.payout_id) == ("failed", PaidAfterAll.code, None)
    assert conn.execute("SELECT count(*) FROM payouts").fetchone() == (1,)
    # Nor does one that renews the second, also when it had its votes before M-PESA said so.
    conn.execute("UPDATE disbursement_requests SET state = 'failed' WHERE id = %s", [request.id])
    third = renew("Juma", again)
    for who in ("Amina", "Chebet"):
        group.says(who, third)
    group.runs()
    assert group.now(third).state == "approved"
    conn.execute("UPDATE disbursement_requests SET state = 'completed' WHERE id = %s", [request.id])
    group.waits(3_601)
    assert (group.now(third).state, group.now(third).reason) == ("rejected", PaidAfterAll.code)
    assert group.payout(third).state == "failed_proven"
