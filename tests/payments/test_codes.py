"""The codes of Daraja's pages, line by line: each has its row, and what has none proves nothing."""

import re
from pathlib import Path

from gateway import codebook
from payments.daraja import codes, errors, payout_codes
from payments.daraja.errors import Meaning
from payments.daraja.payout_codes import B2C
from payments.states import AttemptState

# As collected in November 2026 from Safaricom's documentation, from its sandbox and from what others report.
NAMED = {
    codes.STK: "0 1 2 3 4 8 17 1019 1025 9999 1032 1037 2001 2028 SFC_IC0003 8006 1001 26 1036 4999 1031",
    B2C: "0 1 2 3 4 8 11 21 2001 2006 2028 2040 8006 SFC_IC0003",
    codes.REVERSAL: "R000001 R000002",
    codes.B2B_EXPRESS: "4001",
    codes.G2: "15 17 18 19 20 21 22 24 25 26 29 100000000 100000001 100000002 100000004 100000005 100000007 100000009 "
    "100000010 100000011 00.002.1001",
}
ERRORS = (
    "400.002.02 400.002.05 400.003.01 400.003.02 400.008.01 400.008.02 401.002.01 401.003.01 404.001.01 404.002.01 "
    "404.003.01 404.001.03 404.001.04 405.001 500.001.1001 500.002.1001 500.003.1001 500.003.02 500.003.03"
)
SOFT = {"1019", "1037", "1001", "1036", "1031"}
TABLES = {**codes.CODES, **payout_codes.PAYOUT_CODES}


def test_every_code_that_is_named_has_its_row() -> None:
    missing = [(api, code) for api, listed in NAMED.items() for code in listed.split() if (api, code) not in TABLES]
    assert missing == []
    assert {rule.code for rule in errors.RULES if not rule.code.endswith(".")} == set(ERRORS.split())


def test_a_row_says_what_it_proves_when_to_try_again_and_who_says_so() -> None:
    for (api, code), row in TABLES.items():
        assert row.grade in ("O", "S", "C") and row.meaning, (api, code)
        # What only an operator can repair has words for him.
        assert (row.retry is codes.Retry.REPAIRED) <= bool(row.repair), (api, code)
    assert {code for (api, code), row in codes.CODES.items() if row.treat_as is AttemptState.FAILED_SOFT} == SOFT
    # Whose end is open is never simply tried again; a prompt that ran out may be, and its late success is waited for.
    for (api, code), row in codes.CODES.items():
        if row.treat_as in (AttemptState.UNCLEAR, AttemptState.PENDING):
            assert row.retry in (codes.Retry.ASK, codes.Retry.REPAIRED), (api, code)


def test_the_same_number_means_another_thing_to_another_api() -> None:
    assert codes.look_up(codes.STK, "17").treat_as is AttemptState.FAILED_FINAL
    assert codes.explained(codes.REVERSAL, "17").treat_as is AttemptState.UNCLEAR
    assert (codes.look_up(codes.STK, "2001").words, codes.look_up(codes.STATUS, "2001").words) == (
        "The M-PESA PIN was wrong.",
        "",
    )


def test_a_code_that_nobody_named_proves_nothing() -> None:
    """Codes 03 to 43 of older lists among them: they are another system's."""
    for code in ("03", "43", "99", "77", "", "R000003", "1038", "0 ", "00", "-1"):
        for api in codebook.APIS:
            assert codes.look_up(api, code).treat_as is AttemptState.UNCLEAR
            assert codes.explained(api, code).retry in (codes.Retry.ASK, codes.Retry.REPAIRED)
        assert not payout_codes.look_up(code).failed and not payout_codes.look_up(code).stops
    for code in ("", "500.009.01", "999", "50000310"):
        assert errors.meaning_of(code, "spike arrest, duplicate, being processed") is Meaning.UNKNOWN


def test_the_page_is_what_the_tables_say() -> None:
    page = Path(codebook.DOCUMENT).read_text(encoding="utf-8")
    assert page == codebook.drawn(), "make codes"
    for code in " ".join([*NAMED.values(), ERRORS]).split():
        assert re.search(rf"^\| `{re.escape(code)}` \|", page, re.MULTILINE), code
