"""Every sentence of the code stands in every catalogue, with the same places, compiled."""

import ast
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from psycopg import Connection

from chamas import templates
from gateway.app import create_app
from gateway.wiring import Wiring
from menus import locale, validator
from payments.daraja import codes, payout_codes
from tests.instruments import START
from tests.menus import village
from tests.phones import phone_on

ROOT = Path(__file__).parents[2]
OTHERS = [language for language in locale.LANGUAGES if language != locale.ENGLISH]


def said(folder: str) -> Iterator[str]:
    """The texts handed to `say` and `msgids`, and the words of refusals below the gateway, which the phone says too."""
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ("say", "msgids"):
                yield from (each.value for each in node.args if is_text(each))
            if (
                folder != "gateway"
                and isinstance(node, ast.Assign)
                and ast.unparse(node.targets[0]) == "words"
                and is_text(node.value)
            ):
                yield node.value.value


def is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def folder_of(language: str) -> Path:
    return locale.HERE / language / "LC_MESSAGES"


def catalogue(language: str) -> Catalog:
    with (folder_of(language) / f"{locale.DOMAIN}.po").open("rb") as file:
        return read_po(file, locale=language)


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_translated_and_none_is_left_over(language: str) -> None:
    texts = {text for folder in ("menus", "chamas", "payments", "ledger", "gateway") for text in said(folder)}
    texts |= {words for template in templates.TEMPLATES.values() for words in (template.words, template.private_words)}
    texts |= {*templates.EVERY.values()}
    texts |= {code.words for code in (*codes.CODES.values(), *payout_codes.PAYOUT_CODES.values()) if code.words}
    texts |= {codes.NEVER_SENT, codes.EARLIER_CAME}
    kept = {message.id: message.string for message in catalogue(language) if message.id}
    assert texts - kept.keys() == set()
    assert kept.keys() - texts == set()
    assert [text for text, translation in kept.items() if not translation] == []


@pytest.mark.parametrize("language", OTHERS)
def test_places_are_the_same(language: str) -> None:
    for message in catalogue(language):
        assert set(places(str(message.id))) == set(places(str(message.string))), message.id


def places(text: str) -> list[str]:
    return re.findall(r"{(\w+)}", text)


@pytest.mark.parametrize("language", OTHERS)
def test_the_compiled_catalogue_is_the_written_one(language: str) -> None:
    compiled = BytesIO()
    write_mo(compiled, catalogue(language))
    assert (folder_of(language) / f"{locale.DOMAIN}.mo").read_bytes() == compiled.getvalue(), "run `make locale`"


def test_words_that_mean_something_else_to_her() -> None:
    """Traps: kodi is rent, ofisa is the coast."""
    for message in catalogue("sw"):
        text = str(message.string).lower()
        assert not re.search(r"\b(kodi|ofisa)\b", text), message.string


def test_no_pin_stands_alone() -> None:
    """A bare PIN is M-PESA's to her: every PIN says whose it is, or that none at all is meant."""
    for message in catalogue("sw"):
        whose = {"en": r"(?:M-PESA|CHAMA|any) PIN\b", "sw": r"\bPIN (?:ya M-PESA|ya CHAMA|yoyote)\b"}
        for language, text in (("en", str(message.id)), ("sw", str(message.string))):
            assert len(re.findall(r"\bPIN\b", text)) == len(re.findall(whose[language], text)), text


def test_a_third_language_is_a_catalogue_laid_beside_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, conn: Connection[Any], web_wiring: Wiring
) -> None:
    """Every sentence of Kiswahili in another spelling: found, offered, spoken, and looked over like the others."""
    for language, respelt in (("sw", False), ("luo", True)):
        there = tmp_path / language / "LC_MESSAGES"
        there.mkdir(parents=True)
        words = catalogue("sw")
        for message in words:
            if message.id and respelt:
                message.string = "Dholuo" if message.id == "English" else str(message.string).replace("Rudi", "Dok")
        with (there / "screens.mo").open("wb") as compiled:
            write_mo(compiled, words)
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
    validator._catalogue.cache_clear()
