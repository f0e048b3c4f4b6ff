"""Rule 15: the documents are where the house is. Links lead somewhere, commands exist, the map names every room."""

import re
from pathlib import PurePosixPath

from gateway.cli import COMMANDS
from tests.house import rooms
from tests.house.source import ROOMS, ROOT, House

LINK = re.compile(r"\]\(([^)\s]+)\)")
DECISION = re.compile(r"docs/decisions/(\d{4})-[a-z0-9-]+\.md")
# A decision is read standing: what is longer than this holds two.
DECISION_LINES = 100

# In small letters it may stand as a part of an address.
OTHER_SPELLING = re.compile(r"\b(?!M-PESA|m-pesa)[Mm]-[Pp][Ee][Ss][Aa]\b")
# Written in two parts, so that this file does not name what no file may name.
WORKPLACE = re.compile("/" + r"work/(?:main|shared|h)\b|/" + "opt/pypi")
REGISTRIES = re.compile(r"\b(?:files\.python" + r"hosted\.org|registry\.npm" + r"js\.org|pypi" + r"\.org)\b")


def rule_15_links_lead_somewhere(house: House, folders: frozenset[str]) -> list[str]:
    complaints = []
    for path, text in house.texts(".md"):
        for link in LINK.findall(without_code(text)):
            if re.match(r"[a-z]+:|#", link):
                continue
            to = resolved(path, link.partition("#")[0])
            if to not in house.files and to not in folders:
                complaints.append(f"{path}: {link} leads nowhere")
    return complaints


def rule_15_commands_exist(house: House, targets: frozenset[str], commands: frozenset[str]) -> list[str]:
    complaints = []
    for path, text in house.texts(".md", "Procfile", ".html"):
        spoken = "\n".join(re.findall(r"`[^`]*`|^ *(?:\$ )?(?:make|pesachama) .*$|^\w+: pesachama \w+$", text, re.M))
        complaints += [
            f"{path}: no make {name}" for name in re.findall(r"\bmake ([a-z-]+)", spoken) if name not in targets
        ]
        named = re.findall(r"\bpesachama ([a-z]+(?:-[a-z]+)*)", spoken)
        complaints += [f"{path}: no pesachama {name}" for name in named if name not in commands]
    return complaints


def rule_15_the_map_names_every_room(house: House, page: str) -> list[str]:
    complaints = [f"HOUSE.md does not name {room}/" for room in ROOMS if f"({room}/)" not in page]
    for path in house.trees:
        if path.split("/")[0] in rooms.PRODUCT and not path.endswith("__init__.py") and f"({path})" not in page:
            complaints.append(f"HOUSE.md does not name {path}")
    return complaints


def rule_15_decisions_are_numbered_once_and_short(house: House) -> list[str]:
    pages = {path: text for path, text in house.files.items() if path.startswith("docs/decisions/")}
    numbers = [match[1] if (match := DECISION.fullmatch(path)) else path for path in pages]
    complaints = [f"decision {number} stands twice or has a strange name" for number in doubtful(numbers)]
    for path, text in pages.items():
        if text.count("\n") > DECISION_LINES:
            complaints.append(f"{path}: longer than {DECISION_LINES} lines")
        if not text.startswith(f"# {path.rsplit('/', 1)[1][:4]} ") or "**Decided.**" not in text:
            complaints.append(f"{path}: does not open with its number, or decides nothing")
    return complaints


def nobody_names_the_workplace(house: House) -> list[str]:
    return [
        f"{path}: names {found[0]}"
        for path, text in house.files.items()
        for found in (WORKPLACE.search(text), REGISTRIES.search(text))
        if found
    ]


def m_pesa_is_spelt_one_way(house: House) -> list[str]:
    """Members read M-PESA as the brand writes it, on their phones and on our pages; so do we."""
    return [
        f"{path}: {found[0]}" for path, text in house.files.items() for found in [OTHER_SPELLING.search(text)] if found
    ]


def without_code(text: str) -> str:
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.S)


def resolved(path: str, link: str) -> str:
    """Where a relative link leads, from the root."""
    parts: list[str] = []
    for part in (PurePosixPath(path).parent / link).parts:
        if part == "..":
            parts = parts[:-1]
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def doubtful(numbers: list[str]) -> list[str]:
    return sorted({number for number in numbers if numbers.count(number) > 1 or not number.isdigit()})


def make_targets(house: House) -> frozenset[str]:
    return frozenset(re.findall(r"^([a-z][a-z-]*):", house.files["Makefile"], re.M))


def test_rule_15_links_lead_somewhere(house: House) -> None:
    folders = frozenset(path.relative_to(ROOT).as_posix() for path in ROOT.glob("**/") if ".venv" not in path.parts)
    pictures = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("**/*") if path.is_file()}
    assert rule_15_links_lead_somewhere(house, folders | pictures) == []


def test_rule_15_commands_in_documents_exist(house: House) -> None:
    assert rule_15_commands_exist(house, make_targets(house), frozenset(COMMANDS)) == []


def test_rule_15_the_map_is_as_built(house: House) -> None:
    assert rooms.DOCUMENT.read_text() == rooms.page(house), "run `make house`"
    assert rule_15_the_map_names_every_room(house, house.files["HOUSE.md"]) == []


def test_rule_15_what_comes_next_has_its_place_in_the_changelog(house: House) -> None:
    assert re.search(r"^## Unreleased$", house.files["CHANGELOG.md"], re.M)


def test_rule_15_decisions_are_numbered_once_and_short(house: House) -> None:
    assert rule_15_decisions_are_numbered_once_and_short(house) == []


def test_nobody_names_the_workplace(house: House) -> None:
    assert nobody_names_the_workplace(house) == []


def test_m_pesa_is_spelt_one_way(house: House) -> None:
    assert m_pesa_is_spelt_one_way(house) == []
    assert m_pesa_is_spelt_one_way(House({"a.html": "by M-" + "Pesa"})) == ["a.html: M-" + "Pesa"]


def test_breaking_rule_15_is_seen(house: House) -> None:
    page = House({"docs/a.md": "[x](../ledger/none.py) and `make nothing`, `pesachama dance`"})
    assert rule_15_links_lead_somewhere(page, frozenset()) == ["docs/a.md: ../ledger/none.py leads nowhere"]
    assert len(rule_15_commands_exist(page, frozenset({"test"}), frozenset({"demo"}))) == 2
    assert "HOUSE.md does not name ledger/a.py" in rule_15_the_map_names_every_room(house.with_files(ledger__a=""), "")
    twice = {"docs/decisions/0001-a.md": "# 0001 A\n**Decided.**", "docs/decisions/0001-b.md": "# 0001 B"}
    assert len(rule_15_decisions_are_numbered_once_and_short(House(twice))) == 2
    assert nobody_names_the_workplace(House({"README.md": "see /" + "work/shared/README.md"}))
    assert nobody_names_the_workplace(House({"lock": "https://files.python" + "hosted.org/x"}))
