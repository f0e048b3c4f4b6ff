"""Rule 1: imports only go down. Rule 2: one importer per outside library."""

import re

from tests.house.source import PRODUCT, House, imported

# Who may import a library; a name ending in a slash is a room, another the beginning of a module or folder.
IMPORTERS = {
    "flask": ("gateway/",),
    "redis": ("gateway/",),
    "procrastinate": ("gateway/",),
    "requests": ("payments/daraja", "gateway/outbound"),
    "africastalking": ("gateway/texts",),
    "web3": ("ledger/chain", "ledger/sync"),
}


def rule_1_imports_only_go_down(house: House) -> list[str]:
    complaints = []
    for path, tree in house.modules(*PRODUCT, "simulator"):
        room = path.split("/")[0]
        for name in imported(tree):
            other = name.split(".")[0]
            if room == "simulator" and other in PRODUCT:
                complaints.append(f"{path}: the simulator imports {name}")
            elif room != "simulator" and other == "simulator":
                complaints.append(f"{path}: the product imports {name}")
            elif room in PRODUCT and other in PRODUCT and PRODUCT.index(other) < PRODUCT.index(room):
                complaints.append(f"{path}: imports {name}, which lies above it")
    return complaints


def rule_2_one_importer_per_library(house: House) -> list[str]:
    return [
        f"{path}: imports {name}"
        for path, tree in house.modules(*PRODUCT)
        for name in imported(tree)
        if name.split(".")[0] in IMPORTERS and not path.startswith(IMPORTERS[name.split(".")[0]])
    ]


def test_rule_1_imports_only_go_down(house: House) -> None:
    assert rule_1_imports_only_go_down(house) == []


def test_rule_2_one_importer_per_library(house: House) -> None:
    assert rule_2_one_importer_per_library(house) == []


def test_breaking_rules_1_and_2_is_seen(house: House) -> None:
    upward = house.with_files(ledger__books="from payments import pushes")
    assert rule_1_imports_only_go_down(upward) == ["ledger/books.py: imports payments, which lies above it"]
    assert rule_1_imports_only_go_down(house.with_files(simulator__app="import ledger.books"))
    assert rule_1_imports_only_go_down(house.with_files(gateway__app="import simulator"))
    assert rule_2_one_importer_per_library(house.with_files(menus__machine="import redis"))
    assert rule_2_one_importer_per_library(house.with_files(gateway__app="from web3 import Web3"))


def test_nothing_is_unpickled_and_no_template_is_made_of_words(house: House) -> None:
    """A session is JSON, and a page a file of ours: neither what Redis holds nor what somebody types is ever run."""
    for path, tree in house.modules(*PRODUCT):
        assert {name.split(".")[0] for name in imported(tree)}.isdisjoint({"pickle", "marshal", "shelve", "dill"}), path
        assert "render_template_string" not in house.files[path], path
    for path, text in house.texts(".html"):
        assert not re.search(r"{[{%][^}]*\b(environ|__class__|__globals__|os\.)", text), path
