"""From the first key to the sealed receipt, over HTTP all the way."""

from tests.whole import Whole


def test_a_contribution_goes_from_the_first_key_to_the_sealed_entry(whole: Whole) -> None:
    last = whole.ask_to_contribute("Wanjiku")
    assert "M-PESA" in last
    whole.settle()
    prompt = whole.prompt("Wanjiku")
    assert prompt and prompt["amount_cents"] == 50_000
    whole.press("Wanjiku", "1234")
    whole.settle()
    assert len(whole.truth()) == 1
    assert whole.equals_truth()
    assert whole.codes("Wanjiku")
    states = whole.rows("SELECT state FROM batches")
    assert states and all(row["state"] == "completed" for row in states)
