"""The packages of pyproject.toml are the folders with code, all of them and no others."""

import tomllib

from tests.house.source import ROOMS, ROOT, House


def test_every_package_is_listed(house: House) -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    folders = {path.rsplit("/", 1)[0].replace("/", ".") for path in house.trees if path.split("/")[0] in ROOMS}
    assert sorted(listed) == sorted(folders)
