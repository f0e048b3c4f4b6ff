"""Every sentence of the code stands in the catalogue of its file, in every language, with the same places."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from psycopg import Connection

from gateway.app import create_app
from gateway.wiring import Wiring
from menus import locale, validator
from tests.instruments import START
from tests.menus import catalogues, village
from tests.phones import phone_on

OTHERS = [language for language in locale.LANGUAGES if language != locale.ENGLISH]


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_translated_in_the_catalogue_of_its_file_and_none_is_left_over(language: str) -> None:
    stands = {path.name: path.read_text() for path in (locale.HERE / language).rglob("*.po")}
    assert stands == catalogues.tidied(language), "run `make locale`"
    assert catalogues.said().keys() - locale.catalogue(language).keys() == set()


def test_two_translations_of_one_sentence_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(locale.HERE / "sw", tmp_path / "sw")
    monkeypatch.setattr(locale, "HERE", tmp_path)
    (tmp_path / "sw" / "z.po").write_text('msgid "Yes"\nmsgstr "Ee"\n')
    with pytest.raises(catalogues.TwoTranslations, match=r"sw: 'Yes' is 'Ndiyo' and 'Ee' \(z.po\): keep one"):
        catalogues.tidied("sw")
    (tmp_path / "sw" / "z.po").write_text('msgid "Yes"\nmsgstr "Ndiyo"\n')
    assert "Ndiyo" in "".join(catalogues.tidied("sw").values())


@pytest.mark.parametrize("language", OTHERS)
def test_places_are_the_same(language: str) -> None:
    for msgid, text in locale.catalogue(language).items():
        assert set(places(msgid)) == set(places(text)), msgid


def places(text: str) -> list[str]:
    return re.findall(r"{(\w+)}", text)


@pytest.mark.parametrize("language", OTHERS)
def test_other_programs_read_the_catalogues_as_we_do(language: str) -> None:
    for path in (locale.HERE / language).glob("*.po"):
        with path.open("rb") as file:
            theirs = {message.id: message.string for message in read_po(file)}
        assert {**locale.read(path), "": theirs[""]} == theirs


def test_a_catalogue_is_read_whole_or_not_at_all(tmp_path: Path) -> None:
    there = tmp_path / "luo.po"
    there.write_text('# A word.\nmsgid ""\n"Back {x}"\nmsgstr "Dok "\n"\\"{x}\\""\n\n#: menus/steps.py\n')
    assert locale.read(there) == {"Back {x}": 'Dok "{x}"'}
    for broken in ('msgid "a"\n', 'msgctxt "b"\nmsgid "a"\nmsgstr "c"\n', 'msgid "a"\nmsgstr "b"\nmsgstr "c"\n'):
        there.write_text(broken)
        with pytest.raises(locale.Unreadable):
            locale.read(there)


def test_words_that_mean_something_else_to_her() -> None:
    """Traps: kodi is rent, ofisa is the coast."""
    for text in locale.catalogue("sw").values():
        assert not re.search(r"\b(kodi|ofisa)\b", text.lower()), text


def test_no_pin_stands_alone() -> None:
    """A bare PIN is M-PESA's to her: every PIN says whose it is, or that none at all is meant."""
    for msgid, translation in locale.catalogue("sw").items():
        whose = {"en": r"(?:M-PESA|CHAMA|any) PIN\b", "sw": r"\bPIN (?:ya M-PESA|ya CHAMA|yoyote)\b"}
        for language, text in (("en", msgid), ("sw", translation)):
            assert len(re.findall(r"\bPIN\b", text)) == len(re.findall(whose[language], text)), text


def test_a_third_language_is_a_catalogue_laid_beside_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, conn: Connection[Any], web_wiring: Wiring
) -> None:
    """Every sentence of Kiswahili in another spelling: found, offered, spoken, and looked over like the others."""
    shutil.copytree(locale.HERE / "sw", tmp_path / "sw")
    (tmp_path / "luo").mkdir()
    respelt = {**locale.catalogue("sw"), "English": "Dholuo"}
    words = [(json.dumps(msgid), json.dumps(text.replace("Rudi", "Dok"))) for msgid, text in respelt.items()]
    (tmp_path / "luo" / "all.po").write_text("\n".join(f"msgid {msgid}\nmsgstr {text}\n" for msgid, text in words))
    monkeypatch.setattr(locale, "HERE", tmp_path)
    monkeypatch.setattr(locale, "LANGUAGES", locale.found_in(tmp_path))
    locale.catalogue.cache_clear()
    assert locale.LANGUAGES == ("sw", "en", "luo")
    assert validator.faults() == []
    village.settle(conn, START)
    phone = phone_on(create_app(web_wiring), village.phone_of(4))
    assert "1 Kiswahili\n2 English\n3 Dholuo\n" in phone.dial("*384*123*6*1#")
    assert phone.press("3").startswith("CON Umoja: umelipa 0 kati ya 500")
    assert phone.press("2").endswith("0 Dok 00 Mwanzo")
    locale.catalogue.cache_clear()
