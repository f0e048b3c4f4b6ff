"""Writes the rooms and their modules into HOUSE.md, each with the first sentence of its docstring: `make house`."""

import ast

from tests.house.source import PRODUCT, ROOT, House, real_house

DOCUMENT = ROOT / "HOUSE.md"
BEGIN, END = "<!-- written by `make house` -->\n", "<!-- written by hand from here -->\n"


def drawn(house: House) -> str:
    """Every product room, its folders and its modules, in the order of the imports."""
    parts = []
    for room in PRODUCT:
        folders = {path.rsplit("/", 1)[0] for path in house.trees if path.startswith(f"{room}/")}
        for folder in sorted(folders):
            about = said(house, f"{folder}/__init__.py")
            parts.append(f"\n### {folder}/\n\n{about}\n")
            parts += [
                f"- [{name}]({folder}/{name}): {said(house, f'{folder}/{name}')}"
                for name in modules(house, folder)
                if name != "__init__.py"
            ]
    return "\n".join(parts).lstrip("\n") + "\n"


def modules(house: House, folder: str) -> list[str]:
    return sorted(path.rsplit("/", 1)[1] for path in house.trees if path.rsplit("/", 1)[0] == folder)


def said(house: House, path: str) -> str:
    """The first paragraph of a module's docstring, as one line."""
    about = ast.get_docstring(house.trees[path]) or ""
    return " ".join(about.split("\n\n")[0].split())


def page(house: House) -> str:
    """HOUSE.md as it should be: what is written by hand, with the rooms put in again."""
    head, _, rest = DOCUMENT.read_text().partition(BEGIN)
    return head + BEGIN + "\n" + drawn(house) + "\n" + END + rest.partition(END)[2]


if __name__ == "__main__":
    DOCUMENT.write_text(page(real_house()))
