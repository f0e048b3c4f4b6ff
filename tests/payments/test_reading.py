"""Bodies into facts: every sample, every trap of spelling, and nothing that raises anything but Unreadable."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payments import evidence
from payments.daraja import schemas, values
from payments.payouts.reading import read_result
from payments.payouts.states import PayoutState
from payments.reading import Unreadable, read_status_result, read_stk_callback, read_stk_query
from payments.states import AttemptState
from tests.payments.scene import failed, paid

SAMPLES = Path(__file__).parents[1] / "samples" / "daraja"


def sample(number: str) -> bytes:
    (path,) = SAMPLES.glob(f"{number}-*")
    return path.read_bytes()


def raw(body: Any) -> bytes:
    return json.dumps(body).encode()


@pytest.mark.parametrize(("number", "receipt"), [("S2", "NLJ7RT61SV"), ("S3", "MAO0DO9BYO")])
def test_a_success_names_money(number: str, receipt: str) -> None:
    fact = read_stk_callback(sample(number))
    assert fact.proposes is AttemptState.PAID
    assert fact.money is not None
    assert (fact.money.receipt, fact.money.amount_cents) == (receipt, 100)


def test_nairobi_time_becomes_utc() -> None:
    fact = read_stk_callback(sample("S2"))
    assert fact.money is not None
    assert fact.money.paid_at == datetime(2019, 12, 19, 7, 21, 15, tzinfo=UTC)


@pytest.mark.parametrize(("number", "state"), [("S5", "failed_final"), ("S6", "failed_soft")])
def test_a_failure_has_no_metadata(number: str, state: str) -> None:
    fact = read_stk_callback(sample(number))
    assert (fact.proposes, fact.money) == (state, None)


def test_query_answers() -> None:
    assert read_stk_query(sample("S8")).proposes is AttemptState.PROVEN
    assert read_stk_query(sample("S9")).proposes is AttemptState.PENDING
    assert read_stk_query(sample("S10")).proposes is AttemptState.UNCLEAR
    with pytest.raises(Unreadable):
        read_stk_query(sample("S1"))  # ResponseCode 0 is no ResultCode 0


def test_a_wrong_password_is_no_answer_about_the_payment() -> None:
    body = {"errorCode": "500.001.1001", "errorMessage": "Wrong credentials"}
    assert read_stk_query(raw(body)).proposes is AttemptState.UNCLEAR


@pytest.mark.parametrize("code", [1032, "1032", " 1032 "])
def test_a_code_may_be_a_number_or_text(code: Any) -> None:
    assert read_stk_callback(raw(failed(code))).code == "1032"


@pytest.mark.parametrize("code", [None, True, 0.0, "", [], {}, "0; DROP"])
def test_a_missing_or_odd_code_is_never_zero(code: Any) -> None:
    with pytest.raises(Unreadable):
        read_stk_callback(raw(failed(code)))
    body = failed(0)
    del body["Body"]["stkCallback"]["ResultCode"]
    with pytest.raises(Unreadable, match=r"Body\.stkCallback\.ResultCode"):
        read_stk_callback(raw(body))


def test_a_success_without_metadata_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        read_stk_callback(raw(failed(0)))


@pytest.mark.parametrize(
    ("written", "cents"),
    [
        ("1", 100),
        ("1.00", 100),
        ("1.5", 150),
        ('"10"', 1000),
        ('"5.00"', 500),
        ("8959269.60", 895926960),
        ("1e3", 100000),
    ],
)
def test_amounts_are_exact(written: str, cents: int) -> None:
    body = raw(paid(shillings="AMOUNT")).replace(b'"AMOUNT"', written.encode())
    fact = read_stk_callback(body)
    assert fact.money is not None
    assert fact.money.amount_cents == cents


@pytest.mark.parametrize(
    "written", ["0", "-1", "0.001", "1.005", "1e99", "1e999999999", "NaN", "Infinity", "true", "null", '"ten"', "[1]"]
)
def test_what_is_no_amount_is_unreadable(written: str) -> None:
    with pytest.raises(Unreadable):
        read_stk_callback(raw(paid(shillings="AMOUNT")).replace(b'"AMOUNT"', written.encode()))


@pytest.mark.parametrize("receipt", ["NLJ0000000", "nlj7rt61sv", "SHORT", "", None, "A" * 13, "NLJ7RT61S\u00d6"])
def test_what_is_no_receipt_is_unreadable(receipt: Any) -> None:
    with pytest.raises(Unreadable):
        read_stk_callback(raw(paid(receipt=receipt)))


@pytest.mark.parametrize(
    "balance",
    [{}, {"Value": None}, {"Value": "{Amount={CurrencyCode=KES, MinimumAmount=618683, BasicAmount=6186.83}}"}],
)
def test_a_balance_beside_the_money_is_not_read_whatever_it_is(balance: dict[str, Any]) -> None:
    body = paid()
    body["Body"]["stkCallback"]["CallbackMetadata"]["Item"].insert(2, {"Name": "Balance", **balance})
    assert read_stk_callback(raw(body)).money == read_stk_callback(raw(paid())).money


def test_an_instant_is_the_same_in_each_of_its_four_forms() -> None:
    nairobi = datetime(2026, 12, 31, 21, 59, 59, tzinfo=UTC)
    assert {values.moment(form) for form in (20270101005959, "20270101005959", "01.01.2027 00:59:59")} == {nairobi}
    # Pull's Z is doubtful, and there may be none.
    for form in ("2027-01-01T00:59:59Z", "2027-01-01 0:59:59", "2027-01-01T00:59:59.000Z", "20270101005959"):
        assert values.listed_moment(form) == nairobi


def test_parameters_come_as_an_object_as_a_list_twice_and_with_blanks() -> None:
    failed_alone = {
        "Result": {"ResultCode": "SFC_IC0003", "ResultParameters": {"ResultParameter": {"Key": "BOCompletedTime"}}}
    }
    found = read_result(raw(failed_alone))
    assert (found.code, found.proposes, found.paid) == ("SFC_IC0003", PayoutState.FAILED_PROVEN, None)
    twice = [
        {"Key": " Amount ", "Value": 1},
        {"Key": "Amount", "Value": 1},
        {"Key": "Amount"},
        {"Key": "Name", "Value": 2},
    ]
    assert schemas.items("Key")(twice) == {"Amount": (1, 1), "Name": (2,)}
    assert schemas.items("Key")({"Key": "Amount", "Value": 1}) == {"Amount": (1,)}


def test_an_item_that_contradicts_itself_is_unreadable() -> None:
    body = paid()
    body["Body"]["stkCallback"]["CallbackMetadata"]["Item"].append({"Name": "Amount", "Value": 9000})
    with pytest.raises(Unreadable, match="Amount"):
        read_stk_callback(raw(body))


def test_a_single_item_may_come_without_its_list() -> None:
    body = failed(0, CallbackMetadata={"Item": {"Name": "Amount", "Value": 1}})
    with pytest.raises(Unreadable, match="MpesaReceiptNumber"):
        read_stk_callback(raw(body))


@pytest.mark.parametrize("phone", ["2547 ***** 126", None, 254000000000, "f" * 64])
def test_a_masked_payer_is_nobody_and_not_an_error(phone: Any) -> None:
    fact = read_stk_callback(raw(paid(phone=phone)))
    assert fact.money is not None
    assert fact.money.phone is None


def status_result(**changes: Any) -> dict[str, Any]:
    items = {
        "DebitPartyName": "254700000005 - WANJIKU",
        "CreditPartyName": "600123 - PESACHAMA",
        "DebitAccountType": "MMF Account For Customer",
        "TransactionStatus": "Completed",
        "FinalisedTime": "20261120140300",
        "Amount": "500",
        "ReceiptNo": "NLJ7RT61SV",
        **changes,
    }
    listed = [{"Key": name, "Value": value} for name, value in items.items()]
    return {"Result": {"ResultCode": 0, "ResultParameters": {"ResultParameter": listed}, "TransactionID": "NLJ0000000"}}


def test_a_status_result_names_money_that_came_in() -> None:
    fact = read_status_result(raw(status_result()), "600123")
    assert fact.money is not None
    assert (fact.money.receipt, fact.money.amount_cents, fact.money.phone) == ("NLJ7RT61SV", 50_000, "+254700000005")


def test_money_that_we_paid_out_is_never_money_that_came_in() -> None:
    assert read_status_result(sample("S25"), "600310").money is None
    other = status_result(CreditPartyName="600999 - SOMEBODY ELSE")
    assert read_status_result(raw(other), "600123").money is None


@pytest.mark.parametrize("status", ["Declined", "Expired", "Cancelled", "Initiated"])
def test_only_completed_is_money(status: str) -> None:
    assert read_status_result(raw(status_result(TransactionStatus=status)), "600123").money is None


def test_a_status_result_that_found_nothing_proves_nothing() -> None:
    fact = read_status_result(raw({"Result": {"ResultCode": 2032, "ResultDesc": "-"}}), "600123")
    assert (fact.proposes, fact.money) == (AttemptState.UNCLEAR, None)


EVIL = [
    b"",
    b"\x00",
    b"\xff\xfe",
    b"null",
    b"[]",
    b"[" * 60_000,
    b'{"Body":' * 10_000,
    b'{"Body":{"stkCallback":{"ResultCode":' + b"9" * 5000 + b"}}}",
    b"<html>Request Rejected</html>",
    b'{"ResultCode":0}{"ResultCode":0}',
    b'{"Body":"\\ud800"}',
]


@pytest.mark.parametrize("body", EVIL)
def test_evil_bodies_are_unreadable_and_nothing_else(body: bytes) -> None:
    for read in (read_stk_callback, read_stk_query, lambda it: read_status_result(it, "600123")):
        with pytest.raises(Unreadable) as trouble:
            read(body)
        assert len(str(trouble.value)) < 200


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"":['])
def test_a_deep_body_is_unreadable_even_where_a_library_lifted_the_recursion_limit(opening: bytes) -> None:
    asked = "import sys; sys.setrecursionlimit(100_000); from payments.reading import Unreadable, read_stk_callback\n"
    asked += "try: read_stk_callback(sys.stdin.buffer.read())\nexcept Unreadable: print('unreadable')"
    body = opening * (evidence.BODY_BYTES // len(opening))
    done = subprocess.run([sys.executable, "-c", asked], input=body, capture_output=True, check=False)
    assert done.stdout.strip() == b"unreadable", done.returncode


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_seeded_mutator_finds_no_other_error(data: st.DataObject) -> None:
    """Any one place of a good body is replaced by anything."""
    body = data.draw(st.sampled_from([paid(), failed(1032), status_result()]))
    place: Any = body
    while isinstance(place, dict | list) and place:
        key = data.draw(st.sampled_from(list(place) if isinstance(place, dict) else range(len(place))))
        if not isinstance(place[key], dict | list) or data.draw(st.integers(0, 3)) == 0:
            place[key] = data.draw(json_values)
            break
        place = place[key]
    for read in (read_stk_callback, lambda it: read_status_result(it, "600123")):
        try:
            fact = read(json.dumps(body).encode("utf-8", "surrogatepass"))
        except Unreadable:
            continue
        assert fact.money is None or fact.money.amount_cents > 0
