"""One number, whatever it is written like; never a number that is only half there."""

import pytest

from payments.phones import UnreadablePhone, mask, normalise, to_daraja


@pytest.mark.parametrize(
    "text",
    [
        "+254712345678",
        "254712345678",
        "0712345678",
        "712345678",
        " 254712345678",
        " +254712345678 ",
        "0712 345 678",
        "+254 712-345-678",
        "(0712) 345678",
    ],
)
def test_reads_one_number_in_many_hands(text: str) -> None:
    assert normalise(text) == "+254712345678"


@pytest.mark.parametrize("text", ["0110345678", "110345678", "+254110345678"])
def test_reads_the_newer_prefix(text: str) -> None:
    assert normalise(text) == "+254110345678"


def test_reads_a_neighbour_whose_plus_became_a_blank() -> None:
    assert normalise(" 255754123456") == "+255754123456"


@pytest.mark.parametrize(
    "text",
    [
        "2547 ***** 126",
        "0712***678",
        "2547xxxxx126",
        "ec59c5053134bbb95",
        "",
        " ",
        "+",
        "07123",
        "000000000",
        "+254000000000",
        "0712345678901",
        "0712345678;ext=5",
        "0712345678\n0722000000",
        "\u0660\u0667\u0661\u0662",
    ],
)
def test_refuses_what_is_not_one_whole_number(text: str) -> None:
    with pytest.raises(UnreadablePhone) as refusal:
        normalise(text)
    assert not any(character.isdigit() for character in str(refusal.value))


def test_reads_every_seeded_phone() -> None:
    assert normalise("+254700000099") == "+254700000099"


def test_masks_the_middle() -> None:
    assert mask("+254712345678") == "0712***678"
    assert mask("+255754123456") == "+255***456"


def test_writes_the_number_as_daraja_reads_it() -> None:
    assert to_daraja("+254712345678") == "254712345678"
